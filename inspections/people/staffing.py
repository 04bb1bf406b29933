"""Use cases about members of the staff: certificate, roles, password, recusals, training, sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, delete, func, select

from inspections.people.passwords import SHORTEST, hash_password, password_matches
from inspections.people.service import ROLE_WORDS, AccountError, count_administrators
from inspections.people.sessions import end_sessions
from inspections.people.tables import (
    Account,
    AccountRole,
    Recusal,
    Role,
    SessionKind,
    StaffSession,
    TrainingRecord,
)
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day

CERTIFICATE_CHANGED = declare_event("certificate_changed", "name", "number", "until_on")
ROLES_CHANGED = declare_event("roles_changed", "name", "before", "after")
PASSWORD_CHANGED = declare_event("password_changed", "name")
RECUSAL_RECORDED = declare_event("recusal_recorded", "name", "unit", "from_on", "until_on")
RECUSAL_ENDED = declare_event("recusal_ended", "name", "unit", "until_on")
TRAINING_RECORDED = declare_event("training_recorded", "name", "held_on", "hours", "subject")
SESSION_REVOKED = declare_event("session_revoked", "name", "session")

_MOST_HOURS_A_DAY = Decimal(12)


@dataclass(frozen=True)
class Member:
    """A member of the staff as the desk lists them."""

    account_id: int
    name: str
    roles: tuple[Role, ...]
    certificate_number: str | None
    certificate_until_on: date | None
    has_totp: bool
    revoked_at: datetime | None
    training_hours: Decimal
    recusals: int

    @property
    def role_words(self) -> str:
        """The roles in Chinese."""
        return "、".join(ROLE_WORDS[role] for role in self.roles)


@dataclass(frozen=True)
class SessionLine:
    """An open session as its owner and the administrator see it."""

    session_id: int
    kind: SessionKind
    device: str
    made_at: datetime
    seen_at: datetime


def account_named(session: Session, name: str) -> Account:
    """A live account; refuses with the cure where there is none."""
    query = select(Account).where(Account.name == name.strip(), col(Account.revoked_at).is_(None))
    account = session.exec(query).first()
    if account is None:
        raise AccountError(f"没有可用的账号“{name}”；请在人员页核对姓名。")
    return account


def members(session: Session, on: date) -> list[Member]:
    """Everybody, live accounts first, with this year's training."""
    hours = _hours_by_account(session, on.year)
    query = (
        select(Recusal.account_id, func.count())
        .where(col(Recusal.from_on) <= on, col(Recusal.until_on).is_(None) | (col(Recusal.until_on) >= on))
        .group_by(col(Recusal.account_id))
    )
    barred = dict(session.exec(query).all())
    roles: dict[int, list[Role]] = {}
    for row in session.exec(select(AccountRole)):
        roles.setdefault(row.account_id, []).append(row.role)
    accounts = session.exec(select(Account).order_by(col(Account.id))).all()
    found = [
        Member(
            account_id=account.id or 0,
            name=account.name,
            roles=tuple(sorted(roles.get(account.id or 0, []), key=list(Role).index)),
            certificate_number=account.certificate_number,
            certificate_until_on=account.certificate_until_on,
            has_totp=account.totp_secret is not None,
            revoked_at=account.revoked_at,
            training_hours=hours.get(account.id or 0, Decimal(0)),
            recusals=barred.get(account.id or 0, 0),
        )
        for account in accounts
    ]
    return sorted(found, key=lambda one: one.revoked_at is not None)


def set_certificate(
    session: Session, name: str, *, number: str, until_on: date | None, actor: str, now: datetime
) -> None:
    """Record an enforcement certificate and its last day."""
    account = account_named(session, name)
    if not number.strip():
        raise AccountError("执法证号是空的；请照证件填写。")
    account.certificate_number, account.certificate_until_on = number.strip(), until_on
    session.add(account)
    fields = {"name": account.name, "number": number.strip(), "until_on": _iso(until_on)}
    write_audit(session, CERTIFICATE_CHANGED, actor=actor, now=now, fields=fields)


