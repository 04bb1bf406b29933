"""Promises of the edition commands: a sheet out, a sheet in, each fault at its cell, errors as sentences."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import Engine

from inspections.record.audit import verify_audit
from inspections.record.clock import civil_day, today
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.surface.terminal import for_people
from inspections.visits.tables import VisitKind
from publishing.editions.commands import edition, import_editions
from publishing.editions.drafting import drafted_edition
from publishing.editions.queries import public_editions
from tests.bureau import (
    APPROVER,
    DUMPLINGS,
    EDITOR,
    PASSWORD,
    SECOND_APPROVER,
    add_units,
    add_visit,
)
from tests.conftest import NOW
from tests.publishing.editions.conftest import MONTH, VISITED, publish_october
from tests.publishing.editions.historical import STRUCTURE

Run = Callable[..., Result]


@pytest.fixture
def run(bureau: Engine, tmp_path: Path) -> Run:
    """Run a command as the shell does, with an account and its password from a file."""
    house = House(Configuration(data=tmp_path), bureau)
    password = tmp_path / "password.txt"
    password.write_text(PASSWORD + "\n", encoding="utf-8")

    def running(*words: str, account: str | None = None, command: click.Command = edition) -> Result:
        who = ["--account", account, "--password-file", str(password)] if account else []
        return CliRunner().invoke(for_people(command), [*words, *who], obj=house)

    return running


def sheet_of(tmp_path: Path) -> tuple[openpyxl.Workbook, Worksheet]:
    """The draft's table as the editor opens it."""
    book = openpyxl.load_workbook(tmp_path / "reports" / f"edition-{MONTH}.xlsx")
    sheet = book["草稿"]
    assert isinstance(sheet, Worksheet)
    return book, sheet


def columns(sheet: Worksheet) -> dict[str, int]:
    """The place of each header."""
    return {str(cell.value): cell.column for cell in sheet[1] if cell.column is not None}


def filled(run: Run, tmp_path: Path, **changes: object) -> Path:
    """The proposed table with both lines filled in; `changes` are cells of the black line."""
    assert run("draft", MONTH, account=EDITOR).exit_code == 0
    book, sheet = sheet_of(tmp_path)
    place = columns(sheet)
    names = {sheet.cell(row, place["牌匾名称"]).value: row for row in (2, 3)}
    red, black = names["福满源饺子馆"], names["张记牛肉面"]
    cells = {
        (red, "榜"): "红榜",
        (red, "已确认无个人姓名"): "是",
        (black, "榜"): "黑榜",
        (black, "上榜理由"): "1.后厨地面积水；\n2.一袋面粉超过保质期。",
        (black, "处理措施"): "责令改正",
        (black, "告知日期"): "2026-11-02",
        (black, "告知方式"): "告知书当面送达",
        (black, "已确认无个人姓名"): "是",
        **{(black, header): value for header, value in changes.items()},
    }
    for (row, header), value in cells.items():
        sheet.cell(row, place[header]).value = value  # type: ignore[assignment]  # whatever people type
    path = tmp_path / "filled.xlsx"
    book.save(path)
    return path


def saved_lines(engine: Engine) -> list[tuple[str, str | None, tuple[str, ...]]]:
    """List, sign and reasons of the saved draft."""
    with read_only(engine) as session:
        _, draft = drafted_edition(session, MONTH)
    return [(line.list_word, line.sign_name, line.reasons) for line in draft.lines]


