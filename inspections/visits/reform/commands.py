"""The command that shows a reform before it happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import click

from grading.holdings import PURPOSES
from inspections.record.audit import PROGRAM
from inspections.record.clock import utc_now
from inspections.record.commands import DAY
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.rulebooks.commands import say_unfit
from inspections.rulebooks.drafts import draft_at
from inspections.rulebooks.service import load_seeds
from inspections.surface.terminal import say_summary
from inspections.visits.reform.preview import Progress, preview
from inspections.visits.reform.report import preview_lines, summary, write_workbook
from inspections.visits.reform.span import KINDS


@dataclass(frozen=True)
class PreviewCounts:
    """The summary line as data."""

    units: int
    result: int
    grade: int
    frequency: int
    listing: int


@click.command("preview")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--on", type=DAY, required=True, help="从哪一天起改用")
@click.option(
    "--for",
    "purposes",
    type=click.Choice(list(PURPOSES)),
    multiple=True,
    help="只替换这一用途，可多次；默认：同代号的替换自己，叠加的替换底层的用途，其余替换它能做的",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None, help="另写一份 XLSX")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def preview_reform(
    house: House, *, path: Path, on: date, purposes: tuple[str, ...], out: Path | None, as_json: bool
) -> None:
    """若从某一天起改用 PATH 里的规则：哪些单位的结果、等级、次数、红黑榜建议会变；什么也不保存。"""
    draft = draft_at(path)
    with transaction(house.engine) as session:
        say_unfit(load_seeds(session, actor=PROGRAM, now=utc_now()))
    with _progress() as progress:
        found = preview(house.engine, text=draft.text, on=on, purposes=purposes, progress=progress)
    if out is not None:
        write_workbook(out, found)
    *lines, _ = preview_lines(found)
    for line in lines:
        click.echo(line)
    counts = PreviewCounts(found.units, *map(found.total, KINDS))
    said = summary(found) + (f"表格写在 {out}。" if out is not None else "")
    say_summary(said, asdict(counts), as_json=as_json)


@contextmanager
def _progress() -> Iterator[Progress]:
    with click.progressbar(length=1000, label="试算") as bar:

        def advance(done: int, total: int) -> None:
            bar.update(done * 1000 // max(total, 1) - bar.pos)

        yield advance
