"""Who may open what on a tablet: PINs, a forgotten one, a second user, an ended session or period."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect
from sqlmodel import col, select

from inspections.people.tables import ExportOpening, StaffSession
from inspections.people.tables import Tablet as TabletRow
from inspections.people.tablets import revoke_tablet
from inspections.record.clock import utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, table_of, transaction
from inspections.record.house import House
from inspections.surface.terminal import for_people
from inspections.visits.sync.export_commands import people
from inspections.visits.sync.queries import changes_of, find_field_visit
from tests.bureau import ADMINISTRATOR, PASSWORD
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import OTHER_PIN, PIN, Tablet
from tests.tablets import LEAD, PASSPHRASE, SECOND, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _sealed_texts(page: Page) -> str:
    """Everything that lies readable in the browser's databases and storages."""
    found: str = page.evaluate(
        """async () => {
          const all = [];
          const result = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result); });
          for (const { name } of await indexedDB.databases()) {
            const db = await result(indexedDB.open(name));
            for (const store of db.objectStoreNames) {
              for (const row of await result(db.transaction(store).objectStore(store).getAll())) {
                all.push(JSON.stringify(row));
                for (const part of Object.values(row)) {
                  if (part instanceof ArrayBuffer) all.push(new TextDecoder().decode(part));
                }
              }
            }
            db.close();
          }
          return all.join('\\n') + JSON.stringify(localStorage) + JSON.stringify(sessionStorage);
        }"""
    )
    return found


