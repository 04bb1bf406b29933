"""A slow tablet loses no tap: what is chosen before the last choice is on the disk stands beside it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Every write waits until `window.go()` is called.
_HOLD_WRITES = """(running) => {
  const { store } = running.work;
  const gate = new Promise((go) => { window.go = go; });
  for (const name of ['saveVisit', 'saveChanges', 'savePhoto']) {
    const write = store[name].bind(store);
    store[name] = async (...what) => { await gate; await write(...what); };
  }
}"""


def _begin(server: FieldServer, tablet: Tablet) -> str:
    visit = assign(server.bureau)
    tablet.begin_offline(LEAD, server.enrolment())
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    return visit


def test_two_taps_of_a_decision_before_the_first_is_stored_are_both_kept(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.go("认定")
    tablet.ask(_HOLD_WRITES)
    for words in ("基本符合", "书面责令限期整改", "不符合"):
        tablet.page.get_by_role("button", name=words, exact=True).click()
    expect(tablet.page.get_by_text("✓ 已认定")).to_be_visible()
    tablet.page.evaluate("window.go()")
    tablet.wait_for("(running) => running.work.unsaved.size === 0")
    tablet.wait_for("(running, visit) => running.work.visits.get(visit).meta.decision === null", visit)
    tablet.page.reload()
    tablet.unlock(name=LEAD)
    expect(tablet.page.get_by_text("✓ 已认定")).to_be_visible()
    for words in ("不符合", "书面责令限期整改"):
        expect(tablet.page.get_by_role("button", name=words, exact=True)).to_have_attribute(
            "aria-pressed", "true"
        )


def test_what_is_chosen_while_a_photo_is_being_stored_stays(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    _begin(field_server, tablet)
    tablet.answer("2.3", "fail")
    row = tablet.item("2.3")
    row.get_by_role("button", name="＋ 拍照").click()
    expect(row.get_by_role("button", name="拍下")).to_be_visible()
    tablet.ask(_HOLD_WRITES)
    row.get_by_role("button", name="拍下").click()
    row.get_by_role("button", name="影响食品安全", exact=True).click()
    row.get_by_role("button", name="7天内").first.click()
    tablet.page.evaluate("window.go()")
    expect(row.locator(".picture img")).to_have_count(1)
    for words in ("影响食品安全", "7天内"):
        expect(row.get_by_role("button", name=words).first).to_have_attribute("aria-pressed", "true")
