"""Promises of `rulebook try`: published records computed again, every difference told, nothing stored."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from grading.errors import RulebookError
from inspections.record.errors import HouseError
from inspections.rulebooks.files import SEEDS
from inspections.rulebooks.show_commands import try_draft
from tests.grading.document import worked_cases, worked_files

UK = SEEDS / "rulebooks" / "uk-food-hygiene"
NEW_YORK = SEEDS / "rulebooks" / "new-york-letter-grades"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Writes records and runs the command on them."""
    commands = click.Group(commands=[try_draft])

    def tried(rulebook: Path, records: str, *words: str) -> Result:
        path = tmp_path / "records.csv"
        path.write_text(records, encoding="utf-8")
        return CliRunner().invoke(commands, ["try", str(rulebook), str(path), *words])

    return tried


def test_published_results_and_scores_are_computed_again_and_differences_told(
    run: Callable[..., Result],
) -> None:
    records = (
        "单位,日期,问题,分数,结果\n"
        "甲,2020-01-01,hygiene-5;structure-5;confidence-5,15,5 Very good\n"
        "乙,2020-01-01,hygiene-20、structure-20、confidence-30,70,3\n"
        "丙,2020-01-01,hygiene-5,5,4\n"
        "丁,2010-11-29,hygiene-5 structure-5 confidence-5,15,5\n"
    )
    result = run(UK, records, "--json")
    assert result.exit_code == 0, result.output
    assert "第 3 行\t乙\t结果\t公布 3\t算得 0" in result.output
    assert "第 4 行\t丙\t结果\t公布 4\t算得 算不出（三项没有各打一个分）" in result.output
    assert "丁\t结果\t公布 5\t算得 算不出" in result.output
    counts = json.loads(result.output.splitlines()[-1])
    assert (counts["rows"], counts["compared_result"], counts["agreeing_result"]) == (4, 4, 1)


def test_grades_are_computed_from_the_history_of_each_unit(run: Callable[..., Result]) -> None:
    records = (
        "unit,day,score,result,grade\n"
        "甲,2020-01-01,30,C,\n"
        "甲,2020-06-01,10,A,A\n"
        "乙,2020-06-01,40,B,C\n"
        "丙,2020-06-01,40,Grade pending (Z),pending\n"
    )
    result = run(NEW_YORK, records)
    assert result.exit_code == 0, result.output
    assert "乙\t等级\t公布 C\t算得 B" in result.output
    assert "等级 3 个，一致 2 个（66.67%）" in result.output
    assert "结果 " not in result.output


def test_a_column_that_is_not_known_is_named_instead_of_silently_left_out(run: Callable[..., Result]) -> None:
    records = "单位,问题,分数,牌\n甲,hygiene-5;structure-5;confidence-5,15,5\n"
    result = run(UK, records)
    assert result.exit_code == 0, result.output
    assert "牌" in result.output
    assert "不认识这一列，没有读" in result.output


def test_what_cannot_be_read_is_told_and_the_rest_is_computed(
    run: Callable[..., Result],
) -> None:
    records = (
        "问题,结果,日期,分数\n"
        "hygiene-7,5,2020-01-01,1\n"
        "hygiene-0;structure-0;confidence-0,好吃,2020-01-01,0\n"
        "hygiene-0;structure-0;confidence-0,5,2020-02-31,0\n"
        "hygiene-0;structure-0;confidence-0,5,2020-01-01,很多\n"
        "hygiene-0;structure-0;confidence-0,5,2020-01-01,0\n"
    )
    result = run(UK, records)
    assert result.exit_code == 0, result.output
    for words in (
        "第 2 行：检查表 uk-sub-scores 没有",
        "第 3 行：“好吃”不是",
        "第 4 行",
        "第 5 行",
    ):
        assert words in result.output
    assert "读到 5 行，读不懂 4 行；比较结果 1 个，一致 1 个" in result.output


def test_the_worked_scheme_of_the_document_is_tried_as_the_document_says(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    for name, text in worked_files().items():
        path = tmp_path / "mine" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    rows = [f"{';'.join(findings)},{score},{card}" for findings, score, card in worked_cases()]
    records = "问题,分数,结果\n" + "\n".join(rows) + "\n"
    result = run(tmp_path / "mine" / "rulebooks" / "los-angeles-cards", records)
    assert result.exit_code == 0, result.output
    assert f"结果 {len(rows)} 个，一致 {len(rows)} 个（100.00%）" in result.output
    assert f"分数 {len(rows)} 个，一致 {len(rows)} 个（100.00%）" in result.output


def test_a_faulty_draft_or_a_missing_checklist_is_told(run: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "draft").mkdir()
    draft = tmp_path / "draft" / "x.yaml"
    draft.write_text("scheme: {id: x}\n", encoding="utf-8")
    assert isinstance(run(tmp_path / "draft", "问题\n\n").exception, RulebookError)
    header = "scheme: {id: x, title_zh: 甲, title_en: X, checklists: [none-such]}\n"
    draft.write_text(header, encoding="utf-8")
    refused = run(tmp_path / "draft", "问题,结果\na,b\n").exception
    assert isinstance(refused, HouseError)
    assert "找不到检查表 none-such" in str(refused)