def set_roles(session: Session, name: str, roles: Iterable[Role], *, actor: str, now: datetime) -> None:
    """Give an account these roles and no others; the last administrator keeps that role."""
    account, wanted = account_named(session, name), sorted(set(roles))
    if not wanted:
        raise AccountError(f"“{account.name}”至少要有一个角色；不再需要的账号请停用。")
    held = {row.role for row in session.exec(select(AccountRole).where(AccountRole.account_id == account.id))}
    if Role.ADMINISTRATOR in held and Role.ADMINISTRATOR not in wanted and count_administrators(session) == 1:
        raise AccountError(f"“{account.name}”是最后一个管理员；请先给另一个账号管理员角色。")
    session.exec(delete(AccountRole).where(col(AccountRole.account_id) == account.id))
    session.add_all(AccountRole(account_id=account.id or 0, role=role) for role in wanted)
    fields = {"name": account.name, "before": sorted(held), "after": wanted}
    write_audit(session, ROLES_CHANGED, actor=actor, now=now, fields=fields)


def change_password(session: Session, name: str, *, old: str, new: str, now: datetime) -> None:
    """Change one's own password; every session of the account ends."""
    account = account_named(session, name)
    if not password_matches(account.password_hash, old):
        raise AccountError("现在的密码不对；密码没有改。")
    _put_password(session, account, new, actor=account.name, now=now)


def reset_password(session: Session, name: str, *, new: str, actor: str, now: datetime) -> None:
    """Give an account a new password, by an administrator; its sessions end."""
    _put_password(session, account_named(session, name), new, actor=actor, now=now)


