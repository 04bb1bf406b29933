"""What a bureau enters: local values on top of a rulebook, and what is still missing."""

from datetime import date

import pytest

from grading.checklist import Checklist
from grading.entering import LocalEntry, entered, local_overlay
from grading.errors import AnswersError, GradingError, RulebookError
from grading.facts import Adjustment, DecidedVisit, UnitFacts
from grading.holdings import read_holdings
from grading.missing import missing
from grading.rulebook import read_rulebook
from grading.vocabulary import Answer
from tests.grading.shipped import SCHEMES, SEEDS, TODAY, checklist, rulebook, rules, scheme_text

SINCE = date(2026, 1, 1)
SHA = "ab" * 32


def _entry(cell: str, value: str, day: date = SINCE) -> LocalEntry:
    return LocalEntry(cell, value, day, "西青市监办〔2026〕1号", SHA, "zhang")


def _with(scheme: str, *entries: LocalEntry) -> str:
    text = scheme_text(scheme)
    for entry in entries:
        text = entered(text, entry)
    return text


def _paths(text: str, day: date = TODAY) -> set[str]:
    return {row.path for row in missing(read_rulebook(text), day)}


def test_what_a_bureau_must_decide_is_listed_with_its_shape() -> None:
    rows = {row.path: row for row in missing(rulebook("tianjin-2020"), TODAY)}
    cell = rows["grade_matrix.I.compliant"]
    assert cell.unit == "grade"
    assert cell.shape == "其中一个词：A、B、C、D"
    assert cell.needed_by == ("静态档与检查结果定风险等级",)
    assert "veto_items.cn-catering-2022" in rows
    assert len([path for path in rows if path.startswith("grade_matrix.")]) == 12


def test_a_scheme_without_unknowns_misses_nothing() -> None:
    assert missing(rulebook("demo-local"), TODAY) == []
    assert missing(rulebook("quantified-2012"), TODAY) == []


def test_a_bureau_that_enters_what_is_missing_gets_grades_that_rest_on_nothing_assumed() -> None:
    types = (
        "restaurant",
        "fast_food",
        "snack_shop",
        "drink_shop",
        "canteen",
        "school_canteen",
        "kindergarten_canteen",
        "central_kitchen",
        "collective_delivery",
    )
    text = _with(
        "tianjin-2020",
        _entry("result_rule", "[{is: non_compliant, when: {general_failed: {from: 9}}}, {is: compliant}]"),
        _entry("veto_items", '{cn-catering-2016-1-3: ["15"], cn-catering-2022: ["2.4"]}'),
        *[_entry(f"facilities_by_type.{kind}", "8") for kind in types],
        *[_entry(f"scale_points.{kind}", "[{is: 5}]") for kind in types],
        _entry(
            "static_tiers",
            "[{to: 15, is: I}, {from: 16, to: 20, is: II}, {from: 21, to: 25, is: III}, {from: 26, is: IV}]",
        ),
        *[
            _entry(f"grade_matrix.{tier}.{result}", grade)
            for tier in ("I", "II", "III", "IV")
            for result, grade in zip(
                ("compliant", "basically_compliant", "non_compliant"), "ABC", strict=True
            )
        ],
        _entry("forced_grades", "[{is: A}]"),
        _entry("new_unit_rule", "[{undetermined: 检查后评定}]"),
        _entry("visits_counted", "1"),
        _entry("adjust_raise", "{accident: [1, 2]}"),
        _entry("adjust_lower", "{three_years_no_violation: [1]}"),
        _entry("adjust_years_later", "1"),
        _entry("visits_per_year", "{A: 1, B: 2, C: 3, D: 4}"),
        _entry("months_to_next_visit", "{A: 12, B: 6, C: 4, D: 3}"),
    )
    assert _paths(text) == set()
    engine = read_rulebook(text).on(TODAY)
    visits = [DecidedVisit(date(2026, 6, 1), "compliant")]
    verdict = engine.grade(UnitFacts("restaurant", area_m2=80), visits)
    assert (verdict.value, verdict.rests_on_assumed) == ("A", ())
    assert '"basis":"local"' in verdict.derivation
    assert SHA in verdict.derivation


