"""Where the inspectors' decision and the engine's suggestion differ: counted, and each one listed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlmodel import Session

from grading.operations.tables import key_of
from inspections.record.database import table_of
from inspections.visits.tables import Visit, VisitBatch, VisitResult


@dataclass(frozen=True)
class ComparedVisit:
    """A decided visit beside the newest suggestion for it; scores are compared where one was decided."""

    record_key: str
    visited_on: date
    decided: str
    suggested: str | None
    """None where no result can be suggested."""

    @property
    def agrees(self) -> bool:
        """Whether the two are the same."""
        return self.decided == self.suggested


@dataclass
class Comparison:
    """How many decided visits there are, and how many of them the engine suggests alike."""

    visits: int = 0
    agreeing: int = 0
    without_suggestion: int = 0

    def count(self, one: ComparedVisit) -> None:
        """Add one visit."""
        self.visits += 1
        self.agreeing += one.agrees
        self.without_suggestion += one.suggested is None


def compared_visits(session: Session, since: date) -> Iterator[ComparedVisit]:
    """Every released visit since a day that is decided and was given to the engine, oldest first."""
    visits, batches, results = table_of(Visit), table_of(VisitBatch), table_of(VisitResult)
    newest = select(func.max(results.c.id)).group_by(results.c.visit_id)
    query = (
        select(
            visits.c.record_key,
            visits.c.visited_on,
            visits.c.decided_result,
            visits.c.decided_score,
            results.c.suggested_result,
            results.c.suggested_score,
        )
        .join_from(visits, batches, batches.c.id == visits.c.batch_id)
        .join(results, results.c.visit_id == visits.c.id)
        .where(results.c.id.in_(newest), visits.c.visited_on >= since)
        .where(visits.c.is_current, batches.c.released_at.is_not(None))
        .order_by(visits.c.visited_on, visits.c.id)
    )
    for key, on, result, score, word, points in session.execute(query):
        if score is not None:
            yield ComparedVisit(key, on, key_of(score), _number(points))
        elif result is not None:
            yield ComparedVisit(key, on, result, word)


def _number(points: Decimal | None) -> str | None:
    return None if points is None else key_of(points)
