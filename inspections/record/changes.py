"""The change feed: rooms note whose public facts may have changed, the publisher consumes the notes."""

from collections.abc import Iterable
from enum import StrEnum

from sqlmodel import Session

from inspections.record.bulk import insert_tuples
from inspections.record.database import table_of
from inspections.record.tables import Change


class Subject(StrEnum):
    """What a published page is about."""

    PREMISES = "premises"
    EDITION = "edition"
    DRAW = "draw"
    RULES = "rules"
    SITE = "site"


def note_changes(session: Session, subject: Subject, ids: Iterable[int]) -> None:
    """Note, inside the caller's transaction, that the public facts of these subjects may have changed."""
    insert_tuples(session, table_of(Change), ("subject", "subject_id"), [(subject.value, id_) for id_ in ids])


def note_site_change(session: Session) -> None:
    """Note that something every page shows has changed."""
    note_changes(session, Subject.SITE, [0])
