"""Cases that an officer can read: tests/grading/cases/*.yaml, both sides of every limit and date."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from grading.checklist import Checklist
from grading.derivation import replay
from grading.facts import Adjustment, DecidedVisit, ListingFacts, UnitFacts
from grading.outcomes import Outcome
from grading.rules import Rules
from grading.yaml_reader import read_yaml
from tests.grading.shipped import answers, checklist, rules

CASES = Path(__file__).parent / "cases"
_MARKS = ("key", "general", "veto")


def all_cases() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every case with the file it stands in."""
    for path in sorted(CASES.glob("*.yaml")):
        node, faults = read_yaml(path.name, path.read_text("utf-8"))
        assert node is not None, faults
        assert not faults
        content: Any = node.plain()
        for case in content["cases"]:
            yield path.stem, {"scheme": content.get("scheme"), "checklist": content.get("checklist"), **case}


def result_cases() -> Iterator[dict[str, Any]]:
    """Yield the cases about a visit's result."""
    return (case for _, case in all_cases() if "unit" not in case and "listing" not in case)


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{stem}: {case['name']}") for stem, case in all_cases()]
)
def test_a_golden_case_gives_what_the_officer_expects(case: dict[str, Any]) -> None:
    local = tuple((cell, str(value)) for cell, value in case.get("entered", {}).items())
    engine = rules(case["scheme"], case["on"], local)
    outcome = _outcome(engine, case)
    again = replay(outcome.derivation, outcome.facts)
    assert (again["value"], again["missing"]) == (outcome.value, outcome.missing)
    seen: dict[str, object] = {"value": outcome.value, **outcome.extras}
    seen["missing"] = outcome.missing
    seen["assumed"] = outcome.rests_on_assumed
    seen["due_on"] = getattr(outcome, "next_due_on", None)
    for key, expected in case["gives"].items():
        wanted = () if expected is None and key == "missing" else expected
        assert seen[key] == wanted, f"{key}: {outcome}"


def _outcome(engine: Rules, case: Mapping[str, Any]) -> Outcome:
    if "listing" in case:
        return engine.propose(_listing(case["listing"]))
    if "unit" in case:
        visits = [DecidedVisit(**row) for row in case.get("visits", ())]
        adjustments = [_adjustment(**row) for row in case.get("adjustments", ())]
        return engine.grade(UnitFacts(**case["unit"]), visits, adjustments)
    table = checklist(case["checklist"])
    return engine.suggest(table, *answers_of(case, table), case.get("unit_class"))


def answers_of(case: Mapping[str, Any], table: Checklist) -> tuple[str, list[str]]:
    """Return the packed answers and the findings of a case about a visit."""
    if "findings" in case:
        codes = [code for code, times in case["findings"].items() for _ in range(times)]
        return "-" * len(table.items), codes
    counts = {mark: case.get("failed", {}).get(mark, 0) for mark in _MARKS}
    letters = list(answers(table, **counts).replace("F", case.get("letter", "F")))
    for code, letter in case.get("items", {}).items():
        letters[table.position[str(code)]] = letter
    for mark, count in case.get("not_applicable", {}).items():
        places = [p for p, item in enumerate(table.items) if item.mark == mark]
        for place in places[len(places) - count :]:
            letters[place] = "N"
    return "".join(letters), []


def _adjustment(condition: str, occurred_on: date, levels: int) -> Adjustment:
    return Adjustment(condition, occurred_on, "决定书1号", levels, "王科长", "见决定书")


def _listing(row: Mapping[str, Any]) -> ListingFacts:
    usual: dict[str, Any] = {
        "result": "compliant",
        "grade": "A",
        "kind": "campaign",
        "themed": True,
        "failed": 0,
        "theme_failed": 0,
        "safety_failed": 0,
        "key_safety_failed": 0,
    }
    return ListingFacts(**{**usual, **row})
