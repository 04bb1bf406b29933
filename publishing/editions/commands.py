"""Commands of editions: draft, show, approve, publish, withdraw, and the import of historical ones."""

import json
from pathlib import Path

import click
from sqlmodel import Session, col, select

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import civil_day, utc_now
from inspections.record.commands import DAY
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import refuse_demonstration
from inspections.surface.sheets.report import write_report
from inspections.surface.terminal import say_summary
from publishing.editions.drafts import LIST_WORDS, Draft, EditionError, checked_month
from publishing.editions.history import import_history
from publishing.editions.queries import edition_title
from publishing.editions.service import (
    APPROVALS_NEEDED,
    approve,
    approvers,
    own_edition,
    publish_edition,
    record_event,
    save_draft,
    withdraw,
)
from publishing.editions.sheet import propose_draft, read_lines, write_sheet
from publishing.editions.tables import Edition, EditionEntry, EntryEventKind

_EVENTS = {
    "rectified": EntryEventKind.RECTIFIED,
    "recheck-passed": EntryEventKind.RECHECK_PASSED,
    "recheck-failed": EntryEventKind.RECHECK_FAILED,
}


@click.group("edition")
def edition() -> None:
    """红黑榜的各期：起草、审批、公示、撤下。"""


@edition.command("draft")
@click.argument("month")
@click.option("--theme", default=None, help="本期主题")
@click.option("--issue", "issue_no", type=click.IntRange(1, 999), default=None, help="期号，默认是月份")
@click.option("--chosen-how", default=None, help="怎样抽取的，一句话")
@click.option("--file", "file", type=click.Path(path_type=Path), default=None, help="改好的草稿表")
@asks_who_decides
@click.pass_obj
def draft(
    house: House,
    month: str,
    *,
    theme: str | None,
    issue_no: int | None,
    chosen_how: str | None,
    file: Path | None,
    deciding: Deciding,
) -> None:
    """起草：不给 --file 时按规则提出名单并写出草稿表；给出改好的表时以它为草稿。"""
    now = utc_now()
    checked_month(month)
    target = house.configuration.reports_directory / f"edition-{month}.xlsx"
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        proposed = _draft(session, month, file, theme, issue_no, chosen_how)
        digest = save_draft(session, proposed, actor=actor.name, now=now)
        saved = own_edition(session, month)
        if saved is not None:
            write_sheet(session, saved, target)
    click.echo(f"{month} 期草稿：{_counts(proposed)}；草稿校验值 {digest[:12]}。")
    click.echo(f"草稿表在 {target}；改好后运行 edition draft {month} --file 该表。")


def _draft(
    session: Session,
    month: str,
    file: Path | None,
    theme: str | None,
    issue_no: int | None,
    chosen_how: str | None,
) -> Draft:
    present = own_edition(session, month)
    fresh = propose_draft(session, month, theme=theme, issue_no=issue_no)
    lines = fresh.lines
    if file is not None:
        read, faults = read_lines(session, file, on=civil_day(utc_now()))
        if faults:
            listed = "\n".join(str(fault) for fault in faults)
            raise EditionError(f"草稿表有 {len(faults)} 处要改，草稿没有变：\n{listed}")
        lines = tuple(read)
    return Draft(
        month=month,
        theme=theme or (present.theme if present else None),
        lines=lines,
        issue_no=issue_no or (present.issue_no if present else None) or int(month[5:]),
        chosen_how=chosen_how or (present.chosen_how if present else ""),
        drawn=fresh.drawn,
        checked=fresh.checked,
    )


def _counts(proposed: Draft) -> str:
    words = [
        f"{word} {sum(1 for line in proposed.lines if line.list_word == key)} 条"
        for key, word in LIST_WORDS.items()
    ]
    return "，".join(words)


@edition.command("show")
@click.argument("month")
@click.pass_obj
def show(house: House, month: str) -> None:
    """显示一期的条目、草稿校验值和审批情况。"""
    with read_only(house.engine) as session:
        found = own_edition(session, checked_month(month))
        if found is None:
            raise EditionError(f"{month} 期还没有草稿；请先运行 edition draft {month}。")
        for line in edition_lines(session, found):
            click.echo(line)


