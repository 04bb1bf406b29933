"""The tablet application on a slow tablet: its shell, how soon it works, how fast a tap is kept.

The real server and a real browser (Chromium). The page's processor is slowed down four times by the browser;
there is no network while it is measured. "Interactive" counts from the call of the address in a browser that
was just started until the first thing that can be pressed stands there and two more frames were drawn. A tap
counts from the touch until the sealed change is durable in IndexedDB; the peer writes the same bytes bare.
"""

import argparse
import gzip
import json
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.sync_api import CDPSession, Playwright, sync_playwright

from inspections.record.database import open_database
from inspections.record.migrate import migrate
from tests.tablet.conftest import FieldServer, add_earlier_visit, served
from tests.tablet.driving import PIN, Tablet
from tests.tablets import LEAD, assign, open_field_bureau

SCRATCH = Path(__file__).parent / "scratch"
SLOWER = 4
PHOTOS = 6
LARGEST_SHELL, SOONEST, FASTEST = 150 * 1024, 1.0, 0.2
_KINDS_OF_WORK = {
    "ScriptDuration": "scripts",
    "LayoutDuration": "layout",
    "RecalcStyleDuration": "styles",
    "TaskDuration": "all tasks together",
}

# Notes when something that can be pressed stood on the screen, and the second frame after it.
_NOTE_INTERACTIVE = """
addEventListener('DOMContentLoaded', () => {
  const look = () => {
    if (!document.querySelector('.person, #pin, .list .row')) { requestAnimationFrame(look); return; }
    requestAnimationFrame(() => requestAnimationFrame(() => { window.interactiveAt = performance.now(); }));
  };
  look();
});
"""
# Notes for each tap when it came and when what it said was durable.
_NOTE_TAPS = """(running) => {
  const { store } = running.work;
  const save = store.saveChanges.bind(store);
  window.taps = [];
  let came = 0;
  addEventListener('pointerdown', (event) => { came = event.timeStamp; }, true);
  store.saveChanges = async (changes) => {
    const mine = came;
    await save(changes);
    window.taps.push(performance.now() - mine);
  };
  return null;
}"""
_BARE_WRITES = """async (running, count) => {
  const db = await new Promise((done) => {
    const asked = indexedDB.open('bare', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore('rows');
    asked.onsuccess = () => done(asked.result);
  });
  const took = [];
  for (let number = 0; number < count; number += 1) {
    const from = performance.now();
    await new Promise((done) => {
      const tx = db.transaction('rows', 'readwrite', { durability: 'strict' });
      tx.objectStore('rows').put(new Uint8Array(600), number);
      tx.oncomplete = done;
    });
    took.push(performance.now() - from);
  }
  db.close();
  return took;
}"""


def main() -> None:
    """Measure on one machine in one run, and print one JSON line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="cold starts")
    parser.add_argument("--taps", type=int, default=40, help="taps on a full visit")
    options = parser.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tablet-", dir=SCRATCH) as name:
        for figure in _measured(Path(name), options.runs, options.taps):
            print(json.dumps(figure, ensure_ascii=False), flush=True)


def _measured(folder: Path, runs: int, taps: int) -> list[dict[str, object]]:
    data = folder / "data"
    data.mkdir()
    engine = open_database(f"sqlite:///{data / 'honghei.sqlite'}")
    migrate(engine)
    bureau = open_field_bureau(engine)
    add_earlier_visit(bureau)
    with served(data) as server, sync_playwright() as playwright:
        field = FieldServer(server.address, data, bureau)
        shell = _shell(server.address)
        assign(bureau)
        tablet = _full_visit(playwright, folder / "profile", field)
        stored, bare, work_of_taps = _taps(tablet, taps)
        tablet.close()
        cold, work_of_starts = zip(*(_cold_start(tablet) for _ in range(runs)), strict=True)
    engine.dispose()
    return [
        shell,
        _cold_figure(cold, _told(work_of_starts[-1], "the last cold start", cold[-1])),
        _tap_figure(stored, bare, _told(work_of_taps, f"{taps} taps", sum(stored))),
    ]


# What Chromium sends over HTTPS, which the application needs.
_AS_A_TABLET = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def _shell(address: str) -> dict[str, object]:
    """What a tablet fetches once: every file of the shell as it goes over the wire."""
    worker = urlopen(f"{address}/tablet/worker.js").read().decode()  # noqa: S310  # our own loopback address
    files = json.loads(worker.split("const SHELL = ", 1)[1].split(";\n", 1)[0])["files"]
    size = len(gzip.compress(worker.encode()))
    for name in files:
        packed = Request(address + name, headers=_AS_A_TABLET)  # noqa: S310  # loopback
        size += len(urlopen(packed).read())  # noqa: S310  # loopback
    return {
        "name": "tablet_shell",
        "what": f"the tablet application on the wire: {len(files)} files and its worker, packed as asked for",
        "ours": round(size / 1024, 1),
        "peer": None,
        "unit": "KiB",
        "ratio": None,
        "goal": LARGEST_SHELL / 1024,
        "goal_words": "under 150 KB",
        "met": size < LARGEST_SHELL,
    }


def _full_visit(playwright: Playwright, profile: Path, server: FieldServer) -> Tablet:
    """A tablet without a network, on a visit with every item answered and six photos."""
    tablet = Tablet(playwright, profile, server.address).start()
    tablet.open()
    tablet.sign_in(LEAD, server.enrolment())
    tablet.set_pin(PIN)
    tablet.wait_until_kept()
    tablet.offline()
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", safety=True)
    tablet.photograph("2.3", PHOTOS)
    tablet.answer_rest()
    return tablet


def _slow_down(tablet: Tablet) -> CDPSession:
    session = tablet.page.context.new_cdp_session(tablet.page)
    session.send("Performance.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def _work(session: CDPSession) -> dict[str, float]:
    """Seconds that the page's main thread has worked at each kind of thing."""
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return {kind: metrics[name] for name, kind in _KINDS_OF_WORK.items()}


