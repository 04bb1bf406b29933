"""The commands of plates: printing them in any form, and what hangs on the same name."""

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
from publishing.plates.check_commands import check
from publishing.plates.choosing import PlateError, Selection
from publishing.plates.forms import FORMS, PER_FILE, PrintForm
from publishing.plates.life_commands import hand_over, list_, withdraw
from publishing.plates.lists import DoorList, ListedDoor, read_doors
from publishing.plates.picture import draw_plate_png
from publishing.plates.plate import PlateFacts
from publishing.plates.printing import batch_file, batch_folder, write_print
from publishing.plates.qr import qr_png
from publishing.plates.service import IssuedPlates, issue_plates

_ONE_PLATE = {".png", ".svg"}
_FORM = click.Choice(list(FORMS))
_FORM_HELP = "版式（默认 a5）：" + "；".join(f"{form.key} {form.label}" for form in FORMS.values())
_OUT_HELP = "目录（默认：数据目录的 plates/）或 .pdf 文件；单个门店也可以是 .png，或二维码的 .svg、-qr.png"


class _PrintsByDefault(click.Group):
    """A group whose name with options alone still prints, as it did before there were other commands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take arguments that name no command as those of `print`."""
        if args and args[0].startswith("--") and args[0] not in ctx.help_option_names:
            args = ["print", *args]
        return super().parse_args(ctx, args)


@click.group("plates", cls=_PrintsByDefault)
def plates() -> None:
    """公示牌：印制、交付、查看、作废、换新、查验照片。"""


for _part in (list_, hand_over, withdraw, check):
    plates.add_command(_part)


@plates.command("print")
@click.option("--street", help="只制这个街道（镇）的公示牌")
@click.option("--type", "unit_type", help="只制这种业态的公示牌，例如 餐馆、小型餐馆、学校食堂")
@click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path),
    help="只制名单里的：门店码一列（CSV、XLSX）或一行一个",
)
@click.option("--code", help="只制这一个门店码的公示牌")
@click.option("--outdated", is_flag=True, help="只制现有公示牌印着旧网址的门店")
@click.option("--anew", is_flag=True, help="遗失或损坏：内容没变也制发下一号")
@click.option("--form", "form_key", type=_FORM, default="a5", help=_FORM_HELP)
@click.option("--out", type=click.Path(path_type=Path), help=_OUT_HELP)
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def print_(
    house: House,
    *,
    street: str | None,
    unit_type: str | None,
    list_file: Path | None,
    code: str | None,
    outdated: bool,
    anew: bool,
    form_key: str,
    out: Path | None,
    as_json: bool,
    deciding: Deciding,
) -> None:
    """制作公示牌（二维码、门店码、招牌和地址），记下制发的号和日期，并写出随印件的清单。"""
    selection = Selection(
        street=street,
        code=code,
        only_outdated=outdated,
        unit_type=unit_type,
        listed=read_doors(list_file) if list_file is not None else None,
    )
    _require_room(out, code)
    issued = _issue(house, deciding, selection, FORMS[form_key], anew=anew)
    # Drawn after the record is kept: a run that is stopped here gives the same plates when run again.
    files = _write(house, issued, out, FORMS[form_key], is_one=code is not None)
    _end(issued, files, as_json=as_json)


@plates.command("replace")
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option("--reason", required=True, help="为什么换：遗失、损坏、被遮盖等")
@click.option("--form", "form_key", type=_FORM, default="a5", help=_FORM_HELP)
@click.option("--out", type=click.Path(path_type=Path), help="目录（默认：数据目录的 plates/）或 .pdf 文件")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def replace(
    house: House,
    *,
    codes: tuple[str, ...],
    reason: str,
    form_key: str,
    out: Path | None,
    as_json: bool,
    deciding: Deciding,
) -> None:
    """给这些门店制发下一号公示牌，旧的记为已换新。"""
    if not reason.strip():
        raise PlateError("换新要写明原因，例如：遗失、损坏。")
    _require_room(out, None)
    listed = DoorList("命令行", tuple(ListedDoor(n, code, {}) for n, code in enumerate(codes, 1)), ())
    issued = _issue(house, deciding, Selection(listed=listed), FORMS[form_key], anew=True, reason=reason)
    _end(issued, _write(house, issued, out, FORMS[form_key], is_one=False), as_json=as_json)


