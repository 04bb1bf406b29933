"""Terms of display: from the day of publication, by the setting in force on that day."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from inspections.record.settings import setting_history

RED_TERM = "red_term_days"
BLACK_TERM = "black_term_days"


@dataclass(frozen=True)
class TermBook:
    """Every term the bureau ever set: setting, first day in force, days; in the order of their days."""

    values: tuple[tuple[str, date, int], ...]

    def days(self, key: str, on: date) -> int | None:
        """The days in force on a day; for a day before the first decision, that first decision."""
        found: int | None = None
        for name, from_on, days in self.values:
            if name == key and (found is None or from_on <= on):
                found = days
        return found


def term_book(session: Session) -> TermBook:
    """The terms of display as the settings hold them now."""
    return TermBook(
        tuple(
            (row.key, row.from_on, row.value)
            for row in setting_history(session)
            if row.key in {RED_TERM, BLACK_TERM}
            and isinstance(row.value, int)
            and not isinstance(row.value, bool)
        )
    )


def term_days(list_word: str | None, published_on: date, book: TermBook) -> int | None:
    """How many days an entry is shown; a list that has no term of its own has the shorter of the two."""
    red, black = book.days(RED_TERM, published_on), book.days(BLACK_TERM, published_on)
    if list_word == "red":
        return red
    if list_word == "black":
        return black
    return min((days for days in (red, black) if days is not None), default=None)


def term_ends_on(list_word: str | None, published_on: date, book: TermBook) -> date | None:
    """The first day on which an entry is no longer shown; none where no term has been decided."""
    days = term_days(list_word, published_on, book)
    return None if days is None else published_on + timedelta(days=days)


def edition_ends_on(published_on: date, book: TermBook) -> date | None:
    """The first day on which an edition without entries is past every term."""
    ends = [term_ends_on(word, published_on, book) for word in ("red", "black")]
    known = [day for day in ends if day is not None]
    return max(known) if len(known) == len(ends) else None


def is_within(ends_on: date | None, *, published_on: date, on: date, is_preview: bool) -> bool:
    """Whether a day lies within a term; without a decided term only a preview shows anything."""
    if on < published_on:
        return False
    return is_preview if ends_on is None else on < ends_on
