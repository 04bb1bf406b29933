"""Tables of visits, findings, released batches, stored results, verdicts and listing proposals."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import Index, Numeric, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class VisitKind(StrEnum):
    """Kinds of visit (Order 49, art. 53, and the practice of campaigns)."""

    DAILY = "daily"
    CAMPAIGN = "campaign"
    FLYING = "flying"
    SPECIAL = "special"
    CASE_BASED = "case_based"
    RECHECK = "recheck"


class ProposedList(StrEnum):
    """The two colours a listing proposal may have."""

    RED = "red"
    BLACK = "black"


class VisitBatch(SQLModel, table=True):
    """Visits that arrived together; public only once a named account has released them."""

    __tablename__ = "visit_batches"

    id: int | None = Field(default=None, primary_key=True)
    import_id: int | None = Field(default=None, foreign_key="register_imports.id")
    received_at: datetime = Field(sa_type=UtcDateTime)
    visits: int
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    released_by: str | None = None
    reviewed_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="seen before its campaign's reveal, released with it"
    )
    reviewed_by: str | None = None
    file_name: str = ""
    file_sha256: str = ""


class Visit(SQLModel, table=True):
    """One inspection of one unit. `answers` holds a letter per checklist item, in order."""

    __tablename__ = "visits"
    __table_args__ = (
        Index("ix_visits_unit_id_visited_on", "unit_id", "visited_on"),
        Index("ix_visits_batch_id", "batch_id"),
        UniqueConstraint("record_key", "version"),
    )

    id: int | None = Field(default=None, primary_key=True)
    record_key: str = Field(description="the record's own number, or source and row key")
    version: int = Field(default=1, description="1, and one more for each correction of the record")
    unit_id: int = Field(foreign_key="catering_units.id")
    visited_on: date
    kind: VisitKind = Field(sa_type=Word(VisitKind))
    checklist_version_id: int = Field(foreign_key="checklist_versions.id")
    answers: str = Field(description="letters of grading.vocabulary.Answer, one per item")
    decided_result: str | None = None
    decided_score: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    handling: str | None = None
    inspectors: str = Field(default="", description="names, never public")
    theme: str | None = None
    theme_items: str = Field(default="", description="item codes of the theme, comma between them")
    recheck_of_key: str | None = Field(default=None, description="record_key of the visit it re-checks")
    corrects_id: int | None = Field(default=None, foreign_key="visits.id")
    correction_reason: str | None = None
    is_current: bool = Field(default=True, description="no released correction of this record exists")
    batch_id: int = Field(foreign_key="visit_batches.id")
    row_hash: str


class Finding(SQLModel, table=True):
    """One failed item of a visit, in the inspectors' words where they wrote any."""

    __tablename__ = "findings"
    __table_args__ = (Index("ix_findings_visit_id", "visit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    visit_id: int = Field(foreign_key="visits.id")
    item_code: str
    note: str = ""
    corrected_on_spot: bool | None = None
    deadline_on: date | None = None
    corrected_on: date | None = None


class Derivation(SQLModel, table=True):
    """A derivation by its content: shared by all results that were reached in the same way."""

    __tablename__ = "derivations"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(unique=True)
    text: str = Field(sa_type=Text)


class VisitResult(SQLModel, table=True):
    """The result the engine suggests for a visit under one rulebook version."""

    __tablename__ = "visit_results"
    __table_args__ = (UniqueConstraint("visit_id", "rulebook_version_id"),)

    id: int | None = Field(default=None, primary_key=True)
    visit_id: int = Field(foreign_key="visits.id")
    rulebook_version_id: int = Field(foreign_key="rulebook_versions.id")
    suggested_result: str | None = None
    suggested_score: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    missing: str = Field(default="", description="names of what is missing, one a line")
    rests_on_assumed: bool = False
    provisional: bool = False
    facts: str = Field(sa_type=Text, description="compact JSON: what the visit brought to its derivation")
    derivation_id: int = Field(foreign_key="derivations.id")


class Verdict(SQLModel, table=True):
    """A unit's grade as of a day under one rulebook version, or undetermined with what is missing."""

    __tablename__ = "verdicts"
    __table_args__ = (Index("ix_verdicts_unit_id_as_of", "unit_id", "as_of"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    as_of: date
    rulebook_version_id: int | None = Field(default=None, foreign_key="rulebook_versions.id")
    grade: str | None = None
    points: Decimal | None = Field(default=None, sa_type=Numeric(8, 2))
    missing: str = Field(default="", description="names of what is missing, one a line")
    rests_on_assumed: bool = False
    provisional: bool = False
    facts: str = Field(default="", sa_type=Text, description="compact JSON: what the unit brought")
    derivation_id: int | None = Field(default=None, foreign_key="derivations.id")


class Adjustment(SQLModel, table=True):
    """A fact that raises or lowers a unit's grade for a year, with its document and who decided."""

    __tablename__ = "adjustments"
    __table_args__ = (Index("ix_adjustments_unit_id", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    condition: str
    happened_on: date
    levels: int
    document: str
    reason: str = Field(sa_type=Text)
    decided_by: str
    decided_at: datetime = Field(sa_type=UtcDateTime)


class ListingProposal(SQLModel, table=True):
    """What the rulebook proposes for the red or black list after a visit; an editor decides."""

    __tablename__ = "listing_proposals"
    __table_args__ = (
        Index("ix_listing_proposals_month", "month"),
        UniqueConstraint("visit_id", "rulebook_version_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    visit_id: int = Field(foreign_key="visits.id")
    rulebook_version_id: int = Field(foreign_key="rulebook_versions.id")
    month: str = Field(description="`YYYY-MM` of the visit")
    proposed_list: ProposedList = Field(sa_type=Word(ProposedList))
    rests_on_assumed: bool = False
    provisional: bool = False
    facts: str = Field(sa_type=Text, description="compact JSON: what the visit brought to its derivation")
    derivation_id: int = Field(foreign_key="derivations.id")


class GradingRun(SQLModel, table=True):
    """One grading of the register as of a day; the next one needs only what changed since."""

    __tablename__ = "grading_runs"

    id: int | None = Field(default=None, primary_key=True)
    as_of: date
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rules_key: str = Field(description="SHA-256 of all rules in force that day")
    counts: str = Field(default="{}", sa_type=Text, description="JSON")
