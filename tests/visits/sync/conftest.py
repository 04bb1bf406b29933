"""A served application over a small bureau, with the lead's and the second inspector's tablets signed in."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from app import create_app
from inspections.record.configuration import Configuration
from inspections.record.database import open_database
from inspections.record.house import House
from tests.tablets import (
    LEAD,
    SECOND,
    Draft,
    FieldBureau,
    Kept,
    TabletClient,
    assign,
    open_field_bureau,
    reopened,
    signed_in_tablet,
)

SECRET = "a key for tests alone"


@dataclass(frozen=True)
class Prepared:
    """A bureau made once: the file that tests copy, and what the tablets' browsers keep of their sign-in."""

    file: Path
    bureau: FieldBureau
    tablets: Mapping[str, Kept]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Prepared:
    """The bureau with its inspectors, one unit, and two tablets on which they have signed in."""
    directory = tmp_path_factory.mktemp("bureau")
    file = directory / "honghei.sqlite"
    shutil.copyfile(migrated_file, file)
    engine = open_database(f"sqlite:///{file}")
    bureau = open_field_bureau(engine)
    application = create_app(Configuration(data=directory, secret_key=SECRET))
    tablets = {name: signed_in_tablet(application, engine, name).kept() for name in (LEAD, SECOND)}
    house: House = application.extensions["house"]
    house.engine.dispose()
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return Prepared(file, bureau, tablets)


@pytest.fixture
def data_directory(tmp_path: Path, prepared: Prepared) -> Path:
    """A data directory with the prepared bureau."""
    directory = tmp_path / "data"
    directory.mkdir()
    shutil.copyfile(prepared.file, directory / "honghei.sqlite")
    return directory


@pytest.fixture
def application(data_directory: Path) -> Iterator[Flask]:
    """The application on this test's own database."""
    application = create_app(Configuration(data=data_directory, secret_key=SECRET))
    yield application
    house: House = application.extensions["house"]
    house.engine.dispose()


@pytest.fixture
def house(application: Flask) -> House:
    """What the application works on."""
    found: House = application.extensions["house"]
    return found


@pytest.fixture
def bureau(database: Engine, prepared: Prepared) -> FieldBureau:
    """The bureau in this test's own database."""
    return replace(prepared.bureau, engine=database)


@pytest.fixture
def lead(application: Flask, bureau: FieldBureau, prepared: Prepared) -> TabletClient:
    """The lead inspector's tablet."""
    return reopened(application, bureau.engine, prepared.tablets[LEAD])


@pytest.fixture
def second(application: Flask, bureau: FieldBureau, prepared: Prepared) -> TabletClient:
    """The second inspector's tablet."""
    return reopened(application, bureau.engine, prepared.tablets[SECOND])


@pytest.fixture
def draft(bureau: FieldBureau) -> Draft:
    """A released visit as the lead's tablet makes it."""
    return Draft(bureau, assign(bureau), bureau.now)
