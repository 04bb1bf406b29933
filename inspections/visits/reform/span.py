"""One span of units by both sets of rules: whose result, grade, frequency or list proposal differs."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import NamedTuple

from sqlalchemy import Engine

from grading.checklist import Checklist
from grading.facts import ListingFacts
from grading.outcomes import Outcome
from inspections.record.database import read_only
from inspections.rulebooks.queries import Shelf, checklist_version
from inspections.visits.outcomes import LISTED_KINDS, NO_VISITS, GradedUnit, Grader, SpanFacts
from inspections.visits.reform.shelves import two_shelves
from inspections.visits.run_queries import (
    Span,
    UnitRow,
    UnitVisits,
    adjustments_of,
    findings_of,
    units_on,
    visits_until,
)

RESULT, GRADE, FREQUENCY, LISTING = "result", "grade", "frequency", "listing"
KINDS = (RESULT, GRADE, FREQUENCY, LISTING)

Kind = tuple[str, str | None, str | None]
"""What changes, from what, to what."""


class UnitChange(NamedTuple):
    """One thing that would be otherwise for one unit."""

    unit_id: int
    unit_type: str
    kind: Kind


class Derived(NamedTuple):
    """An outcome's two texts; empty where there is no outcome, with why."""

    derivation: str
    facts: str
    why: str = ""


class ChangeExample(NamedTuple):
    """The first unit with a kind of change, and how both values come about."""

    unit_id: int
    before: Derived
    after: Derived


@dataclass
class SpanChanges:
    """What would be otherwise in a span."""

    units: int = 0
    changes: list[UnitChange] = field(default_factory=list)
    examples: dict[Kind, ChangeExample] = field(default_factory=dict)


class _Side:
    """One set of rules as of the day: what it makes of each unit of a span."""

    def __init__(self, shelf: Shelf, on: date, checklist: Callable[[int], Checklist]) -> None:
        self.shelf = shelf
        self.on = on
        self.checklist = checklist
        self.grader = Grader(shelf, on, checklist)

    def text_for(self, purpose: str, unit_type: str) -> tuple[str, str] | None:
        """The scheme that holds on the day and the hash of its text: the same two, the same outcome."""
        scheme = self.shelf.scheme_for(purpose, unit_type, self.on)
        return None if scheme is None else (scheme, self.shelf.texts[scheme].sha256)

    def results(self, units: Sequence[UnitRow], facts: SpanFacts) -> dict[int, Outcome]:
        """What the rules of the day suggest for each unit's latest visit."""
        groups: dict[tuple[str, int], list[tuple[int, int, str]]] = defaultdict(list)
        for unit in units:
            visits = facts.visits.get(unit.unit_id)
            scheme = self.shelf.scheme_for("result", unit.facts.unit_type, self.on)
            if visits is not None and scheme is not None:
                latest = unit.unit_id, visits.ids[-1], visits.answers[-1]
                groups[scheme, visits.checklist_version_ids[-1]].append(latest)
        found: dict[int, Outcome] = {}
        for (scheme, checklist_id), rows in groups.items():
            found.update(self._suggested(scheme, self.checklist(checklist_id), rows, facts.findings))
        return found

    def _suggested(
        self,
        scheme: str,
        checklist: Checklist,
        rows: Sequence[tuple[int, int, str]],
        findings: Mapping[int, Sequence[str]],
    ) -> Iterator[tuple[int, Outcome]]:
        rules = self.shelf.rules(scheme, self.on)
        if not rules.has("result"):
            return
        if "findings" in set(rules.rulebook.procedures["result"].needed()):
            for unit_id, visit_id, answers in rows:
                yield unit_id, rules.suggest(checklist, answers, findings.get(visit_id, ()))
        else:
            suggested = rules.suggest_each(checklist, [answers for _, _, answers in rows])
            yield from zip((unit_id for unit_id, _, _ in rows), suggested, strict=True)

    def proposal(self, unit: UnitRow, visits: UnitVisits, grade: str | None) -> Outcome | None:
        """What the rules of the day propose for the list after the unit's latest campaign visit."""
        places = [place for place, kind in enumerate(visits.kinds) if kind in LISTED_KINDS]
        scheme = self.shelf.scheme_for("listing", unit.facts.unit_type, self.on)
        if not places or scheme is None:
            return None
        visit, themes = visits.decided[places[-1]], visits.theme_items[places[-1]]
        facts = ListingFacts.of(
            self.checklist(visits.checklist_version_ids[places[-1]]),
            visits.answers[places[-1]],
            result=visit.result,
            grade=grade,
            kind=visit.kind,
            theme_items=tuple(themes.split(",")) if themes else (),
        )
        return self.shelf.rules(scheme, self.on).propose(facts)


