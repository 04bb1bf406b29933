"""Days on which the demonstration district's inspectors work, and months counted back from its first day."""

import calendar
from datetime import date, timedelta

from publishing.demonstration.chance import Chance
from publishing.demonstration.words import campaign_words


def is_workday(day: date) -> bool:
    """Whether inspectors go out: no weekends, none of the fixed holidays, not the Spring Festival week."""
    if day.weekday() >= 5 or (day.month, day.day) == (1, 1):
        return False
    if (day.month == 5 and day.day <= 5) or (day.month == 10 and day.day <= 7):
        return False
    return not any(-1 <= (day - first).days <= 5 for first in campaign_words().spring_festivals)


def workdays(first: date, last: date) -> list[date]:
    """The working days from `first` to `last`, both included."""
    span = (last - first).days + 1
    days = (first + timedelta(days=offset) for offset in range(max(span, 0)))
    return [day for day in days if is_workday(day)]


def workday_from(day: date) -> date:
    """The day itself, or the next working day."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def workday_until(day: date) -> date:
    """The day itself, or the working day before it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def some_workday(chance: Chance, first: date, last: date) -> date:
    """A working day between two days; the one at or before `last` where there is none."""
    days = workdays(first, last)
    return chance.pick(days) if days else workday_until(last)


def months_back(on: date, months: int) -> date:
    """The first day of the month that lies `months` before the month of `on`."""
    count = on.year * 12 + on.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def years_later(day: date, years: int) -> date:
    """The same day of another year; 29 February becomes the 28th where the year has none."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))


def month_word(day: date) -> str:
    """`YYYY-MM`."""
    return f"{day.year:04}-{day.month:02}"
