"""What units come to under the rules of a day: results, proposals, verdicts; nothing is stored."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import NamedTuple

from grading.checklist import Checklist
from grading.days import add_months
from grading.errors import AnswersError
from grading.facts import Adjustment, DecidedVisit, ListingFacts, UnitFacts
from grading.outcomes import Proposal, Suggestion, Verdict
from grading.rules import Rules
from inspections.rulebooks.queries import Shelf
from inspections.visits.run_queries import UnitRow, UnitVisits
from inspections.visits.tables import VisitKind

# The list is drawn up from the visits of a month's campaign, not from other inspections.
LISTED_KINDS = frozenset({VisitKind.CAMPAIGN.value})

NO_VISITS = UnitVisits()

_ResultRules = tuple[Rules, int, bool]
"""Rules, their version, and whether they count findings one by one."""


class ProposedVisit(NamedTuple):
    """A proposal for the list under one rulebook version."""

    visit_id: int
    visited_on: date
    version_id: int
    proposal: Proposal


class GradedUnit(NamedTuple):
    """A unit's verdict; none where no scheme holds, or where its facts contradict the rules (`problem`)."""

    unit: UnitRow
    version_id: int | None
    verdict: Verdict | None
    problem: str | None = None


@dataclass
class SpanFacts:
    """Everything known of some units."""

    units: Sequence[UnitRow]
    """Those that trade on the day."""
    visits: Mapping[int, UnitVisits]
    adjustments: Mapping[int, list[Adjustment]]
    findings: Mapping[int, list[str]]
    results_stored: set[tuple[int, int]] = field(default_factory=set)
    proposals_stored: set[tuple[int, int]] = field(default_factory=set)
    ceased: Sequence[UnitRow] = ()
    """Those that no longer do: their visits still get results; they get no grade and no proposal."""


