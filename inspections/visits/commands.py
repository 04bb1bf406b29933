"""Commands of visits: import and template, batches and their release, grading, adjustments."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click
from sqlmodel import Session

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.audit import PROGRAM
from inspections.record.clock import PEOPLE_ZONE, today, utc_now
from inspections.record.command_line import CLI
from inspections.record.commands import DAY
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_document
from inspections.record.house import House
from inspections.record.marks import refuse_demonstration
from inspections.rulebooks.commands import decider, say_unfit
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.surface.sheets.template import write_template
from inspections.surface.terminal import say_summary
from inspections.units.codes import parse_code
from inspections.units.queries import find_unit
from inspections.visits.adjusting import adjust as record_adjustment
from inspections.visits.batch_queries import BatchLine, batch_lines, batch_summary
from inspections.visits.comparing import Comparison, compared_visits
from inspections.visits.explaining import explain_unit, grades_on
from inspections.visits.grading_run import GradingSummary, Progress, grade_units
from inspections.visits.held_back import campaigns_awaited
from inspections.visits.importing import DEFAULT_CHECKLIST, import_visit_file
from inspections.visits.service import VisitError, held_back_because, release_batch, review_batch
from inspections.visits.visit_sheet import ANSWER_WORDS, KIND_WORDS, VISIT_COLUMNS
from inspections.visits.wording import result_name

FILE = click.Path(path_type=Path, dir_okay=False)
_KIND_NAMES: dict[str, str] = {}
for _word, _kind in KIND_WORDS.items():
    _KIND_NAMES.setdefault(_kind.value, _word)


@click.command("visits")
@click.argument("file", type=FILE)
@click.option("--items", type=FILE, default=None, help="逐项文件：记录编号、项目、评价、问题描述")
@click.option("--checklist", default=DEFAULT_CHECKLIST, show_default=True, help="没有写要点表的行用哪一个")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def import_visits(
    house: House, *, file: Path, items: Path | None, checklist: str, as_json: bool, deciding: Deciding
) -> None:
    """导入检查记录（CSV 或 XLSX）；放行之前只有工作人员看得到。"""
    with transaction(house.engine) as session:
        refuse_demonstration(session)
        actor = deciding.sign(session, Role.EDITOR)
    done = import_visit_file(
        house.engine,
        file,
        items=items,
        checklist=checklist,
        on=today(),
        now=utc_now(),
        actor=actor.name,
        reports=house.configuration.reports_directory,
    )
    sentence = (
        f"读到 {done.rows} 行：新增 {done.new}，更正 {done.corrected}，"
        f"没有变化 {done.unchanged}，有错误 {done.bad}。"
    )
    if done.bad_items:
        sentence += f"逐项文件有错误 {done.bad_items} 行。"
    if done.report is not None:
        sentence += f"问题和改法见 {done.report}。"
    if done.batch_id is not None:
        sentence += f"批次 {done.batch_id} 尚未公开；核对后运行 {CLI} visits release {done.batch_id}。"
        sentence += _why_held_back(house, done.batch_id)
    say_summary(sentence, asdict(done), as_json=as_json, first=done.first_faults)


def _why_held_back(house: House, batch_id: int) -> str:
    with read_only(house.engine) as session:
        awaited = campaigns_awaited(session, [batch_id]).get(batch_id)
    return held_back_because(batch_id, awaited) if awaited is not None else ""


@click.command("visits")
@click.option("--out", type=FILE, default=Path("visits.xlsx"), show_default=True)
@click.option("--checklist", default=DEFAULT_CHECKLIST, show_default=True)
@click.pass_obj
def template_visits(house: House, *, out: Path, checklist: str) -> None:
    """写出检查记录的空白表（XLSX），逐项一列，带允许的值。"""
    with transaction(house.engine) as session:
        load_seeds(session, actor=PROGRAM, now=utc_now())
        items = newest_checklist(session, checklist).checklist
    extra: list[tuple[str, str, tuple[str, ...]]] = []
    for item in items.items:
        extra.append((item.code, item.text, tuple(ANSWER_WORDS)))
        extra.append((f"{item.code}备注", "不符合时写明问题，不写姓名", ()))
    guidance = (
        f"本表用于导入检查记录，检查项目按 {items.title_zh}（{items.id}）。",
        "每行一次检查；项目列空着就是未检查。单位用门店码、许可证编号，或统一社会信用代码加地址认出。",
        "问题描述会公开：写事实，不写人名、电话和证件号。",
    )
    write_template(out, VISIT_COLUMNS, title="检查记录", guidance=guidance, extra_headers=extra)
    click.echo(f"已写出 {out}：{len(VISIT_COLUMNS)} 列基本信息，{len(items.items)} 个检查项目。")


@click.group("visits")
def visits() -> None:
    """检查记录的批次：列出、查看、放行；已定的与建议的比较。"""


@visits.command("batches")
@click.pass_obj
def batches(house: House) -> None:
    """列出所有批次。"""
    with read_only(house.engine) as session:
        for batch in batch_lines(session):
            click.echo(
                f"{batch.id}\t{batch.file_name or '（系统内）'}\t{_size(batch)}\t{_release_state(batch)}"
            )


@visits.command("show")
@click.argument("batch", type=int)
@click.pass_obj
def show(house: House, batch: int) -> None:
    """查看一个批次的数目和样本。"""
    for line in _seen(house, batch):
        click.echo(line)


@visits.command("release")
@click.argument("batch", type=int)
@click.option("--yes", is_flag=True, help="已看过数目和样本，不再询问")
@asks_who_decides
@click.pass_obj
def release(house: House, *, batch: int, yes: bool, deciding: Deciding) -> None:
    """看过数目和样本后放行一个批次：从此计入评定并可以公开；还在抽查保密期内的，到名单公布时放行。"""
    for line in _seen(house, batch):
        click.echo(line)
    if not yes:
        click.confirm(f"由{deciding.name}放行批次 {batch}？", abort=True)
    with transaction(house.engine) as session:
        account = deciding.sign(session, Role.EDITOR)
        awaited = campaigns_awaited(session, [batch]).get(batch)
        if awaited is not None:
            review_batch(session, batch, actor=account.name, now=utc_now())
            click.echo(
                f"批次 {batch} 已由{account.name}复核；"
                f"{awaited.campaign} 期名单公布时（最迟 {awaited.reveal_by}）自动放行。"
            )
            return
        count = release_batch(session, batch, actor=account.name, now=utc_now())
    click.echo(f"批次 {batch} 的 {count} 条检查记录已由{account.name}放行；下一次 grade 和 publish 生效。")


@visits.command("compare")
@click.option("--since", type=DAY, default=None, help="只看这一天起的检查，默认全部")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def compare(house: House, *, since: date | None, as_json: bool) -> None:
    """比较已定的结果（或得分）与程序建议的，逐条列出不同的，一条不漏。"""
    found = Comparison()
    with read_only(house.engine) as session:
        names: dict[str, str] = {}
        for one in compared_visits(session, since or date.min):
            found.count(one)
            if not one.agrees:
                decided, suggested = (_said(session, names, word) for word in (one.decided, one.suggested))
                click.echo(f"{one.record_key}\t{one.visited_on}\t已定 {decided}\t建议 {suggested}")
    differing = found.visits - found.agreeing
    share = f"（{found.agreeing / found.visits:.2%}）" if found.visits else ""
    sentence = (
        f"{found.visits} 次检查：与建议一致 {found.agreeing}{share}，不同 {differing}，"
        f"其中没有建议 {found.without_suggestion}。"
    )
    say_summary(sentence, asdict(found), as_json=as_json)


def _said(session: Session, names: dict[str, str], word: str | None) -> str:
    """A result in Chinese, or a score as it is."""
    if word is None:
        return "不能确定"
    if word not in names:
        names[word] = result_name(session, word)
    return names[word]


def _seen(house: House, batch_id: int) -> Iterator[str]:
    with read_only(house.engine) as session:
        batch = batch_summary(session, batch_id)
        if batch is None:
            raise VisitError(f"没有编号为 {batch_id} 的批次；用 visits batches 查看。")
        yield f"批次 {batch.id}：{batch.file_name or '（系统内）'}，{_size(batch)}，{_release_state(batch)}"
        yield "按类型：" + "，".join(f"{_KIND_NAMES[kind]} {n}" for kind, n in sorted(batch.by_kind.items()))
        results = sorted(batch.by_result.items(), key=lambda pair: str(pair[0]))
        yield "按结果：" + "，".join(f"{result_name(session, word)} {count}" for word, count in results)
        yield "样本："
        for visit in batch.sample:
            corrects = "，更正已有记录" if visit.corrects else ""
            yield (
                f"  {visit.record_key}\t{visit.visited_on}\t{visit.storefront_code}\t{visit.address}\t"
                f"{_KIND_NAMES[visit.kind]}\t{result_name(session, visit.result)}，"
                f"{visit.failed} 项不符合{corrects}"
            )
            if visit.notes:
                yield f"    问题描述：{'；'.join(visit.notes)}"


def _size(batch: BatchLine) -> str:
    counts = batch.counts
    span = f"，检查日期 {counts.first_on} 至 {counts.last_on}" if counts.visits else ""
    return f"{counts.visits} 条记录，{counts.units} 个单位{span}"


def _release_state(batch: BatchLine) -> str:
    if batch.released_at is None and batch.awaits is not None:
        seen = f"{batch.reviewed_by}已复核" if batch.reviewed_at else "未复核"
        return f"{seen}，{batch.awaits.campaign} 期名单公布时放行（最迟 {batch.awaits.reveal_by}）"
    if batch.released_at is None:
        return "未放行"
    return f"{batch.released_at.astimezone(PEOPLE_ZONE):%Y-%m-%d %H:%M} 由{batch.released_by}放行"


@click.command("grade")
@click.option("--all", "everything", is_flag=True, help="全部单位重新评定，不只是有变化的")
@click.option("--on", type=DAY, default=None, help="查看某一天的评定（只查看，不写入）")
@click.option("--explain", "code", default=None, help="说明一个门店码的评定依据")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def grade(house: House, *, everything: bool, on: date | None, code: str | None, as_json: bool) -> None:
    """按生效的规则评定各单位的风险等级，并存下推导。"""
    if code is not None:
        for line in explain_unit(house.engine, code, on or today()):
            click.echo(line)
        return
    if on is not None:
        _show_day(house, on, as_json=as_json)
        return
    now = utc_now()
    with transaction(house.engine) as session:
        say_unfit(load_seeds(session, actor=PROGRAM, now=now))
    with _progress() as advance:
        summary = grade_units(house.engine, on=today(), now=now, everything=everything, progress=advance)
    say_summary(_told(summary), asdict(summary), as_json=as_json)


@contextmanager
def _progress() -> Iterator[Progress]:
    with click.progressbar(length=1000, label="评定") as bar:

        def advance(done: int, total: int) -> None:
            bar.update(done * 1000 // max(total, 1) - bar.pos)

        yield advance


def _told(summary: GradingSummary) -> str:
    undecided = (
        f"，另有 {summary.proposals_undetermined} 条无法判定" if summary.proposals_undetermined else ""
    )
    return (
        f"{summary.as_of}：评定 {summary.units} 个单位，有等级 {summary.graded}，"
        f"暂未评定 {summary.undetermined}，有变化 {summary.changed}；"
        f"新算检查结果 {summary.visits} 条，红黑榜建议 {summary.proposals} 条{undecided}。"
    )


def _show_day(house: House, on: date, *, as_json: bool) -> None:
    counts: dict[str, int] = {}
    for line, level in grades_on(house.engine, on):
        counts[level] = counts.get(level, 0) + 1
        if not as_json:
            click.echo(line)
    told = "，".join(f"{level} {count}" for level, count in sorted(counts.items())) or "没有单位"
    say_summary(f"{on} 的评定（只查看，没有写入）：{told}。", {"on": on, "levels": counts}, as_json=as_json)


@click.command("adjust")
@click.argument("code")
@click.option("--condition", required=True, help="规则里调整条件的名称")
@click.option("--happened-on", type=DAY, required=True, help="事情发生的日期")
@click.option("--levels", type=int, required=True, help="几级（正数；升还是降由事项决定）")
@click.option("--document", type=FILE, required=True, help="依据的文书")
@click.option("--reason", required=True, help="理由")
@asks_who_decides
@click.pass_obj
def adjust(
    house: House,
    *,
    code: str,
    condition: str,
    happened_on: date,
    levels: int,
    document: Path,
    reason: str,
    deciding: Deciding,
) -> None:
    """记下升高或降低一个单位下一年风险等级的事项、文书、理由和决定人。"""
    if happened_on > today():
        raise VisitError(f"{happened_on} 还没有到；事项发生之后才能记下。")
    with transaction(house.engine) as session:
        account = decider(deciding.sign(session))
        found = find_unit(session, code=parse_code(code) or code, on=happened_on)
        if not found:
            raise VisitError(f"{happened_on} 时门店码 {code} 没有经营单位；请核对门店码和日期。")
        kept = keep_document(house.configuration.evidence_directory, document)
        record_adjustment(
            session,
            unit_id=found[0].unit_id,
            condition=condition,
            happened_on=happened_on,
            levels=levels,
            document=f"{kept.name} sha256:{kept.sha256}",
            reason=reason,
            actor=account.name,
            now=utc_now(),
        )
    click.echo(f"已记下 {code} 的调整事项（{condition}，{levels} 级）；下一次 grade 生效。")
