"""The desk in a real browser: every page of the navigation for every role, every size, by keyboard alone."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import make_server

from app import create_app
from inspections.people.access import ACCESS_POLICY, NAVIGATION
from inspections.people.tables import Role
from inspections.record.configuration import Configuration
from inspections.record.database import open_database
from inspections.record.migrate import migrate
from tests.browser.looking import require_usable
from tests.bureau import ADMINISTRATOR, EDITOR, PASSWORD
from tests.furnished import WHO, Furnished, furnish
from tests.tablets import LEAD, OUTSIDER, REVIEWER

pytestmark = pytest.mark.browser

# 640 is a desk of 1280 at 200 %; 320 is a small phone.


@dataclass(frozen=True)
class Desk:
    """A running desk: where it answers, and what is in it."""

    address: str
    things: Furnished


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A bureau with something on every page."""
    data: Path = tmp_path_factory.mktemp("desk")
    engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
    migrate(engine)
    engine.dispose()
    application = create_app(Configuration(data=data))
    things = furnish(application)
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Desk(f"http://127.0.0.1:{server.server_port}", things)
    server.shutdown()
    thread.join()
    server.server_close()
    application.extensions["house"].engine.dispose()


def _signed_in(context: BrowserContext, name: str) -> Page:
    page = context.new_page()
    page.goto("/desk/sign-in")
    page.get_by_label("姓名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("今日")
    return page


@pytest.fixture
def context(browser: Browser, desk: Desk) -> Iterator[BrowserContext]:
    """A window of its own on the desk."""
    context = browser.new_context(base_url=desk.address)
    yield context
    context.close()


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_the_navigation_can_be_used_by_everybody_at_every_size(
    context: BrowserContext, role: Role
) -> None:
    page = _signed_in(context, WHO[role])
    shown = page.locator("nav a").all()
    admitted = [
        label
        for endpoint, label in NAVIGATION
        if role.value in ACCESS_POLICY[endpoint].roles | ACCESS_POLICY[endpoint].readers
    ]
    assert [link.inner_text() for link in shown] == admitted
    for path in [str(link.get_attribute("href")) for link in shown]:
        require_usable(page, path)


def test_every_page_below_can_be_used_by_everybody_at_every_size(context: BrowserContext, desk: Desk) -> None:
    at, month = desk.things.numbers, desk.things.month
    below = {
        EDITOR: (
            f"/desk/units/{at['unit_id']}", "/desk/units/imports", "/desk/units/proposals",
            f"/desk/batches/{at['batch_id']}", f"/desk/editions/{month}", f"/desk/editions/{month}/draft",
            f"/desk/units/{at['unit_id']}/visits", "/desk/messages/?show=all",
            f"/desk/messages/{at['message_id']}/letter", "/desk/register",
        ),
        REVIEWER: (
            f"/desk/review/{at['field_visit_id']}", f"/desk/messages/{at['message_id']}",
            "/desk/orders?show=settled",
        ),
        ADMINISTRATOR: (
            f"/desk/people/{LEAD}", f"/desk/people/{OUTSIDER}/recusals", "/desk/tablets/exports",
            "/desk/rules/tianjin-2020",
        ),
    }  # fmt: skip
    for name, paths in below.items():
        context.clear_cookies()
        page = _signed_in(context, name)
        for path in paths:
            require_usable(page, path)
        page.close()


# What the focused thing is called: its label, else its own words.
_CALLED = """(() => {
  const focused = document.activeElement;
  if (focused === document.body) return '';
  return focused.labels?.length ? focused.labels[0].innerText : focused.innerText;
})()"""


def _tab_to(page: Page, words: str) -> None:
    """Press Tab until something with these words has the focus, and see that it shows."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if words in str(page.evaluate(_CALLED)):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline == "solid", "the focus can be seen"
            return
    pytest.fail(f"nothing called {words} can be reached by keyboard")


def test_an_operators_answer_is_looked_at_and_settled_by_keyboard_alone(
    context: BrowserContext, desk: Desk
) -> None:
    page = _signed_in(context, REVIEWER)
    page.goto("/desk/orders")
    row = page.get_by_role("row").filter(has_text="已清理，重新做了台账")
    picture = row.get_by_role("img").first
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("picture => picture.naturalWidth") == 480
    row.get_by_role("link").first.focus()
    _tab_to(page, "记录")
    page.keyboard.press("Enter")
    _tab_to(page, "情况")
    page.keyboard.press("ArrowDown")
    _tab_to(page, "说明")
    page.keyboard.type("看过照片，现场核对仍有一瓶")
    _tab_to(page, "记录")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已记录")
    expect(page.get_by_role("row").filter(has_text="看过照片，现场核对仍有一瓶")).to_contain_text(
        "复查未通过"
    )


def test_a_letter_is_two_pages_of_a4_and_its_receipt_is_on_the_second(
    context: BrowserContext, desk: Desk, tmp_path: Path
) -> None:
    page = _signed_in(context, EDITOR)
    page.goto(f"/desk/messages/{desk.things.numbers['message_id']}/letter")
    file = tmp_path / "letter.pdf"
    file.write_bytes(page.pdf(prefer_css_page_size=True))
    content = file.read_bytes()
    assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 2
    page.emulate_media(media="print")
    assert not page.get_by_role("navigation").is_visible()
    expect(page.get_by_text("送达人签名")).to_be_visible()
