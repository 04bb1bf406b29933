"""Promises of `rulebook check`: every fault below a path in one run, with file, line and cure."""

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from grading.errors import GradingError
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.rulebooks.checking import check_path
from inspections.rulebooks.commands import rulebook
from inspections.rulebooks.files import SEEDS
from inspections.rulebooks.service import load_seeds

ON = date(2026, 11, 24)
HEAD = "scheme: {id: draft, title_zh: 草稿, title_en: Draft%s}\n"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the shipped rulebooks and checklists that a test may spoil."""
    for name in ("rulebooks", "checklists"):
        shutil.copytree(SEEDS / name, tmp_path / "seeds" / name)
    return tmp_path / "seeds"


@pytest.fixture
def check(database: Engine, data_directory: Path) -> Callable[[Path], Result]:
    """Runs `rulebook check PATH`."""
    house = House(Configuration(data=data_directory), database)
    return lambda path: CliRunner().invoke(rulebook, ["check", str(path), "--on", f"{ON}"], obj=house)


def _faults(path: Path) -> list[str]:
    return [str(fault) for one in check_path(path, ON) for fault in one.report.faults]


def _spoil(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def test_everything_shipped_is_sound(check: Callable[[Path], Result]) -> None:
    for folder, words in (
        ("rulebooks", "规则 quantified-2012：没有错误，提示 4 条，列明的反例 3 个"),
        ("checklists", "检查表 cn-catering-2022：没有错误"),
    ):
        result = check(SEEDS / folder)
        assert result.exit_code == 0, result.output
        assert words in result.output


def test_faults_of_several_kinds_and_files_are_told_in_one_run(
    seeds: Path, check: Callable[[Path], Result]
) -> None:
    folder = seeds / "rulebooks" / "tianjin-2017"
    _spoil(folder / "scheme.yaml", "step: 1", "stepp: 1")
    _spoil(folder / "values.yaml", "{from: 16, to: 20, is: II}", "{from: 17, to: 20, is: II}")
    _spoil(folder / "values.yaml", "basis: assumed", "basis: guessed")
    (folder / "more.yaml").write_bytes("cells: {甲: {}}".encode("gb18030"))
    (folder / "huge.yaml").write_bytes(b"x: " + b"a" * 10_485_760)
    result = check(folder)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
    for words in (
        "scheme.yaml 第 6 行：scheme里没有“stepp”这个键",
        "有空缺",
        "basis “guessed”不认识",
        "more.yaml 第 1 行：不是 UTF-8 文本",
        "huge.yaml 第 1 行：文件有 10485763 字节，超过上限",
    ):
        assert words in result.output, result.output
    assert result.output.count("改法：") >= 5


def test_a_checklist_beside_a_rulebook_that_cannot_be_read_hides_nothing_of_it(
    seeds: Path, check: Callable[[Path], Result]
) -> None:
    _spoil(seeds / "checklists" / "cn-catering-2016-1-3.yaml", "title_en:", "titel_en:")
    _spoil(seeds / "rulebooks" / "tianjin-2017" / "scheme.yaml", "step: 1", "stepp: 1")
    result = check(seeds / "rulebooks" / "tianjin-2017")
    for words in (
        "里没有“titel_en”这个键",
        "scheme里没有“stepp”这个键",
        "还没有看：规则与检查表是否对得上",
    ):
        assert words in result.output, result.output
    assert str(result.exception) == "共 2 处错误；改好后再检查一次。"
    (seeds / "checklists" / "gbk.yaml").write_bytes("checklist: {id: 甲}".encode("gb18030"))
    assert "gbk.yaml 第 1 行：不是 UTF-8 文本" in check(seeds / "rulebooks" / "tianjin-2017").output
    twice = check(seeds).output
    assert twice.count("里没有“titel_en”这个键") == 1, "once, though several rulebooks lie beside it"


def test_holdings_may_lie_in_the_folder_of_the_rulebook_that_they_are_about(seeds: Path) -> None:
    folder = seeds / "rulebooks" / "tianjin-2017"
    row = "{setting: x, purpose: %s, unit_types: all, scheme: tianjin-2017, from: 2020-01-01, text: t}"
    (folder / "holdings.yaml").write_text(f"holdings:\n  - {row % 'grade'}\n", encoding="utf-8")
    assert _faults(folder) == []
    (folder / "holdings.yaml").write_text(f"holdings:\n  - {row % 'listing'}\n", encoding="utf-8")
    assert "没有 listing 这一程序" in _faults(folder)[0]


def test_a_folder_of_folders_says_of_which_rulebook_it_speaks(
    seeds: Path, check: Callable[[Path], Result]
) -> None:
    _spoil(seeds / "rulebooks" / "order49-2022" / "values.yaml", 'article: "31"', 'artikel: "31"')
    _spoil(seeds / "rulebooks" / "holdings.yaml", "scheme: tianjin-2020", "scheme: tianjin-2021")
    result = check(seeds / "rulebooks")
    assert "规则 order49-2022：" in result.output
    assert "没有“artikel”这个键" in result.output
    assert "没有叫“tianjin-2021”的规则" in result.output


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("until: 2022-03-14", "until: 2022-03-15", "日期重叠"),
        ("until: 2022-03-14", "until: 2022-03-13", "空缺从 2022-03-14 起"),
        (
            "purpose: result, unit_types: all, scheme: order49",
            "purpose: listing, unit_types: all, scheme: order49",
            "没有 listing 这一程序",
        ),
        ("unit_types: all", "unit_types: [pub]", "业态“pub”不认识"),
    ],
)
def test_holdings_are_checked_for_overlap_gap_and_ability(
    seeds: Path, before: str, after: str, words: str
) -> None:
    path = seeds / "rulebooks" / "holdings.yaml"
    _spoil(path, before, after)
    faults = _faults(path)
    assert any(words in fault for fault in faults), faults
    assert all(fault.startswith("holdings.yaml 第 ") for fault in faults)


def test_a_checklist_is_checked_and_its_provisional_items_are_named(seeds: Path) -> None:
    path = seeds / "checklists" / "cn-catering-2022.yaml"
    report = check_path(path, ON)[0].report
    assert "37 个暂代项目" in report.warnings[0].what
    _spoil(path, 'code: "1.2"', 'code: "1.1"')
    assert "项目编号“1.1”重复" in _faults(path)[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD % ", overlay_of: no-such", "没有叫“no-such”的规则可以叠加"),
        (HEAD % ", overlay_of: ../../etc", "没有叫“../../etc”的规则可以叠加"),
        (HEAD % "", "没有任何程序"),
        ("&k " + HEAD % "", "用了锚点 &k"),
        ("!!python/object:os.system " + HEAD % "", "用了类型标签"),
        ("", "文件是空的"),
        ("scheme: {id: \x00}", "有控制字符"),
        ("scheme: {id: x", "不是合法的 YAML：花括号里缺逗号，或没有收尾"),
        ("a: &a [x]\nb: *a\n", "用了别名 *a"),
        ("[" * 3000, "嵌套过深"),
    ],
)
def test_a_draft_that_cannot_stand_is_told_why(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "draft.yaml"
    path.write_text(text, encoding="utf-8")
    assert any(words in fault for fault in _faults(path)), _faults(path)


def test_what_follows_from_a_file_that_cannot_be_read_is_not_told_and_the_rest_is(seeds: Path) -> None:
    folder = seeds / "rulebooks" / "quantified-2012"
    names = sorted(path.name for path in folder.glob("*.yaml"))
    assert len(names) > 1
    _spoil(folder / "procedures.yaml", "op: ", "opp: ")
    told = _faults(folder)
    assert told
    assert all("procedures.yaml" in fault for fault in told)
    for spoilt in (name for name in names if name != "procedures.yaml"):
        text = (folder / spoilt).read_text(encoding="utf-8")
        for wrong, said in ((text.replace(": ", ": [", 1), "不是合法的 YAML"), (text + "\x07", "有控制字符")):
            (folder / spoilt).write_text(wrong, encoding="utf-8")
            (new,) = set(_faults(folder)) - set(told)
            assert new.startswith(spoilt)
            assert said in new
            assert set(told) <= set(_faults(folder)), "faults elsewhere are told in the same run"
        (folder / spoilt).write_bytes(text.encode("gb18030"))
        (new,) = set(_faults(folder)) - set(told)
        assert "不是 UTF-8 文本" in new
        (folder / spoilt).write_text(text, encoding="utf-8")


def test_what_could_not_be_looked_at_yet_is_said(seeds: Path, check: Callable[[Path], Result]) -> None:
    folder = seeds / "rulebooks" / "quantified-2012"
    assert "还没有看" not in check(folder).output
    _spoil(folder / "procedures.yaml", "value: ", "value: no_such_")
    told = check(folder).output
    assert "还没有看：检查更差而结论更好的情形、提示；改好上面的错误再检查一次。" in told
    _spoil(folder / "scheme.yaml", ": ", ": [")
    assert "还没有看：名字和词是否对得上、检查更差而结论更好的情形、提示；" in check(folder).output


def test_schemes_laid_over_each_other_in_a_circle_are_a_fault(tmp_path: Path) -> None:
    for name, base in (("one", "two"), ("two", "one")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "scheme.yaml").write_text(HEAD % f", overlay_of: {base}", encoding="utf-8")
    assert "互相叠加" in _faults(tmp_path / "one")[0]


def test_a_veto_item_that_the_checklist_does_not_have_is_a_fault(seeds: Path) -> None:
    folder = seeds / "rulebooks" / "demo-local"
    _spoil(folder / "values.yaml", '"2.4", "2.6"', '"2.44", "2.6"')
    _spoil(folder / "values.yaml", "cn-catering-2016-1-3: [", "cn-catering-2023: [")
    faults = _faults(folder)
    assert any("2.44 不是检查表 cn-catering-2022 的项目编号" in fault for fault in faults), faults
    assert any("检查表“cn-catering-2023”，它不在 scheme 的 checklists 里" in fault for fault in faults)


def test_a_path_that_is_not_there_or_empty_is_answered_in_words(
    tmp_path: Path, check: Callable[[Path], Result]
) -> None:
    assert "找不到" in str(check(tmp_path / "nothing").exception)
    (tmp_path / "empty").mkdir()
    assert "没有 .yaml 文件" in str(check(tmp_path / "empty").exception)


def test_a_file_that_may_not_be_read_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "scheme.yaml").mkdir()
    assert "不能读取" in _faults(tmp_path)[0]


def test_seeds_are_loaded_only_when_holdings_name_schemes_that_can_do_it(
    database: Engine, now: datetime, seeds: Path
) -> None:
    path = seeds / "rulebooks" / "holdings.yaml"
    _spoil(path, "scheme: demo-local", "scheme: x")
    with pytest.raises(GradingError, match="没有叫“x”的规则"), transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