def _told(work: dict[str, float], what: str, seconds: float) -> str:
    """Where the time went, for the note of a miss."""
    parts = ", ".join(f"{kind} {spent:.2f} s" for kind, spent in work.items())
    return f"Of {what} ({seconds:.2f} s), the slowed-down main thread: {parts}; the rest is waiting."


def _taps(tablet: Tablet, count: int) -> tuple[list[float], list[float], dict[str, float]]:
    """Seconds from tap to stored, one after the other over a station's items, and bare durable writes."""
    tablet.go("检查")
    tablet.station("厨房")
    session = _slow_down(tablet)
    tablet.ask(_NOTE_TAPS)
    before = _work(session)
    rows = tablet.page.locator(".item")
    for number in range(count):
        word = "不适用" if number // rows.count() % 2 == 0 else "符合"
        rows.nth(number % rows.count()).get_by_role("button", name=word, exact=True).click()
        tablet.wait_for("(_, number) => window.taps.length > number", number)
    stored = [took / 1000 for took in tablet.page.evaluate("window.taps")]
    work = {kind: spent - before[kind] for kind, spent in _work(session).items()}
    bare = [took / 1000 for took in tablet.ask(_BARE_WRITES, count)]
    return stored, bare, work


def _cold_start(tablet: Tablet) -> tuple[float, dict[str, float]]:
    """Seconds until somebody can begin, in a browser that was just started without a network."""
    tablet.start()
    tablet.offline()
    tablet.page.add_init_script(_NOTE_INTERACTIVE)
    session = _slow_down(tablet)
    tablet.page.goto(f"{tablet.address}/tablet")
    tablet.wait_for("() => window.interactiveAt > 0")
    seconds: float = tablet.page.evaluate("window.interactiveAt") / 1000
    work = _work(session)
    tablet.close()
    return seconds, work


def _cold_figure(seconds: Sequence[float], note: str) -> dict[str, object]:
    found = statistics.median(seconds)
    return {
        "name": "tablet_interactive",
        "what": f"cold start without a network at {SLOWER} times slower processor, until it can be used",
        "ours": round(found, 2),
        "peer": None,
        "unit": "s",
        "ratio": None,
        "goal": SOONEST,
        "goal_words": "under 1 s",
        "met": found < SOONEST,
        "slowest": round(max(seconds), 2),
        "runs": len(seconds),
        **({} if found < SOONEST else {"note": note}),
    }


def _tap_figure(stored: Sequence[float], bare: Sequence[float], note: str) -> dict[str, object]:
    slow = statistics.quantiles(stored, n=20)[-1]
    return {
        "name": "tablet_tap_to_stored",
        "what": f"from tap to durable, every item of the longest checklist and {PHOTOS} photos there, "
        f"{SLOWER} times slower processor; 95 of 100 taps",
        "ours": round(slow, 3),
        "peer": round(statistics.quantiles(bare, n=20)[-1], 3),
        "unit": "s",
        "ratio": round(statistics.median(stored) / statistics.median(bare), 1),
        "goal": FASTEST,
        "goal_words": "under 200 ms; the peer is a bare durable write of as many bytes",
        "met": slow < FASTEST,
        "median": round(statistics.median(stored), 3),
        "runs": len(stored),
        **({} if slow < FASTEST else {"note": note}),
    }


if __name__ == "__main__":
    main()
