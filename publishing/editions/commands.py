"""Commands of editions: draft, show, approve, publish, withdraw, what followed, and historical ones."""

from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import civil_day, utc_now
from inspections.record.command_line import CLI
from inspections.record.commands import DAY
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.surface.sheets.report import write_report
from inspections.surface.terminal import say_summary
from publishing.editions.candidates import candidates_of_month, visits_behind
from publishing.editions.drafting import (
    drafted_edition,
    find_edition,
    newest_text,
    save_draft,
    with_heading,
)
from publishing.editions.drafts import (
    LIST_WORDS,
    DraftError,
    EditionError,
    SavedDraft,
    checked_month,
    edition_title,
    read_draft,
)
from publishing.editions.importing import import_editions_file
from publishing.editions.service import (
    APPROVALS_NEEDED,
    approve,
    publish_edition,
    record_event,
    withdraw,
)
from publishing.editions.sheet import read_lines, write_draft_sheet
from publishing.editions.staff_view import draft_lines, edition_summaries, edition_view, what_follows
from publishing.editions.tables import EntryEventKind
from publishing.editions.terms import BLACK_TERM, RED_TERM, term_book

_EVENTS = {
    "rectified": EntryEventKind.RECTIFIED,
    "recheck-passed": EntryEventKind.RECHECK_PASSED,
    "recheck-failed": EntryEventKind.RECHECK_FAILED,
}
_EVENT_WORDS = {"rectified": "已整改", "recheck-passed": "复查通过", "recheck-failed": "复查未通过"}
FILE = click.Path(path_type=Path, dir_okay=False)
COUNT = click.IntRange(0, 99_999)


@click.group("edition")
def edition() -> None:
    """红黑榜的各期：起草、审批、公示、撤下。"""


@edition.command("draft")
@click.argument("month")
@click.option("--theme", default=None, help="本期主题")
@click.option("--issue", "issue_no", type=click.IntRange(1, 999), default=None, help="期号，默认是月份")
@click.option("--chosen-how", default=None, help="怎样抽取的，一句话")
@click.option("--drawn", type=COUNT, default=None, help="抽取了多少家")
@click.option("--checked", type=COUNT, default=None, help="检查了多少家，默认按已发布的检查记录")
@click.option("--file", "file", type=FILE, default=None, help="改好的草稿表；以它为草稿")
@click.option("--out", type=FILE, default=None, help="草稿表写到哪里")
@asks_who_decides
@click.pass_obj
def draft(
    house: House,
    month: str,
    *,
    theme: str | None,
    issue_no: int | None,
    chosen_how: str | None,
    drawn: int | None,
    checked: int | None,
    file: Path | None,
    out: Path | None,
    deciding: Deciding,
) -> None:
    """起草：不给 --file 时写出草稿表，给出改好的表时以它为草稿。"""
    checked_month(month)
    if file is None:
        target = out or house.configuration.reports_directory / f"edition-{month}.xlsx"
        _write_sheet(house, month, target, deciding)
        return
    given = {
        "theme": theme, "issue_no": issue_no, "chosen_how": chosen_how, "drawn": drawn, "checked": checked,
    }  # fmt: skip
    try:
        with transaction(house.engine) as session:
            actor = deciding.sign(session, Role.EDITOR)
            read = read_lines(session, file, month, on=civil_day(utc_now()))
            drafted = with_heading(session, month, read.lines, given)
            digest = save_draft(session, drafted, actor=actor.name, now=utc_now(), sheet=read)
    except DraftError as refusal:
        report = house.configuration.reports_directory / f"edition-{month}-faults.xlsx"
        write_report(report, refusal.faults, [], [])
        raise EditionError(f"{refusal}\n全部问题见 {report}。") from refusal
    tally = Counter(line.list_word for line in drafted.lines)
    counts = "，".join(f"{word} {tally[key]} 条" for key, word in LIST_WORDS.items())
    click.echo(f"{month} 期草稿已保存：{counts}；校验值 {digest[:12]}。改动任何一行，已有的审批都会失效。")
    click.echo(f"下一步：{APPROVALS_NEEDED} 位没有起草过本期的审批人各运行 {CLI} edition approve {month}。")


def _write_sheet(house: House, month: str, target: Path, deciding: Deciding) -> None:
    with transaction(house.engine) as session:
        deciding.sign(session, Role.EDITOR)
        found = find_edition(session, month)
        if found is not None and found.published_at is not None:
            raise EditionError(f"{month} 期已于 {found.published_on} 公示，不能再改。")
        saved = read_draft(newest_text(session, found.id or 0)) if found is not None else None
        visits = visits_behind(session, {line.visit_id for line in saved.lines}) if saved else {}
        proposed = candidates_of_month(session, month)
        write_draft_sheet(target, civil_day(utc_now()), saved=saved, visits=visits, proposed=proposed)
    by_rule = sum(candidate.proposed_list is not None for candidate in proposed)
    click.echo(f"{month} 有 {len(proposed)} 次可以上榜的检查，其中 {by_rule} 次规则建议上榜。")
    click.echo(f"草稿表：{target}")
    click.echo(f"改好后运行：edition draft {month} --file {target} --theme 主题")


@edition.command("list")
@click.pass_obj
def list_(house: House) -> None:
    """列出各期：本局的和历史的，有没有公示、有几条。"""
    with read_only(house.engine) as session:
        for line in edition_summaries(session):
            click.echo(line)


