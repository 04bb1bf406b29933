"""Readings of the grading run: units, visits, adjustments and earlier outcomes, for a span of units."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, String, func, or_, select, type_coerce
from sqlalchemy.types import NullType
from sqlmodel import Session

from grading.facts import Adjustment as AdjustmentFact
from grading.facts import DecidedVisit, UnitFacts
from inspections.record.database import table_of
from inspections.units.tables import CateringUnit, UnitStanding, UnitState, UnitVersion
from inspections.visits.tables import (
    Adjustment,
    Derivation,
    Finding,
    GradingRun,
    ListingProposal,
    Verdict,
    Visit,
    VisitBatch,
    VisitKind,
    VisitResult,
)

# A type that leaves the database's own value alone.
_AS_STORED = NullType()
_DECISIONS_KEPT = 50_000
_CEASED = frozenset({UnitState.CLOSED.value, UnitState.MOVED.value})


@dataclass(frozen=True)
class Span:
    """Some units: a run of ids, or a list of them."""

    first: int
    last: int
    ids: tuple[int, ...] | None = None

    def holds(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition that a column's unit is one of these."""
        if self.ids is not None:
            return column.in_(self.ids)
        return column.between(self.first, self.last)


class UnitRow(NamedTuple):
    """A unit as of a day, with what its grade depends on."""

    unit_id: int
    premises_id: int
    facts: UnitFacts


class UnitVisits(NamedTuple):
    """The visits of a unit as the grading needs them, oldest first, column by column."""

    ids: Sequence[int] = ()
    checklist_version_ids: Sequence[int] = ()
    answers: Sequence[str] = ()
    theme_items: Sequence[str] = ()
    kinds: Sequence[str] = ()
    decided: Sequence[DecidedVisit] = ()


def spans_of(ids: Sequence[int], size: int, *, everything: bool) -> Iterator[Span]:
    """Cut sorted unit ids into spans."""
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        yield Span(part[0], part[-1], None if everything else tuple(part))


def all_unit_ids(session: Session) -> list[int]:
    """Every unit of the register, in order."""
    units = table_of(CateringUnit).c
    return [id_ for (id_,) in session.execute(select(units.id).order_by(units.id))]


def changed_unit_ids(session: Session, since: datetime, after: date) -> list[int]:
    """Units with facts newer than an instant or in force after a day, and those never graded."""
    units, versions, visits = table_of(CateringUnit).c, table_of(UnitVersion).c, table_of(Visit).c
    batches, adjustments = table_of(VisitBatch).c, table_of(Adjustment).c
    released = select(batches.id).where(batches.released_at >= since)
    corrected = select(visits.corrects_id).where(visits.batch_id.in_(released))
    queries = (
        select(versions.unit_id).where(or_(versions.recorded_at >= since, versions.from_on > after)),
        select(visits.unit_id).where(visits.batch_id.in_(released)),
        select(visits.unit_id).where(visits.id.in_(corrected)),
        select(adjustments.unit_id).where(adjustments.decided_at >= since),
        select(units.id).where(units.id.not_in(select(table_of(Verdict).c.unit_id))),
    )
    found: set[int] = set()
    for query in queries:
        found.update(id_ for (id_,) in session.execute(query))
    return sorted(found)


def last_run(session: Session) -> GradingRun | None:
    """The newest finished run."""
    runs = table_of(GradingRun)
    query = select(GradingRun).where(runs.c.ended_at.is_not(None)).order_by(runs.c.id.desc()).limit(1)
    return session.execute(query).scalars().first()


def units_on(session: Session, span: Span, on: date, known_by: datetime | None) -> list[UnitRow]:
    """The units that trade on a day, as the register described them for that day."""
    trading, _ = units_until(session, span, on, known_by)
    return trading


