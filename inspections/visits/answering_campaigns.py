"""What the room of campaigns is told of visits: records, reviews and returns, the last full checks."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from grading.vocabulary import Answer
from inspections.campaigns.asking import VisitsRoom, declare_visits_room
from inspections.campaigns.tables import Assignment
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitReview
from inspections.visits.tables import Visit, VisitBatch, VisitKind

_PARTIAL = (VisitKind.FLYING, VisitKind.RECHECK)


def records_of(session: Session, unit_id: int) -> frozenset[str]:
    """The numbers of a unit's records: those from tablets, and those that were imported."""
    signed = select(FieldVisit.record_number).where(
        FieldVisit.unit_id == unit_id, col(FieldVisit.record_number).is_not(None)
    )
    stored = select(Visit.record_key).where(Visit.unit_id == unit_id)
    return frozenset((*(number or "" for number in session.exec(signed)), *session.exec(stored)))


def begun(session: Session, assignment_ids: Collection[int]) -> frozenset[int]:
    """Those of some assignments that have visits."""
    return frozenset(id_ for id_, _ in _visits(session, assignment_ids))


def unreviewed(session: Session, assignment_ids: Collection[int]) -> frozenset[int]:
    """Those of some assignments that have visits, none of them confirmed."""
    confirmed: dict[int, bool] = {}
    for id_, visit in _visits(session, assignment_ids):
        confirmed[id_] = confirmed.get(id_, False) or visit.state is FieldVisitState.CONFIRMED
    return frozenset(id_ for id_, is_confirmed in confirmed.items() if not is_confirmed)


def sent_back(session: Session, assignment_ids: Collection[int]) -> Mapping[int, datetime]:
    """Those of some assignments whose visit waits to be mended, with the instant of its return."""
    waiting = {
        visit.id or 0: id_
        for id_, visit in _visits(session, assignment_ids)
        if visit.state is FieldVisitState.RETURNED
    }
    returns = select(VisitReview.field_visit_id, func.max(VisitReview.decided_at)).where(
        col(VisitReview.field_visit_id).in_(waiting), VisitReview.decision == "returned"
    )
    return {waiting[id_]: at for id_, at in session.exec(returns.group_by(col(VisitReview.field_visit_id)))}


def _visits(session: Session, assignment_ids: Collection[int]) -> Iterator[tuple[int, FieldVisit]]:
    """The visits of some assignments by those who are sent.

    What another team began before it was replaced is evidence beside the visit of those sent instead.
    """
    query = (
        select(FieldVisit, Assignment)
        .join(Assignment, col(Assignment.id) == col(FieldVisit.assignment_id))
        .where(col(FieldVisit.assignment_id).in_(list(assignment_ids)))
    )
    for visit, assignment in session.exec(query):
        team = (assignment.lead_account_id, assignment.second_account_id)
        if (visit.lead_account_id, visit.second_account_id) == team:
            yield assignment.id or 0, visit


def last_full_checks(session: Session, on: date) -> Mapping[int, date]:
    """The day of the latest released visit of each unit that left no item unchecked."""
    query = (
        select(Visit.unit_id, func.max(Visit.visited_on))
        .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
        .where(col(Visit.is_current), col(Visit.visited_on) <= on, col(Visit.kind).not_in(_PARTIAL))
        .where(col(VisitBatch.released_at).is_not(None))
        .where(col(Visit.answers).not_like(f"%{Answer.NOT_CHECKED.value}%"))
        .group_by(col(Visit.unit_id))
    )
    return dict(session.exec(query).all())


declare_visits_room(
    VisitsRoom(
        records_of=records_of,
        begun=begun,
        unreviewed=unreviewed,
        sent_back=sent_back,
        full_checks=last_full_checks,
    )
)
