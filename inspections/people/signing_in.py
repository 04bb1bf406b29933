"""The use case of signing in: limits first, then password and code, then a session; failures are counted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from inspections.people.service import AccountError, SignedAccount, sign
from inspections.people.sessions import DESK_LASTS, start_session
from inspections.people.tables import Account, SessionKind
from inspections.people.throttle import (
    ADDRESS_LIMIT,
    NAME_LIMIT,
    forget_attempts,
    require_attempt,
    take_attempt,
)
from inspections.people.totp import require_code
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.record.seals import fingerprint_of

_PURPOSE = "sign-in limits"


@dataclass(frozen=True)
class Attempt:
    """What somebody typed at a sign-in, and from where."""

    name: str
    password: str
    code: str | None
    address: str
    device: str = ""


@dataclass(frozen=True)
class SignedIn:
    """A new session: its token goes to the browser and is stored nowhere."""

    token: str
    account: SignedAccount


def sign_in(
    house: House,
    attempt: Attempt,
    now: datetime,
    *,
    lasts: timedelta = DESK_LASTS,
    tablet: Callable[[Session, SignedAccount], int] | None = None,
) -> SignedIn:
    """Open a session for whoever knows the password (and the code, where the account uses one).

    Wrong and unknown names cost the same and are counted per name and per address. `tablet` says on which
    tablet the account signs in, or refuses it.
    """
    secret = house.configuration.secret
    keys = (
        (fingerprint_of(secret, _PURPOSE, f"name {attempt.name.strip()}"), NAME_LIMIT),
        (fingerprint_of(secret, _PURPOSE, f"address {attempt.address}"), ADDRESS_LIMIT),
    )
    try:
        with transaction(house.engine) as session:
            for key, limit in keys:
                require_attempt(session, key, limit, now)
            account = check_sign_in(session, attempt, secret=secret, now=now)
            forget_attempts(session, keys[0][0])
            token = start_session(
                session,
                account_id=account.id,
                kind=SessionKind.TABLET if tablet else SessionKind.DESK,
                now=now,
                lasts=lasts,
                tablet_id=tablet(session, account) if tablet else None,
                device=attempt.device,
            )
    except AccountError:
        with transaction(house.engine) as session:
            for key, limit in keys:
                take_attempt(session, key, limit, now)
        raise
    return SignedIn(token, account)


def check_sign_in(session: Session, attempt: Attempt, *, secret: str, now: datetime) -> SignedAccount:
    """Check password and code, inside the caller's transaction."""
    account = sign(session, name=attempt.name, password=attempt.password)
    row = session.get_one(Account, account.id)
    require_code(session, row, attempt.code, house_secret=secret, now=now)
    return account
