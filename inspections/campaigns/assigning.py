"""Use cases of assignments: who visits which unit from which day on, and how far each is on the day."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.campaigns.asking import visits_room
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.pool import inspectors_on
from inspections.campaigns.tables import (
    Assignment,
    AssignmentEvent,
    AssignmentSource,
    AssignmentState,
    Campaign,
    Draw,
    FormerTask,
    PlannedTask,
    TaskSource,
)
from inspections.campaigns.words import ASSIGNMENT_STATES, VISIT_KINDS
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.units.queries import find_unit

ASSIGNED = declare_event("visit_assigned", "assignment", "kind", "source", "release_on")
STATE_NOTED = declare_event("assignment_state_noted", "assignment", "state")
WITHDRAWN = declare_event("assignment_withdrawn", "assignment", "reason")
RELEASE_MOVED = declare_event("assignment_release_moved", "assignment", "release_on")

PARTIAL = frozenset({"flying", "recheck"})
_NEXT = {
    AssignmentState.WAITING: {
        AssignmentState.ON_SITE,
        AssignmentState.CLOSED_DOOR,
        AssignmentState.COULD_NOT_INSPECT,
        AssignmentState.DONE,
    },
    AssignmentState.ON_SITE: {
        AssignmentState.WAITING,
        AssignmentState.CLOSED_DOOR,
        AssignmentState.COULD_NOT_INSPECT,
        AssignmentState.DONE,
    },
    AssignmentState.CLOSED_DOOR: {AssignmentState.WAITING, AssignmentState.ON_SITE, AssignmentState.DONE},
    AssignmentState.COULD_NOT_INSPECT: {
        AssignmentState.WAITING,
        AssignmentState.ON_SITE,
        AssignmentState.DONE,
    },
    # Noted by mistake: as long as no tablet has told of a visit and the list is not public.
    AssignmentState.DONE: {AssignmentState.WAITING},
}
_ENDED_WITHOUT_VISIT = frozenset({AssignmentState.CLOSED_DOOR, AssignmentState.COULD_NOT_INSPECT})

RandomBytes = Callable[[int], bytes]


@dataclass(frozen=True)
class NewAssignment:
    """A visit outside of a draw: which unit, of what kind, why, by whom, from which day."""

    code: str
    kind: str
    source: AssignmentSource
    lead_account_id: int
    second_account_id: int
    release_on: date
    reason: str = ""
    due_on: date | None = None
    items: tuple[str, ...] = ()
    recheck_of_key: str | None = None


def assign_visit(
    session: Session,
    new: NewAssignment,
    *,
    actor: str,
    now: datetime,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> Assignment:
    """Assign a visit to two inspectors; a full visit settles the unit's planned tasks that it covers."""
    on = civil_day(now)
    found = find_unit(session, code=new.code, on=on)
    if len(found) != 1:
        raise CampaignError(f"门店码 {new.code} 现在没有在营单位；请核对门店码。")
    _require_kind(new)
    _require_record(session, new, found[0].unit_id)
    require_team(session, found[0].unit_id, (new.lead_account_id, new.second_account_id), new.release_on)
    if new.release_on < on:
        raise CampaignError("派发日期已经过了；请写今天或以后的日期。")
    assignment = Assignment(
        public_id=new_public_id(random_bytes),
        unit_id=found[0].unit_id,
        premises_id=found[0].premises_id,
        kind=new.kind,
        source=new.source,
        reason=new.reason.strip(),
        state=AssignmentState.WAITING,
        state_at=now,
        lead_account_id=new.lead_account_id,
        second_account_id=new.second_account_id,
        release_on=new.release_on,
        due_on=new.due_on,
        items=",".join(new.items),
        recheck_of_key=new.recheck_of_key,
        made_by=actor,
        made_at=now,
    )
    session.add(assignment)
    session.flush()
    settle_tasks(session, assignment)
    fields = {
        "assignment": assignment.id, "kind": new.kind, "source": new.source.value,
        "release_on": new.release_on.isoformat(),
    }  # fmt: skip
    write_audit(session, ASSIGNED, actor=actor, now=now, fields=fields)
    return assignment


def new_public_id(random_bytes: RandomBytes = secrets.token_bytes) -> str:
    """What tablets call an assignment: random, it tells nothing."""
    return random_bytes(16).hex()


def renew_public_id(
    session: Session, assignment: Assignment, *, reason: str, actor: str, now: datetime
) -> None:
    """Give an assignment another id; what tablets began under the one before is taken all the same."""
    former = FormerTask(
        public_id=assignment.public_id,
        assignment_id=assignment.id or 0,
        lead_account_id=assignment.lead_account_id,
        second_account_id=assignment.second_account_id,
        reason=reason,
        ended_at=now,
        ended_by=actor,
    )
    session.add(former)
    assignment.public_id = new_public_id()


