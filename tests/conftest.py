"""Fixtures that every test may use: a migrated database of its own, a fixed instant, a data directory."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inspections.record.database import open_database
from inspections.record.migrate import migrate

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """Tuesday 24 November 2026, 10:00 in Shanghai."""
    return NOW


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database made by the migrations once; tests copy it."""
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite"
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def data_directory(tmp_path: Path, migrated_file: Path) -> Path:
    """A data directory with a migrated, empty database."""
    directory = tmp_path / "data"
    directory.mkdir()
    shutil.copyfile(migrated_file, directory / "honghei.sqlite")
    return directory


@pytest.fixture
def database(data_directory: Path) -> Iterator[Engine]:
    """An engine on a migrated, empty SQLite database of this test's own."""
    engine = open_database(f"sqlite:///{data_directory / 'honghei.sqlite'}")
    yield engine
    engine.dispose()
