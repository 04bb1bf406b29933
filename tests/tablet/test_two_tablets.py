"""Two tablets on one visit: what merges, what only the lead decides, and what comes too late."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from inspections.record.database import read_only
from inspections.visits.sync.merging import conflicts_of, merge
from inspections.visits.sync.queries import changes_of, find_field_visit
from inspections.visits.sync.tables import FieldVisit
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, SECOND, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _ready(server: FieldServer, tablet: Tablet, name: str) -> Tablet:
    tablet.start_day(name, server.enrolment(name))
    tablet.wait_until_kept()
    return tablet


def _state(server: FieldServer, visit: str) -> dict[str, object]:
    with read_only(server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        merged = merge(one.change for one in changes_of(session, row.id or 0))
    assert conflicts_of(merged) == []
    return {key: field.value for key, field in merged.items()}


def test_two_tablets_merge_by_item_the_lead_decides_conflicts_and_late_answers_become_an_addendum(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    lead = _ready(field_server, make_tablet(), LEAD)
    second = _ready(field_server, make_tablet(), SECOND)

    # Both open the visit in the basement; neither sees the other.
    for tablet in (lead, second):
        tablet.offline()
        tablet.begin("福满源")
    lead.show_papers()
    lead.sign_notice()
    second.page.get_by_role("button", name="告知页已在主检人处办理").click()
    for tablet in (lead, second):
        tablet.go("检查")
    lead.answer("2.3")
    second.answer("2.3", "fail")
    second.describe("2.3", remark="上层有生鸡肉")
    second.station("库房")
    for code in ("2.1", "2.2", "2.4"):
        second.answer(code)

    # The network is back: everything of both is on both, and only the contradiction asks for somebody.
    for tablet in (second, lead, second):
        tablet.offline(False)
        tablet.wait_until_sent()
    lead.page.goto(f"{lead.address}/tablet#/device")
    lead.page.get_by_role("button", name="现在上传并更新名单").click()
    lead.page.goto(f"{lead.address}/tablet#/visit/{visit}/items")
    conflict = lead.item("2.3").get_by_role("group", name="不一致的填写")
    expect(conflict).to_contain_text("上层有生鸡肉")
    expect(conflict).to_contain_text("请主检人选一个")
    expect(second.item("2.3")).to_contain_text("等主检人决定，两个都保留")
    lead.go("签名")
    expect(lead.page.get_by_text("两台平板有1处填写不一致，由主检人决定")).to_be_visible()
    lead.go("检查")
    conflict.get_by_role("listitem").filter(has_text=SECOND).get_by_role("button", name="用这个").click()
    expect(lead.item("2.3").get_by_role("button", name="不符合")).to_have_attribute("aria-pressed", "true")
    lead.station("库房")
    expect(lead.item("2.1").get_by_role("button", name="符合", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )

    lead.answer_rest()
    lead.decide()
    lead.go("签名")
    expect(lead.page.get_by_text(f"{SECOND}的平板：已收到")).to_be_visible()
    # Only the lead's tablet signs.
    second.page.goto(f"{second.address}/tablet#/visit/{visit}/closing")
    expect(second.page.get_by_role("button", name="签名完成，结束检查")).to_have_count(0)

    second.offline()
    second.page.goto(f"{second.address}/tablet#/visit/{visit}/items")
    second.station("库房")
    second.answer("2.7", "fail")
    second.describe("2.7", remark="签名之前在地下室填的")
    lead.close_visit()
    lead.wait_until_sent()
    signed = next(change for change in lead.changes(visit) if change["key"] == "signed")["value"]
    assert {row["answers"] for row in signed["held"].values()} == {4}

    # What comes now is kept beside the signed record and changes nothing of it.
    second.offline(False)
    second.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = session.exec(select(FieldVisit).where(FieldVisit.client_id == visit)).one()
        assert row.signed_text == signed["text"]
        outside = [
            one.change.key
            for one in changes_of(session, row.id or 0)
            if one.change.id not in signed["covers"]
        ]
    assert "item/2.7" in outside
    expect(
        second.page.get_by_text("这次检查已经签名，内容不再改变").or_(second.page.get_by_text("复核人退回"))
    ).to_be_visible(timeout=30_000)


def test_an_answer_given_after_seeing_the_other_one_replaces_it(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    lead = _ready(field_server, make_tablet(), LEAD)
    second = _ready(field_server, make_tablet(), SECOND)
    lead.begin("福满源")
    lead.show_papers()
    lead.sign_notice()
    lead.go("检查")
    lead.answer("2.3")
    lead.wait_until_sent()
    second.begin("福满源")
    second.wait_until_sent()
    second.go("检查")
    expect(second.item("2.3").get_by_role("button", name="符合", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    second.answer("2.3", "fail")
    second.describe("2.3", remark="后来看到的")
    second.wait_until_sent()
    state = _state(field_server, visit)
    assert isinstance(state["item/2.3"], dict)
    assert state["item/2.3"]["remark"] == "后来看到的"
