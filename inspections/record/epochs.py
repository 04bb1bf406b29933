"""The life of this database, by which tablets notice a restored backup, and what backups cover."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.record.database import insert_if_absent, read_only, table_of, transaction
from inspections.record.tables import BackupRun, Epoch

# Lives begun by a restore get ids from 1 on; the first one is made by whoever asks first.
_FIRST = 0
# No request of a tablet takes longer from its receipt to its commit.
_LONGEST_REQUEST = timedelta(minutes=10)


def current_epoch(engine: Engine, now: datetime) -> str:
    """The name of the present life of the database; made when nobody has asked before."""
    with read_only(engine) as session:
        found = _newest(session)
    if found is not None:
        return found
    with transaction(engine) as session:
        row = {"id": _FIRST, "name": secrets.token_hex(16), "begun_at": now}
        insert_if_absent(session, table_of(Epoch), row)
    with read_only(engine) as session:
        return _newest(session) or ""


def _newest(session: Session) -> str | None:
    return session.exec(select(Epoch.name).order_by(col(Epoch.id).desc()).limit(1)).first()


def begin_epoch(session: Session, *, restored_from: str, now: datetime) -> str:
    """Begin a new life of the database after a restore: tablets send again whatever it lacks."""
    row = Epoch(name=secrets.token_hex(16), begun_at=now, restored_from=restored_from)
    session.add(row)
    session.flush()
    return row.name


def restored_at(session: Session) -> datetime | None:
    """When a backup was last restored: what was handed out since it was made is unknown here, and good."""
    query = select(Epoch).order_by(col(Epoch.id).desc()).limit(1)
    newest = session.exec(query).first()
    return None if newest is None or newest.restored_from is None else newest.begun_at


def start_backup(engine: Engine, *, place: str, now: datetime) -> int:
    """Note that a backup begins; the id of its run."""
    with transaction(engine) as session:
        row = BackupRun(started_at=now, place=place)
        session.add(row)
        session.flush()
        return row.id or 0


def finish_backup(session: Session, run_id: int, *, sha256: str, now: datetime) -> None:
    """Note that a backup is complete, and until when it holds everything that was received."""
    row = session.get_one(BackupRun, run_id)
    row.completed_at, row.sha256 = now, sha256
    # What was received just before the start may have been committed just after it, outside the copy.
    row.covers_until = row.started_at - _LONGEST_REQUEST
    session.add(row)


def backed_up_until(session: Session) -> datetime | None:
    """Everything received before this instant is inside a completed backup."""
    query = (
        select(BackupRun.covers_until)
        .where(col(BackupRun.completed_at).is_not(None), col(BackupRun.covers_until).is_not(None))
        .order_by(col(BackupRun.covers_until).desc())
        .limit(1)
    )
    return session.exec(query).first()
