"""What visits found about the register: decided by a reviewer, carried out at once or by an editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.errors import HouseError
from inspections.units.amending import change_sign, close_unit
from inspections.units.queries import newest_version
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.held_back import awaited_by
from inspections.visits.sync.attributing import KEPT, NEW_OPERATOR, REGISTERED, settle, trader_instead
from inspections.visits.sync.reviewing import Reviewing, seen_by_another
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, RegisterFinding

REGISTER_FINDING_DECIDED = declare_event("register_finding_decided", "finding", "kind", "decision")
REGISTER_FINDING_SETTLED = declare_event("register_finding_settled", "finding", "kind", "settlement", "note")

REGISTER_WORDS = {
    "sign_changed": "牌匾与登记不同",
    "closed": "已停业",
    "new_operator": "换了经营者",
    "plate_seen": "公示牌挂着",
    "plate_missing": "公示牌不在",
    "unlicensed": "没有许可证",
}
WORK_OF_THE_OFFICE = frozenset({NEW_OPERATOR, "unlicensed"})
"""What no visit can put into the register by itself: papers are needed, which an editor gets."""
_SETTLEMENTS = {REGISTERED: "已办", KEPT: "登记不改"}
_OF_OPERATOR = {REGISTERED: "已登记现在的经营者", KEPT: "查明检查日仍由原单位经营，登记不改"}


class RegisterFindingError(HouseError):
    """A finding about the register that cannot be decided or settled as asked."""


def settlements_of(kind: str) -> dict[str, str]:
    """How a finding of a kind may be settled; what is kept of an operator says whose the visit is."""
    return _OF_OPERATOR if kind == NEW_OPERATOR else _SETTLEMENTS


@dataclass(frozen=True)
class RegisterWork:
    """An accepted finding that an editor carries out, or has."""

    finding: RegisterFinding
    word: str
    unit_id: int
    unit: str
    code: str
    address: str
    record_number: str
    visited_on: date
    trader: str | None
    """Who traded at the door on the day of the visit, where the register knows somebody else by now."""


def decide_register_finding(
    session: Session, finding_id: int, *, accept: bool, reviewing: Reviewing, now: datetime
) -> RegisterFinding:
    """Accept what a visit found about the register (it changes, or an editor is to), or leave it as it is."""
    actor = seen_by_another(session, reviewing)
    finding = _locked(session, finding_id)
    if finding is None or finding.field_visit_id != reviewing.field_visit_id:
        raise RegisterFindingError("没有这条登记问题；请从复核页重新进入。")
    if finding.decision is not None:
        raise RegisterFindingError(f"这条登记问题已由{finding.decided_by}处理过。")
    if accept:
        _require_public(session, finding)
        _change_register(session, finding, actor=actor, now=now)
    finding.decision = "accepted" if accept else "rejected"
    finding.decided_by, finding.decided_at = actor, now
    session.add(finding)
    fields = {"finding": finding_id, "kind": finding.kind, "decision": finding.decision}
    write_audit(session, REGISTER_FINDING_DECIDED, actor=actor, now=now, fields=fields)
    return finding


def settle_register_finding(
    session: Session, finding_id: int, *, settlement: str, note: str, actor: str, now: datetime
) -> None:
    """Record that an editor carried out an accepted finding, or why the register stays as it is."""
    finding = _locked(session, finding_id)
    if finding is None or finding.kind not in WORK_OF_THE_OFFICE or finding.decision != "accepted":
        raise RegisterFindingError("没有这条登记待办；请从清单重新进入。")
    if finding.settlement is not None:
        raise RegisterFindingError(f"这条登记待办已由{finding.settled_by}办结。")
    if settlement not in settlements_of(finding.kind):
        raise RegisterFindingError("请选择怎么办结；没有记录。")
    if not note.strip():
        raise RegisterFindingError("请写明办了什么，或为什么不改；没有记录。")
    visit = session.get_one(FieldVisit, finding.field_visit_id)
    is_new_operator = finding.kind == NEW_OPERATOR
    if is_new_operator and settlement == REGISTERED and trader_instead(session, visit) is None:
        raise RegisterFindingError(
            f"名册里这个门店码在检查日（{civil_day(visit.opened_at)}）仍是原来的单位。请在“导入名册”里导入现在"
            "经营者的许可证（填门店码，“生效日期”不晚于检查日），确认换经营者后再办结。没有记录。"
        )
    settle(session, finding, settlement, note.strip(), actor=actor, now=now)
    fields = {
        "finding": finding_id, "kind": finding.kind, "settlement": settlement, "note": note.strip(),
    }  # fmt: skip
    write_audit(session, REGISTER_FINDING_SETTLED, actor=actor, now=now, fields=fields)


def register_work(session: Session, *, settled: int = 0) -> tuple[list[RegisterWork], list[RegisterWork]]:
    """What editors are still to carry out, the oldest first; and so many of what they did last."""
    query = select(RegisterFinding).where(
        col(RegisterFinding.kind).in_(WORK_OF_THE_OFFICE), RegisterFinding.decision == "accepted"
    )
    is_open, last = col(RegisterFinding.settlement).is_(None), col(RegisterFinding.settled_at).desc()
    waiting = session.exec(query.where(is_open).order_by(col(RegisterFinding.decided_at))).all()
    done = session.exec(query.where(~is_open).order_by(last).limit(settled)).all()
    return _works(session, waiting), _works(session, done)


def _works(session: Session, findings: Sequence[RegisterFinding]) -> list[RegisterWork]:
    return [_work(session, finding) for finding in findings]


def _work(session: Session, finding: RegisterFinding) -> RegisterWork:
    visit = session.get_one(FieldVisit, finding.field_visit_id)
    unit = session.get_one(CateringUnit, visit.unit_id)
    door = session.get_one(Premises, unit.premises_id)
    newest = newest_version(session, visit.unit_id)
    instead = trader_instead(session, visit)
    return RegisterWork(
        finding=finding,
        word=REGISTER_WORDS[finding.kind],
        unit_id=visit.unit_id,
        unit=newest.sign_name or newest.licence_name,
        code=door.code,
        address=f"{door.address}{door.door_label}",
        record_number=visit.record_number or "",
        visited_on=civil_day(visit.opened_at),
        trader=None if instead is None else instead.version.sign_name or instead.version.licence_name,
    )


def _require_public(session: Session, finding: RegisterFinding) -> None:
    """The register is public: what a visit found about it may change it no sooner than the visit counts.

    A new operator is accepted before the visit is confirmed: it says whose the visit is.
    """
    visit = session.get_one(FieldVisit, finding.field_visit_id)
    awaited = awaited_by(session, visit)
    if awaited is not None:
        raise RegisterFindingError(
            f"这次检查属于 {awaited.campaign} 期随机抽查，登记一改就看得出抽中了哪家；名单公布之后再采纳"
            f"（最迟 {awaited.reveal_by} 公布）。登记没有改动。"
        )
    if visit.state is not FieldVisitState.CONFIRMED and finding.kind != NEW_OPERATOR:
        raise RegisterFindingError("这次检查还没有确认；请先确认检查，再采纳它对登记的发现。登记没有改动。")


def _change_register(session: Session, finding: RegisterFinding, *, actor: str, now: datetime) -> None:
    """What an accepted finding changes by itself; what needs papers waits for an editor."""
    visit = session.get_one(FieldVisit, finding.field_visit_id)
    from_on = civil_day(visit.opened_at)
    if finding.kind == "sign_changed":
        change_sign(session, visit.unit_id, finding.value or "", from_on=from_on, actor=actor, now=now)
    elif finding.kind == "closed":
        close_unit(session, visit.unit_id, from_on=from_on, actor=actor, now=now)


def _locked(session: Session, finding_id: int) -> RegisterFinding | None:
    return session.exec(
        select(RegisterFinding).where(RegisterFinding.id == finding_id).with_for_update()
    ).first()
