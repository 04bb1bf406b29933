"""Each way in which a rulebook can be wrong: the message says where, what, and how to mend it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.bundles import bundle, layers
from grading.check import CheckReport, check_rulebook
from grading.checklist import checklist_text, read_checklist
from grading.errors import RulebookError
from grading.holdings import read_holdings
from grading.operations import OPERATIONS
from grading.rulebook import read_rulebook
from grading.yaml_reader import MAX_CHARACTERS, read_yaml
from tests.grading.shipped import TODAY, checklist

HERE = Path(__file__).parent
SOUND = (HERE / "sound.yaml").read_text("utf-8")
FAULTY = sorted((HERE / "faults").glob("*.yaml"))


def _check(text: str) -> CheckReport:
    tables = [checklist("cn-catering-2016-1-3")]
    return check_rulebook({"rulebook.yaml": text}, on=TODAY, checklists=tables)


def test_the_sound_rulebook_has_no_fault_and_no_warning() -> None:
    report = _check(SOUND)
    assert report.faults == ()
    assert report.warnings == ()
    assert report.sound


@pytest.mark.parametrize("path", FAULTY, ids=lambda path: path.stem)
def test_a_fault_is_named_with_its_cure(path: Path) -> None:
    text = path.read_text("utf-8")
    expected = [line[5:].strip() for line in text.splitlines() if line.startswith("# 预期：")]
    report = _check(text)
    said = "\n".join(str(fault) for fault in report.faults)
    assert expected
    assert not report.sound
    for words in expected:
        assert words in said, said
    assert all("改法：" in str(fault) for fault in report.faults)
    assert all(fault.line >= 1 for fault in report.faults)


def test_a_fault_names_the_line_it_stands_on() -> None:
    lines = SOUND.splitlines()
    place = next(n for n, line in enumerate(lines, 1) if "{from: 4, is: bad}" in line)
    report = _check(SOUND.replace("{from: 4, is: bad}", "{from: 5, is: bad}"))
    assert [(fault.file, fault.line) for fault in report.faults] == [("rulebook.yaml", place)]


def test_all_faults_are_told_in_one_run() -> None:
    text = SOUND.replace("basis: stated", "basis: sure").replace("unit: items", "unit: [1]")
    with pytest.raises(RulebookError) as refused:
        read_rulebook(bundle({"rulebook.yaml": text}))
    assert len(refused.value.faults) == 4


def test_a_huge_file_is_refused_without_being_parsed() -> None:
    report = _check("x: " + "a" * MAX_CHARACTERS)
    assert "超过上限" in str(report.faults[0])


def test_aliases_that_explode_are_refused() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for name, before in zip("bcdefghi", "abcdefgh", strict=True):
        rows.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    report = _check("\n".join(rows))
    assert any("用了别名" in str(fault) for fault in report.faults)


def test_nesting_without_end_is_refused() -> None:
    report = _check("x: " + "[" * 3000)
    assert not report.sound
    assert "嵌套过深" in str(report.faults[0])


def test_a_control_character_is_refused_in_words() -> None:
    chinese = "# 五行中文说明，每个字三个字节\n" * 5
    assert "rulebook.yaml 第 6 行：有控制字符" in str(_check(f"{chinese}scheme: \x00").faults[0])


def test_a_comma_that_is_missing_far_from_its_bracket_is_named_where_it_is_missing() -> None:
    rows = [f"  item_{number}: 1," for number in range(30)]
    rows[20] = "  item_20: 1"
    (fault,) = _check("scheme: {\n" + "\n".join(rows) + "\n}\n").faults
    assert (fault.line, fault.what) == (
        23,
        "不是合法的 YAML：花括号里缺逗号，或没有收尾（在第 1 行打开的）",
    )


@pytest.mark.parametrize(("op", "key"), [(op.name, key) for op in OPERATIONS.values() for key in op.required])
def test_a_key_that_a_step_lacks_is_told_whatever_rests_on_it(op: str, key: str) -> None:
    values = {
        "of": "[by_band]" if OPERATIONS[op].required.get("of") == "refs" else "by_band",
        "scale": "result", "table": "bands", "rules": "rule", "keys": "[failed]", "inputs": "[failed]",
        "answers": "FSH", "field": "result", "cases": "{good: by_band}", "condition": "accident",
    }  # fmt: skip
    written = [f"{name}: {values.get(name, 'by_band')}" for name in OPERATIONS[op].required if name != key]
    step = f"      lame: {{{', '.join([f'op: {op}', 'label: 缺了一个键', *written])}}}\n"
    report = _check(
        SOUND.replace("      times: {op", f"{step}      times: {{op").replace("value: worse", "value: lame")
    )
    assert any(f"步骤 lame（{op}）缺少“{key}”" in str(fault) for fault in report.faults)


MAY = """
  may:
    label: 可用的词多于写的
    unit: result
    form: {kind: bands, scale: wide}
    checked_on: 2026-11-01
    values:
      2020-01-01: {value: [{from: 0, to: 3, is: good}, {from: 4, is: bad}], basis: stated, text: order}
