"""Other cities' schemes run on the same operations: data alone, no line of the engine for them."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from grading.bundles import bundle
from grading.checklist import Checklist, checklist_text, read_checklist
from grading.facts import DecidedVisit, UnitFacts
from grading.operations import OPERATIONS
from grading.rulebook import read_rulebook
from grading.rules import Rules
from tests.grading.shipped import SCHEMES, TODAY, rulebook

HERE = Path(__file__).parent
ENGINE = HERE.parents[1] / "grading"


def _rules(name: str) -> Rules:
    text = (HERE / "schemes" / f"{name}.yaml").read_text("utf-8")
    return read_rulebook(bundle({f"{name}.yaml": text})).on(TODAY)


def _sub_scores(*codes: str) -> Checklist:
    rows = "".join(f"  - {{code: '{code}', text: x}}\n" for code in codes)
    text = f"checklist: {{id: sub-scores, title_zh: 三项}}\nitems:\n{rows}"
    return read_checklist(checklist_text("sub-scores.yaml", text))


def test_the_worst_item_decides() -> None:
    engine = _rules("history")
    table = _sub_scores("1", "2", "3", "4")
    assert engine.suggest(table, "----", ["1", "3", "2"]).value == "3"
    assert engine.suggest(table, "----", []).value == "1"


def test_the_mean_the_worst_and_the_clean_record_of_the_last_visits() -> None:
    engine = _rules("history")
    scores = (0, 40, 10, 5, 6)
    words = ("4", "4", "1", "2", "1")
    visits = [
        DecidedVisit(TODAY - timedelta(days=500 - 10 * n), word, score)
        for n, (score, word) in enumerate(zip(scores, words, strict=True))
    ]
    three_years = UnitFacts("restaurant", clean_since=date(2023, 11, 24))
    a_month_more = UnitFacts("restaurant", clean_since=date(2023, 10, 24))
    verdict = engine.grade(three_years, visits)
    assert verdict.value == "2"
    assert verdict.extras["average"] == Decimal("15.3")
    assert verdict.extras["track"] == "2"
    assert engine.grade(a_month_more, visits).extras["track"] == "1"
    assert engine.grade(UnitFacts("restaurant"), visits).extras["track"] is None
    for since, track in ((date(2025, 11, 24), "2"), (date(2025, 11, 25), "new")):
        unit = UnitFacts("restaurant", clean_since=since)
        assert engine.grade(unit, visits).extras["track"] == track


def test_the_engine_names_no_scheme_and_no_level() -> None:
    words = set(SCHEMES)
    for scheme in SCHEMES:
        for scale in rulebook(scheme).scales.values():
            words |= {word for word in scale.words if word != "none" and not word.isdigit()}
    for path in ENGINE.rglob("*.py"):
        found = set(re.findall(r"\"([^\"\n]*)\"", path.read_text("utf-8"))) & words
        assert found <= {"key"}, f"{path.name}: {found}"


PLACES = (
    *("china", "chinese city", "tianjin", "jiangsu", "francisco", "kingdom", "britain", "british", "england"),
    *("new york", "denmark", "danish", "toronto", "canada", "king county", "seattle", "singapore", "angeles"),
    *("天津", "江苏", "旧金山", "英国", "纽约", "丹麦", "多伦多"),
    *("加拿大", "金县", "西雅图", "新加坡", "洛杉矶"),
    *("fhrs", "dinesafe", "smiley", "笑脸"),
)


def test_the_engine_names_no_country_no_city_and_no_scheme_of_one() -> None:
    parts = {part for scheme in SCHEMES for part in scheme.split("-") if len(part) > 5}
    common = {"national", "letter", "grades", "average", "hygiene", "quantified", "county", "black"}
    for path in ENGINE.rglob("*.py"):
        text = path.read_text("utf-8").lower()
        found = [word for word in (*PLACES, *sorted(parts - common)) if word in text]
        assert not found, f"{path.name}: {found}"


def test_the_engine_reads_no_file_and_no_clock() -> None:
    for path in ENGINE.rglob("*.py"):
        text = path.read_text("utf-8")
        for forbidden in ("open(", "pathlib", "date.today", "datetime.now", "import os", "random"):
            assert forbidden not in text, f"{path.name}: {forbidden}"
        assert ("import yaml" in text) == (path.name == "yaml_reader.py")


def test_every_operation_is_described_in_the_document() -> None:
    text = (HERE.parents[1] / "docs" / "engine.md").read_text("utf-8")
    for name, operation in OPERATIONS.items():
        assert f"`{name}`" in text
        assert operation.summary
