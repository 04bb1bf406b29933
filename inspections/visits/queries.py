"""Readings for publishing and editions: visits as they may be shown, listing proposals, grades."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, String, select, type_coerce
from sqlmodel import Session

from grading.checklist import Checklist
from grading.vocabulary import Answer
from inspections.record.database import table_of
from inspections.rulebooks.queries import Shelf, checklist_version, shelf_of
from inspections.units.tables import UnitVersion
from inspections.visits.grade_queries import UnitGrade as UnitGrade
from inspections.visits.grade_queries import grades_of as grades_of
from inspections.visits.grade_queries import steps_of as steps_of
from inspections.visits.ids import in_parts
from inspections.visits.sync.tables import FieldVisit, Order, OrderState
from inspections.visits.tables import (
    Finding,
    Visit,
    VisitBatch,
    VisitKind,
    VisitResult,
)
from inspections.visits.wording import LevelWords as LevelWords
from inspections.visits.wording import result_level

# What an inspector's own words of handling must say before a page may say that correction was ordered.
_ORDERS_TO_CORRECT = re.compile(r"责令[^，,；;。]*(?:改正|整改)")
_Checklists = Callable[[int], Checklist]
_AFFECTS_SAFETY = {Answer.FAIL_SAFETY.value: True, Answer.FAIL_SLIGHT.value: False}


@dataclass(frozen=True)
class ShownFinding:
    """One failed item of a visit as it may be shown."""

    item_code: str
    item_text: str
    note: str
    corrected_on_spot: bool | None
    deadline_on: date | None
    corrected_on: date | None
    affects_safety: bool | None
    is_requirement: bool = False
    is_ordered: bool = False
    is_provisional: bool = False


@dataclass(frozen=True)
class ShownVisit:
    """One released visit with its decided result, and the visits that re-checked it, the newest first."""

    id: int
    record_key: str
    visited_on: date
    kind: VisitKind
    result: str | None
    result_zh: str | None
    result_en: str | None
    score: Decimal | None
    provisional: bool
    rests_on_assumed: bool
    awaits_grading: bool
    """Rules suggest a result for it that has not been reckoned yet, so what it rests on is not known."""
    recheck_of_key: str | None
    findings: tuple[ShownFinding, ...]
    checklist: str
    answered: frozenset[str]
    """The items of its checklist that were looked at."""
    rechecks: "tuple[ShownVisit, ...]" = ()

    @property
    def recheck(self) -> "ShownVisit | None":
        """The latest visit that re-checked it, or one of its re-checks."""
        return self.rechecks[0] if self.rechecks else None


@dataclass(frozen=True)
class ShownVisits:
    """A unit's visits, newest first, and how many are older than may be shown."""

    visits: tuple[ShownVisit, ...]
    older: int


@dataclass(frozen=True)
class _Told:
    """The findings of one visit, and the items that a signed order names."""

    findings: Sequence[Row[Any]]
    ordered: Collection[str]


def shown_visits(
    session: Session, unit_ids: Collection[int], *, since: date | None, on: date, limit: int = 4
) -> dict[int, ShownVisits]:
    """The newest released visits of each unit between two days, each with its re-check.

    A re-check hangs on the visit it re-checks and counts as one of its own only where that one is not shown.
    """
    words, checklist = _ResultWords(session), _checklists(session)
    found: dict[int, ShownVisits] = {}
    for part in in_parts(unit_ids):
        by_unit: dict[int, list[Row[Any]]] = {}
        for row in session.execute(_released(part, on)):
            by_unit.setdefault(row.unit_id, []).append(row)
        chosen = {unit_id: _choose(rows, since, limit) for unit_id, rows in by_unit.items()}
        ids = [row.id for rows, _ in chosen.values() for row in rows]
        findings, flags = _findings(session, ids), _flags(session, ids)
        orders = _ordered_items(session, ids)
        for unit_id, (rows, older) in chosen.items():
            shown = [
                _shown(
                    checklist,
                    row,
                    words,
                    _Told(findings.get(row.id, []), orders.get(row.id, frozenset())),
                    flags,
                )
                for row in rows
            ]
            found[unit_id] = ShownVisits(_with_rechecks(shown)[:limit], older)
    return found


