"""The command that prints plates."""

from collections.abc import Sequence
from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.surface.fonts import print_fonts
from inspections.surface.qr import qr_svg
from inspections.surface.terminal import say_summary
from publishing.plates.pdf import BATCH, write_plate_pdfs
from publishing.plates.picture import draw_plate_png
from publishing.plates.plate import PlateFacts
from publishing.plates.qr import qr_png
from publishing.plates.service import IssuedPlates, PlateError, Selection, issue_plates

_ONE_PLATE = {".png", ".svg"}


@click.command("plates")
@click.option("--street", help="只制这个街道（镇）的公示牌")
@click.option("--code", help="只制这一个门店码的公示牌")
@click.option("--outdated", is_flag=True, help="只制现有公示牌印着旧网址的门店")
@click.option("--anew", is_flag=True, help="遗失或损坏：内容没变也制发下一号")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="目录（默认：数据目录的 plates/）或 .pdf 文件；单个门店也可以是 .png，或二维码的 .svg、-qr.png",
)
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def plates(
    house: House,
    *,
    street: str | None,
    code: str | None,
    outdated: bool,
    anew: bool,
    out: Path | None,
    as_json: bool,
    deciding: Deciding,
) -> None:
    """制作公示牌（二维码、门店码、招牌和地址），并记下制发的号和日期。"""
    target = out if out is not None else house.configuration.data / "plates"
    if target.suffix in _ONE_PLATE and code is None:
        raise PlateError(f"{target.name} 只放得下一块公示牌；请加 --code，或把 --out 改成目录或 .pdf 文件。")
    fonts = print_fonts()
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        issued = issue_plates(
            session,
            Selection(street=street, code=code, only_outdated=outdated),
            fonts=fonts,
            configured_address=house.configuration.public_url,
            on=today(),
            actor=actor.name,
            now=utc_now(),
            anew=anew,
        )
    # Drawn after the record is kept: a run that is stopped here gives the same plates when run again.
    files = _write(issued.plates, target, street=street, is_one=code is not None)
    for line in issued.refused:
        click.echo(line, err=True)
    _say(issued, files, as_json=as_json)
    if issued.refused:
        click.get_current_context().exit(1)


def _write(plates: Sequence[PlateFacts], target: Path, *, street: str | None, is_one: bool) -> list[Path]:
    if not plates:
        return []
    if target.suffix in {".pdf", *_ONE_PLATE}:
        return _write_file(plates, target)
    if is_one:
        name = plates[0].code
        wanted = (f"{name}.pdf", f"{name}.png", f"{name}-qr.svg", f"{name}-qr.png")
        return [path for file in wanted for path in _write_file(plates, target / file)]
    return _write_file(plates, target / f"{street or 'plates'}-{today()}.pdf")


def _write_file(plates: Sequence[PlateFacts], path: Path) -> list[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".pdf":
        return _write_pdf(plates, path)
    facts = plates[0]
    if path.suffix == ".svg":
        path.write_text(qr_svg(facts.url), encoding="utf-8")
    elif path.stem.endswith("-qr"):
        path.write_bytes(qr_png(facts.url))
    else:
        path.write_bytes(draw_plate_png(facts, print_fonts()))
    return [path]


def _write_pdf(plates: Sequence[PlateFacts], path: Path) -> list[Path]:
    if len(plates) <= BATCH:
        return write_plate_pdfs(plates, path)
    with click.progressbar(length=len(plates), label="公示牌") as bar:
        return write_plate_pdfs(plates, path, progress=bar.update)


def _say(issued: IssuedPlates, files: Sequence[Path], *, as_json: bool) -> None:
    sentence = (
        f"公示牌 {len(issued.plates)} 块（新制发 {issued.new}，重印 {len(issued.plates) - issued.new}）；"
        f"{issued.vacant} 处没有在营单位，不制牌；{len(issued.refused)} 块没有制成。"
    )
    counts = {
        "plates": len(issued.plates),
        "new": issued.new,
        "vacant": issued.vacant,
        "refused": len(issued.refused),
        "files": [str(path) for path in files],
    }
    if files and not as_json:
        click.echo("文件：" + "、".join(str(path) for path in files))
    say_summary(sentence, counts, as_json=as_json)
