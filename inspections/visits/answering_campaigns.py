"""What the room of campaigns is told of visits: which records a unit has, which visits nobody confirmed."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from inspections.campaigns.asking import VisitsRoom, declare_visits_room
from inspections.campaigns.tables import Assignment
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from inspections.visits.tables import Visit


def records_of(session: Session, unit_id: int) -> frozenset[str]:
    """The numbers of a unit's records: those from tablets, and those that were imported."""
    signed = select(FieldVisit.record_number).where(
        FieldVisit.unit_id == unit_id, col(FieldVisit.record_number).is_not(None)
    )
    stored = select(Visit.record_key).where(Visit.unit_id == unit_id)
    return frozenset((*(number or "" for number in session.exec(signed)), *session.exec(stored)))


def unreviewed(session: Session, assignment_ids: Collection[int]) -> frozenset[int]:
    """Those of some assignments that have visits, none of them confirmed.

    Where the team that was sent last has a visit, that one is asked: a former team's is evidence beside it.
    """
    query = (
        select(FieldVisit, Assignment.public_id)
        .join(Assignment, col(Assignment.id) == col(FieldVisit.assignment_id))
        .where(col(FieldVisit.assignment_id).in_(list(assignment_ids)))
    )
    own: dict[int, bool] = {}
    former: dict[int, bool] = {}
    for visit, public_id in session.exec(query):
        confirmed, id_ = own if visit.client_id == public_id else former, visit.assignment_id or 0
        confirmed[id_] = confirmed.get(id_, False) or visit.state is FieldVisitState.CONFIRMED
    return frozenset(id_ for id_, is_confirmed in (former | own).items() if not is_confirmed)


declare_visits_room(VisitsRoom(records_of=records_of, unreviewed=unreviewed))
