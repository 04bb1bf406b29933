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
from inspections.people.tables import Account, AccountRole, Role
from inspections.record.audit import declare_event, write_audit
from inspections.record.errors import HouseError

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
    name, wanted = name.strip(), sorted(set(roles))
    if not name:
        raise AccountError("账号姓名是空的；请写下办事人员的姓名。")
    if not wanted:
        raise AccountError(f"账号“{name}”没有角色；请至少给一个：{'、'.join(ROLE_WORDS.values())}。")
    if len(password) < SHORTEST:
        raise AccountError(f"密码不足 {SHORTEST} 个字符；请换一个更长的。")
    if session.exec(select(Account).where(Account.name == name)).first():
        raise AccountError(f"账号“{name}”已经存在；同名的人请在姓名后加岗位区分。")
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
    write_audit(session, ACCOUNT_REVOKED, actor=actor, now=now, fields={"name": name})


def sign(session: Session, *, name: str, password: str, role: Role | None = None) -> SignedAccount:
    """Check a name and password, and the role a decision needs; refuse with one sentence otherwise."""
    account = _live_account(session, name.strip())
    if not password_matches(account.password_hash if account else None, password) or account is None:
        raise AccountError("姓名或密码不对；请重新输入。忘记密码请找管理员。")
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