def edition_lines(session: Session, found: Edition) -> list[str]:
    """What an approver sees before approving."""
    lines = [f"{edition_title(found)} {found.theme or '（无主题）'}，草稿校验值 {found.draft_hash}"]
    query = select(EditionEntry).where(
        EditionEntry.edition_id == found.id, col(EditionEntry.is_current).is_(True)
    )
    for entry in session.exec(query.order_by(col(EditionEntry.number))):
        lines.append(
            f"{entry.number}. {LIST_WORDS.get(entry.list_word or '', '')} {entry.sign_name or '（无牌匾）'}"
            f"｜{entry.holder_shown}｜{entry.address}｜{entry.inspected_on} 检查"
        )
        lines.append(f"   理由：{'；'.join(json.loads(entry.reasons))}")
        if entry.measures:
            lines.append(f"   措施：{entry.measures}")
        told = f"{entry.told_on} {entry.told_how}，异议期至 {entry.objection_until_on}"
        lines.append(
            f"   告知：{told if entry.told_on else '未填'}；无个人姓名：{entry.no_personal_names_by or '未确认'}"
        )
    names = approvers(session, found)
    lines.append(
        f"审批：{'、'.join(names) or '还没有'}（需要 {APPROVALS_NEEDED} 人）；公示日：{found.published_on or '未公示'}"
    )
    return lines


@edition.command("approve")
@click.argument("month")
@click.option("--hash", "seen", default=None, help="所看草稿的校验值（前 12 位即可）")
@asks_who_decides
@click.pass_obj
def approve_command(house: House, month: str, *, seen: str | None, deciding: Deciding) -> None:
    """审批现有草稿；起草过本期的人不能审批。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.APPROVER)
        found = own_edition(session, checked_month(month))
        if found is not None and seen and not (found.draft_hash or "").startswith(seen):
            raise EditionError(f"{month} 期的草稿已经变了；请先用 edition show {month} 看现在的内容。")
        count = approve(session, month, actor=actor.name, now=utc_now())
    click.echo(f"{month} 期已有 {count} 人审批，需要 {APPROVALS_NEEDED} 人。")


@edition.command("publish")
@click.argument("month")
@asks_who_decides
@click.pass_obj
def publish_command(house: House, month: str, *, deciding: Deciding) -> None:
    """公示已经两人审批的一期；网站在下一次更新时显示。"""
    with transaction(house.engine) as session:
        deciding.sign(session, Role.APPROVER)
        publish_edition(session, month, now=utc_now())
    click.echo(f"{month} 期已公示；运行 publish 立即更新网站，或等定时任务。")


@edition.command("withdraw")
@click.argument("month")
@click.option("--entry", "number", type=int, default=None, help="只撤下这一条；不给则撤下整期")
@click.option("--reason", required=True, help="撤下的原因，会留存")
@asks_who_decides
@click.pass_obj
def withdraw_command(
    house: House, month: str, *, number: int | None, reason: str, deciding: Deciding
) -> None:
    """撤下一条或整期；网站在下一次更新时只留中性说明。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.APPROVER)
        count = withdraw(session, month, number=number, reason=reason, actor=actor.name, now=utc_now())
    click.echo(f"已撤下 {count} 条；运行 publish 立即更新网站。")


@edition.command("event")
@click.argument("month")
@click.option("--entry", "number", type=int, required=True)
@click.option("--kind", type=click.Choice(list(_EVENTS)), required=True)
@click.option("--on", "happened_on", type=DAY, required=True)
@click.option("--reason", default="", help="说明，可空")
@asks_who_decides
@click.pass_obj
def event_command(
    house: House, month: str, *, number: int, kind: str, happened_on: object, reason: str, deciding: Deciding
) -> None:
    """登记条目后来的情况：已整改、复查通过、复查未通过。"""
    day = DAY.convert(happened_on, None, None)
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        record_event(
            session, month, number, _EVENTS[kind], day, actor=actor.name, now=utc_now(), reason=reason
        )
    click.echo(f"已登记 {month} 期第 {number} 条：{kind} {day}。")


@click.command("editions")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@asks_who_decides
@click.pass_obj
def import_editions(house: House, file: Path, *, as_json: bool, deciding: Deciding) -> None:
    """导入其他机关真实公示过的榜单，作为历史资料。"""
    now = utc_now()
    with transaction(house.engine) as session:
        refuse_demonstration(session)
        actor = deciding.sign(session)
        loaded = import_history(session, file, actor=actor.name, now=now)
    if loaded.faults:
        report = house.configuration.reports_directory / f"editions-{now:%Y%m%dT%H%M%S}.xlsx"
        write_report(report, loaded.faults, [], [])
        click.echo(f"有 {len(loaded.faults)} 处要看：{report}")
    counts = {
        "editions": loaded.editions,
        "entries": loaded.entries,
        "unchanged": loaded.unchanged,
        "without_publication_day": loaded.without_publication_day,
        "faults": len([fault for fault in loaded.faults if not fault.is_warning]),
    }
    sentence = (
        f"导入 {loaded.editions} 期 {loaded.entries} 条，没有变化 {loaded.unchanged} 期；"
        f"其中 {loaded.without_publication_day} 期没有公示日期，只留在内部资料里。"
    )
    say_summary(sentence, counts, as_json=as_json)
