"""What every screen of the tablet must stand: axe, no sideways scroll, readable text, targets for fingers."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.looking import SMALLEST_TEXT

STRICTER_THAN_USUAL = {"rules": {"color-contrast-enhanced": {"enabled": True}}}
# Whatever can be pressed is at least 48 px in both directions; links inside a sentence are text.
SMALL_TARGETS = """() => [...document.querySelectorAll(
    '#app button, #app a, #app input, #app select, #app summary')]
  .filter((one) => one.getClientRects().length)
  .filter((one) => !one.closest('.told, p:not(.start, .list-foot), label.file, td'))
  .map((one) => {
    const around = one.matches('input[type=date]') && one.closest('.chip') ? one.closest('.chip') : one;
    return [one, around.getBoundingClientRect()];
  })
  .filter(([, box]) => box.height < 47.5 || box.width < 47.5)
  .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
# Text beyond the window's edges or cut off by its own element; words for screen readers alone do not count.
STICKING_OUT = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth > wide) found.push('the page itself');
  const texts = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (parent.closest('.unseen')) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    for (const box of range.getClientRects())
      if (box.width && (box.right > wide + 1 || box.left < -1)) found.push(texts.currentNode.data);
    if (parent.scrollWidth > parent.clientWidth + 1 && getComputedStyle(parent).overflowX !== 'visible')
      found.push(texts.currentNode.data);
  }
  return found;
}"""
LOW_ANSWERS = """() => [...document.querySelectorAll('.answers button')]
  .filter((one) => one.getBoundingClientRect().height < 55.5).length"""


def faults_of(page: Page) -> list[str]:
    """Everything that keeps somebody from using the screen as it stands."""
    found = [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in Axe().run(page, options=STRICTER_THAN_USUAL).response["violations"]
        for node in fault["nodes"]
    ]
    return [*found, *layout_faults(page)]


def layout_faults(page: Page) -> list[str]:
    """What sticks out, is too small to read, or too small to press."""
    found = [f"sticks out: {text}" for text in page.evaluate(STICKING_OUT)]
    if page.evaluate(SMALLEST_TEXT) < 15:
        found.append("text below 15 px")
    found += [f"small target: {text}" for text in page.evaluate(SMALL_TARGETS)]
    if page.evaluate(LOW_ANSWERS):
        found.append("answers below 56 px")
    return found
