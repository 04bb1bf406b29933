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

    What another team began before it was replaced is evidence beside the visit of those sent instead.
    """
    query = (
        select(FieldVisit, Assignment)
        .join(Assignment, col(Assignment.id) == col(FieldVisit.assignment_id))
        .where(col(FieldVisit.assignment_id).in_(list(assignment_ids)))
    )
    confirmed: dict[int, bool] = {}
    for visit, assignment in session.exec(query):
        sent = (assignment.lead_account_id, assignment.second_account_id)
        if (visit.lead_account_id, visit.second_account_id) == sent:
            id_ = assignment.id or 0
            confirmed[id_] = confirmed.get(id_, False) or visit.state is FieldVisitState.CONFIRMED
    return frozenset(id_ for id_, is_confirmed in confirmed.items() if not is_confirmed)


declare_visits_room(VisitsRoom(records_of=records_of, unreviewed=unreviewed))
