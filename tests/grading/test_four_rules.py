"""The same visit under the four result rules: they differ, which is why each result names its own."""

from datetime import date

from grading.rules import Rules
from tests.grading.shipped import answers, checklist, rules

DAY = date(2019, 6, 1)


def _results(**failed: int) -> dict[str, str | None]:
    table = checklist("cn-catering-2016-1-3")
    visit = answers(table, **failed)
    veto = (("veto_items.cn-catering-2016-1-3", '["5", "6"]'),)
    engines: dict[str, Rules] = {
        "K": rules("national-2016", DAY),
        "E": rules("national-2016-eight-items", DAY),
        "T": rules("tianjin-2017", DAY, veto),
        "O": rules("order49-2022", date(2023, 6, 1)),
    }
    return {name: engine.suggest(table, visit).value for name, engine in engines.items()}


def test_two_general_items_of_twenty_three() -> None:
    assert _results(general=2) == {
        "K": "basically_compliant",
        "E": "basically_compliant",
        "T": "compliant",
        "O": None,
    }


def test_one_key_item_alone() -> None:
    assert _results(key=1) == {
        "K": "basically_compliant",
        "E": "non_compliant",
        "T": "non_compliant",
        "O": None,
    }


def test_three_general_items() -> None:
    results = _results(general=3)
    assert (results["T"], results["K"], results["O"]) == ("compliant", "basically_compliant", None)
