"""Tables of campaigns: the plan, draws with their commitments, assignments; nothing is ever deleted."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.campaigns.drawing.events import DrawEventKind
from inspections.record.columns import UtcDateTime, Word


class CampaignState(StrEnum):
    """How far a campaign is; only a redraw leads back, from drawn to committed."""

    PLANNED = "planned"
    NOMINATING = "nominating"
    COMMITTED = "committed"
    DRAWN = "drawn"
    REVEALED = "revealed"


class AssignmentState(StrEnum):
    """What the desk shows of a drawn or planned unit on the day."""

    WAITING = "waiting"
    ON_SITE = "on_site"
    CLOSED_DOOR = "closed_door"
    COULD_NOT_INSPECT = "could_not_inspect"
    SUBSTITUTED = "substituted"
    EXCLUDED = "excluded"
    DONE = "done"


class AssignmentSource(StrEnum):
    """Why a unit is visited at all."""

    PLAN = "plan"
    DRAW = "draw"
    COMPLAINT = "complaint"
    REFERRAL = "referral"
    ORDER = "order"
    SUPERIOR = "superior"
    OWN = "own"


class TaskSource(StrEnum):
    """What put a unit into the plan of a year."""

    FREQUENCY = "frequency"
    COVERAGE = "coverage"
    CITY = "city"


class Campaign(SQLModel, table=True):
    """One month's 随机查餐厅: issue number, theme, rule of its pool, guests by role, number to draw."""

    __tablename__ = "campaigns"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, description="`YYYY-MM`")
    issue_no: int
    theme: str
    theme_items: str = Field(default="", description="item codes of the theme, comma between them")
    pool_rule: str = Field(sa_type=Text, description="JSON: streets, unit types, chains, grades, …")
    strata_rule: str = Field(sa_type=Text, description="JSON: by what the pool is divided, and the weights")
    draw_count: int
    substitutes: int = Field(description="how many substitutes each stratum has at most")
    load_limit: int = Field(description="units that one inspector takes at most")
    guests: str = Field(default="[]", sa_type=Text, description="JSON: role and number, no names")
    nominate_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    nominations_counted_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="when every vote had been brought in, after the close"
    )
    state: CampaignState = Field(default=CampaignState.PLANNED, sa_type=Word(CampaignState))
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    reveal_by: date | None = Field(default=None, description="the last day by which all becomes public")
    revealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Draw(SQLModel, table=True):
    """One draw of a campaign. Roster and nonce stay secret until the reveal; their hashes come first."""

    __tablename__ = "draws"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaigns.id")
    number: int = Field(description="1, and one more for each redraw")
    roster: str = Field(sa_type=Text, description="canonical JSON: units by code, strata, quotas, inspectors")
    roster_sha256: str
    nonce_hex: str = Field(description="32 secret bytes")
    nonce_sha256: str
    private: str = Field(sa_type=Text, description="JSON: ids behind codes and numbers, barred pairs, salts")
    announced_source: str
    announced_at: datetime = Field(sa_type=UtcDateTime, description="when the public value will be known")
    committed_at: datetime = Field(sa_type=UtcDateTime)
    committed_by: str
    public_value: str | None = None
    value_source: str | None = Field(default=None, sa_type=Text, description="how and where, in words")
    value_link: str | None = None
    value_photo_sha256: str | None = Field(default=None, description="a picture kept as evidence")
    value_known_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    value_entered_by: str | None = None
    seed: str | None = Field(default=None, description="lower-case hex; secret until the reveal")
    drawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class DrawEvent(SQLModel, table=True):
    """Something that happened to a draw, appended; all of it stands in the certificate."""

    __tablename__ = "draw_events"
    __table_args__ = (UniqueConstraint("draw_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="draws.id")
    number: int = Field(description="from 1, without a gap")
    kind: DrawEventKind = Field(sa_type=Word(DrawEventKind))
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str = Field(description="never public")
    code: str | None = Field(default=None, description="storefront code of the unit it is about")
    replaces: str | None = Field(default=None, description="code of the unit that a substitute stands for")
    inspector: str | None = Field(default=None, description="number of an inspector in this draw")
    reason: str = Field(default="", sa_type=Text)


class Assignment(SQLModel, table=True):
    """A unit that two inspectors are to visit: from the yearly plan, a draw, or a special reason."""

    __tablename__ = "assignments"
    __table_args__ = (
        Index("ix_assignments_campaign_id", "campaign_id"),
        Index("ix_assignments_lead_account_id", "lead_account_id"),
        Index("ix_assignments_second_account_id", "second_account_id"),
        Index("ix_assignments_unit_id", "unit_id"),
        CheckConstraint(
            "lead_account_id IS NULL OR lead_account_id <> second_account_id", name="two_inspectors"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, description="random; what the tablet calls it")
    unit_id: int = Field(foreign_key="catering_units.id")
    premises_id: int = Field(foreign_key="premises.id")
    kind: str = Field(description="a word of the kinds of visit")
    source: AssignmentSource = Field(sa_type=Word(AssignmentSource))
    reason: str = Field(default="", sa_type=Text)
    campaign_id: int | None = Field(default=None, foreign_key="campaigns.id")
    draw_id: int | None = Field(default=None, foreign_key="draws.id")
    stratum: str | None = None
    place: int | None = Field(default=None, description="place in the stratum's order, from 1")
    is_substitute: bool = False
    replaces_id: int | None = Field(default=None, foreign_key="assignments.id")
    state: AssignmentState = Field(default=AssignmentState.WAITING, sa_type=Word(AssignmentState))
    state_at: datetime = Field(sa_type=UtcDateTime)
    lead_account_id: int | None = Field(default=None, foreign_key="accounts.id")
    second_account_id: int | None = Field(default=None, foreign_key="accounts.id")
    release_on: date | None = Field(default=None, description="the day from which its inspectors see it")
    due_on: date | None = None
    checklist: str | None = Field(default=None, description="id of the checklist; the default where none")
    items: str = Field(default="", description="item codes of a flying visit, comma between them")
    recheck_of_key: str | None = Field(default=None, description="record_key of the visit it re-checks")
    visited_on: date | None = Field(default=None, description="day of the visit, once it is closed")
    result: str | None = Field(default=None, description="what the inspectors decided, a word of the rules")
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)


class FormerTask(SQLModel, table=True):
    """What tablets knew an assignment as until its team or its state changed; what began by then counts."""

    __tablename__ = "former_tasks"
    __table_args__ = (Index("ix_former_tasks_assignment_id", "assignment_id"),)

    public_id: str = Field(primary_key=True)
    assignment_id: int = Field(foreign_key="assignments.id")
    lead_account_id: int | None = Field(default=None, foreign_key="accounts.id")
    second_account_id: int | None = Field(default=None, foreign_key="accounts.id")
    reason: str = Field(sa_type=Text, description="why it changed")
    ended_at: datetime = Field(sa_type=UtcDateTime)
    ended_by: str


class AssignmentEvent(SQLModel, table=True):
    """A change of an assignment's state, appended: what the desk shows of the day, and since when."""

    __tablename__ = "assignment_events"
    __table_args__ = (Index("ix_assignment_events_assignment_id", "assignment_id"),)

    id: int | None = Field(default=None, primary_key=True)
    assignment_id: int = Field(foreign_key="assignments.id")
    state: AssignmentState = Field(sa_type=Word(AssignmentState))
    happened_at: datetime = Field(sa_type=UtcDateTime)
    recorded_by: str
    note: str = Field(default="", sa_type=Text)
    photo_sha256: str | None = Field(default=None, description="of a closed door, kept as evidence")


class PlannedTask(SQLModel, table=True):
    """A line of a year's plan: by grade frequency, by the two-year coverage, or from the city."""

    __tablename__ = "planned_tasks"
    __table_args__ = (
        UniqueConstraint("year", "unit_id", "source", "due_on", "external_ref"),
        Index("ix_planned_tasks_due_on", "due_on"),
        Index("ix_planned_tasks_assignment_id", "assignment_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    year: int
    unit_id: int = Field(foreign_key="catering_units.id")
    source: TaskSource = Field(sa_type=Word(TaskSource))
    due_on: date
    reason: str = Field(default="", sa_type=Text)
    external_ref: str = Field(default="", description="number of a task of the city's platform")
    external_file_sha256: str | None = Field(default=None, index=True)
    external_row: str | None = Field(default=None, sa_type=Text, description="the platform's row as JSON")
    assignment_id: int | None = Field(default=None, foreign_key="assignments.id")
    dropped_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="since when a new plan does without it"
    )
    made_at: datetime = Field(sa_type=UtcDateTime)


class HigherCheck(SQLModel, table=True):
    """A check of a unit by a higher authority (Order 49, art. 42)."""

    __tablename__ = "higher_checks"
    __table_args__ = (Index("ix_higher_checks_unit_id", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="catering_units.id")
    authority: str
    checked_on: date
    items: str = Field(default="", description="item codes, comma between them; empty where all")
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class NominationCount(SQLModel, table=True):
    """Votes that the Inbox counted for a door, as of the last pull."""

    __tablename__ = "nomination_counts"

    campaign_id: int = Field(foreign_key="campaigns.id", primary_key=True)
    premises_id: int = Field(foreign_key="premises.id", primary_key=True)
    votes: int
    counted_at: datetime = Field(sa_type=UtcDateTime)
