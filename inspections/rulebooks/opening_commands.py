"""`init`: how a bureau starts, with its first administrator, its settings, and the shipped rulebooks."""

from pathlib import Path

import click

from inspections.people.opening import address_warning, start_bureau
from inspections.record.clock import today, utc_now
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.record.settings import KINDS
from inspections.rulebooks.service import load_seeds


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
    now = utc_now()
    with transaction(house.engine) as session:
        start_bureau(
            session,
            administrator=administrator,
            password=password,
            values=values,
            from_on=today(),
            now=now,
        )
        load_seeds(session, actor=administrator, now=now)
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
