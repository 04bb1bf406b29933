"""Use cases of outgoing messages: write one, print it, record how it was received, withdraw it."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.errors import HouseError
from inspections.record.settings import settings_on
from inspections.record.texts import is_one_line
from inspections.units.messages.tables import (
    Delivery,
    DeliveryWay,
    MessageAbout,
    OutgoingMessage,
    Receipt,
    TextMessage,
    TextState,
    UnitContact,
)
from inspections.units.tables import CateringUnit

MESSAGE_WRITTEN = declare_event("message_written", "message", "unit", "about", "reference")
MESSAGE_PRINTED = declare_event("message_printed", "message")
MESSAGE_DELIVERED = declare_event("message_delivered", "message", "delivered_on", "way", "receipt")
MESSAGE_WITHDRAWN = declare_event("message_withdrawn", "message", "reason")
CONTACT_RECORDED = declare_event("unit_contact_recorded", "unit", "has_mobile")

_MOBILE_DIGITS = 11
_LONGEST_NAME = 40
# Neither a unit nor a matter is named: whoever holds the telephone may be somebody else.
_ANNOUNCEMENT = "【{authority}】您单位有一份新的书面通知，编号 {number}，请留意送达，或到本局领取。"


class MessageError(HouseError):
    """A message cannot be written, printed, delivered or withdrawn as asked."""


@dataclass(frozen=True)
class NewDelivery:
    """How a letter was delivered, as somebody records it."""

    delivered_on: date
    way: DeliveryWay
    handed_over_by: str
    receipt: Receipt
    received_by: str = ""
    note: str = ""


def letter_number(message_id: int, made_at: datetime) -> str:
    """The number that stands on the letter and in its delivery record."""
    return f"通知{civil_day(made_at).year}-{message_id:06}"


def write_message(
    session: Session,
    *,
    unit_id: int,
    about: MessageAbout,
    reference: str,
    text: str,
    actor: str,
    now: datetime,
) -> int:
    """Put a letter into the outbox, and its announcement where a gateway and a number are known.

    The reference says what it follows from: the same is written once, however often it is asked for.
    """
    known = session.exec(select(OutgoingMessage.id).where(OutgoingMessage.reference == reference)).first()
    if known is not None:
        return known
    message = OutgoingMessage(
        unit_id=unit_id, about=about, reference=reference, text=text, made_at=now, made_by=actor
    )
    session.add(message)
    session.flush()
    message_id = message.id or 0
    fields = {"message": message_id, "unit": unit_id, "about": about.value, "reference": reference}
    write_audit(session, MESSAGE_WRITTEN, actor=actor, now=now, fields=fields)
    if about is not MessageAbout.LINK_HANDED:
        _announce(session, message, now)
    return message_id


def mark_printed(session: Session, message_id: int, *, actor: str, now: datetime) -> None:
    """Note that a letter was printed; printing it again keeps the first day."""
    message = _living(session, message_id)
    if message.printed_at is not None:
        return
    message.printed_at, message.printed_by = now, actor
    session.add(message)
    write_audit(session, MESSAGE_PRINTED, actor=actor, now=now, fields={"message": message_id})


def record_delivery(
    session: Session, message_id: int, new: NewDelivery, *, actor: str, now: datetime
) -> None:
    """Record how a letter was received; a second record corrects the first, which stays."""
    message = _living(session, message_id)
    _require_sense(message, new, now)
    session.add(
        Delivery(
            message_id=message_id,
            delivered_on=new.delivered_on,
            way=new.way,
            handed_over_by=new.handed_over_by.strip(),
            receipt=new.receipt,
            received_by=new.received_by.strip(),
            note=new.note.strip(),
            recorded_by=actor,
            recorded_at=now,
        )
    )
    fields = {
        "message": message_id,
        "delivered_on": new.delivered_on.isoformat(),
        "way": new.way.value,
        "receipt": new.receipt.value,
    }
    write_audit(session, MESSAGE_DELIVERED, actor=actor, now=now, fields=fields)


def withdraw_message(session: Session, message_id: int, *, reason: str, actor: str, now: datetime) -> None:
    """Take a letter back that has not been delivered; it stays on record, and is announced to nobody."""
    message = _living(session, message_id)
    if not reason.strip():
        raise MessageError("撤回信函要写明原因；信函还在待送清单里。")
    if delivery_of(session, message_id) is not None:
        raise MessageError("这封信函已经送达，不能撤回；需要更正的请另发一封。")
    message.withdrawn_at, message.withdrawn_by, message.withdrawn_because = now, actor, reason.strip()
    session.add(message)
    text = session.exec(select(TextMessage).where(TextMessage.message_id == message_id)).first()
    if text is not None and text.state is TextState.WAITING:
        text.state = TextState.GIVEN_UP
        session.add(text)
    fields = {"message": message_id, "reason": reason.strip()}
    write_audit(session, MESSAGE_WITHDRAWN, actor=actor, now=now, fields=fields)


def record_contact(session: Session, unit_id: int, *, mobile: str | None, actor: str, now: datetime) -> None:
    """Record the number that an operator gave for text messages, or that it wants none."""
    if session.get(CateringUnit, unit_id) is None:
        raise MessageError("没有这家单位；请从名册重新进入。")
    number = "".join((mobile or "").split())
    is_number = len(number) == _MOBILE_DIGITS and number.isascii() and number.isdigit() and number[0] == "1"
    if number and not is_number:
        raise MessageError(f"“{number[:20]}”不是手机号码；请写 11 位数字，不用短信的留空。")
    session.add(UnitContact(unit_id=unit_id, mobile=number or None, recorded_by=actor, recorded_at=now))
    fields = {"unit": unit_id, "has_mobile": bool(number)}
    write_audit(session, CONTACT_RECORDED, actor=actor, now=now, fields=fields)


def contact_of(session: Session, unit_id: int) -> UnitContact | None:
    """The newest number of a unit; none where nobody ever gave one."""
    query = select(UnitContact).where(UnitContact.unit_id == unit_id)
    return session.exec(query.order_by(col(UnitContact.id).desc()).limit(1)).first()


def delivery_of(session: Session, message_id: int) -> Delivery | None:
    """The delivery record that counts: the newest."""
    query = select(Delivery).where(Delivery.message_id == message_id)
    return session.exec(query.order_by(col(Delivery.id).desc()).limit(1)).first()


def _announce(session: Session, message: OutgoingMessage, now: datetime) -> None:
    settings = settings_on(session, civil_day(now))
    contact = contact_of(session, message.unit_id)
    if settings.optional_text("sms_gateway") is None or contact is None or contact.mobile is None:
        return
    number = letter_number(message.id or 0, message.made_at)
    session.add(
        TextMessage(
            message_id=message.id or 0,
            public_id=secrets.token_hex(16),
            mobile=contact.mobile,
            text=_ANNOUNCEMENT.format(authority=settings.optional_text("authority") or "", number=number),
            next_at=now,
        )
    )


def _living(session: Session, message_id: int) -> OutgoingMessage:
    query = select(OutgoingMessage).where(OutgoingMessage.id == message_id).with_for_update()
    message = session.exec(query).first()
    if message is None:
        raise MessageError("没有这封信函；请从通知清单重新进入。")
    if message.withdrawn_at is not None:
        raise MessageError("这封信函已经撤回，不再打印和送达。")
    return message


def _require_sense(message: OutgoingMessage, new: NewDelivery, now: datetime) -> None:
    made_on = civil_day(message.made_at)
    if not made_on <= new.delivered_on <= civil_day(now):
        raise MessageError(
            f"送达日期 {new.delivered_on} 不对：应在写信的 {made_on} 到今天之间；请核对。没有记录。"
        )
    for label, value in (("送达人", new.handed_over_by), ("签收人", new.received_by)):
        if len(value.strip()) > _LONGEST_NAME or not is_one_line(value.strip() or "x"):
            raise MessageError(f"{label}应是一行、不超过 {_LONGEST_NAME} 个字的姓名；请改正。没有记录。")
    if not new.handed_over_by.strip():
        raise MessageError("送达人是空的；请写谁送去的，邮寄的写谁寄出。没有记录。")
    if new.receipt is Receipt.SIGNED and not new.received_by.strip():
        raise MessageError("有签收的，请写签收人的姓名。没有记录。")
    if new.receipt in {Receipt.REFUSED, Receipt.POST_SLIP} and not new.note.strip():
        raise MessageError("拒收的写明理由和见证人，邮寄的写明单号。没有记录。")
