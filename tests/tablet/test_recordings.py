"""A recording of a refusal is kept as it is made: crash, lock and full tablet cost a second at most."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect
from sqlmodel import select

from inspections.record.database import read_only
from inspections.visits.sync.queries import find_field_visit, photos_of
from inspections.visits.sync.tables import VisitPhoto
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIELD = "signature/notice_operator"
# How many seconds of sound the browser itself hears in the recording that a refusal names.
_SECONDS_HEARD = """async (running, [visit, field]) => {
  const { recording } = running.work.view(visit).fields.get(field).value;
  const bytes = await running.work.store.photoBytes(recording);
  const sound = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
  return sound.duration;
}"""
_NAMED = "(running, [visit, field]) => running.work.view(visit).fields.get(field).value.recording"
_PARTS_LEFT = "async (running) => (await running.work.store.db.getAllKeys('recorded')).length"
# The browser answers every write as it does when there is no room.
_FULL = """() => {
  window.put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); };
}"""
_ROOM = "() => { IDBObjectStore.prototype.put = window.put; }"


def _refusal(tablet: Tablet) -> Locator:
    """The operator's signature, refused."""
    operator = tablet.page.locator(".signature").first
    operator.get_by_role("button", name="对方拒绝签名").click()
    return operator


def _begun(server: FieldServer, tablet: Tablet) -> str:
    """A visit without a network, at its notice page."""
    visit = assign(server.bureau)
    tablet.begin_offline(LEAD, server.enrolment())
    tablet.show_papers()
    tablet.go("告知")
    return visit


def _recording(server: FieldServer, tablet: Tablet) -> str:
    """A visit without a network, whose refusal is being recorded for three seconds and more."""
    visit = _begun(server, tablet)
    operator = _refusal(tablet)
    operator.get_by_role("button", name="录音", exact=True).click()
    expect(operator.get_by_text(re.compile("结束录音（[4-9]秒）"))).to_be_visible(timeout=20_000)
    return visit


def _whole(server: FieldServer, tablet: Tablet) -> str:
    """A visit up to its signatures."""
    visit = _begun(server, tablet)
    tablet.sign_notice()
    tablet.go("检查")
    tablet.answer_rest()
    tablet.decide("符合", "通过，无须处理")
    return visit


def _heard(tablet: Tablet, visit: str) -> float:
    return float(tablet.ask(_SECONDS_HEARD, [visit, FIELD]))


def _resumed(tablet: Tablet, visit: str, name: str | None = None) -> Locator:
    """The operator's signature as it stands when the tablet was opened again."""
    tablet.unlock(name=name)
    expect(tablet.status()).to_be_visible()
    tablet.page.goto(f"{tablet.address}/tablet#/visit/{visit}/notice")
    return tablet.page.locator(".signature").first


