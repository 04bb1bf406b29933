"""The judgement of a visit and its portable rules: one function, plain data, every word in it."""

import json
from datetime import date
from typing import Any

import pytest

from grading.bundles import bundle
from grading.errors import AnswersError, GradingError
from grading.judging import judge
from grading.operations import OPERATIONS
from grading.portable import NUMBER, PORTABLE, plain, portable_result_rules
from grading.rulebook import read_rulebook
from tests.grading.shipped import SCHEMES, TODAY, checklist, rulebook, rules
from tests.grading.test_faults import SOUND
from tests.grading.test_golden_cases import answers_of, result_cases

WITH_RESULT = [name for name in SCHEMES if "result" in rulebook(name).procedures]


def test_a_judgement_says_result_handling_what_is_missing_and_why() -> None:
    table = checklist("cn-catering-2022")
    answers = table.pack({"1.1": "S", "1.2": "H", "1.3": "F", "2.1": "H"}, default="P")
    judged = judge(rules("order49-2022", TODAY), table, answers)
    assert (judged.result, judged.result_zh, judged.missing) == (None, None, ("result_rule",))
    assert judged.missing_zh == ("规则值“检查结果判定”未知",)
    assert (judged.handling, judged.handling_zh, judged.provisional) == ("investigate", "依法调查处理", True)
    assert [(item.code, item.handling) for item in judged.items] == [
        ("1.1", "investigate"),
        ("1.2", "correct_on_spot"),
        ("1.3", None),
        ("2.1", None),
    ]
    assert (
        judged.items[0].said == "1.1 许可证有效地址相符不超范围（重点项不符合，影响食品安全）：依法调查处理"
    )
    assert "先判定是否影响食品安全" in judged.items[2].said
    assert "没有规定怎样处理，由检查人员决定" in judged.items[3].said
    assert judged.reasons[0] == "不能建议结果：规则值“检查结果判定”未知"
    assert "办法不按项数定结果，由检查人员综合判定" in judged.reasons[-1]


def test_the_reasons_tell_the_steps_the_deciding_row_and_the_sources() -> None:
    table = checklist("cn-catering-2016-1-3")
    judged = judge(rules("national-2016", date(2020, 1, 1)), table, table.pack({"5": "F"}, default="P"))
    assert (judged.result_zh, judged.rests_on_assumed) == ("基本符合", ("open_case_result",))
    assert judged.outputs == {"score": None}
    assert judged.reasons[0] == "建议结果：基本符合"
    assert "一般项合格率（%）：100" in judged.reasons
    assert "判定：原文没有写的情形（重点项不符合数为 1 → 原文没有写的情形）" in judged.reasons
    source = "出处 推断或背景知识（无原文），自 2016-12-01 起，依据：假定值"
    assert f"仅 1 个重点项不符合、一般项全部符合时的结果：{source}" in judged.reasons
    assert judged.items[0].said.endswith("（重点项不符合（是否影响食品安全未判定））")


@pytest.mark.parametrize("case", list(result_cases()), ids=lambda case: f"{case['scheme']} {case['name']}")
def test_a_judgement_gives_what_the_suggestion_gives(case: dict[str, Any]) -> None:
    local = tuple((cell, str(value)) for cell, value in case.get("entered", {}).items())
    engine, table = rules(case["scheme"], case["on"], local), checklist(case["checklist"])
    answers, findings = answers_of(case, table)
    suggestion = engine.suggest(table, answers, findings, case.get("unit_class"))
    judged = judge(engine, table, answers, findings, case.get("unit_class"))
    assert judged.result == suggestion.value
    assert judged.missing == suggestion.missing
    assert judged.rests_on_assumed == suggestion.rests_on_assumed
    assert bool(judged.missing_zh) == (judged.result is None)
    assert all("{" not in line for line in judged.reasons)
    assert json.loads(json.dumps(judged.as_data()))["result"] == suggestion.value


def test_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(AnswersError, match="收到 3 个答案"):
        judge(rules("order49-2022", TODAY), checklist("cn-catering-2022"), "PPP")


@pytest.mark.parametrize("scheme", WITH_RESULT)
def test_every_shipped_result_procedure_can_be_carried_away(scheme: str) -> None:
    for name in rulebook(scheme).checklists:
        portable = portable_result_rules(rulebook(scheme), checklist(name), TODAY)
        text = json.dumps(portable, ensure_ascii=False)
        assert len(text.encode()) < 60_000, "a tablet loads this over a poor network"
        assert json.loads(text) == portable
        assert {step["op"] for step in portable["steps"]} <= PORTABLE  # type: ignore[attr-defined]  # plain data


def test_rules_say_until_when_they_hold() -> None:
    table = checklist("cn-catering-2016-1-3")
    for day, until in ((date(2016, 1, 1), "2016-11-30"), (date(2020, 1, 1), "2022-03-14"), (TODAY, None)):
        assert portable_result_rules(rulebook("national-2016"), table, day)["until"] == until


def test_numbers_are_carried_exactly() -> None:
    assert plain({"a": (1, None, True, "x")}) == {"a": [{NUMBER: "1"}, None, True, "x"]}
    with pytest.raises(GradingError, match="不能带走"):
        plain({NUMBER: "1"})
    with pytest.raises(GradingError, match="不能带走"):
        plain(1.5)


def test_a_procedure_that_looks_at_earlier_visits_cannot_be_carried_away() -> None:
    assert {"select", "adjustment", "months_since"} & PORTABLE == set()
    assert set(OPERATIONS) - PORTABLE == {name for name, op in OPERATIONS.items() if op.reads}
    with pytest.raises(GradingError, match="没有检查结果的程序"):
        portable_result_rules(rulebook("tianjin-red-black-list"), checklist("cn-catering-2022"), TODAY)
    text = SOUND.replace(
        "failed: {op: count, answers: FSH,", "failed: {op: within_months, day: rule, months: rule,"
    )
    book = read_rulebook(bundle({"x.yaml": text}))
    with pytest.raises(GradingError, match="within_months，离线推算不了"):
        portable_result_rules(book, checklist("cn-catering-2016-1-3"), TODAY)
