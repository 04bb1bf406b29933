"""Promises of units that no assignment brought: found by words, brought whole, those that trade alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.sync.bundle import MOST_FOUND, MOST_WANTED
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import field_record
from inspections.visits.sync.reviewing import Reviewing, confirm_field_visit
from inspections.visits.sync.tables import FieldVisit
from tests.bureau import DUMPLINGS, add_units
from tests.tablets import (
    OUTSIDER,
    REVIEWER,
    Draft,
    FieldBureau,
    TabletClient,
    add_campaign,
    assign,
    photo,
    signed_in_tablet,
)

NOODLES = replace(
    DUMPLINGS, sign_name="老味面馆", licence_name="老味面馆", address="柳口路30号", licence_number=None,
    credit_code=None,
)  # fmt: skip


@pytest.fixture
def code(bureau: FieldBureau) -> str:
    """The door of a noodle shop for which nobody has a task."""
    with transaction(bureau.engine) as session:
        (unit_id,) = add_units(session, [NOODLES], bureau.now)
        unit = session.get_one(CateringUnit, unit_id)
        return session.get_one(Premises, unit.premises_id).code


def test_a_unit_is_found_by_its_name_address_or_code_and_comes_whole_with_the_next_bundle(
    lead: TabletClient, bureau: FieldBureau, code: str
) -> None:
    assert lead.get("/bundle")["units"] == {}
    for words in ("老味", "柳口路30", code, "老味 柳口路"):
        found = lead.get(f"/units?q={words}")["units"]
        assert [row["code"] for row in found] == [code], words
    assert lead.get("/units?q=没有这家")["units"] == []
    bundle = lead.get(f"/bundle?units={code}")
    unit = bundle["units"][code]
    assert (unit["sign_name"], unit["last_visits"], bundle["assignments"]) == ("老味面馆", [], [])
    presets = unit["not_applicable"][bundle["settings"]["checklist"]]
    assert "1.4" in presets, "a school canteen's item is not one of a restaurant"


def test_a_unit_that_has_closed_is_neither_found_nor_brought(
    lead: TabletClient, bureau: FieldBureau, code: str
) -> None:
    with transaction(bureau.engine) as session:
        door = session.exec(select(Premises.id).where(Premises.code == code)).one()
        unit = session.exec(select(CateringUnit).where(CateringUnit.premises_id == door)).one()
        unit.until_on = civil_day(bureau.now) - timedelta(days=1)
        session.add(unit)
    assert lead.get("/units?q=老味")["units"] == []
    assert lead.get(f"/bundle?units={code}")["units"] == {}


@pytest.mark.parametrize("query", ["q=", "q=面", f"q={'面' * 61}", "word=面馆", ""])
def test_a_search_that_asks_for_nothing_is_refused(lead: TabletClient, query: str) -> None:
    assert "errors" in lead.get(f"/units?{query}", 422)


@pytest.mark.parametrize("codes", ["not-a-code", ",".join(["2222-2222"] * (MOST_WANTED + 1))])
def test_codes_that_are_none_or_too_many_are_refused(lead: TabletClient, codes: str) -> None:
    assert lead.get(f"/bundle?units={codes}", 422)["errors"][0]["where"] == "units"


def test_nobody_looks_for_units_without_a_tablet(application: Flask, bureau: FieldBureau) -> None:
    assert application.test_client().get("/api/v1/units?q=面馆").status_code == 401
    with read_only(bureau.engine) as session:
        assert session.exec(select(CateringUnit)).first() is not None


def _ordered(lead: TabletClient, bureau: FieldBureau, kind: str) -> str:
    """A signed visit with an order and a photo; of a campaign whose roster is not public, or a daily one."""
    fields = {"campaign_id": add_campaign(bureau)} if kind == "campaign" else {}
    draft = Draft(bureau, assign(bureau, kind=kind, **fields), bureau.now, kind=kind)
    draft.open()
    lead.send(draft.changes)
    sha256 = lead.upload(draft.visit, photo())
    draft.fill(failed={"2.6": {"answer": "fail", "photos": [sha256]}}, result="basically_compliant")
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    return sha256


@pytest.mark.parametrize(("kind", "is_told"), [("campaign", False), ("daily", True)])
def test_whoever_looks_for_a_unit_is_told_nothing_that_a_campaign_holds_back(
    application: Flask, lead: TabletClient, bureau: FieldBureau, kind: str, is_told: bool
) -> None:
    _ordered(lead, bureau, kind)
    outsider = signed_in_tablet(application, bureau.engine, OUTSIDER)
    for client, knows in ((lead, True), (outsider, is_told)):
        unit = client.get(f"/bundle?units={bureau.code}")["units"][bureau.code]
        assert [order["items"] for order in unit["open_orders"]] == ([["2.6"]] if knows else [])
        assert unit["visits_this_year"] == int(knows)


def test_photos_of_a_visit_are_for_every_inspector_once_it_is_released(
    application: Flask, lead: TabletClient, bureau: FieldBureau
) -> None:
    sha256 = _ordered(lead, bureau, "daily")
    outsider = signed_in_tablet(application, bureau.engine, OUTSIDER)
    assert outsider.get(f"/photos/{sha256}", 404)["word"] == "not_found"
    with transaction(bureau.engine) as session:
        visit = session.exec(select(FieldVisit)).one()
        sheet = Reviewing(
            visit.id or 0, bureau.accounts[REVIEWER], fingerprint_of(field_record(session, visit))
        )
        confirm_field_visit(session, sheet, now=utc_now())
    unit = outsider.get(f"/bundle?units={bureau.code}")["units"][bureau.code]
    (shown,) = {one for finding in unit["last_visits"][0]["findings"] for one in finding["photos"]}
    picture = outsider.client.get(f"/api/v1/photos/{shown}")
    assert (picture.status_code, picture.mimetype) == (200, "image/jpeg")


def test_a_search_that_finds_more_than_it_lists_says_how_many_and_skips_none_for_closed_ones(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    names = [f"老巷面馆{number}" for number in range(MOST_FOUND + 45)]
    shops = [
        replace(NOODLES, sign_name=name, licence_name=name, address=f"面馆街{number}号")
        for number, name in enumerate(names)
    ]
    with transaction(bureau.engine) as session:
        closed = add_units(session, shops, bureau.now)[:55]
        for unit_id in closed:
            session.get_one(CateringUnit, unit_id).until_on = civil_day(bureau.now) - timedelta(days=1)
    found = lead.get("/units?q=老巷")
    assert {row["name"] for row in found["units"]} == set(names[55:])
    assert found["total"] == len(names) - 55
    assert len(lead.get("/units?q=面馆街")["units"]) == len(names) - 55
