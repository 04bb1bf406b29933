"""What a command or a job works on: one data directory with its database."""

from dataclasses import dataclass

from sqlalchemy import Engine

from inspections.record.configuration import Configuration
from inspections.record.database import open_database
from inspections.record.own_files import use_own_files


@dataclass(frozen=True)
class House:
    """The configuration of this process and the engine on its operational database."""

    configuration: Configuration
    engine: Engine


def open_house(configuration: Configuration) -> House:
    """The house that the configuration names; the database may still be empty."""
    use_own_files(configuration.own_directory)
    return House(configuration, open_database(configuration.effective_database_url))
