"""Commands of the floor: settings; and how a day is written on the command line."""

from datetime import date, datetime

import click
from sqlmodel import Session

from inspections.record.clock import PEOPLE_ZONE, today
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.record.settings import KINDS, in_words, setting_history, settings_on


class Day(click.ParamType[date]):
    """A civil day on the command line, `2026-11-24`."""

    name = "日期"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day, or a sentence that shows the form wanted."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=PEOPLE_ZONE).date()
        except ValueError:
            self.fail(f"“{value}”不是日期；请写成 2026-11-24 的形式。", param, ctx)


DAY = Day()


def show_settings(session: Session) -> list[str]:
    """The lines of `settings show`: the value in force today, then the dated history, per key."""
    in_force = settings_on(session, today())
    history = setting_history(session)
    lines = []
    for key, kind in KINDS.items():
        value = in_force.values.get(key)
        lines.append(f"{key}\t{kind.label}\t{'（未设置）' if value is None else in_words(value)}")
        lines += [
            f"    自 {row.from_on}：{in_words(row.value)}"
            f"（{row.set_by}，{row.set_at.astimezone(PEOPLE_ZONE):%Y-%m-%d %H:%M}）"
            for row in history
            if row.key == key
        ]
    return lines


@click.group("settings")
def settings() -> None:
    """站点设置：每个值都有生效日期。"""


@settings.command("show")
@click.pass_obj
def settings_show(house: House) -> None:
    """列出全部设置：今天生效的值和历次的值。"""
    with read_only(house.engine) as session:
        for line in show_settings(session):
            click.echo(line)
