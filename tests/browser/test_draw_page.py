"""The page of a certificate in a real browser: it agrees with server and file, and needs no script."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from inspections.record.configuration import PACKAGE_ROOT
from inspections.surface.headers import draw_headers
from publishing.site.render import Renderer
from publishing.site.styles import style_hashes
from tests.campaigns.drawing.made_up import certificate, never_drawn
from tests.campaigns.drawing.planted import FAULTS, Certificate
from tests.campaigns.drawing.test_verifiers import planted, said_by_the_file
from tests.publishing.site import sample_facts
from tests.publishing.site.sample_draws import REVEAL_BY, facts_of

pytestmark = pytest.mark.browser

SCRIPTS = {
    f"/draws/{name}.mjs": (PACKAGE_ROOT / "static" / "draw" / f"{name}.mjs").read_bytes()
    for name in ("verify", "overdue")
}
RENDERER = Renderer(sample_facts.SITE)
TYPES = {
    "html": "text/html; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "json": "application/json",
}


@contextmanager
def certificates(browser: Browser, *, scheme: str = "https", scripts: bool = True) -> Iterator["Shelf"]:
    """A window that opens the page of any certificate, with the headers that readers get."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    shelf = Shelf(context.new_page(), f"{scheme}://pages.example")
    context.route("**/*", shelf.answer)
    try:
        yield shelf
    finally:
        context.close()


class Shelf:
    """One certificate at a time, with its page and the script."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self._address = page, address
        self._answers: dict[str, bytes] = {}
        self.said: list[str] = []
        page.on("console", lambda message: self.said.append(message.text))

    def answer(self, route: Route) -> None:
        """The published files of the campaign, and nothing else."""
        path = route.request.url.removeprefix(self._address)
        content = self._answers[path]
        kind = "html" if path.endswith("/") else path.rpartition(".")[2]
        headers = {**draw_headers(style_hashes(), https=True), "Content-Type": TYPES[kind]}
        route.fulfill(body=content, headers=headers)

    def open(self, shown: Certificate, sent: Certificate | None = None, *, revealed: bool = True) -> Page:
        """Open the page of a certificate; `sent` is what lies beside it, where that is another one."""
        self._answers = {
            "/draws/2026-11/": RENDERER.draw(facts_of(shown, revealed=revealed)),
            "/draws/2026-11/draw.json": json.dumps(sent or shown, ensure_ascii=False).encode(),
            **SCRIPTS,
        }
        self.page.goto(f"{self._address}/draws/2026-11/")
        return self.page


def verdict(page: Page) -> str:
    """What the page came to, once it has."""
    done = page.locator("[data-verdict]:not([data-verdict=working]):visible")
    expect(done).to_have_count(1)
    return str(done.get_attribute("data-verdict"))


def test_the_page_agrees_with_the_server_on_every_draw(browser: Browser) -> None:
    with certificates(browser) as shelf:
        for number in range(40):
            page = shelf.open(certificate(number))
            assert verdict(page) == "good", number
            lines = page.locator("[data-check]")
            assert page.locator("[data-holds=yes]").count() == lines.count() > 0
        assert shelf.said == [], "the page breaks its own policy, or complains"


@pytest.mark.parametrize("name", FAULTS)
def test_the_page_finds_every_fault_that_the_file_finds(browser: Browser, name: str, tmp_path: Path) -> None:
    with certificates(browser) as shelf:
        for found in planted(name):
            page = shelf.open(certificate(0, draws=2), found)
            assert verdict(page) == "bad", name
            code, _ = said_by_the_file(found, tmp_path)
            assert code == 1


@pytest.mark.parametrize(("instant", "is_overdue"), [("15:59:59", False), ("16:00:00", True)])
def test_an_overdue_reveal_shows_by_itself_on_a_page_that_nobody_writes_again(
    browser: Browser, instant: str, is_overdue: bool
) -> None:
    """The last day ends at 16:00 UTC, which is midnight in China; the page was written long before."""
    found = certificate(1, draws=1)
    with certificates(browser) as shelf:
        shelf.page.clock.set_fixed_time(f"{REVEAL_BY}T{instant}Z")
        page = shelf.open(found, revealed=False)
        overdue = page.locator("[data-last-day]")
        secret = overdue.locator("xpath=preceding-sibling::p[1]")
        expect(overdue).to_be_visible(visible=is_overdue)
        expect(secret).to_be_visible(visible=not is_overdue)
        assert page.locator("[data-verdict]").count() == 0
        assert shelf.said == []


def test_what_fails_is_named_on_the_page(browser: Browser) -> None:
    (found,) = planted("other_value", wanted=1)
    with certificates(browser) as shelf:
        page = shelf.open(found)
        assert verdict(page) == "bad"
        failed = page.locator("[data-holds=no]").all_inner_texts()
        assert any("种子由随机数和公开值算出" in text for text in failed)
        assert page.locator("[data-check=roster][data-holds=yes]").count() == len(found["draws"])


def test_without_web_crypto_the_page_points_to_the_file(browser: Browser) -> None:
    with certificates(browser, scheme="http") as shelf:
        page = shelf.open(certificate(1))
        assert page.evaluate("window.isSecureContext") is False
        assert verdict(page) == "no-crypto"
        expect(page.get_by_text("请用下面的验算程序")).to_be_visible()
        expect(page.get_by_role("link", name="验算程序")).to_have_attribute("href", "/draws/verify_draw.py")


def test_the_certificate_is_complete_without_scripts(browser: Browser) -> None:
    found = certificate(1, draws=1)
    with certificates(browser, scripts=False) as shelf:
        page = shelf.open(found)
        text = page.locator("main").inner_text()
        for draw in found["draws"]:
            assert draw["nonce"] in text
            assert draw["seed"] in text
            for one in draw["selection"]:
                assert one["unit"] in text
        assert page.locator("[data-verdict]:visible").count() == 0


def test_a_campaign_that_was_never_drawn_holds_too(browser: Browser) -> None:
    with certificates(browser) as shelf:
        assert verdict(shelf.open(never_drawn())) == "good"


def test_the_verified_page_can_be_used_by_everybody(browser: Browser) -> None:
    with certificates(browser) as shelf:
        page = shelf.open(certificate(1))
        assert verdict(page) == "good"
        result = Axe().run(page).response["violations"]
        assert [fault["id"] for fault in result] == []
