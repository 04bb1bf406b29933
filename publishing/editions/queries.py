"""Readings of editions for the public pages: what is within its term on a day, newest state first."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from inspections.campaigns.public_view import months_with_a_draw
from inspections.campaigns.tables import Campaign
from inspections.units.queries import doors
from publishing.editions.day_reading import (
    IN_ONE_QUERY,
    DayReader,
    EntryReading,
    first_change,
    states_of,
)
from publishing.editions.headings import (
    Source,
    as_published,
    heading_of,
    masked,
    neutral_title,
    source_of,
    title_of,
)
from publishing.editions.tables import Edition, EditionEntry, EditionKind
from publishing.public_facts import EditionFacts, EntryFacts, ListingFacts


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


def edition_path(key: str) -> str:
    """The address of an edition's page."""
    return f"/editions/{key}/"


def draw_path(month: str) -> str:
    """The address of the page of a month's draw."""
    return f"/draws/{month}/"


def entry_path(key: str, number: int) -> str:
    """The address of an entry's own page."""
    return f"/editions/{key}/{number}/"


def public_editions(
    session: Session, *, on: date, is_preview: bool, edition_ids: Collection[int] | None = None
) -> list[PublicEdition]:
    """Editions published by the day, newest first; one without a publication day never appears.

    Those of other authorities wait for the live site until the bureau has set terms of display.
    """
    query = select(Edition).where(col(Edition.published_on) <= on)
    if edition_ids is not None:
        query = query.where(col(Edition.id).in_(list(edition_ids)))
    ordered = query.order_by(col(Edition.published_on).desc(), col(Edition.key).desc())
    reader = DayReader(session, on, is_preview=is_preview)
    editions = [
        edition
        for edition in session.exec(ordered)
        if edition.kind is EditionKind.OWN or is_preview or reader.has_decided(edition)
    ]
    entries = _entries_of(session, [edition.id or 0 for edition in editions])
    drawn = months_with_a_draw(session, on)
    codes = _codes(session, [entry for group in entries.values() for entry in group], on)
    return [
        _with_draw(
            _public(session, edition, reader, reader.read(edition, entries.get(edition.id or 0, [])), codes),
            drawn,
        )
        for edition in editions
    ]


def listings_of(
    session: Session, unit_ids: Sequence[int], *, on: date, is_preview: bool
) -> dict[int, UnitListings]:
    """The entries of units that are shown on a day; units never listed are absent."""
    reader = DayReader(session, on, is_preview=is_preview)
    found: dict[int, UnitListings] = {}
    for start in range(0, len(unit_ids), IN_ONE_QUERY):
        pairs = _entries_by_unit(session, list(unit_ids[start : start + IN_ONE_QUERY]), on)
        groups: dict[int, list[tuple[Edition, EntryReading]]] = {}
        for (edition, entry), reading in zip(pairs, reader.read_all(pairs), strict=True):
            groups.setdefault(entry.unit_id or 0, []).append((edition, reading))
        for unit_id, group in groups.items():
            shown = tuple(_listing(edition, reading) for edition, reading in group if reading.is_shown)
            found[unit_id] = UnitListings(shown, first_change(reading for _, reading in group))
    return found


def editions_of_premises(session: Session, premises_ids: Collection[int]) -> list[int]:
    """The published editions that have an entry behind one of these doors."""
    found: set[int] = set()
    wanted = sorted(premises_ids)
    for start in range(0, len(wanted), IN_ONE_QUERY):
        part = wanted[start : start + IN_ONE_QUERY]
        query = select(EditionEntry.edition_id).where(col(EditionEntry.premises_id).in_(part)).distinct()
        found.update(session.exec(query))
    return sorted(found)


def _entries_by_unit(
    session: Session, unit_ids: list[int], on: date
) -> Sequence[tuple[Edition, EditionEntry]]:
    query = (
        select(Edition, EditionEntry)
        .join(Edition, col(Edition.id) == col(EditionEntry.edition_id))
        .where(
            col(EditionEntry.unit_id).in_(unit_ids),
            col(EditionEntry.is_current).is_(True),
            col(Edition.published_on) <= on,
        )
        .order_by(col(Edition.published_on).desc(), col(EditionEntry.id).desc())
    )
    return list(session.exec(query).all())


def _entries_of(session: Session, edition_ids: Sequence[int]) -> dict[int, list[EditionEntry]]:
    groups: dict[int, list[EditionEntry]] = {}
    for start in range(0, len(edition_ids), IN_ONE_QUERY):
        part = list(edition_ids[start : start + IN_ONE_QUERY])
        query = select(EditionEntry).where(
            col(EditionEntry.edition_id).in_(part), col(EditionEntry.is_current).is_(True)
        )
        for entry in session.exec(query.order_by(col(EditionEntry.edition_id), col(EditionEntry.number))):
            groups.setdefault(entry.edition_id, []).append(entry)
    return groups


