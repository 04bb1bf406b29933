"""Fixtures that every test may use: a migrated database of its own, a fixed instant, a data directory."""

import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Engine

from inspections.record.database import open_database
from inspections.record.migrate import migrate
from tests.chromium import CHROMIUM, FLAGS
from tests.postgres_server import private_server, run_on_server

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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A private PostgreSQL server of this test run, on a Unix socket only; gives its URL prefix."""
    with private_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str) -> str:
    """A database made by the migrations once; tests copy it as their template."""
    run_on_server(postgres_server, "CREATE DATABASE migrated")
    engine = open_database(f"{postgres_server}&dbname=migrated")
    migrate(engine)
    engine.dispose()
    return postgres_server


@pytest.fixture
def postgres(migrated_postgres: str) -> Iterator[Engine]:
    """An engine on a migrated, empty PostgreSQL database of this test's own."""
    name = f"test_{secrets.token_hex(6)}"
    run_on_server(migrated_postgres, f"CREATE DATABASE {name} TEMPLATE migrated")
    engine = open_database(f"{migrated_postgres}&dbname={name}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers; one for the whole run."""
    if not CHROMIUM.exists():
        pytest.fail("缺少 Chromium：请先安装，sudo apt-get install chromium fonts-noto-cjk")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium, started once; every test opens a context of its own in it."""
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield running
    running.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--fault-rounds N`: how often each fault test kills; `make faults` asks for 300."""
    parser.addoption("--fault-rounds", type=int, default=10, help="rounds of each fault test")


@pytest.fixture
def fault_rounds(request: pytest.FixtureRequest) -> int:
    """How often this fault test kills its process, each round at another instant of a fixed seed."""
    rounds: int = request.config.getoption("--fault-rounds")
    return rounds