def test_a_second_user_sees_nothing_of_the_first_and_a_sign_out_keeps_everything(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.begin_offline(LEAD, field_server.enrolment())
    tablet.show_papers()
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    tablet.page.get_by_role("button", name="退出账号").click()
    expect(
        tablet.page.get_by_text(re.compile(f"“{LEAD}”已退出。还有2条记录没有上传，仍加密存在本机"))
    ).to_be_visible()

    # Somebody else on the same tablet: another store under another key.
    tablet.offline(False)
    tablet.page.get_by_role("button", name="其他人登录").click()
    tablet.sign_in(SECOND)
    tablet.set_pin(OTHER_PIN)
    assert tablet.ask("(running, visit) => running.work.visits.has(visit)", visit) is False
    readable = _sealed_texts(tablet.page)
    assert LEAD in readable, "whose store it is stands in clear"
    for secret in ("福满源", "柳口路", "certificates", "冷藏柜", PIN, PASSWORD):
        assert secret not in readable, secret

    # The first one comes back: what waited is still there, and goes out after a new sign-in.
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    tablet.page.get_by_role("button", name="锁定").click()
    tablet.page.get_by_role("button", name="换人").click()
    tablet.unlock(PIN, LEAD)
    expect(tablet.page.get_by_text("登录已过期")).to_be_visible()
    assert not _arrived(field_server, visit), "sent in the name of somebody else"
    tablet.page.get_by_text("现在重新登录").click()
    tablet.sign_in(LEAD)
    tablet.wait_until_sent()
    assert _arrived(field_server, visit) == {"visit", "certificates"}


def _arrived(server: FieldServer, visit: str) -> set[str]:
    with read_only(server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        return set() if row is None else {one.change.key for one in changes_of(session, row.id or 0)}


def test_wrong_pins_slow_down_count_over_a_restart_and_erase_nothing(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.wait_until_kept()
    tablet.close()
    tablet.start()
    tablet.offline()
    tablet.open()
    tablet.page.locator(".person", has_text=LEAD).click()
    for wrong in range(1, 4):
        expect(tablet.page.get_by_role("button", name="打开", exact=True)).to_be_enabled(timeout=10_000)
        tablet.unlock(OTHER_PIN)
        expect(tablet.page.get_by_text(f"已错{wrong}次")).to_be_visible()
    expect(tablet.page.get_by_text(re.compile("请等.*秒再试"))).to_be_visible()
    expect(tablet.page.get_by_role("button", name="打开", exact=True)).to_be_disabled()

    tablet.close()
    tablet.start()
    tablet.offline()
    tablet.open()
    tablet.page.locator(".person", has_text=LEAD).click()
    expect(tablet.page.get_by_role("button", name="打开", exact=True)).to_be_enabled(timeout=10_000)
    tablet.unlock()
    expect(tablet.page.locator(".list .row", has_text="福满源")).to_be_visible()


# The five seconds have passed.
_WAITED = """async (running) => {
  const { updateUser } = await import('/static/tablet/device.js');
  await updateUser(running.work.user.store, { wait_until: 0 });
}"""


def test_wrong_pins_slow_down_where_a_pin_is_changed_too(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    page = tablet.page
    page.get_by_role("link", name="本机与账号").click()
    page.locator("summary", has_text="更换 PIN").click()

    def change(old: str) -> None:
        page.fill("#old-pin", old)
        page.fill("#fresh-pin", OTHER_PIN)
        page.get_by_role("button", name="更换", exact=True).click()

    for wrong in range(1, 4):
        change("000000")
        expect(page.get_by_text(f"已错{wrong}次")).to_be_visible()
    expect(page.get_by_text("请等5秒再试。没有更换。")).to_be_visible()
    change(PIN)
    expect(page.get_by_text("再试。没有更换。")).to_be_visible()
    expect(page.get_by_text("PIN 已更换。")).to_have_count(0)
    tablet.ask(_WAITED)
    change(PIN)
    expect(page.get_by_text("PIN 已更换。")).to_be_visible()


@pytest.mark.parametrize("where", ["command", "desk"])
def test_a_forgotten_pin_loses_nothing_an_administrator_opens_the_export(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path, where: str
) -> None:
    engine = field_server.bureau.engine
    key = field_server.recovery_key(tmp_path)
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.begin_offline(LEAD, field_server.enrolment())
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    tablet.answer("2.3", "fail")
    tablet.photograph("2.3")
    tablet.wait_for("(running) => running.work.unsaved.size === 0")
    held = {change["id"] for change in tablet.changes(visit)}
    tablet.close()
    tablet.start()
    tablet.open()
    export = tablet.export_forgotten(LEAD, tmp_path / "export.json")
    assert "福满源" not in export.read_text(encoding="utf-8")
    assert not _arrived(field_server, visit)

    with read_only(engine) as session:
        heard = [(one.last_seen_at, one.unsent) for one in session.exec(select(TabletRow))]
    told = (
        field_server.open_at_the_desk(export, key)
        if where == "desk"
        else _open_export(field_server, tmp_path, export, key)
    )
    assert f"收下 {len(held)} 条记录、4 个照片或签名" in told
    with read_only(engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        rows = changes_of(session, row.id or 0)
        openings = session.exec(select(ExportOpening)).all()
        noted = [(one.last_seen_at, one.unsent) for one in session.exec(select(TabletRow))]
    assert noted == heard, "nobody has heard from the tablet itself"
    assert {one.change.id for one in rows} == held
    assert {one.account_id for one in rows} == {field_server.bureau.accounts[LEAD]}
    assert [(one.opened_by, one.reason) for one in openings] == [(ADMINISTRATOR, "PIN 遗忘")]

    # The tablet goes on: the old store stays under seal, a new PIN opens a new one.
    tablet.page.get_by_role("button", name="封存并重新登录").click()
    tablet.sign_in(LEAD)
    tablet.set_pin(OTHER_PIN)
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    tablet.page.get_by_role("button", name="锁定").click()
    tablet.page.get_by_role("button", name="换人").click()
    expect(tablet.page.get_by_role("heading", name="已封存（PIN 遗忘）")).to_be_visible()


def test_after_an_older_backup_the_photos_that_had_arrived_leave_a_locked_tablet_too(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    key = field_server.recovery_key(tmp_path)
    assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.wait_until_sent()
    tablet.ask("(running) => running.lock()")
    tablet.page.get_by_role("button", name="忘记 PIN").click()
    for button, photos in (("导出文件", 0), ("连同已送达的照片导出", 3)):
        with tablet.page.expect_download() as download:
            tablet.page.get_by_role("button", name=button, exact=True).click()
        export = tmp_path / f"export-{photos}.json"
        download.value.save_as(export)
        assert f"{photos} 个照片或签名" in field_server.open_at_the_desk(export, key)


def _open_export(server: FieldServer, folder: Path, export: Path, key: Path) -> str:
    for name, text in (("passphrase", PASSPHRASE), ("password", PASSWORD)):
        (folder / name).write_text(text, encoding="utf-8")
    house = House(Configuration(data=server.data), server.bureau.engine)
    result = CliRunner().invoke(
        for_people(people),
        [
            *("open-export", str(export), "--key", str(key), "--reason", "PIN 遗忘"),
            *("--passphrase-file", str(folder / "passphrase")),
            *("--account", ADMINISTRATOR, "--password-file", str(folder / "password")),
        ],
        obj=house,
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_an_ended_session_keeps_the_work_and_sends_it_after_a_new_sign_in(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    sessions = table_of(StaffSession)
    with transaction(field_server.bureau.engine) as session:
        session.execute(sessions.update().values(revoked_at=utc_now()))
    tablet.begin("福满源")
    tablet.show_papers()
    expect(tablet.status()).to_contain_text("需要重新登录")
    expect(tablet.page.get_by_text("登录已过期。2条记录都加密存在本机")).to_be_visible()
    tablet.page.get_by_text("现在重新登录").click()
    tablet.sign_in(LEAD)
    tablet.wait_until_sent()
    assert _arrived(field_server, visit) == {"visit", "certificates"}
    assert tablet.page.url.endswith("/papers"), "the visit was not left"


def test_a_revoked_tablet_says_so_and_still_hands_out_what_it_holds(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    with transaction(field_server.bureau.engine) as session:
        row = session.exec(select(TabletRow)).one()
        revoke_tablet(session, row.id or 0, actor=ADMINISTRATOR, now=utc_now())
    tablet.begin("福满源")
    expect(tablet.status()).to_contain_text("需要重新登录")
    tablet.page.get_by_text("现在重新登录").click()
    tablet.sign_in(LEAD)
    expect(tablet.page.get_by_text("管理员停用了这台平板。1条记录都加密存在本机")).to_be_visible()
    tablet.page.goto(f"{tablet.address}/tablet#/device")
    with tablet.page.expect_download():
        tablet.page.get_by_role("button", name="导出文件").click()


def test_an_ended_offline_period_blocks_new_visits_and_nothing_else(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    begun, other = assign(field_server.bureau), assign(field_server.bureau, kind="special")
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.wait_until_kept()
    tablet.offline()
    tablet.page.locator(f".list a[href$='{begun}']").click()
    tablet.page.get_by_role("button", name="开始检查").click()
    tablet.show_papers()
    tablet.page.clock.install(time=utc_now() + timedelta(days=8))
    tablet.page.reload()
    tablet.unlock(name=LEAD)
    tablet.page.get_by_role("button", name="✓ 已出示执法证").wait_for()
    tablet.page.get_by_role("link", name="今天").click()
    tablet.page.locator(f".list a[href$='{other}']").click()
    expect(tablet.page.get_by_text("离线期限已过")).to_be_visible()
    expect(tablet.page.get_by_role("button", name="开始检查")).to_have_count(0)
    tablet.page.locator(f".list a[href$='{begun}']").click()
    tablet.page.get_by_role("link", name="继续").click()
    tablet.sign_notice()


def test_a_session_of_the_desk_on_the_same_browser_sends_nothing(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    with transaction(field_server.bureau.engine) as session:
        rows = session.exec(select(StaffSession).where(col(StaffSession.revoked_at).is_(None))).all()
        # As a sign-in at the desk would leave it: the cookie is one of another account.
        for row in rows:
            row.account_id = field_server.bureau.accounts[SECOND]
            session.add(row)
    tablet.page.reload()
    tablet.unlock(name=LEAD)
    tablet.begin("福满源")
    expect(tablet.status()).to_contain_text("需要重新登录")
    assert not _arrived(field_server, visit)
