"""Assignments as tablets see them: those released to an account, and how far each is on the day."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import put_state
from inspections.campaigns.tables import (
    Assignment,
    AssignmentEvent,
    AssignmentState,
    Campaign,
    FormerTask,
)
from inspections.campaigns.words import ASSIGNMENT_STATES
from inspections.visits.sync.tables import FieldVisit, FieldVisitState

REPLACED = frozenset({AssignmentState.EXCLUDED, AssignmentState.SUBSTITUTED})
_SHOWN = (AssignmentState.WAITING, AssignmentState.ON_SITE)


@dataclass(frozen=True)
class Told:
    """An assignment as tablets were told of it under an id, which may be a former one, with its team then."""

    assignment: Assignment
    team: Assignment | FormerTask

    @property
    def ended_at(self) -> datetime | None:
        """Since when nobody may begin a visit under this id; none while it stands."""
        if isinstance(self.team, FormerTask):
            return self.team.ended_at
        return self.assignment.state_at if self.assignment.state in REPLACED else None


def find_told(session: Session, public_id: str) -> Told | None:
    """An assignment by an id that tablets know it by, or knew it by until its team or its state changed."""
    found = session.exec(select(Assignment).where(Assignment.public_id == public_id)).first()
    if found is not None:
        return Told(found, found)
    former = former_task(session, public_id)
    return None if former is None else Told(session.get_one(Assignment, former.assignment_id), former)


@dataclass(frozen=True)
class Ended:
    """That a task was given to others or taken back after a visit of it had begun: why, when, by whom."""

    reason: str
    ended_at: datetime
    ended_by: str


def ended_task(session: Session, public_id: str) -> Ended | None:
    """Why a visit's task is no longer its own; none while it is, and for a visit without a task."""
    told = find_told(session, public_id)
    if told is None or told.ended_at is None:
        return None
    if isinstance(told.team, FormerTask):
        return Ended(told.team.reason, told.team.ended_at, told.team.ended_by)
    events = select(AssignmentEvent).where(AssignmentEvent.assignment_id == told.assignment.id)
    last = session.exec(events.order_by(col(AssignmentEvent.id).desc())).first()
    note, by = ("", "") if last is None else (last.note, last.recorded_by)
    return Ended(note or ASSIGNMENT_STATES[told.assignment.state], told.ended_at, by)


def former_task(session: Session, public_id: str) -> FormerTask | None:
    """What an assignment was under an id that it has no more."""
    return session.get(FormerTask, public_id)


def released_assignments(session: Session, account_id: int, on: date) -> list[Assignment]:
    """What an account is to visit: released by the day, not yet done or returned to be mended."""
    returned = select(FieldVisit.client_id).where(FieldVisit.state == FieldVisitState.RETURNED)
    query = (
        select(Assignment)
        .where(
            (col(Assignment.lead_account_id) == account_id)
            | (col(Assignment.second_account_id) == account_id)
        )
        .where(col(Assignment.release_on).is_not(None), col(Assignment.release_on) <= on)
        .where(col(Assignment.state).in_(_SHOWN) | col(Assignment.public_id).in_(returned))
        .order_by(col(Assignment.due_on), col(Assignment.id))
    )
    return list(session.exec(query))


def campaign_of(session: Session, assignment_id: int | None) -> Campaign | None:
    """The campaign that an assignment belongs to; none for the other kinds."""
    if assignment_id is None:
        return None
    campaign_id = session.get_one(Assignment, assignment_id).campaign_id
    return None if campaign_id is None else session.get_one(Campaign, campaign_id)


def note_progress(
    session: Session,
    assignment: Assignment,
    client_id: str,
    state: AssignmentState,
    *,
    actor: str,
    now: datetime,
    visited_on: date | None = None,
    result: str | None = None,
    photo_sha256: str | None = None,
) -> None:
    """Tell the desk of the day how far a visit is.

    A unit that was replaced meanwhile stays replaced. What was begun under a former id is no progress of a
    team that was sent instead; of the same team it is, where the visit is whole.
    """
    if assignment.state in REPLACED or not _is_progress(session, assignment, client_id, state):
        return
    if state is AssignmentState.DONE:
        assignment.visited_on, assignment.result = visited_on, result
        session.add(assignment)
    if assignment.state == state:
        return
    put_state(session, assignment, state, actor=actor, now=now, photo_sha256=photo_sha256)


def _is_progress(session: Session, assignment: Assignment, client_id: str, state: AssignmentState) -> bool:
    former = None if assignment.public_id == client_id else former_task(session, client_id)
    if former is None:
        return True
    team = (assignment.lead_account_id, assignment.second_account_id)
    return state is AssignmentState.DONE and (former.lead_account_id, former.second_account_id) == team