def test_from_the_proposed_table_to_a_published_edition(run: Run, bureau: Engine, tmp_path: Path) -> None:
    path = filled(run, tmp_path)
    drafted = run("draft", MONTH, "--theme", "冬日里的饺子馆", "--file", str(path), account=EDITOR)
    assert drafted.exit_code == 0, drafted.output
    assert sorted(saved_lines(bureau)) == [
        ("black", "张记牛肉面", ("后厨地面积水", "一袋面粉超过保质期")),
        ("red", "福满源饺子馆", ("所查项目均符合要求",)),
    ]
    refused = run("publish", MONTH, account=APPROVER)
    assert refused.exit_code == 1
    assert "只有 0 人审批" in refused.output
    for approver in (APPROVER, SECOND_APPROVER):
        approved = run("approve", MONTH, "--yes", account=approver)
        assert approved.exit_code == 0, approved.output
        assert "一袋面粉超过保质期" in approved.output
        assert "告知书当面送达，异议期至 2026-11-07" in approved.output
    assert run("publish", MONTH, account=APPROVER).exit_code == 0
    with read_only(bureau) as session:
        (found,) = public_editions(session, on=today(), is_preview=True)
        assert list(verify_audit(session)) == []
    assert found.facts.title == "2026年第10期"
    assert found.facts.theme == "冬日里的饺子馆"
    assert found.facts.checked == 2
    shown = run("show", MONTH)
    assert "王芳" in shown.output
    assert "张记牛肉面" in shown.output


def test_a_draft_says_what_it_waits_for(run: Run, tmp_path: Path) -> None:
    late = filled(run, tmp_path, 异议期截止=(today() + timedelta(days=30)).isoformat())
    run("draft", MONTH, "--file", str(late), account=EDITOR)
    shown = run("show", MONTH).output
    for told in ("还需要 2 人审批。", "第 2 条（黑榜）的异议期到"):
        assert f"现在还不能公示：{told}" in shown
    assert "还没有写（读者看不到）：主题、怎样抽取、抽取家数\n" in shown
    first = run("approve", MONTH, "--yes", account=APPROVER)
    assert "还需要 1 人审批" in first.output
    second = run("approve", MONTH, "--yes", account=SECOND_APPROVER)
    assert "现在还不能公示：第 2 条（黑榜）的异议期到" in second.output
    run("draft", MONTH, "--file", str(filled(run, tmp_path, 异议期截止=None)), account=EDITOR)
    assert run("approve", MONTH, "--yes", account=APPROVER).exit_code == 0
    assert "下一次定时任务会公示本期" in run("approve", MONTH, "--yes", account=SECOND_APPROVER).output
    assert "下一次定时任务会公示本期" in run("show", MONTH).output
    run("publish", MONTH, account=APPROVER)
    assert "现在还不能公示" not in run("show", MONTH).output


def test_an_approval_is_asked_for_after_the_draft_was_shown(run: Run, tmp_path: Path) -> None:
    run("draft", MONTH, "--file", str(filled(run, tmp_path)), account=EDITOR)
    asked = run("approve", MONTH, account=APPROVER)
    assert asked.exit_code == 1
    assert "后厨地面积水" in asked.output
    assert "还没有" in run("show", MONTH).output
    wrong = run("approve", MONTH, "--hash", "0" * 12, account=APPROVER)
    assert wrong.exit_code == 1
    assert "edition show" in wrong.output


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"榜": "白榜"}, "“榜”：白榜，不是允许的值"),
        ({"告知日期": None}, "“告知日期”，黑榜条目没有告知日期"),
        ({"告知日期": "2026-13-40"}, "没有这一天"),
        ({"告知方式": None}, "黑榜条目没有告知方式"),
        ({"异议期截止": "2026-11-03"}, "不足 5 天"),
        ({"已确认无个人姓名": None}, "还没有确认"),
        ({"已确认无个人姓名": "否"}, "还没有确认"),
        ({"上榜理由": None}, "“上榜理由”，是空的"),
        ({"上榜理由": "电话13812345678"}, "像手机号的数字"),
        ({"处理措施": "列入黑名单"}, "黑名单"),
        ({"检查记录号": "没有这一号"}, "没有这条检查记录"),
        ({"检查记录号": None, "门店码": None}, "门店码和检查记录号都是空的"),
        ({"门店码": "2222-2223"}, "“门店码”"),
    ],
)
def test_each_fault_is_told_with_its_row_column_and_cure(
    run: Run, tmp_path: Path, changes: dict[str, object], expected: str
) -> None:
    refused = run("draft", MONTH, "--file", str(filled(run, tmp_path, **changes)), account=EDITOR)
    assert refused.exit_code == 1
    assert expected in refused.output
    assert "第 2 行" in refused.output or "第 3 行" in refused.output
    assert "Traceback" not in refused.output
    assert "还没有草稿" in run("approve", MONTH, account=APPROVER).output


