"""Commands of accounts, and the options by which a deciding command asks who decides."""

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlmodel import Session

from inspections.people.service import (
    ROLE_WORDS,
    SignedAccount,
    add_account,
    list_accounts,
    revoke_account,
    sign,
)
from inspections.people.tables import Role
from inspections.record.clock import utc_now
from inspections.record.database import read_only, transaction
from inspections.record.house import House

CommandT = TypeVar("CommandT", bound=Callable[..., Any])


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

    @click.option("--account", prompt="姓名", help="作出决定的账号姓名")
    @click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    def wrapped(*args: Any, account: str, password_file: Path | None, **options: Any) -> Any:
        return command(*args, deciding=Deciding(account, _password(password_file)), **options)

    # Click reads a command's options from the function: keep those declared further in.
    wrapped.__click_params__ = [  # type: ignore[attr-defined]  # click's own place for declared options
        *getattr(command, "__click_params__", []),
        *getattr(wrapped, "__click_params__", []),
    ]
    parameters = wrapped.__click_params__  # type: ignore[attr-defined]  # as above
    update_wrapper(wrapped, command)
    wrapped.__click_params__ = parameters  # type: ignore[attr-defined]  # update_wrapper copied the old list
    return wrapped  # type: ignore[return-value]  # same call, two options more


def _password(password_file: Path | None) -> str:
    if password_file is not None:
        return password_file.read_text(encoding="utf-8").strip()
    answer: str = click.prompt("密码", hide_input=True)
    return answer


@click.group("people")
def people() -> None:
    """账号与角色。"""


@people.command("add")
@click.option("--name", prompt="新账号姓名")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([r.value for r in Role]))
@click.option("--new-password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@asks_who_decides
@click.pass_obj
def add(
    house: House, *, name: str, roles: tuple[str, ...], new_password_file: Path | None, deciding: Deciding
) -> None:
    """由管理员增加一个账号。"""
    if new_password_file is not None:
        password = new_password_file.read_text(encoding="utf-8").strip()
    else:
        password = click.prompt("新账号的密码", hide_input=True, confirmation_prompt="再输一次")
    wanted = [Role(role) for role in roles]
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        add_account(session, name=name, password=password, roles=wanted, actor=actor.name, now=utc_now())
    click.echo(f"已增加账号“{name}”：{'、'.join(ROLE_WORDS[role] for role in wanted)}。")


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