"""
WIDE = """
  wide:
    label: 更宽的序列
    levels: [{id: good, zh: 好, en: Good}, {id: bad, zh: 差, en: Bad}]
    outside: [{id: unrated, zh: 不评定, en: Not rated}]
"""


def test_a_table_that_may_say_more_than_it_says_is_no_fault() -> None:
    text = SOUND.replace("cells:\n", f"{WIDE.lstrip(chr(10))}cells:\n{MAY.lstrip(chr(10))}")
    text = text.replace(
        "      times: {op", "      by_may: {op: band, of: failed, table: may, label: 分段}\n      times: {op"
    )
    assert _check(text.replace("value: worse", "value: by_may")).faults == ()


def test_bands_that_meet_leave_no_gap_for_a_fraction() -> None:
    share = "      share: {op: ratio, of: failed, among: failed, label: 比率}\n"
    text = SOUND.replace(
        "      by_band: {op: band, of: failed", f"{share}      by_band: {{op: band, of: share"
    )
    assert "落在分段表 bands 的 3 与 4 之间" in str(_check(text).warnings)
    met = text.replace("{from: 4, is: bad}", "{above: 3, below: 5, is: bad}\n          - {from: 5, is: bad}")
    assert "没有取整" not in str(_check(met).warnings)
    assert "分段" not in "".join(fault.what for fault in _check(met).faults)


def test_what_a_draft_may_not_hold_any_more_is_read_where_it_is_stored() -> None:
    visits = "better_visits: [good], worse_visits: [bad], better_gives: bad, worse_gives: good"
    reason = f"counterexamples:\n  - {{procedure: result, {visits}}}\n"
    text = SOUND.replace("id: small", "id: small_city").replace("step: 1", "step: 0") + reason
    told = [fault.what for fault in _check(text).faults]
    assert any("不能用作代号" in what for what in told)
    assert any("step 不是大于 0" in what for what in told)
    assert any("没有写原因" in what for what in told)
    assert read_rulebook(bundle({"rulebook.yaml": text.replace("step: 0", "step: 1")})).scheme == "small_city"


def test_an_old_check_is_a_warning() -> None:
    on_the_day = SOUND.replace("checked_on: 2026-11-01", "checked_on: 2025-11-24", 1)
    a_day_younger = SOUND.replace("checked_on: 2026-11-01", "checked_on: 2025-11-25", 1)
    assert "已满 12 个月" in str(_check(on_the_day).warnings[0])
    assert _check(a_day_younger).warnings == ()


def test_an_assumed_an_unknown_and_an_unused_value_are_warnings() -> None:
    assumed = SOUND.replace("basis: stated", "basis: assumed", 1)
    unknown = SOUND.replace("value: {good: [1, 2], bad: [2, 3]}", "value: null")
    unused = SOUND.replace("value: worse, times: times", "value: worse")
    assert "是假定值" in str(_check(assumed).warnings[0])
    assert "未知" in str(_check(unknown).warnings[0])
    assert "没有程序用到" in str(_check(unused).warnings[0])
    read_elsewhere = unused.replace("  yearly:\n", "  yearly:\n    read_by: 年度计划\n")
    assert _check(read_elsewhere).warnings == ()


def test_a_name_in_two_files_is_a_fault_that_names_both_places() -> None:
    cells = "cells:" + SOUND.partition("cells:")[2].partition("procedures:")[0]
    report = check_rulebook({"a.yaml": SOUND, "b.yaml": cells}, on=TODAY)
    assert any("“bands”已在 a.yaml 第" in str(fault) for fault in report.faults)


def test_a_text_that_is_no_bundle_is_refused() -> None:
    for text in ("", "[]", "{}", '{"form":"layers-0","layers":[]}', "not json"):
        with pytest.raises(RulebookError, match="规范形式"):
            layers(text)


GRADES_ONLY = """
  upside_down:
    label: 颠倒
    unit: result
    form: {kind: table, keys: result, of: {kind: word, scale: result}}
    checked_on: 2026-11-01
    values: {2020-01-01: {value: {good: bad, bad: good}, basis: stated, text: order}}
