"""The only place that reads the clock; everything else takes `now` or `on` as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PEOPLE_ZONE = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def civil_day(instant: datetime) -> date:
    """The day on the wall calendar in Asia/Shanghai at an aware instant."""
    return instant.astimezone(PEOPLE_ZONE).date()


def in_full(day: date) -> str:
    """A day as it stands in a letter: `2026年11月6日`."""
    return f"{day.year}年{day.month}月{day.day}日"


def today() -> date:
    """The present civil day in Asia/Shanghai."""
    return civil_day(utc_now())
