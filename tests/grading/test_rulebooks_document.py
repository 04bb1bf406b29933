"""docs/rulebooks.md: everything in it is run, and everything that the format knows is in it."""

import re
from collections.abc import Mapping
from datetime import date

import pytest

from grading import shapes
from grading.bundles import bundle, overlay
from grading.check import check_holdings, check_rulebook
from grading.checklist import Checklist, checklist_text, read_checklist
from grading.evaluation import Evaluation, Worked
from grading.facts import CONDITIONS_ZH, FACTS_OF, FACTS_ZH, Adjustment, DecidedVisit, UnitFacts
from grading.forms import KINDS
from grading.holdings import PURPOSES
from grading.operations import OPERATIONS
from grading.operations.registry import CHOICES, SELECTIONS
from grading.operations.tables import TESTS, key_of
from grading.rulebook import Rulebook, read_rulebook
from grading.vocabulary import Answer, Basis, FoodCategory, SizeClass, SpecialGroup, UnitType, VisitKind
from grading.yaml_reader import ANY_TROUBLE, MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, SIGNS, TROUBLES, read_yaml
from tests.grading.document import example_rulebook, of, steps, text, worked_cases, worked_files
from tests.grading.messages import messages
from tests.grading.shipped import TODAY

FOLDER = "rulebooks/los-angeles-cards/"
ON = date(2026, 3, 10)
UNIT = UnitFacts("restaurant", area_m2=80, licensed_on=date(2019, 6, 1), clean_since=date(2023, 3, 10))
VISITS = (
    DecidedVisit(date(2024, 1, 10), "good", 95),
    DecidedVisit(date(2025, 5, 20), "bad", 40),
    DecidedVisit(date(2025, 6, 5), "fair", 70, "recheck", is_recheck=True),
    DecidedVisit(date(2026, 2, 1), "fair", 75, "campaign"),
)
EVENTS = (Adjustment("accident", date(2025, 8, 1), "决定书1号", 1, "王科长", "见决定书"),)


def _checklist(name: str, content: str) -> Checklist:
    return read_checklist(checklist_text(name, content))


def _worked() -> tuple[dict[str, str], Checklist]:
    files = worked_files()
    own = {name.removeprefix(FOLDER): body for name, body in files.items() if name.startswith(FOLDER)}
    return own, _checklist("x.yaml", files["checklists/los-angeles-findings.yaml"])


def _rulebook() -> Rulebook:
    return read_rulebook(bundle({"example.yaml": example_rulebook()}))


def _said(worked: Worked) -> str:
    if worked.missing is not None:
        return "未知"
    value = worked.value
    if isinstance(value, tuple):
        return "、".join(" ".join(row) if isinstance(row, tuple) else key_of(row) for row in value)
    return key_of(value)


def test_the_worked_rulebook_is_sound_and_its_cases_come_out() -> None:
    files, table = _worked()
    assert len(files) == 3
    report = check_rulebook(files, on=TODAY, checklists=[table])
    assert report.faults == ()
    assert {warning.what for warning in report.warnings} == {
        *("规则值 lowest_score 是假定值", "规则值 deductions 是假定值", "规则值 card_bands 是假定值"),
        "规则值 visits_per_year 未知",
    }
    rules = read_rulebook(bundle(files)).on(TODAY)
    cases = worked_cases()
    assert {card for _, _, card in cases} == {"A", "B", "C", "score_card"}
    for findings, score, card in cases:
        outcome = rules.suggest(table, "---", findings)
        assert (outcome.score, outcome.value) == (score, card), findings
    assert rules.grade(UNIT, [DecidedVisit(TODAY, "B", 85)]).value == "B"
    assert rules.grade(UNIT, ()).value == "no_card"


def test_the_worked_holdings_are_sound() -> None:
    procedures = {"los-angeles-cards": ("result", "grade")}
    assert check_holdings(
        bundle({"holdings.yaml": worked_files()["rulebooks/holdings-rows.yaml"]}), procedures
    ).sound


