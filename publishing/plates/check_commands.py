"""The command that checks plates from photos of doors."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from sqlmodel import Session

from inspections.record.clock import today
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.surface.terminal import say_summary
from publishing.plates.checking import FAULT_WORDS, Photo, Verdict, door_of_folder, judge_photos
from publishing.plates.choosing import PlateError, known_code, unknown_code
from publishing.plates.contents import write_table
from publishing.plates.lists import PHOTO, read_doors
from publishing.plates.queries import existing_codes
from publishing.plates.reading import PhotoRead, photos_below, read_photo

_HEADERS = ("照片", "拍摄的门店", "读出的门店码", "第几次制发", "结论", "说明")
_WORTH_A_BAR = 20
_WIDTHS = (40, 14, 14, 10, 24, 90)


@click.command("check")
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...", type=click.Path(path_type=Path))
@click.option("--at", help="这些照片都拍自这个门店码的门口；没给时看照片所在文件夹的名字")
@click.option(
    "--list",
    "list_file",
    type=click.Path(path_type=Path),
    help="名单（CSV、XLSX）：照片、门店码，哪张拍自哪家",
)
@click.option("--out", type=click.Path(path_type=Path), help="把结果写进 .csv 或 .xlsx 文件")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def check(
    house: House,
    *,
    photos: tuple[Path, ...],
    at: str | None,
    list_file: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """从照片（或整个文件夹）读码，指出哪些公示牌旧了、作废了、仿制的、贴错了门。"""
    if out is not None and out.suffix not in {".csv", ".xlsx"}:
        raise PlateError(f"{out.name} 不是 .csv 或 .xlsx；请改 --out 的文件名。")
    paths = [path for given in photos for path in photos_below(given)]
    with read_only(house.engine) as session:
        doors = _doors_of(session, paths, at, list_file)
    read = [Photo(one, doors.get(one.path)) for one in _read(paths)]
    with read_only(house.engine) as session:
        verdicts = judge_photos(session, read, today())
    for line in _lines(verdicts):
        click.echo(line)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_table(out, _HEADERS, [_cells(verdict) for verdict in verdicts], _WIDTHS)
        click.echo(f"文件：{out}")
    _end(paths, verdicts, as_json=as_json)


def _read(paths: Sequence[Path]) -> list[PhotoRead]:
    if len(paths) < _WORTH_A_BAR:
        return [read_photo(path) for path in paths]
    with click.progressbar(paths, label="照片", file=sys.stderr) as bar:
        return [read_photo(path) for path in bar]


def _doors_of(
    session: Session, paths: Sequence[Path], at: str | None, list_file: Path | None
) -> dict[Path, str]:
    """At which door each photo was taken, as far as somebody says so."""
    if at is not None:
        return dict.fromkeys(paths, known_code(session, at))
    if list_file is not None:
        return _listed(session, paths, list_file)
    found = {path: code for path in paths if (code := door_of_folder(path)) is not None}
    there = set(existing_codes(session, sorted(set(found.values()))))
    for code in sorted(set(found.values()) - there):
        raise PlateError(f"照片的文件夹以门店码命名，但{unknown_code(session, code)}")
    return found


def _listed(session: Session, paths: Sequence[Path], list_file: Path) -> dict[Path, str]:
    listed = read_doors(list_file, (PHOTO,))
    if listed.faults:
        raise PlateError("；".join(listed.faults))
    doors = {Path(row.values["photo"]).name: known_code(session, row.code) for row in listed.doors}
    unlisted = [path.name for path in paths if path.name not in doors]
    if unlisted:
        raise PlateError(
            f"名单 {list_file.name} 里没有这些照片：{'、'.join(unlisted[:5])}"
            f"{'等' if len(unlisted) > 5 else ''}；请补上，或只给名单里的照片。"
        )
    return {path: doors[path.name] for path in paths}


def _lines(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        number = f" 第 {verdict.issue_no} 次制发" if verdict.issue_no is not None else ""
        what = f"{verdict.code}{number} " if verdict.code else ""
        yield f"{verdict.path}\t{what}{verdict.words}"
        for finding in verdict.findings:
            yield f"\t{finding.sentence}"


def _cells(verdict: Verdict) -> tuple[str, ...]:
    return (
        str(verdict.path),
        verdict.door,
        verdict.code,
        "" if verdict.issue_no is None else str(verdict.issue_no),
        verdict.words,
        "".join(finding.sentence for finding in verdict.findings),
    )


def _end(paths: Sequence[Path], verdicts: Sequence[Verdict], *, as_json: bool) -> None:
    found = Counter(finding.fault for verdict in verdicts for finding in verdict.findings)
    well = sum(not verdict.findings for verdict in verdicts)
    said = "".join(f"，{word} {found[fault]}" for fault, word in FAULT_WORDS.items() if found[fault])
    counts = {"photos": len(paths), "in_order": well, **{fault.value: found[fault] for fault in FAULT_WORDS}}
    say_summary(f"看了 {len(paths)} 张照片：正常 {well}{said}。", counts, as_json=as_json)
    if found:
        click.get_current_context().exit(1)