def units_until(
    session: Session, span: Span, on: date, known_by: datetime | None
) -> tuple[list[UnitRow], list[UnitRow]]:
    """The units that trade on a day, and those that have ceased by then as they last were."""
    units, versions = table_of(CateringUnit).c, table_of(UnitVersion).c
    query = (
        select(
            units.id,
            units.premises_id,
            versions.unit_type,
            versions.area_m2,
            versions.seats,
            versions.persons_served,
            versions.size_class,
            versions.food_categories,
            versions.special_groups,
            versions.licence_from_on,
            type_coerce(versions.state, String).label("state"),
            units.until_on,
        )
        .join_from(table_of(CateringUnit), table_of(UnitVersion), versions.unit_id == units.id)
        .where(span.holds(units.id), units.from_on <= on, versions.from_on <= on)
        .order_by(units.id, versions.from_on, versions.id)
    )
    if known_by is not None:
        query = query.where(versions.recorded_at <= known_by)
    newest = {row[0]: row for row in session.execute(query).all()}
    trading: list[UnitRow] = []
    ceased: list[UnitRow] = []
    for row in newest.values():
        (ceased if _has_ceased(row, on) else trading).append(_unit(row))
    return trading, ceased


def _has_ceased(row: Row[Any], on: date) -> bool:
    state, until_on = tuple(row)[-2:]
    return state in _CEASED or (until_on is not None and until_on < on)


def _unit(row: Row[Any]) -> UnitRow:
    id_, premises_id, unit_type, area, seats, persons, size, foods, groups, licensed_on, *_ = tuple(row)
    facts = UnitFacts(
        unit_type, area, seats, persons, size, _words(foods) or None, _words(groups), licensed_on
    )
    return UnitRow(id_, premises_id, facts)


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    return tuple(sorted(text.split(","))) if text else ()


def visits_until(session: Session, span: Span, on: date, known_by: datetime | None) -> dict[int, UnitVisits]:
    """Released visits by unit up to a day, oldest first, each record in its newest released version."""
    visits, batches = table_of(Visit).c, table_of(VisitBatch).c
    query = (
        select(
            visits.id,
            visits.unit_id,
            visits.checklist_version_id,
            visits.answers,
            visits.theme_items,
            *[type_coerce(column, _AS_STORED) for column in _decided_columns()],
        )
        .join_from(table_of(Visit), table_of(VisitBatch), batches.id == visits.batch_id)
        .where(visits.visited_on <= on)
        .order_by(visits.unit_id, visits.visited_on, visits.id)
    )
    if known_by is None:
        query = query.where(span.holds(visits.unit_id), visits.is_current, batches.released_at.is_not(None))
        return _by_unit(session.execute(query).all())
    return _by_unit(_as_known(session, query, span, known_by))


def _decided_columns() -> tuple[ColumnElement[Any], ...]:
    """The fields of DecidedVisit, in its order."""
    visits = table_of(Visit).c
    kind = type_coerce(visits.kind, String)
    is_recheck = or_(visits.recheck_of_key.is_not(None), kind == VisitKind.RECHECK.value)
    return visits.visited_on, visits.decided_result, visits.decided_score, kind, is_recheck


def _as_known(session: Session, query: Select[Any], span: Span, known_by: datetime) -> Sequence[Row[Any]]:
    visits, batches = table_of(Visit).c, table_of(VisitBatch).c
    here = select(visits.record_key).where(span.holds(visits.unit_id))
    versions = (
        select(visits.record_key, func.max(visits.version).label("version"))
        .join_from(table_of(Visit), table_of(VisitBatch), batches.id == visits.batch_id)
        .where(batches.released_at <= known_by, visits.record_key.in_(here))
        .group_by(visits.record_key)
        .subquery()
    )
    same = (versions.c.record_key == visits.record_key) & (versions.c.version == visits.version)
    return session.execute(query.join(versions, same).where(span.holds(visits.unit_id))).all()


class _Decisions(dict[tuple[Any, ...], DecidedVisit]):
    """Decisions by the database's own values: half a million visits have a few thousand different ones."""

    def __missing__(self, stored: tuple[Any, ...]) -> DecidedVisit:
        if len(self) >= _DECISIONS_KEPT:
            self.clear()
        day, result, score, kind, is_recheck = stored
        found = self[stored] = DecidedVisit(
            day if isinstance(day, date) else date.fromisoformat(day),
            result,
            None if score is None else Decimal(f"{score:.2f}"),
            kind,
            bool(is_recheck),
        )
        return found


_decisions = _Decisions()


def _by_unit(rows: Sequence[Any]) -> dict[int, UnitVisits]:
    found: dict[int, UnitVisits] = {}
    for unit_id, group in groupby(rows, key=itemgetter(1)):
        ids, _, checklists, answers, themes, days, results, scores, kinds, rechecks = zip(*group, strict=True)
        decided = [_decisions[said] for said in zip(days, results, scores, kinds, rechecks, strict=True)]
        found[unit_id] = UnitVisits(ids, checklists, answers, themes, kinds, decided)
    return found


