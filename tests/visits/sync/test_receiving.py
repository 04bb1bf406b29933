"""Promises of the sync: what has a receipt is stored once; a refused change takes no other with it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import func, select

from inspections.campaigns.tables import Assignment, AssignmentState
from inspections.people.service import revoke_account
from inspections.people.tables import Recusal, Tablet
from inspections.people.tablets import revoke_tablet
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.tables import FieldVisit, VisitChange
from tests.bureau import ADMINISTRATOR
from tests.tablets import (
    LEAD,
    OUTSIDER,
    SECOND,
    Draft,
    FieldBureau,
    TabletClient,
    assign,
    fresh_id,
    signed_in_tablet,
)


def _stored(bureau: FieldBureau) -> int:
    with read_only(bureau.engine) as session:
        return session.exec(select(func.count()).select_from(VisitChange)).one()


def _values(bureau: FieldBureau, visit: str) -> dict[str, object]:
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
        return field_record(session, found).values


def test_every_change_gets_a_receipt_and_is_stored_once_however_often_it_is_sent(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    first = lead.send(draft.changes)
    again = lead.send(draft.changes)
    assert {row["id"] for row in first["receipts"]} == {change["id"] for change in draft.changes}
    assert again["receipts"] == first["receipts"]
    assert first["refusals"] == again["refusals"] == []
    assert _stored(draft.bureau) == len(draft.changes)


def test_a_refused_change_is_named_and_the_others_are_stored(lead: TabletClient, draft: Draft) -> None:
    draft.open()
    good = draft.say("item/2.3", {"answer": "pass"})
    draft.say("item/2.3", {"answer": "pass", "stars": 5})
    draft.say("item/99.9", {"answer": "pass"})
    draft.say("item/2.6", {"answer": "fail", "remark": "长" * 2_001})
    answer = lead.send(draft.changes)
    assert good["id"] in {row["id"] for row in answer["receipts"]}
    assert [(row["at"], row["word"], row["status"]) for row in answer["refusals"]] == [
        ("changes/2", "invalid", 422),
        ("changes/4", "invalid", 422),
        ("changes/3", "invalid", 422),
    ]
    by_place = {row["at"]: row["errors"][0] for row in answer["refusals"]}
    assert by_place["changes/2"] == {"where": "value/stars", "what": "没有这个字段"}
    assert by_place["changes/4"] == {"where": "value/remark", "what": "太长，最多 2000 个字符"}
    assert "99.9" in by_place["changes/3"]["what"]


def test_a_change_that_cannot_even_be_read_takes_no_other_with_it(lead: TabletClient, draft: Draft) -> None:
    opening = draft.open()
    unreadable: list[Any] = [opening, {"id": 7, "nonsense": True}, "a word"]
    answer = lead.send(unreadable)
    assert [row["id"] for row in answer["receipts"]] == [opening["id"]]
    assert [row["at"] for row in answer["refusals"]] == ["changes/1", "changes/2"]


def test_where_nothing_of_a_request_can_be_read_the_whole_answer_is_422(lead: TabletClient) -> None:
    answer = lead.post({"changes": [{"id": 7}]})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["word"] == "invalid"
    assert answer.json["refusals"][0]["at"] == "changes/0"


@pytest.mark.parametrize(
    "body",
    [
        {"changes": {}},
        {"visits": {"a b": 0}},
        {"unsent": -1},
        {"unsent": True},
        {"surprise": 1},
        [],
        "words",
    ],
)
def test_a_body_of_another_shape_is_refused_whole(lead: TabletClient, body: object) -> None:
    answer = lead.post(body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]


@pytest.mark.parametrize("content", [b"{", b"[" * 100_000, b'{"unsent": NaN}', b"\xff\xfe", b""])
def test_what_is_not_json_is_refused_with_a_sentence(lead: TabletClient, content: bytes) -> None:
    answer = lead.client.post(
        "/api/v1/changes",
        data=content,
        content_type="application/json",
        headers={"X-CSRFToken": lead.token},
    )
    assert answer.status_code == 422
    assert "JSON" in answer.text


def test_a_remark_of_a_million_characters_is_refused_and_nothing_is_stored(
    lead: TabletClient, draft: Draft
) -> None:
    lead.send([draft.open()])
    (refusal,) = lead.send([draft.say("item/2.3", {"answer": "fail", "remark": "a" * 1_000_000})])["refusals"]
    assert (refusal["status"], refusal["errors"][0]["what"]) == (422, "太长，最多 2000 个字符")
    answer = lead.post({"changes": [draft.say("problems", "字" * 2_000_000)]})
    assert (answer.status_code, answer.json and answer.json["word"]) == (413, "too_large")
    assert _stored(draft.bureau) == 1


def test_the_largest_honest_batch_fits_into_one_call(lead: TabletClient, draft: Draft) -> None:
    draft.open()
    while len(draft.changes) < 200:
        code = draft.bureau.codes[len(draft.changes) % len(draft.bureau.codes)]
        draft.say(f"item/{code}", {"answer": "fail", "remark": "字" * 2_000})
    assert len(lead.send(draft.changes)["receipts"]) == 200


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1bb"])
def test_characters_that_no_paper_can_show_are_refused(lead: TabletClient, draft: Draft, text: str) -> None:
    draft.open()
    draft.say("problems", text)
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert refusal["word"] == "invalid"
    assert "控制字符" in refusal["errors"][0]["what"]


def test_changes_before_the_opening_one_are_refused_for_now_and_taken_afterwards(
    lead: TabletClient, draft: Draft
) -> None:
    opening, item = draft.open(), draft.say("item/2.3", {"answer": "pass"})
    (refusal,) = lead.send([item])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("unknown_visit", 409)
    assert len(lead.send([item, opening])["receipts"]) == 2


def test_an_id_that_was_used_for_something_else_is_refused(lead: TabletClient, draft: Draft) -> None:
    draft.open()
    change = draft.say("item/2.3", {"answer": "pass"})
    lead.send(draft.changes)
    (refusal,) = lead.send([{**change, "value": {"answer": "fail"}}])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("id_reused", 409)
    assert _values(draft.bureau, draft.visit)["item/2.3"] == {"answer": "pass"}


def test_another_inspectors_visit_can_neither_be_changed_nor_seen(
    application: Flask, lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    lead.send(draft.changes)
    outsider = signed_in_tablet(application, draft.bureau.engine, OUTSIDER)
    answer = outsider.send([draft.say("item/2.3", {"answer": "fail"})], visits={draft.visit: 0})
    assert [(row["word"], row["status"]) for row in answer["refusals"]] == [("other_visit", 403)]
    assert answer["receipts"] == []
    assert answer["visits"] == {}
    assert "item/2.3" not in _values(draft.bureau, draft.visit)


def test_an_assignment_cannot_be_opened_by_others_before_its_day_or_long_after_it_was_excluded(
    application: Flask, lead: TabletClient, bureau: FieldBureau
) -> None:
    tomorrow, long_ago = civil_day(bureau.now) + timedelta(days=1), bureau.now - timedelta(days=8)
    for early in (
        assign(bureau, release_on=tomorrow),
        assign(bureau, state=AssignmentState.EXCLUDED, state_at=long_ago),
    ):
        (refusal,) = lead.send([Draft(bureau, early, bureau.now).open()])["refusals"]
        assert (refusal["word"], refusal["status"]) == ("not_assigned", 403)
    outsider = signed_in_tablet(application, bureau.engine, OUTSIDER)
    (refusal,) = outsider.send([Draft(bureau, assign(bureau), bureau.now).open()])["refusals"]
    assert refusal["word"] == "not_assigned"


def test_a_visit_that_had_begun_before_its_unit_was_replaced_is_taken_and_stays_replaced(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    visit = assign(bureau, state=AssignmentState.SUBSTITUTED)
    draft = Draft(bureau, visit, bureau.now - timedelta(minutes=20))
    assert len(lead.send([draft.open()])["receipts"]) == 1
    with read_only(bureau.engine) as session:
        row = session.exec(select(Assignment).where(Assignment.public_id == visit)).one()
    assert row.state == AssignmentState.SUBSTITUTED


def test_a_visit_that_names_other_people_than_its_assignment_is_refused(
    lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    (refusal,) = lead.send([draft.open(second=bureau.accounts[OUTSIDER])])["refusals"]
    assert refusal["word"] == "visit_differs"


def test_a_visit_without_an_assignment_needs_two_inspectors_neither_of_them_recused(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    def opened(**fields: object) -> dict[str, object]:
        visit = Draft(bureau, fresh_id("visit"), bureau.now, assignment=False, kind="special")
        answer = lead.send([visit.open(**fields)])
        return answer["refusals"][0] if answer["refusals"] else {"word": "taken"}

    lead_id = bureau.accounts[LEAD]
    assert opened()["word"] == "taken"
    assert opened(second=lead_id)["word"] == "invalid"
    assert opened(kind="campaign")["word"] == "invalid"
    assert opened(unit="2222-2222")["word"] == "invalid"
    assert opened(checklist="0" * 64)["word"] == "invalid"
    assert opened(lead=bureau.accounts[OUTSIDER])["word"] == "other_visit"
    with transaction(bureau.engine) as session:
        session.add(
            Recusal(
                account_id=bureau.accounts[SECOND],
                unit_id=bureau.unit_id,
                from_on=civil_day(bureau.now),
                recorded_by=ADMINISTRATOR,
                recorded_at=bureau.now,
            )
        )
    assert opened()["word"] == "recused"


def test_two_tablets_open_one_visit_without_a_conflict_and_merge_by_item(
    lead: TabletClient, second: TabletClient, bureau: FieldBureau
) -> None:
    visit = assign(bureau)
    mine = Draft(bureau, visit, bureau.now)
    theirs = Draft(bureau, visit, bureau.now + timedelta(minutes=2))
    mine.open(), theirs.open()
    mine.say("item/2.3", {"answer": "pass"})
    theirs.say("item/2.6", {"answer": "pass"})
    theirs.say("item/2.7", {"answer": "fail"})
    mine.say("item/2.7", {"answer": "pass"})
    lead.send(mine.changes)
    second.send(theirs.changes)
    values = _values(bureau, visit)
    assert {key for key in values if key.startswith("item/")} == {"item/2.3", "item/2.6"}
    assert isinstance(values["visit"], dict)
    assert values["visit"]["opened_at"] == mine.changes[0]["value"]["opened_at"]
    heard = lead.send(visits={visit: 0})["visits"][visit]
    mine.hear(change for change in heard["changes"] if change["account"] == bureau.accounts[SECOND])
    lead.send([mine.say("item/2.7", {"answer": "fail", "remark": "两人共同核对"})])
    assert _values(bureau, visit)["item/2.7"] == {"answer": "fail", "remark": "两人共同核对"}


def test_a_tablet_is_told_what_it_lacks_of_its_visits_and_nothing_twice(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    lead.send([draft.open()])
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    second.send([theirs.say("item/2.6", {"answer": "pass"})])
    first = lead.send(visits={draft.visit: 0})["visits"][draft.visit]
    assert len(first["changes"]) == 2, "after 0 everything is named, the tablet's own changes too"
    assert first["changes"][1]["tablet"] == second.public_id
    after = lead.send([draft.say("item/2.8", {"answer": "pass"})], visits={draft.visit: first["cursor"]})
    assert after["visits"][draft.visit]["changes"] == []
    own = lead.send(visits={draft.visit: first["cursor"]})["visits"][draft.visit]
    assert own["changes"] == [], "what this tablet sent itself it does not lack"
    second.send([theirs.say("item/2.7", {"answer": "pass"})])
    last = lead.send(visits={draft.visit: after["visits"][draft.visit]["cursor"]})["visits"][draft.visit]
    assert [change["key"] for change in last["changes"]] == ["item/2.7"]


def test_a_revoked_tablet_is_told_to_sign_in_and_what_it_sent_before_stays(
    lead: TabletClient, draft: Draft
) -> None:
    lead.send([draft.open()])
    with transaction(draft.bureau.engine) as session:
        tablet = session.exec(select(Tablet).where(Tablet.public_id == lead.public_id)).one()
        revoke_tablet(session, tablet.id or 0, actor=ADMINISTRATOR, now=utc_now())
    answer = lead.post({"changes": [draft.say("item/2.3", {"answer": "pass"})]})
    assert (answer.status_code, answer.json and answer.json["word"]) == (401, "not_signed_in")
    again = lead.sign_in(LEAD)
    assert (again.status_code, again.json and again.json["word"]) == (403, "tablet_revoked")
    assert _stored(draft.bureau) == 1


def test_the_desk_hears_that_a_visit_has_begun(lead: TabletClient, draft: Draft) -> None:
    lead.send([draft.open()])
    with read_only(draft.bureau.engine) as session:
        row = session.exec(select(Assignment).where(Assignment.public_id == draft.visit)).one()
        assert row.state == AssignmentState.ON_SITE
        tablet = session.exec(select(Tablet).where(Tablet.public_id == lead.public_id)).one()
        assert tablet.last_seen_at is not None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cut_and_any_order_of_batches_ends_in_the_same_stored_state(
    data: st.DataObject, lead: TabletClient, bureau: FieldBureau
) -> None:
    draft = Draft(bureau, assign(bureau), bureau.now)
    draft.open()
    for code in bureau.codes[:6]:
        draft.say(f"item/{code}", {"answer": "fail"})
        draft.say(f"item/{code}", {"answer": "pass"})
    waiting = data.draw(st.permutations(draft.changes))
    while waiting:
        cut = data.draw(st.integers(1, len(waiting)))
        batch, waiting = waiting[:cut], waiting[cut:]
        answer = lead.send(batch)
        refused = {row["id"] for row in answer["refusals"]}
        assert {row["word"] for row in answer["refusals"]} <= {"unknown_visit"}
        waiting += [change for change in batch if change["id"] in refused]
        if data.draw(st.booleans()):
            lead.send(batch)
    values = _values(bureau, draft.visit)
    assert all(values[f"item/{code}"] == {"answer": "pass"} for code in bureau.codes[:6])
    with read_only(bureau.engine) as session:
        visit = session.exec(select(FieldVisit).where(FieldVisit.client_id == draft.visit)).one()
        stored = session.exec(select(VisitChange).where(VisitChange.field_visit_id == visit.id)).all()
    assert len(stored) == len(draft.changes)


def test_what_was_decided_while_an_assigned_visit_had_no_network_does_not_keep_it_out(
    lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    draft.open()
    later = draft.made_at + timedelta(days=1)
    with transaction(bureau.engine) as session:
        session.add(
            Recusal(
                account_id=bureau.accounts[SECOND], unit_id=bureau.unit_id, reason="亲属任职",
                from_on=civil_day(later), recorded_by=ADMINISTRATOR, recorded_at=later,
            )
        )  # fmt: skip
        revoke_account(session, name=SECOND, actor=ADMINISTRATOR, now=later)
    with time_machine.travel(later + timedelta(hours=1)):
        assert lead.send(draft.changes)["refusals"] == []


def test_a_visit_that_nobody_assigned_goes_by_what_holds_when_it_arrives(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    own = Draft(bureau, fresh_id("visit"), bureau.now, assignment=False)
    own.open()
    with transaction(bureau.engine) as session:
        revoke_account(session, name=SECOND, actor=ADMINISTRATOR, now=utc_now())
    (refusal,) = lead.send(own.changes)["refusals"]
    assert refusal["errors"][0]["where"] == "value/second"
