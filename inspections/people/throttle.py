"""Sign-in attempts are limited per name and per network address, across processes and restarts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from inspections.people.tables import SignInBucket
from inspections.record.database import insert_if_absent, table_of
from inspections.record.errors import HouseError

AT_ONCE = 8
ONE_MORE_EVERY = timedelta(minutes=2)
AT_ONCE_PER_ADDRESS = 60
ONE_MORE_PER_ADDRESS_EVERY = timedelta(seconds=15)


class TooManyAttemptsError(HouseError):
    """Too many sign-ins failed for a name or from an address; says when to try again."""


@dataclass(frozen=True)
class Limit:
    """A bucket: so many attempts at once, and one more after each interval."""

    size: int
    refill: timedelta


NAME_LIMIT = Limit(AT_ONCE, ONE_MORE_EVERY)
ADDRESS_LIMIT = Limit(AT_ONCE_PER_ADDRESS, ONE_MORE_PER_ADDRESS_EVERY)


def require_attempt(session: Session, key: str, limit: Limit, now: datetime) -> None:
    """Refuse where a key has no attempt left; takes nothing."""
    bucket = session.get(SignInBucket, key)
    left = _tokens(bucket, limit, now)
    if left < 1:
        wait = (1 - left) * limit.refill.total_seconds()
        raise TooManyAttemptsError(
            f"登录失败次数太多；请在 {max(1, round(wait / 60))} 分钟后再试，忘记密码请找管理员。"
        )


def take_attempt(session: Session, key: str, limit: Limit, now: datetime) -> None:
    """Count one failed attempt."""
    row = {"key": key, "tokens": float(limit.size), "filled_at": now}
    insert_if_absent(session, table_of(SignInBucket), row)
    bucket = session.get_one(SignInBucket, key, with_for_update=True)
    bucket.tokens, bucket.filled_at = max(0.0, _tokens(bucket, limit, now) - 1), now
    session.add(bucket)


def forget_attempts(session: Session, key: str) -> None:
    """A successful sign-in clears the name's count."""
    bucket = session.get(SignInBucket, key)
    if bucket is not None:
        session.delete(bucket)


def _tokens(bucket: SignInBucket | None, limit: Limit, now: datetime) -> float:
    if bucket is None:
        return float(limit.size)
    filled = (now - bucket.filled_at) / limit.refill
    return min(float(limit.size), bucket.tokens + max(0.0, filled))
