"""The desk of campaigns and plan in a real browser: every page, every size, and once by keyboard alone."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app import create_app
from inspections.campaigns.assigning import note_state
from inspections.campaigns.higher_checks import record_higher_check
from inspections.campaigns.planning import make_plan
from inspections.campaigns.service import make_campaign
from inspections.campaigns.tables import AssignmentState
from inspections.record.clock import civil_day, utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, transaction
from inspections.record.migrate import migrate
from inspections.units.tables import UnitStanding
from tests.browser.looking import require_usable
from tests.bureau import PASSWORD
from tests.campaigns.office import MANAGER, MONTH, PLAN, drawn_office

pytestmark = pytest.mark.browser

OPEN_MONTH = "2026-12"
PAGES = (
    "/desk/", "/desk/campaigns/", "/desk/campaigns/new", f"/desk/campaigns/{OPEN_MONTH}",
    f"/desk/campaigns/{OPEN_MONTH}/edit", f"/desk/campaigns/{OPEN_MONTH}/pool", f"/desk/campaigns/{MONTH}",
    "/desk/plan/?within=-1", "/desk/plan/higher", "/desk/plan/city",
)  # fmt: skip


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running office with a drawn campaign, an open one, a plan, and a higher check."""
    data: Path = tmp_path_factory.mktemp("desk")
    engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
    migrate(engine)
    now = utc_now() - timedelta(hours=5)
    office = drawn_office(engine, now)
    shut, done, checked, *_ = office.assignments()
    later = now + timedelta(hours=4)
    on = civil_day(now)
    with transaction(engine) as session:
        note_state(
            session,
            shut.id or 0,
            AssignmentState.CLOSED_DOOR,
            actor=MANAGER,
            now=later,
            photo_sha256="ab" * 32,
        )
        note_state(session, done.id or 0, AssignmentState.DONE, actor=MANAGER, now=later)
        record_higher_check(
            session, office.code(checked.unit_id), authority="市市场监督管理委员会",
            checked_on=on - timedelta(days=20), items=["2.1"], actor=MANAGER, now=later,
        )  # fmt: skip
        make_campaign(session, replace(PLAN, key=OPEN_MONTH, issue_no=12), actor=MANAGER, now=later)
        for place, unit_id in enumerate(office.units):
            due_on = on + timedelta(days=place * 2 - 9)
            session.add(UnitStanding(unit_id=unit_id, as_of=on, grade="ABCD"[place % 4], due_on=due_on))
        session.flush()
        make_plan(session, on.year, actor=MANAGER, now=later)
    server = make_server("127.0.0.1", 0, create_app(Configuration(data=data)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.dispose()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A manager's window."""
    context = browser.new_context(base_url=address)
    window = context.new_page()
    window.goto("/desk/sign-in")
    window.get_by_label("姓名").fill(MANAGER)
    window.get_by_label("密码").fill(PASSWORD)
    window.get_by_role("button", name="登录").click()
    yield window
    context.close()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_desk_can_be_used_by_everybody_at_every_size(page: Page, path: str) -> None:
    require_usable(page, path)


def test_a_substitute_is_opened_by_keyboard_alone(page: Page) -> None:
    page.goto(f"/desk/campaigns/{MONTH}")
    opener = page.locator("summary", has_text="打开递补")
    for _ in range(60):
        page.keyboard.press("Tab")
        if opener.evaluate("element => element === document.activeElement"):
            break
    outline = opener.evaluate("element => getComputedStyle(element).outlineStyle")
    assert outline == "solid", "the focus can be seen"
    page.keyboard.press("Enter")
    expect(page.get_by_text("打开以后不能收回")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已打开递补单位")
    expect(opener).to_have_count(0)


def test_a_pool_is_seen_before_it_is_committed(page: Page) -> None:
    page.goto(f"/desk/campaigns/{OPEN_MONTH}")
    expect(page.get_by_role("link", name="24 家")).to_be_visible()
    row = page.get_by_role("row", name="餐馆 2 8 3")
    expect(row).to_be_visible()
    page.get_by_role("link", name="24 家").click()
    expect(page.locator("tbody tr")).to_have_count(24)