def note_state(
    session: Session,
    assignment_id: int,
    state: AssignmentState,
    *,
    actor: str,
    now: datetime,
    note: str = "",
    photo_sha256: str | None = None,
    visited_on: date | None = None,
    result: str | None = None,
) -> None:
    """Note how far an assignment is; closing it says the day of the visit and what was decided."""
    assignment = held_assignment(session, assignment_id)
    if state not in _NEXT.get(assignment.state, set()):
        raise CampaignError(
            f"这个任务现在是“{ASSIGNMENT_STATES[assignment.state]}”，不能记为“{ASSIGNMENT_STATES[state]}”。"
        )
    if state is AssignmentState.CLOSED_DOOR and photo_sha256 is None:
        raise CampaignError("记录关门要有现场照片；请附照片。")
    if assignment.state is AssignmentState.DONE:
        _require_no_visit(session, assignment)
        assignment.visited_on = assignment.result = None
    if state is AssignmentState.DONE:
        day = visited_on or civil_day(now)
        _require_possible_day(session, assignment, day, now)
        assignment.visited_on, assignment.result = day, result
    if assignment.state in _ENDED_WITHOUT_VISIT:
        # The tablets hold what they signed at the door under the id before: going again is another visit.
        reason = note.strip() or ASSIGNMENT_STATES[assignment.state]
        renew_public_id(session, assignment, reason=reason, actor=actor, now=now)
    put_state(session, assignment, state, actor=actor, now=now, note=note, photo_sha256=photo_sha256)
    write_audit(
        session, STATE_NOTED, actor=actor, now=now, fields={"assignment": assignment_id, "state": state.value}
    )


def _require_no_visit(session: Session, assignment: Assignment) -> None:
    campaign = session.get(Campaign, assignment.campaign_id) if assignment.campaign_id is not None else None
    if campaign is not None and campaign.revealed_at is not None:
        raise CampaignError("名单已经公布，不能改回待检查。")
    if visits_room().begun(session, [assignment.id or 0]):
        raise CampaignError("平板已经送来这次检查的记录，不能改回待检查；要补正的由复核人退回。")


def _require_possible_day(session: Session, assignment: Assignment, day: date, now: datetime) -> None:
    """No visit lies ahead, and none of a drawn unit before it was drawn."""
    if day > civil_day(now):
        raise CampaignError(f"检查日期 {day} 还没有到；请核对。")
    draw = session.get(Draw, assignment.draw_id) if assignment.draw_id is not None else None
    if draw is not None and draw.drawn_at is not None and day < civil_day(draw.drawn_at):
        raise CampaignError(f"检查日期 {day} 早于抽取的那天（{civil_day(draw.drawn_at)}）；请核对。")


def put_state(
    session: Session,
    assignment: Assignment,
    state: AssignmentState,
    *,
    actor: str,
    now: datetime,
    note: str = "",
    photo_sha256: str | None = None,
) -> None:
    """Put an assignment into a state and append that it happened.

    One that ended without a visit gives its tasks back; a drawn unit whose door was closed keeps them, for
    its campaign goes on with it or a substitute.
    """
    assignment.state, assignment.state_at = state, now
    session.add(assignment)
    event = AssignmentEvent(
        assignment_id=assignment.id or 0,
        state=state,
        happened_at=now,
        recorded_by=actor,
        note=note.strip(),
        photo_sha256=photo_sha256,
    )
    session.add(event)
    is_over = assignment.draw_id is None and state in _ENDED_WITHOUT_VISIT
    if is_over or state in (AssignmentState.EXCLUDED, AssignmentState.SUBSTITUTED):
        for task in session.exec(select(PlannedTask).where(PlannedTask.assignment_id == assignment.id)):
            task.assignment_id = None
            session.add(task)
    session.flush()


def withdraw_assignment(
    session: Session, assignment_id: int, *, reason: str, actor: str, now: datetime
) -> None:
    """Take back a visit outside of a draw that is not closed; its tasks wait to be assigned again.

    What has begun, as at a door where a recusal was granted, stays evidence of those who began it.
    """
    assignment = held_assignment(session, assignment_id)
    if assignment.draw_id is not None:
        raise CampaignError("随机抽取的单位只能在本期抽查里排除或递补；没有撤回。")
    if assignment.state not in (AssignmentState.WAITING, AssignmentState.ON_SITE):
        raise CampaignError(
            f"这个任务现在是“{ASSIGNMENT_STATES[assignment.state]}”，不能撤回；还没有查完的才能撤回。"
        )
    if not reason.strip():
        raise CampaignError("撤回要写明原因；没有撤回。")
    put_state(session, assignment, AssignmentState.EXCLUDED, actor=actor, now=now, note=reason)
    fields = {"assignment": assignment_id, "reason": reason.strip()}
    write_audit(session, WITHDRAWN, actor=actor, now=now, fields=fields)