def findings_of(session: Session, span: Span) -> dict[int, list[str]]:
    """The item codes found in each visit of these units, one for each time it was written down."""
    findings, visits = table_of(Finding).c, table_of(Visit).c
    query = (
        select(findings.visit_id, findings.item_code)
        .join_from(table_of(Finding), table_of(Visit), visits.id == findings.visit_id)
        .where(span.holds(visits.unit_id))
        .order_by(findings.visit_id, findings.id)
    )
    found: dict[int, list[str]] = {}
    for visit_id, code in session.execute(query):
        found.setdefault(visit_id, []).append(code)
    return found


def adjustments_of(
    session: Session, span: Span, on: date, known_by: datetime | None
) -> dict[int, list[AdjustmentFact]]:
    """What raised or lowered these units' grades up to a day."""
    table = table_of(Adjustment).c
    query = select(table_of(Adjustment)).where(span.holds(table.unit_id), table.happened_on <= on)
    if known_by is not None:
        query = query.where(table.decided_at <= known_by)
    found: dict[int, list[AdjustmentFact]] = {}
    for row in session.execute(query.order_by(table.happened_on, table.id)):
        fact = AdjustmentFact(
            row.condition, row.happened_on, row.document, row.levels, row.decided_by, row.reason
        )
        found.setdefault(row.unit_id, []).append(fact)
    return found


def nothing_stored(session: Session) -> bool:
    """Whether no result and no proposal has ever been stored."""
    first = (
        session.execute(select(table_of(model).c.id).limit(1)) for model in (VisitResult, ListingProposal)
    )
    return all(row.first() is None for row in first)


def results_stored(session: Session, span: Span) -> set[tuple[int, int]]:
    """Which visits of these units have a suggested result, under which rulebook version."""
    return _pairs(session, span, VisitResult)


def proposals_stored(session: Session, span: Span) -> set[tuple[int, int]]:
    """Which visits of these units have a listing proposal, under which rulebook version."""
    return _pairs(session, span, ListingProposal)


def _pairs(
    session: Session, span: Span, model: type[VisitResult] | type[ListingProposal]
) -> set[tuple[int, int]]:
    table, visits = table_of(model), table_of(Visit)
    query = (
        select(table.c.visit_id, table.c.rulebook_version_id)
        .join_from(visits, table, table.c.visit_id == visits.c.id)
        .where(span.holds(visits.c.unit_id))
    )
    return {(visit_id, version_id) for visit_id, version_id in session.execute(query)}


def newest_verdicts(session: Session, span: Span, on: date | None = None) -> dict[int, Row[Any]]:
    """The newest stored verdict of each of these units, up to a day where one is given."""
    table = table_of(Verdict)
    newest = select(func.max(table.c.id)).where(span.holds(table.c.unit_id)).group_by(table.c.unit_id)
    if on is not None:
        newest = newest.where(table.c.as_of <= on)
    return {row.unit_id: row for row in session.execute(select(table).where(table.c.id.in_(newest)))}


def newest_standings(session: Session, span: Span) -> dict[int, tuple[str | None, date | None, bool]]:
    """The newest standing of each of these units: grade, day due, whether it rests on assumed values."""
    table = table_of(UnitStanding)
    newest = select(func.max(table.c.id)).where(span.holds(table.c.unit_id)).group_by(table.c.unit_id)
    rows = session.execute(select(table).where(table.c.id.in_(newest)))
    return {row.unit_id: (row.grade, row.due_on, row.rests_on_assumed) for row in rows}


def derivation_ids(session: Session) -> dict[str, int]:
    """Every stored derivation's id by its SHA-256."""
    table = table_of(Derivation).c
    return {row.sha256: row.id for row in session.execute(select(table.sha256, table.id))}


def derivation_hashes(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The SHA-256 of stored derivations by their ids."""
    table = table_of(Derivation).c
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    found: dict[int, str] = {}
    for start in range(0, len(wanted), 1000):
        query = select(table.id, table.sha256).where(table.id.in_(wanted[start : start + 1000]))
        found.update((id_, sha256) for id_, sha256 in session.execute(query))
    return found
