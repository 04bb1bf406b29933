"""Commands of a plate's life: where plates stand, handing them over, withdrawing them."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click
from sqlmodel import Session

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY as CIVIL_DAY
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.surface.terminal import say_summary
from publishing.plates.choosing import PlateError, known_code
from publishing.plates.contents import write_table
from publishing.plates.history import PlateLife, batch_codes, lives_of_door
from publishing.plates.life import Handing, withdraw_plate
from publishing.plates.life import hand_over as record_hand_over
from publishing.plates.lists import DAY, PERSON, read_doors
from publishing.plates.queries import doors_by_code
from publishing.plates.standing import STATE_WORDS, PlateLine, plate_lines
from publishing.plates.tables import PlateEventKind

_STATES = [state for state in STATE_WORDS if state != PlateEventKind.REPLACED]
LINE_HEADERS = (
    "门店码",
    "单位",
    "街镇",
    "地址",
    "第几次制发",
    "制发日期",
    "状态",
    "自",
    "领取人",
    "说明",
    "公开网址",
)
_WIDTHS = (12, 28, 12, 44, 10, 12, 14, 12, 12, 28, 36)


@click.command("list")
@click.option("--street", help="只列这个街道（镇）的")
@click.option(
    "--state", type=click.Choice(_STATES), help="；".join(f"{one} {STATE_WORDS[one]}" for one in _STATES)
)
@click.option("--code", help="这一个门店码的每一块公示牌和它的经过")
@click.option("--out", type=click.Path(path_type=Path), help="写进 .csv 或 .xlsx 文件")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def list_(
    house: House, *, street: str | None, state: str | None, code: str | None, out: Path | None, as_json: bool
) -> None:
    """列出各门店现在的公示牌：印了、交了、看见了、作废了。"""
    if out is not None and out.suffix not in {".csv", ".xlsx"}:
        raise PlateError(f"{out.name} 不是 .csv 或 .xlsx；请改 --out 的文件名。")
    with read_only(house.engine) as session:
        if code is not None:
            _say_lives(session, known_code(session, code))
        lines = plate_lines(session, today(), street=street, state=state, code=_printed(session, code))
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_table(out, LINE_HEADERS, [line_cells(line) for line in lines], _WIDTHS)
        click.echo(f"文件：{out}")
    elif code is None:
        for line in lines:
            click.echo("\t".join(line_cells(line)[:8]))
    counts = {one: sum(line.state == one for line in lines) for one in _STATES}
    said = "，".join(f"{STATE_WORDS[one]} {count}" for one, count in counts.items() if count)
    say_summary(f"{len(lines)} 处门店有公示牌{'：' if said else ''}{said}。", counts, as_json=as_json)


def line_cells(line: PlateLine) -> tuple[str, ...]:
    """A door's plate as the cells of a table."""
    return (
        line.code,
        line.name,
        line.street,
        line.address,
        str(line.issue_no),
        line.printed_on.isoformat(),
        line.state_word,
        line.state_on.isoformat(),
        line.person,
        line.note,
        line.public_url,
    )


def _printed(session: Session, code: str | None) -> str | None:
    return None if code is None else known_code(session, code)


def _say_lives(session: Session, code: str) -> None:
    for life in lives_of_door(session, doors_by_code(session, [code])[code]):
        click.echo(
            f"{code} 第 {life.issue_no} 次制发，{life.printed_on}，{life.public_url}：{life.state_word}"
        )
        _say_life(life)


def _say_life(life: PlateLife) -> None:
    for line in life.happened:
        said = "，".join(part for part in (line.person, line.note) if part)
        by = f"（{line.recorded_by}）" if line.recorded_by else ""
        waits = "，待复核" if line.is_proposed else ""
        click.echo(f"\t{line.on}\t{line.word}{waits}\t{said}{by}")


@click.command("hand-over")
@click.argument("codes", nargs=-1, metavar="[CODE]...")
@click.option("--to", "person", help="领取人；名单里写了的不用给")
@click.option("--on", "day", type=CIVIL_DAY, help="交付的日期（默认今天）；名单里写了的不用给")
@click.option("--batch", type=int, help="这一批印件里现在有效的全部")
@click.option(
    "--list", "list_file", type=click.Path(path_type=Path), help="名单（CSV、XLSX）：门店码、领取人、日期"
)
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def hand_over(
    house: House,
    *,
    codes: tuple[str, ...],
    person: str | None,
    day: date | None,
    batch: int | None,
    list_file: Path | None,
    as_json: bool,
    deciding: Deciding,
) -> None:
    """记下公示牌交给了谁、哪一天。"""
    on = day or today()
    handings = [Handing(code, person or "", on) for code in codes]
    faults: Sequence[str] = ()
    if list_file is not None:
        listed, faults = _listed(list_file, person, on)
        handings += listed
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        if batch is not None:
            handings += [Handing(code, person or "", on) for code in batch_codes(session, batch)]
        if not handings and not faults:
            raise PlateError("没有说是哪些门店的；请写门店码，或给 --batch、--list。")
        done = record_hand_over(session, handings, actor=actor.name, now=utc_now())
    for line in (*faults, *done.refused):
        click.echo(line, err=True)
    refused = len(faults) + len(done.refused)
    say_summary(
        f"记下交付 {done.plates} 块；{refused} 块没有记。",
        {"plates": done.plates, "refused": refused},
        as_json=as_json,
    )
    if refused:
        click.get_current_context().exit(1)


def _listed(path: Path, person: str | None, on: date) -> tuple[list[Handing], Sequence[str]]:
    read = read_doors(path, (PERSON, DAY))
    handings = [
        Handing(
            row.code,
            row.values.get("person") or person or "",
            row.values.get("day") or on,
            f"{read.name} 第 {row.number} 行：",
        )
        for row in read.doors
    ]
    return handings, read.faults


@click.command("withdraw")
@click.argument("code")
@click.option("--reason", required=True, help="为什么作废：遗失、停业收回、印错等")
@click.option("--issue", type=int, help="第几次制发的；没给则是现在有效的那一块")
@click.option("--on", "day", type=CIVIL_DAY, help="作废的日期（默认今天）")
@asks_who_decides
@click.pass_obj
def withdraw(
    house: House, *, code: str, reason: str, issue: int | None, day: date | None, deciding: Deciding
) -> None:
    """作废一块公示牌；门店页照常打开，并写明这块牌已作废。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        done = withdraw_plate(
            session,
            code,
            reason=reason,
            on=day or today(),
            actor=actor.name,
            now=utc_now(),
            issue_no=issue,
        )
    click.echo(f"{done.code} 第 {done.issue_no} 次制发的公示牌已作废；下一次 publish 后门店页写明。")