def test_every_fault_of_a_table_is_told_at_once(run: Run, tmp_path: Path) -> None:
    path = filled(run, tmp_path, 告知日期="昨天", 处理措施="放心食用", 已确认无个人姓名=None)
    refused = run("draft", MONTH, "--file", str(path), account=EDITOR)
    assert "看不出是哪一天" in refused.output
    assert (tmp_path / "reports" / f"edition-{MONTH}-faults.xlsx").exists()


def test_a_row_without_a_list_stays_off_the_edition(run: Run, bureau: Engine, tmp_path: Path) -> None:
    done = run("draft", MONTH, "--file", str(filled(run, tmp_path, 榜=None)), account=EDITOR)
    assert done.exit_code == 0, done.output
    assert [line[1] for line in saved_lines(bureau)] == ["福满源饺子馆"]


def test_the_storefront_code_alone_names_the_only_visit_of_the_month(
    run: Run, bureau: Engine, tmp_path: Path
) -> None:
    done = run("draft", MONTH, "--file", str(filled(run, tmp_path, 检查记录号=None)), account=EDITOR)
    assert done.exit_code == 0, done.output
    assert len(saved_lines(bureau)) == 2


def test_two_visits_behind_one_code_must_be_told_apart(run: Run, bureau: Engine, tmp_path: Path) -> None:
    with transaction(bureau) as session:
        add_visit(session, 2, date(2026, 10, 29), NOW, kind=VisitKind.RECHECK, key="复查-1")
    refused = run("draft", MONTH, "--file", str(filled(run, tmp_path, 检查记录号=None)), account=EDITOR)
    assert refused.exit_code == 1
    assert "复查-1" in refused.output


def test_drafting_goes_on_from_the_saved_lines(run: Run, bureau: Engine, tmp_path: Path) -> None:
    done = run("draft", MONTH, "--theme", "面馆", "--file", str(filled(run, tmp_path)), account=EDITOR)
    assert done.exit_code == 0
    assert run("draft", MONTH, account=EDITOR).exit_code == 0
    book, sheet = sheet_of(tmp_path)
    place = columns(sheet)
    told = {sheet.cell(row, place["告知方式"]).value for row in (2, 3)}
    assert "告知书当面送达" in told
    sheet.cell(2, place["处理措施"], "当场改正")
    book.save(tmp_path / "again.xlsx")
    again = run("draft", MONTH, "--file", str(tmp_path / "again.xlsx"), account=EDITOR)
    assert again.exit_code == 0, again.output
    with read_only(bureau) as session:
        found, draft = drafted_edition(session, MONTH)
    assert draft.theme == "面馆"
    assert found.theme == "面馆"


