"""A server for tablets: the real application on 127.0.0.1, on a database of its own."""

import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from app import create_app
from inspections.record.configuration import Configuration


@dataclass(frozen=True)
class TabletServer:
    """Where the application answers, and the data directory behind it."""

    address: str
    data: Path


@contextmanager
def served(data: Path) -> Iterator[TabletServer]:
    """The real application on a data directory, answering from threads of this process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_app(Configuration(data=data)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield TabletServer(f"http://127.0.0.1:{server.server_port}", data)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def empty_server(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[TabletServer]:
    """The application on a migrated, empty database: enough for its shell."""
    directory = tmp_path_factory.mktemp("shell")
    shutil.copyfile(migrated_file, directory / "honghei.sqlite")
    with served(directory) as server:
        yield server
