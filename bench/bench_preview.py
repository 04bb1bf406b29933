"""A reform of the rules previewed over 100,000 units, against one regrade of the same register.

Ours is `rulebook preview`: every unit by the rules in force and by a draft that changes results, grades,
frequencies and list proposals, with counts by type, street and chain and an example for each kind of change;
nothing is stored. The peer is one regrade (`grade --all`) of the same register, already graded: everything
is worked out, compared and committed. Each in a process of its own, in turn, on the same database. Stated
beside it: how long the workbook with every changed unit takes, and the memory.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.apart import memory_mib, run_apart
from bench.bench_grading import NOW, ON, SCRATCH, WHOLE, build_ours
from inspections.record.database import open_database
from inspections.rulebooks.drafts import draft_of
from inspections.rulebooks.files import SEEDS, read_folder
from inspections.visits.grading_run import grade_units
from inspections.visits.reform.preview import preview
from inspections.visits.reform.report import preview_lines, write_workbook
from inspections.visits.reform.span import KINDS
from inspections.visits.workers import processes_for

_MODULE = "bench.bench_preview"
GOAL = 1.2
# What the draft says otherwise: fewer failures allowed, another matrix, more visits, more on the black list.
_CHANGES = (
    ("when: {other_failed: {from: 4}}", "when: {other_failed: {from: 2}}"),
    ("II: {compliant: A, basically_compliant: B, ", "II: {compliant: B, basically_compliant: C, "),
    ("value: {A: 1, B: 2, C: 3, D: 4}", "value: {A: 1, B: 2, C: 4, D: 6}"),
    ("any: [{result: non_compliant}", "any: [{result: {in: [basically_compliant, non_compliant]}}"),
)


def draft_text() -> str:
    """The canonical text of the draft."""
    files = read_folder(SEEDS / "rulebooks" / "demo-local")
    for before, after in _CHANGES:
        assert any(before in text for text in files.values()), before
        files = {name: text.replace(before, after) for name, text in files.items()}
    return draft_of("demo-local", files).text


def run_preview(path: Path) -> dict[str, float]:
    """One preview, told and written as the command does it."""
    engine = open_database(f"sqlite:///{path}")
    start = time.perf_counter()
    found = preview(engine, text=draft_text(), on=ON)
    lines = list(preview_lines(found))
    seconds = time.perf_counter() - start
    write_workbook(path.with_suffix(".xlsx"), found)
    workbook = time.perf_counter() - start - seconds
    engine.dispose()
    assert lines
    assert all(found.total(kind) for kind in KINDS)
    return {
        "seconds": seconds,
        "workbook": workbook,
        "units": found.units,
        "changes": len(found.changes),
        "memory_mib": memory_mib(processes_for(WHOLE)),
    }


def run_regrade(path: Path) -> dict[str, float]:
    """One regrade of everything."""
    engine = open_database(f"sqlite:///{path}")
    start = time.perf_counter()
    summary = grade_units(engine, on=ON, now=NOW, everything=True)
    seconds = time.perf_counter() - start
    engine.dispose()
    return {"seconds": seconds, "units": summary.units}


def measure(units: int, runs: int) -> Iterator[dict[str, object]]:
    """Build and grade once, then run both in turn."""
    SCRATCH.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="preview-", dir=SCRATCH))
    path = folder / "town.sqlite"
    build_ours(path, units)
    first = run_apart(_MODULE, "regrade", path)["seconds"]
    seconds: dict[str, list[float]] = {"preview": [], "regrade": []}
    told: dict[str, Any] = {}
    for _ in range(runs):
        for side in ("regrade", "preview"):
            told = run_apart(_MODULE, side, path)
            assert told["units"] == units
            seconds[side].append(told["seconds"])
    shutil.rmtree(folder)
    ratio = statistics.median(a / b for a, b in zip(seconds["preview"], seconds["regrade"], strict=True))
    ours, peer = (statistics.median(seconds[side]) for side in ("preview", "regrade"))
    yield {
        "name": "preview",
        "what": f"preview a reform over {units:,} units: {told['changes']:,} changes, counted and explained",
        "ours": round(ours, 3),
        "peer": round(peer, 3),
        "unit": "s",
        "ratio": round(ratio, 2),
        "goal": GOAL,
        "goal_words": "at most 1.2 times one regrade of the same register",
        "met": ratio <= GOAL,
        "runs": runs,
        "note": f"The first grading of the same register took {first:.1f} s. "
        f"The workbook took {told['workbook']:.1f} s more. "
        f"Memory of the preview, all processes: {told['memory_mib']:.0f} MiB.",
    }


def one(which: str, path: str) -> None:
    """One run of one side, in this process; prints what it measured."""
    sides: dict[str, Callable[[Path], Mapping[str, object]]] = {
        "preview": run_preview,
        "regrade": run_regrade,
    }
    print(json.dumps(sides[which](Path(path)), ensure_ascii=False))


def main() -> None:
    """Measure and print one JSON line per figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=WHOLE)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    for figure in measure(options.units, options.runs):
        print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
