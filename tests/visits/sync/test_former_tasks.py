"""Promises of a changed team: what it had begun is taken as evidence, and is no progress of the new one."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from inspections.campaigns.assigning import note_state, withdraw_assignment
from inspections.campaigns.tables import Assignment, AssignmentState, FormerTask
from inspections.people.tables import Recusal
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.visits.answering_campaigns import unreviewed
from inspections.visits.sync.queries import find_field_visit
from inspections.visits.sync.tables import FieldVisitState
from tests.bureau import ADMINISTRATOR, PASSWORD
from tests.staff import signed_in
from tests.tablets import (
    LEAD,
    OUTSIDER,
    REVIEWER,
    SECOND,
    Draft,
    FieldBureau,
    TabletClient,
    assign,
    fresh_id,
    signed_in_tablet,
)


@pytest.fixture
def former(bureau: FieldBureau) -> str:
    """The id by which the first team knew its task; the second inspector was replaced five minutes ago."""
    former = assign(bureau)
    replaced_at = bureau.now - timedelta(minutes=5)
    with transaction(bureau.engine) as session:
        row = session.exec(select(Assignment).where(Assignment.public_id == former)).one()
        row.public_id, row.second_account_id = fresh_id("assignment"), bureau.accounts[OUTSIDER]
        row.state_at = replaced_at
        session.add_all(
            [
                row,
                FormerTask(
                    public_id=former,
                    assignment_id=row.id or 0,
                    lead_account_id=bureau.accounts[LEAD],
                    second_account_id=bureau.accounts[SECOND],
                    reason="回避",
                    ended_at=replaced_at,
                    ended_by=ADMINISTRATOR,
                ),
                Recusal(
                    account_id=bureau.accounts[SECOND],
                    unit_id=bureau.unit_id,
                    from_on=civil_day(replaced_at),
                    recorded_by=ADMINISTRATOR,
                    recorded_at=replaced_at,
                ),
            ]
        )
    return former


def _assignment(bureau: FieldBureau) -> Assignment:
    with read_only(bureau.engine) as session:
        return session.exec(select(Assignment)).one()


def test_what_a_team_began_without_a_network_before_it_was_replaced_is_taken_and_signed(
    lead: TabletClient, second: TabletClient, bureau: FieldBureau, former: str
) -> None:
    begun = Draft(bureau, former, bureau.now - timedelta(minutes=20))
    begun.open()
    begun.fill()
    assert second.send(begun.changes)["refusals"] == []
    number = lead.get("/bundle")["record_numbers"][0]
    assert lead.send([begun.sign(number)])["refusals"] == []
    with read_only(bureau.engine) as session:
        visit = find_field_visit(session, former)
        assert visit is not None
        assert visit.state is FieldVisitState.SIGNED


def test_it_is_no_progress_of_those_who_were_sent_instead(
    application: Flask, lead: TabletClient, bureau: FieldBureau, former: str
) -> None:
    begun = Draft(bureau, former, bureau.now - timedelta(minutes=20))
    begun.open()
    begun.fill()
    begun.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(begun.changes)["refusals"] == []
    left = _assignment(bureau)
    assert (left.state, left.visited_on, left.result) == (AssignmentState.WAITING, None, None)
    instead = signed_in_tablet(application, bureau.engine, OUTSIDER)
    assert [row["id"] for row in instead.get("/bundle")["assignments"]] == [left.public_id]
    own = Draft(bureau, left.public_id, bureau.now)
    assert instead.send([own.open(second=bureau.accounts[OUTSIDER])])["refusals"] == []
    assert _assignment(bureau).state is AssignmentState.ON_SITE


def test_a_former_visit_that_nobody_confirms_does_not_keep_from_the_city_what_the_new_team_found(
    application: Flask, lead: TabletClient, bureau: FieldBureau, former: str
) -> None:
    begun = Draft(bureau, former, bureau.now - timedelta(minutes=20))
    assert lead.send([begun.open()])["refusals"] == []
    left = _assignment(bureau)
    ids = [left.id or 0]
    with read_only(bureau.engine) as session:
        assert unreviewed(session, ids) == frozenset(), "they may have done it on paper"
    instead = signed_in_tablet(application, bureau.engine, OUTSIDER)
    own = Draft(bureau, left.public_id, bureau.now)
    assert instead.send([own.open(second=bureau.accounts[OUTSIDER])])["refusals"] == []
    with transaction(bureau.engine) as session:
        assert unreviewed(session, ids) == frozenset(ids)
        visit = find_field_visit(session, left.public_id)
        assert visit is not None
        visit.state = FieldVisitState.CONFIRMED
        session.add(visit)
    with read_only(bureau.engine) as session:
        assert unreviewed(session, ids) == frozenset()


def test_a_recused_inspector_begins_nothing_more_and_the_new_team_has_an_id_of_its_own(
    application: Flask, lead: TabletClient, bureau: FieldBureau, former: str
) -> None:
    (refusal,) = lead.send([Draft(bureau, former, bureau.now).open()])["refusals"]
    assert refusal["word"] == "recused"
    begun = Draft(bureau, former, bureau.now - timedelta(minutes=20))
    instead = signed_in_tablet(application, bureau.engine, OUTSIDER)
    (refusal,) = instead.send([begun.open()])["refusals"]
    assert refusal["word"] == "not_assigned"


def test_a_former_visit_sent_back_does_not_show_the_new_team_its_finished_task_again(
    lead: TabletClient, bureau: FieldBureau, former: str
) -> None:
    begun = Draft(bureau, former, bureau.now - timedelta(minutes=20))
    assert lead.send([begun.open()])["refusals"] == []
    with transaction(bureau.engine) as session:
        visit = find_field_visit(session, former)
        assert visit is not None
        visit.state = FieldVisitState.RETURNED
        row = session.exec(select(Assignment)).one()
        row.state = AssignmentState.DONE
        session.add_all([visit, row])
    assert lead.get("/bundle")["assignments"] == []


def test_a_whole_visit_that_was_under_way_when_its_door_was_noted_as_closed_is_taken_and_ends_the_task(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    visit = assign(bureau)
    begun = Draft(bureau, visit, bureau.now - timedelta(minutes=20))
    with transaction(bureau.engine) as session:
        id_ = session.exec(select(Assignment.id)).one() or 0
        for state in (AssignmentState.CLOSED_DOOR, AssignmentState.WAITING):
            note_state(session, id_, state, actor=ADMINISTRATOR, now=bureau.now, photo_sha256="0" * 64)
    assert _assignment(bureau).public_id != visit
    begun.open()
    begun.fill()
    begun.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(begun.changes)["refusals"] == []
    left = _assignment(bureau)
    assert (left.state, left.result) == (AssignmentState.DONE, "compliant")


def test_the_reviewer_is_told_that_the_team_was_replaced_after_it_had_begun(
    application: Flask, lead: TabletClient, bureau: FieldBureau, former: str
) -> None:
    begun = Draft(bureau, former, bureau.now - timedelta(minutes=20))
    begun.open()
    begun.fill()
    begun.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(begun.changes)["refusals"] == []
    with read_only(bureau.engine) as session:
        visit = find_field_visit(session, former)
    assert visit is not None
    page = signed_in(application, REVIEWER, PASSWORD).get(f"/desk/review/{visit.id}")
    assert "任务另有安排（回避" in page


def test_the_reviewer_is_told_that_the_task_of_a_visit_was_taken_back_after_it_had_begun(
    application: Flask, lead: TabletClient, bureau: FieldBureau
) -> None:
    visit = assign(bureau)
    begun = Draft(bureau, visit, bureau.now)
    assert lead.send([begun.open()])["refusals"] == []
    with transaction(bureau.engine) as session:
        withdraw_assignment(
            session, _assignment(bureau).id or 0, reason="改由市局检查", actor=ADMINISTRATOR, now=utc_now()
        )
    begun.fill()
    begun.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(begun.changes[1:])["refusals"] == []
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
    page = signed_in(application, REVIEWER, PASSWORD).get(f"/desk/review/{found.id}")
    assert "任务另有安排（改由市局检查" in page


@pytest.mark.parametrize(("days", "refused"), [(1, []), (8, ["not_assigned"])])
def test_a_team_that_could_not_hear_that_its_task_was_taken_back_brings_evidence(
    lead: TabletClient, bureau: FieldBureau, days: int, refused: list[str]
) -> None:
    visit = assign(bureau)
    ended = bureau.now - timedelta(days=days)
    with transaction(bureau.engine) as session:
        row = session.exec(select(Assignment)).one()
        withdraw_assignment(session, row.id or 0, reason="改由市局检查", actor=ADMINISTRATOR, now=ended)
    begun = Draft(bureau, visit, bureau.now)
    assert [one["word"] for one in lead.send([begun.open()])["refusals"]] == refused