def test_an_entered_value_holds_from_its_day_and_not_the_day_before() -> None:
    text = _with("tianjin-2020", _entry("visits_counted", "1"))
    assert "visits_counted" not in _paths(text, SINCE)
    assert "visits_counted" in _paths(text, date(2025, 12, 31))


def test_entries_of_one_table_add_up_whatever_the_order_of_their_days() -> None:
    earlier = _entry("grade_matrix.I.compliant", "A", date(2025, 1, 1))
    later = _entry("grade_matrix.II.compliant", "B", date(2026, 1, 1))
    for order in ((earlier, later), (later, earlier)):
        left = _paths(_with("tianjin-2020", *order))
        assert "grade_matrix.I.compliant" not in left
        assert "grade_matrix.II.compliant" not in left
        assert "grade_matrix.III.compliant" in left


def test_an_entry_over_a_source_keeps_the_basis_of_the_rest() -> None:
    text = _with("demo-local", _entry("grade_matrix.I.compliant", "B"))
    entry = read_rulebook(text).cells["grade_matrix"].on(TODAY)
    assert entry is not None
    assert entry.basis_at(("I", "compliant")) == "local"
    assert entry.basis_at(("II", "compliant")) == "assumed"


def test_an_item_code_with_dots_is_one_key() -> None:
    files = local_overlay(_entry("veto_items.cn-catering-2022", '["1.1"]'), rulebook("tianjin-2020"))
    assert len(files) == 1
    text = _with("tianjin-2020", _entry("veto_items.cn-catering-2022", '["1.1"]'))
    assert "veto_items.cn-catering-2022" not in _paths(text)


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("grade_matrix.I.compliant", "E", "词“E”不在可用之列"),
        ("visits_counted", "一次", "应是一个数"),
        ("static_tiers", "[{to: 15, is: I}, {from: 17, is: II}]", "在 15 与 17 之间有空缺"),
        ("visits_counted", "[", "不是合法的 YAML"),
        ("visits_counted", "", "文件是空的"),
        ("visits_counted", "0", "超出允许的范围。改法：应是一个整数（不小于 1）"),
        ("visits_counted", "1.5", "超出允许的范围"),
        ("months_to_next_visit.A", "-3", "超出允许的范围"),
        ("months_to_next_visit.A", "99999", "应是一个整数（不小于 1、不大于 120）"),
        ("facilities_by_type.restaurant", "-1", "超出允许的范围"),
        ("scale_points.restaurant", "[{is: -1}]", "超出允许的范围"),
        ("adjust_raise", "{accident: [4]}", "词“4”不在可用之列"),
        ("adjust_raise", "{accident: [-1]}", "词“-1”不在可用之列"),
    ],
)
def test_a_value_of_the_wrong_shape_is_refused(cell: str, value: str, words: str) -> None:
    with pytest.raises(RulebookError) as refused:
        _with("tianjin-2020", _entry(cell, value))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("no_such", "没有规则值“no_such”"), ("visits_counted.x", "已不是表")],
)
def test_a_value_for_a_place_that_is_not_there_is_refused(cell: str, words: str) -> None:
    with pytest.raises(AnswersError, match=words):
        _with("tianjin-2020", _entry(cell, "1"))


def test_an_adjustment_that_the_rulebook_does_not_know_or_allow_is_refused() -> None:
    engine = rules("demo-local", TODAY)
    visits = [DecidedVisit(date(2026, 6, 1), "compliant")]
    unit = UnitFacts("restaurant", area_m2=80)
    for condition, levels, words in (
        ("rumour", 1, "不在规则列出的情形里：可用 deliberate_breach_punished、"),
        ("accident", 3, "规则只许 1、2 级"),
        ("three_years_no_violation", 2, "规则只许 1 级"),
    ):
        row = Adjustment(condition, date(2025, 6, 1), "1号", levels, "王", "见1号")
        with pytest.raises(AnswersError, match=words):
            engine.grade(unit, visits, [row])


