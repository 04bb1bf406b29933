"""A whole visit by keyboard alone: no mouse, no finger."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from inspections.record.database import read_only
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from tests.bureau import PASSWORD
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import PIN, Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body || one.matches('main')) return '';
  const label = one.labels?.[0]?.innerText ?? '';
  const words = [one.innerText ?? '', one.getAttribute('aria-label') ?? '', label, one.id];
  return words.join('|').replace(/\\s+/g, ' ');
}"""


class Keyboard:
    """Somebody who has nothing but keys."""

    def __init__(self, tablet: Tablet) -> None:
        self.page = tablet.page

    def reach(self, words: str, most: int = 200) -> None:
        """Tab until the focus stands on what says these words."""
        for _ in range(most):
            if words in self.page.evaluate(_FOCUSED):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"“{words}” cannot be reached; the focus is at {self.page.evaluate(_FOCUSED)}")

    def press(self, words: str) -> None:
        """Reach it and press it."""
        self.reach(words)
        self.page.keyboard.press("Enter")

    def write(self, words: str, text: str) -> None:
        """Reach a field and write."""
        self.reach(words)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def sign(self, title: str, name: str) -> None:
        """A signature by keyboard, for whoever cannot draw."""
        place = self.page.locator(".signature", has_text=title)
        place.locator("h3").evaluate("(heading) => { heading.tabIndex = -1; heading.focus(); }")
        self.press("手写签名")
        self.press("用键盘签名")
        self.write("签名人姓名", name)
        self.press("写入签名栏")
        place.locator("canvas").evaluate("(one) => { one.tabIndex = -1; one.focus(); }")
        self.press("确认签名")
        expect(place.locator(".signed img")).to_be_visible()


def test_a_whole_visit_by_keyboard_alone(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.open()
    keys = Keyboard(tablet)
    keys.write("平板登记码", field_server.enrolment())
    keys.write("姓名", LEAD)
    keys.write("密码", PASSWORD)
    tablet.page.keyboard.press("Enter")
    tablet.page.wait_for_selector("#again")
    keys.write("|pin", PIN)
    keys.write("再输入一次", PIN)
    tablet.page.keyboard.press("Enter")
    expect(tablet.page.get_by_role("heading", name="今天")).to_be_visible()

    keys.press("福满源")
    keys.press("开始检查")
    keys.press("已向对方出示两人的执法证")
    keys.press("告知页 ›")
    keys.press("不申请回避")
    for title in ("被检查单位", "主检人员", "检查人员"):
        keys.sign(title, "张三")
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
        keys.sign(title, "张三")
    keys.press("签名完成，结束检查")
    expect(tablet.page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = session.exec(select(FieldVisit).where(FieldVisit.client_id == visit)).one()
        assert row.state == FieldVisitState.SIGNED
        assert "键盘写下的情况" in (row.signed_text or "")
