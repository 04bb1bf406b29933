"""Looking at rendered pages as a reader does: by name, with the real headers, and what is on screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from inspections.surface.headers import public_headers
from publishing.site.styles import style_hashes
from tests.publishing.site.gallery import gallery

ADDRESS = "https://pages.example/"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 14; PGT-AN10 Build/HONORPGT-AN10; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.188 Mobile Safari/537.36 XWEB/1260117 "
    "MMWEBSDK/20240501 MMWEBID/2308 MicroMessenger/8.0.50.2701(0x2800325B) WeChat/arm64 "
    "Weixin NetType/4G Language/zh_CN ABI/arm64"
)
SIZES = ((320, 568), (390, 844), (640, 480), (768, 1024), (1024, 768), (1440, 900))
PAGES = gallery()
ONE_OF_EACH = (
    "storefront: usual",
    "storefront: undetermined",
    "storefront: moved",
    "home: usual",
    "edition: usual",
    "edition: historical",
    "entry: black",
    "archive: usual",
    "search: hits",
    "search: no hits",
    "code: mistyped",
    "rules: usual",
    "about: usual",
    "draw: announced",
    "draw: revealed",
)
# Right edges of all visible text, and the text that sticks out or is cut off.
STICKING_OUT = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > wide) found.push('the page itself');
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects())
      if (box.width && (box.right > wide + 1 || box.left < -1)) found.push(texts.currentNode.data);
    const parent = texts.currentNode.parentElement;
    if (parent.scrollWidth > parent.clientWidth + 1 && getComputedStyle(parent).overflowX !== 'visible')
      found.push(texts.currentNode.data);
  }
  return found;
}"""
SMALLEST_TEXT = """() => {
  let least = 99;
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (texts.currentNode.data.trim() && parent.getClientRects().length)
      least = Math.min(least, parseFloat(getComputedStyle(parent).fontSize));
  }
  return least;
}"""


def address(name: str) -> str:
    """Where a page of the gallery stands while it is looked at."""
    return ADDRESS + quote(name)


@contextmanager
def looking_at(
    browser: Browser,
    name: str,
    *,
    pages: dict[str, bytes] = PAGES,
    size: tuple[int, int] = (390, 844),
    **context_options: Any,  # handed on to Playwright as they are
) -> Iterator[Page]:
    """One page of the gallery in a window of its own, with the headers that readers get."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **context_options)
    headers = {**public_headers(style_hashes(), https=True), "Content-Type": "text/html; charset=utf-8"}

    def answer(route: Route) -> None:
        route.fulfill(body=pages[unquote(route.request.url.removeprefix(ADDRESS))], headers=headers)

    context.route("**/*", answer)
    try:
        page = context.new_page()
        page.goto(address(name))
        yield page
    finally:
        context.close()


def require_usable(page: Page, path: str) -> None:
    """A page of the staff serves everybody: axe, every size up to a desk, 200 % zoom, its own policy."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": 1440, "height": 900})
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    for summary in page.locator("summary").all():
        summary.click()
    violations = Axe().run(page).response["violations"]
    assert [(path, fault["id"], fault["nodes"][0]["html"]) for fault in violations] == []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(STICKING_OUT) == [], (path, width, height)
    assert page.evaluate(SMALLEST_TEXT) >= 15, path
    assert said == [], f"{path} breaks its own policy"