class ReformWorker:
    """Compares spans of units as of a day: the rules in use now, and the same with a draft."""

    def __init__(self, engine: Engine, on: date, text: str, purposes: tuple[str, ...] = ()) -> None:
        """Read the rules once."""
        self._engine = engine
        self._on = on
        checklist = cache(self._checklist)
        with read_only(engine) as session:
            shelves = two_shelves(session, text, on, purposes)
        self._before, self._after = (_Side(shelf, on, checklist) for shelf in (shelves.before, shelves.after))
        self._reads_findings = any(side.grader.reads_findings() for side in (self._before, self._after))

    def __call__(self, span: Span) -> SpanChanges:
        """What would be otherwise in a span."""
        with read_only(self._engine) as session:
            facts = SpanFacts(
                units=units_on(session, span, self._on, None),
                visits=visits_until(session, span, self._on, None),
                adjustments=adjustments_of(session, span, self._on, None),
                findings=findings_of(session, span) if self._reads_findings else {},
            )
        return _SpanComparison(self._before, self._after, facts).done()

    def _checklist(self, version_id: int) -> Checklist:
        with read_only(self._engine) as session:
            return checklist_version(session, version_id).checklist


class _SpanComparison:
    """One span: both sides of every unit for which anything may differ."""

    def __init__(self, before: _Side, after: _Side, facts: SpanFacts) -> None:
        self._before = before
        self._after = after
        self._facts = facts
        self._found = SpanChanges(units=len(facts.units))
        self._differs = cache(self._may_differ)

    def done(self) -> SpanChanges:
        self._results()
        for unit in self._facts.units:
            if self._differs("grade", unit.facts.unit_type):
                self._grades(unit)
            elif self._differs("listing", unit.facts.unit_type):
                self._listing(unit, self._grade(self._before, unit), self._grade(self._after, unit))
        return self._found

    def _may_differ(self, purpose: str, unit_type: str) -> bool:
        return self._before.text_for(purpose, unit_type) != self._after.text_for(purpose, unit_type)

    def _results(self) -> None:
        units = [unit for unit in self._facts.units if self._differs("result", unit.facts.unit_type)]
        before, after = (side.results(units, self._facts) for side in (self._before, self._after))
        for unit in units:
            one, two = before.get(unit.unit_id), after.get(unit.unit_id)
            old, new = (None if side is None else side.value for side in (one, two))
            if old != new:
                self._note(unit, (RESULT, old, new), _derived(one), _derived(two))

    def _grade(self, side: _Side, unit: UnitRow) -> GradedUnit:
        visits = self._facts.visits.get(unit.unit_id, NO_VISITS)
        return side.grader.grade(unit, visits, self._facts.adjustments.get(unit.unit_id, ()))

    def _grades(self, unit: UnitRow) -> None:
        one, two = self._grade(self._before, unit), self._grade(self._after, unit)
        pairs = ((GRADE, _value(one), _value(two)), (FREQUENCY, _frequency(one), _frequency(two)))
        for kind in pairs:
            if kind[1] != kind[2]:
                self._note(unit, kind, _of_grade(one), _of_grade(two))
        self._listing(unit, one, two)

    def _listing(self, unit: UnitRow, before: GradedUnit, after: GradedUnit) -> None:
        visits = self._facts.visits.get(unit.unit_id, NO_VISITS)
        if LISTED_KINDS.isdisjoint(visits.kinds):
            return
        one = self._before.proposal(unit, visits, _value(before))
        two = self._after.proposal(unit, visits, _value(after))
        old, new = (None if side is None else side.value for side in (one, two))
        if old != new:
            self._note(unit, (LISTING, old, new), _derived(one), _derived(two))

    def _note(self, unit: UnitRow, kind: Kind, before: Derived, after: Derived) -> None:
        self._found.changes.append(UnitChange(unit.unit_id, unit.facts.unit_type, kind))
        if kind not in self._found.examples:
            self._found.examples[kind] = ChangeExample(unit.unit_id, before, after)


def _value(graded: GradedUnit) -> str | None:
    return graded.verdict.value if graded.verdict is not None else None


def _frequency(graded: GradedUnit) -> str | None:
    found = graded.verdict.frequency if graded.verdict is not None else None
    return None if found is None else f"{found[0]}" if found[0] == found[1] else f"{found[0]}至{found[1]}"


def _derived(outcome: Outcome | None) -> Derived:
    return Derived("", "") if outcome is None else Derived(outcome.derivation, outcome.facts)


def _of_grade(graded: GradedUnit) -> Derived:
    if graded.verdict is None:
        return Derived("", "", graded.problem or "")
    return _derived(graded.verdict)