def _codes(session: Session, entries: Sequence[EditionEntry], on: date) -> dict[int, str]:
    """The storefront code by unit, only where that unit still is the one behind the door."""
    wanted = {entry.premises_id for entry in entries if entry.premises_id}
    known = doors(session, wanted, on).values()
    return {door.unit.unit_id: door.code for door in known if door.unit is not None}


def _public(
    session: Session,
    edition: Edition,
    reader: DayReader,
    readings: list[EntryReading],
    codes: Mapping[int, str],
) -> PublicEdition:
    if edition.withdrawn_on is not None:
        return _withdrawn(edition, readings)
    shown = [reading for reading in readings if reading.is_shown]
    names_nobody = not shown and (bool(readings) or reader.is_past(edition))
    source = source_of(session, edition)
    heading = heading_of(edition, source, readings, names_nobody=names_nobody)
    changes_on = first_change(readings)
    if not readings and not names_nobody:
        changes_on = reader.heading_ends_on(edition)
    own = edition.kind is EditionKind.OWN
    facts = EditionFacts(
        key=edition.key,
        path=edition_path(edition.key),
        title=heading.title,
        theme=heading.theme,
        authority=edition.authority,
        period=heading.period,
        published_on=edition.published_on,
        chosen_how=heading.chosen_how,
        drawn=edition.drawn,
        checked=edition.checked,
        red_count=_count(readings, "red") if own else edition.red_count,
        black_count=_count(readings, "black") if own else edition.black_count,
        entries=tuple(_entry_facts(edition, reading, source, codes) for reading in shown),
        ended=sum(reading.is_ended and not reading.is_withdrawn for reading in readings),
        withdrawn=sum(reading.is_withdrawn for reading in readings),
        is_historical=not own,
        more=heading.more,
    )
    return PublicEdition(edition.id or 0, facts, _lapsed(edition, readings), changes_on)


def _with_draw(edition: PublicEdition, drawn: Collection[str]) -> PublicEdition:
    """The same edition with the way to its draw, where there was one and it still names anybody."""
    facts = edition.facts
    if facts.is_historical or facts.is_withdrawn or facts.key not in drawn:
        return edition
    return replace(edition, facts=replace(facts, draw_path=draw_path(facts.key)))


def editions_of_months(session: Session, campaign_ids: Collection[int]) -> list[int]:
    """The published editions of some campaigns' months."""
    query = (
        select(Edition.id)
        .join(Campaign, col(Campaign.key) == col(Edition.key))
        .where(col(Campaign.id).in_(list(campaign_ids)), col(Edition.published_on).is_not(None))
    )
    return [edition_id or 0 for edition_id in session.exec(query)]


def _withdrawn(edition: Edition, readings: list[EntryReading]) -> PublicEdition:
    own = edition.kind is EditionKind.OWN
    facts = EditionFacts(
        key=edition.key,
        path=edition_path(edition.key),
        title=title_of(edition) if own else neutral_title(edition),
        theme=None,
        authority=edition.authority,
        period=None,
        published_on=edition.published_on,
        withdrawn=len(readings),
        is_historical=not own,
        is_withdrawn=True,
        withdrawn_on=edition.withdrawn_on,
    )
    return PublicEdition(edition.id or 0, facts, _lapsed(edition, readings), None)


def _lapsed(edition: Edition, readings: Sequence[EntryReading]) -> tuple[EntryAddress, ...]:
    return tuple(
        EntryAddress(r.entry.number, entry_path(edition.key, r.entry.number), r.is_withdrawn)
        for r in readings
        if not r.is_shown
    )


def _count(readings: Sequence[EntryReading], list_word: str) -> int:
    return sum(reading.entry.list_word == list_word and not reading.is_withdrawn for reading in readings)


def _entry_facts(
    edition: Edition, reading: EntryReading, source: Source, codes: Mapping[int, str]
) -> EntryFacts:
    entry, path = reading.entry, entry_path(edition.key, reading.entry.number)
    read = (source.entries or {}).get(entry.number)
    reasons = tuple(json.loads(entry.reasons))
    return EntryFacts(
        number=entry.number,
        path=path,
        list_word=entry.list_word,
        name=_text(edition, entry.sign_name or entry.holder_shown),
        states=states_of(reading, edition.published_on),
        holder=_text(edition, entry.holder_shown),
        address=_text(edition, entry.address),
        storefront_code=codes.get(entry.unit_id or 0),
        inspected_on=entry.inspected_on,
        reasons=tuple(as_published(edition, reason) for reason in reasons),
        measures=_text(edition, entry.measures),
        more=masked(read.more) if read is not None else (),
        is_truncated=entry.is_truncated,
    )


def _text(edition: Edition, text: str | None) -> str | None:
    return None if text is None else as_published(edition, text)


def _listing(edition: Edition, reading: EntryReading) -> ListingFacts:
    title = title_of(edition)
    return ListingFacts(
        list_word=reading.entry.list_word or "",
        edition_title=f"{title}“{edition.theme}”" if edition.theme else title,
        entry_path=entry_path(edition.key, reading.entry.number),
        published_on=edition.published_on or date.min,
        states=states_of(reading, edition.published_on),
    )
