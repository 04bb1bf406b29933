"""Tables of people: accounts and roles, recusals and training, sessions, tablets, sign-in limits."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Numeric, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class Role(StrEnum):
    """What an account may do; roles combine."""

    INSPECTOR = "inspector"
    CAMPAIGN_MANAGER = "campaign_manager"
    REVIEWER = "reviewer"
    EDITOR = "editor"
    APPROVER = "approver"
    AUDITOR = "auditor"
    REPORTING_BODY = "reporting_body"
    ADMINISTRATOR = "administrator"


class SessionKind(StrEnum):
    """Where somebody signed in: at a desk, or on a registered tablet."""

    DESK = "desk"
    TABLET = "tablet"


class Account(SQLModel, table=True):
    """A member of the staff who answers for what was decided under this name."""

    __tablename__ = "accounts"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    password_hash: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    certificate_number: str | None = Field(default=None, description="enforcement certificate, 执法证号")
    certificate_until_on: date | None = None
    totp_secret: str | None = Field(default=None, description="sealed with the house's key; none while off")
    totp_last_step: int = Field(default=0, description="the last time step used: a code counts once")


class AccountRole(SQLModel, table=True):
    """One role of one account."""

    __tablename__ = "account_roles"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    role: Role = Field(sa_type=Word(Role), primary_key=True)


class Recusal(SQLModel, table=True):
    """A unit that an inspector must be recused from (Order 49, art. 23); the reason is never public."""

    __tablename__ = "recusals"
    __table_args__ = (Index("ix_recusals_account_id", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    unit_id: int = Field(description="a catering unit; the register stands above this room")
    reason: str = Field(default="", sa_type=Text)
    from_on: date
    until_on: date | None = None
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class TrainingRecord(SQLModel, table=True):
    """Hours of training of one account on one day."""

    __tablename__ = "training_records"
    __table_args__ = (
        Index("ix_training_records_account_id", "account_id"),
        CheckConstraint("hours > 0", name="some_hours"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="accounts.id")
    held_on: date
    hours: Decimal = Field(sa_type=Numeric(5, 1))
    subject: str
    recorded_by: str
    recorded_at: datetime = Field(sa_type=UtcDateTime)


class Tablet(SQLModel, table=True):
    """A registered tablet; a revoked one may still hand over what it holds, to an administrator."""

    __tablename__ = "tablets"

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, description="random, made by the tablet")
    label: str
    registered_at: datetime = Field(sa_type=UtcDateTime)
    registered_by: str
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_by: str | None = None
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    app_version: str = ""
    unsent: int = Field(default=0, description="records that the tablet said it still held")


class TabletEnrolment(SQLModel, table=True):
    """A one-time code with which a tablet registers itself; only its hash is stored."""

    __tablename__ = "tablet_enrolments"

    id: int | None = Field(default=None, primary_key=True)
    code_hash: str = Field(unique=True)
    label: str = Field(description="what the tablet will be called")
    made_by: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    tablet_id: int | None = Field(default=None, foreign_key="tablets.id")


class StaffSession(SQLModel, table=True):
    """A sign-in that holds until it expires or is revoked; only the hash of its token is stored."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index("ix_staff_sessions_account_id", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    account_id: int = Field(foreign_key="accounts.id")
    kind: SessionKind = Field(sa_type=Word(SessionKind))
    tablet_id: int | None = Field(default=None, foreign_key="tablets.id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    device: str = Field(default="", description="what the browser says of itself, for the list of sessions")


class SignInBucket(SQLModel, table=True):
    """How many sign-in attempts are left for a name or a network address (token bucket)."""

    __tablename__ = "sign_in_buckets"

    key: str = Field(primary_key=True, description="HMAC of a name or an address")
    tokens: float
    filled_at: datetime = Field(sa_type=UtcDateTime)


class RecoveryKey(SQLModel, table=True):
    """A public key that tablets wrap their data key with; its private half is a file of the bureau."""

    __tablename__ = "recovery_keys"
    __table_args__ = (UniqueConstraint("fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(description="SHA-256 of the public key")
    public_key: str = Field(sa_type=Text, description="SubjectPublicKeyInfo as PEM")
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    retired_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ExportOpening(SQLModel, table=True):
    """An administrator opened the export of a tablet with the bureau's recovery key."""

    __tablename__ = "export_openings"

    id: int | None = Field(default=None, primary_key=True)
    tablet_id: int = Field(foreign_key="tablets.id")
    file_sha256: str
    opened_by: str
    opened_at: datetime = Field(sa_type=UtcDateTime)
    reason: str = Field(sa_type=Text)
