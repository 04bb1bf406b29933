"""Commands of the register: import, template, what waits for a person, search keys."""

from dataclasses import asdict
from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import civil_day, today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.surface.sheets.template import write_template
from inspections.surface.terminal import say_summary
from inspections.units.codes import parse_code
from inspections.units.queries import KnownUnit, find_unit
from inspections.units.register_columns import GUIDANCE, unit_columns
from inspections.units.register_file import UnitRow
from inspections.units.search_keys import fill_search_keys
from inspections.units.service import (
    KIND_WORDS,
    RegisterError,
    confirm_proposal,
    correct_search_keys,
    open_proposals,
    reject_proposal,
)
from inspections.units.service import (
    import_units as import_register,
)


@click.command("units")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="最后一行用 JSON")
@asks_who_decides
@click.pass_obj
def import_units(house: House, file: Path, *, as_json: bool, deciding: Deciding) -> None:
    """导入名册（CSV 或 XLSX）：好的行导入，有问题的行写进报告。"""
    now = utc_now()
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        done = import_register(
            session,
            file,
            on=civil_day(now),
            now=now,
            actor=actor.name,
            reports=house.configuration.reports_directory,
        )
    with transaction(house.engine) as session:
        fill_search_keys(session)
    sentence = (
        f"读了 {done.read} 行：新单位 {done.new}，有变化 {done.changed}，没有变化 {done.unchanged}，"
        f"待确认 {done.proposals}，有问题未导入 {done.bad}；名册里有而文件里没有 {done.absent}。"
    )
    if done.rejected:
        sentence += f"以前驳回过的变动 {done.rejected} 行没有导入。"
    if done.report is not None:
        sentence += f"详情和改法见 {done.report}。"
    if done.proposals:
        sentence += "待确认的变动请用 units proposals 查看。"
    say_summary(sentence, asdict(done), as_json=as_json, first=done.first_faults)


@click.command("units")
@click.option("--out", type=click.Path(path_type=Path), default=Path("units.xlsx"), show_default=True)
@click.pass_obj
def template_units(house: House, *, out: Path) -> None:
    """写出名册的空白表（XLSX），带允许的值和说明。"""
    del house
    columns = unit_columns(today())
    write_template(out, columns, title="餐饮服务单位", guidance=GUIDANCE)
    click.echo(f"已写出 {out}：{len(columns)} 列，深色表头必填。")


@click.group("units")
def units() -> None:
    """名册：待确认的变动、检索用的拼音。"""


@units.command("proposals")
@click.pass_obj
def proposals(house: House) -> None:
    """列出等人确认的变动：换了经营者、迁址。"""
    with read_only(house.engine) as session:
        found = open_proposals(session)
        for proposal, unit, row in found:
            click.echo(f"{proposal.id}\t{KIND_WORDS[proposal.kind]}\t{proposal.proposed_on} 提出")
            door = f"{unit.address}{unit.door_label}"
            click.echo(f"\t原登记：{unit.code} {_told(unit.licence_name, door, unit)}")
            click.echo(f"\t文件里：{_told(row.licence_name, f'{row.address}{row.door_label}', row)}")
    click.echo(_HOW_TO_DECIDE if found else "没有待确认的变动。")


_HOW_TO_DECIDE = (
    "确认用 units confirm 编号，驳回用 units reject 编号。"
    "只是地址写法更正的，驳回后在文件里填上门店码再导入；其实是同一地址另一个档口的，驳回后在文件里填上摊位号再导入。"
)


def _told(name: str, door: str, numbers: KnownUnit | UnitRow) -> str:
    known = (numbers.licence_number, numbers.credit_code)
    return f"{name}（{'，'.join(number for number in known if number)}）{door}"


@units.command("confirm")
@click.argument("proposal", type=int)
@asks_who_decides
@click.pass_obj
def confirm(house: House, *, proposal: int, deciding: Deciding) -> None:
    """确认一项变动：新的经营者从头开始，迁址得到新门店码。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        confirm_proposal(session, proposal, actor=actor.name, now=utc_now())
        fill_search_keys(session)
    click.echo(f"变动 {proposal} 已确认；下一次 publish 生效。")


@units.command("reject")
@click.argument("proposal", type=int)
@asks_who_decides
@click.pass_obj
def reject(house: House, *, proposal: int, deciding: Deciding) -> None:
    """驳回一项变动：名册不变，同样的行不再提出。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        reject_proposal(session, proposal, actor=actor.name, now=utc_now())
    click.echo(f"变动 {proposal} 已驳回。")


@units.command("key")
@click.argument("code")
@click.option("--pinyin", required=True, help="全拼，不带声调和空格")
@click.option("--initials", required=True, help="拼音首字母")
@asks_who_decides
@click.pass_obj
def key(house: House, code: str, *, pinyin: str, initials: str, deciding: Deciding) -> None:
    """改正一个单位检索用的拼音（多音字等）。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        found = find_unit(session, code=parse_code(code) or code, on=today())
        if not found:
            raise RegisterError(f"门店码 {code} 现在没有在营的单位；请对照公示牌核对。")
        correct_search_keys(
            session, found[0].unit_id, pinyin=pinyin, initials=initials, actor=actor.name, now=utc_now()
        )
    click.echo("已改正；下一次 publish 生效。")
