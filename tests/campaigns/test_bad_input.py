"""Whatever is typed into the pages of campaigns and plan: a sentence, no stack trace, nothing half done."""

from typing import Any

import pytest
from bs4 import BeautifulSoup

from inspections.campaigns.forms import LAST_YEAR
from tests.campaigns.office import MANAGER, MONTH
from tests.campaigns.test_desk import PAGE, Desk, _make, desk, told

__all__ = ["desk"]

HUGE = "9" * 40
STRANGE: dict[str, dict[str, Any]] = {
    "a far day": {"source": "掷骰", "value_at": "9999-12-31T23:59"},
    "no day": {"source": "掷骰", "value_at": "2026-02-30T10:00"},
    "a huge account": {"source": "掷骰", "value_at": "2026-11-24T20:00", "accounts": [HUGE]},
    "a million characters": {"source": "骰" * 1_000_000, "value_at": "2026-11-24T20:00"},
}


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_commitment_is_refused_in_a_sentence(desk: Desk, name: str) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    said = told(manager.send(PAGE, f"{PAGE}/commit", **STRANGE[name]))
    assert said.endswith("。")
    assert "承诺待抽取" not in manager.page(PAGE).get_text()


def test_a_control_character_is_refused_and_nothing_is_kept(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    page = manager.send(PAGE, f"{PAGE}/commit", source="掷\x00骰", value_at="2026-11-24T20:00")
    assert "看不见的" in told(page)
    assert desk.office.draws() == []


@pytest.mark.parametrize(
    "field",
    [
        {"key": "2026-13"}, {"key": "九月"}, {"draw_count": HUGE}, {"draw_count": "-3"},
        {"weights": "餐馆 99999"}, {"guests": "张三"}, {"due_by": "0001-01-01"},
        {"unit_types": ["casino"]},
        {"weights": "餐館 2", "strata_by": "unit_type"}, {"weights": "餐馆 2"}, {"theme_items": "99.9"},
        {"weights": "杨柳青镇 2", "strata_by": "street"},
        {"strata_by": "moon"}, {"theme": "题" * 61}, {"nominated_from": "许多"},
    ],
    ids=str,
)  # fmt: skip
def test_a_strange_campaign_is_refused_in_a_sentence(desk: Desk, field: dict[str, Any]) -> None:
    manager = desk.as_(MANAGER)
    fields = {"key": MONTH, "issue_no": "11", "theme": "主题", "draw_count": "6", "strata_by": "nothing"}
    answer = manager.sent("/desk/campaigns/new", "/desk/campaigns/new", **(fields | field))
    assert answer.status_code == 422
    assert "。" in answer.text
    assert manager.client.get(PAGE).status_code == 404


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/desk/plan/make", {"year": str(LAST_YEAR + 1)}),
        ("/desk/plan/assign", {"tasks": [HUGE], "lead": "1", "second": "2", "release_on": "2026-11-24"}),
        ("/desk/plan/assign", {"tasks": ["1"], "lead": HUGE, "second": "", "release_on": "2026-11-24"}),
        ("/desk/plan/visits", {"code": "7K3M-92QF", "kind": "daily", "source": "plan", "due_on": "1-1-1"}),
    ],
)
def test_strange_plans_are_refused_in_a_sentence(desk: Desk, address: str, fields: dict[str, Any]) -> None:
    manager = desk.as_(MANAGER)
    page = manager.page("/desk/plan/")
    token = page.select_one("[name=csrf_token]")
    assert token is not None
    answer = manager.client.post(address, data={"csrf_token": token["value"], **fields})
    assert answer.status_code == 422
    assert "。" in told(BeautifulSoup(answer.text, "html.parser"))


@pytest.mark.parametrize("query", [f"year={HUGE}", f"within={HUGE}", "within=-7", "year=abc"])
def test_a_strange_address_of_the_plan_shows_the_plan(desk: Desk, query: str) -> None:
    desk.as_(MANAGER).page(f"/desk/plan/?{query}")
