"""One unit's own view, gathered for its link: its visits from tablets, and what it owes."""

from datetime import date

from sqlmodel import Session, col, select

from grading.vocabulary import VisitKind
from inspections.inbox.views import OrderView, UnitView, VisitView
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.units.links import LiveLink
from inspections.units.queries import unit_on
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.review.orders import EVENT_WORDS, STATE_WORDS, events_of, orders_of_unit
from inspections.visits.sync.answers import failed_items, mapping_of, obstruction_of
from inspections.visits.sync.queries import field_record
from inspections.visits.sync.reviewing import finding_in_words
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, Order, OrderState
from inspections.visits.wording import result_name

_VISITS_SHOWN = 4
_SHOWN_STATES = (FieldVisitState.SIGNED, FieldVisitState.RETURNED, FieldVisitState.CONFIRMED)
# What the operator said, and why it does not do; what the staff note about a case is for the staff.
_SHOWN_NOTES = frozenset({"reported", "returned"})
_ANSWERABLE = frozenset({OrderState.OPEN, OrderState.REPORTED, OrderState.FAILED})


def unit_view(session: Session, link: LiveLink, on: date) -> UnitView:
    """What the operator behind a link may see: its own unit and nothing more."""
    unit = session.get_one(CateringUnit, link.unit_id)
    premises = session.get_one(Premises, unit.premises_id)
    here = unit_on(session, unit.premises_id, on)
    version = here.version if here is not None and here.unit_id == link.unit_id else None
    return UnitView(
        name=(version.sign_name or version.licence_name) if version else "",
        address=premises.address + premises.door_label,
        code=premises.code,
        visits=tuple(_visits(session, link.unit_id)),
        orders=tuple(_order(session, order) for order in orders_of_unit(session, link.unit_id)),
    )


def _visits(session: Session, unit_id: int) -> list[VisitView]:
    query = (
        select(FieldVisit)
        .where(FieldVisit.unit_id == unit_id, col(FieldVisit.state).in_(_SHOWN_STATES))
        .order_by(col(FieldVisit.id).desc())
        .limit(_VISITS_SHOWN)
    )
    return [_visit(session, visit) for visit in session.exec(query)]


def _visit(session: Session, visit: FieldVisit) -> VisitView:
    record = field_record(session, visit)
    decided = mapping_of(record.values, "decision").get("result")
    result = "无法检查" if obstruction_of(record.values) else result_name(session, str(decided or "") or None)
    places = record.stored.checklist.position
    items = record.stored.checklist.items
    return VisitView(
        record_number=visit.record_number or "",
        visited_on=civil_day(visit.opened_at),
        kind=VisitKind(visit.kind).zh,
        result=result,
        findings=tuple(
            finding_in_words(item) or f"不符合：{items[places[item.code]].text}"
            for item in failed_items(record.stored.checklist, record.values)
        ),
    )


def _order(session: Session, order: Order) -> OrderView:
    said = [
        f"{event.happened_at.astimezone(PEOPLE_ZONE):%Y-%m-%d} {EVENT_WORDS.get(event.kind, event.kind)}"
        + (f"：{event.note}" if event.note and event.kind in _SHOWN_NOTES else "")
        for event in events_of(session, order.id or 0)
    ]
    return OrderView(
        order_id=order.id or 0,
        text=order.text,
        items=tuple(filter(None, order.item_codes.split(","))),
        deadline_on=order.deadline_on,
        state=STATE_WORDS[order.state],
        may_answer=order.state in _ANSWERABLE,
        said=tuple(said),
    )
