"""Opening a visit from its first change: who may visit which unit, and by which rules."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import PARTIAL
from inspections.campaigns.tables import AssignmentState
from inspections.people.tables import Account, AccountRole, Recusal, Role
from inspections.record.clock import civil_day
from inspections.record.database import insert_if_absent, table_of
from inspections.record.epochs import restored_at
from inspections.record.settings import settings_on
from inspections.rulebooks.queries import checklist_version
from inspections.rulebooks.tables import ChecklistVersion, RulebookVersion
from inspections.units.queries import unit_on
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.answering_campaigns import records_of
from inspections.visits.sync.assignments import Told, find_told, note_progress
from inspections.visits.sync.queries import find_field_visit
from inspections.visits.sync.refusals import RefusedError, refuse
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from inspections.visits.sync.values import VisitValue


@dataclass(frozen=True)
class Sender:
    """Who sends, from which tablet."""

    account_id: int
    name: str
    tablet_id: int


def require_part(visit: FieldVisit, sender: Sender) -> None:
    """Only the two inspectors of a visit change it."""
    if sender.account_id not in {visit.lead_account_id, visit.second_account_id}:
        raise RefusedError("other_visit")


def open_field_visit(
    session: Session, client_id: str, value: VisitValue, *, sender: Sender, now: datetime
) -> FieldVisit:
    """Open a visit, or give the one that another tablet opened at the same moment."""
    day = civil_day(now)
    told = find_told(session, client_id)
    assignment = None if told is None else told.assignment
    if told is not None:
        unit_id = _assigned(session, told, value, sender, day)
    else:
        _require_no_task(session, client_id, value)
        unit_id = _own(session, value, sender)
    # Whoever was sent was told what held when the visit began; what was decided since loses nothing.
    began = now if assignment is None else min(value.opened_at, now)
    _require_inspectors(session, value, unit_id, began)
    _require_code(session, unit_id, value.unit)
    rules = rules_named(session, value)
    row = {
        "client_id": client_id,
        "assignment_id": assignment.id if assignment else None,
        "unit_id": unit_id,
        "kind": value.kind,
        "source": value.source,
        "reason": value.reason,
        "checklist_version_id": rules[0],
        "rulebook_version_id": rules[1],
        "lead_account_id": value.lead,
        "second_account_id": value.second,
        "state": FieldVisitState.OPEN,
        "opened_at": value.opened_at,
        "received_at": now,
        "covers": "",
        "items": assignment.items if assignment else ",".join(value.items),
        "recheck_of_key": assignment.recheck_of_key if assignment else value.recheck_of,
    }
    if insert_if_absent(session, table_of(FieldVisit), row) and assignment:
        note_progress(session, assignment, client_id, AssignmentState.ON_SITE, actor=sender.name, now=now)
    visit = find_field_visit(session, client_id, lock=True)
    if visit is None:
        raise RefusedError("unknown_visit")
    require_same(visit, value)
    return visit


def require_same(visit: FieldVisit, value: VisitValue) -> None:
    """What a visit is about stays: another unit, task, kind or inspector would be another visit."""
    same = (
        visit.kind == value.kind
        and visit.lead_account_id == value.lead
        and visit.second_account_id == value.second
        and value.assignment in ({visit.client_id} if visit.assignment_id else {None, visit.client_id})
    )
    if not same:
        raise RefusedError("visit_differs")


def rules_named(session: Session, value: VisitValue) -> tuple[int, int | None]:
    """The stored checklist and rulebook that a visit names."""
    checklist = session.exec(
        select(ChecklistVersion.id).where(ChecklistVersion.sha256 == value.checklist)
    ).first()
    if checklist is None:
        raise refuse("invalid", "value/checklist", "没有这个版本的检查要点表")
    if value.rulebook is not None and session.get(RulebookVersion, value.rulebook) is None:
        raise refuse("invalid", "value/rulebook", "没有这个版本的规则")
    return checklist, value.rulebook


def _assigned(session: Session, told: Told, value: VisitValue, sender: Sender, day: date) -> int:
    """The unit of an assignment, where it is released to the sender and the change agrees with it."""
    assignment, team = told.assignment, told.team
    released = assignment.release_on is not None and assignment.release_on <= day
    # A team without a network does not hear that its unit or it itself was replaced: what it does for as long
    # as it may work like that is evidence all the same.
    unheard = timedelta(days=settings_on(session, day).number("tablet_offline_days"))
    is_over = told.ended_at is not None and value.opened_at >= told.ended_at + unheard
    if sender.account_id not in {team.lead_account_id, team.second_account_id} or not released or is_over:
        raise RefusedError("not_assigned")
    agreed = (team.public_id, assignment.kind, team.lead_account_id, team.second_account_id)
    if agreed != (value.assignment, value.kind, value.lead, value.second):
        raise RefusedError("visit_differs")
    return assignment.unit_id


def _require_no_task(session: Session, client_id: str, value: VisitValue) -> None:
    """A visit that names a task needs it, and a campaign's visit always; a restored backup may lack both."""
    if value.assignment == client_id and restored_at(session) is not None:
        return
    if value.assignment is not None:
        raise refuse("invalid", "value/assignment", "没有这个任务")
    if value.kind == "campaign":
        raise refuse("invalid", "value/kind", "随机查餐厅的检查要有任务")


