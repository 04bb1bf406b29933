"""Use cases of what follows a visit's orders: the operator's answers, re-checks, reminders."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.people.sight import account_named, own_visits_only, roles_named
from inspections.people.tables import Role
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day, in_full
from inspections.record.errors import HouseError
from inspections.units.messages.service import write_message
from inspections.units.messages.tables import MessageAbout
from inspections.visits.review.orders import is_followed_by
from inspections.visits.review.reach import took_part
from inspections.visits.sync.tables import (
    FieldVisit,
    Order,
    OrderEvent,
    OrderState,
)

ORDER_FOLLOWED = declare_event("order_followed", "order", "kind", "note")

SCHEDULE = "定时任务"
_NEXT = {
    "returned": OrderState.OPEN,
    "rechecked_passed": OrderState.PASSED,
    "rechecked_failed": OrderState.FAILED,
    "escalated": OrderState.ESCALATED,
}
OUTCOMES = frozenset({"rechecked_passed", "rechecked_failed"})
_OPEN = frozenset({OrderState.OPEN, OrderState.REPORTED, OrderState.FAILED})


class FollowUpError(HouseError):
    """An order that cannot be followed as asked."""


def report_rectified(
    session: Session, order_id: int, *, unit_id: int, text: str, evidence: tuple[str, ...], now: datetime
) -> None:
    """Take an operator's answer to an order, through its unit link; only its own unit's orders."""
    order = _locked(session, order_id)
    if order is None or order.unit_id != unit_id:
        raise FollowUpError("这条责令改正不属于这家单位。")
    if order.state not in _OPEN:
        raise FollowUpError("这条责令改正已经办结，不再接收说明。")
    order.state = OrderState.REPORTED
    session.add(order)
    _append(session, order, "reported", recorded_by="被检查单位", now=now, note=text, evidence=evidence)


def follow_order(session: Session, order_id: int, *, kind: str, note: str, actor: str, now: datetime) -> None:
    """Record that an answer does not do, that an order goes on to a case, or how it ended without a visit.

    Whether an order was obeyed is said by a confirmed re-check, or by a reviewer with no part in the visit.
    """
    order = _locked(session, order_id)
    within, on = own_visits_only(session, actor), civil_day(now)
    if order is None or (within is not None and not is_followed_by(session, order_id, within, on)):
        raise FollowUpError("没有这条责令改正；请从清单重新进入。")
    if kind not in _NEXT:
        raise FollowUpError("请选择要记录的情况；没有记录。")
    if order.state not in _OPEN:
        raise FollowUpError("这条责令改正已经办结；没有记录。")
    if kind == "returned" and order.state is not OrderState.REPORTED:
        raise FollowUpError("单位还没有报告改正，没有可以退回的说明；没有记录。")
    if kind in OUTCOMES:
        _require_independent_reviewer(session, order, actor)
    if not note.strip():
        raise FollowUpError(
            "请写明情况：凭什么认定、复查看到了什么、说明为什么不行，或为什么立案。没有记录。"
        )
    order.state = _NEXT[kind]
    session.add(order)
    event = _append(session, order, kind, recorded_by=actor, now=now, note=note.strip())
    if kind == "returned":
        _write_that_it_does_not_do(session, order, event, actor=actor, now=now)
    fields = {"order": order_id, "kind": kind, "note": note.strip()}
    write_audit(session, ORDER_FOLLOWED, actor=actor, now=now, fields=fields)


def remind_overdue(session: Session, on: date, now: datetime) -> int:
    """Write one letter for each order whose deadline has passed unanswered; each order is reminded once."""
    query = select(Order).where(Order.state == OrderState.OPEN, col(Order.deadline_on) < on)
    reminded = set(session.exec(select(OrderEvent.order_id).where(OrderEvent.kind == "reminded")))
    late = [order for order in session.exec(query.order_by(col(Order.id))) if order.id not in reminded]
    for order in late:
        text = (
            f"{_record_of(session, order)}责令贵单位于{in_full(order.deadline_on or on)}前改正："
            f"{_said(order)}\n"
            "期限已过，本局没有收到改正情况。\n"
            "请立即改正，并通过检查时交付的凭单上的链接，或到本局书面说明。逾期不改正的，将依法处理。"
        )
        write_message(
            session,
            unit_id=order.unit_id,
            about=MessageAbout.OVERDUE,
            reference=f"order/{order.id}/overdue",
            text=text,
            actor=SCHEDULE,
            now=now,
        )
        _append(session, order, "reminded", recorded_by=SCHEDULE, now=now)
    return len(late)


def _write_that_it_does_not_do(
    session: Session, order: Order, event: OrderEvent, *, actor: str, now: datetime
) -> None:
    until = f"期限仍是{in_full(order.deadline_on)}。" if order.deadline_on else ""
    write_message(
        session,
        unit_id=order.unit_id,
        about=MessageAbout.ANSWER_RETURNED,
        reference=f"order/{order.id}/returned/{event.id}",
        text=(
            f"{_record_of(session, order)}责令贵单位改正：{_said(order)}\n"
            f"贵单位的改正说明已收到，尚不能认定已经改正：{event.note.rstrip('。')}。\n"
            f"请继续改正，再通过凭单上的链接或到本局说明。{until}"
        ),
        actor=actor,
        now=now,
    )


def _record_of(session: Session, order: Order) -> str:
    number = session.get_one(FieldVisit, order.field_visit_id).record_number or ""
    return f"本局监督检查记录“{number}”"


def _said(order: Order) -> str:
    return f"{order.text.rstrip('。')}。"


def _require_independent_reviewer(session: Session, order: Order, actor: str) -> None:
    if Role.REVIEWER not in roles_named(session, actor):
        raise FollowUpError("复查结果由复查记录经复核确认后自动记入；请安排复查，或请复核人认定。没有记录。")
    if took_part(session, order.field_visit_id, account_named(session, actor)):
        raise FollowUpError("自己参加的检查，责令改正不能由自己认定；请由没有参加的复核人认定。没有记录。")


def _locked(session: Session, order_id: int) -> Order | None:
    return session.exec(select(Order).where(Order.id == order_id).with_for_update()).first()


def _append(
    session: Session,
    order: Order,
    kind: str,
    *,
    recorded_by: str,
    now: datetime,
    note: str = "",
    evidence: tuple[str, ...] = (),
) -> OrderEvent:
    event = OrderEvent(
        order_id=order.id or 0,
        kind=kind,
        happened_at=now,
        recorded_by=recorded_by,
        note=note,
        evidence=",".join(evidence),
    )
    session.add(event)
    session.flush()
    return event
