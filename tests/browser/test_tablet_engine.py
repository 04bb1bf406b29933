"""The tablet's engine in a real browser: the same judgement as the server's, word for word."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from grading.bundles import bundle
from grading.checklist import Checklist
from grading.judging import judge
from grading.portable import PORTABLE, portable_result_rules
from grading.rulebook import read_rulebook
from grading.rules import Rules
from tests.grading.shipped import TODAY, checklist, rulebook, rules
from tests.grading.test_golden_cases import answers_of, result_cases

ENGINE = Path(__file__).parents[2] / "static" / "tablet" / "engine.js"
SCHEMES = Path(__file__).parents[1] / "grading" / "schemes"
ADDRESS = "https://tablet.example/"
POLICY = "default-src 'none'; script-src 'self'"
RUN = """async ({ rules, vectors }) => {
  const engine = await import("/engine.js");
  const ready = engine.prepare(rules);
  return vectors.map(({ answers, ...options }) => JSON.stringify(engine.judge(ready, answers, options)));
}"""
# Rulebooks by which visits in China are judged, and how many generated visits each must judge alike.
CHINESE = {
    "order49-2022": 2000,
    "national-2016": 2000,
    "national-2016-eight-items": 2000,
    "tianjin-2017": 2000,
    "demo-local": 2000,
    "tianjin-2020": 200,
    "quantified-2012": 500,
    "demo-national": 500,
}
SEED = 20261124


@dataclass(frozen=True)
class Vector:
    """One visit to be judged in both ways."""

    answers: str
    findings: tuple[str, ...] = ()
    unit_class: str | None = None

    def as_data(self) -> dict[str, object]:
        """What the script is given."""
        return {"answers": self.answers, "findings": list(self.findings), "unit_class": self.unit_class}


@pytest.fixture(scope="module")
def tablet(browser: Browser) -> Iterator[Page]:
    """A page of the strictest policy on which the engine can be loaded, and nothing else."""
    context = browser.new_context()
    page = context.new_page()
    headers = {"Content-Security-Policy": POLICY}

    def serve(route: Route) -> None:
        if route.request.url == f"{ADDRESS}engine.js":
            route.fulfill(body=ENGINE.read_text("utf-8"), content_type="text/javascript", headers=headers)
        else:
            route.fulfill(
                body="<!doctype html><title>tablet</title>", content_type="text/html", headers=headers
            )

    page.route("**/*", serve)
    page.goto(ADDRESS)
    yield page
    context.close()


def _same(tablet: Page, engine: Rules, table: Checklist, vectors: Sequence[Vector]) -> None:
    """Judge every visit here and on the tablet and compare the texts."""
    portable = json.loads(json.dumps(portable_result_rules(engine.rulebook, table, engine.day)))
    there = tablet.evaluate(RUN, {"rules": portable, "vectors": [vector.as_data() for vector in vectors]})
    for vector, text in zip(vectors, there, strict=True):
        here = judge(engine, table, vector.answers, vector.findings, vector.unit_class).as_data()
        assert json.loads(text) == json.loads(json.dumps(here)), vector


def _generated(table: Checklist, count: int, seed: str) -> list[Vector]:
    """Visits from all passed to all failed; some items not checked or not applicable; a fixed seed."""
    rng = random.Random(f"{SEED} {seed}")  # noqa: S311  # a fixed seed
    found = []
    for _ in range(count):
        failing, absent = rng.choice((0.0, 0.03, 0.1, 0.2, 0.35, 0.7, 1.0)), rng.choice((0.0, 0.0, 0.1, 0.6))
        letters = [
            rng.choice("N-")
            if rng.random() < absent
            else rng.choice("FSH")
            if rng.random() < failing
            else "P"
            for _ in table.items
        ]
        found.append(Vector("".join(letters), unit_class=rng.choice((None, "small", "large", "canteen"))))
    return found


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scheme", CHINESE)
def test_the_tablet_judges_generated_visits_as_the_server_does(tablet: Page, scheme: str) -> None:
    first_days = sorted({e.first_day for cell in rulebook(scheme).cells.values() for e in cell.entries})
    for name in rulebook(scheme).checklists:
        table = checklist(name)
        _same(tablet, rules(scheme, first_days[0]), table, _generated(table, CHINESE[scheme], scheme + name))
        for day in (*first_days[1:], TODAY):
            _same(tablet, rules(scheme, day), table, _generated(table, 20, f"{scheme} {name} {day}"))


@pytest.mark.browser
def test_the_tablet_judges_every_golden_case_as_the_server_does(tablet: Page) -> None:
    cases = list(result_cases())
    assert len(cases) > 60
    for case in cases:
        local = tuple((cell, str(value)) for cell, value in case.get("entered", {}).items())
        table = checklist(case["checklist"])
        answers, findings = answers_of(case, table)
        vector = Vector(answers, tuple(sorted(findings)), case.get("unit_class"))
        _same(tablet, rules(case["scheme"], case["on"], local), table, [vector])


@pytest.mark.browser
def test_the_tablet_reckons_with_every_operation_as_the_server_does(tablet: Page) -> None:
    text = (SCHEMES / "every-operation.yaml").read_text("utf-8")
    book = read_rulebook(bundle({"every-operation.yaml": text}))
    used = {step.op for step in book.procedures["result"].steps.values()}
    assert used == PORTABLE
    table = checklist("cn-catering-2016-1-3")
    for day in (date(2019, 12, 31), date(2020, 6, 1), TODAY):
        _same(tablet, book.on(day), table, _generated(table, 400, f"every operation {day}"))


@pytest.mark.browser
def test_the_tablet_counts_findings_and_their_points_as_the_server_does(tablet: Page) -> None:
    table = checklist("lives-sf")
    rng = random.Random(SEED)  # noqa: S311  # a fixed seed
    codes = [item.code for item in table.items]
    blank = "-" * len(codes)
    drawn = [sorted(rng.choices(codes, k=rng.randrange(12))) for _ in range(200)]
    vectors = [Vector(blank, tuple(rows)) for rows in drawn]
    _same(tablet, rules("san-francisco-lives", TODAY), table, vectors)


@pytest.mark.browser
def test_the_tablet_knows_every_operation_that_rules_may_carry(tablet: Page) -> None:
    known = tablet.evaluate('async () => (await import("/engine.js")).OPERATIONS')
    assert known == sorted(PORTABLE)


@pytest.mark.browser
@pytest.mark.parametrize("spoilt", ["P" * 29, "P" * 31, "P" * 29 + "X", "P" * 29 + "𝐏", ""])
def test_the_tablet_refuses_answers_that_do_not_fit(tablet: Page, spoilt: str) -> None:
    table = checklist("cn-catering-2016-1-3")
    portable = portable_result_rules(rulebook("national-2016"), table, date(2020, 1, 1))
    refused = tablet.evaluate(
        """async ({ rules, answers }) => {
          const engine = await import("/engine.js");
          try { engine.judge(engine.prepare(rules), answers); return "judged"; }
          catch (error) { return error.message; }
        }""",
        {"rules": portable, "answers": spoilt},
    )
    assert refused.startswith("expected 30 letters")


@pytest.mark.browser
def test_the_tablet_refuses_rules_of_another_form_or_with_operations_it_does_not_know(tablet: Page) -> None:
    portable: dict[str, Any] = portable_result_rules(
        rulebook("order49-2022"), checklist("cn-catering-2022"), TODAY
    )
    prepare = """async (rules) => {
      const engine = await import("/engine.js");
      try { engine.prepare(rules); return "ready"; } catch (error) { return error.message; }
    }"""
    assert tablet.evaluate(prepare, portable) == "ready"
    assert "form 2" in tablet.evaluate(prepare, {**portable, "form": 2})
    strange = [{**portable["steps"][0], "op": "guess"}]
    assert "guess" in tablet.evaluate(prepare, {**portable, "steps": strange})


def test_the_engine_file_touches_neither_page_nor_network_nor_clock_and_names_no_scheme() -> None:
    text = ENGINE.read_text("utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("*", "/*", "//")))
    for forbidden in ("import ", "document", "window", "fetch", "Date", "Math.random", "eval(", "Function("):
        assert forbidden not in code, forbidden
    for scheme in CHINESE:
        assert scheme not in text
    assert not [letter for letter in text if "\u4e00" <= letter <= "\u9fff"]