@dataclass
class Grader:
    """Applies the rules of a shelf as of a day; remembers what depends on rules alone."""

    shelf: Shelf
    on: date
    checklist: Callable[[int], Checklist]
    _results: dict[str, "_RulesOfDays"] = field(default_factory=dict)
    _official: set[int] = field(default_factory=set)
    """Checklist versions without provisional items."""
    _coverage: dict[str, int | None] = field(default_factory=dict)

    def reads_findings(self) -> bool:
        """Whether any result rule on the shelf counts findings one by one instead of answers."""
        rulebooks = map(self.shelf.rulebook, self.shelf.schemes_holding("result"))
        return any("findings" in set(book.procedures["result"].needed()) for book in rulebooks)

    def suggestions(self, facts: SpanFacts) -> Iterator[tuple[int, list[int], list[Suggestion]]]:
        """Under each rulebook version the visits that have no result yet, and their suggested results."""
        for (rules, version_id, counts_findings), checklist_id, asked in self._asked(facts):
            checklist, ids = self.checklist(checklist_id), list(asked)
            if counts_findings:
                rows = [(asked[id_], facts.findings.get(id_, ())) for id_ in ids]
                yield version_id, ids, [rules.suggest(checklist, answers, found) for answers, found in rows]
            else:
                yield version_id, ids, rules.suggest_each(checklist, list(asked.values()))

    def _asked(self, facts: SpanFacts) -> Iterator[tuple[_ResultRules, int, dict[int, str]]]:
        """The answers of visits without a stored result, by their rules and checklist."""
        groups: dict[tuple[_ResultRules, int], dict[int, str]] = defaultdict(dict)
        stored = facts.results_stored
        for unit in chain(facts.units, facts.ceased):
            of_day = self._results_rules(unit.facts.unit_type)
            ids, checklists, packed, _, _, decided = facts.visits.get(unit.unit_id, NO_VISITS)
            for id_, checklist_id, answers, visit in zip(ids, checklists, packed, decided, strict=True):
                found = of_day[visit.day]
                if found is not None and (not stored or (id_, found[1]) not in stored):
                    groups[found, checklist_id][id_] = answers
        for (found, checklist_id), asked in groups.items():
            yield found, checklist_id, asked

    def proposals(self, facts: SpanFacts, grades: Mapping[int, str | None]) -> Iterator[ProposedVisit]:
        """What the rules propose for the list after each campaign visit without a stored proposal.

        `grades` are the units' grades of this run: what holds when the list is drawn up.
        """
        for unit in facts.units:
            visits = facts.visits.get(unit.unit_id, NO_VISITS)
            if LISTED_KINDS.isdisjoint(visits.kinds):
                continue
            for place, visit in enumerate(visits.decided):
                if visit.kind not in LISTED_KINDS:
                    continue
                scheme = self.shelf.scheme_for("listing", unit.facts.unit_type, visit.day)
                if scheme is None:
                    continue
                id_, version_id = visits.ids[place], self.shelf.version_id(scheme)
                if (id_, version_id) not in facts.proposals_stored:
                    proposal = self._propose(scheme, visits, place, grades.get(unit.unit_id))
                    yield ProposedVisit(id_, visit.day, version_id, proposal)

    def verdicts(self, facts: SpanFacts) -> Iterator[GradedUnit]:
        """The grade of every unit as of the day."""
        for unit in facts.units:
            id_ = unit.unit_id
            yield self.grade(unit, facts.visits.get(id_, NO_VISITS), facts.adjustments.get(id_, ()))

    def grade(self, unit: UnitRow, visits: UnitVisits, adjustments: Sequence[Adjustment]) -> GradedUnit:
        """The grade of one unit from its decided visits."""
        scheme = self.shelf.scheme_for("grade", unit.facts.unit_type, self.on)
        if scheme is None:
            return GradedUnit(unit, None, None)
        decided = self.decided(scheme, visits)
        version_id = self.shelf.version_id(scheme)
        try:
            verdict = self.shelf.rules(scheme, self.on).grade(unit.facts, decided, adjustments)
        except AnswersError as error:
            # One unit's contradictory facts must not stop the grading of all others.
            return GradedUnit(unit, version_id, None, str(error))
        return GradedUnit(unit, version_id, verdict)

    def decided(self, scheme: str, visits: UnitVisits) -> Sequence[DecidedVisit]:
        """A unit's visits as a scheme counts them."""
        decided = visits.decided
        if not self._official.issuperset(visits.checklist_version_ids):
            decided = self._marked(visits)
        if self.gives_scores(scheme):
            decided = [self._scored(scheme, visits, *pair) for pair in enumerate(decided)]
        return decided

    def due_on(self, unit: UnitRow, verdict: Verdict | None, visits: UnitVisits) -> date | None:
        """By when the next visit is due, for the staff only: by its grade, at the latest by full coverage.

        A visit that left items unchecked covers nothing.
        """
        days = [verdict.next_due_on] if verdict is not None and verdict.next_due_on is not None else []
        months = self._coverage_months(unit.facts.unit_type)
        if months is not None:
            pairs = zip(visits.decided, visits.answers, strict=True)
            whole = (v.day for v, answers in pairs if not v.is_recheck and "-" not in answers)
            start = max(whole, default=unit.facts.licensed_on)
            days += [add_months(start, months)] if start is not None else []
        return min(days, default=None)

    def _coverage_months(self, unit_type: str) -> int | None:
        """Within how many months all items are to be checked; none where no scheme says so."""
        if unit_type not in self._coverage:
            scheme = self.shelf.scheme_for("coverage", unit_type, self.on)
            verdict = self.shelf.rules(scheme, self.on).grade(UnitFacts(unit_type), ()) if scheme else None
            self._coverage[unit_type] = verdict.due_months if verdict is not None else None
        return self._coverage[unit_type]

    def gives_scores(self, scheme: str) -> bool:
        """Whether a scheme reckons scores of its own for visits."""
        procedure = self.shelf.rulebook(scheme).procedures.get("result")
        return procedure is not None and "score" in procedure.outputs

    def _marked(self, visits: UnitVisits) -> list[DecidedVisit]:
        """Visits that say whether they rest on provisional items; checklists without any are noted."""
        marked = []
        columns = zip(visits.decided, visits.checklist_version_ids, visits.answers, strict=True)
        for visit, version_id, answers in columns:
            checklist = self.checklist(version_id)
            if not checklist.provisional_places:
                self._official.add(version_id)
            marked.append(visit._replace(provisional=checklist.is_provisional(answers)))
        return marked

    def _scored(self, scheme: str, visits: UnitVisits, place: int, visit: DecidedVisit) -> DecidedVisit:
        """A visit with the score that the scheme itself reckons, where the inspectors gave none."""
        if visit.score is not None:
            return visit
        checklist = self.checklist(visits.checklist_version_ids[place])
        rules = self.shelf.rules_of_period(scheme, visit.day)
        return visit._replace(score=rules.suggest(checklist, visits.answers[place]).score)

    def _propose(self, scheme: str, visits: UnitVisits, place: int, grade: str | None) -> Proposal:
        visit, theme_items = visits.decided[place], visits.theme_items[place]
        listing = ListingFacts.of(
            self.checklist(visits.checklist_version_ids[place]),
            visits.answers[place],
            result=visit.result,
            grade=grade,
            kind=visit.kind,
            theme_items=tuple(theme_items.split(",")) if theme_items else (),
        )
        return self.shelf.rules_of_period(scheme, visit.day).propose(listing)

    def _results_rules(self, unit_type: str) -> "_RulesOfDays":
        if unit_type not in self._results:
            self._results[unit_type] = _RulesOfDays(self.shelf, unit_type)
        return self._results[unit_type]


class _RulesOfDays(dict[date, _ResultRules | None]):
    """The rules by which visits of a unit type get their results, day by day."""

    def __init__(self, shelf: Shelf, unit_type: str) -> None:
        super().__init__()
        self._shelf = shelf
        self._unit_type = unit_type

    def __missing__(self, day: date) -> _ResultRules | None:
        found: _ResultRules | None = None
        scheme = self._shelf.scheme_for("result", self._unit_type, day)
        if scheme is not None and "result" in self._shelf.rulebook(scheme).procedures:
            rules = self._shelf.rules_of_period(scheme, day)
            needed = set(rules.rulebook.procedures["result"].needed())
            found = (rules, self._shelf.version_id(scheme), "findings" in needed)
        self[day] = found
        return found