def test_a_killed_browser_loses_the_last_second_of_a_recording_at_most(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _recording(field_server, tablet)
    tablet.crash()
    operator = _resumed(tablet, visit, LEAD)
    expect(operator.get_by_text("✓ 已有录音")).to_be_visible()
    expect(operator.locator("h3")).to_have_text("✓ 被检查单位")
    assert _heard(tablet, visit) >= 3
    assert tablet.ask(_PARTS_LEFT) == 0


def test_a_lock_ends_a_recording_which_is_kept_and_sent(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _recording(field_server, tablet)
    tablet.ask("(running) => running.lock()")
    operator = _resumed(tablet, visit)
    expect(operator.get_by_text("✓ 已有录音")).to_be_visible()
    assert _heard(tablet, visit) >= 3
    tablet.offline(False)
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        (sound,) = photos_of(session, row.id or 0)
    assert (sound.media_type, sound.complete_at is not None) == ("audio/webm", True)


def test_a_full_tablet_ends_a_recording_keeps_what_was_recorded_and_says_so(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _recording(field_server, tablet)
    operator = tablet.page.locator(".signature").first
    tablet.page.evaluate(_FULL)
    expect(tablet.page.get_by_text("录音录像已停，此前录下的都在。")).to_be_visible()
    expect(operator.get_by_role("button", name="录音", exact=True)).to_be_visible()
    expect(operator.get_by_text("✓ 已有录音")).to_have_count(0)
    tablet.page.evaluate(_ROOM)
    tablet.page.get_by_role("button", name="再存一次").click()
    expect(operator.get_by_text("✓ 已有录音")).to_be_visible()
    expect(tablet.page.get_by_text("平板空间不足")).to_have_count(0)
    assert _heard(tablet, visit) >= 3
    assert tablet.ask(_PARTS_LEFT) == 0


def test_whoever_leaves_the_page_ends_the_recording_and_keeps_it(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _recording(field_server, tablet)
    tablet.go("亮证")
    tablet.go("告知")
    expect(tablet.page.locator(".signature").first.get_by_text("✓ 已有录音")).to_be_visible()
    assert _heard(tablet, visit) >= 3


def test_a_recording_cut_off_before_the_pin_was_forgotten_is_in_the_opened_export(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    key = field_server.recovery_key(tmp_path)
    tablet = make_tablet()
    visit = _recording(field_server, tablet)
    tablet.crash()
    export = tablet.export_forgotten(LEAD, tmp_path / "export.json")
    assert "1 个照片或签名" in field_server.open_at_the_desk(export, key)
    with read_only(field_server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        (sound,) = session.exec(select(VisitPhoto)).all()
    assert (sound.media_type, sound.complete_at is not None) == ("audio/webm", True)


def test_while_a_recording_runs_nothing_is_signed(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _whole(field_server, tablet)
    tablet.go("签名")
    tablet.hand_over_link()
    tablet.page.get_by_role("button", name="当场出示全文，并用单位链接送达").click()
    operator = _refusal(tablet)
    operator.get_by_label("见证人姓名").fill("王五")
    operator.get_by_label("见证人姓名").blur()
    for place in (1, 2):
        tablet.draw(tablet.page.locator(".signature").nth(place))
    sign = tablet.page.get_by_role("button", name="签名完成，结束检查")
    expect(sign).to_be_enabled()
    operator.get_by_role("button", name="录音", exact=True).click()
    expect(operator.get_by_text("结束录音（2秒）")).to_be_visible(timeout=20_000)
    expect(sign).to_be_disabled()
    expect(tablet.page.get_by_text("还缺：先结束录音录像")).to_be_visible()
    operator.get_by_role("button", name="结束录音").click()
    sign.click()
    expect(tablet.page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()
    assert tablet.ask(_NAMED, [visit, "signature/operator"]), "what is signed names the recording"


def test_a_second_tap_begins_no_second_recording(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    _begun(field_server, tablet)
    operator = _refusal(tablet)
    operator.get_by_role("button", name="录音", exact=True).dblclick()
    expect(operator.get_by_text("结束录音（2秒）")).to_be_visible(timeout=20_000)
    operator.get_by_role("button", name="结束录音").click()
    expect(operator.get_by_text("✓ 已有录音")).to_be_visible()
    tablet.page.wait_for_timeout(2_500)
    assert tablet.ask(_PARTS_LEFT) == 0, "nothing records any more"
    assert tablet.ask("(running) => running.work.recording") is None


def test_a_recording_that_was_cut_off_does_not_take_the_place_of_a_newer_one(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _recording(field_server, tablet)
    operator = tablet.page.locator(".signature").first
    tablet.page.evaluate(_FULL)
    expect(tablet.page.get_by_text("录音录像已停，此前录下的都在。")).to_be_visible()
    tablet.page.evaluate(_ROOM)
    operator.get_by_role("button", name="录音", exact=True).click()
    expect(operator.get_by_text("结束录音（1秒）")).to_be_visible(timeout=20_000)
    operator.get_by_role("button", name="结束录音").click()
    expect(operator.get_by_text("✓ 已有录音")).to_be_visible()
    newer = tablet.ask(_NAMED, [visit, FIELD])
    tablet.ask("(running) => running.lock()")
    _resumed(tablet, visit)
    expect(tablet.page.locator(".signature").first.get_by_text("✓ 已有录音")).to_be_visible()
    assert tablet.ask(_PARTS_LEFT) == 0
    assert tablet.ask(_NAMED, [visit, FIELD]) == newer
    kept = "(running, visit) => running.work.visits.get(visit).photos.length"
    assert tablet.ask(kept, visit) == 2, "the first is evidence all the same"


def test_a_store_of_an_earlier_version_of_the_application_is_opened_with_all_it_holds(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = assign(field_server.bureau)
    tablet.begin_offline(LEAD, field_server.enrolment())
    tablet.show_papers()
    tablet.wait_for("(running) => running.work.unsaved.size === 0")
    held = {change["id"] for change in tablet.changes(visit)}
    tablet.ask("(running) => running.lock()")
    tablet.page.evaluate(_AS_BEFORE_RECORDINGS)
    tablet.page.reload()
    tablet.unlock(name=LEAD)
    expect(tablet.page.get_by_text("✓ 已出示执法证")).to_be_visible()
    assert {change["id"] for change in tablet.changes(visit)} == held
    assert tablet.ask(_PARTS_LEFT) == 0


# The same rows in a database as the application made it before it kept recordings.
_AS_BEFORE_RECORDINGS = """async () => {
  const result = (asked) => new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith('hhb-user-'));
  const now = await result(indexedDB.open(name));
  const stores = [...now.objectStoreNames].filter((store) => store !== 'recorded');
  const rows = {};
  for (const store of stores) rows[store] = await result(now.transaction(store).objectStore(store).getAll());
  now.close();
  await result(indexedDB.deleteDatabase(name));
  const asked = indexedDB.open(name, 1);
  asked.onupgradeneeded = () => {
    for (const store of stores) {
      const made = asked.result.createObjectStore(store, { keyPath: 'id' });
      if (store === 'changes' || store === 'photos') made.createIndex('visit', 'visit');
      if (store === 'changes') made.createIndex('order', 'order');
      if (store === 'bytes') made.createIndex('sha256', 'sha256');
    }
  };
  const before = await result(asked);
  for (const store of stores) {
    const tx = before.transaction(store, 'readwrite');
    for (const row of rows[store]) tx.objectStore(store).put(row);
    await new Promise((done) => { tx.oncomplete = done; });
  }
  before.close();
}"""
