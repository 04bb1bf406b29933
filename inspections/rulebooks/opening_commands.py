"""`init`: how a bureau starts, with its first administrator, its settings, and the shipped rulebooks."""

from collections.abc import Callable
from pathlib import Path

import click

from inspections.people.commands import PASSWORD_FILE, new_password
from inspections.people.opening import address_warning, refuse_started, start_bureau
from inspections.people.service import checked_name
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.house import House
from inspections.record.settings import KINDS, undecided
from inspections.rulebooks.service import load_seeds


@click.command("init")
@click.option("--administrator", help="第一个管理员的姓名；没给则询问")
@click.option("--new-password-file", type=PASSWORD_FILE, help="管理员密码所在的文件；没给则询问")
@click.option("--set", "given", multiple=True, metavar="键=值", help="设置，可多次；没给的会逐项询问")
@click.option("--ask/--no-ask", default=True, help="是否询问没有给出的设置")
@click.pass_obj
def init(
    house: House,
    *,
    administrator: str | None,
    new_password_file: Path | None,
    given: tuple[str, ...],
    ask: bool,
) -> None:
    """开始使用：空的名册、第一个管理员和站点设置。"""
    with read_only(house.engine) as session:
        refuse_started(session)
    values = _given_values(given)
    name = administrator or click.prompt("第一个管理员的姓名", value_proc=_asking_again(checked_name))
    if ask:
        values |= {
            key: _asked(key) for key, kind in KINDS.items() if kind.needed_at_start and key not in values
        }
    password = new_password(new_password_file, "管理员的密码")
    now = utc_now()
    with transaction(house.engine) as session:
        start_bureau(session, administrator=name, password=password, values=values, from_on=today(), now=now)
        load_seeds(session, actor=name, now=now)
        waiting = undecided(session, today())
    warning = address_warning(values["public_address"])
    if warning:
        click.echo(warning)
    if waiting:
        click.echo("还要由本局决定，用 settings set 记下：")
        for line in waiting:
            click.echo(f"  {line}")
    click.echo(
        "已初始化。下一步：people add 增加编辑和审批的账号；"
        "template units 取得名册模板，填好后 import units 文件。"
    )


def _given_values(given: tuple[str, ...]) -> dict[str, str]:
    values = {}
    for pair in given:
        key, sign, value = pair.partition("=")
        if not sign or key not in KINDS:
            raise click.BadParameter(f"“{pair}”应写成 键=值；可用的键：{'、'.join(KINDS)}。")
        values[key] = value
    return values


def _asked(key: str) -> str:
    kind = KINDS[key]

    def readable(value: str) -> str:
        kind.read(value)
        return value

    answer: str = click.prompt(f"{kind.label}（例如：{kind.example}）", value_proc=_asking_again(readable))
    return answer


def _asking_again(read: Callable[[str], str]) -> Callable[[str], str]:
    """A value that is refused is asked for once more, with the reason."""

    def read_or_say(value: str) -> str:
        try:
            return read(value)
        except HouseError as refusal:
            raise click.UsageError(str(refusal)) from refusal

    return read_or_say
