"""The audit chain: each act that decides something is a row whose hash covers the row before it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from inspections.record.database import table_of
from inspections.record.errors import HouseError
from inspections.record.tables import AuditEvent, AuditHead

# Who acts where no person decides: a nightly run, rules that came with a new version of the program.
PROGRAM = "程序"
GENESIS = "0" * 64

# Every event of the house with exactly the fields it must carry; another set of fields is refused.
_EVENTS: dict[str, frozenset[str]] = {}


class AuditError(HouseError):
    """The audit chain was given an event it does not know, or is broken."""


@dataclass(frozen=True)
class AuditFault:
    """Where the chain does not hold, and what is wrong there."""

    event_id: int
    what: str


def declare_event(name: str, *fields: str) -> str:
    """Declare an event with its fields once, at import of the room that writes it."""
    wanted = frozenset(fields)
    if _EVENTS.setdefault(name, wanted) != wanted:
        raise AuditError(f"审计事件 {name} 被声明了两次，字段不同。")
    return name


def write_audit(
    session: Session, event: str, *, actor: str, now: datetime, fields: Mapping[str, object]
) -> None:
    """Append an event inside the caller's transaction; `fields` must be exactly those declared."""
    declared = _EVENTS.get(event)
    if declared is None or declared != frozenset(fields):
        raise AuditError(f"审计事件 {event} 的字段应为 {sorted(declared or ())}，得到 {sorted(fields)}。")
    head = _take_head(session)
    text = json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row_hash = event_hash(previous=head.hash, at=now, actor=actor, event=event, fields=text)
    session.add(
        AuditEvent(at=now, actor=actor, event=event, fields=text, previous_hash=head.hash, hash=row_hash)
    )
    head.hash, head.length = row_hash, head.length + 1
    session.flush()


def event_hash(*, previous: str, at: datetime, actor: str, event: str, fields: str) -> str:
    """SHA-256 over the previous hash and the row's own values, one JSON array, UTC seconds and micros."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    material = json.dumps([previous, instant, actor, event, fields], ensure_ascii=False)
    return hashlib.sha256(material.encode()).hexdigest()


def verify_audit(session: Session) -> Iterator[AuditFault]:
    """Walk the whole chain and report each place where it does not hold."""
    previous, length, last_id = GENESIS, 0, 0
    for row in session.exec(select(AuditEvent).order_by(col(AuditEvent.id))):
        last_id = row.id or 0
        length += 1
        if row.previous_hash != previous:
            yield AuditFault(last_id, "与上一条不相连：中间的记录被删除或改动。")
        expected = event_hash(
            previous=row.previous_hash,
            at=row.at,
            actor=row.actor,
            event=row.event,
            fields=row.fields,
        )
        if row.hash != expected:
            yield AuditFault(last_id, "内容与校验值不符：这条记录被改动。")
        previous = row.hash
    head = session.get(AuditHead, 1)
    if (head.hash if head else GENESIS) != previous or (head.length if head else 0) != length:
        yield AuditFault(last_id, "链尾与记录数不符：末尾的记录被删除。")


def _take_head(session: Session) -> AuditHead:
    head = session.get(AuditHead, 1)
    if head is None:
        head = AuditHead(id=1, length=0, hash=GENESIS)
        session.add(head)
        session.flush()
        return head
    # Takes the row lock on PostgreSQL, so that two writers append one after the other.
    table = table_of(AuditHead)
    session.exec(update(table).where(table.c.id == 1).values(length=table.c.length))
    session.refresh(head)
    return head