def test_the_example_of_an_overlay_changes_what_it_says_and_nothing_else() -> None:
    files, table = _worked()
    (over,) = of("overlay")
    base = bundle(files, "los-angeles-cards")
    assert check_rulebook({"x.yaml": over}, on=TODAY, base=base, checklists=[table]).faults == ()
    book = read_rulebook(overlay(base, {"x.yaml": over}, "x"))
    for day, practice in ((date(2016, 12, 31), 99), (date(2017, 1, 1), 98)):
        assert book.on(day).suggest(table, "---", ["practice"]).score == practice
    assert book.on(TODAY).grade(UNIT, [DecidedVisit(TODAY, "C", 70)]).extras["frequency"] == 3


def test_every_step_of_a_visit_gives_what_the_document_says() -> None:
    book = _rulebook()
    table = _checklist("five.yaml", of("example-checklist")[0])
    run = book.on(ON).result_run(table, "PFSP-", ["2", "3", "3"])
    for step in steps("result"):
        assert _said(run.work_out(step.name)) == step.gives, step.name


def test_every_step_of_a_unit_gives_what_the_document_says() -> None:
    book = _rulebook()
    facts: Mapping[str, object] = {**UNIT._asdict(), "visits": VISITS, "adjustments": EVENTS, "on": ON}
    cells = {name: cell.on(ON) for name, cell in book.cells.items()}
    run = Evaluation(book.procedures["grade"], cells, book.scales, facts)
    for step in steps("grade"):
        assert _said(run.work_out(step.name)) == step.gives, step.name


def test_every_operation_with_every_parameter_has_an_example() -> None:
    book = _rulebook()
    used = {
        (step.op, key)
        for p in book.procedures.values()
        for step in p.steps.values()
        for key in step.parameters
    }
    used |= {(step.op, "") for p in book.procedures.values() for step in p.steps.values()}
    wanted = {(name, key) for name, op in OPERATIONS.items() for key in (*op.required, *op.optional)}
    wanted |= {(name, "") for name in OPERATIONS}
    assert wanted == used


def _forms(book: Rulebook) -> set[str]:
    forms = [cell.form for cell in book.cells.values()]
    found: set[str] = set()
    while forms:
        form = forms.pop()
        found.add(form.kind)
        if form.of is not None:
            forms.append(form.of)
    return found


def test_every_form_and_every_comparison_has_an_example() -> None:
    assert _forms(_rulebook()) == set(KINDS)
    cells = "".join(of("cells"))
    for word in (*TESTS, "any", "all", "undetermined", "whole", "step", "bases", "repealed"):
        assert re.search(rf"\b{word}:", cells), word


def _code(words: str) -> bool:
    return f"`{words}`" in text()


SHAPES = [name for name in vars(shapes) if name.isupper() and isinstance(getattr(shapes, name), dict)]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_key_is_described(shape: str) -> None:
    document = text()
    for name, key in getattr(shapes, shape).items():
        assert f"| `{name}` | {key.zh} |" in document, name


def test_every_word_of_the_format_is_in_the_document() -> None:
    vocabulary = (Answer, Basis, FoodCategory, SizeClass, SpecialGroup, UnitType, VisitKind)
    for words in vocabulary:
        for word in words:
            assert _code(word.value), word
            assert word.zh in text(), word
    for name in {name for names in FACTS_OF.values() for name in names}:
        assert _code(name), name
        assert FACTS_ZH[name] in text(), name
    for name in (*CONDITIONS_ZH, *FACTS_OF, *PURPOSES, *(w for ws in CHOICES.values() for w in ws)):
        assert _code(name), name
    for name in (w for ws in SELECTIONS.values() for w in ws if w):
        assert _code(name), name


def test_every_limit_of_a_file_is_told() -> None:
    for number in (MAX_CHARACTERS, MAX_NODES, MAX_DEPTH):
        assert str(number) in text()


def test_every_message_is_in_the_document_and_no_other() -> None:
    section = text().partition("## 11. ")[2]
    told = set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
    assert told == {message.what for message in messages()}


def test_every_way_in_which_yaml_goes_wrong_is_in_the_document_with_its_cure() -> None:
    section = text().partition("`不是合法的 YAML：` 后面的话")[2].partition("### ")[0]
    told = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)[1:]
    assert sorted(told) == sorted({*TROUBLES.values(), *SIGNS.values(), ANY_TROUBLE})


def test_every_block_of_yaml_can_be_read() -> None:
    kinds = ("example", "cells", "overlay", "example-checklist", "")
    for kind in kinds:
        for body in of(kind) if kind else []:
            _, faults = read_yaml("x.yaml", body)
            assert faults == [], body
