"""Promises of terms: counted from publication, by the setting of that day, and nothing after the last day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.changes import Subject
from inspections.record.database import read_only, transaction
from inspections.record.settings import set_setting
from inspections.record.tables import Change
from inspections.units.tables import CateringUnit
from publishing.editions.queries import editions_of_premises, listings_of, public_editions
from publishing.editions.service import withdraw
from publishing.editions.terms import TermBook, is_within, term_book, term_ends_on
from publishing.public_facts import EntryFacts
from tests.bureau import APPROVER, add_units
from tests.conftest import NOW
from tests.publishing.editions.conftest import MONTH, NOODLES, publish_october

BOOK = TermBook(
    (
        ("red_term_days", date(2026, 1, 1), 180),
        ("black_term_days", date(2026, 1, 1), 90),
        ("black_term_days", date(2026, 11, 25), 30),
    )
)
PUBLISHED = date(2026, 11, 24)


def _is_shown(list_word: str | None, published_on: date, on: date) -> bool:
    """Whether an entry that nobody withdrew is shown with its names on a day."""
    ends_on = term_ends_on(list_word, published_on, BOOK)
    return is_within(ends_on, published_on=published_on, on=on, is_preview=False)


@pytest.mark.parametrize(
    ("list_word", "published_on", "days"),
    [
        ("red", PUBLISHED, 180),
        ("black", PUBLISHED, 90),
        ("black", date(2026, 11, 25), 30),
        ("yellow", PUBLISHED, 90),
        (None, date(2026, 11, 25), 30),
        ("red", date(2022, 12, 29), 180),
        ("black", date(2022, 12, 29), 90),
    ],
)
def test_a_term_has_its_days_the_day_of_publication_among_them(
    list_word: str | None, published_on: date, days: int
) -> None:
    def is_shown(on: date) -> bool:
        return _is_shown(list_word, published_on, on)

    assert not is_shown(published_on - timedelta(days=1))
    assert is_shown(published_on)
    assert is_shown(published_on + timedelta(days=days - 1))
    assert not is_shown(published_on + timedelta(days=days))
    assert term_ends_on(list_word, published_on, BOOK) == published_on + timedelta(days=days)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["red", "black", "yellow", None]),
    st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
    st.integers(0, 400),
)
def test_what_has_ended_never_comes_back(
    list_word: str | None, published_on: date, first: int, more: int
) -> None:
    def is_shown(after: int) -> bool:
        return _is_shown(list_word, published_on, published_on + timedelta(days=after))

    assert is_shown(first) or not is_shown(first + more)


def test_without_a_decided_term_only_a_preview_shows_anything() -> None:
    ends_on = term_ends_on("red", PUBLISHED, TermBook(()))
    for is_preview in (False, True):
        assert is_preview == is_within(ends_on, published_on=PUBLISHED, on=PUBLISHED, is_preview=is_preview)


def test_a_term_set_later_counts_for_later_publications_only(bureau: Engine) -> None:
    publish_october(bureau)
    with transaction(bureau) as session:
        for key in ("red_term_days", "black_term_days"):
            later = PUBLISHED + timedelta(days=1)
            set_setting(session, key=key, value="1", from_on=later, actor="管理", now=NOW)
        assert len(term_book(session).values) == 4
    with read_only(bureau) as session:
        (found,) = public_editions(session, on=PUBLISHED + timedelta(days=30), is_preview=False)
    assert len(found.facts.entries) == 2


def test_a_units_listing_ends_with_the_entrys_term(bureau: Engine) -> None:
    publish_october(bureau)
    with read_only(bureau) as session:
        days = {n: PUBLISHED + timedelta(days=n) for n in (-1, 0, 89, 90)}
        read = {n: listings_of(session, [1, 2], on=day, is_preview=False) for n, day in days.items()}
    assert read[-1] == {}
    assert [listing.list_word for listing in read[0][2].shown] == ["black"]
    assert read[0][2].changes_on == PUBLISHED + timedelta(days=90)
    assert read[89][2].shown == read[0][2].shown
    assert read[90][2].shown == ()
    assert read[90][2].changes_on is None
    assert read[90][1].shown[0].entry_path == "/editions/2026-10/1/"


def test_after_every_term_the_edition_says_only_how_many_have_ended(bureau: Engine) -> None:
    publish_october(bureau)
    with read_only(bureau) as session:
        (found,) = public_editions(session, on=PUBLISHED + timedelta(days=180), is_preview=False)
    assert (found.facts.entries, found.facts.ended, found.changes_on) == ((), 2, None)
    assert [(one.path, one.is_withdrawn) for one in found.lapsed] == [
        ("/editions/2026-10/1/", False),
        ("/editions/2026-10/2/", False),
    ]
    assert "福满源" not in repr(found)
    assert "张记" not in repr(found)


def test_an_entry_leads_to_its_door_only_while_its_unit_is_there(bureau: Engine) -> None:
    publish_october(bureau)
    codes = [entry.storefront_code for entry in _entries(bureau)]
    assert None not in codes
    with transaction(bureau) as session:
        earlier = session.get_one(CateringUnit, 2)
        earlier.until_on = PUBLISHED
        session.add(earlier)
        (follower,) = add_units(session, [replace(NOODLES, address="汇祥道18号", licence_number=None)], NOW)
        moved_in = session.get_one(CateringUnit, follower)
        moved_in.premises_id, moved_in.from_on = earlier.premises_id, PUBLISHED + timedelta(days=1)
        session.add(moved_in)
    later = _entries(bureau, PUBLISHED + timedelta(days=2))
    assert later[0].storefront_code == codes[0]
    assert later[1].storefront_code is None
    assert later[1].name == "张记牛肉面"


def _entries(engine: Engine, on: date = PUBLISHED) -> tuple[EntryFacts, ...]:
    with read_only(engine) as session:
        (found,) = public_editions(session, on=on, is_preview=False)
    return found.facts.entries


def test_publication_and_withdrawal_are_noted_for_the_pages_they_change(bureau: Engine) -> None:
    with transaction(bureau) as session:
        for change in session.exec(select(Change)):
            session.delete(change)
    publish_october(bureau)

    def noted() -> set[tuple[str, int]]:
        with read_only(bureau) as session:
            return {(change.subject, change.subject_id) for change in session.exec(select(Change))}

    assert noted() == {(Subject.EDITION, 1), (Subject.PREMISES, 1), (Subject.PREMISES, 2)}
    with transaction(bureau) as session:
        for change in session.exec(select(Change)):
            session.delete(change)
        withdraw(session, MONTH, number=2, reason="单位有误", actor=APPROVER, now=NOW)
        assert editions_of_premises(session, [2]) == [1]
    assert noted() == {(Subject.EDITION, 1), (Subject.PREMISES, 2)}
