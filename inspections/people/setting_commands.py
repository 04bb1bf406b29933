"""The command that changes a dated setting: an administrator answers for it."""

from datetime import date

import click

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY, settings
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.record.settings import KINDS, in_words, notices_after, set_setting

__all__ = ["settings"]


@settings.command("set")
@click.argument("key")
@click.argument("value")
@click.option("--from", "from_on", type=DAY, required=True, help="从哪一天起生效，例如 2026-12-01")
@asks_who_decides
@click.pass_obj
def settings_set(house: House, *, key: str, value: str, from_on: date, deciding: Deciding) -> None:
    """由管理员记录一个从某天起生效的值。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        read = set_setting(session, key=key, value=value, from_on=from_on, actor=actor.name, now=utc_now())
        lines = notices_after(session, key, from_on)
    later = "（今天还没有生效）" if from_on > today() else ""
    click.echo(f"已记录：自 {from_on} 起，{KINDS[key].label} = {in_words(read)}{later}。")
    for line in lines:
        click.echo(line)
