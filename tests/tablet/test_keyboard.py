"""A whole visit by keyboard alone: no mouse, no finger."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from inspections.record.database import read_only
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from tests.browser.keyboard import Keyboard
from tests.bureau import PASSWORD
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import PIN, Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def sign(keys: Keyboard, title: str, name: str) -> None:
    """A signature by keyboard, for whoever cannot draw."""
    place = keys.page.locator(".signature", has_text=title)
    place.locator("h3").evaluate("(heading) => { heading.tabIndex = -1; heading.focus(); }")
    keys.press("手写签名")
    keys.press("用键盘签名")
    keys.write("签名人姓名", name)
    keys.press("写入签名栏")
    place.locator("canvas").evaluate("(one) => { one.tabIndex = -1; one.focus(); }")
    keys.press("确认签名")
    expect(place.locator(".signed img")).to_be_visible()


def test_a_whole_visit_by_keyboard_alone(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.open()
    keys = Keyboard(tablet.page)
    keys.write("平板登记码", field_server.enrolment())
    keys.write("姓名", LEAD)
    keys.write("密码", PASSWORD)
    tablet.page.keyboard.press("Enter")
    tablet.page.wait_for_selector("#again")
    keys.write("#pin", PIN)
    keys.write("再输入一次", PIN)
    tablet.page.keyboard.press("Enter")
    expect(tablet.page.get_by_role("heading", name="今天")).to_be_visible()

    keys.press("福满源")
    keys.press("开始检查")
    keys.press("已向对方出示两人的执法证")
    keys.press("告知页 ›")
    keys.press("不申请回避")
    for title in ("被检查单位", "主检人员", "检查人员"):
        sign(keys, title, "张三")
    keys.press("逐项检查 ›")

    keys.press("下一个未查项")
    tablet.page.keyboard.press("2")
    keys.write("补充说明", "键盘写下的情况")
    tablet.page.keyboard.press("Shift+Tab")
    keys.page.locator("#item-2\\.3 .answers button").first.focus()
    keys.press("轻微，不影响")
    keys.press("7天内")
    # The walk: one key answers, the next key goes on.
    for _ in range(60):
        keys.reach("下一个未查项") if "下一个未查项" in tablet.page.locator(".next").inner_text() else None
        if "下一个未查项" not in tablet.page.locator(".next").inner_text():
            break
        tablet.page.keyboard.press("Enter")
        tablet.page.keyboard.press("1")
    keys.press("问题与其他")
    keys.press("认定与责令 ›")
    keys.press("基本符合")
    keys.press("书面责令限期整改")
    keys.press("书面告知与签名 ›")
    keys.press("当场打印，交给被检查单位")
    for title in ("被检查单位", "主检人员", "检查人员"):
        sign(keys, title, "张三")
    keys.press("签名完成，结束检查")
    expect(tablet.page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = session.exec(select(FieldVisit).where(FieldVisit.client_id == visit)).one()
        assert row.state == FieldVisitState.SIGNED
        assert "键盘写下的情况" in (row.signed_text or "")
