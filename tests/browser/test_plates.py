"""Plates in a real browser: the desk's pages at every size, and what whoever scans a withdrawn plate sees."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlmodel import Session
from werkzeug.serving import make_server

from app import create_app
from inspections.record.clock import civil_day, utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, transaction
from inspections.record.house import House
from inspections.record.migrate import migrate
from inspections.surface.fonts import print_fonts
from publishing.plates.choosing import Selection
from publishing.plates.life import Handing, hand_over, note_seen, withdraw_plate
from publishing.plates.plate import PlateFacts
from publishing.plates.service import issue_plates
from publishing.site.service import publish
from tests.browser.looking import require_usable
from tests.bureau import DUMPLINGS, EDITOR, PASSWORD, add_units, open_bureau

pytestmark = pytest.mark.browser

NAMES = ("福满源饺子馆", "老灶台重庆小面（柳口路与星光路交口东南侧万盛购物中心店）", "煎饼果子铺")


@dataclass(frozen=True)
class Office:
    """A running bureau, with a withdrawn plate and the one that followed it."""

    address: str
    old: PlateFacts
    new: PlateFacts


def _issued(session: Session, on: date, now: datetime) -> tuple[PlateFacts, ...]:
    return issue_plates(
        session,
        Selection(),
        fonts=print_fonts(),
        configured_address=None,
        on=on,
        actor=EDITOR,
        now=now,
    ).plates


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Three doors with plates: one withdrawn and printed anew, one handed over, one found missing."""
    data: Path = tmp_path_factory.mktemp("plates")
    house = House(Configuration(data=data), open_database(f"sqlite:///{data / 'honghei.sqlite'}"))
    migrate(house.engine)
    now = utc_now()
    first, on = civil_day(now - timedelta(days=9)), civil_day(now)
    open_bureau(house.engine, now)
    rows = [
        replace(DUMPLINGS, sign_name=name, licence_name=f"天津市{name}有限公司", address=f"柳口路{place}号",
                licence_number=None, credit_code=None)
        for place, name in enumerate(NAMES)
    ]  # fmt: skip
    with transaction(house.engine) as session:
        add_units(session, rows, now)
        old, *_ = _issued(session, first, now)
        withdraw_plate(session, old.code, reason="被冒用", on=on, actor=EDITOR, now=now)
        new, *others = _issued(session, on, now)
        taken = [Handing(facts.code, "刘洋", first) for facts in others]
        hand_over(session, taken, actor=EDITOR, now=now)
        note_seen(session, others[1].code, is_there=False, on=on, note="门框空着", actor=EDITOR, now=now)
    publish(house, now=now, workers=1)
    server = make_server("127.0.0.1", 0, create_app(house.configuration), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Office(f"http://127.0.0.1:{server.server_port}", old, new)
    server.shutdown()
    thread.join()
    server.server_close()
    house.engine.dispose()


@pytest.fixture
def page(browser: Browser, office: Office) -> Iterator[Page]:
    """An editor's window."""
    context = browser.new_context(base_url=office.address)
    window = context.new_page()
    window.goto("/desk/sign-in")
    window.get_by_label("姓名").fill(EDITOR)
    window.get_by_label("密码").fill(PASSWORD)
    window.get_by_role("button", name="登录").click()
    yield window
    context.close()


@pytest.mark.parametrize("path", ["/desk/plates/", "/desk/plates/batches/2", "/desk/plates/doors/{code}"])
def test_every_page_of_plates_can_be_used_by_everybody_at_every_size(
    page: Page, office: Office, path: str
) -> None:
    require_usable(page, path.format(code=office.old.code))


def test_a_print_is_made_on_the_desk_and_its_sheets_are_downloaded(page: Page) -> None:
    page.goto("/desk/plates/")
    page.locator("summary").click()
    page.get_by_label("版式").select_option("a4-4")
    page.get_by_role("button", name="印制", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("公示牌 3 块（新制发 0，重印 3）")
    with page.expect_download() as download:
        page.get_by_role("link", name="-list.xlsx").click()
    assert download.value.suggested_filename.endswith("-list.xlsx")


def test_only_whoever_scans_the_withdrawn_plate_is_told_at_once(browser: Browser, office: Office) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=office.address)
    visitor = context.new_page()
    told = visitor.get_by_text("您扫的这块公示牌已作废")
    visitor.goto(office.new.url.removeprefix(office.new.public_url))
    expect(told).not_to_be_visible()
    visitor.goto("about:blank")
    visitor.goto(office.old.url.removeprefix(office.old.public_url))
    expect(told).to_be_in_viewport()
    expect(visitor.get_by_role("heading", level=1)).to_be_in_viewport()
    assert Axe().run(visitor).response["violations"] == []
    context.close()
