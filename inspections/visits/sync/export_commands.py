"""The command that opens what a tablet exported: it enters the system in the name of its author."""

from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides, read_password
from inspections.people.recovery import open_export
from inspections.people.tables import Role
from inspections.people.tablet_commands import people
from inspections.record.clock import utc_now
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.visits.sync.exports import take_export

__all__ = ["people"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@people.command("open-export")
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", type=_FILE, required=True, help="恢复密钥文件")
@click.option("--passphrase-file", type=_FILE, help="密钥口令所在的文件；没给则询问")
@click.option("--reason", prompt="理由", help="为什么打开，例如：PIN 遗忘")
@asks_who_decides
@click.pass_obj
def open_export_(
    house: House, *, file: Path, key_file: Path, passphrase_file: Path | None, reason: str, deciding: Deciding
) -> None:
    """由管理员打开一个平板的导出文件，没有上传的内容以检查人员本人的名义存入系统；每次打开都记入审计。"""
    passphrase = _passphrase(passphrase_file)
    now = utc_now()
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        opened = open_export(
            session,
            file.read_bytes(),
            key_file.read_bytes(),
            passphrase,
            reason=reason,
            actor=actor.name,
            now=now,
        )
    taken = take_export(house, opened, now=now)
    for line in taken.refused:
        click.echo(f"没有收下 {line}", err=True)
    click.echo(f"“{opened.account_name}”的平板：收下 {taken.changes} 条记录、{taken.photos} 个照片或签名。")


def _passphrase(file: Path | None) -> str:
    if file is not None:
        return read_password(file)
    typed: str = click.prompt("密钥口令", hide_input=True)
    return typed
