"""A holder's name that a historical edition does not show as holder stands in no other text of it, either."""

from dataclasses import replace

from inspections.units.holders import NATURAL_PERSON
from inspections.units.words import without_legal_form
from publishing.editions.history_records import HistoricalEdition, HistoricalEntry


def without_person(entry: HistoricalEntry, licence_name: str) -> HistoricalEntry:
    """The entry without the name its holder is not shown by; a sign that merely contains it stays a sign."""
    person = without_legal_form(licence_name)
    if entry.holder_shown != NATURAL_PERSON or len(person) < 2 or person == NATURAL_PERSON:
        return entry
    return replace(
        entry,
        sign_name=NATURAL_PERSON if entry.sign_name in {person, licence_name} else entry.sign_name,
        address=_hidden(entry.address, person),
        reasons=tuple(_without(reason, person) for reason in entry.reasons),
        measures=_hidden(entry.measures, person),
        more=tuple((label, _without(text, person)) for label, text in entry.more),
        person=person,
    )


def without_persons(edition: HistoricalEdition) -> HistoricalEdition:
    """The edition whose heading, too, is without the names its entries do not show."""
    for person in sorted({entry.person for entry in edition.entries if entry.person}, key=len, reverse=True):
        edition = replace(
            edition,
            period=_hidden(edition.period, person),
            title=_hidden(edition.title, person),
            theme=_hidden(edition.theme, person),
            more=tuple((label, _without(text, person)) for label, text in edition.more),
        )
    return edition


def _hidden(text: str | None, person: str) -> str | None:
    return None if text is None else _without(text, person)


def _without(text: str, person: str) -> str:
    return text.replace(f"经营者{person}", NATURAL_PERSON).replace(person, NATURAL_PERSON)
