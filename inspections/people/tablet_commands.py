"""Commands of tablets: a new one's one-time code, and the recovery key."""

import os
from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides, people
from inspections.people.recovery import RecoveryError, make_recovery_key
from inspections.people.tables import Role
from inspections.people.tablets import make_enrolment
from inspections.record.clock import utc_now
from inspections.record.database import transaction
from inspections.record.house import House

__all__ = ["people"]

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@people.command("tablet-code")
@click.option("--label", prompt="平板名称", help="贴在机身上的编号，例如“执法平板03”")
@asks_who_decides
@click.pass_obj
def tablet_code(house: House, *, label: str, deciding: Deciding) -> None:
    """由管理员开一个一次性登记码，一天内有效，供一台新平板登录时使用。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        code = make_enrolment(session, label=label, actor=actor.name, now=utc_now())
    click.echo(f"“{label.strip()}”的登记码：{code}（用一次，24 小时内有效；这里之后不再显示）")


@people.command("recovery-key")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="密钥文件写到哪里"
)
@click.option("--passphrase-file", type=_FILE, default=None, help="密钥口令所在的文件；没给则询问")
@asks_who_decides
@click.pass_obj
def recovery_key(house: House, *, out: Path, passphrase_file: Path | None, deciding: Deciding) -> None:
    """由管理员生成恢复密钥：平板的 PIN 遗忘或平板停用时，用它打开平板导出的文件。"""
    if out.exists():
        raise RecoveryError(f"{out} 已经有了；恢复密钥不覆盖任何文件，请换一个文件名。")
    passphrase = _new_passphrase(passphrase_file)
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        content = make_recovery_key(session, passphrase=passphrase, actor=actor.name, now=utc_now())
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    click.echo(f"恢复密钥已写到 {out}；请和口令分开保管，系统里没有另存。平板下次同步时开始使用它。")


def _new_passphrase(path: Path | None) -> str:
    if path is not None:
        return path.read_text(encoding="utf-8").strip()
    answer: str = click.prompt("密钥口令", hide_input=True, confirmation_prompt="再输一次")
    return answer
