"""What follows from a signed visit: orders, what it found about the register, the exam, the unit link."""

import json
from datetime import datetime

from sqlmodel import Session, col, select

from inspections.campaigns.tables import Assignment, AssignmentState
from inspections.record.clock import civil_day
from inspections.record.settings import settings_on
from inspections.units.links import UnitLinkError, bind_link, note_act
from inspections.units.messages.handing import note_link_handed
from inspections.visits.sync.answers import (
    Values,
    day_of,
    item_values,
    mapping_of,
    obstruction_of,
    rows_of,
    texts_of,
)
from inspections.visits.sync.assignments import note_progress
from inspections.visits.sync.procedure import CLOSED_DOOR
from inspections.visits.sync.refusals import RefusedError
from inspections.visits.sync.tables import (
    ExamResult,
    FieldVisit,
    Order,
    OrderEvent,
    OrderState,
    RegisterFinding,
)


def follow_signature(
    session: Session, visit: FieldVisit, values: Values, *, actor: str, now: datetime
) -> None:
    """Record what a signature sets going; a signed addendum replaces what it says otherwise."""
    _orders(session, visit, values, actor=actor, now=now)
    _register_findings(session, visit, values)
    _exam(session, visit, values)
    _link(session, visit, values, actor=actor, now=now)
    if visit.assignment_id is not None:
        result = mapping_of(values, "decision").get("result")
        note_progress(
            session,
            session.get_one(Assignment, visit.assignment_id),
            visit.client_id,
            _state_after(values),
            actor=actor,
            now=now,
            visited_on=civil_day(visit.opened_at),
            result=None if result is None else str(result),
            photo_sha256=next(iter(texts_of(mapping_of(values, "obstruction").get("photos"))), None),
        )


def _link(session: Session, visit: FieldVisit, values: Values, *, actor: str, now: datetime) -> None:
    """The link that was handed over with the notice page gets its unit, its visit and its last day."""
    token_hash = mapping_of(values, "link").get("token_hash")
    if not isinstance(token_hash, str):
        return
    on = civil_day(now)
    try:
        link_id = bind_link(
            session,
            token_hash,
            unit_id=visit.unit_id,
            record_key=visit.record_number or visit.client_id,
            lasts_days=settings_on(session, on).number("unit_link_days"),
            actor=actor,
            on=on,
            now=now,
        )
    except UnitLinkError as error:
        raise RefusedError("link_not_leased") from error
    number = visit.record_number or ""
    note_act(session, link_id, "handed_over", note=number, now=now)
    handed_on = civil_day(visit.signed_at or now)
    note_link_handed(session, link_id, visit.unit_id, number, actor=actor, on=handed_on, now=now)


def _state_after(values: Values) -> AssignmentState:
    obstruction = obstruction_of(values)
    if obstruction is None:
        return AssignmentState.DONE
    is_closed = obstruction.get("ground") == CLOSED_DOOR
    return AssignmentState.CLOSED_DOOR if is_closed else AssignmentState.COULD_NOT_INSPECT


def _orders(session: Session, visit: FieldVisit, values: Values, *, actor: str, now: datetime) -> None:
    """Orders run from the instant of the signature; one that an addendum no longer names is withdrawn."""
    wanted = {
        (",".join(texts_of(row.get("items"))), str(row.get("text") or ""), day_of(row.get("deadline_on")))
        for row in rows_of(values, "orders")
    }
    query = select(Order).where(Order.field_visit_id == visit.id, col(Order.state) != OrderState.WITHDRAWN)
    standing = {(order.item_codes, order.text, order.deadline_on): order for order in session.exec(query)}
    for key, order in standing.items():
        if key not in wanted:
            order.state = OrderState.WITHDRAWN
            session.add(order)
            _note(session, order, "withdrawn", actor=actor, now=now)
    for codes, text, deadline_on in sorted(wanted - set(standing), key=str):
        order = Order(
            field_visit_id=visit.id or 0,
            unit_id=visit.unit_id,
            item_codes=codes,
            text=text,
            ordered_at=visit.signed_at or now,
            deadline_on=deadline_on,
        )
        session.add(order)
        if _put_right_at_once(values, codes):
            session.flush()
            order.state = OrderState.PASSED
            _note(session, order, "corrected_on_spot", actor=actor, now=now)


def _put_right_at_once(values: Values, codes: str) -> bool:
    """Whether every item of an order was put right before the inspectors left."""
    items = item_values(values)
    named = codes.split(",") if codes else []
    return bool(named) and all(items.get(code, {}).get("corrected_on_spot") is True for code in named)


def _note(session: Session, order: Order, kind: str, *, actor: str, now: datetime) -> None:
    session.add(OrderEvent(order_id=order.id or 0, kind=kind, happened_at=now, recorded_by=actor))


def _register_findings(session: Session, visit: FieldVisit, values: Values) -> None:
    """Proposals for the register that nobody has decided yet; a decided one stays."""
    query = select(RegisterFinding).where(RegisterFinding.field_visit_id == visit.id)
    known = {finding.kind: finding for finding in session.exec(query)}
    named = {key.removeprefix("register/") for key in values if key.startswith("register/")}
    for kind, finding in known.items():
        if finding.decision is None and kind not in named:
            session.delete(finding)
    for kind in sorted(named):
        said = mapping_of(values, f"register/{kind}")
        row = known.get(kind) or RegisterFinding(field_visit_id=visit.id or 0, kind=kind)
        if row.decision is None:
            value = said.get("value")
            row.note, row.value = str(said.get("note") or ""), None if value is None else str(value)
            session.add(row)


def _exam(session: Session, visit: FieldVisit, values: Values) -> None:
    said = mapping_of(values, "exam")
    if not said:
        return
    query = select(ExamResult).where(ExamResult.field_visit_id == visit.id)
    row = session.exec(query).first() or ExamResult(
        field_visit_id=visit.id or 0, questions="", asked=0, right=0, question_file_sha256=""
    )
    row.questions = json.dumps(said.get("answers"), ensure_ascii=False, sort_keys=True)
    row.asked, row.right = int(str(said["asked"])), int(str(said["right"]))
    row.question_file_sha256 = str(said["file"])
    session.add(row)
