"""The law every rulebook must keep: a worse visit never gives a better outcome.

Worse means that the same items were checked and a superset of them failed. Outcomes are ranked by
their scale; an undetermined outcome ranks with the worst level, and one outside the order below
it, so that neither is ever better than a level. Where a scheme itself breaks the law, its rulebook
lists the cases, and the list must be exactly what is found here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product

from grading.checklist import Checklist
from grading.facts import DecidedVisit, UnitFacts
from grading.outcomes import Outcome
from grading.rulebook import Counterexample, Rulebook
from grading.rules import Rules
from grading.scales import Scale
from grading.vocabulary import FAILED, FoodCategory, UnitType

UNDETERMINED = "undetermined"
_CLASS = "small"
_AREAS = (60, 200, 800, 2000, 5000)
_SPECIAL = (UnitType.SCHOOL_CANTEEN, UnitType.CENTRAL_KITCHEN)


@dataclass(frozen=True)
class _Past:
    """What one possible past visit gave."""

    result: str | None
    score: Decimal | int | None


def rank(scale: Scale, value: str | None) -> int:
    """Return how bad an outcome is, 0 best."""
    return len(scale.levels) - 1 if value is None else scale.ranks[value]


def counterexamples(
    rulebook: Rulebook, checklists: Iterable[Checklist], day: date
) -> tuple[Counterexample, ...]:
    """Return every case found in which a worse visit gives a better result or grade."""
    rules = rulebook.on(day)
    found: dict[Counterexample, None] = {}
    named = [row for row in checklists if row.id in rulebook.checklists]
    if rules.has("result"):
        for checklist in named:
            found.update(dict.fromkeys(_in_results(rules, checklist)))
    if rules.has("grade"):
        for checklist in named:
            found.update(dict.fromkeys(_in_grades(rules, checklist)))
    return tuple(sorted(found, key=lambda row: (row.procedure, row.better_visits, row.worse_visits)))


def _chains(checklist: Checklist) -> Iterator[tuple[str, list[frozenset[int]]]]:
    """Yield growing sets of failed items: each mark first, and both interleaved."""
    marked = [p for p, item in enumerate(checklist.items) if item.mark in ("key", "veto")]
    others = [p for p in range(len(checklist.items)) if p not in set(marked)]
    mixed = [p for pair in zip(others, [*marked, *others], strict=False) for p in pair]
    orders = (marked + others, others + marked, list(dict.fromkeys([*mixed, *others])))
    for letter, order in product(FAILED, orders):
        yield letter, [frozenset(order[:size]) for size in range(len(order) + 1)]


def _suggested(rules: Rules, checklist: Checklist, failed: frozenset[int], letter: str) -> Outcome:
    """Suggest from answers, or from findings where the scheme counts those."""
    codes = [checklist.items[place].code for place in sorted(failed)]
    by_findings = "findings" in set(rules.rulebook.procedures["result"].needed())
    answers = "".join(letter if p in failed else "P" for p in range(len(checklist.items)))
    return rules.suggest(checklist, answers, codes if by_findings else (), _CLASS)


def _in_results(rules: Rules, checklist: Checklist) -> Iterator[Counterexample]:
    scale = rules.rulebook.scales[rules.rulebook.procedures["result"].scale]
    for letter, sets in _chains(checklist):
        outcomes = [_suggested(rules, checklist, failed, letter).value for failed in sets]
        worst = 0
        for place, value in enumerate(outcomes):
            if rank(scale, value) < worst:
                before = _said(next(v for v in outcomes[:place] if rank(scale, v) == worst))
                yield Counterexample("result", (before,), (_said(value),), before, _said(value))
            worst = max(worst, rank(scale, value))


def _pasts(rules: Rules, checklist: Checklist) -> list[list[_Past]]:
    """Return chains of pasts, each worse than the one before: the ends of each result's run.

    A scheme that grades but gives no results is tried with the words of its scale of results.
    """
    chains: list[list[_Past]] = []
    if not rules.has("result"):
        scale = rules.rulebook.scales.get("result")
        return [] if scale is None else [[_Past(word, None) for word in scale.words]]
    for letter, sets in _chains(checklist):
        chain: list[_Past] = []
        for failed in sets:
            outcome = _suggested(rules, checklist, failed, letter)
            past = _Past(outcome.value, outcome.number("score"))
            if len(chain) > 1 and chain[-1].result == chain[-2].result == past.result:
                chain.pop()
            chain.append(past)
        chains.append(chain)
    declared = _declared(rules)
    return [*chains, declared] if declared else chains


def _declared(rules: Rules) -> list[_Past]:
    """Return the words of the result scale, for schemes whose result inspectors decide."""
    scale = rules.rulebook.scales[rules.rulebook.procedures["result"].scale]
    if "score" in rules.rulebook.procedures["result"].outputs:
        return []
    return [_Past(word, None) for word in scale.words]


def _in_grades(rules: Rules, checklist: Checklist) -> Iterator[Counterexample]:
    scale = rules.rulebook.scales[rules.rulebook.procedures["grade"].scale]
    chains = _pasts(rules, checklist)
    firsts: list[_Past | None] = [None, *{(p.result, p.score): p for c in chains for p in c}.values()]
    for unit, chain, other in product(_units(), chains, firsts):
        for place, better in enumerate(chain):
            for worse in chain[place + 1 :]:
                yield from _compared(rules, scale, unit, other, better, worse)


def _compared(
    rules: Rules, scale: Scale, unit: UnitFacts, other: _Past | None, better: _Past, worse: _Past
) -> Iterator[Counterexample]:
    gives = _grade(rules, unit, other, better)
    instead = _grade(rules, unit, other, worse)
    if rank(scale, instead) < rank(scale, gives):
        yield Counterexample(
            procedure="grade",
            better_visits=_names(other, better),
            worse_visits=_names(other, worse),
            better_gives=_said(gives),
            worse_gives=_said(instead),
        )


def _grade(rules: Rules, unit: UnitFacts, other: _Past | None, past: _Past) -> str | None:
    pasts = [past] if other is None else [other, past]
    days = [rules.day - timedelta(days=30 * back) for back in range(len(pasts), 0, -1)]
    visits = [DecidedVisit(day, row.result, row.score) for day, row in zip(days, pasts, strict=True)]
    return rules.grade(unit, visits).value


def _names(other: _Past | None, past: _Past) -> tuple[str, ...]:
    return tuple(_said(row.result) for row in ([past] if other is None else [other, past]))


def _units() -> Sequence[UnitFacts]:
    kinds = (*product((UnitType.RESTAURANT, UnitType.CANTEEN), _AREAS), *product(_SPECIAL, _AREAS[1:2]))
    return [
        UnitFacts(
            unit_type=kind.value,
            area_m2=area,
            persons_served=area // 4,
            food_categories=(FoodCategory.HOT.value,),
            licensed_on=date(2000, 1, 1),
            clean_since=date(2000, 1, 1),
        )
        for kind, area in kinds
    ]


def _said(value: str | None) -> str:
    return UNDETERMINED if value is None else value
