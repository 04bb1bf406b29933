"""One-time codes as a second factor: optional, sealed at rest, each code counts once."""

import hmac
import re
from datetime import datetime

import pyotp
from sqlalchemy import update
from sqlmodel import Session

from inspections.people.service import AccountError
from inspections.people.tables import Account
from inspections.record.audit import declare_event, write_audit
from inspections.record.database import table_of
from inspections.record.seals import seal, unseal

TOTP_TURNED_ON = declare_event("totp_turned_on", "name")
TOTP_TURNED_OFF = declare_event("totp_turned_off", "name")

_PURPOSE = "totp"


class CodeRefusedError(AccountError):
    """The account asks for a one-time code, and none that counts was given."""


_STEP_SECONDS = 30
_ALLOWED_DRIFT = 1


def new_secret() -> str:
    """A fresh secret in base 32, as authenticator applications read it."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether a text is a secret as `new_secret` makes them."""
    return re.fullmatch(r"[A-Z2-7]{32}", text) is not None


def provisioning_address(secret: str, *, name: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)


def turn_on(
    session: Session, account: Account, *, secret: str, code: str, house_secret: str, now: datetime
) -> None:
    """Ask for a code from now on, once the account has shown one from this secret."""
    step = _step_of(secret, code, now) if is_secret(secret) else None
    if step is None:
        raise AccountError("动态码不对；请核对验证器上的六位数字和本机时间，再输一次。动态码还没有启用。")
    account.totp_secret, account.totp_last_step = seal(house_secret, _PURPOSE, secret), step
    session.add(account)
    write_audit(session, TOTP_TURNED_ON, actor=account.name, now=now, fields={"name": account.name})


def turn_off(session: Session, account: Account, *, actor: str, now: datetime) -> None:
    """Ask for no code any more: by the account itself, or by an administrator for a lost phone."""
    if account.totp_secret is None:
        return
    account.totp_secret, account.totp_last_step = None, 0
    session.add(account)
    write_audit(session, TOTP_TURNED_OFF, actor=actor, now=now, fields={"name": account.name})


def require_code(
    session: Session, account: Account, code: str | None, *, house_secret: str, now: datetime
) -> None:
    """Check an account's code where it uses one; the same code is refused the second time."""
    if account.totp_secret is None:
        return
    step = _step_of(unseal(house_secret, _PURPOSE, account.totp_secret), code or "", now)
    if step is None or not _claim(session, account, step):
        raise CodeRefusedError("动态码不对或已经用过；请输入验证器上现在的六位数字。")


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, within the allowed drift."""
    digits = "".join(code.split())
    present = int(now.timestamp()) // _STEP_SECONDS
    for step in range(present - _ALLOWED_DRIFT, present + _ALLOWED_DRIFT + 1):
        if hmac.compare_digest(pyotp.TOTP(secret).at(step * _STEP_SECONDS), digits):
            return step
    return None


def _claim(session: Session, account: Account, step: int) -> bool:
    table = table_of(Account)
    claimed = session.connection().execute(
        update(table)
        .where(table.c.id == account.id, table.c.totp_last_step < step)
        .values(totp_last_step=step)
    )
    return claimed.rowcount == 1
