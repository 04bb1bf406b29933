"""The record of plates: what was issued for which door, when, under which address, by whom."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel


class Plate(SQLModel, table=True):
    """One plate issued for a door; the door's newest one is taken to be the one on the wall."""

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
