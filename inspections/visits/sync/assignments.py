"""Assignments as tablets see them: those released to an account, and how far each is on the day."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import put_state
from inspections.campaigns.tables import Assignment, AssignmentState, Campaign
from inspections.visits.sync.tables import FieldVisit, FieldVisitState

REPLACED = frozenset({AssignmentState.EXCLUDED, AssignmentState.SUBSTITUTED})
_SHOWN = (AssignmentState.WAITING, AssignmentState.ON_SITE)


def find_assignment(session: Session, public_id: str) -> Assignment | None:
    """An assignment by the id that tablets know it by."""
    return session.exec(select(Assignment).where(Assignment.public_id == public_id)).first()


def released_assignments(session: Session, account_id: int, on: date) -> list[Assignment]:
    """What an account is to visit: released by the day, not yet done or returned to be mended."""
    returned = select(col(FieldVisit.assignment_id)).where(FieldVisit.state == FieldVisitState.RETURNED)
    query = (
        select(Assignment)
        .where(
            (col(Assignment.lead_account_id) == account_id)
            | (col(Assignment.second_account_id) == account_id)
        )
        .where(col(Assignment.release_on).is_not(None), col(Assignment.release_on) <= on)
        .where(col(Assignment.state).in_(_SHOWN) | col(Assignment.id).in_(returned))
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
    state: AssignmentState,
    *,
    actor: str,
    now: datetime,
    visited_on: date | None = None,
    result: str | None = None,
    photo_sha256: str | None = None,
) -> None:
    """Tell the desk of the day how far a visit is; one that was replaced meanwhile stays replaced."""
    if assignment.state in REPLACED or assignment.state == state:
        return
    if state is AssignmentState.DONE:
        assignment.visited_on, assignment.result = visited_on, result
    put_state(session, assignment, state, actor=actor, now=now, photo_sha256=photo_sha256)
