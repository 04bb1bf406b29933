"""Where a run spends its time: a sample every few milliseconds of CPU, told by rooms, for a figure's note.

A call into C is sampled once when it returns; what has passed since the last sample is counted as its time.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).parents[1]
EVERY_SECONDS = 0.005
SHOWN = 12
_ELSEWHERE = {
    "sqlalchemy": "database",
    "jinja2": "templates",
    "markupsafe": "templates",
    "multiprocessing": "passing between processes",
    "concurrent": "passing between processes",
}


def where_time_goes(run: Callable[[], object]) -> str:
    """Run once in this process; answers the shares of its CPU time in words, the greatest first."""
    shares: Counter[str] = Counter()
    last = time.process_time()

    def sample(_signal: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.process_time()
        shares[_place(frame)] += now - last  # type: ignore[assignment]  # seconds, not whole counts
        last = now

    before = signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    try:
        run()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    whole = sum(shares.values())
    told = [f"{place} {100 * seconds / whole:.0f} %" for place, seconds in shares.most_common(SHOWN)]
    return f"Of one run's {whole:.1f} s of CPU in a single process: {', '.join(told)}."


def _place(frame: FrameType | None) -> str:
    """The module of ours that is at work, or what it waits for."""
    beyond = ""
    while frame is not None:
        module, other = _module(frame.f_code.co_filename)
        if module:
            return f"{beyond} for {module}" if beyond else module
        beyond = beyond or other
        frame = frame.f_back
    return beyond or "the interpreter"


@cache
def _module(file: str) -> tuple[str, str]:
    """A file as a module of ours, or as a word for what others do."""
    path = Path(file)
    if "templates" in path.parts:
        return "templates", ""
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return path.relative_to(ROOT).with_suffix("").as_posix(), ""
    return "", next((word for part, word in _ELSEWHERE.items() if part in path.parts), "")
