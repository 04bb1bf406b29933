"""Foreign schemes: the published tables to their last combination, and every outcome within reach."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from grading.bundles import overlay
from grading.check import check_rulebook
from grading.facts import Adjustment, DecidedVisit, UnitFacts
from grading.rulebook import read_rulebook
from grading.rules import Rules
from tests.grading.shipped import CHECKLISTS, TODAY, checklist, rulebook, rules, scheme_text

ASSUMED = Path(__file__).parent / "schemes" / "assumed"
OVERLAID = sorted(path.stem for path in ASSUMED.glob("*.yaml"))
# The published table: total, highest single score allowed, rating; the first row that holds decides.
UK_TABLE = ((15, 5, "5"), (20, 10, "4"), (30, 10, "3"), (40, 15, "2"), (50, 20, "1"), (80, 30, "0"))
HYGIENE = STRUCTURE = (0, 5, 10, 15, 20, 25)
CONFIDENCE = (0, 5, 10, 20, 30)


def _files(scheme: str) -> dict[str, str]:
    return {f"{scheme}.yaml": (ASSUMED / f"{scheme}.yaml").read_text("utf-8")}


@cache
def _assumed(scheme: str) -> Rules:
    return read_rulebook(overlay(scheme_text(scheme), _files(scheme), "assumed")).on(TODAY)


def _uk(scores: Sequence[int]) -> str | None:
    table = checklist("uk-sub-scores")
    codes = [f"{area}-{n}" for area, n in zip(("hygiene", "structure", "confidence"), scores, strict=True)]
    return rules("uk-food-hygiene", TODAY).suggest(table, "-" * len(table.items), codes).value


def test_all_180_combinations_of_the_three_scores_give_the_rating_of_the_published_table() -> None:
    combinations = list(product(HYGIENE, STRUCTURE, CONFIDENCE))
    assert len(combinations) == 180
    for scores in combinations:
        expected = next(r for total, most, r in UK_TABLE if sum(scores) <= total and max(scores) <= most)
        assert _uk(scores) == expected, scores


def test_a_worse_single_score_never_gives_a_better_rating() -> None:
    for scores in product(HYGIENE, STRUCTURE, CONFIDENCE):
        for place, choices in enumerate((HYGIENE, STRUCTURE, CONFIDENCE)):
            for worse in (n for n in choices if n > scores[place]):
                after = [*scores[:place], worse, *scores[place + 1 :]]
                assert str(_uk(after)) <= str(_uk(scores)), (scores, after)


def test_a_letter_grade_follows_the_points_point_by_point() -> None:
    engine = rules("new-york-letter-grades", TODAY)
    for points in range(200):
        letter = "A" if points <= 13 else "B" if points <= 27 else "C"
        visit = DecidedVisit(TODAY, letter, points)
        verdict = engine.grade(UnitFacts("restaurant"), [visit])
        assert (verdict.value, verdict.extras["agreement"]) == (letter, "agrees")
        for posted in "ABC":
            decided = engine.grade(UnitFacts("restaurant"), [visit._replace(result=posted)])
            assert decided.value == posted
            assert (decided.extras["agreement"] == "differs") == (posted != letter)


@pytest.mark.parametrize("scheme", OVERLAID)
def test_with_assumed_values_a_scheme_keeps_the_law_of_worse_visits(scheme: str) -> None:
    report = check_rulebook(
        _files(scheme),
        on=TODAY,
        base=scheme_text(scheme),
        checklists=[checklist(name) for name in CHECKLISTS],
    )
    assert report.faults == ()
    assert report.found == ()


def _results(scheme: str, *visits: Sequence[str]) -> set[object]:
    engine = _assumed(scheme)
    table = checklist(engine.rulebook.checklists[0])
    return {engine.suggest(table, "-" * len(table.items), codes).value for codes in visits}


def test_every_letter_is_reached() -> None:
    reached = _results("new-york-letter-grades", ["C5"], ["H2", "H2"], ["G5"], [])
    assert reached == {"A", "B", "C"}
    assert rules("new-york-letter-grades", TODAY).grade(UnitFacts("restaurant"), ()).value == "not_yet_graded"


def test_the_worst_area_reaches_every_mark_and_every_smiley() -> None:
    visits = [["1"], ["1", "2"], ["3", "2"], ["4", "1"]]
    assert _results("denmark-smiley", *visits) == {"1", "2", "3", "4"}
    engine = _assumed("denmark-smiley")
    days = [TODAY - timedelta(days=10 * n) for n in range(5, 0, -1)]
    past = [DecidedVisit(day, mark) for day, mark in zip(days, "13214", strict=True)]
    verdicts = [engine.grade(UnitFacts("restaurant"), past[:size]) for size in range(6)]
    assert [verdict.value for verdict in verdicts] == [
        *("not_inspected", "happy", "sour", "neutral", "happy", "sour")
    ]
    assert verdicts[5].extras["on_label"] == ("2", "1", "4")
    assert verdicts[5].rests_on_assumed == ("smiley_of_mark",)


def test_the_worst_infraction_reaches_every_sign_and_every_frequency() -> None:
    reached = _results("toronto-dinesafe", [], ["minor"], ["minor", "significant"], ["crucial", "minor"])
    assert reached == {"pass", "conditional_pass", "closed"}
    engine = _assumed("toronto-dinesafe")
    frequencies = {
        kind: engine.grade(UnitFacts(kind), [DecidedVisit(TODAY, "pass")]).extras["frequency"]
        for kind in ("restaurant", "fast_food", "drink_shop", "canteen")
    }
    assert frequencies == {"restaurant": 3, "fast_food": 2, "drink_shop": 1, "canteen": None}


def _event(condition: str, day: date) -> Adjustment:
    return Adjustment(condition, day, "决定书1号", 1, "王科长", "见决定书")


def test_the_mean_of_the_last_four_routine_visits_reaches_every_rating() -> None:
    engine = _assumed("king-county-average")

    def rating(scores: Sequence[int], *events: Adjustment, returns: int = 0) -> tuple[object, object]:
        days = [TODAY - timedelta(days=20 * n) for n in range(len(scores), 0, -1)]
        visits = [DecidedVisit(day, None, score) for day, score in zip(days, scores, strict=True)]
        again = [DecidedVisit(TODAY, None, 90, "recheck", is_recheck=True)] * returns
        verdict = engine.grade(UnitFacts("restaurant"), [*visits, *again], events)
        return verdict.value, verdict.points

    assert rating([90, 5, 5, 5, 5]) == ("excellent", 5)
    assert rating([0, 5, 5, 5, 6])[0] == "good"
    assert rating([0, 20, 20, 20, 20]) == ("good", 20)
    assert rating([0, 20, 20, 20, 21])[0] == "okay"
    assert rating([0, 0, 0, 0], returns=1)[0] == "excellent"
    assert rating([0, 0, 0, 0], returns=2)[0] == "needs_to_improve"
    assert rating([0], _event("closed_by_authority", date(2025, 11, 25)))[0] == "needs_to_improve"
    assert rating([0], _event("closed_by_authority", date(2025, 11, 24)))[0] == "excellent"
    assert rating([]) == (None, None)


def test_the_years_without_a_lapse_reach_every_grade_on_both_sides_of_their_days() -> None:
    engine = _assumed("singapore-safe")

    def grade(kind: str, since: date, *events: Adjustment) -> str | None:
        return engine.grade(UnitFacts(kind, clean_since=since), (), events).value

    assert grade("snack_shop", date(2025, 11, 25)) == "too_new"
    assert grade("snack_shop", date(2025, 11, 24)) == "B"
    assert grade("snack_shop", date(2023, 11, 24)) == "B"
    assert grade("snack_shop", date(2023, 11, 23)) == "A"
    assert grade("restaurant", date(2023, 11, 23)) == "B"
    officer = _event("hygiene_officer_appointed", date(2025, 1, 1))
    system = _event("safety_system_in_place", date(2025, 1, 1))
    assert grade("restaurant", date(2023, 11, 23), officer) == "B"
    assert grade("restaurant", date(2023, 11, 23), officer, system) == "A"
    assert grade("snack_shop", date(2020, 1, 1), _event("convicted", date(2025, 11, 25))) == "C"
    assert grade("snack_shop", date(2020, 1, 1), _event("licence_suspended", date(2025, 11, 24))) == "A"


@pytest.mark.parametrize("scheme", OVERLAID)
def test_what_nobody_has_published_is_null_in_what_is_shipped(scheme: str) -> None:
    for name, cell in _assumed(scheme).rulebook.cells.items():
        entry = cell.on(TODAY)
        assert entry is not None
        if "为测试编定" in entry.title:
            before = rulebook(scheme).cells[name].on(TODAY)
            assert before is not None
            assert before.value is None or "None" in str(before.value), name
