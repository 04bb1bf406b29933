"""Promises of `rulebook try`: published records computed again, every difference told, nothing stored."""

import json
import shutil
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


@pytest.fixture
def means(tmp_path: Path) -> Path:
    """A draft that looks at kinds of visits and at what a unit is."""
    return Path(shutil.copytree(Path(__file__).parent / "means", tmp_path / "means"))


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
    assert "比较结果" not in result.output
    for what in ("结果", "分数"):
        told = f"没有比较的{what} 4 个：记录没有“问题”和“答案”两列，算不出（第 2、3、4、5 行）。"
        assert told in result.output


def test_grades_beside_an_earlier_visit_are_said_not_to_be_compared(run: Callable[..., Result]) -> None:
    records = (
        "unit,day,score,result,grade\n"
        "甲,2020-01-01,30,C,C\n"
        "甲,2020-06-01,10,A,A\n"
        "乙,2020-02-01,40,B,B\n"
        "乙,2020-01-01,40,B,C\n"
    )
    result = run(NEW_YORK, records, "--json")
    assert "没有比较的等级 2 个：不在该单位最近一次检查的行上（第 2、5 行）。" in result.output
    figures = json.loads(result.output.splitlines()[-1])
    assert (figures["compared_grade"], figures["uncompared"]) == (2, 2 + 4 + 4)


def test_nothing_found_and_nothing_published_are_not_the_same_and_are_both_said(
    run: Callable[..., Result], means: Path
) -> None:
    result = run(means, "问题,分数,结果\n,100,\n1,,好\n")
    assert "“问题”和“答案”都空着的 1 行，按没有发现问题计算。" in result.output
    assert "；其中 1 个没有公布的可比。" in result.output


def test_asked_why_it_says_every_step_to_what_differs(run: Callable[..., Result]) -> None:
    records = (
        "单位,日期,问题,结果\n"
        "乙,2020-01-01,hygiene-20 structure-20 confidence-30,3\n"
        "丙,2020-01-01,hygiene-0 structure-0 confidence-0,5\n"
    )
    short, whole = run(UK, records).output, run(UK, records, "--why").output
    assert "事实：" not in short
    told = whole.splitlines()
    assert told[0].startswith("第 2 行\t乙")
    assert [line for line in told if line.startswith("    步骤：")]
    assert "    事实：发现的问题 = confidence-30、hygiene-20、structure-20" in told
    assert [line for line in told if line.startswith("    结论：0")]
    assert not [line for line in told if line.startswith("第 3 行")], "what agrees needs no explanation"


def test_its_counts_are_of_rows(run: Callable[..., Result]) -> None:
    records = (
        "单位,日期,问题,分数,结果\n"
        "乙,2020-01-01,hygiene-20 structure-20 confidence-30,0,3\n"
        "丙,2020-02-31,hygiene-0 structure-0 confidence-0,很多,5\n"
    )
    result = run(UK, records, "--json")
    assert "读到 2 行，读不懂 1 行；" in result.output
    assert "；有不一致或算不出的 1 行。" in result.output
    figures = json.loads(result.output.splitlines()[-1])
    assert (figures["rows"], figures["unreadable_rows"], figures["differing_rows"]) == (2, 1, 1)


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
    header += "scales: {r: {label: 结果, levels: [{id: a, zh: 甲, en: A}]}}\n"
    steps = "{n: {op: worst, of: [findings], scale: r}}"
    header += f"procedures: {{result: {{scale: r, steps: {steps}, outputs: {{value: n}}}}}}\n"
    draft.write_text(header, encoding="utf-8")
    refused = run(tmp_path / "draft", "问题,结果\na,b\n").exception
    assert isinstance(refused, HouseError)
    assert "找不到检查表 none-such" in str(refused)


def test_kinds_rechecks_and_what_a_unit_is_are_columns(run: Callable[..., Result], means: Path) -> None:
    records = (
        "单位,日期,类型,复查,分数,面积,等级\n"
        "甲,2021-01-01,日常监督检查,,95,50,\n"
        "甲,2021-02-01,专项检查,,40,50,\n"
        "甲,2021-03-01,日常监督检查,是,50,50,\n"
        "甲,2021-04-01,复查,,60,50,甲\n"
        "乙,2021-01-01,daily,,95,500,乙\n"
        "丙,2021-01-01,,,95,,甲\n"
        "丁,2021-01-01,暗访,,95,50,甲\n"
    )
    result = run(means, records)
    assert result.exit_code == 0, result.output
    assert "比较等级 3 个，一致 2 个" in result.output
    assert "丙\t等级\t公布 a\t算得 算不出（经营面积（平方米）未登记）" in result.output
    assert "第 8 行" in result.output
    assert "不是允许的值" in result.output


def test_a_grade_is_computed_from_what_was_asked_for_and_the_answer_says_which(
    run: Callable[..., Result], means: Path
) -> None:
    records = "单位,日期,问题,面积,分数,等级\n甲,2021-01-01,1,50,95,甲\n"
    published = run(means, records)
    assert "等级由各次检查的结果和分数得出：取公布的，没有公布的取算出的。" in published.output
    assert "等级 1 个，一致 1 个" in published.output
    computed = run(means, records, "--grade-from", "computed")
    assert "等级由各次检查的结果和分数得出：取算出的。" in computed.output
    assert "甲\t等级\t公布 a\t算得 b" in computed.output
    refused = run(means, "单位,分数,等级\n甲,95,甲\n", "--grade-from", "computed").exception
    assert isinstance(refused, HouseError)
    assert "--grade-from published" in str(refused)


def test_every_value_that_cannot_be_computed_has_its_reason(run: Callable[..., Result], means: Path) -> None:
    result = run(means, "问题,分数,结果,面积,等级\n2,90,好,50,甲\n")
    assert "分数\t公布 90\t算得 算不出（规则值“扣分 2”未知）" in result.output
    assert "结果 1 个，一致 1 个" in result.output
    without = run(UK, "问题,分数\nhygiene-0;structure-0,0\n")
    assert "算得 算不出（）" not in without.output
    assert "\t算得 算不出\n" not in without.output


def test_a_scheme_without_scores_says_so_beside_a_published_one(
    run: Callable[..., Result], means: Path
) -> None:
    draft = means / "means.yaml"
    text = draft.read_text("utf-8")
    draft.write_text(text.replace("{value: by_number, score: score}", "{value: by_number}"), "utf-8")
    result = run(means, "问题,分数\n1,80\n")
    assert "分数\t公布 80\t算得 算不出（规则的 result 程序没有写 outputs 的 score）" in result.output
