"""Promises of the schema: the migrations make exactly what the models declare, on both databases."""

import importlib
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

from inspections.inbox.store import INBOX
from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import DatabaseError, open_database
from inspections.record.migrate import alembic_config, migrate, newest_revision, require_current
from tests.postgres_server import run_on_server


def _import_every_table() -> None:
    for path in sorted(PACKAGE_ROOT.glob("*/**/tables.py")):
        parts = path.relative_to(PACKAGE_ROOT).with_suffix("").parts
        if parts[0] in {"inspections", "publishing"}:
            importlib.import_module(".".join(parts))


def _differences(engine: Engine) -> list[object]:
    _import_every_table()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_models_and_migrations_agree_on_sqlite(database: Engine) -> None:
    assert _differences(database) == []


@pytest.mark.postgres
def test_models_and_migrations_agree_on_postgresql(postgres: Engine) -> None:
    assert _differences(postgres) == []


def test_models_and_migrations_of_the_inbox_agree_on_sqlite(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'inbox.sqlite'}")
    migrate(engine, schema=INBOX)
    assert _inbox_differences(engine) == []
    engine.dispose()


@pytest.mark.postgres
def test_models_and_migrations_of_the_inbox_agree_on_postgresql(postgres_server: str) -> None:
    run_on_server(postgres_server, "CREATE DATABASE inbox_schema")
    engine = open_database(f"{postgres_server}&dbname=inbox_schema")
    migrate(engine, schema=INBOX)
    assert _inbox_differences(engine) == []
    engine.dispose()


def _inbox_differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, INBOX.metadata))


def test_going_down_and_up_again_restores_the_schema(database: Engine) -> None:
    before = sorted(inspect(database).get_table_names())
    config = alembic_config()
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
    assert inspect(database).get_table_names() == ["alembic_version"]
    migrate(database)
    assert sorted(inspect(database).get_table_names()) == before


def test_a_directory_without_a_database_is_refused_and_none_is_made_by_asking(tmp_path: Path) -> None:
    file = tmp_path / "mistyped" / "honghei.sqlite"
    engine = open_database(f"sqlite:///{file}")
    with pytest.raises(DatabaseError, match="HHB_DATA"):
        require_current(engine)
    assert not file.parent.exists()
    migrate(engine)
    require_current(engine)
    engine.dispose()


def test_an_empty_database_is_refused_and_the_cure_is_named(tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    file.touch()
    engine = open_database(f"sqlite:///{file}")
    with pytest.raises(DatabaseError, match="还是空的；请先运行 flask --app app migrate"):
        require_current(engine)
    engine.dispose()


def test_a_database_of_a_newer_program_is_refused_by_every_command_migrate_too(database: Engine) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for act in (require_current, migrate):
        with pytest.raises(DatabaseError, match="请换用那个版本的程序"):
            act(database)


def test_migrating_says_where_the_database_was_and_may_be_repeated(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'a' / 'b' / 'new.sqlite'}")
    assert migrate(engine) is None
    assert migrate(engine) == newest_revision()
    engine.dispose()


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    engine = open_database(f"sqlite:///{tmp_path / 'file' / 'new.sqlite'}")
    with pytest.raises(DatabaseError, match="建不了数据目录"):
        migrate(engine)
    engine.dispose()
