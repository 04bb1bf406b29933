"""What is read from the record of a historical edition."""

from dataclasses import dataclass
from datetime import date

from publishing.editions.history_fields import More


@dataclass(frozen=True)
class HistoricalEntry:
    """One entry in its source's own words."""

    number: int
    list_word: str | None
    sign_name: str | None
    holder_shown: str | None
    address: str | None
    reasons: tuple[str, ...]
    measures: str | None
    is_truncated: bool
    more: More
    person: str | None = None


@dataclass(frozen=True)
class HistoricalEdition:
    """One publication of another authority."""

    key: str
    authority: str
    period: str | None
    issue_no: int | None
    title: str | None
    theme: str | None
    published_on: date | None
    red_count: int | None
    black_count: int | None
    checked: int | None
    entries: tuple[HistoricalEntry, ...]
    more: More