def _require_room(out: Path | None, code: str | None) -> None:
    if out is not None and out.suffix in _ONE_PLATE and code is None:
        raise PlateError(f"{out.name} 只放得下一块公示牌；请加 --code，或把 --out 改成目录或 .pdf 文件。")


def _issue(
    house: House,
    deciding: Deciding,
    selection: Selection,
    form: PrintForm,
    *,
    anew: bool,
    reason: str = "",
) -> IssuedPlates:
    fonts = print_fonts()
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        return issue_plates(
            session,
            selection,
            fonts=fonts,
            configured_address=house.configuration.public_url,
            on=today(),
            actor=actor.name,
            now=utc_now(),
            anew=anew,
            reason=reason.strip(),
            form=form,
        )


def _write(
    house: House, issued: IssuedPlates, out: Path | None, form: PrintForm, *, is_one: bool
) -> list[Path]:
    if issued.batch_id is None:
        return []
    if is_one:
        return _write_one(issued.plates[0], out or house.configuration.data / "plates", form, issued.batch_id)
    folder = batch_folder(house.configuration, issued.batch_id) if out is None else out
    target = folder if folder.suffix == ".pdf" else folder / batch_file(issued.batch_id)
    return _write_print(issued, target, form, issued.batch_id)


def _write_print(issued: IssuedPlates, target: Path, form: PrintForm, batch_id: int) -> list[Path]:
    if len(issued.plates) <= PER_FILE:
        return write_print(issued.plates, target, form=form, batch_id=batch_id)
    with click.progressbar(length=len(issued.plates), label="公示牌") as bar:
        return write_print(issued.plates, target, form=form, batch_id=batch_id, progress=bar.update)


def _write_one(facts: PlateFacts, target: Path, form: PrintForm, batch_id: int) -> list[Path]:
    """One plate: the file that was named, or in a folder plate and QR code in every form."""
    if target.suffix not in {".pdf", *_ONE_PLATE}:
        wanted = (f"{facts.code}.pdf", f"{facts.code}.png", f"{facts.code}-qr.svg", f"{facts.code}-qr.png")
        return [path for file in wanted for path in _write_one(facts, target / file, form, batch_id)]
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".pdf":
        return write_print([facts], target, form=form, batch_id=batch_id)[:1]
    if target.suffix == ".svg":
        target.write_text(qr_svg(facts.url), encoding="utf-8")
    elif target.stem.endswith("-qr"):
        target.write_bytes(qr_png(facts.url))
    else:
        target.write_bytes(draw_plate_png(facts, print_fonts()))
    return [target]


def _end(issued: IssuedPlates, files: Sequence[Path], *, as_json: bool) -> None:
    for line in issued.refused:
        click.echo(line, err=True)
    sentence = (
        f"公示牌 {len(issued.plates)} 块（新制发 {issued.new}，重印 {len(issued.plates) - issued.new}）；"
        f"{issued.vacant} 处没有在营单位，不制牌；{len(issued.refused)} 块没有制成。"
    )
    counts = {
        "plates": len(issued.plates),
        "new": issued.new,
        "vacant": issued.vacant,
        "refused": len(issued.refused),
        "batch": issued.batch_id,
        "files": [str(path) for path in files],
    }
    if files and not as_json:
        click.echo("文件：" + "、".join(str(path) for path in files))
    say_summary(sentence, counts, as_json=as_json)
    if issued.refused:
        click.get_current_context().exit(1)
