"""What a confirmed re-check settles: each order of the visit before, by the items it named."""

from datetime import datetime

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.rulebooks.queries import checklist_version
from inspections.visits.sync.answers import item_values
from inspections.visits.sync.queries import FieldRecord
from inspections.visits.sync.tables import FieldVisit, Order, OrderEvent, OrderState
from inspections.visits.tables import VisitKind

ORDERS_RECHECKED = declare_event("orders_rechecked", "visit", "record_number", "passed", "failed")

OWED = (OrderState.OPEN, OrderState.REPORTED, OrderState.FAILED)
_SETTLED = frozenset({"pass", "na"})


def settle_orders(session: Session, record: FieldRecord, *, actor: str, now: datetime) -> None:
    """Let a confirmed re-check say of each order whether it was obeyed; what it left out stays open."""
    if record.visit.kind != VisitKind.RECHECK.value:
        return
    outcomes: dict[OrderState, list[int]] = {OrderState.PASSED: [], OrderState.FAILED: []}
    for order in _orders_before(session, record.visit):
        state = _found(session, record, order)
        if state is None:
            continue
        order.state = state
        session.add(order)
        session.add(
            OrderEvent(
                order_id=order.id or 0,
                kind="rechecked_passed" if state is OrderState.PASSED else "rechecked_failed",
                happened_at=now,
                recorded_by=actor,
                note=f"复查记录 {record.visit.record_number}",
            )
        )
        outcomes[state].append(order.id or 0)
    if any(outcomes.values()):
        fields = {
            "visit": record.visit.client_id,
            "record_number": record.visit.record_number,
            "passed": outcomes[OrderState.PASSED],
            "failed": outcomes[OrderState.FAILED],
        }
        write_audit(session, ORDERS_RECHECKED, actor=actor, now=now, fields=fields)


def _orders_before(session: Session, visit: FieldVisit) -> list[Order]:
    """What the unit owes from the visit that is re-checked; from all earlier ones where none is named."""
    query = (
        select(Order)
        .join(FieldVisit, col(FieldVisit.id) == col(Order.field_visit_id))
        .where(Order.unit_id == visit.unit_id, Order.field_visit_id != visit.id)
        .where(col(Order.state).in_(OWED), col(Order.ordered_at) <= visit.opened_at)
    )
    if visit.recheck_of_key is not None:
        query = query.where(FieldVisit.record_number == visit.recheck_of_key)
    return list(session.exec(query.order_by(col(Order.id)).with_for_update(of=Order)))


def _found(session: Session, record: FieldRecord, order: Order) -> OrderState | None:
    """Whether every item that an order names was found in order; none where one was not looked at."""
    before = session.get_one(FieldVisit, order.field_visit_id)
    first = checklist_version(session, before.checklist_version_id)
    codes = [code for code in order.item_codes.split(",") if code]
    if not codes or first.checklist_id != record.stored.checklist_id:
        return None
    items = item_values(record.values)
    answers = {str(items.get(code, {}).get("answer") or "unchecked") for code in codes}
    if "fail" in answers:
        return OrderState.FAILED
    return OrderState.PASSED if answers <= _SETTLED else None
