"""Bring a database to the newest schema, and say whether it is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData
from sqlmodel import SQLModel

from inspections.record.command_line import CLI
from inspections.record.database import DatabaseError, file_of

_MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True)
class Schema:
    """The migrations of one database, and the tables they must come to."""

    versions: Path
    metadata: MetaData


HOUSE = Schema(_MIGRATIONS / "versions", SQLModel.metadata)


def alembic_config(schema: Schema = HOUSE) -> Config:
    """Alembic's configuration with the absolute place of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("version_locations", str(schema.versions).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["target_metadata"] = schema.metadata
    return config


def migrate(engine: Engine, revision: str = "head", *, schema: Schema = HOUSE) -> str | None:
    """Run the missing migrations and answer at which version the database was; may be repeated and resumed.

    A new data directory is made.
    """
    file = file_of(engine)
    if file is not None:
        _make_directory(file.parent)
    before = revision_of(engine)
    refuse_newer(before, schema)
    config = alembic_config(schema)
    with rebuilding(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    return before


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """A connection on which tables may be rebuilt.

    SQLite rebuilds a table by dropping it, which with foreign keys in force deletes or refuses what points
    to its rows. So they rest meanwhile; each migration checks them before it is committed (`env.py`).
    """
    writer = engine.execution_options(sqlite_begin="IMMEDIATE")
    with writer.connect() as connection:
        # Straight to the driver: within a transaction the pragma does nothing.
        driver = connection.connection.driver_connection if engine.dialect.name == "sqlite" else None
        if driver is not None:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            connection.rollback()
            if driver is not None:
                driver.execute("PRAGMA foreign_keys=ON")


def revision_of(engine: Engine) -> str | None:
    """The schema version the database is at; none for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision(schema: Schema = HOUSE) -> str:
    """The schema version this program needs."""
    head = ScriptDirectory.from_config(alembic_config(schema)).get_current_head()
    if head is None:
        raise DatabaseError("程序包里没有数据库迁移文件；请重新取得完整的程序。")
    return head


def require_current(engine: Engine, schema: Schema = HOUSE) -> None:
    """Refuse a database that is not at the newest schema, naming the cure; none is made by asking."""
    file = file_of(engine)
    if file is not None and not file.exists():
        raise DatabaseError(
            f"数据目录 {file.parent} 里还没有数据库；请核对 HHB_DATA，新的目录先运行 {CLI} migrate。"
        )
    present, needed = revision_of(engine), newest_revision(schema)
    refuse_newer(present, schema)
    if present is None:
        raise DatabaseError(f"数据库还是空的；请先运行 {CLI} migrate。")
    if present != needed:
        raise DatabaseError(f"数据库结构是 {present}，程序需要 {needed}；请先备份，再运行 {CLI} migrate。")


def refuse_newer(present: str | None, schema: Schema = HOUSE) -> None:
    """Stop where a newer program has already changed the database: this one would misread it."""
    known = {
        script.revision for script in ScriptDirectory.from_config(alembic_config(schema)).walk_revisions()
    }
    if present is not None and present not in known:
        raise DatabaseError(
            f"数据库结构是 {present}，是更新版本的程序建的，本程序不认识；请换用那个版本的程序。"
        )


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(
            f"建不了数据目录 {directory}（{error.strerror}）；请检查 HHB_DATA 和权限。"
        ) from error
