"""Comparing two sets of rules: the short way gives what the whole grade gives, also where work is shared."""

import random  # noqa: TID251  # a fixed seed
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from grading.bundles import overlay
from grading.facts import Adjustment, DecidedVisit, UnitFacts
from grading.outcomes import Outlook
from grading.rulebook import Rulebook, read_rulebook
from grading.vocabulary import FoodCategory, SizeClass, SpecialGroup, UnitType
from tests.grading.shipped import TODAY, rulebook, scheme_text

SEED = 20261125
CHANGED = {
    "matrix": ("grade_matrix", "patch: {I: {compliant: C}}"),
    "frequency": ("visits_per_year", "patch: {A: 4}"),
    "tiers": ("static_tiers", "value: [{from: 0, to: 9, is: I}, {from: 10, to: 40, is: III}]"),
    "facilities": ("facilities_by_type", "patch: {restaurant: 1}"),
    "forced": ("forced_grades", "value: [{is: B}]"),
    "counted": ("visits_counted", "value: 2"),
    "unknown": ("adjust_years_later", "value: null"),
    "ended": ("months_to_next_visit", "repealed: true"),
    "nothing": ("visits_per_year", "patch: {A: 1}"),
}
# No grade and no frequency rests on these.
WITHOUT_EFFECT = {"nothing", "ended", "counted"}


def _changed(name: str) -> Rulebook:
    header = "scheme: {id: changed, title_zh: 改, title_en: Changed, step: 1, overlay_of: demo-local}\n"
    cell, says = CHANGED[name]
    entry = f"{{2020-03-30: {{{says}, basis: assumed, text: demo}}}}"
    layer = f"{header}cells:\n  {cell}: {{values: {entry}}}\n"
    return read_rulebook(overlay(scheme_text("demo-local"), {"x.yaml": layer}, "changed"))


def _units(rng: random.Random, count: int) -> list[UnitFacts]:
    return [
        UnitFacts(
            rng.choice(tuple(UnitType)).value,
            area_m2=rng.choice((None, 20, 90, 200, 700, 4000)),
            seats=rng.choice((None, 10, 500)),
            persons_served=rng.choice((None, 50, 600)),
            size_class=rng.choice((None, *(size.value for size in SizeClass))),
            food_categories=rng.choice((None, (FoodCategory.HOT.value,), (FoodCategory.COLD.value,))),
            special_groups=rng.choice(((), (SpecialGroup.STUDENTS.value,))),
            licensed_on=rng.choice((None, date(2019, 1, 1), TODAY - timedelta(days=30))),
            facilities_points=rng.choice((None, 3, 12)),
        )
        for _ in range(count)
    ]


def _visits(rng: random.Random) -> list[DecidedVisit]:
    words = ("compliant", "basically_compliant", "non_compliant")
    days = sorted(rng.sample(range(1, 900), rng.randrange(4)), reverse=True)
    return [
        DecidedVisit(TODAY - timedelta(days=day), rng.choice(words), is_recheck=rng.random() < 0.2)
        for day in days
    ]


def _events(rng: random.Random) -> list[Adjustment]:
    if rng.random() < 0.7:
        return []
    day = date(2025, 3, 1)
    return [Adjustment(rng.choice(("accident", "gmp_or_haccp_certified")), day, "1号", 1, "甲", "见1号")]


def _cases(count: int) -> Sequence[tuple[UnitFacts, list[DecidedVisit], list[Adjustment]]]:
    rng = random.Random(SEED)  # noqa: S311  # a fixed seed
    return [(unit, _visits(rng), _events(rng)) for unit in _units(rng, count)]


@pytest.mark.parametrize("name", CHANGED)
def test_two_sides_that_share_their_work_give_what_each_gives_alone(name: str) -> None:
    before, after = rulebook("demo-local").on(TODAY), _changed(name).on(TODAY)
    alone = rulebook("demo-local").on(TODAY), _changed(name).on(TODAY)
    after.compare_with(before)
    differing = 0
    for unit, visits, events in _cases(200):
        subject = before.subject(unit, visits, events)
        found = [rules.outlook(subject) for rules in (before, after)]
        verdicts = [rules.grade(unit, visits, events) for rules in alone]
        assert found == [Outlook(verdict.value, verdict.frequency) for verdict in verdicts]
        # The whole grade, asked of rules that share, is the same to its last letter.
        again = [rules.grade(unit, visits, events) for rules in (before, after)]
        assert again == verdicts
        differing += found[0] != found[1]
    assert (differing == 0) == (name in WITHOUT_EFFECT)


def test_rules_of_different_schemes_share_nothing_that_matters() -> None:
    names = ("demo-local", "demo-national", "tianjin-2017", "quantified-2012")
    for one, other in product(names, names):
        before, after = rulebook(one).on(TODAY), replace(rulebook(other)).on(TODAY)
        after.compare_with(before)
        for unit, visits, _ in _cases(40):
            subject = before.subject(unit, visits)
            found = after.outlook(subject)
            alone = rulebook(other).on(TODAY).grade(unit, visits)
            assert (found.value, found.frequency) == (alone.value, alone.frequency)
