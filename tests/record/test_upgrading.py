"""Promises of an update: every row and address stays; a migration killed anywhere is run again."""

import os
import random  # a seeded generator of its own
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, select

from inspections.record.configuration import PACKAGE_ROOT, Configuration
from inspections.record.database import DatabaseError, open_database
from inspections.record.house import House
from inspections.record.migrate import (
    HOUSE,
    Schema,
    alembic_config,
    migrate,
    newest_revision,
    rebuilding,
    revision_of,
)
from tests.conftest import NOW
from tests.postgres_server import run_on_server
from tests.publishing.site.town import Town, settle, town_of

REVISIONS = [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][1:]
FIRST = REVISIONS[-1]
SEED = 20261125

# Counts what it runs, and is killed before a given one; 0 lets it live.
CHILD = """
import os, signal, sys
from sqlalchemy import event
from inspections.record.database import open_database
from inspections.record.migrate import migrate
engine, last, run = open_database(sys.argv[1]), int(sys.argv[2]), 0
@event.listens_for(engine, "before_cursor_execute")
def count(*_):
    global run
    run += 1
    if run == last:
        os.kill(os.getpid(), signal.SIGKILL)
migrate(engine)
print(run)
"""

Rows = dict[str, list[dict[str, Any]]]


def _rows(engine: Engine) -> Rows:
    """Every row of every table, as the database gives them back."""
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def _assert_all_kept(before: Rows, after: Rows) -> None:
    for table, rows in before.items():
        assert len(after[table]) == len(rows), table
        for old, new in zip(rows, after[table], strict=True):
            assert {name: new[name] for name in old} == old, table


def _go_down(engine: Engine, revision: str) -> None:
    config = alembic_config()
    with rebuilding(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


def _child(url: str, last: int) -> "subprocess.CompletedProcess[str]":
    arguments = [sys.executable, "-c", CHILD, url, str(last)]
    return subprocess.run(arguments, cwd=PACKAGE_ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def town(database: Engine, data_directory: Path) -> Town:
    """A town with units, visits, grades and two editions."""
    settle(database, NOW)
    return town_of(House(Configuration(data=data_directory), database))


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_update_from_any_version_keeps_every_row(town: Town, revision: str) -> None:
    engine = town.house.engine
    _go_down(engine, revision)
    before = _rows(engine)
    assert sum(len(rows) for rows in before.values()) > 100
    migrate(engine)
    assert revision_of(engine) == newest_revision()
    _assert_all_kept(before, _rows(engine))


def test_an_update_keeps_every_address_and_every_code(town: Town) -> None:
    town.publish(NOW)
    before = _addresses(town)
    assert len(before) > 10
    _go_down(town.house.engine, FIRST)
    migrate(town.house.engine)
    town.publish(NOW, full=True)
    assert _addresses(town) == before
    assert town_of(town.house).codes == town.codes


# A next version's migration, as such files are written.
NEXT = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "9001", "{head}", None, None
def upgrade():
    {act}
"""
REBUILD = """with op.batch_alter_table("accounts", recreate="always") as table:
        table.add_column(sa.Column("room", sa.String(), nullable=True))"""


def _next_version(folder: Path, act: str) -> Schema:
    shutil.copytree(HOUSE.versions, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = NEXT.format(head=newest_revision(), act=act)
    (folder / "9001_next.py").write_text(text, encoding="utf-8")
    return Schema(folder, HOUSE.metadata)


def test_a_migration_may_rebuild_a_table_that_rows_of_others_point_to(town: Town, tmp_path: Path) -> None:
    engine = town.house.engine
    before = _rows(engine)
    migrate(engine, schema=_next_version(tmp_path / "next", REBUILD))
    after = _rows(engine)
    assert "room" in after["accounts"][0]
    _assert_all_kept(before, after)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1, "they rest for ever"


def test_a_migration_after_which_a_row_points_nowhere_is_undone(town: Town, tmp_path: Path) -> None:
    engine = town.house.engine
    before = _rows(engine)
    schema = _next_version(tmp_path / "next", 'op.execute("DELETE FROM premises")')
    with pytest.raises(DatabaseError, match="指向 premises 里不存在的行"):
        migrate(engine, schema=schema)
    assert revision_of(engine) == newest_revision()
    assert _rows(engine) == before


def _addresses(town: Town) -> list[str]:
    return sorted(path.relative_to(town.site).as_posix() for path in town.site.rglob("*") if path.is_file())


def _instants(total: int, rounds: int) -> Iterator[int]:
    chance = random.Random(SEED)  # noqa: S311  # not a secret
    return iter(sorted(chance.sample(range(1, total + 1), min(rounds, total))))


@pytest.mark.faults
@pytest.mark.slow
def test_a_killed_migration_of_sqlite_is_run_again_and_nothing_is_lost(
    town: Town, tmp_path: Path, fault_rounds: int
) -> None:
    _go_down(town.house.engine, FIRST)
    before = _rows(town.house.engine)
    town.house.engine.dispose()
    old = tmp_path / "old.sqlite"
    _pack(town.house.configuration.data / "honghei.sqlite", old)
    _assert_survives(before, fault_rounds // 3, lambda number: _copied(old, tmp_path / f"{number}.sqlite"))


def _pack(source: Path, target: Path) -> None:
    engine = open_database(f"sqlite:///{source}")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    shutil.copyfile(source, target)


def _copied(source: Path, target: Path) -> str:
    shutil.copyfile(source, target)
    return f"sqlite:///{target}"


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.slow
def test_a_killed_migration_of_postgresql_is_run_again_and_nothing_is_lost(
    postgres: Engine, postgres_server: str, fault_rounds: int
) -> None:
    settle(postgres, NOW)
    _go_down(postgres, FIRST)
    before = _rows(postgres)
    postgres.dispose()

    def copied(number: int) -> str:
        name = f"killed_{os.getpid()}_{number}"
        run_on_server(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres.url.query['dbname']}")
        return f"{postgres_server}&dbname={name}"

    _assert_survives(before, fault_rounds // 3, copied)


def _assert_survives(before: Rows, rounds: int, copied: Any) -> None:
    whole = _child(copied(0), 0)
    assert whole.returncode == 0, whole.stderr
    for number, instant in enumerate(_instants(int(whole.stdout), rounds), start=1):
        url = copied(number)
        assert _child(url, instant).returncode == -signal.SIGKILL
        engine = open_database(url)
        migrate(engine)
        assert revision_of(engine) == newest_revision(), instant
        _assert_all_kept(before, _rows(engine))
        engine.dispose()
