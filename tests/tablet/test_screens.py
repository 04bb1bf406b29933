"""Every screen on a tablet in both directions and on a phone, in both schemes, at twice the size."""

from collections.abc import Callable

import pytest

from tests.tablet.conftest import FieldServer
from tests.tablet.driving import LANDSCAPE, PHONE, PORTRAIT, Tablet
from tests.tablet.looking import faults_of, layout_faults
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What a window of 1024 x 768 shows at 200 %.
_TWICE = (512, 384)


class Looking:
    """Looks at each screen in every way in which it may stand, and remembers what was wrong."""

    def __init__(self, tablet: Tablet) -> None:
        self.page = tablet.page
        self.found: list[str] = []

    def at(self, name: str) -> None:
        """Look at the screen that stands now."""
        for size in (PHONE, PORTRAIT, _TWICE, LANDSCAPE):
            self.page.set_viewport_size({"width": size[0], "height": size[1]})
            look = faults_of if size in {PHONE, LANDSCAPE} else layout_faults
            self.found += [f"{name} at {size}: {fault}" for fault in look(self.page)]
        self.page.emulate_media(color_scheme="dark")
        self.found += [f"{name} in the dark: {fault}" for fault in faults_of(self.page)]
        self.page.emulate_media(color_scheme="light")


def test_every_screen_before_and_after_the_work_can_be_used_by_everybody(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    assign(field_server.bureau)
    tablet = make_tablet()
    tablet.open()
    looking = Looking(tablet)
    looking.at("sign-in")
    tablet.sign_in(LEAD, field_server.enrolment())
    tablet.page.wait_for_selector("#again")
    looking.at("new PIN")
    tablet.set_pin()
    looking.at("today")
    tablet.page.goto(f"{tablet.address}/tablet#/unplanned")
    looking.at("unplanned visit")
    tablet.page.get_by_role("button", name="飞行检查").click()
    for summary in tablet.page.locator("summary").all():
        summary.click()
    looking.at("unplanned visit, its search and its items")
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    for summary in tablet.page.locator("summary").all():
        summary.click()
    looking.at("tablet and account")
    tablet.page.get_by_role("button", name="锁定").click()
    tablet.page.get_by_role("button", name="忘记 PIN").click()
    looking.at("PIN")
    tablet.page.get_by_role("button", name="换人").click()
    looking.at("who")
    assert looking.found == []


def test_every_step_of_a_visit_can_be_used_by_everybody(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    assign(field_server.bureau)
    tablet = make_tablet()
    tablet.open()
    looking = Looking(tablet)
    tablet.sign_in(LEAD, field_server.enrolment())
    tablet.set_pin()
    tablet.begin("福满源")
    looking.at("certificates")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.page.locator(".signature").first.get_by_role("button", name="重签").click()
    looking.at("notice page")
    tablet.go("检查")
    tablet.answer("P5.02", "na")
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", safety=True)
    tablet.photograph("2.3")
    looking.at("items")
    tablet.answer("P5.02")
    tablet.answer_rest()
    tablet.go("问题")
    tablet.page.get_by_role("button", name="牌匾与登记不一致").click()
    tablet.page.get_by_role("button", name="题考核").click()
    looking.at("findings")
    tablet.decide()
    looking.at("decision")
    tablet.go("签名")
    tablet.page.get_by_role("button", name="当场打印，交给被检查单位").click()
    tablet.page.get_by_role("button", name="对方拒绝签名").click()
    tablet.page.get_by_text("导出草稿到另一台平板").click()
    looking.at("closing")
    refused = tablet.page.locator(".signature").first
    refused.get_by_label("见证人姓名").fill("李四")
    refused.get_by_label("见证人姓名").blur()
    for place in (1, 2):
        tablet.draw(tablet.page.locator(".signature").nth(place))
    tablet.page.get_by_role("button", name="签名完成，结束检查").click()
    tablet.wait_until_sent()
    looking.at("signed")
    assert looking.found == []


def test_a_visit_that_cannot_take_place_ends_with_its_ground_a_photo_and_two_signatures(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.open()
    looking = Looking(tablet)
    tablet.sign_in(LEAD, field_server.enrolment())
    tablet.set_pin()
    tablet.begin("福满源")
    tablet.page.locator(".steps .aside").click()
    tablet.page.get_by_role("button", name="到场时关门，无人应答").click()
    tablet.page.get_by_label("写明经过").fill("卷帘门关着，敲门无人应答")
    tablet.page.get_by_label("写明经过").blur()
    tablet.page.get_by_role("button", name="＋ 拍照").click()
    tablet.page.get_by_role("button", name="拍下").click()
    tablet.page.get_by_role("button", name="完成").click()
    looking.at("could not inspect")
    tablet.page.get_by_role("link", name="去签名").click()
    for place in (1, 2):
        tablet.draw(tablet.page.locator(".signature").nth(place))
    tablet.page.get_by_role("button", name="签名完成，结束检查").click()
    tablet.wait_until_sent()
    signed = tablet.ask("(running, visit) => running.work.view(visit).signed.text", visit)
    assert "监督检查情况记录（未能检查）" in signed
    assert "卷帘门关着" in signed
    assert {change["state"] for change in tablet.changes(visit)} == {"received"}
    assert looking.found == []
