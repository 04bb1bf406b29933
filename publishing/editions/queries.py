"""Readings of editions for the public pages: what is within its term on a day, newest state first."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from inspections.record.settings import Settings, settings_on
from inspections.units.queries import doors
from publishing.editions.history import edition_more, entry_more
from publishing.editions.tables import (
    Edition,
    EditionEntry,
    EditionKind,
    EntryEvent,
    EntryEventKind,
)
from publishing.public_facts import EditionFacts, EntryFacts, ListingFacts, Words

_IN_ONE_QUERY = 500


@dataclass(frozen=True)
class EntryAddress:
    """An entry whose own page says only that it has ended or was withdrawn."""

    number: int
    path: str
    is_withdrawn: bool


@dataclass(frozen=True)
class PublicEdition:
    """An edition as it reads on a day; `changes_on` is the first later day on which it reads otherwise."""

    edition_id: int
    facts: EditionFacts
    lapsed: tuple[EntryAddress, ...]
    changes_on: date | None


@dataclass(frozen=True)
class UnitListings:
    """A unit's entries on a day, newest first."""

    shown: tuple[ListingFacts, ...]
    changes_on: date | None


@dataclass(frozen=True)
class _Reading:
    """One entry on one day."""

    entry: EditionEntry
    events: tuple[EntryEvent, ...]
    ends_on: date | None
    is_ended: bool

    @property
    def withdrawn(self) -> EntryEvent | None:
        """The withdrawal, if there was one by the day."""
        return next((e for e in self.events if e.kind == EntryEventKind.WITHDRAWN), None)

    @property
    def is_shown(self) -> bool:
        """Whether names are public: within the term and not withdrawn."""
        return not self.is_ended and self.withdrawn is None


def edition_path(key: str) -> str:
    """The address of an edition's page."""
    return f"/editions/{key}/"


def entry_path(key: str, number: int) -> str:
    """The address of an entry's own page."""
    return f"/editions/{key}/{number}/"


def edition_title(edition: Edition) -> str:
    """`2026年第10期`, or a historical edition's own title."""
    if edition.title:
        return edition.title
    year = (edition.month or edition.key)[:4]
    if edition.issue_no is not None:
        return f"{year}年第{edition.issue_no}期"
    return f"{year}年{int(edition.key[5:7])}月"


def public_editions(
    session: Session, *, on: date, is_preview: bool, edition_ids: Collection[int] | None = None
) -> list[PublicEdition]:
    """Editions published by the day, newest first; one without a publication day never appears."""
    query = select(Edition).where(col(Edition.published_on) <= on)
    if edition_ids is not None:
        query = query.where(col(Edition.id).in_(list(edition_ids)))
    ordered = query.order_by(col(Edition.published_on).desc(), col(Edition.key).desc())
    editions = session.exec(ordered).all()
    entries = _entries_of(session, [edition.id or 0 for edition in editions])
    readings = _Readings(session, on, is_preview)
    codes = _codes(session, [entry for group in entries.values() for entry in group], on)
    return [
        _public(edition, readings.read(edition, entries.get(edition.id or 0, [])), codes, on)
        for edition in editions
    ]


def listings_of(
    session: Session, unit_ids: Sequence[int], *, on: date, is_preview: bool
) -> dict[int, UnitListings]:
    """The entries of units that are shown on a day; units without any are absent."""
    readings = _Readings(session, on, is_preview)
    found: dict[int, UnitListings] = {}
    for start in range(0, len(unit_ids), _IN_ONE_QUERY):
        part = list(unit_ids[start : start + _IN_ONE_QUERY])
        query = (
            select(EditionEntry, Edition)
            .join(Edition, col(Edition.id) == col(EditionEntry.edition_id))
            .where(
                col(EditionEntry.unit_id).in_(part),
                col(EditionEntry.is_current).is_(True),
                col(Edition.published_on) <= on,
            )
            .order_by(col(Edition.published_on).desc(), col(EditionEntry.id).desc())
        )
        groups: dict[int, list[tuple[Edition, _Reading]]] = {}
        for entry, edition in session.exec(query).all():
            (reading,) = readings.read(edition, [entry])
            groups.setdefault(entry.unit_id or 0, []).append((edition, reading))
        for unit_id, group in groups.items():
            shown = tuple(_listing(edition, reading) for edition, reading in group if reading.is_shown)
            found[unit_id] = UnitListings(shown, _changes_on((r for _, r in group), on))
    return found


