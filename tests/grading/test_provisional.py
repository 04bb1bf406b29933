"""What rests on items that stand in for a text nobody has seen says so, from the answer to the proposal."""

from datetime import date

from grading.derivation import replay
from grading.facts import DecidedVisit, ListingFacts, UnitFacts
from tests.grading.shipped import TODAY, checklist, rules

UNIT = UnitFacts("restaurant", area_m2=80)


def _visit(month: int, *, provisional: bool, recheck: bool = False) -> DecidedVisit:
    return DecidedVisit(date(2026, month, 1), "compliant", None, "daily", recheck, provisional)


def test_a_grade_rests_on_provisional_items_when_the_visit_that_counts_does() -> None:
    engine = rules("demo-local", TODAY)
    resting = engine.grade(UNIT, [_visit(5, provisional=False), _visit(6, provisional=True)])
    superseded = engine.grade(UNIT, [_visit(5, provisional=True), _visit(6, provisional=False)])
    assert (resting.value, resting.provisional) == ("A", True)
    assert (superseded.value, superseded.provisional) == ("A", False)


def test_a_re_check_that_does_not_count_does_not_make_a_grade_provisional() -> None:
    engine = rules("demo-local", TODAY)
    verdict = engine.grade(UNIT, [_visit(5, provisional=False), _visit(6, provisional=True, recheck=True)])
    assert not verdict.provisional


def test_a_grade_with_provisional_visits_replays_and_shares_the_derivation() -> None:
    engine = rules("demo-local", TODAY)
    resting = engine.grade(UNIT, [_visit(6, provisional=True)])
    sound = engine.grade(UNIT, [_visit(6, provisional=False)])
    assert replay(resting.derivation, resting.facts)["value"] == "A"
    assert resting.derivation_sha256 == sound.derivation_sha256
    assert resting.facts != sound.facts


def test_a_proposal_rests_on_provisional_items_when_its_visit_does() -> None:
    table = checklist("cn-catering-2022")
    official = table.pack({item.code: "P" for item in table.items if not item.provisional})
    engine = rules("demo-local", TODAY)
    for answers, provisional in (("P" * len(table.items), True), (official, False)):
        facts = ListingFacts.of(table, answers, result="non_compliant", grade="A", kind="campaign")
        assert engine.propose(facts).provisional is provisional
