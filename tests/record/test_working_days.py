"""Working days as each year's notice shifts them; a year without its file is said, never guessed."""

from datetime import date, timedelta
from pathlib import Path

import chinese_calendar  # type: ignore[import-untyped]  # it ships no types
import pytest

from inspections.record.working_days import (
    CALENDAR_FOLDER,
    CalendarError,
    add_working_days,
    deadline_after,
    is_working_day,
    missing_year_warning,
    read_year,
)

YEARS = sorted(int(path.stem) for path in CALENDAR_FOLDER.glob("[0-9][0-9][0-9][0-9].toml"))


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_every_year_is_what_the_reference_calendar_says(year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=place) for place in range(366)]
    for day in days:
        if day.year == year:
            assert is_working_day(day) is chinese_calendar.is_workday(day), day


def test_the_years_are_those_that_the_reference_knows_from_2020_on() -> None:
    newest = max(chinese_calendar.constants.holidays).year
    assert list(range(2020, newest + 1)) == YEARS


@pytest.mark.parametrize(
    ("first", "count", "last"),
    [
        (date(2026, 11, 24), 20, date(2026, 12, 22)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
    ],
    ids=["plain weeks", "a Sunday that works", "over National Day", "over Spring Festival", "no days"],
)
def test_a_term_of_working_days_follows_the_shifted_calendar(first: date, count: int, last: date) -> None:
    assert add_working_days(first, count) == last
    later = [first + timedelta(days=place) for place in range(1, (last - first).days + 1)]
    assert sum(map(is_working_day, later)) == count


def test_a_year_that_is_missing_is_named_with_its_cure_and_never_guessed() -> None:
    with pytest.raises(CalendarError, match=r"2027.*“设置”页"):
        add_working_days(date(2026, 12, 20), 20)
    deadline = deadline_after(date(2026, 12, 20), 20)
    assert deadline.on is None
    assert deadline.warning is not None
    assert "2027" in deadline.warning
    assert not deadline.is_late(date(2030, 1, 1))
    assert missing_year_warning(date(2026, 12, 31)) is None
    assert "不会猜测" in (missing_year_warning(date(2027, 1, 1)) or "")


def test_a_deadline_is_late_from_the_day_after_it_on() -> None:
    deadline = deadline_after(date(2026, 11, 24), 20)
    assert not deadline.is_late(date(2026, 12, 22))
    assert deadline.is_late(date(2026, 12, 23))


@pytest.mark.parametrize(
    ("off", "on"), [("2026-10-03", "2026-10-10"), ("2026-10-01", "2026-10-08"), ("2025-10-01", "2026-10-10")]
)
def test_a_calendar_with_a_day_on_the_wrong_side_is_refused(tmp_path: Path, off: str, on: str) -> None:
    path = tmp_path / "2026.toml"
    path.write_text(f"year = 2026\ndays_off = [{off}]\ndays_on = [{on}]\n", encoding="utf-8")
    with pytest.raises(CalendarError, match="days_off"):
        read_year(path)


def test_every_calendar_says_which_year_it_is_for() -> None:
    for path in CALENDAR_FOLDER.glob("*.toml"):
        assert read_year(path).year == int(path.stem)
