"""Readings of outgoing messages: the outbox with what is still to deliver first, one letter, its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.record.clock import civil_day
from inspections.units.messages.reach import letters_within
from inspections.units.messages.service import letter_number
from inspections.units.messages.tables import (
    Delivery,
    DeliveryWay,
    MessageAbout,
    OutgoingMessage,
    Receipt,
    TextAttempt,
    TextMessage,
    TextState,
)
from inspections.units.tables import CateringUnit, Premises, UnitVersion

ABOUT_WORDS = {
    MessageAbout.LINK_HANDED: "单位链接交付",
    MessageAbout.LINK_RENEWED: "单位链接换发",
    MessageAbout.OVERDUE: "逾期未改正催办",
    MessageAbout.ANSWER_RETURNED: "改正说明退回",
    MessageAbout.LISTING_NOTICE: "列入黑榜告知",
}
WAY_WORDS = {
    DeliveryWay.IN_PERSON: "当面送达",
    DeliveryWay.LEFT: "留置送达",
    DeliveryWay.POSTED: "邮寄送达",
    DeliveryWay.ELECTRONIC: "电子送达（单位已同意）",
}
RECEIPT_WORDS = {
    Receipt.SIGNED: "已签收",
    Receipt.REFUSED: "拒收",
    Receipt.POST_SLIP: "有邮寄单号",
    Receipt.IN_RECORD: "见检查记录",
}
TEXT_WORDS = {
    TextState.WAITING: "短信待发",
    TextState.SENT: "短信已交网关",
    TextState.GIVEN_UP: "短信没有发出",
}


@dataclass(frozen=True)
class MessageLine:
    """One letter in the outbox."""

    message_id: int
    number: str
    unit_id: int
    unit: str
    code: str
    about: str
    made_on: date
    printed_at: datetime | None
    delivery: Delivery | None
    text_state: TextState | None
    is_withdrawn: bool

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to deliver it."""
        return self.delivery is None and not self.is_withdrawn

    @property
    def text_word(self) -> str:
        """How far its text message is, in Chinese; empty where there is none."""
        return TEXT_WORDS[self.text_state] if self.text_state is not None else ""

    @property
    def state(self) -> str:
        """How far the letter is, in Chinese."""
        if self.is_withdrawn:
            return "已撤回"
        if self.delivery is not None:
            return f"{WAY_WORDS[self.delivery.way].split('（')[0]}，{RECEIPT_WORDS[self.delivery.receipt]}"
        return "待送达" if self.printed_at else "待打印"


@dataclass(frozen=True)
class MessageSheet:
    """One letter with everything that happened to it."""

    line: MessageLine
    message: OutgoingMessage
    addressee: str
    address: str
    paragraphs: tuple[str, ...]
    deliveries: Sequence[Delivery]
    text: TextMessage | None
    attempts: Sequence[TextAttempt]


def message_lines(
    session: Session, *, unit_id: int | None = None, within: int | None = None, limit: int = 500
) -> list[MessageLine]:
    """The outbox: what is still to deliver first, the longest waiting on top; then the rest, newest first.

    `within` is an account that sees only letters about visits of its own.
    """
    query = select(OutgoingMessage).order_by(col(OutgoingMessage.id).desc())
    if unit_id is not None:
        query = query.where(OutgoingMessage.unit_id == unit_id)
    if within is None:
        query = query.limit(limit)
    rows = letters_within(session, session.exec(query), within)[:limit]
    if unit_id is None:
        shown = {row.id for row in rows}
        rows = [*rows, *(row for row in _undelivered(session, within) if row.id not in shown)]
    lines = _lines(session, rows)
    open_ones = sorted((line for line in lines if line.is_open), key=lambda line: line.message_id)
    return open_ones + [line for line in lines if not line.is_open]