def test_the_name_of_an_owner_who_is_not_shown_may_not_stand_in_the_reasons(
    run: Run, bureau: Engine, tmp_path: Path
) -> None:
    owner = replace(
        DUMPLINGS,
        licence_name="钱小竹",
        sign_name="巷口早点",
        address="汇祥道18号",
        licence_number="JY21201119900032",
        credit_code=None,
        holder_is_natural_person=True,
    )
    with transaction(bureau) as session:
        (unit,) = add_units(session, [owner], NOW)
        add_visit(session, unit, VISITED, NOW, failed=["11"], result="non_compliant")
    run("draft", MONTH, account=EDITOR)
    book, sheet = sheet_of(tmp_path)
    place = columns(sheet)
    for row in (2, 3, 4):
        is_owner = sheet.cell(row, place["牌匾名称"]).value == "巷口早点"
        sheet.cell(row, place["榜"]).value = "红榜" if is_owner else None
        sheet.cell(row, place["上榜理由"], "经营者钱小竹当场改正")
        sheet.cell(row, place["已确认无个人姓名"], "是")
        if is_owner:
            assert sheet.cell(row, place["主体名称"]).value == "个体经营者"
    book.save(tmp_path / "owner.xlsx")
    refused = run("draft", MONTH, "--file", str(tmp_path / "owner.xlsx"), account=EDITOR)
    assert refused.exit_code == 1
    assert "写有经营者本人的姓名" in refused.output


@pytest.mark.parametrize(
    ("words", "account", "expected"),
    [
        (("draft", "2026-13"), EDITOR, "不是月份"),
        (("draft", MONTH), APPROVER, "没有“编辑”角色"),
        (("draft", MONTH, "--file", "nothing.xlsx"), EDITOR, "找不到文件"),
        (("approve", MONTH), APPROVER, "还没有草稿"),
        (("approve", MONTH), EDITOR, "没有“审批”角色"),
        (("publish", MONTH), APPROVER, "还没有草稿"),
        (("publish", MONTH), EDITOR, "没有“审批”角色"),
        (("show", MONTH), None, "没有 2026-10 期"),
        (("withdraw", MONTH, "--reason", "有误"), APPROVER, "没有公示过"),
    ],
)
def test_a_refusal_is_one_sentence_with_its_cure(
    run: Run, words: tuple[str, ...], account: str | None, expected: str
) -> None:
    refused = run(*words, account=account)
    assert refused.exit_code == 1
    assert expected in refused.output
    assert "Traceback" not in refused.output


def test_withdrawing_by_command(run: Run, bureau: Engine) -> None:
    publish_october(bureau)
    refused = run("withdraw", MONTH, "--entry", "9", "--reason", "有误", account=APPROVER)
    assert "没有第 9 条" in refused.output
    refused = run("withdraw", MONTH, "--entry", "2", "--reason", "见 13812345678", account=APPROVER)
    assert "手机号" in refused.output
    assert run("withdraw", MONTH, "--entry", "2", "--reason", "单位有误", account=APPROVER).exit_code == 0
    assert run("withdraw", MONTH, "--reason", "整期有误", account=APPROVER).exit_code == 0
    with read_only(bureau) as session:
        (found,) = public_editions(session, on=civil_day(NOW), is_preview=False)
    assert found.facts.is_withdrawn
    assert found.facts.entries == ()
    assert "福满源" not in repr(found)
    assert {one.is_withdrawn for one in found.lapsed} == {True}
    assert "整期撤下" in run("list").output


def test_what_followed_is_recorded_by_command(run: Run, bureau: Engine) -> None:
    publish_october(bureau)
    done = run(
        "event", MONTH, "--entry", "2", "--kind", "rectified", "--on", "2026-11-12", account=EDITOR
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "2026-11-12 已整改" in run("show", MONTH).output


def test_editions_of_others_are_imported_by_command(run: Run, bureau: Engine) -> None:
    done = run(str(STRUCTURE), "--json", account=EDITOR, command=import_editions)
    assert done.exit_code == 0, done.output
    assert '"new": 41' in done.output
    assert '"entries": 196' in done.output
    listed = run("list").output
    assert listed.count("\n") == 41
    assert "没有公示日期" in listed
    refused = run(str(STRUCTURE), account=APPROVER, command=import_editions)
    assert "没有“编辑”角色" in refused.output
    refused = run("nothing.json", account=EDITOR, command=import_editions)
    assert refused.exit_code == 1
    assert "找不到文件" in refused.output
