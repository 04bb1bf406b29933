"""Commands that look at rulebooks: a scheme as tables, two side by side, one tried on published records."""

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
from inspections.rulebooks.trying import GRADE, KINDS, GradeFrom, try_rulebook, words_of_counts
from inspections.surface.terminal import say_summary


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
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
def try_draft(
    *, path: Path, file: Path, on: date | None, checklist: str | None, grade_from: str, as_json: bool
) -> None:
    """拿已公布的检查记录（CSV 或 XLSX）重算，逐条比较；列名见 docs/rulebooks.md。什么也不保存。"""
    basis = GradeFrom(grade_from)
    trial = try_rulebook(draft_at(path), file, on=on or today(), checklist=checklist, grade_from=basis)
    for note in trial.notes:
        click.echo(f"提示：{note}")
    for fault in trial.faults:
        click.echo(f"读不懂：{fault}")
    for one in trial.differing:
        why = f"（{one.why}）" if one.why else ""
        both = f"公布 {one.published or '无'}\t算得 {one.computed or '算不出'}{why}"
        click.echo(f"第 {one.row} 行\t{one.unit}\t{one.what}\t{both}")
    for what, counts in trial.computed.items():
        told = "，".join(f"{word or '算不出'} {n}" for word, n in sorted(counts.items()))
        click.echo(f"算出的{what}：{told}。")
    if GRADE in trial.computed:
        click.echo(f"等级由各次检查的结果和分数得出：{basis.zh}。")
    parts = words_of_counts(trial) or ["没有可比较的公布值"]
    sentence = f"读到 {trial.rows} 行，读不懂 {len(trial.faults)} 行；比较{'；'.join(parts)}。"
    figures = {"rows": trial.rows, "faults": len(trial.faults), "differing": len(trial.differing)}
    figures |= {f"compared_{name}": trial.compared[what] for name, what in KINDS.items()}
    figures |= {f"agreeing_{name}": trial.agreeing[what] for name, what in KINDS.items()}
    say_summary(sentence, figures, as_json=as_json)
