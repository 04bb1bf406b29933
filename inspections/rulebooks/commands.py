"""Commands of rulebooks: check a draft, list what a bureau must decide, enter a decided value."""

from datetime import date
from pathlib import Path

import click

from grading.bundles import base_of, bundle
from grading.check import CheckReport, check_rulebook
from grading.missing import missing
from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.service import AccountError, SignedAccount
from inspections.people.tables import Role
from inspections.record.audit import PROGRAM
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY
from inspections.record.database import transaction
from inspections.record.evidence import keep_document
from inspections.record.house import House
from inspections.rulebooks.queries import RulesError, newest_rulebook, parsed_checklist
from inspections.rulebooks.service import (
    SEEDS,
    checklist_texts,
    enter_cell,
    load_seeds,
    read_folder,
    read_text,
)


@click.group("rulebook")
def rulebook() -> None:
    """规则：检查草稿，列出待定的值，录入本局确定的值。"""


@rulebook.command("check")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--on", type=DAY, default=None, help="按哪一天看有没有过期未核的值，默认今天")
def check(path: Path, on: date | None) -> None:
    """逐行检查一部规则（一个文件夹或一个文件），说明错在哪里、怎么改。"""
    files = _files(path)
    base_name = base_of(files)
    base = None
    if base_name is not None:
        folder = path.resolve().parent / base_name
        base = bundle(read_folder(folder if folder.is_dir() else SEEDS / "rulebooks" / base_name))
    checklists = [parsed_checklist(text) for text in checklist_texts(SEEDS).values()]
    report = check_rulebook(files, on=on or today(), base=base, checklists=checklists)
    _say(report)
    if not report.sound:
        raise RulesError(f"共 {len(report.faults)} 处错误；改好后再检查一次。")
    counter = f"，列明的反例 {len(report.listed)} 个" if report.listed else ""
    click.echo(f"{report.scheme}：没有错误，提示 {len(report.warnings)} 条{counter}。")


def _files(path: Path) -> dict[str, str]:
    if path.is_dir():
        files = read_folder(path)
        if not files:
            raise RulesError(f"{path} 里没有 .yaml 文件；请给出规则所在的文件夹。")
        return files
    return {path.name: read_text(path)}


def _say(report: CheckReport) -> None:
    for fault in report.faults:
        click.echo(f"错误：{fault}")
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
        load_seeds(session, actor=PROGRAM, now=utc_now())
        stored = newest_rulebook(session, scheme)
    cells = missing(stored.rulebook, on or today())
    for cell in cells:
        needed = "、".join(cell.needed_by)
        unit = f"，单位 {cell.unit}" if cell.unit else ""
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
        account = _decider(deciding.sign(session))
        load_seeds(session, actor=PROGRAM, now=now)
        kept = keep_document(house.configuration.evidence_directory, document)
        enter_cell(
            session,
            scheme=scheme,
            cell=cell,
            value=value,
            from_day=from_day,
            document=kept,
            actor=account.name,
            now=now,
        )
    click.echo(f"已录入 {scheme} 的 {cell}，自 {from_day} 起；文件 {kept.name}（{kept.sha256[:12]}）已存档。")


def _decider(account: SignedAccount) -> SignedAccount:
    if not account.roles & {Role.ADMINISTRATOR, Role.APPROVER}:
        raise AccountError(f"“{account.name}”没有管理员或审批角色，不能录入规则值；请换有此角色的账号。")
    return account
