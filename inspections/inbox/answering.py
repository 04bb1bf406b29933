"""Use cases of unit links on the Inbox's side: show one unit's view, take its answer to an order."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, select

from inspections.inbox.tables import InboxEntry, InboxUpload, LinkUse, LinkView
from inspections.inbox.views import UnitView, view_from_text
from inspections.record.clock import civil_day
from inspections.record.database import insert_if_absent, table_of
from inspections.record.errors import HouseError

ORDER_ANSWER = "order_answer"
MOST_PICTURES = 6
LARGEST_PICTURE = 8 * 1024 * 1024
LONGEST_ANSWER = 1_000
_SENT_A_DAY = 20
_OPENED_A_DAY = 300


class LinkError(HouseError):
    """A unit link that shows nothing, or an answer that cannot be taken."""


@dataclass(frozen=True)
class Answer:
    """What an operator says about one order, with pictures that have been drawn anew."""

    public_id: str
    order_id: int
    text: str
    pictures: Sequence[bytes]


def hash_of_link(token: str) -> str:
    """What the house stores of a link's token."""
    return hashlib.sha256(token.strip().lower().encode()).hexdigest()


def open_view(session: Session, token: str, now: datetime) -> UnitView | None:
    """The view behind a link that holds today; none for any other, whatever the reason; each counts."""
    view = look_at_view(session, token, now)
    if view is not None and not _count(session, hash_of_link(token), "opened", _OPENED_A_DAY, now):
        raise LinkError("今天打开的次数太多；请明天再来，急事请联系本局。")
    return view


def look_at_view(session: Session, token: str, now: datetime) -> UnitView | None:
    """The same without counting: for the page that answers a form, which is no opening."""
    row = session.get(LinkView, hash_of_link(token))
    if row is None or row.expires_on < civil_day(now):
        return None
    return view_from_text(row.view)


def send_answer(session: Session, token: str, answer: Answer, now: datetime) -> None:
    """Take an answer to an order of the link's own unit; the same form sent twice is one answer."""
    view = look_at_view(session, token, now)
    if view is None:
        raise LinkError("这个链接没有启用、已经到期或已作废；请用新的凭单，或联系本局。")
    order = next((one for one in view.orders if one.order_id == answer.order_id), None)
    if order is None or not order.may_answer:
        raise LinkError("这一条已经办结，或不属于贵单位；没有发送。")
    if not answer.text.strip() and not answer.pictures:
        raise LinkError("请写明改正情况，或附照片；没有发送。")
    if len(answer.text) > LONGEST_ANSWER:
        raise LinkError(f"说明有 {len(answer.text)} 个字，最多 {LONGEST_ANSWER} 个；请写短一些。没有发送。")
    if session.exec(select(InboxEntry.id).where(InboxEntry.public_id == answer.public_id)).first():
        return
    token_hash = hash_of_link(token)
    if not _count(session, token_hash, "sent", _SENT_A_DAY, now):
        raise LinkError("今天发送的次数太多；请明天再来，急事请联系本局。")
    entry = InboxEntry(
        public_id=answer.public_id,
        kind=ORDER_ANSWER,
        token_hash=token_hash,
        text=json.dumps({"order": answer.order_id, "text": answer.text.strip()}, ensure_ascii=False),
        received_at=now,
    )
    session.add(entry)
    session.flush()
    session.add_all(
        InboxUpload(entry_id=entry.id or 0, sha256=hashlib.sha256(content).hexdigest(), content=content)
        for content in answer.pictures[:MOST_PICTURES]
    )


def answers_waiting(session: Session, token: str) -> set[int]:
    """The orders that an answer was sent for and that the house has not taken yet."""
    query = select(InboxEntry).where(
        InboxEntry.token_hash == hash_of_link(token), InboxEntry.kind == ORDER_ANSWER
    )
    return {json.loads(row.text)["order"] for row in session.exec(query) if row.delivered_at is None}


def _count(session: Session, token_hash: str, what: str, most: int, now: datetime) -> bool:
    """Count one more use of a link on a day; false where there were enough."""
    table, on = table_of(LinkUse), civil_day(now)
    insert_if_absent(session, table, {"token_hash": token_hash, "on": on, "opened": 0, "sent": 0})
    column = table.c[what]
    counted = session.connection().execute(
        update(table)
        .where(table.c.token_hash == token_hash, table.c.on == on, column < most)
        .values({what: column + 1})
    )
    return counted.rowcount == 1
