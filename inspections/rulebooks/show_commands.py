"""Commands that look at rulebooks: a scheme as tables, and two of them side by side."""

from datetime import date

import click

from inspections.record.audit import PROGRAM
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.rulebooks.changes import difference
from inspections.rulebooks.commands import say_unfit
from inspections.rulebooks.drafts import rulebook_named, with_day
from inspections.rulebooks.service import load_seeds
from inspections.rulebooks.show_text import difference_lines, rulebook_lines
from inspections.rulebooks.showing import shown


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
