"""What must hold for every shipped rulebook, and for the engine whatever the rulebook says."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.bundles import digest
from grading.canonical import decode, encode
from grading.cells import says_anything
from grading.check import all_counterexamples, check_rulebook
from grading.checklist import Checklist
from grading.derivation import replay
from grading.explaining import explain, missing_in_words
from grading.facts import Adjustment, DecidedVisit, ListingFacts, UnitFacts
from grading.laws import rank
from grading.outcomes import Outcome
from grading.rules import Rules
from grading.vocabulary import FoodCategory, SpecialGroup, UnitType
from tests.grading.shipped import (
    CHECKLISTS,
    SCHEMES,
    TODAY,
    checklist,
    rulebook,
    rules,
    scheme_files,
    scheme_text,
)
from tests.grading.test_faults import SOUND

DAYS = (date(2015, 6, 1), date(2019, 6, 1), date(2021, 6, 1), TODAY)
_LETTERS = "PPPPPPPPNFSH-"


@cache
def _pairs() -> list[tuple[str, Checklist]]:
    able = [name for name in SCHEMES if "result" in rulebook(name).procedures]
    return [(name, checklist(table)) for name in able for table in rulebook(name).checklists]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_shipped_rulebook_is_sound(scheme: str) -> None:
    base = rulebook(scheme).overlay_of
    report = check_rulebook(
        scheme_files(scheme),
        on=TODAY,
        base=scheme_text(base) if base else None,
        checklists=[checklist(name) for name in CHECKLISTS],
    )
    assert report.faults == ()
    assert not [row for row in report.warnings if "没有程序用到" in row.what]
    assert not [row for row in report.warnings if "已满" in row.what]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_worse_visit_gives_a_better_outcome_only_where_the_rulebook_says_so(scheme: str) -> None:
    book = rulebook(scheme)
    found = all_counterexamples(book, [checklist(name) for name in CHECKLISTS])
    listed = [(c.better_visits, c.worse_visits, c.better_gives, c.worse_gives) for c in found]
    expected = {
        "quantified-2012": [
            (("excellent", "fair"), ("excellent", "ungraded"), "B", "A"),
            (("excellent", "good"), ("excellent", "ungraded"), "B", "A"),
            (("good", "fair"), ("good", "ungraded"), "C", "B"),
        ]
    }
    assert listed == expected.get(scheme, [])
    assert len(book.counterexamples) == len(listed)
    assert all(case.why for case in book.counterexamples)


@st.composite
def _worse(draw: st.DrawFn) -> tuple[str, Checklist, str, str, date]:
    """A scheme, and answers with the same in which further passed items fail."""
    scheme, table = draw(st.sampled_from(_pairs()))
    size = len(table.items)
    better = draw(st.text(alphabet=_LETTERS, min_size=size, max_size=size))
    passed = [place for place, letter in enumerate(better) if letter == "P"]
    fallen = draw(st.sets(st.sampled_from(passed), max_size=12)) if passed else set()
    letters = [draw(st.sampled_from("FSH")) if p in fallen else x for p, x in enumerate(better)]
    return scheme, table, better, "".join(letters), draw(st.sampled_from(DAYS))


def _suggested(engine: Rules, table: Checklist, answers: str) -> Outcome:
    by_findings = "findings" in set(engine.rulebook.procedures["result"].needed())
    failed = [item.code for item, _ in table.failed(answers)]
    return engine.suggest(table, answers, failed if by_findings else (), "small")


@settings(max_examples=300, deadline=None)
@given(_worse())
def test_a_worse_visit_never_gives_a_better_result(
    case: tuple[str, Checklist, str, str, date],
) -> None:
    scheme, table, better, worse, day = case
    engine = rules(scheme, day)
    scale = engine.rulebook.scales[engine.rulebook.procedures["result"].scale]
    gives = _suggested(engine, table, better)
    instead = _suggested(engine, table, worse)
    assert rank(scale, instead.value) >= rank(scale, gives.value)


@settings(max_examples=150, deadline=None)
@given(_worse())
def test_a_stored_result_replays_without_its_rulebook(
    case: tuple[str, Checklist, str, str, date],
) -> None:
    scheme, table, answers, _worse_answers, day = case
    _replays(_suggested(rules(scheme, day), table, answers))


def _replays(outcome: Outcome) -> None:
    again = dict(replay(outcome.derivation, outcome.facts))
    assert again.pop("missing") == outcome.missing
    assert again.pop("value") == outcome.value
    assert again == dict(outcome.extras)
    assert outcome.derivation_sha256 == digest(outcome.derivation)
    lines = explain(outcome.derivation, outcome.facts)
    assert lines[0].startswith("规则：")
    assert lines[-1].startswith("结论：")


_PLACES = st.builds(
    UnitFacts,
    unit_type=st.sampled_from([kind.value for kind in UnitType]),
    area_m2=st.none() | st.integers(5, 6000) | st.decimals(5, 6000, places=1),
    persons_served=st.none() | st.integers(1, 3000),
    food_categories=st.lists(st.sampled_from([c.value for c in FoodCategory]), unique=True).map(tuple),
    special_groups=st.lists(st.sampled_from([g.value for g in SpecialGroup]), max_size=1).map(tuple),
    licensed_on=st.none() | st.dates(date(2005, 1, 1), date(2026, 11, 1)),
    facilities_points=st.none() | st.integers(0, 20),
)


@st.composite
def _graded(draw: st.DrawFn) -> tuple[Rules, UnitFacts, list[DecidedVisit], list[Adjustment]]:
    able = [name for name in SCHEMES if {"result", "grade"} <= set(rulebook(name).procedures)]
    engine = rules(draw(st.sampled_from(able)), draw(st.sampled_from(DAYS)))
    book = engine.rulebook
    words = book.scales[book.procedures["result"].scale].words
    visits = [
        DecidedVisit(
            engine.day - timedelta(days=draw(st.integers(-5, 800))),
            draw(st.sampled_from(words)),
            draw(st.none() | st.decimals(0, 10, places=1)),
            is_recheck=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    adjusted = "adjust_raise" in book.cells and draw(st.booleans())
    happened = date(engine.day.year - 1, 6, 1)
    condition, levels = draw(
        st.sampled_from([("accident", 1), ("accident", 2), ("three_years_no_violation", 1)])
    )
    row = Adjustment(condition, happened, "1号", levels, "王", "见1号")
    return engine, draw(_PLACES), visits, [row] if adjusted else []


@settings(max_examples=300, deadline=None)
@given(_graded())
def test_a_stored_grade_replays_without_its_rulebook(
    case: tuple[Rules, UnitFacts, list[DecidedVisit], list[Adjustment]],
) -> None:
    engine, unit, visits, adjustments = case
    verdict = engine.grade(unit, visits, adjustments)
    _replays(verdict)
    assert (verdict.value is None) == bool(verdict.missing)
    assert all(missing_in_words(verdict.missing, engine.rulebook))


@settings(max_examples=60, deadline=None)
@given(_graded())
def test_what_was_remembered_never_changes_an_answer(
    case: tuple[Rules, UnitFacts, list[DecidedVisit], list[Adjustment]],
) -> None:
    engine, unit, visits, adjustments = case
    fresh = engine.rulebook.on(engine.day).grade(unit, visits, adjustments)
    assert engine.grade(unit, visits, adjustments) == fresh


@given(st.integers(-5000, 5000), st.integers(0, 4), st.integers(0, 3))
def test_equal_numbers_are_written_alike_however_many_zeros_they_carry(
    digits: int, places: int, zeros: int
) -> None:
    """Otherwise what was remembered of an area of 5.0 m² would be told of one of 5 m²."""
    number = Decimal(digits).scaleb(-places)
    longer = number.quantize(Decimal(1).scaleb(-places - zeros))
    assert encode(longer) == encode(number)
    assert decode(encode(number)) == number
    if number == int(number):
        assert encode(number) == encode(int(number))


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        ListingFacts,
        result=st.sampled_from(["compliant", "basically_compliant", "non_compliant", None]),
        grade=st.sampled_from(["A", "B", "C", "D", None]),
        kind=st.sampled_from(["campaign", "daily"]),
        themed=st.booleans(),
        failed=st.integers(0, 5),
        theme_failed=st.integers(0, 2),
        safety_failed=st.integers(0, 2),
        key_safety_failed=st.integers(0, 1),
        complete=st.booleans(),
    )
)
def test_a_stored_proposal_replays_without_its_rulebook(facts: ListingFacts) -> None:
    _replays(rules("demo-local", TODAY).propose(facts))


def test_a_worse_visit_is_never_proposed_for_a_better_list() -> None:
    engine = rules("demo-local", TODAY)
    scale = engine.rulebook.scales["list"]
    words = ("compliant", "basically_compliant", "non_compliant")
    visits = [
        ListingFacts(word, grade, "campaign", True, failed, theme, safety, key)
        for word, grade in product(words, "ABCD")
        for failed, theme, safety, key in product(range(3), repeat=4)
        if key <= safety <= failed >= theme
    ]
    ranks = {visit: rank(scale, engine.propose(visit).value) for visit in visits}
    badness = {visit: (f"{words.index(visit.result or '')}", visit.grade, *visit[4:8]) for visit in visits}
    for better, worse in product(visits, repeat=2):
        pairs = zip(badness[better], badness[worse], strict=True)
        if all(str(one) <= str(other) for one, other in pairs):
            assert ranks[better] <= ranks[worse], (better, worse)


def test_nothing_of_a_demonstration_rests_on_anything_but_assumed_values() -> None:
    for scheme in ("demo-local",):
        bases = {
            str(entry.basis)
            for cell in rulebook(scheme).cells.values()
            for entry in cell.entries
            if entry.value is not None
        }
        assert bases == {"assumed"}


def test_weights_of_another_city_stand_only_in_an_assumed_overlay() -> None:
    for scheme in SCHEMES:
        for cell in rulebook(scheme).cells.values():
            for entry in cell.entries:
                if "常熟" in entry.title:
                    assert scheme.startswith("demo-")
                    assert entry.basis == "assumed"


def test_what_the_2020_rule_says_is_unknown_throughout() -> None:
    assert not any(
        says_anything(entry.value)
        for cell in rulebook("tianjin-2020").cells.values()
        for entry in cell.entries
    )


def test_every_value_has_a_source_and_every_known_value_a_basis() -> None:
    for scheme in SCHEMES:
        for cell in rulebook(scheme).cells.values():
            assert cell.checked_on is not None
            for entry in cell.entries:
                assert entry.title, (scheme, cell.name)
                if says_anything(entry.value) or entry.repealed:
                    assert entry.basis is not None, (scheme, cell.name)


def test_equal_ways_share_one_derivation_while_facts_stay_apart() -> None:
    engine = rules("demo-local", TODAY)
    visits: Any = [DecidedVisit(date(2026, 5, 1), "compliant")]
    one = engine.grade(UnitFacts("restaurant", area_m2=90), visits)
    other = engine.grade(UnitFacts("restaurant", area_m2=Decimal("149.5")), visits)
    assert one.derivation_sha256 == other.derivation_sha256
    assert one.facts != other.facts


def test_a_past_day_graded_again_gives_what_it_gave() -> None:
    visits = [DecidedVisit(date(2025, 5, 1), "compliant")]
    unit = UnitFacts("restaurant", area_m2=90)
    engine = rules("demo-local", date(2025, 6, 1))
    then = engine.grade(unit, visits)
    since = [*visits, DecidedVisit(date(2026, 5, 1), "non_compliant")]
    later = Adjustment("accident", date(2026, 1, 1), "1号", 1, "王", "见1号")
    assert engine.grade(unit, since, [later]) == then
    assert rules("demo-local", TODAY).grade(unit, since, [later]).value == "C"


def test_memory_stays_bounded_however_many_visits_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grading.plans.REMEMBERED", 8)
    engine = rulebook("demo-national").on(date(2020, 1, 1))
    table = checklist("cn-catering-2016-1-3")
    for place in range(30):
        answers = "P" * place + "F" + "P" * (29 - place)
        first = engine.suggest(table, answers, (), "small")
        assert engine.suggest(table, answers, (), "small") == first
        unit = UnitFacts("restaurant", area_m2=60 + 90 * place, food_categories=("hot",))
        assert engine.grade(unit, []) == engine.grade(unit, [])
    assert all(len(reader.known) <= 8 for reader in engine._readers.values())


def test_an_undetermined_outcome_is_never_better_than_a_level() -> None:
    scale = rulebook("quantified-2012").scales["face"]
    assert rank(scale, None) == rank(scale, "fair")
    assert rank(scale, "ungraded") > rank(scale, "fair")
    unsettled = "          - {undetermined: 未定, when: {failed: {to: 2}}}\n          - {is: bad, when"
    text = SOUND.replace("          - {is: bad, when", unsettled).replace("value: worse", "value: by_rule")
    report = check_rulebook({"x.yaml": text}, on=TODAY, checklists=[checklist("cn-catering-2016-1-3")])
    assert [(case.better_gives, case.worse_gives) for case in report.found] == [("undetermined", "good")]