def _own(session: Session, value: VisitValue, sender: Sender) -> int:
    """The unit of a visit without an assignment."""
    if sender.account_id not in {value.lead, value.second}:
        raise RefusedError("other_visit")
    door = session.exec(select(Premises.id).where(Premises.code == value.unit)).first()
    unit = unit_on(session, door, civil_day(value.opened_at)) if door else None
    if unit is None:
        raise refuse("invalid", "value/unit", "没有这个门店码的单位")
    _require_part(session, value)
    _require_record(session, unit.unit_id, value.recheck_of)
    return unit.unit_id


def _require_part(session: Session, value: VisitValue) -> None:
    """Only a flying visit and a re-check look at a part, and only at items that there are."""
    if value.items and value.kind not in PARTIAL:
        raise refuse("invalid", "value/items", "只有飞行检查和复查可以只查几项")
    if value.recheck_of is not None and value.kind != "recheck":
        raise refuse("invalid", "value/recheck_of", "只有复查要写明复查哪一次检查")
    checklist = checklist_version(session, rules_named(session, value)[0]).checklist
    unknown = set(value.items) - {item.code for item in checklist.items}
    if unknown:
        raise refuse("invalid", "value/items", f"检查要点表里没有这些项目：{'、'.join(sorted(unknown))}")


def _require_record(session: Session, unit_id: int, record: str | None) -> None:
    """A re-check names a record of its unit; a restored backup may lack it."""
    is_there = record is None or record in records_of(session, unit_id)
    if not is_there and restored_at(session) is None:
        raise refuse("invalid", "value/recheck_of", f"这家单位没有编号为“{record}”的检查记录")


def _require_code(session: Session, unit_id: int, code: str) -> None:
    query = (
        select(Premises.code)
        .join(CateringUnit, col(CateringUnit.premises_id) == col(Premises.id))
        .where(CateringUnit.id == unit_id)
    )
    if session.exec(query).first() != code:
        raise RefusedError("visit_differs")


def _require_inspectors(session: Session, value: VisitValue, unit_id: int, at: datetime) -> None:
    """Two different inspectors (Order 49, art. 23), neither of them recused from the unit at that instant."""
    day = civil_day(at)
    if value.lead == value.second:
        raise refuse("invalid", "value/second", "检查人员要有两名")
    query = (
        select(Account.id)
        .join(AccountRole, col(AccountRole.account_id) == col(Account.id))
        .where(col(Account.id).in_([value.lead, value.second]), AccountRole.role == Role.INSPECTOR)
        .where(col(Account.revoked_at).is_(None) | (col(Account.revoked_at) > at))
    )
    if len(session.exec(query).all()) != 2:
        raise refuse("invalid", "value/second", "检查人员不是可用的检查账号")
    barred = (
        select(Recusal.id)
        .where(col(Recusal.account_id).in_([value.lead, value.second]), Recusal.unit_id == unit_id)
        .where(col(Recusal.recorded_at) <= at, col(Recusal.from_on) <= day)
        .where(col(Recusal.until_on).is_(None) | (col(Recusal.until_on) >= day))
    )
    if session.exec(barred).first() is not None:
        raise RefusedError("recused")
