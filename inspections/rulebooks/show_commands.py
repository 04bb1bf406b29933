"""Commands that look at rulebooks: a scheme as tables, two side by side, one tried on published records."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from inspections.record.audit import PROGRAM
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.rulebooks.changes import difference
from inspections.rulebooks.commands import say_unfit
from inspections.rulebooks.drafts import draft_at, rulebook_named, with_day
from inspections.rulebooks.service import load_seeds
from inspections.rulebooks.show_text import difference_lines, rulebook_lines
from inspections.rulebooks.showing import shown
from inspections.rulebooks.trying import GRADE, KINDS, GradeFrom, Trial, try_rulebook, words_of_counts
from inspections.surface.terminal import say_summary

_SHOWN_ROWS = 10


@click.command("show")
@click.argument("scheme")
@click.option("--on", type=DAY, default=None, help="看哪一天，默认今天")
@click.pass_obj
def show(house: House, scheme: str, on: date | None) -> None:
    """把一部规则（代号，或草稿的文件夹）印成表，每个值带依据、出处和施行日。"""
    _load(house)
    name, day = with_day(scheme)
    with read_only(house.engine) as session:
        found = rulebook_named(session, name)
    for line in rulebook_lines(shown(found, on or day or today())):
        click.echo(line)


@click.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--on", type=DAY, default=None, help="比较哪一天，默认今天；也可以在代号后写 @日期")
@click.pass_obj
def diff(house: House, before: str, after: str, on: date | None) -> None:
    """比较两部规则（代号或草稿的文件夹），或同一部规则的两天（代号@日期）：用词、值、依据、步骤。"""
    _load(house)
    (one, first), (two, second) = with_day(before), with_day(after)
    usual = on or today()
    with read_only(house.engine) as session:
        books = rulebook_named(session, one), rulebook_named(session, two)
    for line in difference_lines(difference(*books, (first or usual, second or usual))):
        click.echo(line)


def _load(house: House) -> None:
    with transaction(house.engine) as session:
        say_unfit(load_seeds(session, actor=PROGRAM, now=utc_now()))


@click.command("try")
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--on", type=DAY, default=None, help="没有写日期的行按哪一天，默认今天")
@click.option("--checklist", default=None, help="用哪张检查表，默认规则写的第一张")
@click.option(
    "--grade-from",
    type=click.Choice([one.value for one in GradeFrom]),
    default=GradeFrom.PUBLISHED.value,
    help="等级由什么得出：published 公布的结果和分数（没有公布的用算出的），computed 算出的",
)
@click.option("--why", is_flag=True, help="不一致的和算不出的，逐步写出怎样算的")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
def try_draft(
    *,
    path: Path,
    file: Path,
    on: date | None,
    checklist: str | None,
    grade_from: str,
    why: bool,
    as_json: bool,
) -> None:
    """拿已公布的检查记录（CSV 或 XLSX）重算，逐条比较；列名见 docs/rulebooks.md。什么也不保存。"""
    basis = GradeFrom(grade_from)
    trial = try_rulebook(draft_at(path), file, on=on or today(), checklist=checklist, grade_from=basis)
    for line in (*_faults(trial), *_differences(trial, why=why), *_counts(trial)):
        click.echo(line)
    if GRADE in trial.computed:
        click.echo(f"等级由各次检查的结果和分数得出：{basis.zh}。")
    parts = list(words_of_counts(trial)) or ["没有可比较的公布值"]
    parts.append(f"有不一致或算不出的 {trial.differing_rows} 行")
    sentence = f"读到 {trial.rows} 行，读不懂 {len(trial.unreadable)} 行；比较{'；'.join(parts)}。"
    figures = {
        "rows": trial.rows,
        "unreadable_rows": len(trial.unreadable),
        "differing_rows": trial.differing_rows,
        "uncompared": sum(map(len, trial.uncompared.values())),
    }
    figures |= {f"compared_{name}": trial.compared[what] for name, what in KINDS.items()}
    figures |= {f"agreeing_{name}": trial.agreeing[what] for name, what in KINDS.items()}
    say_summary(sentence, figures, as_json=as_json)


def _faults(trial: Trial) -> Iterator[str]:
    yield from (f"提示：{note}" for note in trial.notes)
    yield from (f"读不懂：{fault}" for fault in trial.faults)


def _differences(trial: Trial, *, why: bool) -> Iterator[str]:
    """Every value that differs or cannot be computed, on request with the way to it."""
    for one in trial.differing:
        reason = f"（{one.why}）" if one.why else ""
        both = f"公布 {one.published or '无'}\t算得 {one.computed or '算不出'}{reason}"
        yield f"第 {one.row} 行\t{one.unit}\t{one.what}\t{both}"
        yield from (f"    {line}" for line in (one.explained() if why else ()))


def _counts(trial: Trial) -> Iterator[str]:
    """What came out how often, and what was compared with nothing."""
    for what, counts in trial.computed.items():
        told = "，".join(f"{word or '算不出'} {n}" for word, n in sorted(counts.items()))
        alone = trial.unpublished[what]
        beside = f"；其中 {alone} 个没有公布的可比" if alone else ""
        yield f"算出的{what}：{told}{beside}。"
    if trial.nothing_found:
        yield f"“问题”和“答案”都空着的 {trial.nothing_found} 行，按没有发现问题计算。"
    for (what, reason), rows in trial.uncompared.items():
        yield f"没有比较的{what} {len(rows)} 个：{reason}（第 {_first_of(rows)} 行）。"


def _first_of(rows: Sequence[int]) -> str:
    """The first rows of some, so that a person finds one."""
    return "、".join(map(str, rows[:_SHOWN_ROWS])) + ("……" if len(rows) > _SHOWN_ROWS else "")
