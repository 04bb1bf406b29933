"""A whole visit in a basement: begun with a network, done without, the browser closed in the middle."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from inspections.record.database import read_only
from inspections.visits.sync.queries import changes_of, find_field_visit, photos_of
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from tests.tablet.conftest import FAILED_LAST_TIME, FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_whole_visit_without_a_network_arrives_item_by_item(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.wait_until_kept()

    tablet.offline()
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    for code in FAILED_LAST_TIME:
        expect(tablet.item(code)).to_contain_text("上次不符合")
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", safety=True, remark="冷藏柜上层放着生鸡肉")
    tablet.photograph("2.3", 2)
    tablet.answer("P5.02")
    expect(tablet.status()).to_contain_text("无网络")

    # The browser is closed and started again, still without a network: nothing is asked anew but the PIN.
    tablet.wait_for("(running) => running.work.unsaved.size === 0")
    tablet.close()
    tablet.start()
    tablet.offline()
    tablet.open()
    tablet.unlock(name=LEAD)
    tablet.page.locator(".list .row", has_text="福满源").click()
    tablet.page.get_by_role("link", name="继续").click()
    expect(tablet.item("2.3").get_by_role("button", name="不符合")).to_have_attribute("aria-pressed", "true")
    expect(tablet.item("2.3").locator(".picture img")).to_have_count(2)

    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    expect(tablet.status()).to_contain_text("待上传")
    held = tablet.changes(visit)
    assert {change["state"] for change in held} == {"unsent"}

    tablet.offline(False)
    tablet.wait_until_sent()
    assert _fields(tablet.changes(visit)) == _stored(field_server, visit)
    assert {change["state"] for change in tablet.changes(visit)} == {"received"}
    _assert_signed(field_server, visit, photos=2 + 6)


def _fields(changes: list[Mapping[str, Any]]) -> dict[str, tuple[str, object, tuple[str, ...]]]:
    return {one["id"]: (one["key"], one["value"], tuple(sorted(one["replaces"]))) for one in changes}


def _stored(server: FieldServer, visit: str) -> dict[str, tuple[str, object, tuple[str, ...]]]:
    with read_only(server.bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
        rows = changes_of(session, found.id or 0)
    return {
        row.change.id: (row.change.key, row.change.value, tuple(sorted(row.change.replaces))) for row in rows
    }


def _assert_signed(server: FieldServer, visit: str, photos: int) -> None:
    with read_only(server.bureau.engine) as session:
        row = session.exec(select(FieldVisit).where(FieldVisit.client_id == visit)).one()
        assert row.state == FieldVisitState.SIGNED
        assert row.record_number is not None
        assert "冷藏柜上层放着生鸡肉" in (row.signed_text or "")
        whole = photos_of(session, row.id or 0)
        assert len(whole) == photos
        assert all(photo.complete_at is not None for photo in whole)
