"""Tables of the floor: audit chain, dated settings, marks, change feed, job runs, leases."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime


class AuditEvent(SQLModel, table=True):
    """One act that decided something; `hash` covers the row and the hash of the row before it."""

    __tablename__ = "audit_events"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    event: str = Field(index=True)
    fields: str = Field(sa_type=Text)
    previous_hash: str
    hash: str = Field(unique=True)


class AuditHead(SQLModel, table=True):
    """The end of the audit chain: one row, moved by a conditional update."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    length: int
    hash: str


class SettingValue(SQLModel, table=True):
    """A dated value of a setting, as JSON; the newest row for a day in force wins, none is updated."""

    __tablename__ = "setting_values"
    __table_args__ = (Index("ix_setting_values_key_from_on", "key", "from_on"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    value: str = Field(sa_type=Text)
    from_on: date
    set_by: str
    set_at: datetime = Field(sa_type=UtcDateTime)


class Mark(SQLModel, table=True):
    """A mark on the whole database that is never removed (`demonstration`, `initialised`)."""

    __tablename__ = "marks"

    name: str = Field(primary_key=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", sa_type=Text)


class Change(SQLModel, table=True):
    """Something whose public facts may have changed; the publisher consumes these rows."""

    __tablename__ = "changes"

    id: int | None = Field(default=None, primary_key=True)
    subject: str = Field(description="`premises`, `edition`, `draw`, `rules` or `site`")
    subject_id: int = 0


class JobRun(SQLModel, table=True):
    """One claimed period of a job: start, end, counts and error."""

    __tablename__ = "job_runs"
    __table_args__ = (UniqueConstraint("job", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    job: str
    period: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    counts: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)


class Lease(SQLModel, table=True):
    """Who may do a thing alone, and until when (one publisher at a time)."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str
    expires_at: datetime = Field(sa_type=UtcDateTime)


class Epoch(SQLModel, table=True):
    """A life of this database: begun when it was made, and again whenever a backup was restored."""

    __tablename__ = "epochs"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, description="random; tablets compare it with the one they know")
    begun_at: datetime = Field(sa_type=UtcDateTime)
    restored_from: str | None = Field(default=None, sa_type=Text, description="the backup, none at the start")


class BackupRun(SQLModel, table=True):
    """A backup: what it holds is safe to be forgotten by tablets once it is completed."""

    __tablename__ = "backup_runs"

    id: int | None = Field(default=None, primary_key=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    completed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    covers_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="everything received before this instant is inside"
    )
    place: str = Field(sa_type=Text)
    sha256: str | None = Field(default=None, description="of the backup's manifest")
