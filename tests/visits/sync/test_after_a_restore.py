"""Promises after an older backup was restored: what was handed out since is still good."""

import pytest
from sqlalchemy import delete
from sqlmodel import SQLModel, select

from inspections.campaigns.tables import Assignment, AssignmentEvent
from inspections.record.clock import utc_now
from inspections.record.database import read_only, table_of, transaction
from inspections.record.epochs import begin_epoch
from inspections.units.tables import UnitLink
from inspections.visits.sync.leases import LOST_WITH_A_RESTORE
from inspections.visits.sync.tables import FieldVisit, RecordNumberBlock
from tests.tablets import Draft, FieldBureau, TabletClient, add_campaign, assign

_LOST: tuple[type[SQLModel], ...] = (RecordNumberBlock, UnitLink, AssignmentEvent, Assignment)


@pytest.fixture
def finished(lead: TabletClient, bureau: FieldBureau) -> Draft:
    """A campaign's visit that was finished without a network, with what was leased to the tablet before."""
    bundle = lead.get("/bundle")
    draft = Draft(bureau, assign(bureau, kind="campaign", campaign_id=add_campaign(bureau)), bureau.now)
    draft.kind = "campaign"
    draft.open()
    draft.fill()
    draft.say("link", {"token_hash": bundle["unit_links"][0]["token_hash"]})
    draft.sign(bundle["record_numbers"][0])
    return draft


def _lose(bureau: FieldBureau, *, restored: bool) -> None:
    """As if the database were an older one, in which none of this had been handed out."""
    with transaction(bureau.engine) as session:
        for model in _LOST:
            session.connection().execute(delete(table_of(model)))
        if restored:
            begin_epoch(session, restored_from="backup-20261124T020000Z", now=utc_now())


def test_a_finished_visit_is_taken_with_its_number_and_link_though_the_backup_knew_neither(
    lead: TabletClient, finished: Draft
) -> None:
    _lose(finished.bureau, restored=True)
    answer = lead.send(finished.changes)
    assert answer["refusals"] == []
    with read_only(finished.bureau.engine) as session:
        visit = session.exec(select(FieldVisit)).one()
        link = session.exec(select(UnitLink)).one()
    assert (visit.state, visit.assignment_id) == ("signed", None)
    assert (link.unit_id, link.record_key) == (finished.bureau.unit_id, visit.record_number)
    assert lead.send(finished.changes)["receipts"] == answer["receipts"]


def test_without_a_restore_an_unknown_task_number_or_link_is_refused(
    lead: TabletClient, finished: Draft
) -> None:
    _lose(finished.bureau, restored=False)
    assert {row["word"] for row in lead.send(finished.changes)["refusals"]} == {"invalid"}


def test_numbers_leased_after_a_restore_are_none_that_may_stand_on_paper(
    lead: TabletClient, second: TabletClient, bureau: FieldBureau
) -> None:
    before = lead.get("/bundle")["record_numbers"]
    with transaction(bureau.engine) as session:
        begin_epoch(session, restored_from="backup-20261124T020000Z", now=utc_now())
    assert lead.get("/bundle")["record_numbers"] == before
    first = second.get("/bundle")["record_numbers"]
    assert int(first[0][-7:-1]) == len(before) + LOST_WITH_A_RESTORE + 1
    with transaction(bureau.engine) as session:
        session.connection().execute(delete(table_of(FieldVisit)))
    assert second.get("/bundle")["record_numbers"] == first


def test_a_number_far_beyond_any_lease_is_refused_after_a_restore_too(
    lead: TabletClient, finished: Draft
) -> None:
    _lose(finished.bureau, restored=True)
    number = finished.changes[-1]["value"]["record_number"]
    beyond = number.replace("000001", f"{LOST_WITH_A_RESTORE + 1:06}")
    finished.changes[-1]["value"]["record_number"] = beyond
    assert [row["word"] for row in lead.send(finished.changes)["refusals"]] == ["number_not_leased"]
