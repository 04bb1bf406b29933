"""Grades of any past day: what was given then, or what the rules and facts known then give."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session

from grading.checklist import Checklist
from grading.derivation import replay
from grading.explaining import explain
from inspections.record.clock import PEOPLE_ZONE
from inspections.record.database import table_of
from inspections.record.errors import HouseError
from inspections.rulebooks.queries import checklist_version, rulebook_version, shelf_of
from inspections.visits.ids import in_parts
from inspections.visits.outcomes import GradedUnit, Grader, SpanFacts
from inspections.visits.run_queries import (
    Span,
    adjustments_of,
    findings_of,
    units_on,
    visits_until,
)
from inspections.visits.span_work import no_verdict
from inspections.visits.tables import Derivation, Verdict, VisitBatch


class ReadingError(HouseError):
    """A stored derivation does not give what is stored beside it."""


@dataclass(frozen=True)
class Reading:
    """A unit's grade as of a day; `was_given` when it was graded on that very day."""

    unit_id: int
    on: date
    level: str | None
    missing: tuple[str, ...]
    scheme: str | None
    rulebook_sha256: str | None
    derivation: str | None
    facts: str
    was_given: bool

    @property
    def lines(self) -> tuple[str, ...]:
        """The derivation in plain Chinese, for the staff."""
        return () if self.derivation is None else tuple(explain(self.derivation, self.facts))


def end_of(on: date) -> datetime:
    """The last instant of a civil day."""
    return datetime.combine(on + timedelta(days=1), time.min, PEOPLE_ZONE).astimezone(UTC) - timedelta(
        microseconds=1
    )


def reading_on(session: Session, unit_id: int, on: date) -> Reading | None:
    """One unit's grade as of a day; none where it did not trade then."""
    return next(readings_on(session, [unit_id], on), None)


def readings_on(session: Session, unit_ids: Sequence[int], on: date) -> Iterator[Reading]:
    """The grades of units as of a day, in the order of their ids.

    A unit graded on that day has what it was given. Any other is graded with the rules in use and the facts
    recorded by the end of that day; for a day before anything was recorded, with today's record of it.
    """
    known_by = _known_by(session, on)
    shelf = shelf_of(session, known_by)

    def checklist(version_id: int) -> Checklist:
        return checklist_version(session, version_id).checklist

    grader = Grader(shelf, on, checklist)
    for part in in_parts(unit_ids):
        span = Span(part[0], part[-1], tuple(part))
        facts = SpanFacts(
            units=units_on(session, span, on, known_by),
            visits=visits_until(session, span, on, known_by),
            adjustments=adjustments_of(session, span, on, known_by),
            findings=findings_of(session, span) if grader.reads_findings() else {},
        )
        given = _given(session, part, on)
        computed = {one.unit.unit_id: one for one in grader.verdicts(facts)}
        for unit_id in part:
            if unit_id in given:
                yield _stored(session, given[unit_id])
            elif unit_id in computed:
                yield _computed(session, computed[unit_id], on)


def _known_by(session: Session, on: date) -> datetime | None:
    first = session.execute(select(func.min(table_of(VisitBatch).c.released_at))).scalar()
    instant = end_of(on)
    return None if first is None or instant < first else instant


def _given(session: Session, unit_ids: Sequence[int], on: date) -> dict[int, Row[Any]]:
    table, derivations = table_of(Verdict), table_of(Derivation)
    query = (
        select(table, derivations.c.text)
        .join_from(table, derivations, derivations.c.id == table.c.derivation_id, isouter=True)
        .where(table.c.unit_id.in_(unit_ids), table.c.as_of == on)
        .order_by(table.c.id)
    )
    return {row.unit_id: row for row in session.execute(query)}


def _stored(session: Session, row: Row[Any]) -> Reading:
    if row.text is not None and replay(row.text, row.facts)["value"] != row.grade:
        raise ReadingError(
            f"单位 {row.unit_id} 在 {row.as_of} 的评定与它的推导不一致："
            "数据库可能被改动，请核对审计链和备份。"
        )
    version = None if row.rulebook_version_id is None else rulebook_version(session, row.rulebook_version_id)
    return Reading(
        unit_id=row.unit_id,
        on=row.as_of,
        level=row.grade,
        missing=tuple(row.missing.splitlines()),
        scheme=version.scheme if version else None,
        rulebook_sha256=version.sha256 if version else None,
        derivation=row.text,
        facts=row.facts,
        was_given=True,
    )


def _computed(session: Session, one: GradedUnit, on: date) -> Reading:
    version = None if one.version_id is None else rulebook_version(session, one.version_id)
    verdict = one.verdict
    return Reading(
        unit_id=one.unit.unit_id,
        on=on,
        level=verdict.value if verdict else None,
        missing=verdict.missing if verdict else (no_verdict(one.problem),),
        scheme=version.scheme if version else None,
        rulebook_sha256=version.sha256 if version else None,
        derivation=verdict.derivation if verdict else None,
        facts=verdict.facts if verdict else "",
        was_given=False,
    )
