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


def today() -> date:
    """The present civil day in Asia/Shanghai."""
    return civil_day(utc_now())
