"""Commands of accounts, and the options by which a deciding command asks who decides."""

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlmodel import Session

from inspections.people.service import (
    ROLE_WORDS,
    AccountError,
    SignedAccount,
    add_account,
    checked_password,
    list_accounts,
    require_accounts,
    revoke_account,
    set_password,
    sign,
)
from inspections.people.tables import Role
from inspections.record.clock import utc_now
from inspections.record.database import read_only, transaction
from inspections.record.house import House

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
PASSWORD_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


class Deciding:
    """Who says he decides: a name and a password, checked inside the transaction of the decision."""

    def __init__(self, name: str, password: str) -> None:
        self.name = name
        self._password = password

    def sign(self, session: Session, role: Role | None = None) -> SignedAccount:
        """The account, once its password and the role it needs are checked."""
        return sign(session, name=self.name, password=self._password, role=role)


def asks_who_decides(command: CommandT) -> CommandT:
    """Add `--account` and `--password-file` (asked for where absent); the command gets `deciding`."""

    @click.option("--account", help="作出决定的账号姓名；没给则询问")
    @click.option("--password-file", type=PASSWORD_FILE, help="该账号密码所在的文件；没给则询问")
    def wrapped(*args: Any, account: str | None, password_file: Path | None, **options: Any) -> Any:
        return command(*args, deciding=_who_decides(account, password_file), **options)

    # Click reads a command's options from the function: keep those declared further in.
    wrapped.__click_params__ = [  # type: ignore[attr-defined]  # click's own place for declared options
        *getattr(command, "__click_params__", []),
        *getattr(wrapped, "__click_params__", []),
    ]
    parameters = wrapped.__click_params__  # type: ignore[attr-defined]  # as above
    update_wrapper(wrapped, command)
    wrapped.__click_params__ = parameters  # type: ignore[attr-defined]  # update_wrapper copied the old list
    return wrapped  # type: ignore[return-value]  # same call, two options more


def _who_decides(account: str | None, password_file: Path | None) -> Deciding:
    """Name and password as given or typed; nothing is asked where there is nobody yet who could decide."""
    house = click.get_current_context().find_object(House)
    if house is not None:
        with read_only(house.engine) as session:
            require_accounts(session)
    name = account if account is not None else click.prompt("作出决定的账号姓名")
    if password_file is not None:
        return Deciding(name, read_password(password_file))
    return Deciding(name, click.prompt(f"“{name}”的密码", hide_input=True))


def read_password(file: Path) -> str:
    """The password that a file holds, in its only line."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise AccountError(
            f"{file.name} 不是文本文件；请把密码单独写在一个 UTF-8 文本文件的第一行。"
        ) from error
    if len(lines) != 1 or not lines[0].strip():
        raise AccountError(f"{file.name} 应当只有一行，就是密码；现在有 {len(lines)} 行。")
    return lines[0].strip()


def new_password(file: Path | None, whose: str) -> str:
    """A password to be set: from a file, or typed twice; too short a one is refused before anything else."""
    if file is not None:
        return checked_password(read_password(file))
    answer: str = click.prompt(whose, hide_input=True, confirmation_prompt="再输一次")
    return checked_password(answer)


@click.group("people")
def people() -> None:
    """账号与角色。"""


@people.command("add")
@click.option("--name", prompt="新账号姓名", help="新账号的姓名；没给则询问")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([r.value for r in Role]),
    help="角色，可多次",
)
@click.option("--new-password-file", type=PASSWORD_FILE, help="新账号的密码所在的文件；没给则询问")
@asks_who_decides
@click.pass_obj
def add(
    house: House, *, name: str, roles: tuple[str, ...], new_password_file: Path | None, deciding: Deciding
) -> None:
    """由管理员增加一个账号。"""
    password = new_password(new_password_file, "新账号的密码")
    wanted = [Role(role) for role in roles]
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        add_account(session, name=name, password=password, roles=wanted, actor=actor.name, now=utc_now())
    click.echo(f"已增加账号“{name}”：{'、'.join(ROLE_WORDS[role] for role in wanted)}。")


@people.command("password")
@click.argument("name")
@click.option("--new-password-file", type=PASSWORD_FILE, help="新密码所在的文件；没给则询问")
@asks_who_decides
@click.pass_obj
def password_(house: House, *, name: str, new_password_file: Path | None, deciding: Deciding) -> None:
    """由管理员为一个账号重设密码，例如本人忘记了。"""
    password = new_password(new_password_file, f"“{name}”的新密码")
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        set_password(session, name=name, password=password, actor=actor.name, now=utc_now())
    click.echo(f"已为“{name}”重设密码。")


@people.command("revoke")
@click.argument("name")
@asks_who_decides
@click.pass_obj
def revoke(house: House, *, name: str, deciding: Deciding) -> None:
    """由管理员停用一个账号；它作过的决定保留。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        revoke_account(session, name=name, actor=actor.name, now=utc_now())
    click.echo(f"已停用账号“{name}”。")


@people.command("list")
@click.pass_obj
def list_(house: House) -> None:
    """列出账号、角色和是否停用。"""
    with read_only(house.engine) as session:
        for name, roles, revoked_at in list_accounts(session):
            words = "、".join(ROLE_WORDS[role] for role in sorted(roles))
            click.echo(f"{name}\t{words}\t{'已停用' if revoked_at else '可用'}")