def record_recusal(
    session: Session,
    name: str,
    *,
    unit_id: int,
    reason: str,
    from_on: date,
    until_on: date | None = None,
    actor: str,
    now: datetime,
) -> int:
    """Bar an inspector from a unit; the reason stays inside the house."""
    account = account_named(session, name)
    if until_on is not None and until_on < from_on:
        raise AccountError(f"回避的最后一天 {until_on} 早于第一天 {from_on}；请核对。")
    row = Recusal(
        account_id=account.id or 0,
        unit_id=unit_id,
        reason=reason.strip(),
        from_on=from_on,
        until_on=until_on,
        recorded_by=actor,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    fields = {
        "name": account.name,
        "unit": unit_id,
        "from_on": from_on.isoformat(),
        "until_on": _iso(until_on),
    }
    write_audit(session, RECUSAL_RECORDED, actor=actor, now=now, fields=fields)
    return row.id or 0


def end_recusal(
    session: Session, recusal_id: int, *, name: str, until_on: date, actor: str, now: datetime
) -> None:
    """Let a recusal of somebody end on a day; it stays on record."""
    account, row = account_named(session, name), session.get(Recusal, recusal_id)
    if row is None or row.account_id != account.id:
        raise AccountError(f"{name} 没有这条回避记录；请从人员页重新进入。")
    if until_on < row.from_on:
        raise AccountError(f"回避的最后一天 {until_on} 早于第一天 {row.from_on}；请核对。")
    row.until_on = until_on
    session.add(row)
    fields = {"name": account.name, "unit": row.unit_id, "until_on": until_on.isoformat()}
    write_audit(session, RECUSAL_ENDED, actor=actor, now=now, fields=fields)


def recusals_of(session: Session, account_id: int) -> Sequence[Recusal]:
    """The recusals of an account, newest first."""
    query = select(Recusal).where(Recusal.account_id == account_id).order_by(col(Recusal.id).desc())
    return session.exec(query).all()


def recusals_in_force(session: Session, account_id: int, on: date) -> int:
    """From how many units an account must be recused on a day or later."""
    return sum(one.until_on is None or one.until_on >= on for one in recusals_of(session, account_id))


def barred_units(session: Session, account_ids: Iterable[int], on: date) -> dict[int, set[int]]:
    """The units that each of these accounts is barred from on a day."""
    query = select(Recusal).where(
        col(Recusal.account_id).in_(list(account_ids)),
        col(Recusal.from_on) <= on,
        col(Recusal.until_on).is_(None) | (col(Recusal.until_on) >= on),
    )
    found: dict[int, set[int]] = {}
    for row in session.exec(query):
        found.setdefault(row.account_id, set()).add(row.unit_id)
    return found


def record_training(
    session: Session, name: str, *, held_on: date, hours: Decimal, subject: str, actor: str, now: datetime
) -> None:
    """Record hours of training of one day."""
    account = account_named(session, name)
    if not 0 < hours <= _MOST_HOURS_A_DAY:
        raise AccountError(f"一天的培训学时应在 0 到 {_MOST_HOURS_A_DAY} 之间，得到 {hours}；请核对。")
    if held_on > civil_day(now):
        raise AccountError(f"{held_on} 还没有到；请写已经参加的培训。")
    if not subject.strip():
        raise AccountError("培训内容是空的；请写明培训的题目。")
    row = TrainingRecord(
        account_id=account.id or 0,
        held_on=held_on,
        hours=hours,
        subject=subject.strip(),
        recorded_by=actor,
        recorded_at=now,
    )
    session.add(row)
    fields = {
        "name": account.name,
        "held_on": held_on.isoformat(),
        "hours": str(hours),
        "subject": row.subject,
    }
    write_audit(session, TRAINING_RECORDED, actor=actor, now=now, fields=fields)


def training_of(session: Session, account_id: int, year: int) -> Sequence[TrainingRecord]:
    """An account's training in a year, newest first."""
    query = select(TrainingRecord).where(
        TrainingRecord.account_id == account_id,
        col(TrainingRecord.held_on) >= date(year, 1, 1),
        col(TrainingRecord.held_on) <= date(year, 12, 31),
    )
    return session.exec(query.order_by(col(TrainingRecord.held_on).desc())).all()


def open_sessions(session: Session, account_id: int, now: datetime) -> list[SessionLine]:
    """The sessions of an account that hold now, newest first."""
    query = select(StaffSession).where(
        StaffSession.account_id == account_id,
        col(StaffSession.revoked_at).is_(None),
        col(StaffSession.expires_at) > now,
    )
    return [
        SessionLine(row.id or 0, row.kind, row.device, row.made_at, row.seen_at)
        for row in session.exec(query.order_by(col(StaffSession.id).desc()))
    ]


def revoke_session(session: Session, account_id: int, session_id: int, *, actor: str, now: datetime) -> None:
    """End one session of an account, by its owner or an administrator."""
    row = session.get(StaffSession, session_id)
    if row is None or row.account_id != account_id:
        raise AccountError("没有这个登录；可能已经退出。")
    if row.revoked_at is not None:
        return
    row.revoked_at = now
    session.add(row)
    name = session.get_one(Account, account_id).name
    write_audit(session, SESSION_REVOKED, actor=actor, now=now, fields={"name": name, "session": session_id})


def _put_password(session: Session, account: Account, new: str, *, actor: str, now: datetime) -> None:
    if len(new) < SHORTEST:
        raise AccountError(f"新密码不足 {SHORTEST} 个字符；请换一个更长的。密码没有改。")
    account.password_hash = hash_password(new)
    session.add(account)
    end_sessions(session, account.id or 0, now)
    write_audit(session, PASSWORD_CHANGED, actor=actor, now=now, fields={"name": account.name})


def _hours_by_account(session: Session, year: int) -> dict[int, Decimal]:
    query = (
        select(TrainingRecord.account_id, func.sum(TrainingRecord.hours))
        .where(
            col(TrainingRecord.held_on) >= date(year, 1, 1),
            col(TrainingRecord.held_on) <= date(year, 12, 31),
        )
        .group_by(col(TrainingRecord.account_id))
    )
    return {account_id: Decimal(str(hours)) for account_id, hours in session.exec(query)}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