class _Readings:
    """Reads entries on one day, with the term that was in force when each edition was published."""

    def __init__(self, session: Session, on: date, is_preview: bool) -> None:
        self._session = session
        self._on = on
        self._is_preview = is_preview
        self._settings: dict[date, Settings] = {}

    def read(self, edition: Edition, entries: Sequence[EditionEntry]) -> list[_Reading]:
        """The entries with their events by the day and the end of their term."""
        events = _events_of(self._session, [entry.id or 0 for entry in entries], self._on)
        return [self._reading(edition, entry, events.get(entry.id or 0, ())) for entry in entries]

    def _reading(self, edition: Edition, entry: EditionEntry, events: Sequence[EntryEvent]) -> _Reading:
        ends_on = self._ends_on(edition, entry)
        # Without a term the bureau has decided, an entry is not shown; a preview may show it.
        is_ended = self._on >= ends_on if ends_on is not None else not self._is_preview
        return _Reading(entry, tuple(events), ends_on, is_ended)

    def _ends_on(self, edition: Edition, entry: EditionEntry) -> date | None:
        """The first day on which the entry is no longer shown."""
        if edition.published_on is None:
            return None
        settings = self._settings_on(edition.published_on)
        days = settings.count("red_term_days" if entry.list_word == "red" else "black_term_days")
        return None if days is None else edition.published_on + timedelta(days=days)

    def _settings_on(self, day: date) -> Settings:
        if day not in self._settings:
            # A historical edition is older than the bureau's first setting.
            self._settings[day] = settings_on(self._session, day, or_earliest=True)
        return self._settings[day]


def _entries_of(session: Session, edition_ids: Sequence[int]) -> dict[int, list[EditionEntry]]:
    groups: dict[int, list[EditionEntry]] = {}
    for start in range(0, len(edition_ids), _IN_ONE_QUERY):
        part = list(edition_ids[start : start + _IN_ONE_QUERY])
        query = select(EditionEntry).where(
            col(EditionEntry.edition_id).in_(part), col(EditionEntry.is_current).is_(True)
        )
        for entry in session.exec(query.order_by(col(EditionEntry.edition_id), col(EditionEntry.number))):
            groups.setdefault(entry.edition_id, []).append(entry)
    return groups


def _events_of(session: Session, entry_ids: Sequence[int], on: date) -> dict[int, list[EntryEvent]]:
    if not entry_ids:
        return {}
    query = select(EntryEvent).where(
        col(EntryEvent.entry_id).in_(entry_ids), col(EntryEvent.happened_on) <= on
    )
    groups: dict[int, list[EntryEvent]] = {}
    newest_first = query.order_by(col(EntryEvent.happened_on).desc(), col(EntryEvent.id).desc())
    for event in session.exec(newest_first):
        groups.setdefault(event.entry_id, []).append(event)
    return groups


def _codes(session: Session, entries: Sequence[EditionEntry], on: date) -> dict[int, str]:
    wanted = {entry.premises_id for entry in entries if entry.premises_id}
    return {premises_id: door.code for premises_id, door in doors(session, wanted, on).items()}


