"""Commands that start a bureau and change its dated settings."""

from datetime import date
from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.opening import address_warning, start_bureau
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.commands import DAY, settings
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.record.settings import KINDS, notices_after, set_setting


@click.command("init")
@click.option("--administrator", prompt="第一个管理员的姓名")
@click.option("--new-password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--set", "given", multiple=True, metavar="键=值", help="设置，可多次；没给的会逐项询问")
@click.option("--ask/--no-ask", default=True, help="是否询问没有给出的设置")
@click.pass_obj
def init(
    house: House, *, administrator: str, new_password_file: Path | None, given: tuple[str, ...], ask: bool
) -> None:
    """开始使用：空的名册、第一个管理员和站点设置。"""
    values = _given_values(given)
    if ask:
        for key, kind in KINDS.items():
            if kind.needed_at_start and key not in values:
                values[key] = click.prompt(f"{kind.label}（例如：{kind.example}）")
    if new_password_file is not None:
        password = new_password_file.read_text(encoding="utf-8").strip()
    else:
        password = click.prompt("管理员的密码", hide_input=True, confirmation_prompt="再输一次")
    with transaction(house.engine) as session:
        start_bureau(
            session,
            administrator=administrator,
            password=password,
            values=values,
            from_on=today(),
            now=utc_now(),
        )
    warning = address_warning(values["public_address"])
    if warning:
        click.echo(warning)
    click.echo("已初始化。下一步：template units 取得名册模板，填好后 import units 文件。")


def _given_values(given: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for pair in given:
        key, sign, value = pair.partition("=")
        if not sign or key not in KINDS:
            raise click.BadParameter(f"“{pair}”应写成 键=值；可用的键：{'、'.join(KINDS)}。")
        values[key] = value
    return values


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
    click.echo(f"已记录：自 {from_on} 起，{KINDS[key].label} = {read}。")
    for line in lines:
        click.echo(line)
