"""Working days: Monday to Friday as each year's notice shifts them; a year that is missing is not guessed."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.errors import HouseError
from inspections.record.own_files import OwnKind, declare_own_kind, own_or_shipped

CALENDAR_FOLDER = PACKAGE_ROOT / "seeds" / "calendar"
_SATURDAY = 5
_DAY = timedelta(days=1)


class CalendarError(HouseError):
    """A year's calendar is missing or does not fit."""


@dataclass(frozen=True)
class YearCalendar:
    """One year: weekdays on which nobody works, weekend days on which everybody does."""

    year: int
    days_off: frozenset[date]
    days_on: frozenset[date]

    def is_working(self, day: date) -> bool:
        """Whether a day of this year is a working day."""
        return day in self.days_on if day.weekday() >= _SATURDAY else day not in self.days_off


def read_year(path: Path) -> YearCalendar:
    """A year's calendar from its file; a day of another year or on the wrong side is refused."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        year, off, on = int(read["year"]), list(read["days_off"]), list(read["days_on"])
        if not all(type(day) is date for day in (*off, *on)):
            raise CalendarError(
                f"{path.name} 的 days_off、days_on 里有不是日期的内容；请写成 2027-01-01 的样子。"
            )
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as fault:
        raise CalendarError(
            f"{path.name} 不是工作日历；要有 year、days_off、days_on，请照已有的年份写。"
        ) from fault
    wrong = [day for day in (*off, *on) if day.year != year]
    wrong += [day for day in off if day.weekday() >= _SATURDAY] + [
        day for day in on if day.weekday() < _SATURDAY
    ]
    if wrong:
        raise CalendarError(
            f"{path.name} 里的 {wrong[0]} 不对；"
            "days_off 只写这一年放假的周一至周五，days_on 只写上班的周六、周日。"
        )
    return YearCalendar(year, frozenset(off), frozenset(on))


def _calendar(year: int) -> YearCalendar | None:
    path = own_or_shipped(_name_of(year), CALENDAR_FOLDER / f"{year}.toml")
    return _read(path, path.stat().st_mtime_ns) if path.exists() else None


@lru_cache(maxsize=64)
def _read(path: Path, _changed_at: int) -> YearCalendar:
    return read_year(path)


def _name_of(year: int) -> str:
    return f"calendar/{year}.toml"


declare_own_kind(
    OwnKind(
        "calendar",
        "工作日历",
        "国务院办公厅公布下一年放假安排后，照已有的年份写一个 TOML 文件",
        lambda path: _name_of(read_year(path).year),
        lambda: max(CALENDAR_FOLDER.glob("[0-9][0-9][0-9][0-9].toml")),
    )
)


def missing_year_warning(day: date) -> str | None:
    """What to say where the calendar of a day's year is missing; none where it is there."""
    if _calendar(day.year) is not None:
        return None
    return (
        f"缺少 {day.year} 年的工作日历，{day.year} 年的工作日期限无法计算，也不会猜测；"
        "国务院办公厅公布放假安排后，请管理员在“设置”页放入这一年的工作日历。"
    )


def is_working_day(day: date) -> bool:
    """Whether a day is a working day; refuses a year that is missing."""
    calendar = _calendar(day.year)
    if calendar is None:
        raise CalendarError(missing_year_warning(day) or "")
    return calendar.is_working(day)


def add_working_days(day: date, count: int) -> date:
    """The last day of a term of so many working days that begins on the day after."""
    while count > 0:
        day += _DAY
        count -= is_working_day(day)
    return day


@dataclass(frozen=True)
class Deadline:
    """The last day of a term, or why it cannot be worked out."""

    on: date | None
    warning: str | None = None

    def is_late(self, today: date) -> bool:
        """Whether the term has ended before a day."""
        return self.on is not None and self.on < today


def deadline_after(day: date, count: int) -> Deadline:
    """The last day of a term of working days; where a calendar is missing, the warning instead."""
    try:
        return Deadline(add_working_days(day, count))
    except CalendarError as missing:
        return Deadline(None, str(missing))
