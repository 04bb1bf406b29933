"""How an edition's entries read on one day: within their term, past it, or withdrawn."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from publishing.editions.tables import Edition, EditionEntry, EntryEvent, EntryEventKind
from publishing.editions.terms import TermBook, edition_ends_on, is_within, term_book, term_ends_on
from publishing.public_facts import Words

IN_ONE_QUERY = 500


@dataclass(frozen=True)
class EntryReading:
    """One entry on one day; events are the newest first, none later than the day."""

    entry: EditionEntry
    events: tuple[EntryEvent, ...]
    is_withdrawn: bool
    is_ended: bool
    changes_on: date | None

    @property
    def is_shown(self) -> bool:
        """Whether names are public."""
        return not (self.is_ended or self.is_withdrawn)


class DayReader:
    """Reads entries on one day; terms are those in force when each edition was published."""

    def __init__(self, session: Session, on: date, *, is_preview: bool) -> None:
        self._session = session
        self._on = on
        self._is_preview = is_preview
        self._book: TermBook = term_book(session)

    def has_decided(self, edition: Edition) -> bool:
        """Whether the bureau has set the terms that an edition's entries are shown for."""
        return edition.published_on is not None and self.heading_ends_on(edition) is not None

    def read(self, edition: Edition, entries: Sequence[EditionEntry]) -> list[EntryReading]:
        """The entries of one edition as they read on the day."""
        return self.read_all([(edition, entry) for entry in entries])

    def read_all(self, pairs: Sequence[tuple[Edition, EditionEntry]]) -> list[EntryReading]:
        """Entries of several editions, in the order given."""
        events = _events_of(self._session, [entry.id or 0 for _, entry in pairs])
        return [self._reading(edition, entry, events.get(entry.id or 0, ())) for edition, entry in pairs]

    def heading_ends_on(self, edition: Edition) -> date | None:
        """The first day on which an edition that lists nobody is past every term."""
        return edition_ends_on(edition.published_on, self._book) if edition.published_on else None

    def is_past(self, edition: Edition) -> bool:
        """Whether an edition that lists nobody is past every term."""
        published_on = edition.published_on or date.max
        ends_on = self.heading_ends_on(edition)
        return not is_within(ends_on, published_on=published_on, on=self._on, is_preview=self._is_preview)

    def _reading(self, edition: Edition, entry: EditionEntry, events: Sequence[EntryEvent]) -> EntryReading:
        published_on = edition.published_on or date.max
        ends_on = term_ends_on(entry.list_word, published_on, self._book) if edition.published_on else None
        within = is_within(ends_on, published_on=published_on, on=self._on, is_preview=self._is_preview)
        # A withdrawal holds for every day that is asked, also for a preview of an earlier one.
        is_withdrawn = edition.withdrawn_on is not None or any(
            event.kind is EntryEventKind.WITHDRAWN for event in events
        )
        later = [event.happened_on for event in events if event.happened_on > self._on]
        later += [ends_on] if ends_on is not None and ends_on > self._on else []
        return EntryReading(
            entry=entry,
            events=tuple(event for event in events if event.happened_on <= self._on),
            is_withdrawn=is_withdrawn,
            is_ended=not within,
            changes_on=None if is_withdrawn else min(later, default=None),
        )


def first_change(readings: Iterable[EntryReading]) -> date | None:
    """The first later day on which any of the entries reads otherwise."""
    return min((r.changes_on for r in readings if r.changes_on is not None), default=None)


def _events_of(session: Session, entry_ids: Sequence[int]) -> Mapping[int, Sequence[EntryEvent]]:
    groups: dict[int, list[EntryEvent]] = {}
    for start in range(0, len(entry_ids), IN_ONE_QUERY):
        part = entry_ids[start : start + IN_ONE_QUERY]
        query = select(EntryEvent).where(col(EntryEvent.entry_id).in_(part))
        newest_first = query.order_by(col(EntryEvent.happened_on).desc(), col(EntryEvent.id).desc())
        for event in session.exec(newest_first):
            groups.setdefault(event.entry_id, []).append(event)
    return groups


def states_of(reading: EntryReading, published_on: date | None) -> tuple[Words, ...]:
    """What has happened since the publication, newest first; the year stands where it is another one."""
    year = published_on.year if published_on is not None else 0
    return tuple(
        _state(event.kind, event.happened_on, year)
        for event in reading.events
        if event.kind is not EntryEventKind.CORRECTED
    )


def _state(kind: EntryEventKind, day: date, year: int) -> Words:
    zh = f"{day.month}月{day.day}日" if day.year == year else f"{day.year}年{day.month}月{day.day}日"
    match kind:
        case EntryEventKind.RECTIFIED:
            return Words(f"{zh}已整改", f"Rectified on {day}")
        case EntryEventKind.RECHECK_PASSED:
            return Words(f"已整改，{zh}复查通过", f"Rectified; re-check passed on {day}")
        case EntryEventKind.RECHECK_FAILED:
            return Words(f"{zh}复查未通过", f"Re-check not passed on {day}")
        case _:
            return Words(f"{zh}撤下", f"Withdrawn on {day}")
