"""Sending text messages: claimed one by one, each attempt on record before it is made, tried a few times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, table_of, transaction
from inspections.record.settings import settings_on
from inspections.units.messages.gateway import Answer, Gateway, Outcome, gateway_of, hand_over
from inspections.units.messages.service import MessageError
from inspections.units.messages.tables import TextAttempt, TextMessage, TextState

TEXT_TRIED_AGAIN = declare_event("text_message_tried_again", "message")

MOST_IN_A_RUN = 200
_WAITS = (
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(hours=24),
)
MOST_ATTEMPTS = len(_WAITS)


@dataclass(frozen=True)
class Sent:
    """What one run did."""

    sent: int = 0
    failed: int = 0


@dataclass(frozen=True)
class _Claimed:
    text_id: int
    attempt_id: int
    mobile: str
    text: str
    public_id: str


def send_waiting(engine: Engine, token: str | None, now: datetime) -> Sent:
    """Hand over what waits; without a gateway nothing is sent and nothing is lost."""
    with read_only(engine) as session:
        gateway = gateway_of(settings_on(session, civil_day(now)), token)
    if gateway is None:
        return Sent()
    sent = failed = 0
    for _ in range(MOST_IN_A_RUN):
        claimed = _claim(engine, now)
        if claimed is None:
            break
        is_sent = _send(engine, gateway, claimed)
        sent, failed = sent + is_sent, failed + (not is_sent)
    return Sent(sent, failed)


def try_again(session: Session, message_id: int, *, actor: str, now: datetime) -> None:
    """Have a text message that was given up tried anew; its earlier attempts stay on record."""
    query = select(TextMessage).where(TextMessage.message_id == message_id).with_for_update()
    text = session.exec(query).first()
    if text is None or text.state is not TextState.GIVEN_UP:
        raise MessageError("这封信函没有等着重发的短信；请刷新后再看。")
    text.state, text.attempts, text.next_at = TextState.WAITING, 0, now
    session.add(text)
    write_audit(session, TEXT_TRIED_AGAIN, actor=actor, now=now, fields={"message": message_id})


def _claim(engine: Engine, now: datetime) -> _Claimed | None:
    """The next message, with its attempt on record: whoever is killed now leaves it to be tried later."""
    with transaction(engine) as session:
        query = (
            select(TextMessage)
            .where(TextMessage.state == TextState.WAITING, col(TextMessage.next_at) <= now)
            .order_by(col(TextMessage.next_at), col(TextMessage.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        text = session.exec(query).first()
        while text is not None and text.attempts >= MOST_ATTEMPTS:
            # Its last attempt was cut off before an answer came.
            text.state = TextState.GIVEN_UP
            session.add(text)
            session.flush()
            text = session.exec(query).first()
        if text is None:
            return None
        attempt = TextAttempt(text_message_id=text.id or 0, begun_at=now)
        session.add(attempt)
        text.next_at = now + _WAITS[text.attempts]
        text.attempts += 1
        session.add(text)
        session.flush()
        return _Claimed(text.id or 0, attempt.id or 0, text.mobile, text.text, text.public_id)


def _send(engine: Engine, gateway: Gateway, claimed: _Claimed) -> bool:
    answer = hand_over(gateway, mobile=claimed.mobile, text=claimed.text, public_id=claimed.public_id)
    with transaction(engine) as session:
        attempt = session.get_one(TextAttempt, claimed.attempt_id)
        attempt.ended_at, attempt.outcome = utc_now(), answer.words
        session.add(attempt)
        state = _state_after(session, claimed.text_id, answer)
        table = table_of(TextMessage)
        # One that was withdrawn meanwhile stays as it is, unless it has gone out.
        still = (table.c.state == TextState.WAITING) | (answer.outcome is Outcome.ACCEPTED)
        session.connection().execute(
            update(table).where(table.c.id == claimed.text_id, still).values(state=state)
        )
    return answer.outcome is Outcome.ACCEPTED


def _state_after(session: Session, text_id: int, answer: Answer) -> TextState:
    if answer.outcome is Outcome.ACCEPTED:
        return TextState.SENT
    is_last = session.get_one(TextMessage, text_id).attempts >= MOST_ATTEMPTS
    return TextState.GIVEN_UP if is_last or answer.outcome is Outcome.REFUSED else TextState.WAITING
