"""When each unit was last checked in full: what the plan of a year must know of the room of visits."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session

from grading.vocabulary import Answer
from inspections.campaigns.planning import declare_full_checks
from inspections.record.database import table_of
from inspections.visits.tables import Visit, VisitBatch, VisitKind

_PARTIAL = (VisitKind.FLYING, VisitKind.RECHECK)


def last_full_checks(session: Session, on: date) -> Mapping[int, date]:
    """The day of the latest released visit of each unit that left no item unchecked."""
    visits, batches = table_of(Visit).c, table_of(VisitBatch).c
    query = (
        select(visits.unit_id, func.max(visits.visited_on).label("day"))
        .join_from(table_of(Visit), table_of(VisitBatch), batches.id == visits.batch_id)
        .where(visits.is_current, visits.visited_on <= on, visits.kind.not_in(_PARTIAL))
        .where(batches.released_at.is_not(None))
        .where(visits.answers.not_like(f"%{Answer.NOT_CHECKED.value}%"))
        .group_by(visits.unit_id)
    )
    return {row.unit_id: row.day for row in session.execute(query)}


declare_full_checks(last_full_checks)