def _public(edition: Edition, readings: list[_Reading], codes: Mapping[int, str], on: date) -> PublicEdition:
    shown = [reading for reading in readings if not reading.is_ended]
    lapsed = tuple(
        EntryAddress(
            reading.entry.number,
            entry_path(edition.key, reading.entry.number),
            reading.withdrawn is not None,
        )
        for reading in readings
        if reading.is_ended or reading.withdrawn
    )
    entries = tuple(_entry_facts(edition, reading, codes) for reading in shown)
    own = edition.kind is EditionKind.OWN
    facts = EditionFacts(
        key=edition.key,
        path=edition_path(edition.key),
        title=edition_title(edition),
        theme=edition.theme,
        authority=edition.authority,
        period=edition.period or edition.month,
        published_on=edition.published_on,
        chosen_how=edition.chosen_how,
        drawn=edition.drawn,
        checked=edition.checked,
        red_count=_count(readings, "red") if own else edition.red_count,
        black_count=_count(readings, "black") if own else edition.black_count,
        entries=entries,
        ended=sum(1 for reading in readings if reading.is_ended),
        withdrawn=sum(1 for reading in shown if reading.withdrawn),
        is_historical=not own,
        is_withdrawn=edition.withdrawn_on is not None and edition.withdrawn_on <= on,
        withdrawn_on=edition.withdrawn_on,
        more=edition_more(edition.source) if entries or not readings else (),
    )
    return PublicEdition(edition.id or 0, facts, lapsed, _changes_on(readings, on))


def _count(readings: Sequence[_Reading], list_word: str) -> int:
    return sum(1 for reading in readings if reading.entry.list_word == list_word and not reading.withdrawn)


def _entry_facts(edition: Edition, reading: _Reading, codes: Mapping[int, str]) -> EntryFacts:
    entry, path = reading.entry, entry_path(edition.key, reading.entry.number)
    if reading.withdrawn is not None:
        states = (_state(reading.withdrawn),)
        return EntryFacts(entry.number, path, None, None, states=states, is_withdrawn=True)
    return EntryFacts(
        number=entry.number,
        path=path,
        list_word=entry.list_word,
        name=entry.sign_name or entry.holder_shown,
        states=_states(reading),
        holder=entry.holder_shown,
        address=entry.address,
        storefront_code=codes.get(entry.premises_id or 0),
        inspected_on=entry.inspected_on,
        reasons=tuple(json.loads(entry.reasons)),
        measures=entry.measures,
        more=entry_more(entry.source),
        is_truncated=entry.is_truncated,
    )


def _listing(edition: Edition, reading: _Reading) -> ListingFacts:
    title = edition_title(edition)
    return ListingFacts(
        list_word=reading.entry.list_word or "",
        edition_title=f"{title}“{edition.theme}”" if edition.theme else title,
        entry_path=entry_path(edition.key, reading.entry.number),
        published_on=edition.published_on or date.min,
        states=_states(reading),
    )


def _states(reading: _Reading) -> tuple[Words, ...]:
    return tuple(_state(event) for event in reading.events if event.kind != EntryEventKind.CORRECTED)


def _state(event: EntryEvent) -> Words:
    day = event.happened_on
    zh = f"{day.year}年{day.month}月{day.day}日"
    match event.kind:
        case EntryEventKind.RECTIFIED:
            return Words(f"{zh}已整改", f"Rectified on {day}")
        case EntryEventKind.RECHECK_PASSED:
            return Words(f"已整改，{zh}复查通过", f"Rectified; re-check passed on {day}")
        case EntryEventKind.RECHECK_FAILED:
            return Words(f"{zh}复查未通过", f"Re-check not passed on {day}")
        case EntryEventKind.WITHDRAWN:
            return Words(f"本条已于{zh}撤下", f"Withdrawn on {day}")
        case _:
            return Words(f"{zh}更正", f"Corrected on {day}")


def _changes_on(readings: Iterable[_Reading], on: date) -> date | None:
    ends = [reading.ends_on for reading in readings if reading.ends_on is not None and reading.ends_on > on]
    return min(ends, default=None)
