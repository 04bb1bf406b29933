"""Grading one span of units without storing anything: compact rows that also travel between processes."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import chain, repeat
from typing import Any, NamedTuple

from sqlalchemy import Engine, Row
from sqlmodel import Session

from grading.checklist import Checklist
from grading.outcomes import Outcome, Verdict
from inspections.record.database import read_only
from inspections.rulebooks.queries import checklist_version, shelf_of
from inspections.visits.outcomes import NO_VISITS, GradedUnit, Grader, SpanFacts
from inspections.visits.run_queries import (
    Span,
    adjustments_of,
    derivation_hashes,
    findings_of,
    newest_standings,
    newest_verdicts,
    proposals_stored,
    results_stored,
    units_until,
    visits_until,
)

_DAY_OF_GRADING = re.compile(r'"on":"[0-9-]{10}"')

Number = int | Decimal | None


class OutcomeRow(NamedTuple):
    """What many subjects share: an outcome with its derivation, stored once and pointed at."""

    value: str | None
    score: Number
    missing: str
    rests_on_assumed: bool
    provisional: bool
    facts: str
    """Empty where every subject has its own."""
    derivation_sha256: str
    derivation: str


class VerdictRow(NamedTuple):
    """A unit's new verdict."""

    unit_id: int
    version_id: int | None
    place: int | None
    """Its place in `shared`; none where there is no outcome."""
    facts: str
    missing: str = ""
    """Why there is no outcome."""


@dataclass
class SpanOutcome:
    """What grading a span came to, and what of it is new."""

    units: int = 0
    graded: int = 0
    undetermined: int = 0
    proposals_undetermined: int = 0
    shared: list[OutcomeRow] = field(default_factory=list)
    results: list[tuple[int, int, int]] = field(default_factory=list)
    """Visit, rulebook version, place in `shared`."""
    proposals: list[tuple[int, int, str, int]] = field(default_factory=list)
    """Visit, rulebook version, month, place in `shared`."""
    verdicts: list[VerdictRow] = field(default_factory=list)
    doors: list[int] = field(default_factory=list)
    """Premises whose unit has a new verdict, or a visit with a new result."""
    standings: list[tuple[int, str | None, date | None, bool]] = field(default_factory=list)
    """Unit, grade, day due, and whether the grade rests on assumed values."""


class Worker:
    """Grades spans as of a day with the rules in use now; remembers what depends on rules alone."""

    def __init__(self, engine: Engine, on: date, *, is_first: bool = False) -> None:
        """Read the rules once; at the first grading there is nothing stored to compare with."""
        self._engine = engine
        self._on = on
        self._is_first = is_first
        with read_only(engine) as session:
            self.grader = Grader(shelf_of(session), on, cache(self._checklist))

    def __call__(self, span: Span) -> SpanOutcome:
        """What a span of units comes to as of the day."""
        with read_only(self._engine) as session:
            trading, ceased = units_until(session, span, self._on, None)
            facts = SpanFacts(
                units=trading,
                ceased=ceased,
                visits=visits_until(session, span, self._on, None),
                adjustments=adjustments_of(session, span, self._on, None),
                findings=findings_of(session, span) if self.grader.reads_findings() else {},
                results_stored=set() if self._is_first else results_stored(session, span),
                proposals_stored=set() if self._is_first else proposals_stored(session, span),
            )
            return _SpanWork(session, self.grader, span, facts).done()

    def _checklist(self, version_id: int) -> Checklist:
        with read_only(self._engine) as session:
            return checklist_version(session, version_id).checklist


