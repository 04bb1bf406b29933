"""Promises of `rulebook show` and `rulebook diff`: the public page's tables, and what differs."""

import re
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from grading.operations import OPERATIONS
from grading.operations.registry import parameter_names
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.rulebooks.changes import difference
from inspections.rulebooks.files import SEEDS
from inspections.rulebooks.queries import newest_rulebook, schemes_in_force
from inspections.rulebooks.rule_words import BETWEEN, RuleWords
from inspections.rulebooks.service import load_seeds
from inspections.rulebooks.show_commands import diff, show
from inspections.rulebooks.show_text import rulebook_lines, width
from inspections.rulebooks.showing import shown
from inspections.rulebooks.step_words import SENTENCES, StepWords
from publishing.site.rules import rules_page
from publishing.site.terms import Terms
from tests.grading.shipped import SCHEMES, TODAY, rulebook
from tests.publishing.site.sample_facts import SITE

DAY_2018 = date(2018, 1, 1)


@pytest.fixture
def run(database: Engine, data_directory: Path) -> Callable[..., Result]:
    """Runs a command about rulebooks."""
    house = House(Configuration(data=data_directory), database)
    commands = click.Group(commands=[show, diff])
    return lambda *words: CliRunner().invoke(commands, list(map(str, words)), obj=house)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_value_is_shown_with_its_basis_its_reference_and_its_first_day(scheme: str) -> None:
    days = sorted({entry.first_day for cell in rulebook(scheme).cells.values() for entry in cell.entries})
    for day in (*days, TODAY):
        book = shown(rulebook(scheme), day)
        lines = "\n".join(rulebook_lines(book))
        assert len(book.cells) + len(book.later) == len(rulebook(scheme).cells)
        for cell in book.cells:
            entry = rulebook(scheme).cells[cell.name].on(day)
            assert entry is not None
            assert (cell.basis, cell.from_on) == (entry.basis, entry.first_day)
            assert entry.title in cell.reference
            assert f"〔{cell.source}" in lines
            for label, text in cell.rows:
                assert all(part in lines for part in label.split(BETWEEN))
                assert text in lines


def test_a_row_says_its_own_basis_where_that_differs_from_the_table() -> None:
    cell = next(c for c in shown(rulebook("national-2016"), DAY_2018).cells if "（假定值）" in str(c.rows))
    assert not all("（假定值）" in text for _, text in cell.rows)


def test_a_value_that_changes_later_says_when() -> None:
    cells = {cell.name: cell for cell in shown(rulebook("tianjin-2017"), DAY_2018).cells}
    assert cells["static_tiers"].changes_on == date(2020, 3, 30)
    assert "2020-03-30 起另有规定" in "\n".join(rulebook_lines(shown(rulebook("tianjin-2017"), DAY_2018)))
    assert shown(rulebook("tianjin-2017"), date(2017, 12, 14)).cells == ()


def test_the_public_page_has_the_same_rows_and_sources(database: Engine, now: datetime) -> None:
    terms = Terms(
        TODAY,
        SITE,
        is_preview=False,
        grade_is_public=True,
        results_shown_days=None,
        red_term_days=None,
        black_term_days=None,
    )
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
    with read_only(database) as session:
        page, _ = rules_page(session, terms)
        (facts,) = page.facts
        schemes = {one.scheme: one.stored.rulebook for one in schemes_in_force(session, TODAY)}
    assert {book.scheme for book in facts.rulebooks} == set(schemes)
    for book in facts.rulebooks:
        whole = shown(schemes[book.scheme], TODAY)
        told = whole.cells
        assert [one.steps for one in book.procedures] == [one.rows for one in whole.procedures]
        assert [cell.rows for cell in book.cells] == [cell.rows for cell in told]
        assert [cell.reference for cell in book.cells] == [cell.reference for cell in told]
        assert [cell.basis.zh for cell in book.cells if cell.basis.zh != "未知"] == [
            cell.basis.zh for cell in told if cell.basis is not None
        ]


def test_columns_stand_under_each_other_in_a_terminal() -> None:
    assert (width("A级"), width("不少于16")) == (3, 8)
    lines = list(rulebook_lines(shown(rulebook("tianjin-2017"), DAY_2018)))
    place = lines.index("【静态分值 → 静态档】（分）")
    starts = {width(line[: line.rindex("  ") + 2]) for line in lines[place + 1 : place + 5]}
    assert len(starts) == 1


