"""What the room of campaigns is told of visits: which records a unit has, which visits nobody confirmed."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from inspections.campaigns.asking import VisitsRoom, declare_visits_room
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
    """Those of some assignments for which there is a visit that is not confirmed."""
    query = select(FieldVisit.assignment_id).where(
        col(FieldVisit.assignment_id).in_(list(assignment_ids)),
        FieldVisit.state != FieldVisitState.CONFIRMED,
    )
    return frozenset(assignment_id or 0 for assignment_id in session.exec(query))


declare_visits_room(VisitsRoom(records_of=records_of, unreviewed=unreviewed))
