"""Take the READMEs' pictures from a running site: `python -m tests.browser.take_pictures http://127.0.0.1:8000`."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.chromium import CHROMIUM, FLAGS

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
PHONE = {"width": 390, "height": 844}


def take(browser: Browser, address: str) -> None:
    """Home, the search, and the first storefront page that a search for dumplings finds, on a phone."""
    page = browser.new_page(viewport=PHONE, device_scale_factor=2, locale="zh-CN")  # type: ignore[arg-type]  # a plain dict is a viewport
    page.goto(f"{address}/")
    page.screenshot(path=str(PICTURES / "home-phone.png"))
    page.fill("input[name=q]", "饺")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.screenshot(path=str(PICTURES / "search-phone.png"))
    page.click("main a[href^='/s/']")
    page.wait_for_load_state()
    page.screenshot(path=str(PICTURES / "storefront-phone.png"))
    page.close()


def main() -> None:
    """Drive Debian's Chromium against the address given."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        take(browser, sys.argv[1].rstrip("/"))
        browser.close()


if __name__ == "__main__":
    main()
