"""Tables of rulebook and checklist versions, which are never updated, and of who is graded by which."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class VersionKind(StrEnum):
    """What a stored version is a version of."""

    RULEBOOK = "rulebook"
    CHECKLIST = "checklist"
    HOLDINGS = "holdings"


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
    value: str = Field(sa_type=Text, description="YAML, as it was entered")
    from_on: date
    document_name: str
    document_sha256: str
    entered_by: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
    rulebook_version_id: int = Field(foreign_key="rulebook_versions.id")


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


class HoldingsVersion(SQLModel, table=True):
    """The canonical text that says which scheme grades which unit type from which day."""

    __tablename__ = "holdings_versions"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    text: str = Field(sa_type=Text)
    loaded_at: datetime = Field(sa_type=UtcDateTime)
    loaded_by: str


class VersionInUse(SQLModel, table=True):
    """From which instant a version was the one in use; the newest row of a name tells what holds now."""

    __tablename__ = "versions_in_use"
    __table_args__ = (Index("ix_versions_in_use_kind_name", "kind", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: VersionKind = Field(sa_type=Word(VersionKind))
    name: str = Field(description="scheme or checklist; `holdings` for the holdings")
    version_id: int
    from_at: datetime = Field(sa_type=UtcDateTime)
    put_by: str
