"""Sessions of the staff: made by a sign-in, found by their token, revocable one by one."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select as select_columns
from sqlalchemy import update
from sqlmodel import Session

from inspections.people.tables import Account, AccountRole, Role, SessionKind, StaffSession, Tablet
from inspections.record.database import table_of

DESK_LASTS = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class OpenSession:
    """A session that holds now, with the roles its account has now."""

    session_id: int
    account_id: int
    name: str
    roles: frozenset[Role]
    tablet_id: int | None
    seen_at: datetime

    def was_seen_long_ago(self, now: datetime) -> bool:
        """Whether it is time to note that the session is in use."""
        return now - self.seen_at > _SEEN_EVERY


def hash_of_token(token: str) -> str:
    """What is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def start_session(
    session: Session,
    *,
    account_id: int,
    kind: SessionKind,
    now: datetime,
    lasts: timedelta = DESK_LASTS,
    tablet_id: int | None = None,
    device: str = "",
) -> str:
    """Open a session and give its token, which is stored nowhere."""
    token = secrets.token_urlsafe(32)
    row = StaffSession(
        token_hash=hash_of_token(token),
        account_id=account_id,
        kind=kind,
        tablet_id=tablet_id,
        made_at=now,
        seen_at=now,
        expires_at=now + lasts,
        device=device[:200],
    )
    session.add(row)
    session.flush()
    return token


def find_session(session: Session, token: str, now: datetime) -> OpenSession | None:
    """The session behind a token: neither expired nor revoked, nor its account or its tablet."""
    rows, accounts, tablets = table_of(StaffSession), table_of(Account), table_of(Tablet)
    held = table_of(AccountRole).c
    # Asked on every call of the staff's surfaces: columns in one row, and the roles beside it.
    query = (
        select_columns(rows.c.id, rows.c.account_id, accounts.c.name, rows.c.tablet_id, rows.c.seen_at)
        .join_from(rows, accounts, accounts.c.id == rows.c.account_id)
        .outerjoin(tablets, tablets.c.id == rows.c.tablet_id)
        .where(rows.c.token_hash == hash_of_token(token), rows.c.expires_at > now)
        .where(rows.c.revoked_at.is_(None), accounts.c.revoked_at.is_(None), tablets.c.revoked_at.is_(None))
    )
    connection = session.connection()
    found = connection.execute(query).first()
    if found is None:
        return None
    roles = connection.execute(select_columns(held.role).where(held.account_id == found.account_id))
    granted = frozenset(role for (role,) in roles)
    return OpenSession(found.id, found.account_id, found.name, granted, found.tablet_id, found.seen_at)


def note_seen(session: Session, session_id: int, now: datetime) -> None:
    """Note that a session is in use."""
    session.get_one(StaffSession, session_id).seen_at = now


def end_session(session: Session, session_id: int, now: datetime) -> None:
    """End a session; ending it again changes nothing."""
    row = session.get(StaffSession, session_id)
    if row is not None and row.revoked_at is None:
        row.revoked_at = now
        session.add(row)


def end_sessions(session: Session, account_id: int, now: datetime, *, except_id: int | None = None) -> None:
    """End every session of an account, such as when its password changes; one may be spared."""
    table = table_of(StaffSession)
    still_open = table.c.revoked_at.is_(None) & (table.c.account_id == account_id)
    if except_id is not None:
        still_open &= table.c.id != except_id
    session.connection().execute(update(table).where(still_open).values(revoked_at=now))
