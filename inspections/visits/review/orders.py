"""Readings of orders: what operators still owe, how late, and what was said and done about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from inspections.campaigns.tables import Assignment, AssignmentState
from inspections.record.clock import civil_day
from inspections.record.settings import settings_on
from inspections.units.queries import unit_on
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.review.reach import visits_followed_by
from inspections.visits.sync.rechecking import OWED
from inspections.visits.sync.tables import (
    FieldVisit,
    FieldVisitState,
    Order,
    OrderEvent,
    OrderState,
    VisitPhoto,
)

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
    "returned": "说明不能认定，已退回",
    "rechecked_passed": "复查通过",
    "rechecked_failed": "复查未通过",
    "escalated": "立案",
    "reminded": "已催办",
    "corrected_on_spot": "现场已改正",
    "withdrawn": "撤回",
}
_MOST_SETTLED = 200
_TO_RECHECK = frozenset({OrderState.REPORTED, OrderState.FAILED})
_SETTLED = (OrderState.PASSED, OrderState.ESCALATED, OrderState.WITHDRAWN)


@dataclass(frozen=True)
class EventLine:
    """Something that followed an order, with the pictures that came with it."""

    happened_at: datetime
    words: str
    note: str
    recorded_by: str
    evidence: tuple[str, ...]


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
    is_owed: bool
    is_answered: bool
    should_go_on: str
    """Why it is time to decide on a case: the re-check failed, or the reminder was so many days ago."""
    wants_recheck: bool
    """Answered, or failed once, and no re-check of it is assigned."""
    events: tuple[EventLine, ...]


def order_lines(
    session: Session, on: date, *, settled: bool = False, within: int | None = None
) -> list[OrderLine]:
    """Every order that is owed on a day, the latest first; or those that are settled, newest first.

    `within` is an account that sees only orders of visits of its own, or that it is to re-check.
    """
    patience = settings_on(session, on).count("escalation_days")
    if settled:
        query = _orders(_SETTLED, within, on).order_by(col(Order.id).desc())
        return [_line(session, order, on, patience) for order in session.exec(query.limit(_MOST_SETTLED))]
    query = _orders(OWED, within, on).order_by(col(Order.deadline_on), col(Order.id))
    lines = [_line(session, order, on, patience) for order in session.exec(query)]
    return sorted(lines, key=lambda line: (-line.days_late, line.deadline_on or date.max, line.order_id))


def evidence_of(session: Session, order_id: int, sha256: str, on: date, *, within: int | None = None) -> bool:
    """Whether a picture came with an answer to this order: no other is shown beside it."""
    if within is not None and not is_followed_by(session, order_id, within, on):
        return False
    return any(
        sha256 in event.evidence.split(",") for event in events_of(session, order_id) if event.evidence
    )


def is_followed_by(session: Session, order_id: int, account_id: int, on: date) -> bool:
    """Whether an order was made at a visit that an account took part in, or is to re-check by a day."""
    followed = col(Order.field_visit_id).in_(visits_followed_by(account_id, on))
    return session.exec(select(Order.id).where(Order.id == order_id, followed)).first() is not None


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
    """Which kept file shows a photo of a signed visit, and as what; none where it has not arrived."""
    visit = session.get(FieldVisit, field_visit_id)
    if visit is None or visit.state is FieldVisitState.OPEN:
        return None
    photo = session.exec(
        select(VisitPhoto).where(VisitPhoto.field_visit_id == field_visit_id, VisitPhoto.sha256 == sha256)
    ).first()
    if photo is None or photo.complete_at is None:
        return None
    if photo.shown_sha256 is not None:
        return photo.shown_sha256, "image/jpeg"
    return photo.sha256, photo.media_type


def _orders(states: Sequence[OrderState], within: int | None, on: date) -> SelectOfScalar[Order]:
    query = select(Order).where(col(Order.state).in_(states))
    if within is None:
        return query
    return query.where(col(Order.field_visit_id).in_(visits_followed_by(within, on)))


def _line(session: Session, order: Order, on: date, patience: int | None) -> OrderLine:
    unit, visit = (
        session.get_one(CateringUnit, order.unit_id),
        session.get_one(FieldVisit, order.field_visit_id),
    )
    here = unit_on(session, unit.premises_id, on)
    is_here = here is not None and here.unit_id == order.unit_id
    name = (here.version.sign_name or here.version.licence_name) if here and is_here else "（已不在此经营）"
    is_owed = order.state in OWED
    is_running = is_owed and order.state is not OrderState.REPORTED
    late = (on - order.deadline_on).days if order.deadline_on and is_running else 0
    events = events_of(session, order.id or 0)
    reminded = [civil_day(event.happened_at) for event in events if event.kind == "reminded"]
    return OrderLine(
        order_id=order.id or 0,
        field_visit_id=order.field_visit_id,
        record_number=visit.record_number or "",
        unit=name,
        code=session.get_one(Premises, unit.premises_id).code,
        text=order.text,
        items=tuple(filter(None, order.item_codes.split(","))),
        deadline_on=order.deadline_on,
        days_late=max(0, late),
        state=STATE_WORDS[order.state],
        is_owed=is_owed,
        is_answered=order.state is OrderState.REPORTED,
        should_go_on=_why_to_go_on(order, reminded, patience, on),
        wants_recheck=order.state in _TO_RECHECK and not _is_recheck_assigned(session, visit.record_number),
        events=tuple(_event(event) for event in events),
    )


def _why_to_go_on(order: Order, reminded: Sequence[date], patience: int | None, on: date) -> str:
    if order.state is OrderState.FAILED:
        return "复查未通过，请决定是否立案"
    if order.state is OrderState.OPEN and _is_out_of_patience(reminded, patience, on):
        return "催办后仍未改正，请决定是否立案"
    return ""


def _is_recheck_assigned(session: Session, record_number: str | None) -> bool:
    query = select(Assignment.id).where(
        Assignment.recheck_of_key == record_number,
        col(Assignment.state).in_((AssignmentState.WAITING, AssignmentState.ON_SITE)),
    )
    return record_number is not None and session.exec(query).first() is not None


def _is_out_of_patience(reminded: Sequence[date], patience: int | None, on: date) -> bool:
    return bool(reminded) and patience is not None and on > reminded[-1] + timedelta(days=patience)


def _event(event: OrderEvent) -> EventLine:
    return EventLine(
        event.happened_at,
        EVENT_WORDS.get(event.kind, event.kind),
        event.note,
        event.recorded_by,
        tuple(filter(None, event.evidence.split(","))),
    )
