"""Whose a visit is: what was seen at a door is of whoever traded there that day, as the register has it."""

from datetime import datetime

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.errors import HouseError
from inspections.units.links import move_link
from inspections.units.messages.handing import move_link_letter
from inspections.units.queries import UnitOnDoor, unit_on
from inspections.units.tables import CateringUnit
from inspections.visits.held_back import awaited_by
from inspections.visits.sync.tables import FieldVisit, Order, RegisterFinding

VISIT_ATTRIBUTED = declare_event("field_visit_attributed", "visit", "record_number", "from_unit", "to_unit")

NEW_OPERATOR = "new_operator"
REGISTERED, KEPT = "registered", "kept"
"""What became of an accepted finding: the register now says so, or it stays as it was, with a reason."""


class AttributionError(HouseError):
    """A visit of somebody whom the register does not know yet."""


def trader_instead(session: Session, visit: FieldVisit) -> UnitOnDoor | None:
    """Who traded at a visit's door on its day in place of the unit it was made for; none where that did."""
    unit, day = session.get_one(CateringUnit, visit.unit_id), civil_day(visit.opened_at)
    if unit.until_on is None or unit.until_on >= day:
        return None
    found = unit_on(session, unit.premises_id, day)
    is_other = found is not None and found.unit_id != unit.id
    traded = found is not None and (found.until_on is None or found.until_on >= day)
    return found if is_other and traded else None


def attribute(session: Session, visit: FieldVisit, *, actor: str, now: datetime) -> None:
    """Book a visit, its orders and its link to whoever traded at the door; refused while nobody knows who."""
    findings = session.exec(
        select(RegisterFinding)
        .where(RegisterFinding.field_visit_id == visit.id, RegisterFinding.kind == NEW_OPERATOR)
        .where(col(RegisterFinding.decision).is_distinct_from("rejected"))
        .where(col(RegisterFinding.settlement).is_(None))
    ).all()
    instead = trader_instead(session, visit)
    if instead is None:
        awaited = awaited_by(session, visit) if findings else None
        if awaited is not None:
            raise AttributionError(
                f"这次检查发现换了经营者，又属于 {awaited.campaign} 期随机抽查：名单公布以前（最迟 "
                f"{awaited.reveal_by}）不能改登记。公布之后先采纳这条登记问题，由编辑登记现在的经营者，再确认；"
                "其实没有换人的，选不采纳，现在就可以确认。没有确认。"
            )
        if findings:
            raise AttributionError(
                "这次检查发现换了经营者，不能算在原来的单位名下。请先采纳这条登记问题，由编辑在名册里登记现在的"
                "经营者（“生效日期”不晚于检查日），再确认；其实没有换人的，选不采纳。没有确认。"
            )
        return
    before, visit.unit_id = visit.unit_id, instead.unit_id
    session.add(visit)
    for order in session.exec(select(Order).where(Order.field_visit_id == visit.id)):
        order.unit_id = instead.unit_id
        session.add(order)
    for link_id in move_link(session, visit.record_number or visit.client_id, unit_id=instead.unit_id):
        move_link_letter(session, link_id, instead.unit_id)
    for finding in findings:
        settle(session, finding, REGISTERED, "", actor=actor, now=now)
    fields = {
        "visit": visit.client_id,
        "record_number": visit.record_number,
        "from_unit": before,
        "to_unit": instead.unit_id,
    }
    write_audit(session, VISIT_ATTRIBUTED, actor=actor, now=now, fields=fields)


def settle(
    session: Session, finding: RegisterFinding, settlement: str, note: str, *, actor: str, now: datetime
) -> None:
    """Note what became of an accepted finding."""
    finding.settlement, finding.settlement_note = settlement, note
    finding.settled_by, finding.settled_at = actor, now
    session.add(finding)
