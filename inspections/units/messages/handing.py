"""Letters about unit links: one that a visit handed over, and one that the office issued anew."""

from datetime import date, datetime

from sqlmodel import Session

from inspections.record.clock import in_full
from inspections.units.messages.queries import message_of
from inspections.units.messages.service import write_message
from inspections.units.messages.tables import Delivery, DeliveryWay, MessageAbout, Receipt


def note_link_handed(
    session: Session, link_id: int, unit_id: int, record_number: str, *, actor: str, on: date, now: datetime
) -> None:
    """Record that a slip was handed over at a visit: written and delivered in one, as its paper shows."""
    reference = f"link/{link_id}/handed"
    if message_of(session, reference) is not None:
        return
    message_id = write_message(
        session,
        unit_id=unit_id,
        about=MessageAbout.LINK_HANDED,
        reference=reference,
        text=f"检查记录“{record_number}”当场交付单位链接凭单一张，随告知页一并交给在场负责人。",
        actor=actor,
        now=now,
    )
    session.add(
        Delivery(
            message_id=message_id,
            delivered_on=on,
            way=DeliveryWay.IN_PERSON,
            handed_over_by=actor,
            receipt=Receipt.IN_RECORD,
            note=f"检查记录 {record_number}",
            recorded_by=actor,
            recorded_at=now,
        )
    )


def move_link_letter(session: Session, link_id: int, unit_id: int) -> None:
    """The letter of a link that was handed over belongs to the unit that the visit is booked to."""
    letter = message_of(session, f"link/{link_id}/handed")
    if letter is not None:
        letter.unit_id = unit_id
        session.add(letter)


def write_link_renewed(
    session: Session, link_id: int, unit_id: int, *, expires_on: date, actor: str, now: datetime
) -> int:
    """Write the letter that goes with a new slip; the link itself stands on the slip alone."""
    return write_message(
        session,
        unit_id=unit_id,
        about=MessageAbout.LINK_RENEWED,
        reference=f"link/{link_id}/renewed",
        text=(
            f"随函换发单位链接凭单一张，有效至{in_full(expires_on)}；原来的凭单同时作废。\n"
            "凭它可以查看贵单位的检查记录，对责令改正作书面说明并附照片。请妥善保管，不要转发。"
        ),
        actor=actor,
        now=now,
    )
