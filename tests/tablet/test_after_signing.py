"""After the signature: a returned visit is mended by its lead; a refusal stands with witness or recording."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from inspections.record.clock import utc_now
from inspections.record.database import read_only, transaction
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.reviewing import Reviewing, return_field_visit
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import OTHER_PIN, Tablet
from tests.tablets import LEAD, REVIEWER, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

REASON = "2.3项没有写清楚发现了什么"


def _signed(server: FieldServer, tablet: Tablet) -> str:
    visit = assign(server.bureau)
    tablet.start_day(LEAD, server.enrolment())
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", remark="见照片")
    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    tablet.wait_until_sent()
    return visit


def _send_back(server: FieldServer, visit: str) -> None:
    engine = server.bureau.engine
    with read_only(engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        seen = fingerprint_of(field_record(session, row))
    reviewing = Reviewing(row.id or 0, server.bureau.accounts[REVIEWER], seen)
    with transaction(engine) as session:
        return_field_visit(session, reviewing, reason=REASON, now=utc_now())


def test_a_returned_visit_says_why_is_mended_by_its_lead_and_signed_again_under_its_number(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _signed(field_server, tablet)
    first = tablet.ask("(running, visit) => running.work.view(visit).signed", visit)
    # The list of today no longer has the task, and the return comes without another list.
    tablet.ask("(running) => running.sync.run({ fetchBundle: true })")
    assert tablet.ask("(running, visit) => running.work.assignment(visit)", visit) is None
    _send_back(field_server, visit)
    tablet.ask("(running) => running.sync.run()")
    tablet.page.get_by_role("link", name="回到今天").click()
    tablet.page.locator(".list .row", has_text="复核退回，待补正").click()
    expect(tablet.page.get_by_role("link", name="继续")).to_be_visible()
    expect(tablet.page.get_by_text("已经改派或撤回")).to_have_count(0)

    tablet.page.goto(f"{tablet.address}/tablet#/device")
    tablet.page.get_by_role("button", name="现在上传并更新名单").click()
    tablet.page.get_by_role("link", name="今天").click()
    expect(tablet.page.locator(".list .row", has_text="复核退回，待补正")).to_be_visible()
    tablet.page.goto(f"{tablet.address}/tablet#/visit/{visit}/items")
    expect(tablet.page.get_by_text(REASON)).to_be_visible()
    tablet.item("2.3").get_by_label("补充说明").fill("冷藏柜上层放着生鸡肉")
    tablet.item("2.3").get_by_label("补充说明").blur()
    tablet.go("认定")
    expect(tablet.page.get_by_text("下面仍是上次签名时的文字，与现在写的问题不同")).to_be_visible()
    tablet.page.get_by_role("button", name="按问题重新生成").click()
    expect(tablet.page.get_by_text("下面仍是上次签名时的文字")).to_have_count(0)
    tablet.go("签名")
    expect(tablet.page.get_by_text("先书面告知结果，再签名。还缺：把补充后的结果重新告知")).to_be_visible()
    expect(tablet.page.get_by_text(f"补充原因：{REASON.rstrip('。')}")).to_be_visible()
    tablet.page.get_by_role("button", name="当场出示全文，并用单位链接送达").click()
    for place in range(3):
        expect(tablet.page.locator(".signature").nth(place)).to_contain_text("请重签")
        tablet.draw(tablet.page.locator(".signature").nth(place))
    tablet.page.get_by_role("button", name="签名完成，结束检查").click()
    expect(tablet.page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        assert (row.state.value, row.record_number) == ("signed", first["record_number"])
        assert (row.signed_text or "").count("冷藏柜上层放着生鸡肉") == 2, "in the finding and in the order"
    papers = [change for change in tablet.changes(visit) if change["key"] == "signed"]
    assert next(change["value"]["text"] for change in papers) == first["text"], (
        "the first paper stays as it was"
    )
    assert len(papers) == 2


def test_a_return_shows_though_the_record_is_not_in_memory_and_on_another_tablet(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _signed(field_server, tablet)
    tablet.ask("(running) => running.lock()")
    tablet.unlock()
    tablet.page.goto(f"{tablet.address}/tablet#/today")
    row = tablet.page.locator(".list .row", has_text="福满源")
    expect(row).to_contain_text("已签名，已送达")
    expect(row).to_contain_text("日常检查")
    _send_back(field_server, visit)
    tablet.ask("(running) => running.sync.run()")
    expect(row).to_contain_text("复核退回，待补正")
    other = make_tablet()
    other.open()
    other.sign_in(LEAD, field_server.enrolment("执法平板02"))
    other.set_pin(OTHER_PIN)
    expect(other.page.locator(".list .row", has_text="福满源")).to_contain_text("复核退回，待补正")
    other.page.locator(".list .row", has_text="福满源").click()
    other.page.get_by_role("button", name="打开这次检查").click()
    expect(other.page.get_by_text(REASON)).to_be_visible()


def test_whoever_unlocks_sees_the_list_of_now(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    before = tablet.page.locator(".list .row").count()
    tablet.ask(
        """async ({ work }) => {
          work.bundle.fetched_at = new Date(Date.now() - 120000).toISOString();
          await work.store.setFact('bundle', work.bundle);
        }"""
    )
    tablet.ask("(running) => running.lock()")
    assign(field_server.bureau)
    tablet.unlock()
    expect(tablet.page.locator(".list .row")).to_have_count(before + 1)


def test_a_signature_that_was_given_before_something_changed_is_asked_for_again(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    assign(field_server.bureau)
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    tablet.answer_rest()
    tablet.decide("符合", "通过，无须处理")
    tablet.go("签名")
    tablet.hand_over_link()
    expect(tablet.page.locator(".signature")).to_have_count(0)
    tablet.page.get_by_role("button", name="当场出示全文，并用单位链接送达").click()
    for place in range(3):
        tablet.draw(tablet.page.locator(".signature").nth(place))
    sign = tablet.page.get_by_role("button", name="签名完成，结束检查")
    expect(sign).to_be_enabled()
    tablet.go("问题")
    tablet.page.fill("#problems", "后门外堆放纸箱")
    tablet.page.locator("#problems").blur()
    tablet.go("签名")
    for place in range(3):
        expect(tablet.page.locator(".signature").nth(place)).to_contain_text("对改动以前的全文，请重签")
    expect(sign).to_be_disabled()
    for place in range(3):
        tablet.draw(tablet.page.locator(".signature").nth(place))
    sign.click()
    expect(tablet.page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()
    tablet.wait_until_sent()


def test_the_door_says_what_has_not_been_received_also_after_a_crash(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    assign(field_server.bureau)
    tablet.begin_offline(LEAD, field_server.enrolment())
    tablet.show_papers()
    tablet.wait_for("(running) => running.work.unsaved.size === 0")
    tablet.crash()
    expect(tablet.page.locator(".person", has_text=LEAD)).to_contain_text("2条未上传")


def test_a_refused_signature_never_blocks_the_end_with_its_reason_and_a_recording(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.go("告知")
    tablet.page.get_by_role("button", name="不申请回避", exact=True).click()
    operator = tablet.page.locator(".signature").first
    operator.get_by_role("button", name="对方拒绝签名").click()
    operator.get_by_role("button", name="负责人不在场，在场人员拒绝签名").click()
    for place in (1, 2):
        tablet.draw(tablet.page.locator(".signature").nth(place))
    tablet.go("检查")
    expect(tablet.page.get_by_text("先完成告知页：被检查单位签名")).to_be_visible()
    tablet.go("告知")
    operator.get_by_role("button", name="录音", exact=True).click()
    expect(operator.get_by_text("结束录音（1秒）")).to_be_visible()
    operator.get_by_role("button", name="结束录音").click()
    expect(operator.get_by_text("✓ 已有录音")).to_be_visible()
    tablet.go("检查")
    expect(tablet.page.locator(".items .item").first).to_be_visible()
    tablet.wait_until_sent()
    said = tablet.ask(
        "(running, visit) => running.work.view(visit).fields.get('signature/notice_operator').value", visit
    )
    assert (said["refused"], said["reason"]) == (True, "负责人不在场，在场人员拒绝签名")
    kinds = tablet.ask(
        "(running, visit) => running.work.visits.get(visit).photos.map((one) => [one.media_type, one.state])",
        visit,
    )
    assert ["audio/webm", "received"] in kinds


def test_an_old_browser_and_an_open_connection_are_refused_in_plain_words(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    tablet.page.add_init_script("delete window.structuredClone;")
    tablet.page.goto(f"{tablet.address}/tablet")
    expect(tablet.page.locator("#opening")).to_contain_text("这个浏览器太旧")
    expect(tablet.page.locator("#opening")).to_contain_text("Chrome 或 Edge 109")
    expect(tablet.page.locator("#opening")).to_contain_text("已存在本机的记录不受影响")
    assert tablet.page.locator("form").count() == 0
