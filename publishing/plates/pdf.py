"""Print-ready PDF of plates, one to a page: in batches, so that memory does not grow with their number."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any

import typst

from inspections.record.configuration import PACKAGE_ROOT
from inspections.surface.fonts import RARE_DIRECTORY, PrintFonts, print_fonts
from inspections.surface.qr import QUIET_ZONE, svg_of
from publishing.plates.layout import Layout, lay_out
from publishing.plates.plate import PlateFacts

TEMPLATE = PACKAGE_ROOT / "templates" / "plates" / "plate.typ"
BATCH = 500
# A process that compiles keeps what it learned: after this many batches it makes room for a new one.
_BATCHES_PER_PROCESS = 1

Progress = Callable[[int], None]


def plates_pdf(plates: Sequence[PlateFacts], fonts: PrintFonts) -> bytes:
    """One PDF with one page for each plate, the same bytes on each run; for more than 500, see below."""
    inputs = {"plates": json.dumps([_page(lay_out(facts, fonts)) for facts in plates])}
    issued_on = max(facts.printed_on for facts in plates)
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_typst_fonts(fonts.directories),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs=inputs,
        timestamp=datetime.combine(issued_on, time(), UTC),
        pdf_tags=False,
    )


@cache
def _typst_fonts(directories: tuple[Path, ...]) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(directory) for directory in directories],
    )


def _page(layout: Layout) -> dict[str, Any]:
    quiet = QUIET_ZONE * layout.module
    return {
        "bars": [{"x": bar.x, "y": bar.y, "width": bar.width, "height": bar.height} for bar in layout.bars],
        "runs": [
            {
                "text": run.text,
                "family": run.font.family,
                "weight": run.font.weight,
                "x": run.x,
                "baseline": run.baseline,
                "size": run.size_pt,
                "white": run.is_white,
                "stroke": run.stroke_pt,
            }
            for run in layout.runs
        ],
        "qr": {
            "svg": svg_of(layout.qr),
            "x": layout.qr_x - quiet,
            "y": layout.qr_y - quiet,
            "size": layout.module * len(layout.qr) + 2 * quiet,
        },
    }


def write_plate_pdfs(
    plates: Sequence[PlateFacts],
    target: Path,
    *,
    rare_directory: Path = RARE_DIRECTORY,
    progress: Progress = lambda _done: None,
    batch: int = BATCH,
) -> list[Path]:
    """Write the plates to `target`; more than one batch makes numbered files `…-001.pdf` beside it.

    Each file appears complete or not at all. `progress` is told how many plates each finished file holds.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    jobs = list(_jobs(plates, target, batch))
    if len(jobs) == 1:
        _write_batch(jobs[0], rare_directory)
        progress(len(plates))
        return [target]
    # Not ProcessPoolExecutor: with max_tasks_per_child it hangs on Python 3.11.
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(os.cpu_count() or 1, 4), maxtasksperchild=_BATCHES_PER_PROCESS) as pool:
        for done in pool.imap_unordered(partial(_write_batch, rare_directory=rare_directory), jobs):
            progress(done)
    return [path for path, _ in jobs]


Job = tuple[Path, Sequence[PlateFacts]]


def _jobs(plates: Sequence[PlateFacts], target: Path, batch: int) -> Iterator[Job]:
    if len(plates) <= batch:
        yield target, plates
        return
    for number, start in enumerate(range(0, len(plates), batch), 1):
        path = target.with_name(f"{target.stem}-{number:03}{target.suffix}")
        yield path, plates[start : start + batch]


def _write_batch(job: Job, rare_directory: Path) -> int:
    path, plates = job
    partial_path = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial_path.write_bytes(plates_pdf(plates, print_fonts(rare_directory)))
    partial_path.replace(path)
    return len(plates)