@edition.command("show")
@click.argument("key")
@click.pass_obj
def show(house: House, key: str) -> None:
    """显示一期（月份或历史榜单的编号）的条目、审批和后来的情况。"""
    with read_only(house.engine) as session:
        for line in [*edition_view(session, key), *what_follows(session, key, utc_now())]:
            click.echo(line)


@edition.command("approve")
@click.argument("month")
@click.option("--hash", "seen", default=None, help="已看过的草稿的校验值（至少前 12 位），不再询问")
@click.option("--yes", is_flag=True, help="不再询问")
@asks_who_decides
@click.pass_obj
def approve_command(house: House, month: str, *, seen: str | None, yes: bool, deciding: Deciding) -> None:
    """显示草稿并审批；起草过本期的人不能审批。"""
    with transaction(house.engine) as session:
        deciding.sign(session, Role.APPROVER)
        found, saved = drafted_edition(session, month)
        digest, lines = found.draft_hash or "", draft_lines(saved)
    if seen is not None and (len(seen) < 12 or not digest.startswith(seen)):
        raise EditionError(
            f"{month} 期现在的草稿校验值是 {digest[:12]}；请用 edition show {month} 看过再审批。"
        )
    for line in [_title(saved), *lines, f"校验值 {digest}"]:
        click.echo(line)
    if seen is None and not yes and not click.confirm("以上内容，同意公示？"):
        raise EditionError("没有审批。")
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.APPROVER)
        count = approve(session, month, actor=actor.name, now=utc_now(), seen_hash=digest)
        follows = what_follows(session, month, utc_now())
    click.echo(f"{month} 期已有 {count} 人审批，需要 {APPROVALS_NEEDED} 人。")
    for line in follows:
        click.echo(line)


def _title(saved: SavedDraft) -> str:
    theme = f"“{saved.theme}”" if saved.theme else "（没有主题）"
    return f"{saved.authority} {edition_title(saved.month, saved.issue_no)}{theme}"


@edition.command("publish")
@click.argument("month")
@asks_who_decides
@click.pass_obj
def publish_command(house: House, month: str, *, deciding: Deciding) -> None:
    """公示已经两人审批的一期；定时任务做的是同一件事。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.APPROVER)
        published = publish_edition(session, month, now=utc_now(), actor=actor.name)
    click.echo(
        f"{month} 期已公示，{published.entries} 条，公示日 {published.published_on}；"
        f"网站在下一次更新时显示，或运行 {CLI} publish 立即更新。"
    )


@edition.command("withdraw")
@click.argument("key")
@click.option("--entry", "number", type=int, default=None, help="只撤下这一条；不给则撤下整期")
@click.option("--reason", required=True, help="撤下的原因，只留存在审计记录里")
@asks_who_decides
@click.pass_obj
def withdraw_command(house: House, key: str, *, number: int | None, reason: str, deciding: Deciding) -> None:
    """撤下一条或整期；网站在下一次更新时只留中性说明。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.APPROVER)
        count = withdraw(session, key, number=number, reason=reason, actor=actor.name, now=utc_now())
    what = "整期" if number is None else f"第 {number} 条"
    click.echo(
        f"{key} 期{what}已撤下（{count} 条）；网站在下一次更新时只留中性说明，或运行 {CLI} publish 立即更新。"
    )


@edition.command("event")
@click.argument("key")
@click.option("--entry", "number", type=int, required=True)
@click.option("--kind", type=click.Choice(list(_EVENTS)), required=True)
@click.option("--on", "happened_on", type=DAY, required=True)
@click.option("--reason", default="", help="说明，可空，只留存")
@asks_who_decides
@click.pass_obj
def event_command(
    house: House, key: str, *, number: int, kind: str, happened_on: date, reason: str, deciding: Deciding
) -> None:
    """登记条目后来的情况：已整改、复查通过、复查未通过。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
        record_event(
            session, key, number, _EVENTS[kind], happened_on, actor=actor.name, now=utc_now(), reason=reason
        )
    click.echo(f"已登记 {key} 期第 {number} 条：{happened_on} {_EVENT_WORDS[kind]}。")


@click.command("editions")
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def import_editions(house: House, file: Path, *, as_json: bool, deciding: Deciding) -> None:
    """导入其他机关真实公示过的榜单，作为历史资料；在各自的公示期内公开。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.EDITOR)
    done = import_editions_file(
        house.engine, file, actor=actor.name, now=utc_now(), reports=house.configuration.reports_directory
    )
    with read_only(house.engine) as session:
        terms = {key for key, _, _ in term_book(session).values} == {RED_TERM, BLACK_TERM}
    counts = {key: value for key, value in asdict(done).items() if key != "faults"}
    sentence = (
        f"读到 {done.records} 期：新增 {done.new}，有变化 {done.changed}，没有变化 {done.unchanged}，"
        f"重复 {done.repeated}，有错误 {done.bad}；共 {done.entries} 条，另有 {done.bad_entries} 条没有导入。"
        f"{done.without_day} 期没有公示日期，只留在内部资料里。"
    )
    if done.report is not None:
        sentence += f"要看的地方（{len(done.faults)} 处）见 {done.report}。"
    if not terms:
        sentence += "还没有规定公示天数（red_term_days、black_term_days），规定以前正式网站不显示这些榜单。"
    say_summary(sentence, counts, as_json=as_json)