def message_sheet(session: Session, message_id: int, *, within: int | None = None) -> MessageSheet | None:
    """One letter; none where there is no such letter, or none about a visit of the account it must be of."""
    message = session.get(OutgoingMessage, message_id)
    if message is None or not letters_within(session, [message], within):
        return None
    unit = session.get_one(CateringUnit, message.unit_id)
    door = session.get_one(Premises, unit.premises_id)
    version = _version_of(session, unit)
    text = session.exec(select(TextMessage).where(TextMessage.message_id == message_id)).first()
    deliveries = select(Delivery).where(Delivery.message_id == message_id).order_by(col(Delivery.id).desc())
    attempts = select(TextAttempt).where(TextAttempt.text_message_id == (text.id if text else 0))
    return MessageSheet(
        line=_lines(session, [message])[0],
        message=message,
        addressee=version.licence_name if version else "",
        address=door.address + door.door_label,
        paragraphs=tuple(filter(None, message.text.split("\n"))),
        deliveries=session.exec(deliveries).all(),
        text=text,
        attempts=session.exec(attempts.order_by(col(TextAttempt.id))).all(),
    )


def message_of(session: Session, reference: str) -> OutgoingMessage | None:
    """The letter that was written for something; none where there is none."""
    return session.exec(select(OutgoingMessage).where(OutgoingMessage.reference == reference)).first()


def count_to_deliver(session: Session, within: int | None = None) -> int:
    """How many letters wait for their delivery."""
    return len(_undelivered(session, within))


def texts_given_up(session: Session, within: int | None = None) -> int:
    """How many undelivered letters have a text message that did not go out."""
    waiting = {row.id for row in _undelivered(session, within)}
    query = select(TextMessage.message_id).where(TextMessage.state == TextState.GIVEN_UP)
    return sum(message_id in waiting for message_id in session.exec(query))


def _undelivered(session: Session, within: int | None) -> Sequence[OutgoingMessage]:
    delivered = select(Delivery.message_id)
    query = select(OutgoingMessage).where(
        col(OutgoingMessage.withdrawn_at).is_(None), col(OutgoingMessage.id).not_in(delivered)
    )
    return letters_within(session, session.exec(query.order_by(col(OutgoingMessage.id))), within)


def _lines(session: Session, messages: Sequence[OutgoingMessage]) -> list[MessageLine]:
    ids = [message.id or 0 for message in messages]
    recorded = select(Delivery).where(col(Delivery.message_id).in_(ids)).order_by(col(Delivery.id))
    deliveries = {row.message_id: row for row in session.exec(recorded)}
    announced = select(TextMessage).where(col(TextMessage.message_id).in_(ids))
    texts = {row.message_id: row.state for row in session.exec(announced)}
    return [
        _line(session, message, deliveries.get(message.id or 0), texts.get(message.id or 0))
        for message in messages
    ]


def _line(
    session: Session, message: OutgoingMessage, delivery: Delivery | None, text: TextState | None
) -> MessageLine:
    unit = session.get_one(CateringUnit, message.unit_id)
    version = _version_of(session, unit)
    return MessageLine(
        message_id=message.id or 0,
        number=letter_number(message.id or 0, message.made_at),
        unit_id=message.unit_id,
        unit=(version.sign_name or version.licence_name) if version else "",
        code=session.get_one(Premises, unit.premises_id).code,
        about=ABOUT_WORDS[message.about],
        made_on=civil_day(message.made_at),
        printed_at=message.printed_at,
        delivery=delivery,
        text_state=text,
        is_withdrawn=message.withdrawn_at is not None,
    )


def _version_of(session: Session, unit: CateringUnit) -> UnitVersion | None:
    """What the register says of a unit last; also of one that trades no more, whose letters stay its own."""
    query = select(UnitVersion).where(UnitVersion.unit_id == unit.id)
    newest = query.order_by(col(UnitVersion.from_on).desc(), col(UnitVersion.id).desc()).limit(1)
    return session.exec(newest).first()
