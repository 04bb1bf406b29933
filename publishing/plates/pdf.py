"""Print-ready PDF of plates in any form: in batches, so that memory does not grow with their number."""

import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import cache, partial
from pathlib import Path
from typing import Any

import typst

from inspections.record.configuration import PACKAGE_ROOT
from inspections.surface.fonts import RARE_DIRECTORY, PrintFonts, print_fonts
from inspections.surface.qr import QUIET_ZONE, svg_of
from publishing.plates.forms import PER_FILE, TRIMMED, PrintForm, Spot
from publishing.plates.layout import Bar, Layout, Run, lay_out
from publishing.plates.lines import MM_PER_PT
from publishing.plates.plate import PlateFacts

TEMPLATE = PACKAGE_ROOT / "templates" / "plates" / "plate.typ"
# A process that compiles keeps what it learned: after this many batches it makes room for a new one, which
# takes two seconds to read the fonts.
_BATCHES_PER_PROCESS = 4

_SLUG_PT = 6.0
_SLUG_FROM_EDGE = 3.0
_CORNER = Spot(0, 0, "")

Progress = Callable[[int], None]


def plates_pdf(
    plates: Sequence[PlateFacts], fonts: PrintFonts, form: PrintForm = TRIMMED, slug: str = ""
) -> bytes:
    """One PDF, the same bytes on each run; for more than 500 plates, see below.

    `slug` stands outside the plates beside the number of the sheet, for whoever has the stack before him.
    """
    inputs = {
        "sheets": json.dumps(list(_sheets(plates, fonts, form, slug))),
        "width": str(form.width),
        "height": str(form.height),
    }
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


def _sheets(
    plates: Sequence[PlateFacts], fonts: PrintFonts, form: PrintForm, slug: str
) -> Iterator[dict[str, Any]]:
    """What each sheet shows, all places and sizes worked out."""
    sheets = range(0, len(plates), form.per_sheet)
    for number, start in enumerate(sheets, 1):
        sheet: dict[str, Any] = {"bars": [_bar(bar) for bar in form.crop_marks], "runs": [], "qrs": []}
        for facts, spot in zip(plates[start : start + form.per_sheet], form.spots, strict=False):
            _put(sheet, lay_out(facts, fonts), spot, form.scale)
        if form.is_cut:
            words = f"{slug}　第 {number} 张，共 {len(sheets)} 张　成品 {form.size_words}"
            sheet["runs"] += [_run(run) for run in _slug(words.strip(), fonts, form)]
        yield sheet


def _slug(words: str, fonts: PrintFonts, form: PrintForm) -> Iterator[Run]:
    """A line in small type at the paper's lower edge, where it is cut off."""
    em = _SLUG_PT * MM_PER_PT
    x = (form.width - fonts.regular.width(words) * em) / 2
    for font, stretch in fonts.regular.runs(words):
        yield Run(stretch, font, x, form.height - _SLUG_FROM_EDGE, _SLUG_PT)
        x += font.width(stretch) * em


def _put(sheet: dict[str, Any], layout: Layout, spot: Spot, scale: float) -> None:
    sheet["bars"] += [_bar(bar, spot, scale) for bar in layout.bars]
    sheet["runs"] += [_run(run, spot, scale) for run in layout.runs]
    quiet = QUIET_ZONE * layout.module
    sheet["qrs"].append(
        {
            "svg": svg_of(layout.qr),
            "x": spot.x + (layout.qr_x - quiet) * scale,
            "y": spot.y + (layout.qr_y - quiet) * scale,
            "size": (layout.module * len(layout.qr) + 2 * quiet) * scale,
        }
    )


def _bar(bar: Bar, spot: Spot = _CORNER, scale: float = 1) -> dict[str, float]:
    return {
        "x": spot.x + bar.x * scale,
        "y": spot.y + bar.y * scale,
        "width": bar.width * scale,
        "height": bar.height * scale,
    }


def _run(run: Run, spot: Spot = _CORNER, scale: float = 1) -> dict[str, Any]:
    return {
        "text": run.text,
        "family": run.font.family,
        "weight": run.font.weight,
        "x": spot.x + run.x * scale,
        "baseline": spot.y + run.baseline * scale,
        "size": run.size_pt * scale,
        "white": run.is_white,
        "stroke": run.stroke_pt * scale,
    }


@dataclass(frozen=True)
class PlatePrint:
    """One print: in which form, how many plates to a file, and what its sheets say at the edge."""

    form: PrintForm = TRIMMED
    per_file: int = PER_FILE
    slug: str = ""

    def of_file(self, number: int, files: int) -> "PlatePrint":
        """The same, its sheets naming the file where there are several."""
        return self if files == 1 else replace(self, slug=f"{self.slug}　文件 {number:03}")


_PLAIN = PlatePrint()


def files_of(target: Path, plates: int, per_file: int = PER_FILE) -> list[Path]:
    """The files of a print: the target, or numbered ones `…-001.pdf` beside it where one cannot hold it."""
    count = -(-plates // per_file)
    if count == 1:
        return [target]
    return [target.with_name(f"{target.stem}-{number:03}{target.suffix}") for number in range(1, count + 1)]


def write_plate_pdfs(
    plates: Sequence[PlateFacts],
    target: Path,
    *,
    rare_directory: Path = RARE_DIRECTORY,
    progress: Progress = lambda _done: None,
    printed: PlatePrint = _PLAIN,
) -> list[Path]:
    """Write the plates to `target`; more than one file's worth makes numbered files `…-001.pdf` beside it.

    Each file appears complete or not at all. `progress` is told how many plates each finished file holds.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    files = files_of(target, len(plates), printed.per_file)
    starts = range(0, len(plates), printed.per_file)
    jobs = [
        (path, plates[start : start + printed.per_file], printed.of_file(number, len(files)))
        for number, (path, start) in enumerate(zip(files, starts, strict=True), 1)
    ]
    if len(jobs) == 1:
        _write_batch(jobs[0], rare_directory)
        progress(len(plates))
        return files
    # Not ProcessPoolExecutor: with max_tasks_per_child it hangs on Python 3.11.
    context = multiprocessing.get_context("spawn")
    with context.Pool(min(os.cpu_count() or 1, 4), maxtasksperchild=_BATCHES_PER_PROCESS) as pool:
        for done in pool.imap_unordered(partial(_write_batch, rare_directory=rare_directory), jobs):
            progress(done)
    return files


Job = tuple[Path, Sequence[PlateFacts], PlatePrint]


def _write_batch(job: Job, rare_directory: Path) -> int:
    path, plates, printed = job
    partial_path = path.with_name(f".{path.name}.{os.getpid()}.part")
    partial_path.write_bytes(plates_pdf(plates, print_fonts(rare_directory), printed.form, printed.slug))
    partial_path.replace(path)
    return len(plates)
