"""Tables of the register: doors, who trades behind them from a day to a day, and what imports did."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Numeric, Text
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class UnitState(StrEnum):
    """Whether a unit trades: open, closed, moved away, or trading under a new name."""

    OPEN = "open"
    CLOSED = "closed"
    MOVED = "moved"
    RENAMED = "renamed"


class OpenKitchenForm(StrEnum):
    """The four forms of an open kitchen (明厨亮灶), and none."""

    NONE = "none"
    TRANSPARENT = "transparent"
    PARTITION = "partition"
    VIDEO = "video"
    INTERNET = "internet"


class ProposalKind(StrEnum):
    """What a person must confirm before the register changes."""

    OPERATOR_CHANGE = "operator_change"
    MOVE = "move"


class ProposalState(StrEnum):
    """Whether a proposed change of the register has been decided."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Premises(SQLModel, table=True):
    """A door: its address, street or town, coordinates, and its permanent storefront code."""

    __tablename__ = "premises"
    __table_args__ = (Index("ix_premises_door_key", "door_key"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    address: str
    door_label: str = ""
    door_key: str = Field(description="address and label, normalised for matching")
    street: str = Field(index=True)
    latitude: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))
    longitude: Decimal | None = Field(default=None, sa_type=Numeric(9, 6))


class CateringUnit(SQLModel, table=True):
    """Who trades at a door from a day to a day; an operator who follows is a unit of its own."""

    __tablename__ = "catering_units"
    __table_args__ = (
        Index("ix_catering_units_premises_id", "premises_id"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="days_in_order"),
    )

    id: int | None = Field(default=None, primary_key=True)
    premises_id: int = Field(foreign_key="premises.id")
    credit_code: str | None = Field(default=None, index=True)
    from_on: date
    until_on: date | None = Field(default=None, description="the last day, none while trading")
    moved_from_unit_id: int | None = Field(default=None, foreign_key="catering_units.id")
    moved_to_premises_id: int | None = Field(default=None, foreign_key="premises.id")


class UnitVersion(SQLModel, table=True):
    """What the register said of a unit from a day on; never updated, a change is a new row."""

    __tablename__ = "unit_versions"
    __table_args__ = (
        Index("ix_unit_versions_unit_id_from_on", "unit_id", "from_on"),
        Index("ix_unit_versions_licence_number", "licence_number"),
        CheckConstraint("area_m2 IS NULL OR area_m2 >= 0", name="area_not_negative"),
        CheckConstraint("seats IS NULL OR seats >= 0", name="seats_not_negative"),
        CheckConstraint("persons_served IS NULL OR persons_served >= 0", name="persons_not_negative"),
    )

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    from_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    import_id: int | None = Field(default=None, foreign_key="register_imports.id")
    row_hash: str = Field(description="SHA-256 of the values, to see whether a row changed")
    licence_number: str | None = None
    licence_name: str
    sign_name: str | None = None
    holder_is_natural_person: bool | None = None
    unit_type: str = Field(description="a word of seeds/register/unit_types.toml")
    size_class: str | None = None
    area_m2: Decimal | None = Field(default=None, sa_type=Numeric(10, 2))
    seats: int | None = None
    persons_served: int | None = None
    food_categories: str = Field(default="", description="words, comma between them")
    licence_from_on: date | None = None
    licence_until_on: date | None = None
    chain_headquarters: str | None = None
    online_ordering: bool | None = None
    online_name: str | None = None
    open_kitchen: OpenKitchenForm = Field(
        default=OpenKitchenForm.NONE,
        sa_type=Word(OpenKitchenForm),
    )
    open_kitchen_checked_on: date | None = None
    special_groups: str = Field(default="", description="words, comma between them")
    state: UnitState = Field(default=UnitState.OPEN, sa_type=Word(UnitState))


class DoorChange(SQLModel, table=True):
    """What the register said of a door before and after a change; appended, never edited."""

    __tablename__ = "door_changes"

    id: int | None = Field(default=None, primary_key=True)
    premises_id: int = Field(foreign_key="premises.id", index=True)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    import_id: int | None = Field(default=None, foreign_key="register_imports.id")
    before: str = Field(sa_type=Text, description="the changed fields as JSON")
    after: str = Field(sa_type=Text, description="the changed fields as JSON")


class SearchKey(SQLModel, table=True):
    """Pinyin and initials of a unit's names: filled by a job, correctable by people."""

    __tablename__ = "search_keys"

    unit_id: int = Field(foreign_key="catering_units.id", primary_key=True)
    source: str = Field(description="the names the keys were made from")
    pinyin: str
    initials: str
    corrected_by: str | None = None


class RegisterImport(SQLModel, table=True):
    """One run of an import: which file, who, and what became of its rows."""

    __tablename__ = "register_imports"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(description="`units`, `visits`, `lives` or `editions`")
    file_name: str
    file_sha256: str = Field(index=True)
    imported_at: datetime = Field(sa_type=UtcDateTime)
    imported_by: str
    counts: str = Field(sa_type=Text)
    report_name: str | None = None


class RegisterProposal(SQLModel, table=True):
    """A change of operator or a move that a person must confirm."""

    __tablename__ = "register_proposals"

    id: int | None = Field(default=None, primary_key=True)
    kind: ProposalKind = Field(sa_type=Word(ProposalKind))
    unit_id: int = Field(foreign_key="catering_units.id", description="who trades there now")
    values: str = Field(sa_type=Text, description="the row as JSON")
    row_hash: str = Field(index=True, description="SHA-256 of unit and row: the same is proposed once")
    import_id: int = Field(foreign_key="register_imports.id")
    proposed_on: date
    state: ProposalState = Field(default=ProposalState.OPEN, sa_type=Word(ProposalState), index=True)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UnitStanding(SQLModel, table=True):
    """A unit's grade and the day by which its next visit is due; appended by grading, staff only."""

    __tablename__ = "unit_standings"
    __table_args__ = (Index("ix_unit_standings_unit_id_as_of", "unit_id", "as_of"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    as_of: date
    grade: str | None = None
    due_on: date | None = None
    rests_on_assumed: bool = False


class UnitLink(SQLModel, table=True):
    """A revocable, expiring link scoped to one unit; only the hash of its 128 random bits is stored.

    Leased to a tablet before anybody knows which unit it is for; bound by the visit that handed it over.
    """

    __tablename__ = "unit_links"
    __table_args__ = (Index("ix_unit_links_unit_id", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    leased_to_tablet_id: int | None = Field(default=None, foreign_key="tablets.id")
    leased_at: datetime = Field(sa_type=UtcDateTime)
    unit_id: int | None = Field(default=None, foreign_key="catering_units.id")
    bound_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    bound_by: str | None = None
    record_key: str | None = Field(default=None, description="the visit that handed it over")
    expires_on: date | None = Field(default=None, description="the last day")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None


class UnitLinkAct(SQLModel, table=True):
    """Something that was done through a unit link, or to it."""

    __tablename__ = "unit_link_acts"
    __table_args__ = (Index("ix_unit_link_acts_link_id", "link_id"),)

    id: int | None = Field(default=None, primary_key=True)
    link_id: int = Field(foreign_key="unit_links.id")
    act: str
    happened_at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", sa_type=Text)
    times: int = Field(default=1, description="how often, for what is only counted")
    on: date | None = Field(default=None, description="the day that was counted")