class _SpanWork:
    """One span: its outcomes compared with what is stored."""

    def __init__(self, session: Session, grader: Grader, span: Span, facts: SpanFacts) -> None:
        self._session = session
        self._grader = grader
        self._span = span
        self._facts = facts
        self._outcome = SpanOutcome()
        # The outcome is kept beside its place: an id means something only while its object lives.
        self._places: dict[int, tuple[int, Outcome]] = {}
        self._verdict_places: dict[str, int] = {}

    def done(self) -> SpanOutcome:
        graded = list(self._grader.verdicts(self._facts))
        self._verdicts(graded)
        results = self._outcome.results
        for version_id, ids, suggested in self._grader.suggestions(self._facts):
            places = {id(one): one for one in suggested}
            place_of = {key: self._place(one) for key, one in places.items()}
            results += zip(ids, repeat(version_id), map(place_of.__getitem__, map(id, suggested)))
        # In the order of the table that they point at: the index grows at few places at a time.
        results.sort()
        self._doors_of_results()
        self._proposals({one.unit.unit_id: one.verdict.value if one.verdict else None for one in graded})
        return self._outcome

    def _place(self, outcome: Outcome) -> int:
        found = self._places.get(id(outcome))
        if found is None:
            found = self._places[id(outcome)] = (len(self._outcome.shared), outcome)
            self._outcome.shared.append(_row(outcome, outcome.number("score")))
        return found[0]

    def _doors_of_results(self) -> None:
        """A visit may be told with its result only now, also where it leaves the unit's verdict as it was."""
        fresh, doors = {visit_id for visit_id, _, _ in self._outcome.results}, set(self._outcome.doors)
        for unit in chain(self._facts.units, self._facts.ceased) if fresh else ():
            visits = self._facts.visits.get(unit.unit_id, NO_VISITS)
            if unit.premises_id not in doors and not fresh.isdisjoint(visits.ids):
                self._outcome.doors.append(unit.premises_id)

    def _proposals(self, grades: dict[int, str | None]) -> None:
        for visit_id, visited_on, version_id, proposal in self._grader.proposals(self._facts, grades):
            if proposal.value is None:
                self._outcome.proposals_undetermined += 1
            elif proposal.value in ("red", "black"):
                month = f"{visited_on:%Y-%m}"
                self._outcome.proposals.append((visit_id, version_id, month, self._place(proposal)))

    def _verdicts(self, graded: list[GradedUnit]) -> None:
        before = newest_verdicts(self._session, self._span)
        standings = newest_standings(self._session, self._span)
        hashes = derivation_hashes(self._session, [row.derivation_id for row in before.values()])
        out = self._outcome
        for unit, version_id, verdict, problem in graded:
            id_ = unit.unit_id
            missing = no_verdict(problem) if verdict is None else "\n".join(verdict.missing)
            row = before.get(id_)
            if row is None or _differs(row, version_id, verdict, missing, hashes):
                out.doors.append(unit.premises_id)
                if verdict is None:
                    out.verdicts.append(VerdictRow(id_, version_id, None, "", missing))
                else:
                    place = self._place_of_verdict(verdict)
                    out.verdicts.append(VerdictRow(id_, version_id, place, verdict.facts))
            due_on = self._grader.due_on(unit, verdict, self._facts.visits.get(id_, NO_VISITS))
            grade, assumed = (verdict.value, bool(verdict.rests_on_assumed)) if verdict else (None, False)
            standing = (grade, due_on, assumed)
            if standings.get(id_) != standing:
                out.standings.append((id_, *standing))
        out.units = len(graded)
        out.graded = sum(verdict is not None and verdict.value is not None for _, _, verdict, _ in graded)
        out.undetermined = out.units - out.graded

    def _place_of_verdict(self, verdict: Verdict) -> int:
        # A derivation says all of a verdict but the unit's own facts.
        place = self._verdict_places.get(verdict.derivation_sha256)
        if place is None:
            place = self._verdict_places[verdict.derivation_sha256] = len(self._outcome.shared)
            self._outcome.shared.append(_row(verdict, verdict.points)._replace(facts=""))
        return place


def _row(outcome: Outcome, score: Number) -> OutcomeRow:
    return OutcomeRow(
        outcome.value,
        score,
        "\n".join(outcome.missing),
        bool(outcome.rests_on_assumed),
        outcome.provisional,
        outcome.facts,
        outcome.derivation_sha256,
        outcome.derivation,
    )


def _differs(
    before: Row[Any], version_id: int | None, verdict: Verdict | None, missing: str, hashes: dict[int, str]
) -> bool:
    """Whether a verdict says anything new; the mere day of the grading is nothing new."""
    if before.rulebook_version_id != version_id:
        return True
    if verdict is None or before.derivation_id is None:
        return verdict is not None or before.derivation_id is not None or before.missing != missing
    said = (before.grade, before.missing, hashes[before.derivation_id], before.rests_on_assumed)
    if said != (verdict.value, missing, verdict.derivation_sha256, bool(verdict.rests_on_assumed)):
        return True
    return _DAY_OF_GRADING.sub("", before.facts) != _DAY_OF_GRADING.sub("", verdict.facts)


def no_verdict(problem: str | None) -> str:
    """Why a unit has no verdict, as a name of what is missing."""
    return "holding.grade" if problem is None else f"case.{problem}".replace("\n", " ")
