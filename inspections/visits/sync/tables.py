"""Tables of visits in the making: an append-only log of changes, photos in pieces, leased numbers."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class FieldVisitState(StrEnum):
    """How far a visit from a tablet is; a returned one waits for an addendum."""

    OPEN = "open"
    SIGNED = "signed"
    RETURNED = "returned"
    CONFIRMED = "confirmed"


class FieldVisit(SQLModel, table=True):
    """One visit on tablets: which assignment or unit, which rules, and how far it is."""

    __tablename__ = "field_visits"
    __table_args__ = (
        Index("ix_field_visits_unit_id", "unit_id"),
        Index("ix_field_visits_state", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    client_id: str = Field(unique=True, description="random, made by the tablet that opened it")
    assignment_id: int | None = Field(default=None, foreign_key="assignments.id")
    unit_id: int = Field(foreign_key="catering_units.id")
    kind: str
    source: str = ""
    reason: str = Field(default="", sa_type=Text)
    items: str = Field(
        default="", sa_type=Text, description="codes of a visit of a part, comma between",
        sa_column_kwargs={"server_default": ""},
    )  # fmt: skip
    recheck_of_key: str | None = Field(default=None, description="record_key of the visit it re-checks")
    checklist_version_id: int = Field(foreign_key="checklist_versions.id")
    rulebook_version_id: int | None = Field(default=None, foreign_key="rulebook_versions.id")
    lead_account_id: int = Field(foreign_key="accounts.id")
    second_account_id: int = Field(foreign_key="accounts.id")
    record_number: str | None = Field(default=None, unique=True, description="from a leased block")
    state: FieldVisitState = Field(default=FieldVisitState.OPEN, sa_type=Word(FieldVisitState))
    opened_at: datetime = Field(sa_type=UtcDateTime, description="device time")
    received_at: datetime = Field(sa_type=UtcDateTime, description="when its first change arrived")
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="device time")
    signed_received_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    signed_text: str | None = Field(default=None, sa_type=Text, description="the record as it was signed")
    signed_sha256: str | None = None
    covers: str = Field(
        default="", sa_type=Text, description="client ids of the signed changes, comma between"
    )
    visit_id: int | None = Field(default=None, foreign_key="visits.id", description="once confirmed")


class VisitChange(SQLModel, table=True):
    """One change of one field of a visit: stored once by its client id, never edited."""

    __tablename__ = "visit_changes"
    __table_args__ = (
        Index("ix_visit_changes_field_visit_id", "field_visit_id"),
        UniqueConstraint("client_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    client_id: str = Field(description="random, made by the tablet")
    field_visit_id: int = Field(foreign_key="field_visits.id")
    tablet_id: int = Field(foreign_key="tablets.id")
    account_id: int = Field(foreign_key="accounts.id")
    key: str = Field(description="which field: `item/2.3`, `notice`, `decision`, …")
    value: str = Field(sa_type=Text, description="JSON")
    replaces: str = Field(default="", sa_type=Text, description="client ids it had seen, comma between them")
    made_at: datetime = Field(sa_type=UtcDateTime, description="device time")
    received_at: datetime = Field(sa_type=UtcDateTime)


class VisitPhoto(SQLModel, table=True):
    """A photo, drawing or recording of a visit: announced first, then received in pieces.

    Pieces are files below `HHB_DATA/uploads`, durable one by one and gone when the whole is evidence.
    """

    __tablename__ = "visit_photos"
    __table_args__ = (UniqueConstraint("field_visit_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    field_visit_id: int = Field(foreign_key="field_visits.id")
    sha256: str = Field(index=True, description="of the bytes the tablet hashed")
    media_type: str
    size_bytes: int
    piece_bytes: int
    taken_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="device time")
    announced_by: int = Field(foreign_key="accounts.id")
    announced_at: datetime = Field(sa_type=UtcDateTime)
    complete_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    shown_sha256: str | None = Field(default=None, description="the re-encoded picture without metadata")
    refused: str | None = Field(default=None, sa_type=Text, description="why its bytes were not taken")


class RecordNumberBlock(SQLModel, table=True):
    """Record numbers leased to a tablet, so that paper numbered without a network stays valid."""

    __tablename__ = "record_number_blocks"
    __table_args__ = (UniqueConstraint("year", "first"),)

    id: int | None = Field(default=None, primary_key=True)
    tablet_id: int = Field(foreign_key="tablets.id")
    year: int
    first: int
    last: int
    leased_at: datetime = Field(sa_type=UtcDateTime)


class VisitReview(SQLModel, table=True):
    """What a reviewer decided about a received visit: confirmed, or returned with a reason."""

    __tablename__ = "visit_reviews"
    __table_args__ = (Index("ix_visit_reviews_field_visit_id", "field_visit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    field_visit_id: int = Field(foreign_key="field_visits.id")
    decision: str = Field(description="confirmed or returned")
    reason: str = Field(default="", sa_type=Text)
    seen_sha256: str = Field(description="hash of what the reviewer saw")
    decided_by: str
    decided_at: datetime = Field(sa_type=UtcDateTime)


class RegisterFinding(SQLModel, table=True):
    """What a visit found about the register; the reviewer accepts it or not."""

    __tablename__ = "register_findings"
    __table_args__ = (UniqueConstraint("field_visit_id", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    field_visit_id: int = Field(foreign_key="field_visits.id")
    kind: str = Field(description="a kind of `REGISTER_KINDS`: sign_changed, plate_missing, …")
    note: str = Field(default="", sa_type=Text)
    value: str | None = Field(default=None, description="the new sign name, operator or licence number")
    decision: str | None = Field(default=None, description="accepted or rejected")
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settlement: str | None = Field(default=None, description="once accepted: registered or kept")
    settlement_note: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    settled_by: str | None = None
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ExamResult(SQLModel, table=True):
    """A random test of a unit's food-safety manager (Order 49, art. 29)."""

    __tablename__ = "exam_results"

    id: int | None = Field(default=None, primary_key=True)
    field_visit_id: int = Field(foreign_key="field_visits.id", unique=True)
    questions: str = Field(sa_type=Text, description="JSON: question ids with the answers given")
    asked: int
    right: int
    question_file_sha256: str


class OrderState(StrEnum):
    """How far an order to rectify is."""

    OPEN = "open"
    REPORTED = "reported"
    PASSED = "passed"
    FAILED = "failed"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"


class Order(SQLModel, table=True):
    """An order to rectify with its deadline, as it stood in the signed visit."""

    __tablename__ = "orders"
    __table_args__ = (Index("ix_orders_unit_id", "unit_id"), Index("ix_orders_state", "state"))

    id: int | None = Field(default=None, primary_key=True)
    field_visit_id: int = Field(foreign_key="field_visits.id")
    unit_id: int = Field(foreign_key="catering_units.id")
    item_codes: str
    text: str = Field(sa_type=Text)
    ordered_at: datetime = Field(sa_type=UtcDateTime)
    deadline_on: date | None = None
    state: OrderState = Field(default=OrderState.OPEN, sa_type=Word(OrderState))


class OrderEvent(SQLModel, table=True):
    """What followed an order, appended: operator's answer, re-check, reminder, escalation."""

    __tablename__ = "order_events"
    __table_args__ = (Index("ix_order_events_order_id", "order_id"),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id")
    kind: str
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str
    note: str = Field(default="", sa_type=Text)
    evidence: str = Field(default="", sa_type=Text, description="SHA-256 of documents, comma between them")
