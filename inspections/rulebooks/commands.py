"""Commands of rulebooks: check a draft, list what a bureau must decide, enter a decided value."""

from datetime import date
from pathlib import Path

import click

from grading.check import CheckReport
from grading.missing import missing
from grading.wording import UNITS
from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.service import AccountError, SignedAccount
from inspections.people.tables import Role
from inspections.record.audit import PROGRAM
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_document
from inspections.record.house import House
from inspections.rulebooks.checking import check_path
from inspections.rulebooks.queries import RulesError, newest_rulebook
from inspections.rulebooks.service import SeedsLoaded, contradictions, enter_cell, load_seeds


@click.group("rulebook")
def rulebook() -> None:
    """规则：检查草稿，列出待定的值，录入本局确定的值。"""


@rulebook.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--on", type=DAY, default=None, help="按哪一天看有没有过期未核的值，默认今天")
def check(path: Path, on: date | None) -> None:
    """逐行检查规则、检查表或适用名录（一个文件、一个文件夹，或放着几部规则的文件夹），说明错在哪里、怎么改。"""
    found = check_path(path, on or today())
    for one in found:
        if len(found) > 1 and (one.report.faults or one.report.warnings):
            click.echo(f"{one.kind} {one.report.scheme or one.name}：")
        _say(one.report)
    faults = sum(len(one.report.faults) for one in found)
    if faults:
        raise RulesError(f"共 {faults} 处错误；改好后再检查一次。")
    for one in found:
        counter = f"，列明的反例 {len(one.report.listed)} 个" if one.report.listed else ""
        hints = f"提示 {len(one.report.warnings)} 条{counter}"
        click.echo(f"{one.kind} {one.report.scheme or one.name}：没有错误，{hints}。")


def _say(report: CheckReport) -> None:
    for fault in report.faults:
        click.echo(f"错误：{fault}")
    if report.left:
        click.echo(f"还没有看：{report.left}；改好上面的错误再检查一次。")
    for warning in report.warnings:
        click.echo(f"提示：{warning}")
    for case in report.listed:
        click.echo(
            f"列明的反例（{case.procedure}）：较好的检查给出 {case.better_gives}，"
            f"较差的给出 {case.worse_gives}。{case.why}"
        )


@rulebook.command("missing")
@click.argument("scheme")
@click.option("--on", type=DAY, default=None, help="看哪一天，默认今天")
@click.pass_obj
def missing_(house: House, scheme: str, on: date | None) -> None:
    """列出一部规则里还没有确定的值：名称、单位、应写成什么形式。"""
    with transaction(house.engine) as session:
        say_unfit(load_seeds(session, actor=PROGRAM, now=utc_now()))
        stored = newest_rulebook(session, scheme)
    cells = missing(stored.rulebook, on or today())
    for cell in cells:
        needed = "、".join(cell.needed_by)
        unit = f"，单位 {UNITS[cell.unit]}" if cell.unit in UNITS else ""
        click.echo(f"{cell.path}\t{cell.label}{unit}\t{cell.shape}\t用于：{needed}")
    title = stored.rulebook.title_zh
    if cells:
        click.echo(
            f"{title}：还有 {len(cells)} 个值待定；"
            f"用 rulebook enter {scheme} 名称 值 --from 日期 --document 文件 录入。"
        )
    else:
        click.echo(f"{title}：没有待定的值。")


@rulebook.command("enter")
@click.argument("scheme")
@click.argument("cell")
@click.argument("value")
@click.option("--from", "from_day", type=DAY, required=True, help="从哪一天起")
@click.option("--document", type=click.Path(path_type=Path), required=True, help="作出决定的文件")
@asks_who_decides
@click.pass_obj
def enter(
    house: House, *, scheme: str, cell: str, value: str, from_day: date, document: Path, deciding: Deciding
) -> None:
    """录入本局确定的值（依据记为“本局确定”），连同文件存档；以后的评定按它计算。"""
    now = utc_now()
    with transaction(house.engine) as session:
        account = decider(deciding.sign(session))
        say_unfit(load_seeds(session, actor=PROGRAM, now=now))
        kept = keep_document(house.configuration.evidence_directory, document)
        version_id = enter_cell(
            session,
            scheme=scheme,
            cell=cell,
            value=value,
            from_day=from_day,
            document=kept,
            actor=account.name,
            now=now,
        )
    with read_only(house.engine) as session:
        odd = contradictions(session, version_id, max(from_day, today()))
    for case in odd:
        click.echo(f"提示：检查更差而结论更好：{case}。请核对录入的值；若本就如此规定，不必改。")
    click.echo(f"已录入 {scheme} 的 {cell}，自 {from_day} 起；文件 {kept.name}（{kept.sha256[:12]}）已存档。")


def say_unfit(loaded: SeedsLoaded) -> None:
    """Tell of entered values that a shipped rulebook no longer has a place for."""
    for sentence in loaded.unfit:
        click.echo(f"提示：{sentence}")


def decider(account: SignedAccount) -> SignedAccount:
    """The account that signed, if it may decide about rules and grades."""
    if Role.APPROVER not in account.roles:
        raise AccountError(f"“{account.name}”没有审批角色，不能作此决定；请换有此角色的账号。")
    return account
