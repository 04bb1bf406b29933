"""The application's parts without a screen, proved in the browser that runs them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.tablet.conftest import TabletServer

pytestmark = pytest.mark.browser

FOLDER = Path(__file__).parent / "modules"
_PATH = "/tablet-promises/"
_RUN = """async ([folder, file, sentence]) => {
  await import(folder + file);
  return (await import(folder + 'testing.js')).run(sentence);
}"""


def _promises() -> list[tuple[str, str]]:
    found = []
    for path in sorted(FOLDER.glob("*.test.js")):
        sentences = re.findall(r"^test\('((?:[^'\\]|\\.)*)'", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert sentences, path
        found += [(path.name, sentence) for sentence in sentences]
    return found


@pytest.fixture(scope="module")
def promises(empty_server: TabletServer, browser: Browser) -> Iterator[Page]:
    """A page of the application with the promises served beside it, so that its policy holds for them."""

    def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        route.fulfill(body=(FOLDER / name).read_bytes(), content_type="text/javascript; charset=utf-8")

    page = browser.new_page()
    page.route(f"**{_PATH}*", answer)
    page.goto(f"{empty_server.address}/tablet")
    yield page
    page.close()


@pytest.mark.parametrize(("file", "sentence"), _promises())
def test_promise(promises: Page, file: str, sentence: str) -> None:
    fault = promises.evaluate(_RUN, [_PATH, file, sentence])
    assert fault is None, fault
