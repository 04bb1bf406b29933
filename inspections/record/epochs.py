"""The life of this database, by which tablets notice a restored backup, and what backups cover."""

import secrets
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.record.database import insert_if_absent, read_only, table_of, transaction
from inspections.record.tables import BackupRun, Epoch

# Lives begun by a restore get ids from 1 on; the first one is made by whoever asks first.
_FIRST = 0


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


def backed_up_until(session: Session) -> datetime | None:
    """Everything received before this instant is inside a completed backup."""
    query = (
        select(BackupRun.covers_until)
        .where(col(BackupRun.completed_at).is_not(None), col(BackupRun.covers_until).is_not(None))
        .order_by(col(BackupRun.covers_until).desc())
        .limit(1)
    )
    return session.exec(query).first()