def move_release(
    session: Session, assignment_id: int, release_on: date, *, actor: str, now: datetime
) -> None:
    """Let the inspectors of a waiting assignment see it from another day on."""
    assignment = held_assignment(session, assignment_id)
    if assignment.state is not AssignmentState.WAITING or release_on < civil_day(now):
        raise CampaignError("只有待检查的任务可以改派发日期，而且不能早于今天。")
    assignment.release_on = release_on
    session.add(assignment)
    fields = {"assignment": assignment_id, "release_on": release_on.isoformat()}
    write_audit(session, RELEASE_MOVED, actor=actor, now=now, fields=fields)


def held_assignment(session: Session, assignment_id: int) -> Assignment:
    """An assignment, held until the end of the transaction."""
    found = session.exec(select(Assignment).where(Assignment.id == assignment_id).with_for_update()).first()
    if found is None:
        raise CampaignError("没有这个任务；请从任务清单重新进入。")
    return found


def visit_under_way(session: Session, unit_id: int) -> Assignment | None:
    """The whole visit of a unit that is assigned and not over: further tasks need no second one."""
    query = (
        select(Assignment)
        .where(Assignment.unit_id == unit_id, col(Assignment.kind).not_in(PARTIAL))
        .where(col(Assignment.state).in_((AssignmentState.WAITING, AssignmentState.ON_SITE)))
        .order_by(col(Assignment.id))
    )
    return session.exec(query).first()


def settle_tasks(session: Session, assignment: Assignment) -> None:
    """Let one visit stand for the open tasks of its unit that it covers: the plan's next, all the city's."""
    query = (
        select(PlannedTask)
        .where(PlannedTask.unit_id == assignment.unit_id, col(PlannedTask.assignment_id).is_(None))
        .where(col(PlannedTask.dropped_at).is_(None))
        .order_by(col(PlannedTask.due_on), col(PlannedTask.id))
    )
    seen: set[TaskSource] = set()
    for task in session.exec(query).all():
        covered = assignment.kind not in PARTIAL and (
            task.source is TaskSource.CITY or task.source not in seen
        )
        seen.add(task.source)
        if covered:
            task.assignment_id = assignment.id
            session.add(task)
    session.flush()


def require_team(session: Session, unit_id: int, accounts: Sequence[int], on: date) -> None:
    """Two different inspectors with valid certificates, neither of whom must be recused from the unit."""
    if len(set(accounts)) != len(accounts):
        raise CampaignError("两位检查人员是同一个人；监督检查应由两人以上进行，请选两个人。")
    known = {one.account_id: one for one in inspectors_on(session, on)}
    for account_id in accounts:
        one = known.get(account_id)
        if one is None:
            raise CampaignError("选中的人不是证件有效的检查人员；请另选。")
        if unit_id in one.barred_units:
            raise CampaignError(f"{one.name} 应回避这家单位；请另选检查人员。")


def _require_kind(new: NewAssignment) -> None:
    if new.kind not in VISIT_KINDS or new.kind == "campaign":
        kinds = "、".join(word for kind, word in VISIT_KINDS.items() if kind != "campaign")
        raise CampaignError(f"检查类型“{new.kind}”不对；可用的有：{kinds}。随机查餐厅只能由抽取产生。")
    if new.kind != "daily" and not new.reason.strip():
        raise CampaignError(f"{VISIT_KINDS[new.kind]}要写明原因。")
    if new.kind == "flying" and not new.items:
        raise CampaignError("飞行检查要写明检查哪些项目；查全部项目就用日常监督检查。")
    if new.items and new.kind not in PARTIAL:
        raise CampaignError(f"{VISIT_KINDS[new.kind]}检查全部项目；只查几项的，用飞行检查或复查。没有安排。")
    if new.kind == "recheck" and not new.recheck_of_key:
        raise CampaignError("复查要写明复查的是哪一次检查的记录编号。")
    if new.kind != "recheck" and new.recheck_of_key:
        raise CampaignError("只有复查写复查的记录编号；没有安排。")


def _require_record(session: Session, new: NewAssignment, unit_id: int) -> None:
    """A re-check names a record of the unit: with another one it would settle nothing."""
    if new.recheck_of_key is None:
        return
    if new.recheck_of_key not in visits_room().records_of(session, unit_id):
        raise CampaignError(
            f"门店码 {new.code} 的单位没有编号为“{new.recheck_of_key}”的检查记录；请照记录抄写。没有安排。"
        )


def first_closed_on(session: Session, campaign_id: int) -> date | None:
    """The day of a campaign's first closed visit; results are due so many working days after it."""
    query = select(Assignment).where(
        Assignment.campaign_id == campaign_id, Assignment.state == AssignmentState.DONE
    )
    days = [one.visited_on or civil_day(one.state_at) for one in session.exec(query)]
    return min(days, default=None)
