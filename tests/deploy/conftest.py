"""A published town behind a real nginx, once for all tests of this folder."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from inspections.inbox.store import INBOX, open_inbox
from inspections.record.configuration import Configuration
from inspections.record.database import open_database
from inspections.record.house import House
from inspections.record.migrate import migrate
from tests.conftest import NOW
from tests.deploy.front import Front, front, open_to_others, program
from tests.publishing.site.town import Town, settle, town_of


@dataclass(frozen=True)
class Served:
    """A town, nginx before it, and the same application without nginx."""

    town: Town
    front: Front
    app: Flask


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    """nginx before the three surfaces' processes."""
    data = tmp_path_factory.mktemp("front") / "data"
    data.mkdir()
    shutil.copyfile(migrated_file, data / "honghei.sqlite")
    configuration = Configuration(data=data)
    engine = open_database(configuration.effective_database_url)
    settle(engine, NOW)
    town = town_of(House(configuration, engine))
    town.publish(NOW)
    migrate(open_inbox(configuration.effective_inbox_url), schema=INBOX)
    # nginx runs as somebody else.
    open_to_others(data)
    with ExitStack() as stack:
        running = stack.enter_context(front(data / "site"))
        for surface in ("public", "inbox", "staff"):
            stack.enter_context(program(surface, data, running.folder / "sockets" / f"{surface}.sock"))
        yield Served(town, running, create_app(configuration))
    engine.dispose()
