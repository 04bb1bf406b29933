"""A seeded demonstration, made once; tests that change it take a copy."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inspections.record.configuration import Configuration
from inspections.record.database import open_database
from inspections.record.house import House
from publishing.demonstration.service import SeedSummary, seed_demonstration
from tests.conftest import NOW


@dataclass(frozen=True)
class Seeded:
    """A data directory with the demonstration in it."""

    directory: Path
    engine: Engine
    summary: SeedSummary


def empty_directory(parent: Path, migrated_file: Path) -> Path:
    """A data directory with a migrated, empty database."""
    parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(migrated_file, parent / "honghei.sqlite")
    return parent


def engine_of(directory: Path) -> Engine:
    """An engine on the database of a data directory."""
    return open_database(f"sqlite:///{directory / 'honghei.sqlite'}")


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Seeded]:
    """The demonstration of 24 November 2026, to be read only."""
    directory = empty_directory(tmp_path_factory.mktemp("demonstration") / "data", migrated_file)
    engine = engine_of(directory)
    yield Seeded(directory, engine, seed_demonstration(engine, directory, now=NOW))
    engine.dispose()


@pytest.fixture
def seeded_house(tmp_path: Path, demonstration: Seeded) -> Iterator[House]:
    """A copy of the demonstration that a test may change."""
    directory = tmp_path / "seeded"
    # The write-ahead log belongs to the database: the copy takes what is in it along.
    with demonstration.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(demonstration.directory, directory)
    house = House(Configuration(data=directory), engine_of(directory))
    yield house
    house.engine.dispose()


@pytest.fixture
def empty_house(tmp_path: Path, migrated_file: Path) -> Iterator[House]:
    """A house with a migrated, empty database."""
    directory = empty_directory(tmp_path / "empty", migrated_file)
    house = House(Configuration(data=directory), engine_of(directory))
    yield house
    house.engine.dispose()