def test_show_prints_a_stored_scheme_a_day_and_a_draft(run: Callable[..., Result], tmp_path: Path) -> None:
    today = run("show", "uk-food-hygiene")
    assert today.exit_code == 0, today.output
    assert "【合计 → 至多评到几级】（分）" in today.output
    assert "有原文" in today.output
    then = run("show", "tianjin-2017@2018-01-01")
    assert "Ⅰ档" in then.output
    shutil.copytree(SEEDS / "rulebooks" / "toronto-dinesafe", tmp_path / "draft")
    assert "绿牌（通过）" in run("show", tmp_path / "draft").output
    assert run("show", "tianjin-2017", "--on", "2018-01-01").output == then.output


def test_diff_says_what_another_day_and_another_draft_change(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    days = run("diff", "tianjin-2017@2017-12-15", "tianjin-2017@2020-03-30")
    assert days.exit_code == 0, days.output
    assert "已废止" in days.output
    shutil.copytree(SEEDS / "rulebooks" / "toronto-dinesafe", tmp_path / "draft")
    path = tmp_path / "draft" / "scheme.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("significant: conditional_pass", "significant: closed"), encoding="utf-8")
    changed = run("diff", "toronto-dinesafe", tmp_path / "draft")
    rows = [line.split() for line in changed.output.splitlines() if "→" in line]
    assert rows == [["违规的轻重", "→", "牌", "较重", "黄牌（有条件通过）", "→", "红牌（关闭）"]]
    assert "不同：规则值 1 处。" in changed.output
    assert "没有不同" in run("diff", "toronto-dinesafe", "toronto-dinesafe").output


def test_diff_names_the_later_days_on_which_there_is_more() -> None:
    before, after = rulebook("national-2016"), rulebook("national-2016-eight-items")
    found = difference(before, after, (date(2016, 1, 1), date(2016, 1, 1)))
    assert found.values == ()
    assert date(2016, 12, 1) in found.further_days


def test_a_changed_step_is_told() -> None:
    found = difference(rulebook("tianjin-2017"), rulebook("quantified-2012"), (DAY_2018, DAY_2018))
    assert any("检查结果" in change.where for change in found.steps)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "nowhere"), "没有叫“nowhere”的规则"),
        (("show", "/nowhere/at/all"), "找不到"),
        (("show", "tianjin-2017@2018"), "@ 之后应是日期"),
        (("diff", "tianjin-2017", "nowhere"), "没有叫“nowhere”的规则"),
    ],
)
def test_what_cannot_be_shown_is_answered_in_words(
    run: Callable[..., Result], words: tuple[str, ...], sentence: str
) -> None:
    result = run(*words)
    assert result.exit_code != 0
    assert sentence in str(result.exception)


def test_a_faulty_draft_tells_its_faults(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("scheme: {id: x}\ncells: {a: 1}\n", encoding="utf-8")
    result = run("show", tmp_path)
    assert result.exit_code != 0
    assert "scheme缺少“title_zh”" in str(result.exception)
    assert "规则值 a应是键和值" in str(result.exception)


def test_looking_changes_nothing(run: Callable[..., Result], database: Engine) -> None:
    run("show", "tianjin-2017")
    with read_only(database) as session:
        before = newest_rulebook(session, "tianjin-2017").version_id
    run("diff", "tianjin-2017@2018-01-01", "tianjin-2020")
    with read_only(database) as session:
        assert newest_rulebook(session, "tianjin-2017").version_id == before


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_step_is_said_in_words_with_all_that_it_is_worked_out_from(scheme: str) -> None:
    book = rulebook(scheme)
    words = RuleWords(book)
    lines = "\n".join(rulebook_lines(shown(book, TODAY)))
    for procedure in book.procedures.values():
        for step in procedure.steps.values():
            sentence = StepWords(words).sentence(step, procedure.scale)
            assert sentence in lines
            for name in parameter_names(step.operation, step.parameters):
                assert f"“{words.name(name)}”" in sentence, (step.name, name)
            assert not re.search(r"[a-z]+_[a-z_]+", sentence), sentence


def test_every_operation_has_its_sentence() -> None:
    assert set(SENTENCES) == set(OPERATIONS)


def test_a_word_that_two_scales_have_is_said_as_the_steps_own_scale_has_it() -> None:
    lines = list(rulebook_lines(shown(rulebook("demo-local"), TODAY)))
    (handling,) = [line for line in lines if "逐个按“不符合项的处理方式" in line]
    assert handling.endswith("一个也没有时取无须处理")


def test_an_end_of_a_range_that_nobody_states_is_said_to_be_open() -> None:
    words = RuleWords(rulebook("tianjin-2020"))
    said = {(1, 1): "1", (1, 2): "1至2", (2, None): "2至未定", (None, 2): "未定至2"}
    assert {ends: words.rows(ends) for ends in said} == {ends: (("", one),) for ends, one in said.items()}
