"""Public pages in a real browser: every screen, both schemes, keyboard, paper, no scripts."""

import subprocess
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from publishing.public_facts import SiteFacts
from tests.browser.looking import (
    ONE_OF_EACH,
    PAGES,
    SMALLEST_TEXT,
    STICKING_OUT,
    WECHAT,
    address,
    looking_at,
)
from tests.publishing.site import sample_facts as made_up
from tests.publishing.site.gallery import gallery

pytestmark = pytest.mark.browser

STRICTER_THAN_USUAL = {"rules": {"color-contrast-enhanced": {"enabled": True}}}
PHONE, SMALL_PHONE = (390, 844), (320, 568)
SCREENS = (SMALL_PHONE, PHONE, (768, 1024), (1024, 768), (1440, 900))


def violations(page: Page) -> list[str]:
    """What axe-core finds, contrast of 7:1 included, in short."""
    found = Axe().run(page, options=STRICTER_THAN_USUAL).response["violations"]
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found for node in fault["nodes"]]


def test_every_page_in_every_state_can_be_used_by_everybody(browser: Browser) -> None:
    found = {}
    with looking_at(browser, "not found") as page:
        for name in PAGES:
            page.goto(address(name))
            found[name] = violations(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("site", [made_up.DEMONSTRATION, made_up.PREVIEW], ids=["demonstration", "preview"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_banner_above_every_page_can_be_read_by_everybody(
    browser: Browser, site: SiteFacts, scheme: Literal["light", "dark"]
) -> None:
    with looking_at(browser, "storefront: usual", pages=gallery(site), color_scheme=scheme) as page:
        assert violations(page) == []
        assert page.evaluate(STICKING_OUT) == []


def test_the_dark_scheme_in_english_can_be_used_by_everybody(browser: Browser) -> None:
    found = {}
    with looking_at(browser, "not found", size=(1440, 900), color_scheme="dark") as page:
        for name in ONE_OF_EACH:
            page.goto(address(name))
            page.locator("label[for=en]").click()
            for summary in page.locator("summary:visible").all():
                summary.click()
            found[name] = violations(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize("name", [*ONE_OF_EACH, "storefront: long"])
def test_no_screen_needs_sideways_scrolling_and_no_text_is_too_small(browser: Browser, name: str) -> None:
    with looking_at(browser, name) as page:
        for width, height in SCREENS:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(STICKING_OUT) == []
            assert page.evaluate(SMALLEST_TEXT) >= 15


@pytest.mark.parametrize("name", [*ONE_OF_EACH, "storefront: long"])
def test_twice_the_text_size_loses_nothing_even_on_the_smallest_phone(browser: Browser, name: str) -> None:
    with looking_at(browser, name) as page:
        before = page.locator("main").inner_text()
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        for switch in ("xl", "en"):
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            assert page.evaluate(STICKING_OUT) == []
            page.set_viewport_size({"width": SMALL_PHONE[0], "height": SMALL_PHONE[1]})
            assert page.evaluate(STICKING_OUT) == []
            assert switch == "en" or page.locator("main").inner_text().split() == before.split()
            page.locator(f"label[for={switch}]").click()


@pytest.mark.parametrize("state", ["usual", "busy"])
def test_unit_grade_latest_visit_and_kitchen_are_seen_before_scrolling(browser: Browser, state: str) -> None:
    pages = gallery(made_up.DEMONSTRATION)
    with looking_at(browser, f"storefront: {state}", pages=pages) as page:
        for place in ("h1", ".big >> nth=0", ".scale", ".big >> nth=1", "h2:has-text('明厨亮灶')"):
            box = page.locator(place).bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= PHONE[1]
        found = len(made_up.STOREFRONTS[state].visits[0].findings)
        assert page.locator(".big").nth(1).inner_text() == f"基本符合，{found}项问题"


def test_findings_that_are_folded_open_by_a_tap_and_stand_open_where_there_is_room(browser: Browser) -> None:
    last = made_up.BUSY_FINDINGS[-1].text
    with looking_at(browser, "storefront: busy", java_script_enabled=False) as page:
        expect(page.get_by_text(last)).to_be_hidden()
        page.locator(".more summary").click()
        expect(page.get_by_text(last)).to_be_visible()
    with looking_at(browser, "storefront: busy", size=(1440, 900)) as page:
        expect(page.get_by_text(last)).to_be_visible()
        expect(page.locator(".more summary")).to_be_hidden()


def test_english_reads_the_same_day_as_machines_do(browser: Browser) -> None:
    shown = "getComputedStyle(document.querySelector('main time'), '::before').content"
    with looking_at(browser, "storefront: usual") as page:
        assert page.evaluate(shown) == "none"
        expect(page.get_by_text("2026年9月30日")).to_be_visible()
        page.locator("label[for=en]").click()
        assert page.evaluate(shown) == '"2026-09-30"'
        expect(page.get_by_text("2026年9月30日")).to_be_hidden()


def test_a_storefront_asks_the_network_once_and_breaks_no_policy(browser: Browser) -> None:
    with looking_at(browser, "storefront: usual") as page:
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        assert len([address for address in asked if not address.startswith("data:")]) == 1
        assert said == []


def test_the_switches_are_reached_first_by_keyboard_and_show_where_the_focus_is(browser: Browser) -> None:
    with looking_at(browser, "storefront: usual") as page:
        plain = page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize")
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.querySelector('[for=xl]')).outlineStyle") == "solid"
        page.keyboard.press("Space")
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") > plain
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.querySelector('[for=en]')).outlineStyle") == "solid"
        page.keyboard.press("Space")
        expect(page.get_by_text("Risk grade", exact=True)).to_be_visible()
        expect(page.get_by_text("风险等级", exact=True)).to_be_hidden()


def test_english_changes_labels_and_leaves_every_fact_in_its_place(browser: Browser) -> None:
    with looking_at(browser, "storefront: usual") as page:
        page.locator("label[for=en]").click()
        shown = page.locator("main").inner_text()
        for fact in ("福满源饺子馆", "杨柳青镇柳口路28号", "消毒后的餐具未放入保洁柜", "JY21201119900018"):
            assert shown.count(fact) == 1
        for label in ("Grade B: lower risk", "Basically compliant, 2 problems", "Valid until"):
            assert label in shown
        page.locator("label[for=en]").click()
        assert "Grade B" not in page.locator("main").inner_text()


def test_everything_works_without_scripts(browser: Browser) -> None:
    with looking_at(browser, "storefront: usual", java_script_enabled=False) as page:
        step = page.get_by_text("二档、基本符合，对应 B 级。")
        expect(step).to_be_hidden()
        page.locator("summary").first.click()
        expect(step).to_be_visible()
        page.locator("label[for=en]").click()
        expect(page.get_by_text("Latest inspection")).to_be_visible()


@pytest.mark.parametrize("name", ["storefront: usual", "home: usual", "search: hits", "edition: usual"])
def test_the_page_reads_well_inside_wechat(browser: Browser, name: str) -> None:
    with looking_at(
        browser,
        name,
        size=(390, 664),
        user_agent=WECHAT,
        is_mobile=True,
        has_touch=True,
        device_scale_factor=3,
    ) as page:
        assert page.evaluate(STICKING_OUT) == []
        assert page.evaluate("window.innerWidth") == 390
        page.locator("label[for=xl]").tap()
        assert page.evaluate(STICKING_OUT) == []


def test_dark_is_dark_on_screens_and_paper_stays_white(browser: Browser) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    with looking_at(browser, "edition: usual", color_scheme="dark") as page:
        assert page.evaluate(ground) == "rgb(19, 22, 27)"
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(ground) == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_a_printed_edition_is_an_a4_notice_with_its_authority_and_page_numbers(
    browser: Browser, tmp_path: Path
) -> None:
    with looking_at(browser, "edition: usual") as page:
        (tmp_path / "notice.pdf").write_bytes(page.pdf(prefer_css_page_size=True))
    assert "A4" in _told(["pdfinfo", "notice.pdf"], tmp_path)
    text = "".join(_told(["pdftotext", "-layout", "notice.pdf", "-"], tmp_path).split())
    for words in ("示范区市场监督管理局", "2026年第10期", "2026年10月30日", "老街坊水饺", "第1页，共"):
        assert words in text
    assert "大字" not in text
    assert "English" not in text


def _told(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def test_folded_lists_of_filters_stand_open_where_there_is_room(browser: Browser) -> None:
    with looking_at(browser, "search: hits") as page:
        expect(page.get_by_role("link", name="中北镇")).to_be_hidden()
        page.set_viewport_size({"width": 1440, "height": 900})
        expect(page.get_by_role("link", name="中北镇")).to_be_visible()
