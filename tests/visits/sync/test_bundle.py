"""Promises of the bundle: all that a visit without a network needs, for this account and nobody else."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlmodel import select

from inspections.campaigns.tables import AssignmentState, HigherCheck
from inspections.people.recovery import make_recovery_key
from inspections.people.tables import StaffSession
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.settings import set_setting
from inspections.units.links import hash_of_link
from inspections.units.tables import CateringUnit, UnitLink, UnitStanding, UnitVersion
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.leases import LINKS_ON_A_TABLET, NUMBERS_IN_A_BLOCK
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.reviewing import Reviewing, confirm_and_grade
from inspections.visits.sync.tables import RecordNumberBlock
from tests.bureau import ADMINISTRATOR, DUMPLINGS, SETTINGS, add_units, add_visit
from tests.tablets import (
    CHECKLIST,
    LEAD,
    OUTSIDER,
    REVIEWER,
    Draft,
    FieldBureau,
    TabletClient,
    add_campaign,
    assign,
    signed_in_tablet,
)


def test_an_account_is_given_what_is_released_to_it_today_and_nothing_else(
    application: Flask, lead: TabletClient, bureau: FieldBureau
) -> None:
    today = civil_day(bureau.now)
    mine = assign(bureau)
    assign(bureau, release_on=today + timedelta(days=1))
    assign(bureau, release_on=None)
    assign(bureau, state=AssignmentState.SUBSTITUTED)
    assign(bureau, state=AssignmentState.DONE)
    bundle = lead.get("/bundle")
    assert [row["id"] for row in bundle["assignments"]] == [mine]
    assert list(bundle["units"]) == [bureau.code]
    outsider = signed_in_tablet(application, bureau.engine, OUTSIDER).get("/bundle")
    assert outsider["assignments"] == []
    assert outsider["units"] == {}
    assert "福满源" not in json.dumps(outsider, ensure_ascii=False)


def test_an_assignment_names_its_people_rules_and_items(lead: TabletClient, bureau: FieldBureau) -> None:
    campaign = add_campaign(bureau)
    assign(bureau, kind="campaign", source="draw", campaign_id=campaign, due_on=date(2026, 12, 1))
    (row,) = lead.get("/bundle")["assignments"]
    assert (row["lead"], row["second"]) == (bureau.accounts[LEAD], bureau.accounts["孙倩"])
    assert row["campaign"] == {
        "key": "2026-11",
        "issue_no": 11,
        "theme": "冬日里的饺子馆",
        "theme_items": ["2.3", "2.6"],
    }
    assert (row["checklist"], row["items"], row["due_on"]) == (bureau.checklist_sha256, [], "2026-12-01")
    assert row["rulebook"] is not None


def test_items_that_surely_do_not_concern_the_unit_are_preset_and_unknown_ones_are_not(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    assign(bureau)
    (row,) = lead.get("/bundle")["assignments"]
    assert {"1.4", "P10.01", "P4.03"} <= set(row["not_applicable"])
    assert row["not_applicable"]["1.4"] == "适用于学校食堂；登记的业态为餐馆"
    assert "2.5" not in row["not_applicable"], "no field of the register names that class of units"
    assert "P9.01" not in row["not_applicable"], "whether the unit takes orders online is not known"
    assert "2.3" not in row["not_applicable"]


def test_a_unit_comes_with_its_past_its_open_orders_and_what_ends_soon(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    today = civil_day(bureau.now)
    assign(bureau)
    with transaction(bureau.engine) as session:
        add_visit(session, bureau.unit_id, today - timedelta(days=90), bureau.now, failed=["6"])
        session.add(UnitStanding(unit_id=bureau.unit_id, as_of=today, grade="B", due_on=today))
        session.add(
            HigherCheck(
                unit_id=bureau.unit_id,
                authority="天津市市场监督管理委员会",
                checked_on=today - timedelta(days=20),
                recorded_by=ADMINISTRATOR,
                recorded_at=bureau.now,
            )
        )
    unit = lead.get("/bundle")["units"][bureau.code]
    (visit,) = unit["last_visits"]
    assert (visit["on"], visit["kind"]) == ((today - timedelta(days=90)).isoformat(), "campaign")
    assert [finding["code"] for finding in visit["findings"]] == ["6"]
    assert unit["higher_check"]["authority"] == "天津市市场监督管理委员会"
    assert "不重复检查" in unit["higher_check"]["sentence"]
    assert unit["due_on"] == today.isoformat()
    assert unit["visits_this_year"] == int((today - timedelta(days=90)).year == today.year)
    assert unit["licence_number"] == "JY21201119900016"
    assert unit["grade"] is None
    assert unit["near_expiry"] == []


def test_what_ends_soon_is_told_before_the_visit_the_health_certificates_as_they_were_last_seen(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    today = civil_day(bureau.now)
    ends = [today + timedelta(days=400), today + timedelta(days=30)]
    visits = [Draft(bureau, assign(bureau), bureau.now - timedelta(hours=hours)) for hours in (4, 5)]
    for visit, until in zip(visits, ends, strict=True):
        visit.open()
        visit.fill()
        visit.say("health", {"seen": 6, "earliest_until_on": until.isoformat()})
        if until == ends[1]:
            visit.sign(lead.get("/bundle")["record_numbers"][0])
        assert lead.send(visit.changes)["refusals"] == []
    with transaction(bureau.engine) as session:
        session.exec(select(UnitVersion)).one().licence_until_on = today - timedelta(days=2)
    assign(bureau)
    expiring = lead.get("/bundle")["units"][bureau.code]["near_expiry"]
    assert [row["what"] for row in expiring] == ["食品经营许可证"], (
        "an unreviewed visit tells nobody anything"
    )
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visits[1].visit)
        assert found is not None
        seen = fingerprint_of(field_record(session, found))
    reviewing = Reviewing(found.id or 0, bureau.accounts[REVIEWER], seen)
    confirm_and_grade(bureau.engine, reviewing, now=utc_now())
    expiring = lead.get("/bundle")["units"][bureau.code]["near_expiry"]
    assert [(row["what"], row["days"]) for row in expiring] == [
        ("食品经营许可证", -2),
        (f"最早的健康证明（{today} 检查时看到）", 30),
    ]


@pytest.mark.parametrize(
    "value",
    [
        {"seen": 0, "earliest_until_on": "2026-12-01"},
        {"seen": 6},
        {"seen": 6, "earliest_until_on": "soon"},
        {"seen": 6, "earliest_until_on": "2026-12-01", "names": ["王某"]},
    ],
)
def test_of_health_certificates_nothing_is_taken_but_their_number_and_the_first_day(
    lead: TabletClient, draft: Draft, value: dict[str, object]
) -> None:
    lead.send([draft.open()])
    (refusal,) = lead.send([draft.say("health", value)])["refusals"]
    assert refusal["word"] == "invalid"


def test_a_unit_with_nothing_known_is_there_with_every_field(lead: TabletClient, bureau: FieldBureau) -> None:
    assign(bureau)
    unit = lead.get("/bundle")["units"][bureau.code]
    assert (unit["last_visits"], unit["open_orders"], unit["visits_this_year"]) == ([], [], 0)
    assert unit["area_m2"] is unit["licence_until_on"] is unit["higher_check"] is None


def test_checklists_carry_places_measures_and_what_their_limits_rest_on(lead: TabletClient) -> None:
    bundle = lead.get("/bundle")
    checklist = bundle["checklists"][bundle["settings"]["checklist"]]
    items = {item["code"]: item for item in checklist["items"]}
    places = {place["id"] for place in bundle["words"]["places"]}
    assert checklist["id"] == CHECKLIST
    assert {item["place"] for item in items.values()} <= places
    assert items["P3.03"]["measure"]["at_least"] == 70
    assert items["P3.03"]["measure"]["basis"] == "assumed"
    assert "at_least" not in items["P5.01"]["measure"], "a limit that nobody states is not written"
    assert items["2.3"]["measure"]["unit"] == "℃"
    assert items["1.1"]["measure"] is None
    assert items["P3.03"]["provisional"] is True


def test_words_and_questions_come_as_data(lead: TabletClient) -> None:
    bundle = lead.get("/bundle")
    assert {row["id"] for row in bundle["words"]["obstruction_grounds"]} >= {"entry", "closed_door", "other"}
    assert bundle["words"]["refusal"]["instead"] == ["witness", "recording"]
    assert len(bundle["exam"]["questions"]) >= bundle["exam"]["asked"]
    assert len(bundle["exam"]["sha256"]) == 64


def test_record_numbers_come_in_blocks_that_no_two_tablets_share(
    lead: TabletClient, second: TabletClient, bureau: FieldBureau
) -> None:
    mine, theirs = lead.get("/bundle")["record_numbers"], second.get("/bundle")["record_numbers"]
    assert len(mine) == len(theirs) == NUMBERS_IN_A_BLOCK
    assert not set(mine) & set(theirs)
    year = civil_day(bureau.now).year
    assert mine[0].startswith(f"食检〔{year}〕")
    assert lead.get("/bundle")["record_numbers"] == mine
    with read_only(bureau.engine) as session:
        assert len(session.exec(select(RecordNumberBlock)).all()) == 2


def test_a_bureau_names_its_own_prefix(lead: TabletClient, bureau: FieldBureau) -> None:
    with transaction(bureau.engine) as session:
        day = civil_day(bureau.now)
        set_setting(
            session,
            key="record_prefix",
            value="津西青市监食检",
            from_on=day,
            actor=ADMINISTRATOR,
            now=bureau.now,
        )
    assert lead.get("/bundle")["record_numbers"][0].startswith("津西青市监食检〔")


def test_unit_links_are_topped_up_and_each_token_is_given_once(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    first = lead.get("/bundle")["unit_links"]
    assert len(first) == LINKS_ON_A_TABLET
    assert all(link["address"].endswith(link["token"]) for link in first)
    assert all(hash_of_link(link["token"]) == link["token_hash"] for link in first)
    path = first[0]["address"].removeprefix(SETTINGS["public_address"])
    endpoint, named = lead.client.application.url_map.bind("").match(path)
    assert (endpoint.partition(".")[0], named) == ("inbox", {"token": first[0]["token"]})
    assert lead.get(f"/bundle?links={LINKS_ON_A_TABLET}")["unit_links"] == []
    more = lead.get(f"/bundle?links={LINKS_ON_A_TABLET - 3}")["unit_links"]
    assert len(more) == 3
    assert not {link["token"] for link in first} & {link["token"] for link in more}
    with read_only(bureau.engine) as session:
        stored = [row.token_hash for row in session.exec(select(UnitLink))]
    assert not {link["token"] for link in first} & set(stored)


@pytest.mark.parametrize("query", ["links=-1", "links=x", "links=99999", "more=1"])
def test_a_query_outside_its_form_is_refused(lead: TabletClient, query: str) -> None:
    lead.get(f"/bundle?{query}", 422)


def test_the_recovery_key_and_the_offline_period_are_told(lead: TabletClient, bureau: FieldBureau) -> None:
    first = lead.get("/bundle")["recovery_key"]["fingerprint"]
    with transaction(bureau.engine) as session:
        make_recovery_key(session, passphrase="correct horse", actor=ADMINISTRATOR, now=utc_now())
        until = session.exec(select(StaffSession.expires_at)).first()
    bundle = lead.get("/bundle")
    assert bundle["recovery_key"]["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert len(bundle["recovery_key"]["fingerprint"]) == 64
    assert bundle["recovery_key"]["fingerprint"] != first
    assert until is not None
    assert bundle["offline_until"][:19] == until.isoformat()[:19]
    assert bundle["settings"]["offline_days"] == 7


def test_rules_come_by_version_and_checklist_with_their_words(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    assign(bureau)
    bundle = lead.get("/bundle")
    (row,) = bundle["assignments"]
    rules = bundle["rules"][str(row["rulebook"])][row["checklist"]]
    assert rules["scheme"] == "order49-2022"
    assert [word["id"] for word in rules["results"]] == ["compliant", "basically_compliant", "non_compliant"]


def test_a_unit_whose_door_has_passed_to_somebody_else_is_no_task_and_takes_no_other_along(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    today = civil_day(bureau.now)
    assign(bureau)
    with transaction(bureau.engine) as session:
        neighbour = replace(DUMPLINGS, address="柳口路30号", licence_number=None, credit_code=None)
        (other,) = add_units(session, [neighbour], bureau.now)
        premises_id = session.get_one(CateringUnit, other).premises_id
        session.get_one(CateringUnit, bureau.unit_id).until_on = today - timedelta(days=1)
        follower = CateringUnit(premises_id=bureau.premises_id, from_on=today)
        session.add(follower)
        session.flush()
        session.add(
            UnitVersion(
                unit_id=follower.id or 0, from_on=today, recorded_at=bureau.now, row_hash="x",
                licence_name="新店", unit_type="restaurant",
            )
        )  # fmt: skip
    assert lead.get("/bundle")["assignments"] == []
    kept = assign(bureau, unit_id=other, premises_id=premises_id)
    assert [row["id"] for row in lead.get("/bundle")["assignments"]] == [kept]
