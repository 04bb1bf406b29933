"""Readings of orders: what operators still owe, how late, and what was said and done about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from inspections.units.queries import unit_on
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.sync.tables import FieldVisit, Order, OrderEvent, OrderState, VisitPhoto

STATE_WORDS = {
    OrderState.OPEN: "待改正",
    OrderState.REPORTED: "单位已报改正，待复查",
    OrderState.PASSED: "已改正",
    OrderState.FAILED: "复查未通过",
    OrderState.ESCALATED: "已立案",
    OrderState.WITHDRAWN: "已撤回",
}
EVENT_WORDS = {
    "reported": "单位报告改正",
    "rechecked_passed": "复查通过",
    "rechecked_failed": "复查未通过",
    "escalated": "立案",
    "reminded": "已催办",
    "corrected_on_spot": "现场已改正",
    "withdrawn": "撤回",
}
_OWED = (OrderState.OPEN, OrderState.REPORTED, OrderState.FAILED)


@dataclass(frozen=True)
class OrderLine:
    """An order that is not settled."""

    order_id: int
    field_visit_id: int
    record_number: str
    unit: str
    code: str
    text: str
    items: tuple[str, ...]
    deadline_on: date | None
    days_late: int
    state: str
    events: tuple[OrderEvent, ...]


def order_lines(session: Session, on: date) -> list[OrderLine]:
    """Every order that is owed on a day, the latest first."""
    query = select(Order).where(col(Order.state).in_(_OWED)).order_by(col(Order.deadline_on), col(Order.id))
    lines = [_line(session, order, on) for order in session.exec(query)]
    return sorted(lines, key=lambda line: (-line.days_late, line.deadline_on or date.max, line.order_id))


def late_orders(lines: Sequence[OrderLine]) -> int:
    """How many of these are late."""
    return sum(line.days_late > 0 for line in lines)


def orders_of_unit(session: Session, unit_id: int) -> list[Order]:
    """The orders of a unit that were not withdrawn, newest first."""
    query = select(Order).where(Order.unit_id == unit_id, col(Order.state) != OrderState.WITHDRAWN)
    return list(session.exec(query.order_by(col(Order.id).desc())))


def events_of(session: Session, order_id: int) -> list[OrderEvent]:
    """What followed an order, in order."""
    query = select(OrderEvent).where(OrderEvent.order_id == order_id)
    return list(session.exec(query.order_by(col(OrderEvent.id))))


def photo_of_visit(session: Session, field_visit_id: int, sha256: str) -> tuple[str, str] | None:
    """Which kept file shows a photo of a visit, and as what; none where it has not arrived."""
    photo = session.exec(
        select(VisitPhoto).where(VisitPhoto.field_visit_id == field_visit_id, VisitPhoto.sha256 == sha256)
    ).first()
    if photo is None or photo.complete_at is None:
        return None
    if photo.shown_sha256 is not None:
        return photo.shown_sha256, "image/jpeg"
    return photo.sha256, photo.media_type


def _line(session: Session, order: Order, on: date) -> OrderLine:
    unit = session.get_one(CateringUnit, order.unit_id)
    here = unit_on(session, unit.premises_id, on)
    name = (here.version.sign_name or here.version.licence_name) if here else ""
    late = (on - order.deadline_on).days if order.deadline_on and order.state != OrderState.REPORTED else 0
    return OrderLine(
        order_id=order.id or 0,
        field_visit_id=order.field_visit_id,
        record_number=session.get_one(FieldVisit, order.field_visit_id).record_number or "",
        unit=name,
        code=session.get_one(Premises, unit.premises_id).code,
        text=order.text,
        items=tuple(filter(None, order.item_codes.split(","))),
        deadline_on=order.deadline_on,
        days_late=max(0, late),
        state=STATE_WORDS[order.state],
        events=tuple(events_of(session, order.id or 0)),
    )
