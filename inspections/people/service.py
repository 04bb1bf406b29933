"""Use cases of accounts: add, revoke, and check who asks for a decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from inspections.people.passwords import (
    SHORTEST,
    hash_password,
    needs_rehash,
    password_matches,
)
from inspections.people.sessions import end_sessions
from inspections.people.tables import Account, AccountRole, Role
from inspections.record.audit import declare_event, write_audit
from inspections.record.command_line import CLI
from inspections.record.errors import HouseError
from inspections.record.texts import is_one_line

ROLE_WORDS = {
    Role.INSPECTOR: "检查人员",
    Role.CAMPAIGN_MANAGER: "抽查管理",
    Role.REVIEWER: "复核",
    Role.EDITOR: "编辑",
    Role.APPROVER: "审批",
    Role.AUDITOR: "审计",
    Role.REPORTING_BODY: "报送单位",
    Role.ADMINISTRATOR: "管理员",
}

ACCOUNT_ADDED = declare_event("account_added", "name", "roles")
ACCOUNT_REVOKED = declare_event("account_revoked", "name")
PASSWORD_SET = declare_event("password_set", "name")

_LONGEST_NAME = 40


class AccountError(HouseError):
    """An account cannot be added, found, or is not allowed to decide this."""


@dataclass(frozen=True)
class SignedAccount:
    """A member of the staff whose password has just been checked."""

    id: int
    name: str
    roles: frozenset[Role]


def add_account(
    session: Session, *, name: str, password: str, roles: Iterable[Role], actor: str, now: datetime
) -> int:
    """Add an account; the name is what public records of decisions will carry."""
    name, wanted = checked_name(name), sorted(set(roles))
    if not wanted:
        raise AccountError(f"账号“{name}”没有角色；请至少给一个：{'、'.join(ROLE_WORDS.values())}。")
    checked_password(password)
    present = session.exec(select(Account).where(Account.name == name)).first()
    if present is not None:
        # A name stands in past decisions: it never comes to mean somebody else.
        state = "已经存在" if present.revoked_at is None else "已经停用，不能再启用"
        raise AccountError(f"账号“{name}”{state}；同名的人请在姓名后加岗位区分。")
    account = Account(name=name, password_hash=hash_password(password), created_at=now)
    session.add(account)
    session.flush()
    session.add_all(AccountRole(account_id=account.id or 0, role=role) for role in wanted)
    write_audit(
        session,
        ACCOUNT_ADDED,
        actor=actor,
        now=now,
        fields={"name": name, "roles": [role.value for role in wanted]},
    )
    return account.id or 0


def checked_name(name: str) -> str:
    """A name as it is stored; one that cannot be told from another by reading is refused."""
    name = " ".join(name.split())
    if not name:
        raise AccountError("账号姓名是空的；请写下办事人员的姓名。")
    if not is_one_line(name) or len(name) > _LONGEST_NAME:
        raise AccountError(f"账号姓名应是一行、看得见、不超过 {_LONGEST_NAME} 个字；请重写。")
    return name


def checked_password(password: str) -> str:
    """A password that may be used; too short a one is refused."""
    if len(password) < SHORTEST:
        raise AccountError(f"密码不足 {SHORTEST} 个字符；请换一个更长的。")
    return password


def set_password(session: Session, *, name: str, password: str, actor: str, now: datetime) -> None:
    """Give a live account another password, for whoever has forgotten theirs; every session of it ends."""
    account = _live_account(session, name.strip())
    if account is None:
        raise AccountError(f"没有可用的账号“{name}”；用 people list 查看现有账号。")
    account.password_hash = hash_password(checked_password(password))
    session.add(account)
    end_sessions(session, account.id or 0, now)
    write_audit(session, PASSWORD_SET, actor=actor, now=now, fields={"name": account.name})


def revoke_account(session: Session, *, name: str, actor: str, now: datetime) -> None:
    """Close an account; what it decided stays."""
    account = _live_account(session, name)
    if account is None:
        raise AccountError(f"没有可用的账号“{name}”；用 people list 查看现有账号。")
    roles = _roles_of(session, account)
    if Role.ADMINISTRATOR in roles and count_administrators(session) == 1:
        raise AccountError(f"“{name}”是最后一个管理员；请先用 people add 增加另一个管理员。")
    account.revoked_at = now
    session.add(account)
    end_sessions(session, account.id or 0, now)
    write_audit(session, ACCOUNT_REVOKED, actor=actor, now=now, fields={"name": name})


def require_accounts(session: Session) -> None:
    """Stop where nobody can decide yet, because the directory has not been opened."""
    if session.exec(select(Account.id).limit(1)).first() is None:
        raise AccountError(f"这个数据目录里还没有账号；请先运行 {CLI} init。")


def sign(session: Session, *, name: str, password: str, role: Role | None = None) -> SignedAccount:
    """Check a name and password, and the role a decision needs; refuse with one sentence otherwise."""
    # No name has a zero byte in it, and not every database may be asked for one.
    account = None if "\0" in name else _live_account(session, " ".join(name.split()))
    if not password_matches(account.password_hash if account else None, password) or account is None:
        raise AccountError("姓名或密码不对；请重新输入。忘记密码请找管理员重设。")
    if needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
        session.add(account)
    roles = _roles_of(session, account)
    if role is not None and role not in roles:
        raise AccountError(
            f"“{account.name}”没有“{ROLE_WORDS[role]}”角色，不能做这一步；请换有此角色的账号。"
        )
    return SignedAccount(account.id or 0, account.name, roles)


def list_accounts(session: Session) -> list[tuple[str, frozenset[Role], datetime | None]]:
    """Every account with its roles, and since when it is revoked."""
    accounts = session.exec(select(Account).order_by(col(Account.id)))
    return [(account.name, _roles_of(session, account), account.revoked_at) for account in accounts]


def _live_account(session: Session, name: str) -> Account | None:
    query = select(Account).where(Account.name == name, col(Account.revoked_at).is_(None))
    return session.exec(query).first()


def _roles_of(session: Session, account: Account) -> frozenset[Role]:
    query = select(AccountRole).where(AccountRole.account_id == account.id)
    return frozenset(row.role for row in session.exec(query))


def count_administrators(session: Session) -> int:
    """How many live accounts have the administrator's role."""
    query = (
        select(AccountRole.account_id)
        .join(Account, col(Account.id) == col(AccountRole.account_id))
        .where(AccountRole.role == Role.ADMINISTRATOR, col(Account.revoked_at).is_(None))
    )
    return len(session.exec(query).all())