procedures:
  grade:
    label: 等级
    scale: result
    steps:
      results: {op: select, field: result, label: 结果}
      last: {op: latest, of: results, label: 最近}
      grade_now: {op: lookup, table: upside_down, keys: [last], label: 等级}
    outputs: {value: grade_now}
"""


def test_a_scheme_that_only_grades_is_tried_with_the_words_of_its_results() -> None:
    report = _check(SOUND.partition("cells:")[0] + "cells:" + GRADES_ONLY)
    assert [fault.what for fault in report.faults] == [
        "检查更差而结论更好：检查为 bad、good 时得 bad，为 bad、bad 时得 good",
        "检查更差而结论更好：检查为 good 时得 bad，为 bad 时得 good",
        "检查更差而结论更好：检查为 good、good 时得 bad，为 good、bad 时得 good",
    ]


NUMBERED = """
scales:
  result:
    label: 检查结果
    levels:
      - {id: "5", zh: 五, en: Five}
      - {id: "0", zh: 零, en: Nought}
"""


@pytest.mark.parametrize("words", ["named", "numbered"])
def test_every_case_that_the_check_asks_for_can_be_listed_as_it_says_it(words: str) -> None:
    text = SOUND.partition("cells:")[0] + "cells:" + GRADES_ONLY
    if words == "numbered":
        head, _, rest = text.partition("scales:\n")
        text = head + NUMBERED.lstrip() + "cells:" + rest.partition("cells:")[2]
        text = text.replace("good: bad, bad: good", '"5": "0", "0": "5"')
    asked = [fault.cure.partition("列出：")[2] for fault in _check(text).faults]
    assert len(asked) == 3
    copied = "".join(f"  {row}\n" for row in asked)
    left = [fault.what for fault in _check(text + "counterexamples:\n" + copied).faults]
    assert len(left) == 3
    assert all(what.startswith("列出的反例没有写原因：") for what in left), (
        "a reason is for a person to write"
    )
    listed = copied.replace("写明原因", "平均不计不评定的一次")
    report = _check(text + "counterexamples:\n" + listed)
    assert report.faults == ()
    assert len(report.listed) == len(report.found) == 3


HOLDING = "  - {setting: s, purpose: grade, unit_types: all, scheme: %s, from: %s%s, text: 某文}\n"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            [("a", "2020-01-01", ""), ("b", "2021-01-01", "")],
            "给从 2020-01-01 起的这一行写 until: 2020-12-31",
        ),
        (
            [("a", "2020-01-01", ", until: 2021-01-01"), ("b", "2021-01-01", "")],
            "日期重叠",
        ),
        (
            [("a", "2020-01-01", ""), ("b", "2020-01-01", "")],
            "删去其中一行，或改一行的 from",
        ),
        (
            [("a", "2020-01-01", ", until: 2020-12-30"), ("b", "2021-01-01", "")],
            "空缺从 2020-12-31 起",
        ),
        ([("a", "2020-01-01", ", until: 2019-12-31")], "until 早于 from"),
    ],
)
def test_reigns_that_overlap_or_leave_a_gap_are_faults(rows: list[tuple[str, str, str]], words: str) -> None:
    with pytest.raises(RulebookError) as refused:
        read_holdings("holdings:\n" + "".join(HOLDING % row for row in rows))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("checklist: {id: x, title_zh: 表}\nitems: []\n", "检查表没有项目"),
        (
            (
                "checklist: {id: x, title_zh: 表}\nitems:\n"
                "  - {code: 1, mark: key, text: 甲}\n  - {code: 1, mark: key, text: 乙}\n"
            ),
            "项目编号“1”重复",
        ),
        (
            "checklist: {id: x, title_zh: 表}\nitems:\n  - {code: 1, mark: 重点, text: 甲}\n",
            "项目类别“重点”不认识",
        ),
        ("items:\n  - {code: 1, text: 甲}\n", "检查表缺少“checklist”"),
    ],
)
def test_a_checklist_with_a_fault_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(RulebookError) as refused:
        read_checklist(checklist_text("x.yaml", text))
    assert words in str(refused.value)


_PIECES = ("null", "[]", "{}", "''", "0", "-1", "x", "[[1]]", "{a: {b: null}}", "2020-01-01", "true")


@st.composite
def _mutilated(draw: st.DrawFn) -> str:
    """The sound rulebook with lines lost, doubled or swapped, and values replaced."""
    lines = SOUND.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(1, len(lines) - 1))
        how = draw(st.sampled_from(("lose", "double", "swap", "value", "cut")))
        if how == "lose":
            lines.pop(place)
        elif how == "double":
            lines.insert(place, lines[place])
        elif how == "swap":
            lines[place], lines[place - 1] = lines[place - 1], lines[place]
        elif how == "value":
            head, colon, _rest = lines[place].partition(": ")
            lines[place] = head + colon + draw(st.sampled_from(_PIECES))
        else:
            lines[place] = lines[place][: draw(st.integers(0, len(lines[place])))]
    return "\n".join(lines)


@settings(max_examples=250, deadline=None)
@given(_mutilated())
def test_whatever_happens_to_a_rulebook_the_check_answers_in_words(text: str) -> None:
    report = _check(text)
    assert all(str(fault).endswith("。") for fault in (*report.faults, *report.warnings))


def test_codes_of_a_checklist_that_have_no_points_are_named_and_stop_nothing() -> None:
    text = (HERE / "faults" / "points-for-no-item.yaml").read_text("utf-8")
    table = checklist("cn-catering-2016-1-3")
    some = check_rulebook({"x.yaml": text.replace("no-such-finding", '"6"')}, on=TODAY, checklists=[table])
    (said,) = [one.what for one in some.warnings if "没有" in one.what and "分值" in one.what]
    assert f"共 {len(table.items) - 1} 项的分值" in said
    assert some.sound
    points = ", ".join(f'"{item.code}": 1' for item in table.items)
    every = check_rulebook(
        {"x.yaml": text.replace("{no-such-finding: 2}", f"{{{points}}}")}, on=TODAY, checklists=[table]
    )
    assert [one.what for one in every.warnings if "分值" in one.what] == []


def _limited(*most: tuple[int, int]) -> str:
    """The sound rulebook, no more items counted than from some years on (year, number)."""
    rows = "".join(f"      {year}-01-01: {{value: {n}, basis: stated, text: order}}\n" for year, n in most)
    cell = """
  most:
    label: 最多算几项
    unit: items
    form: {kind: number, whole: true}
    checked_on: 2026-11-01
    values:
