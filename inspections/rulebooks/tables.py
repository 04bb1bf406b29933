"""Tables of rulebook and checklist versions, which are never updated, and of who is graded by which."""

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime


class RulebookVersion(SQLModel, table=True):
    """The canonical text of one version of a scheme's rulebook, overlays and entered values included."""

    __tablename__ = "rulebook_versions"
    __table_args__ = (UniqueConstraint("scheme", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    scheme: str = Field(index=True)
    sha256: str
    text: str = Field(sa_type=Text)
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    loaded_by: str


class EnteredCell(SQLModel, table=True):
    """A value that the bureau decided and answers for (`local`), with its document."""

    __tablename__ = "entered_cells"

    id: int | None = Field(default=None, primary_key=True)
    scheme: str = Field(index=True)
    cell: str
    value: str = Field(sa_type=Text, description="JSON")
    from_on: date
    document_name: str
    document_sha256: str
    entered_by: str
    entered_at: datetime = Field(sa_type=UtcDateTime)


class ChecklistVersion(SQLModel, table=True):
    """The canonical text of one version of a checklist."""

    __tablename__ = "checklist_versions"
    __table_args__ = (UniqueConstraint("checklist", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    checklist: str = Field(index=True)
    sha256: str
    text: str = Field(sa_type=Text)
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    loaded_by: str


class Holding(SQLModel, table=True):
    """Which scheme grades a unit type (or `*`) from a day to a day."""

    __tablename__ = "rulebook_holdings"
    __table_args__ = (Index("ix_rulebook_holdings_unit_type_from_on", "unit_type", "from_on"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_type: str
    scheme: str
    from_on: date
    until_on: date | None = None
    set_by: str
    set_at: datetime = Field(sa_type=UtcDateTime)
