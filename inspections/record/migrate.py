"""Bring a database to the newest schema, and say whether it is there."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from inspections.record.database import DatabaseError

_MIGRATIONS = Path(__file__).with_name("migrations")


def alembic_config() -> Config:
    """Alembic's configuration with the absolute place of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine, revision: str = "head") -> None:
    """Run the missing migrations; may be repeated and resumed."""
    config = alembic_config()
    writer = engine.execution_options(sqlite_begin="IMMEDIATE")
    with writer.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def revision_of(engine: Engine) -> str | None:
    """The schema version the database is at; none for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The schema version this program needs."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if head is None:
        raise DatabaseError("程序包里没有数据库迁移文件；请重新取得完整的程序。")
    return head


def require_current(engine: Engine) -> None:
    """Refuse a database that is not at the newest schema, naming the cure."""
    present, needed = revision_of(engine), newest_revision()
    if present != needed:
        raise DatabaseError(
            f"数据库结构是 {present or '空的'}，程序需要 {needed}；请先备份，再运行 flask --app app migrate。"
        )
