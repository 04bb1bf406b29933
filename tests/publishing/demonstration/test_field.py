"""The demonstration's campaigns and field: a public draw, a sealed one, nominations, work on every desk."""

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from inspections.campaigns.campaign_queries import vote_counts
from inspections.campaigns.public_view import certificate_of
from inspections.campaigns.queries import board_of
from inspections.campaigns.tables import Assignment, AssignmentState, Campaign, CampaignState
from inspections.people.tables import Account
from inspections.record.clock import civil_day
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.units.messages.tables import OutgoingMessage
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.review.queries import visit_lines
from inspections.visits.sync.assignments import released_assignments
from inspections.visits.sync.bundle_units import units_for_tablets
from inspections.visits.sync.tables import FieldVisitState, Order, OrderState
from inspections.visits.tables import Visit
from publishing.demonstration.field_plan import INSPECTORS
from publishing.demonstration.nominations import seed_nominations
from publishing.editions.tables import Edition, EditionEntry, EntryEvent, EntryEventKind
from tests.campaigns.drawing.test_verifiers import said_by_the_file
from tests.conftest import NOW
from tests.publishing.demonstration.conftest import Seeded

TODAY = civil_day(NOW)
pytestmark = pytest.mark.slow


def campaign_on(session: Session, key: str) -> Campaign:
    return session.exec(select(Campaign).where(Campaign.key == key)).one()


def test_the_newest_edition_is_what_a_public_draw_chose(demonstration: Seeded) -> None:
    with read_only(demonstration.engine) as session:
        campaign = campaign_on(session, "2026-10")
        drawn = session.exec(select(Assignment).where(Assignment.campaign_id == campaign.id)).all()
        certificate = certificate_of(session, campaign)
        edition = session.exec(select(Edition).where(Edition.key == "2026-10")).one()
        entries = session.exec(select(EditionEntry).where(EditionEntry.edition_id == edition.id)).all()
        listed = {session.get_one(Visit, entry.visit_id).unit_id for entry in entries}
        ids = {entry.id for entry in entries}
        kinds = Counter(event.kind for event in session.exec(select(EntryEvent)) if event.entry_id in ids)
    states = Counter(row.state for row in drawn)
    assert campaign.revealed_at is not None
    assert states[AssignmentState.DONE] == campaign.draw_count
    assert states[AssignmentState.EXCLUDED] >= 1
    assert states[AssignmentState.SUBSTITUTED] >= 1
    assert listed <= {row.unit_id for row in drawn if row.state is AssignmentState.DONE}
    assert Counter(entry.list_word for entry in entries) == {"red": 5, "black": 2}
    assert kinds[EntryEventKind.RECHECK_PASSED] == kinds[EntryEventKind.RECHECK_FAILED] == 1
    kinds_of_draw = {event["kind"] for event in certificate["draws"][0]["events"]}
    assert {"excluded", "substitute_opened", "revealed"} <= kinds_of_draw
    assert "没有真实的掷骰" in certificate["draws"][0]["value"]["source"]


def test_the_certificate_of_the_demonstration_holds_by_the_stand_alone_file(
    demonstration: Seeded, tmp_path: Path
) -> None:
    with read_only(demonstration.engine) as session:
        campaign = campaign_on(session, "2026-10")
        certificate = json.loads(json.dumps(certificate_of(session, campaign)))
    code, said = said_by_the_file(certificate, tmp_path)
    assert code == 0, said


def test_this_months_campaign_is_sealed_and_every_stage_of_it_waits_on_some_desk(
    demonstration: Seeded,
) -> None:
    with read_only(demonstration.engine) as session:
        campaign = campaign_on(session, "2026-11")
        board = board_of(session, campaign, TODAY)
        reviews = visit_lines(session, 0, list(FieldVisitState), TODAY)
        orders = session.exec(select(Order)).all()
        reminded = session.exec(select(OutgoingMessage)).all()
    assert campaign.revealed_at is None
    states = Counter(row.state for row in board.rows)
    assert states[AssignmentState.WAITING] >= 4
    assert (states[AssignmentState.SUBSTITUTED], states[AssignmentState.CLOSED_DOOR]) == (1, 1)
    assert board.gaps == 1
    waiting = [row for row in board.rows if row.state is AssignmentState.WAITING and not row.is_substitute]
    assert all(row.release_on == TODAY for row in waiting)
    assert all(row.photo_sha256 for row in board.rows if row.state is AssignmentState.CLOSED_DOOR)
    found = Counter(line.state for line in reviews)
    assert (found[FieldVisitState.SIGNED], found[FieldVisitState.RETURNED]) == (4, 1)
    waits = [order for order in orders if order.state is OrderState.OPEN]
    late = [order for order in waits if order.deadline_on is not None and order.deadline_on < TODAY]
    assert len(late) == 1
    assert {OrderState.OPEN, OrderState.REPORTED, OrderState.PASSED} <= {order.state for order in orders}
    assert len(reminded) == 1


@pytest.mark.parametrize("name", INSPECTORS[:2])
def test_a_tablet_of_a_demonstration_inspector_has_work_today(demonstration: Seeded, name: str) -> None:
    with read_only(demonstration.engine) as session:
        account = session.exec(select(Account).where(Account.name == name)).one()
        rows = released_assignments(session, account.id or 0, TODAY)
        query = select(CateringUnit.id, Premises.code).where(CateringUnit.premises_id == Premises.id)
        known = session.exec(query.where(col(CateringUnit.id).in_([row.unit_id for row in rows])))
        codes = {unit_id or 0: code for unit_id, code in known}
        found = units_for_tablets(session, codes, TODAY, account_id=account.id or 0)
        units = [one.content for one in found.values()]
    assert len(rows) >= 4
    assert {row.kind for row in rows} >= {"daily", "recheck"}
    assert any(unit["near_expiry"] for unit in units)
    assert any(unit["open_orders"] for unit in units)
    findings = [one for unit in units for visit in unit["last_visits"] for one in visit["findings"]]
    assert any(finding["photos"] for finding in findings)
    assert sum(bool(unit["last_visits"][0]["findings"]) for unit in units if unit["last_visits"]) >= 3


def test_the_public_has_given_its_first_votes(seeded_house: House) -> None:
    assert seed_nominations(seeded_house, NOW) > 10
    assert seed_nominations(seeded_house, NOW + timedelta(minutes=2)) == 0, "once"
    with read_only(seeded_house.engine) as session:
        campaign = campaign_on(session, "2026-12")
        counts = vote_counts(session, campaign.id or 0, 3)
    assert campaign.state is CampaignState.NOMINATING
    assert counts.votes > 10
    assert counts.joining == 4
