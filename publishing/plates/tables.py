"""The record of plates: what was issued for which door, what a print held, and what became of each plate."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class PlateEventKind(StrEnum):
    """What became of a plate after it was printed."""

    HANDED_OVER = "handed_over"
    SEEN = "seen"
    MISSING = "missing"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


class Plate(SQLModel, table=True):
    """One plate issued for a door; the door's newest one is in force unless it was withdrawn."""

    __tablename__ = "plates"
    __table_args__ = (
        UniqueConstraint("premises_id", "issue_no"),
        CheckConstraint("issue_no >= 1", name="issue_counts_from_one"),
    )

    id: int | None = Field(default=None, primary_key=True)
    premises_id: int = Field(foreign_key="premises.id")
    issue_no: int
    printed_on: date
    public_url: str
    printed_by: str
    shown_sha256: str = Field(description="what the plate says, to see whether it must be issued anew")


class PlateBatch(SQLModel, table=True):
    """One print: what was asked for and how it lies on the paper, so that it can be drawn again."""

    __tablename__ = "plate_batches"

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    form: str = Field(description="a key of publishing/plates/forms.py: which paper, how many on a sheet")
    chosen: str = Field(sa_type=Text, description="what was asked for, in words")
    plates: int
    per_file: int = Field(description="plates in each file but the last")


class PlateBatchPlate(SQLModel, table=True):
    """A plate in a print; `place` counts from 1 through all files, pages and places of the print."""

    __tablename__ = "plate_batch_plates"
    __table_args__ = (
        UniqueConstraint("batch_id", "place"),
        Index("ix_plate_batch_plates_plate_id", "plate_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(foreign_key="plate_batches.id")
    plate_id: int = Field(foreign_key="plates.id")
    place: int


class PlateEvent(SQLModel, table=True):
    """Something that became of a plate on a day; appended, never edited: the newest one counts."""

    __tablename__ = "plate_events"
    __table_args__ = (
        Index("ix_plate_events_plate_id", "plate_id"),
        CheckConstraint("kind <> 'handed_over' OR person IS NOT NULL", name="handed_to_somebody"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plate_id: int = Field(foreign_key="plates.id")
    kind: PlateEventKind = Field(sa_type=Word(PlateEventKind))
    happened_on: date
    person: str | None = Field(default=None, description="who took it; staff only")
    note: str = Field(default="", sa_type=Text, description="the reason, or the number of the visit's record")
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str