def _released(unit_ids: Sequence[int], on: date) -> Select[Any]:
    """Released, current visits up to a day with the unit's type then, the newest first."""
    visits, batches, versions = table_of(Visit), table_of(VisitBatch), table_of(UnitVersion)
    unit_type = (
        select(versions.c.unit_type)
        .where(versions.c.unit_id == visits.c.unit_id)
        .order_by(versions.c.from_on.desc(), versions.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            visits.c.id,
            visits.c.record_key,
            visits.c.unit_id,
            visits.c.visited_on,
            type_coerce(visits.c.kind, String).label("kind"),
            visits.c.checklist_version_id,
            visits.c.answers,
            visits.c.decided_result,
            visits.c.decided_score,
            visits.c.handling,
            visits.c.recheck_of_key,
            unit_type.label("unit_type"),
        )
        .join_from(visits, batches, batches.c.id == visits.c.batch_id)
        .where(visits.c.unit_id.in_(unit_ids), visits.c.visited_on <= on)
        .where(visits.c.is_current, batches.c.released_at.is_not(None))
        .order_by(visits.c.unit_id, visits.c.visited_on.desc(), visits.c.id.desc())
    )


def _choose(rows: Sequence[Row[Any]], since: date | None, limit: int) -> tuple[list[Row[Any]], int]:
    """The newest rows of a unit, so many that are no re-check of another shown one, and the number older."""
    inside = [row for row in rows if since is None or row.visited_on >= since]
    roots = _roots(inside)
    chosen: list[Row[Any]] = []
    own = 0
    for row in inside:
        own += roots[row.record_key] == row.record_key
        if own > limit:
            break
        chosen.append(row)
    wanted = {roots[row.record_key] for row in chosen}
    chosen += [row for row in inside[len(chosen) :] if roots[row.record_key] in wanted]
    return chosen, len(rows) - len(inside)


def _roots(visits: Sequence[Any]) -> dict[str, str]:
    """Of each visit the first visit that it re-checks in the end; itself where there is none."""
    by_key = {visit.record_key: visit for visit in visits}
    return {key: _root(key, by_key) for key in by_key}


def _root(key: str, by_key: Mapping[str, Any]) -> str:
    """The first visit of a chain of re-checks; whoever is in a ring, or earlier, stands for itself."""
    root, seen = key, {key}
    while (before := by_key[root].recheck_of_key) in by_key:
        if before in seen:
            return key
        if by_key[before].visited_on > by_key[root].visited_on:
            break
        root = before
        seen.add(root)
    return root


def _with_rechecks(shown: Sequence[ShownVisit]) -> tuple[ShownVisit, ...]:
    roots = _roots(shown)
    rechecks: dict[str, list[ShownVisit]] = {}
    for visit in shown:
        if roots[visit.record_key] != visit.record_key:
            rechecks.setdefault(roots[visit.record_key], []).append(visit)
    return tuple(
        replace(visit, rechecks=tuple(sorted(rechecks.get(visit.record_key, ()), key=_newest_first)))
        for visit in shown
        if roots[visit.record_key] == visit.record_key
    )


def _newest_first(visit: ShownVisit) -> tuple[int, int]:
    return -visit.visited_on.toordinal(), -visit.id


