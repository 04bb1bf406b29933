"""One span of units by both sets of rules: whose result, grade, frequency or list proposal differs."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, partial
from typing import NamedTuple

from sqlalchemy import Engine

from grading.checklist import Checklist
from grading.errors import AnswersError
from grading.facts import Adjustment, ListingFacts
from grading.outcomes import Outcome, Outlook
from grading.plans import Subject
from grading.rules import Rules
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


class Side:
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


class Gradings:
    """How both sides grade units of a type; what they see alike and work out alike is done once."""

    def __init__(self, sides: Sequence[Side], unit_type: str) -> None:
        self._sides = sides
        self._schemes = [side.shelf.scheme_for("grade", unit_type, side.on) for side in sides]
        self._rules = [
            None if scheme is None else side.shelf.rules(scheme, side.on)
            for side, scheme in zip(sides, self._schemes, strict=True)
        ]
        reckon = (
            scheme is not None and side.grader.gives_scores(scheme)
            for side, scheme in zip(sides, self._schemes, strict=True)
        )
        self._sees_alike = None not in self._rules and not any(reckon)

    def share(self) -> None:
        """Let the rules of both sides share what they can."""
        before, after = self._rules
        if before is not None and after is not None and before is not after:
            after.compare_with(before)

    def keep_apart(self) -> None:
        """Let each side see a unit by itself: the new rules stand beside others already."""
        self._sees_alike = False

    def of(
        self, unit: UnitRow, visits: UnitVisits, adjustments: Sequence[Adjustment]
    ) -> tuple[Outlook | None, Outlook | None]:
        """The unit's grade on both sides."""
        if not self._sees_alike:
            return self._one(0, unit, visits, adjustments), self._one(1, unit, visits, adjustments)
        before, after = self._rules
        if before is None:
            return None, None
        decided = self._sides[0].grader.decided(str(self._schemes[0]), visits)
        subject = before.subject(unit.facts, decided, adjustments)
        return _outlook(before, subject), _outlook(after, subject)

    def _one(
        self, place: int, unit: UnitRow, visits: UnitVisits, adjustments: Sequence[Adjustment]
    ) -> Outlook | None:
        rules, scheme = self._rules[place], self._schemes[place]
        if rules is None or scheme is None:
            return None
        try:
            decided = self._sides[place].grader.decided(scheme, visits)
        except AnswersError:
            return None
        return _outlook(rules, rules.subject(unit.facts, decided, adjustments))


def _outlook(rules: Rules | None, subject: Subject) -> Outlook | None:
    try:
        return None if rules is None else rules.outlook(subject)
    except AnswersError:
        # One unit's contradictory facts must not stop the preview of all others.
        return None


class AllGradings(dict[str, Gradings]):
    """The gradings of unit types. Each of the new rules is put beside one of the old, and once."""

    def __init__(self, before: Side, after: Side) -> None:
        """Nothing is worked out before a unit type occurs."""
        super().__init__()
        self._sides = (before, after)
        self._beside: dict[object, object] = {}

    def __missing__(self, unit_type: str) -> Gradings:
        found = self[unit_type] = Gradings(self._sides, unit_type)
        before, after = (side.text_for("grade", unit_type) for side in self._sides)
        if after not in self._beside:
            self._beside[after] = before
            found.share()
        elif self._beside[after] != before:
            found.keep_apart()
        return found


class ReformWorker:
    """Compares spans of units as of a day: the rules in use now, and the same with a draft."""

    def __init__(self, engine: Engine, on: date, text: str, purposes: tuple[str, ...] = ()) -> None:
        """Read the rules once."""
        self._engine = engine
        self._on = on
        checklist = cache(self._checklist)
        with read_only(engine) as session:
            shelves = two_shelves(session, text, on, purposes)
        self._before = Side(shelves.before, on, checklist)
        self._after = Side(shelves.after, on, checklist)
        self._gradings = AllGradings(self._before, self._after)
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
        return _SpanComparison(self._before, self._after, self._gradings, facts).done()

    def _checklist(self, version_id: int) -> Checklist:
        with read_only(self._engine) as session:
            return checklist_version(session, version_id).checklist


class _SpanComparison:
    """One span: both sides of every unit for which anything may differ."""

    def __init__(self, before: Side, after: Side, gradings: AllGradings, facts: SpanFacts) -> None:
        self._before = before
        self._after = after
        self._gradings = gradings.__getitem__
        self._facts = facts
        self._found = SpanChanges(units=len(facts.units))
        self._differs = cache(self._may_differ)

    def done(self) -> SpanChanges:
        self._results()
        for unit in self._facts.units:
            if self._differs("grade", unit.facts.unit_type) or self._differs("listing", unit.facts.unit_type):
                self._grades(unit)
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
                self._note(unit, (RESULT, old, new), partial(_both, one, two))

    def _grades(self, unit: UnitRow) -> None:
        visits = self._facts.visits.get(unit.unit_id, NO_VISITS)
        gradings = self._gradings(unit.facts.unit_type)
        one, two = gradings.of(unit, visits, self._facts.adjustments.get(unit.unit_id, ()))
        if one != two:
            for kind in ((GRADE, _value(one), _value(two)), (FREQUENCY, _frequency(one), _frequency(two))):
                if kind[1] != kind[2]:
                    self._note(unit, kind, partial(self._derived_grades, unit))
        if not LISTED_KINDS.isdisjoint(visits.kinds):
            self._listing(unit, visits, _value(one), _value(two))

    def _derived_grades(self, unit: UnitRow) -> tuple[Derived, Derived]:
        visits = self._facts.visits.get(unit.unit_id, NO_VISITS)
        adjustments = self._facts.adjustments.get(unit.unit_id, ())
        graded = (side.grader.grade(unit, visits, adjustments) for side in (self._before, self._after))
        one, two = map(_of_grade, graded)
        return one, two

    def _listing(self, unit: UnitRow, visits: UnitVisits, before: str | None, after: str | None) -> None:
        one = self._before.proposal(unit, visits, before)
        two = self._after.proposal(unit, visits, after)
        old, new = (None if side is None else side.value for side in (one, two))
        if old != new:
            self._note(unit, (LISTING, old, new), partial(_both, one, two))

    def _note(self, unit: UnitRow, kind: Kind, derived: Callable[[], tuple[Derived, Derived]]) -> None:
        self._found.changes.append(UnitChange(unit.unit_id, unit.facts.unit_type, kind))
        if kind not in self._found.examples:
            self._found.examples[kind] = ChangeExample(unit.unit_id, *derived())


def _value(found: Outlook | None) -> str | None:
    return None if found is None or found.value is None else str(found.value)


def _frequency(found: Outlook | None) -> str | None:
    visits = None if found is None else found.frequency
    return (
        None if visits is None else f"{visits[0]}" if visits[0] == visits[1] else f"{visits[0]}至{visits[1]}"
    )


def _derived(outcome: Outcome | None) -> Derived:
    return Derived("", "") if outcome is None else Derived(outcome.derivation, outcome.facts)


def _both(one: Outcome | None, two: Outcome | None) -> tuple[Derived, Derived]:
    return _derived(one), _derived(two)


def _of_grade(graded: GradedUnit) -> Derived:
    if graded.verdict is None:
        return Derived("", "", graded.problem or "")
    return _derived(graded.verdict)
