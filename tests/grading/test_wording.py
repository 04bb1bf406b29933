"""What people read: missing values, facts and answers in Chinese, no identifiers."""

import re
from datetime import date
from decimal import Decimal

import pytest

from grading.explaining import explain, missing_in_words
from grading.facts import Adjustment, DecidedVisit, UnitFacts
from grading.missing import missing
from grading.operations.tables import key_of
from grading.wording import number_in_words
from tests.grading.shipped import SCHEMES, TODAY, checklist, rulebook, rules


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("grade_matrix.I.compliant", "规则值“静态档 × 检查结果 → 风险等级 Ⅰ档 符合”未知"),
        ("facilities_by_type.snack_shop", "规则值“卫生设施评分（按业态，未逐户评分时用） 小吃店”未知"),
        ("static_tiers(41)", "规则值“静态分值 → 静态档”没有包含 41 的一段"),
        ("static_tiers(15.5)", "规则值“静态分值 → 静态档”没有包含 15.5 的一段"),
        ("result_rule(没有一行成立)", "规则值“检查结果判定”没有一行适用"),
        ("result_rule:repealed", "规则值“检查结果判定”已废止"),
        ("result_rule:not_yet", "规则值“检查结果判定”当日尚未施行"),
        ("fact.area_m2", "经营面积（平方米）未登记"),
        ("fact.visits", "没有已定结果的检查"),
        ("fact.answers", "没有可以计算的检查项目"),
        ("case.检查项数不足", "检查项数不足"),
    ],
)
def test_what_is_missing_is_said_in_chinese(name: str, phrase: str) -> None:
    assert missing_in_words([name], rulebook("tianjin-2017")) == [phrase]


def test_the_letter_of_an_answer_is_said_beside_its_mark() -> None:
    names = ["handling_table.key.H", "handling_table.general.F"]
    cell = "不符合项的处理方式（项目类别 × 是否影响食品安全）"
    assert missing_in_words(names, rulebook("order49-2022")) == [
        f"规则值“{cell} 重点项 不符合，情节显著轻微且不影响食品安全”未知",
        f"规则值“{cell} 一般项 不符合（是否影响食品安全未判定）”未知",
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_a_bureau_must_decide_is_labelled_without_identifiers(scheme: str) -> None:
    for day in (date(2019, 6, 1), TODAY):
        for cell in missing(rulebook(scheme), day):
            plain = re.sub(r"cn-catering-[0-9-]+", "", cell.label)
            assert not re.search(r"[a-z_]{3,}", plain), cell.label


def test_the_facts_of_a_grade_are_told_as_people_speak() -> None:
    visits = [
        DecidedVisit(date(2026, 5, 1), "non_compliant", None, "campaign"),
        DecidedVisit(date(2026, 6, 1), None, None, "daily", True, True),
    ]
    event = Adjustment("accident", date(2025, 6, 1), "决定书1号", 1, "王科长", "见决定书")
    verdict = rules("demo-local", TODAY).grade(UnitFacts("restaurant", area_m2=80), visits, [event])
    lines = explain(verdict.derivation, verdict.facts)
    second = "2026-06-01 日常监督检查 结果未定（复查）（依据暂代项目）"
    assert f"事实：已定结果的检查 = 2026-05-01 随机查餐厅 不符合；{second}" in lines
    assert "事实：等级调整事项 = 2025-06-01 发生食品安全事故 1 级（决定书1号，王科长：见决定书）" in lines


def test_the_kinds_of_failed_items_are_told_as_people_speak() -> None:
    table = checklist("cn-catering-2022")
    outcome = rules("demo-local", TODAY).suggest(table, table.pack({"1.1": "S", "1.2": "H"}, default="P"))
    lines = explain(outcome.derivation, outcome.facts)
    assert (
        "事实：不符合的种类 = 一般项不符合，情节显著轻微且不影响食品安全、重点项不符合，影响食品安全" in lines
    )


@pytest.mark.parametrize(
    ("value", "key", "said"),
    [
        ("10.0", "10", "10"),
        ("100.00", "100", "100"),
        ("8.70", "8.7", "8.7"),
        ("0.00000001", "0.00000001", "约 0"),
        ("69.99996", "69.99996", "约 70"),
        ("69.5652173913043478", "69.5652173913043478", "约 69.5652"),
        ("-3.50", "-3.5", "-3.5"),
        ("1E+2", "100", "100"),
    ],
)
def test_equal_numbers_have_one_key_and_are_said_without_needless_digits(
    value: str, key: str, said: str
) -> None:
    assert key_of(Decimal(value)) == key
    assert number_in_words(Decimal(value)) == said
