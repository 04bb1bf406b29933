"""Arithmetic of whole months between days."""

from calendar import monthrange
from datetime import date


def add_months(day: date, months: int) -> date:
    """Return the day so many months later, or the last day of a shorter month or of the calendar."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def full_months(start: date, end: date) -> int:
    """Return how many whole months have passed from one day to another."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if add_months(start, months) <= end else months - 1
