"""The Inbox's own database: opened and migrated apart from the operational one."""

from functools import lru_cache
from pathlib import Path

from sqlalchemy import Engine

from inspections.inbox.tables import inbox_metadata
from inspections.record.database import open_database
from inspections.record.migrate import Schema

INBOX = Schema(Path(__file__).with_name("migrations") / "versions", inbox_metadata)


@lru_cache(maxsize=8)
def open_inbox(configuration_url: str) -> Engine:
    """The engine on the Inbox's database at a URL; one for each URL in a process."""
    return open_database(configuration_url)