class _ResultWords:
    """The words of decided results, from the rules that hold for the visit."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shelf: Shelf | None = None
        self._known: dict[tuple[str, date, str | None], LevelWords | None] = {}

    def are_suggested(self, row: Row[Any]) -> bool:
        """Whether the rules that hold for the visit suggest results at all."""
        shelf = self._rules()
        scheme = shelf.scheme_for("result", row.unit_type, row.visited_on)
        return scheme is not None and "result" in shelf.rulebook(scheme).procedures

    def level(self, row: Row[Any]) -> LevelWords | None:
        if row.decided_result is None:
            return None
        key = (row.unit_type, row.visited_on, row.decided_result)
        if key not in self._known:
            self._known[key] = result_level(self._rules(), *key)
        return self._known[key]

    def _rules(self) -> Shelf:
        if self._shelf is None:
            self._shelf = shelf_of(self._session)
        return self._shelf


def _checklists(session: Session) -> _Checklists:
    """Checklists by the id of their version, each looked up once."""
    return cache(lambda version_id: checklist_version(session, version_id).checklist)


def _shown(
    checklists: _Checklists,
    row: Row[Any],
    words: _ResultWords,
    told: _Told,
    flags: Mapping[int, bool],
) -> ShownVisit:
    level = words.level(row)
    checklist = checklists(row.checklist_version_id)
    return ShownVisit(
        id=row.id,
        record_key=row.record_key,
        visited_on=row.visited_on,
        kind=VisitKind(row.kind),
        result=row.decided_result,
        result_zh=level.meaning_zh if level else row.decided_result,
        result_en=level.meaning_en if level else row.decided_result,
        score=row.decided_score,
        provisional=any(row.answers[place] not in "N-" for place in checklist.provisional_places),
        rests_on_assumed=flags.get(row.id, False),
        awaits_grading=row.id not in flags and words.are_suggested(row),
        recheck_of_key=row.recheck_of_key,
        findings=tuple(_shown_finding(checklist, row, finding, told.ordered) for finding in told.findings),
        checklist=checklist.id,
        answered=_answered(checklist, row.answers),
    )


def _answered(checklist: Checklist, answers: str) -> frozenset[str]:
    return frozenset(
        item.code
        for item, letter in zip(checklist.items, answers, strict=True)
        if letter != Answer.NOT_CHECKED.value
    )


def _shown_finding(
    checklist: Checklist, row: Row[Any], finding: Row[Any], ordered: Collection[str]
) -> ShownFinding:
    place = checklist.position[finding.item_code]
    item, letter = checklist.items[place], row.answers[place]
    return ShownFinding(
        item_code=finding.item_code,
        item_text=item.text or item.text_en,
        note=finding.note,
        corrected_on_spot=finding.corrected_on_spot,
        deadline_on=finding.deadline_on,
        corrected_on=finding.corrected_on,
        affects_safety=_AFFECTS_SAFETY.get(letter),
        is_requirement=bool(item.text) and not checklist.words_faults,
        is_ordered=(
            finding.deadline_on is not None
            or finding.item_code in ordered
            or _ORDERS_TO_CORRECT.search(row.handling or "") is not None
        ),
        is_provisional=item.provisional,
    )


def _ordered_items(session: Session, visit_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """The items of each visit that a signed order names, unless the order was withdrawn."""
    orders, fields = table_of(Order), table_of(FieldVisit)
    found: dict[int, frozenset[str]] = {}
    for part in in_parts(visit_ids):
        query = (
            select(fields.c.visit_id, orders.c.item_codes)
            .join_from(orders, fields, fields.c.id == orders.c.field_visit_id)
            .where(fields.c.visit_id.in_(part), orders.c.state != OrderState.WITHDRAWN)
        )
        for visit_id, codes in session.execute(query):
            found[visit_id] = found.get(visit_id, frozenset()) | frozenset(codes.split(","))
    return found


def _findings(session: Session, visit_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    table = table_of(Finding)
    found: dict[int, list[Row[Any]]] = {}
    for part in in_parts(visit_ids):
        query = select(table).where(table.c.visit_id.in_(part)).order_by(table.c.visit_id, table.c.id)
        for row in session.execute(query):
            found.setdefault(row.visit_id, []).append(row)
    return found


def _flags(session: Session, visit_ids: Sequence[int]) -> dict[int, bool]:
    """Whether the newest suggested result of each visit rests on assumed values."""
    table = table_of(VisitResult).c
    found: dict[int, bool] = {}
    for part in in_parts(visit_ids):
        query = select(table.visit_id, table.rests_on_assumed).where(table.visit_id.in_(part))
        for visit_id, rests_on_assumed in session.execute(query.order_by(table.id)):
            found[visit_id] = rests_on_assumed
    return found