"""
    step = (
        "      at_most: {op: lowest, of: [failed, most], label: 最多}\n      by_band: {op: band, of: at_most"
    )
    text = SOUND.replace("\nprocedures:", f"{cell}{rows}procedures:")
    return text.replace("      by_band: {op: band, of: failed", step)


def test_a_number_that_can_lie_beyond_every_band_is_hinted_at_and_one_without_end_is_not() -> None:
    limited = _limited((2020, 6))
    bands = "- {from: 0, to: 3, is: good}\n          - {from: 4, is: bad}"
    for rows, hint in (
        (bands, None),
        ("- {from: 0, to: 3, is: good}\n          - {from: 4, to: 6, is: bad}", None),
        ("- {from: 0, to: 3, is: good}", "可以是 6"),
        ("- {from: 0, below: 6, is: good}", "可以是 6"),
        ("- {from: 1, is: good}", "可以是 0"),
        ("- {above: 0, is: good}", "可以是 0"),
    ):
        warnings = _check(limited.replace(bands, rows)).warnings
        told = [fault.what for fault in warnings if "分段表 bands 里没有这一段" in fault.what]
        assert ([hint in one for one in told] if hint else told) == ([True] if hint else []), rows
    endless = SOUND.replace("- {from: 4, is: bad}", "- {from: 4, to: 9, is: bad}")
    assert not any("没有这一段" in fault.what for fault in _check(endless).warnings)


def test_a_word_that_only_a_step_writes_is_missed_in_its_table_unless_something_tells_it_apart() -> None:
    step = "      seen: {op: known, of: failed, yes: good, no: %s, label: 查过}\n      times: {op"
    text = SOUND.replace("keys: [worse]", "keys: [seen]").replace("      times: {op", step)
    (fault,) = _check(text % "nevr").faults
    assert (fault.what, fault.cure) == (
        "步骤 times 查的表没有“nevr”这一格，而 seen 会是它",
        "改用 good、bad，或在序列里加上这个词",
    )
    assert _check(text % "bad").faults == ()
    apart = (
        "      now: {op: choose, by: seen, cases: {nevr: failed}, otherwise: times, label: 现在}\n    outputs"
    )
    assert _check((text % "nevr").replace("    outputs", apart)).faults == ()


def test_an_output_that_is_almost_one_the_program_knows_is_hinted_at() -> None:
    def hints(name: str) -> list[str]:
        report = _check(SOUND.replace("times: times}", f"{name}: times}}"))
        return [fault.what for fault in report.warnings if "附带结果" in fault.what]

    assert hints("scores") == ["程序 result 的附带结果“scores”不是程序另有用处的名字，像是写错的 score"]
    assert (hints("score"), hints("times")) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("    unit: items\n", "    unit：items\n", "键后面是全角冒号“：”"),
        ("    label: 项数分段\n", "    label：项数分段\n", "键后面是全角冒号“：”"),
        ("op: count,", "op：count,", "键后面是全角冒号“：”"),
        ("    unit: items\n", "\tunit: items\n", "缩进用了 Tab"),
    ],
)
def test_a_sign_of_the_chinese_keyboard_is_named_where_it_stands(before: str, after: str, why: str) -> None:
    text = SOUND.replace(before, after, 1)
    line = text[: text.index(after)].count("\n") + 1
    (fault,) = _check(text).faults
    assert (fault.line, fault.what.removeprefix("不是合法的 YAML：")) == (line, why)


def test_a_chinese_comma_between_words_is_named_and_read_as_it_was_meant() -> None:
    (fault,) = _check(SOUND.replace("[by_band, by_rule]", "[by_band，by_rule]")).faults
    assert fault.what == "用了全角逗号“，”"
    assert _check(SOUND.replace("title: 某办法", "title: 某办法，第二版")).faults == ()


@pytest.mark.parametrize("written", ['"HACCP，GMP"', "'note：x'"])
def test_signs_in_quotes_are_what_they_say(written: str) -> None:
    node, faults = read_yaml("x.yaml", f"- [{written}, b]\n- {{{written}: }}\n")
    assert (faults, node is not None) == ([], True)
    (fault,) = read_yaml("x.yaml", "why: '见 a, b：c\nmore: 1\n")[1]
    assert fault.what == "不是合法的 YAML：引号没有收尾"


def test_bands_and_numbers_are_compared_as_of_the_same_day() -> None:
    text = _limited((2020, 6), (2024, 9))
    good = "          - {from: 0, to: 3, is: good}\n"
    start, rest = text.split(f"{good}          - {{from: 4, is: bad}}\n")
    said = '        basis: stated\n        text: order\n        article: "5"\n'
    for top, hints in (("9", 0), ("8", 1)):
        first = f"{good}          - {{from: 4, to: 6, is: bad}}\n{said}"
        later = (
            f"      2024-01-01:\n        value:\n{good}          - {{from: 4, to: {top}, is: bad}}\n{said}"
        )
        report = _check(f"{start}{first}{later}{rest.partition(said)[2]}")
        assert report.faults == ()
        assert sum("没有这一段" in fault.what for fault in report.warnings) == hints
