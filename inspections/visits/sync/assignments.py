"""Assignments as tablets see them: those released to an account, and how far each is on the day."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import put_state
from inspections.campaigns.tables import Assignment, AssignmentState, Campaign, FormerTeam
from inspections.visits.sync.tables import FieldVisit, FieldVisitState

REPLACED = frozenset({AssignmentState.EXCLUDED, AssignmentState.SUBSTITUTED})
_SHOWN = (AssignmentState.WAITING, AssignmentState.ON_SITE)


@dataclass(frozen=True)
class Told:
    """An assignment as tablets were told of it under an id: with its team, also one replaced since."""

    assignment: Assignment
    team: Assignment | FormerTeam

    @property
    def ended_at(self) -> datetime | None:
        """Since when nobody may begin a visit under this id; none while it stands."""
        if isinstance(self.team, FormerTeam):
            return self.team.replaced_at
        return self.assignment.state_at if self.assignment.state in REPLACED else None


def find_told(session: Session, public_id: str) -> Told | None:
    """An assignment by an id that tablets know it by, or knew it by until one of its team was replaced."""
    found = session.exec(select(Assignment).where(Assignment.public_id == public_id)).first()
    if found is not None:
        return Told(found, found)
    former = former_team(session, public_id)
    return None if former is None else Told(session.get_one(Assignment, former.assignment_id), former)


def former_team(session: Session, public_id: str) -> FormerTeam | None:
    """The team that knew an assignment by an id, where one of it was replaced since."""
    return session.get(FormerTeam, public_id)


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

    A unit that was replaced meanwhile stays replaced, and what a former team brings in is no progress of
    the team that was sent in its place.
    """
    is_former = assignment.public_id != client_id
    if is_former or assignment.state in REPLACED or assignment.state == state:
        return
    if state is AssignmentState.DONE:
        assignment.visited_on, assignment.result = visited_on, result
    put_state(session, assignment, state, actor=actor, now=now, photo_sha256=photo_sha256)
