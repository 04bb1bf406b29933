"""An opened office, and one whose campaign is drawn: made once in a test run and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inspections.record.database import open_database
from tests.campaigns.office import Office, drawn_office, office_of, open_office
from tests.conftest import NOW


def _settled(path: Path, migrated_file: Path, settle: Callable[[Engine], Office]) -> Path:
    shutil.copyfile(migrated_file, path)
    engine = open_database(f"sqlite:///{path}")
    settle(engine)
    with engine.connect() as connection:
        # The copy takes the file alone: nothing may be left in the write-ahead log.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def office_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A database with the office in it."""
    path = tmp_path_factory.mktemp("office") / "open.sqlite"
    return _settled(path, migrated_file, lambda engine: open_office(engine, NOW))


@pytest.fixture(scope="session")
def drawn_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A database with an office whose campaign is drawn."""
    path = tmp_path_factory.mktemp("office") / "drawn.sqlite"
    return _settled(path, migrated_file, lambda engine: drawn_office(engine, NOW))


def _copied(source: Path, target: Path) -> Iterator[Office]:
    target.mkdir()
    shutil.copyfile(source, target / "honghei.sqlite")
    engine = open_database(f"sqlite:///{target / 'honghei.sqlite'}")
    yield office_of(engine)
    engine.dispose()


@pytest.fixture
def office(office_file: Path, tmp_path: Path) -> Iterator[Office]:
    """A bureau without a campaign, in a data directory of this test's own."""
    yield from _copied(office_file, tmp_path / "office")


@pytest.fixture
def drawn(drawn_file: Path, tmp_path: Path) -> Iterator[Office]:
    """A bureau whose campaign is drawn, in a data directory of this test's own."""
    yield from _copied(drawn_file, tmp_path / "drawn")
