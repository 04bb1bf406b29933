"""Tables of editions and entries, own and historical; an entry is never edited in place."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class EditionKind(StrEnum):
    """An edition of this bureau, or one that another authority really published."""

    OWN = "own"
    HISTORICAL = "historical"


class EntryEventKind(StrEnum):
    """What happened to an entry after its publication."""

    RECTIFIED = "rectified"
    RECHECK_PASSED = "recheck_passed"
    RECHECK_FAILED = "recheck_failed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"


class Edition(SQLModel, table=True):
    """One issue: authority, month, issue number, theme, how it was chosen, and its days."""

    __tablename__ = "editions"
    __table_args__ = (Index("ix_editions_published_on", "published_on"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: EditionKind = Field(default=EditionKind.OWN, sa_type=Word(EditionKind))
    key: str = Field(unique=True, description="`YYYY-MM` for own ones, `h-` and the source's id for others")
    month: str | None = Field(default=None, description="`YYYY-MM` of an own edition")
    period: str | None = Field(default=None, description="the period as a source words it")
    issue_no: int | None = None
    authority: str
    title: str | None = Field(default=None, description="a source's own title")
    theme: str | None = None
    chosen_how: str = Field(default="", sa_type=Text)
    drawn: int | None = None
    checked: int | None = None
    red_count: int | None = Field(default=None, description="as a source states it")
    black_count: int | None = Field(default=None, description="as a source states it")
    draft_hash: str | None = Field(default=None, description="SHA-256 of the newest version's text")
    published_on: date | None = None
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_on: date | None = None
    withdrawal_reason: str | None = Field(default=None, sa_type=Text)


class EditionVersion(SQLModel, table=True):
    """One text of an edition, as drafted or as imported; never updated. Approvals name its hash."""

    __tablename__ = "edition_versions"
    __table_args__ = (UniqueConstraint("edition_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="editions.id")
    number: int
    text: str = Field(sa_type=Text, description="canonical JSON of a draft, or a source's record as it came")
    sha256: str
    made_by: str = Field(description="whoever made any version of an edition never approves it")
    made_at: datetime = Field(sa_type=UtcDateTime)


class EditionEntry(SQLModel, table=True):
    """One published line of an edition. A correction is a new version of the same number."""

    __tablename__ = "edition_entries"
    __table_args__ = (
        UniqueConstraint("edition_id", "number", "version"),
        Index("ix_edition_entries_unit_id", "unit_id"),
        Index("ix_edition_entries_premises_id", "premises_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="editions.id")
    number: int
    version: int = 1
    is_current: bool = True
    list_word: str | None = Field(default=None, description="`red`, `black`, a source's own word, or none")
    unit_id: int | None = Field(default=None, foreign_key="catering_units.id")
    premises_id: int | None = Field(default=None, foreign_key="premises.id")
    visit_id: int | None = Field(default=None, foreign_key="visits.id")
    sign_name: str | None = None
    holder_shown: str | None = Field(default=None, description="licence name as it may be shown")
    address: str | None = None
    inspected_on: date | None = None
    reasons: str = Field(default="[]", sa_type=Text, description="JSON list of sentences")
    measures: str | None = Field(default=None, sa_type=Text)
    told_on: date | None = None
    told_how: str | None = None
    objection_until_on: date | None = None
    no_personal_names_by: str | None = Field(default=None, description="who confirmed it")
    is_truncated: bool = False


class EditionApproval(SQLModel, table=True):
    """One account's approval, bound to the hash of what it saw."""

    __tablename__ = "edition_approvals"
    __table_args__ = (UniqueConstraint("edition_id", "draft_hash", "account"),)

    id: int | None = Field(default=None, primary_key=True)
    edition_id: int = Field(foreign_key="editions.id")
    draft_hash: str
    account: str
    approved_at: datetime = Field(sa_type=UtcDateTime)


class EntryEvent(SQLModel, table=True):
    """What happened to a published entry, appended; the newest state stands first on its page."""

    __tablename__ = "entry_events"
    __table_args__ = (Index("ix_entry_events_entry_id", "entry_id"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="edition_entries.id")
    kind: EntryEventKind = Field(sa_type=Word(EntryEventKind))
    happened_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str
    reason: str = Field(default="", sa_type=Text)
    visit_id: int | None = Field(default=None, foreign_key="visits.id")
