"""A rulebook that is wrong in every way at once: one run tells all of it, with file, line, what and cure."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from grading.bundles import overlay
from grading.check import check_checklist, check_holdings, check_rulebook
from grading.checklist import checklist_text
from grading.errors import Fault, RulebookError
from grading.yaml_reader import MAX_CHARACTERS
from inspections.rulebooks.checking import check_path
from tests.grading.messages import Message, messages
from tests.grading.shipped import CHECKLISTS, TODAY, checklist, scheme_text
from tests.grading.test_faults import FAULTY, SOUND

HERE = Path(__file__).parent
POINTS = (HERE / "faults" / "points-for-no-item.yaml").read_text("utf-8")
SHARE = "      share: {op: ratio, of: failed, among: failed, label: 比率}\n"
EVERYTHING = HERE / "every-fault"
# Said only when nothing worse is wrong, or about what lies around a rulebook.
ALONE = {
    *("不是规则文本的规范形式", "没有 scheme", "没有任何程序，得不出结论", "试算时出错：…"),
    *("检查更差而结论更好：…", "列出的反例不成立：…"),
    # Known only where every checklist of the rulebook is at hand.
    "规则值 … 的 … 不在规则的任何一张检查表里",
    *("规则值 … 没有写核对日期", "规则值 … 上次核对是 …，已满 … 个月", "规则值 … 没有程序用到"),
    *(
        "规则值 … 未知",
        "规则值 … 没有 … 共 … 项的分值，有这些问题的检查得不出分数",
        "规则值 … 是假定值",
        "有 … 个暂代项目（…）",
        "底层规则读不出来：…",
        "没有叫“…”的规则可以叠加",
    ),
    *(
        "文件有 … 个字符，超过上限 …",
        "文件有 … 字节，超过上限 …",
        "不能读取（…）",
        "不是 UTF-8 文本（第 … 字节）",
    ),
    "步骤 … 的 … 没有取整，落在分段表 … 的 … 之间就没有结论",
    "步骤 … 的 … …，分段表 … 里没有这一段，那时没有结论",
    "程序 … 的附带结果“…”不是程序另有用处的名字，像是写错的 …",
}
CHECKLISTS_AND_HOLDINGS = ("checklist", "holdings")


def _files() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(EVERYTHING.glob("*.yaml"))}


def _report() -> tuple[Fault, ...]:
    return check_rulebook(_files(), on=TODAY, checklists=[checklist(name) for name in CHECKLISTS]).faults


def _said_by(faults: Iterator[Fault] | tuple[Fault, ...] | list[Fault]) -> set[Message]:
    said = [fault.what for fault in faults]
    return {message for message in messages() if any(message.matches(what) for what in said)}


def test_every_kind_of_fault_is_told_in_one_run() -> None:
    found = _said_by(_report())
    lacking = [
        f"{m.file}.py {m.line}: {m.what}"
        for m in messages()
        if m not in found and m.what not in ALONE and m.file not in CHECKLISTS_AND_HOLDINGS
    ]
    assert lacking == []


def test_every_fault_names_a_file_a_line_and_a_cure() -> None:
    faults = _report()
    lines = {name: text.count("\n") + 1 for name, text in _files().items()}
    assert len(faults) > 85
    for fault in faults:
        assert 1 <= fault.line <= lines[fault.file], fault
        assert fault.what
        assert fault.cure
        assert str(fault) == f"{fault.file} 第 {fault.line} 行：{fault.what}。改法：{fault.cure}。"


def _elsewhere() -> Iterator[Fault]:
    tables = [checklist("cn-catering-2016-1-3")]
    for path in FAULTY:
        yield from check_rulebook({"x.yaml": path.read_text("utf-8")}, on=TODAY, checklists=tables).faults
    for text in (
        "x: " + "a" * MAX_CHARACTERS,
        SOUND.replace("checked_on: 2026-11-01", "checked_on: 2020-01-01", 1),
        SOUND.replace("    checked_on: 2026-11-01\n", "", 1),
        SOUND.replace("basis: stated", "basis: assumed", 1),
        SOUND.replace("value: {good: [1, 2], bad: [2, 3]}", "value: null"),
        SOUND.replace("value: worse, times: times", "value: worse"),
        SOUND.replace("value: worse, times: times", "value: worse, scores: times"),
        SOUND.replace("- {from: 0, to: 3, is: good}", "- {from: 1, to: 3, is: good}"),
        SOUND.partition("procedures:")[0],
        SOUND.replace("of: [by_band, by_rule]", "of: [failed]"),
        SOUND.replace("      by_band: {op: band, of: failed", f"{SHARE}      by_band: {{op: band, of: share"),
        POINTS.replace("no-such-finding", '"6"'),
    ):
        report = check_rulebook({"x.yaml": text}, on=TODAY, checklists=tables)
        yield from (*report.faults, *report.warnings)
    with pytest.raises(RulebookError) as refused:
        overlay("no bundle", {}, "x")
    yield from refused.value.faults


def _of_checklists_and_holdings() -> Iterator[Fault]:
    faulty = "checklist: {id: x, title_zh: 表}\nitems:\n  - {code: 1, mark: 重点}\n  - {code: 1}\n"
    yield from check_checklist(checklist_text("x.yaml", faulty)).faults
    yield from check_checklist(
        checklist_text("x.yaml", "checklist: {id: x, title_zh: 表}\nitems: []\n")
    ).faults
    yield from check_checklist(scheme_text("tianjin-2017")).faults
    provisional = "checklist: {id: x, title_zh: 表}\nitems:\n  - {code: P1, text: 甲, provisional: true}\n"
    yield from check_checklist(checklist_text("x.yaml", provisional)).warnings
    row = "  - {setting: s, purpose: %s, unit_types: %s, scheme: %s, from: %s, until: %s, text: 某文}\n"
    rows = (
        ("grade", "all", "one", "2020-01-01", "2020-12-31"),
        ("grade", "all", "one", "2020-12-31", "2021-12-31"),
        ("grade", "all", "one", "2022-02-01", "2021-02-01"),
        ("rating", "[pub]", "two", "2020-01-01", "null"),
        ("listing", "all", "one", "null", "null"),
        ("listing", "all", "one", "2020-01-01", "null"),
    )
    yield from check_holdings("holdings:\n" + "".join(row % one for one in rows), {"one": ("grade",)}).faults


def test_every_message_of_the_code_has_been_seen() -> None:
    said = _said_by([*_report(), *_elsewhere(), *_of_checklists_and_holdings()])
    folder = {"底层规则读不出来：…", "没有叫“…”的规则可以叠加", "文件有 … 字节，超过上限 …"}
    folder |= {"不能读取（…）", "不是 UTF-8 文本（第 … 字节）"}
    assert [
        f"{m.file}.py {m.line}: {m.what}" for m in messages() if m not in said and m.what not in folder
    ] == []


def test_the_same_folder_on_disk_is_told_whole_and_nothing_is_changed(tmp_path: Path) -> None:
    for name, text in _files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "y-huge.yaml").write_bytes(b"cells: {a: 1}\n" * 800_000)
    (tmp_path / "z-gbk.yaml").write_bytes("cells: {甲: 1}".encode("gb18030"))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    faults = [fault for one in check_path(tmp_path, date(2026, 11, 24)) for fault in one.report.faults]
    said = "\n".join(map(str, faults))
    assert len(faults) > 85
    assert "y-huge.yaml 第 1 行：文件有 11200000 字节，超过上限 8000000" in said
    assert "z-gbk.yaml 第 1 行：不是 UTF-8 文本" in said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