def test_levels_may_be_entered_as_numbers_or_as_words() -> None:
    for levels in ("[1, 2]", '["1", "2"]'):
        engine = rules("demo-local", TODAY, (("adjust_raise", f"{{accident: {levels}}}"),))
        row = Adjustment("accident", date(2025, 6, 1), "1号", 2, "王", "见1号")
        visits = [DecidedVisit(date(2026, 6, 1), "compliant")]
        assert engine.grade(UnitFacts("restaurant", area_m2=80), visits, [row]).value == "C"


def _table() -> Checklist:
    return checklist("cn-catering-2016-1-3")


def test_answers_that_do_not_fit_are_refused_in_words() -> None:
    engine = rules("demo-local", TODAY)
    for answers, words in (("P" * 29, "收到 29 个答案"), ("P" * 29 + "X", "第 30 项的答案“X”不认识")):
        with pytest.raises(AnswersError, match=words):
            engine.suggest(_table(), answers)
    with pytest.raises(AnswersError, match="没有编号为“x”的项目"):
        rules("san-francisco-lives", TODAY).suggest(checklist("lives-sf"), "-" * 71, ["x"])
    with pytest.raises(AnswersError, match="没有第 99 项"):
        _table().pack({"99": Answer.PASS})
    with pytest.raises(AnswersError, match="没有“listing”这一程序"):
        rules("tianjin-2017", TODAY)._procedure("listing")


def test_answers_pack_in_the_order_of_the_checklist() -> None:
    packed = _table().pack({"30": Answer.FAIL_SAFETY, "1": Answer.FAIL}, default="P")
    assert packed == "F" + "P" * 28 + "S"
    assert [(item.code, answer.value) for item, answer in _table().failed(packed)] == [
        ("1", "F"),
        ("30", "S"),
    ]


def test_the_checklists_hold_what_is_confirmed_and_mark_the_rest() -> None:
    table = _table()
    assert len(table.items) == 30
    assert {item.code for item in table.items if item.mark == "key"} == {"5", "6", "7", "8", "15", "27", "30"}
    newer = checklist("cn-catering-2022")
    confirmed = [item for item in newer.items if not item.provisional]
    assert len(confirmed) == 13
    assert all(not item.code.startswith("P") for item in confirmed)
    assert len([item for item in newer.items if item.code.startswith("P")]) == 36
    assert {item.code for item in newer.items if item.provisional} - {
        item.code for item in newer.items if item.code.startswith("P")
    } == {"3.2"}


def test_an_outcome_says_when_it_rests_on_provisional_items() -> None:
    engine = rules("demo-local", TODAY)
    table = checklist("cn-catering-2022")
    official = table.pack({i.code: "P" for i in table.items if not i.provisional})
    assert not engine.suggest(table, official).provisional
    assert engine.suggest(table, "P" * len(table.items)).provisional


def test_each_failed_item_is_handled_by_itself() -> None:
    engine = rules("order49-2022", TODAY)
    table = checklist("cn-catering-2022")
    answers = table.pack({"1.1": "S", "1.2": "H", "2.1": "H"}, default="P")
    rows = {row.item.code: row for row in engine.handling(table, answers)}
    assert rows["1.1"].handling == "investigate"
    assert rows["1.2"].handling == "correct_on_spot"
    assert rows["2.1"].handling is None
    assert rows["2.1"].missing == ("handling_table.key.H",)


def test_the_holdings_change_on_the_days_of_the_law() -> None:
    holdings = read_holdings((SEEDS / "rulebooks" / "holdings.yaml").read_text("utf-8"))
    expected = {
        ("result", date(2022, 3, 14)): "national-2016",
        ("result", date(2022, 3, 15)): "order49-2022",
        ("grade", date(2017, 12, 14)): "national-2016",
        ("grade", date(2017, 12, 15)): "tianjin-2017",
        ("grade", date(2020, 3, 29)): "tianjin-2017",
        ("grade", date(2020, 3, 30)): "tianjin-2020",
        ("grade", date(2016, 11, 30)): None,
    }
    for (purpose, day), scheme in expected.items():
        assert holdings.scheme_for("tianjin", purpose, "canteen", day) == scheme
    assert {row.scheme for row in holdings.rows} <= set(SCHEMES)


def test_every_refusal_is_of_the_engine_s_own_kind() -> None:
    assert issubclass(AnswersError, GradingError)
    assert issubclass(RulebookError, GradingError)
