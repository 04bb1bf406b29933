"""Promises of the sync on PostgreSQL: the same as on SQLite, also with several tablets at the same moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import func, select

from app import create_app
from inspections.record.configuration import Configuration
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.reviewing import Reviewing, confirm_and_grade
from inspections.visits.sync.tables import FieldVisit, RecordNumberBlock, VisitChange
from inspections.visits.tables import Visit
from tests.tablets import (
    LEAD,
    REVIEWER,
    SECOND,
    Draft,
    FieldBureau,
    TabletClient,
    assign,
    open_field_bureau,
    photo,
    reopened,
    signed_in_tablet,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def application(postgres: Engine, tmp_path: Path) -> Iterator[Flask]:
    """The application on PostgreSQL."""
    address = postgres.url.render_as_string(hide_password=False)
    application = create_app(Configuration(data=tmp_path, database_url=address, secret_key="for tests"))
    yield application
    house: House = application.extensions["house"]
    house.engine.dispose()


@pytest.fixture
def bureau(postgres: Engine) -> FieldBureau:
    """The bureau on PostgreSQL."""
    return open_field_bureau(postgres)


@pytest.fixture
def lead(application: Flask, bureau: FieldBureau) -> TabletClient:
    """The lead's tablet on PostgreSQL."""
    return signed_in_tablet(application, bureau.engine, LEAD)


def _at_once(*acts: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result() for future in [pool.submit(act) for act in acts]]


def test_a_visit_goes_from_its_first_change_to_the_houses_record(
    lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    draft.open()
    draft.fill(failed={"2.6": {"answer": "fail", "safety": True, "remark": "过期酱料"}})
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    lead.upload(draft.visit, photo())
    assert len(lead.client.get(f"/api/v1/visits/{draft.visit}/documents/record.pdf").data) > 1000
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, draft.visit)
        assert found is not None
        seen = Reviewing(
            found.id or 0, bureau.accounts[REVIEWER], fingerprint_of(field_record(session, found))
        )
    assert confirm_and_grade(bureau.engine, seen, now=bureau.now).released is True
    with read_only(bureau.engine) as session:
        assert session.exec(select(Visit)).one().record_key == draft.changes[-1]["value"]["record_number"]
    assert lead.get("/bundle")["units"] == {}


def test_two_tablets_that_open_one_visit_at_once_open_it_once(
    application: Flask, lead: TabletClient, bureau: FieldBureau
) -> None:
    second = signed_in_tablet(application, bureau.engine, SECOND)
    for _ in range(8):
        visit = assign(bureau)
        mine, theirs = Draft(bureau, visit, bureau.now), Draft(bureau, visit, bureau.now)
        mine.open(), theirs.open()
        answers = _at_once(lambda: lead.send(mine.changes), lambda: second.send(theirs.changes))  # noqa: B023
        assert all(len(answer["receipts"]) == 1 for answer in answers)
    with read_only(bureau.engine) as session:
        assert session.exec(select(func.count()).select_from(FieldVisit)).one() == 8


def test_the_same_batch_at_the_same_moment_is_stored_once(
    application: Flask, lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    twin = reopened(application, bureau.engine, lead.kept())
    draft.open()
    draft.fill()
    answers = _at_once(lambda: lead.send(draft.changes), lambda: twin.send(draft.changes))
    assert all(len(answer["receipts"]) == len(draft.changes) for answer in answers)
    with read_only(bureau.engine) as session:
        assert session.exec(select(func.count()).select_from(VisitChange)).one() == len(draft.changes)


def test_blocks_of_numbers_leased_at_once_never_overlap(
    application: Flask, lead: TabletClient, bureau: FieldBureau
) -> None:
    tablets = [lead, *(signed_in_tablet(application, bureau.engine, LEAD) for _ in range(3))]
    bundles = _at_once(*(lambda tablet=tablet: tablet.get("/bundle") for tablet in tablets))
    numbers = [number for bundle in bundles for number in bundle["record_numbers"]]
    assert len(numbers) == len(set(numbers)) == 200
    with read_only(bureau.engine) as session:
        assert len(session.exec(select(RecordNumberBlock)).all()) == 4


def test_a_photo_whose_last_piece_arrives_twice_at_once_is_whole_once(
    application: Flask, lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    lead.send([draft.open()])
    twin = reopened(application, bureau.engine, lead.kept())
    picture = photo()
    hashes = _at_once(lambda: lead.upload(draft.visit, picture), lambda: twin.upload(draft.visit, picture))
    assert hashes[0] == hashes[1]
    assert lead.get(f"/photos/{hashes[0]}/pieces")["complete"] is True
