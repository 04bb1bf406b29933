"""A settled town, made once in a test run and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from inspections.record.configuration import Configuration
from inspections.record.database import open_database
from inspections.record.house import House
from tests.conftest import NOW
from tests.publishing.site.town import Town, settle, town_of


@pytest.fixture(scope="session")
def settled_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A database with the town in it."""
    path = tmp_path_factory.mktemp("settled") / "town.sqlite"
    shutil.copyfile(migrated_file, path)
    engine = open_database(f"sqlite:///{path}")
    settle(engine, NOW)
    with engine.connect() as connection:
        # The copy takes the file alone: nothing may be left in the write-ahead log.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture
def town(settled_file: Path, tmp_path: Path) -> Iterator[Town]:
    """The town in a data directory of this test's own."""
    data = tmp_path / "town"
    data.mkdir()
    shutil.copyfile(settled_file, data / "honghei.sqlite")
    engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
    yield town_of(House(Configuration(data=data), engine))
    engine.dispose()
