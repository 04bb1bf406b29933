"""Commands for tablets in need: the recovery key, and what a tablet with a forgotten PIN still holds."""

from pathlib import Path

import click

from inspections.people.commands import PASSWORD_FILE, Deciding, asks_who_decides, new_password, read_password
from inspections.people.recovery import make_recovery_key, open_export
from inspections.people.tables import Role
from inspections.record.clock import utc_now
from inspections.record.database import transaction
from inspections.record.errors import HouseError
from inspections.record.house import House
from inspections.visits.sync.exports import take_export

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("tablets")
def tablets() -> None:
    """平板：恢复密钥，打开忘记 PIN 的平板导出的文件。"""


@tablets.command("recovery-key")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="私钥写到哪里；请离线保管")
@click.option("--passphrase-file", type=PASSWORD_FILE, help="私钥口令所在的文件；没给则询问")
@asks_who_decides
@click.pass_obj
def recovery_key_(house: House, *, out: Path, passphrase_file: Path | None, deciding: Deciding) -> None:
    """由管理员制作单位的恢复密钥；平板下次联网后用它的公钥多包一份本机密钥。"""
    if out.exists():
        raise HouseError(f"{out} 已经存在；为免覆盖旧的恢复密钥，请换一个文件名。")
    passphrase = new_password(passphrase_file, "恢复密钥的口令")
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        private = make_recovery_key(session, passphrase=passphrase, actor=actor.name, now=utc_now())
        out.touch(mode=0o600)
        out.write_bytes(private)
    click.echo(f"恢复密钥的私钥已写入 {out}。请离线保管，口令分开保管；丢了就打不开忘记 PIN 的平板。")


@tablets.command("open-export")
@click.argument("file", type=_FILE)
@click.option("--key", "key_file", type=_FILE, required=True, help="恢复密钥的私钥文件")
@click.option("--passphrase-file", type=PASSWORD_FILE, help="私钥口令所在的文件；没给则询问")
@click.option("--reason", prompt="理由", help="为什么打开，例如：PIN 遗忘")
@asks_who_decides
@click.pass_obj
def open_export_(
    house: House, *, file: Path, key_file: Path, passphrase_file: Path | None, reason: str, deciding: Deciding
) -> None:
    """由管理员打开平板导出的文件，把没有上传的内容以检查人员本人的名义存入系统；每次打开都有记录。"""
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
    typed: str = click.prompt("恢复密钥的口令", hide_input=True)
    return typed
