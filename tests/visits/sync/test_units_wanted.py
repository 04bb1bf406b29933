"""Promises of units that no assignment brought: found by words, brought whole, those that trade alone."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.sync.bundle import MOST_WANTED
from tests.bureau import DUMPLINGS, add_units
from tests.tablets import FieldBureau, TabletClient

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
