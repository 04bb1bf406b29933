"""Nothing is lost: a full disk, a killed browser, a new version, a restored backup, another tablet."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import open_database, read_only
from inspections.visits.sync.queries import changes_of, find_field_visit
from tests.browser.test_served_demonstration import _free_port, _wait_until_it_answers
from tests.tablet.conftest import FieldServer, add_earlier_visit, served
from tests.tablet.driving import OTHER_PIN, Tablet
from tests.tablets import LEAD, FieldBureau, assign, open_field_bureau

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@contextmanager
def _full_disk(page: Page) -> Iterator[None]:
    """The browser answers every write as it does when there is no room, as long as the block lasts."""
    page.evaluate(
        """() => {
          window.put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = () => { throw new DOMException('no room', 'QuotaExceededError'); };
        }"""
    )
    yield
    page.evaluate("() => { IDBObjectStore.prototype.put = window.put; }")


def _begun(server: FieldServer, tablet: Tablet) -> str:
    """A visit up to its items, without a network."""
    visit = assign(server.bureau)
    tablet.begin_offline(LEAD, server.enrolment())
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    return visit


def _ids_at(bureau: FieldBureau, visit: str) -> set[str]:
    with read_only(bureau.engine) as session:
        row = find_field_visit(session, visit)
        return set() if row is None else {one.change.id for one in changes_of(session, row.id or 0)}


def test_a_full_disk_keeps_what_is_on_the_screen_and_says_so(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begun(field_server, tablet)
    with _full_disk(tablet.page):
        tablet.answer("2.3")
        expect(tablet.page.get_by_text("平板空间不足，刚才的内容还没有存下来")).to_be_visible()
        expect(tablet.status()).to_contain_text("1条还没存进平板")
        passed = tablet.item("2.3").get_by_role("button", name="符合", exact=True)
        expect(passed).to_have_attribute("aria-pressed", "true")

    tablet.page.get_by_role("button", name="再存一次").click()
    expect(tablet.page.get_by_text("平板空间不足")).to_have_count(0)
    tablet.offline(False)
    tablet.wait_until_sent()
    assert _ids_at(field_server.bureau, visit) == {change["id"] for change in tablet.changes(visit)}


def test_a_killed_browser_has_kept_every_answer_that_was_shown_as_kept(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begun(field_server, tablet)
    for _ in range(12):
        tablet.page.click("button.next")
        tablet.page.keyboard.press("1")
    tablet.wait_for("(running) => running.work.unsaved.size === 0")
    held = {change["id"] for change in tablet.changes(visit)}
    tablet.crash()
    tablet.unlock(name=LEAD)
    expect(tablet.page.locator(".list .row", has_text="进行中")).to_be_visible()
    assert {change["id"] for change in tablet.changes(visit)} == held


def test_a_draft_goes_on_on_another_tablet_and_nothing_arrives_twice(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    broken = make_tablet()
    visit = _begun(field_server, broken)
    broken.answer("2.3", "fail")
    broken.describe("2.3", remark="第一台平板上写的")
    broken.photograph("2.3")
    broken.go("签名")
    broken.page.get_by_text("导出草稿到另一台平板").click()
    with broken.page.expect_download() as download:
        broken.page.get_by_role("button", name="导出加密文件").click()
    draft = tmp_path / "draft.json"
    download.value.save_as(draft)
    code = broken.page.locator(".code").inner_text()
    assert "第一台平板上写的" not in draft.read_text(encoding="utf-8")

    other = make_tablet()
    other.open()
    other.sign_in(LEAD, field_server.enrolment("执法平板02"))
    other.set_pin(OTHER_PIN)
    other.page.goto(f"{other.address}/tablet#/device")
    other.page.get_by_text("导入草稿").click()
    other.page.set_input_files("#draft-file", draft)
    other.page.fill("#draft-code", "AAAAA-AAAAA-AAAAA")
    other.page.get_by_role("button", name="导入", exact=True).click()
    expect(other.page.get_by_text("码不对，文件没有打开")).to_be_visible()
    other.page.fill("#draft-code", code.lower())
    other.page.get_by_role("button", name="导入", exact=True).click()
    other.page.get_by_role("link", name="打开").click()
    expect(other.item("2.3").locator(".picture img")).to_have_count(1)
    expect(other.item("2.3").get_by_label("补充说明")).to_have_value("第一台平板上写的")
    other.answer("P5.02")
    other.wait_until_sent()

    # The first tablet comes back to life and sends what it has: the server knows all of it already.
    broken.offline(False)
    broken.wait_until_sent()
    assert _ids_at(field_server.bureau, visit) == {change["id"] for change in other.changes(visit)}
    assert {change["id"] for change in broken.changes(visit)} == _ids_at(field_server.bureau, visit)


def test_after_an_older_backup_was_restored_the_tablet_sends_again_what_the_server_lacks(
    data_directory: Path, playwright: Playwright, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite:///{data_directory / 'honghei.sqlite'}")
    bureau = open_field_bureau(engine)
    add_earlier_visit(bureau)
    port = _free_port()
    with served(data_directory, port) as server:
        field = FieldServer(server.address, data_directory, bureau)
        tablet = Tablet(playwright, tmp_path / "tablet", server.address).start()
        visit = _begun(field, tablet)
        tablet.offline(False)
        tablet.wait_until_sent()
        _flask(data_directory, "backup", str(tmp_path / "backup"))
        tablet.answer("2.3", "fail")
        tablet.describe("2.3", remark="备份之后写的")
        tablet.photograph("2.3")
        tablet.wait_until_sent()
        held = {change["id"] for change in tablet.changes(visit)}
        epoch = tablet.ask("(running) => running.work.server.epoch")
    engine.dispose()

    restored = tmp_path / "restored"
    _flask(restored, "restore", str(next((tmp_path / "backup").glob("backup-*"))))
    later = open_database(f"sqlite:///{restored / 'honghei.sqlite'}")
    again = FieldBureau(**{**vars(bureau), "engine": later})
    assert _ids_at(again, visit) < held, "the backup is older"
    with served(restored, port):
        tablet.page.goto(f"{tablet.address}/tablet#/device")
        tablet.page.get_by_role("button", name="现在上传并更新名单").click()
        tablet.wait_for("(running, old) => running.work.server.epoch !== old", epoch)
        tablet.wait_until_sent()
        assert _ids_at(again, visit) == held
        assert tablet.faults == []
        tablet.close()
    later.dispose()


def _flask(data: Path, *args: str) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", *args]
    environment = {**os.environ, "HHB_DATA": str(data)}
    subprocess.run(command, env=environment, cwd=PACKAGE_ROOT, check=True, capture_output=True)


def test_a_new_version_waits_and_interrupts_no_visit(
    data_directory: Path, playwright: Playwright, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite:///{data_directory / 'honghei.sqlite'}")
    bureau = open_field_bureau(engine)
    add_earlier_visit(bureau)
    port = _free_port()
    with served(data_directory, port) as server:
        tablet = Tablet(playwright, tmp_path / "tablet", server.address).start()
        visit = _begun(FieldServer(server.address, data_directory, bureau), tablet)
        tablet.answer("P5.02")
        old = tablet.page.evaluate("document.documentElement.dataset.version")
    engine.dispose()

    tree = _next_version(tmp_path / "next")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "run", "--port", str(port)],
            env={**os.environ, "HHB_DATA": str(data_directory)},
            cwd=tree,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        _wait_until_it_answers(f"http://127.0.0.1:{port}/tablet", process, tmp_path / "log")
        tablet.offline(False)
        tablet.page.evaluate("navigator.serviceWorker.ready.then((one) => one.update())")
        tablet.wait_until_sent()
        tablet.answer("2.3")
        expect(tablet.page.get_by_text("新版本已下载")).to_have_count(0)
        assert tablet.page.evaluate("document.documentElement.dataset.version") == old

        tablet.page.get_by_role("link", name="今天").click()
        tablet.page.get_by_role("button", name="现在更新").click()
        tablet.page.wait_for_selector(f"html:not([data-version='{old}'])")
        tablet.unlock(name=LEAD)
        tablet.page.locator(".list .row", has_text="进行中").click()
        answers = {
            change["key"]: change["value"]["answer"]
            for change in tablet.changes(visit)
            if "item/" in change["key"]
        }
        assert answers == {"item/P5.02": "pass", "item/2.3": "pass"}
        assert tablet.faults == []
        tablet.close()
    finally:
        process.terminate()
        process.wait(30)


def _next_version(tree: Path) -> Path:
    """The program as it will be one day: everything the same but a style sheet."""
    tree.mkdir()
    for name in ("grading", "inspections", "publishing", "seeds", "templates"):
        shutil.copytree(PACKAGE_ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("app.py", "pyproject.toml"):
        shutil.copyfile(PACKAGE_ROOT / name, tree / name)
    shutil.copytree(PACKAGE_ROOT / "static", tree / "static", ignore=shutil.ignore_patterns("*.ttf"))
    sheet = tree / "static" / "css" / "tablet.css"
    sheet.write_text(sheet.read_text(encoding="utf-8") + "\n/* one day later */\n", encoding="utf-8")
    return tree


def test_a_wrong_clock_is_shown_with_what_is_stored_because_of_it(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    tablet.page.add_init_script("const now = Date.now; Date.now = () => now() + 12 * 60000;")
    tablet.start_day(LEAD, field_server.enrolment())
    expect(tablet.page.get_by_text("平板时间快了12分钟")).to_be_visible()
