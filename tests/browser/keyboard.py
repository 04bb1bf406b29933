"""Somebody who has nothing but keys: no mouse, no finger."""

from collections.abc import Iterable
from datetime import datetime

from playwright.sync_api import Page

# An id with its hash sign, and every word that a screen reader would say of what has the focus.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body || one.matches('main')) return ['', ''];
  const labels = [...(one.labels ?? [])].map((label) => label.innerText);
  const words = [one.innerText ?? '', one.getAttribute('aria-label') ?? '', ...labels, one.value ?? ''];
  return [`#${one.id}`, words.join('|').replace(/\\s+/g, ' ')];
}"""


class Keyboard:
    """Keys for one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, what: str, most: int = 200) -> None:
        """Tab until the focus stands on what says these words, or has this `#id`."""
        for _ in range(most):
            if self._is_at(what):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"“{what}” cannot be reached; the focus is at {self.page.evaluate(_FOCUSED)}")

    def _is_at(self, what: str) -> bool:
        id_, words = self.page.evaluate(_FOCUSED)
        return bool(what == id_ if what.startswith("#") else what in words)

    def press(self, what: str) -> None:
        """Reach a button or link and press it."""
        self.reach(what)
        self.page.keyboard.press("Enter")

    def tick(self, what: str) -> None:
        """Reach a box and tick it."""
        self.reach(what)
        self.page.keyboard.press("Space")

    def write(self, what: str, text: str) -> None:
        """Reach a field and write."""
        self.reach(what)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, what: str, choice: str) -> None:
        """Reach a list of choices and go down until one is chosen."""
        self.reach(what)
        chosen = "() => document.activeElement.selectedOptions[0].innerText.trim()"
        for _ in range(50):
            if self.page.evaluate(chosen) == choice:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"“{choice}” is not among the choices of “{what}”")

    def write_moment(self, what: str, moment: datetime) -> None:
        """Reach a field of day and time and write its parts."""
        ways = (f"{moment:%Y}", f"{moment:%m%d%H%M}"), (f"{moment:%m%d%Y}", f"{moment:%I%M%p}")
        self._write_parts(what, f"{moment:%Y-%m-%dT%H:%M}", ways)

    def write_month(self, what: str, month: str) -> None:
        """Reach a field of a month and write its parts."""
        year, number = month.split("-")
        self._write_parts(what, month, ((year, number), (number, year)))

    def _write_parts(self, what: str, wanted: str, ways: Iterable[tuple[str, str]]) -> None:
        """Write parts in the order of the browser's own language: one of the ways, before and after an arrow.

        The arrow goes on by hand from what may still have more digits, as a year may have six.
        """
        self.reach(what)
        for before, after in ways:
            for _ in range(8):
                self.page.keyboard.press("ArrowLeft")
            self.page.keyboard.type(before)
            self.page.keyboard.press("ArrowRight")
            self.page.keyboard.type(after)
            if self.page.evaluate("() => document.activeElement.value") == wanted:
                return
        raise AssertionError(f"{wanted} cannot be written into “{what}”")
