"""Promises of signing: only the lead, only whole, only what its tablet held; the rest is an addendum."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from inspections.campaigns.tables import Assignment, AssignmentState
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.service import load_seeds
from inspections.units.links import bind_link
from inspections.units.tables import UnitLink
from inspections.visits.fieldwork import exam
from inspections.visits.sync.queries import FieldRecord, field_record, find_field_visit
from inspections.visits.sync.tables import ExamResult, FieldVisit, Order, OrderState, RegisterFinding
from inspections.visits.sync.vocabulary import exam_choices
from tests.bureau import DUMPLINGS, add_units
from tests.tablets import (
    DRAWN,
    LEAD,
    Draft,
    FieldBureau,
    TabletClient,
    assign,
    fresh_id,
    signed_in_tablet,
)


def _number(tablet: TabletClient) -> str:
    return str(tablet.get("/bundle")["record_numbers"][0])


def _record(bureau: FieldBureau, visit: str) -> FieldRecord:
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
        return field_record(session, found)


def _signed(tablet: TabletClient, draft: Draft, **fields: Any) -> Any:
    """Open, fill and sign a visit, all in one batch."""
    draft.open()
    draft.fill(**fields)
    draft.sign(_number(tablet))
    return tablet.send(draft.changes)


def test_a_whole_visit_is_frozen_with_its_text_and_number(lead: TabletClient, draft: Draft) -> None:
    answer = _signed(lead, draft)
    assert answer["refusals"] == []
    visit = _record(draft.bureau, draft.visit).visit
    signed = draft.changes[-1]["value"]
    assert visit.state == "signed"
    assert (visit.record_number, visit.signed_sha256) == (signed["record_number"], signed["sha256"])
    assert visit.signed_text == signed["text"]
    with read_only(draft.bureau.engine) as session:
        row = session.exec(select(Assignment).where(Assignment.public_id == draft.visit)).one()
    assert row.state == AssignmentState.DONE


def test_a_signature_that_arrives_before_the_rest_is_taken_when_the_rest_is_there(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    signature = draft.sign(_number(lead))
    (refusal,) = lead.send([draft.changes[0], signature])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("not_all_received", 409)
    assert len(lead.send(draft.changes[1:])["receipts"]) == len(draft.changes) - 1
    assert _record(draft.bureau, draft.visit).visit.state == "signed"


def test_a_visit_with_an_open_item_or_without_a_decision_is_not_signed(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.say("item/2.3", {"answer": "pass"})
    draft.sign(_number(lead))
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert refusal["word"] == "incomplete"
    named = {row["where"] for row in refusal["errors"]}
    assert {"item/2.6", "decision"} <= named
    assert "item/2.3" not in named


def test_a_visit_that_could_not_take_place_is_signed_without_items(lead: TabletClient, draft: Draft) -> None:
    draft.open()
    draft.say("obstruction", {"ground": "closed_door", "note": "卷帘门落锁，无人应答", "photos": [DRAWN]})
    draft.sign_by_hand("lead", "second")
    draft.sign(_number(lead))
    assert lead.send(draft.changes)["refusals"] == []
    with read_only(draft.bureau.engine) as session:
        row = session.exec(select(Assignment).where(Assignment.public_id == draft.visit)).one()
    assert row.state == AssignmentState.CLOSED_DOOR


@pytest.mark.parametrize("kind", ["flying", "recheck"])
def test_a_visit_of_a_part_needs_its_own_items_only(
    lead: TabletClient, bureau: FieldBureau, kind: str
) -> None:
    draft = Draft(bureau, assign(bureau, kind=kind, items="2.3,2.6"), bureau.now, kind=kind)
    draft.open()
    draft.fill(codes=["2.3", "2.6"])
    draft.sign(_number(lead))
    assert lead.send(draft.changes)["refusals"] == []


@pytest.mark.parametrize("kind", ["flying", "recheck"])
def test_a_visit_of_a_part_that_nobody_assigned_is_whole_with_the_items_it_was_opened_with(
    lead: TabletClient, bureau: FieldBureau, kind: str
) -> None:
    codes = ["2.3", "2.6"]
    visit = Draft(bureau, fresh_id("visit"), bureau.now, assignment=False, kind=kind)
    visit.open(items=codes, source="complaint", reason="举报后厨生熟混放")
    visit.fill(codes=codes[:1])
    visit.sign(_number(lead))
    (refusal,) = lead.send(visit.changes)["refusals"]
    assert [row["where"] for row in refusal["errors"]] == ["item/2.6"]
    answer = visit.say("item/2.6", {"answer": "pass"})
    covers = [change["id"] for change in visit.changes if change["key"] != "signed"]
    signature = visit.sign(_number(lead), covers=covers)
    assert lead.send([answer, signature])["refusals"] == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("special", {"items": ["2.3"]}),
        ("flying", {"items": ["99.9"]}),
        ("flying", {"recheck_of": "食检〔2026〕000001号"}),
    ],
)
def test_a_part_that_makes_no_sense_is_refused_when_the_visit_opens(
    lead: TabletClient, bureau: FieldBureau, kind: str, fields: dict[str, object]
) -> None:
    visit = Draft(bureau, fresh_id("visit"), bureau.now, assignment=False, kind=kind)
    (refusal,) = lead.send([visit.open(**fields)])["refusals"]
    assert refusal["word"] == "invalid"
    assert refusal["errors"][0]["where"] == f"value/{next(iter(fields))}"


_REFUSED = {"refused": True, "reason": "拒绝签名"}
_HERE = {
    "certificates": {"shown": False, "at": "2026-11-25T02:00:00Z"},
    "notice": {"recusal": "applied", "note": "认识老板\n决定：回避，改派人员", "at": "2026-11-25T02:00:00Z"},
    "item/2.4": {"answer": "na"},
    "item/2.6": {"answer": "fail", "safety": None, "remark": "过期酱料", "corrected_on_spot": True},
    "item/2.7": {"answer": "fail", "safety": True, "remark": "过期酱料"},
    "item/2.8": {"answer": "fail", "safety": True, "corrected_on_spot": True},
    "told": None,
    "decision": None,
    "signature/notice_operator": None,
    "signature/notice_lead": {**_REFUSED, "witness": "李四"},
    "signature/operator": _REFUSED,
    "signature/second": None,
}


@pytest.mark.parametrize("key", _HERE)
def test_a_visit_that_lacks_what_the_law_asks_is_not_signed_and_the_place_is_named(
    lead: TabletClient, draft: Draft, key: str
) -> None:
    draft.open()
    draft.fill()
    draft.say(key, _HERE[key])
    signature = draft.sign(_number(lead))
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert (refusal["id"], refusal["word"], refusal["status"]) == (signature["id"], "incomplete", 409)
    assert {row["where"] for row in refusal["errors"]} == {key}
    visit = _record(draft.bureau, draft.visit).visit
    assert (visit.state, visit.record_number) == ("open", None)


def test_a_result_that_was_told_by_the_unit_link_needs_the_link_to_be_handed_over(
    lead: TabletClient, draft: Draft
) -> None:
    link = lead.get("/bundle")["unit_links"][0]
    draft.open()
    draft.fill()
    draft.say("told", {"at": draft.made_at.isoformat(), "how": "electronic"})
    draft.sign(_number(lead))
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert [row["where"] for row in refusal["errors"]] == ["link"]
    covers = [change["id"] for change in draft.changes if change["key"] != "signed"]
    handed = draft.say("link", {"token_hash": link["token_hash"]})
    signature = draft.sign(_number(lead), covers=[*covers, handed["id"]])
    assert lead.send([handed, signature])["refusals"] == []


def test_a_finding_that_nobody_ordered_to_be_put_right_keeps_the_visit_open(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill(failed={"2.6": {"answer": "fail", "safety": True}}, result="non_compliant")
    draft.say("orders", None)
    draft.sign(_number(lead))
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert refusal["errors"] == [{"where": "item/2.6", "what": "没有责令改正"}]


def test_a_refused_signature_of_the_unit_stands_with_a_witness_and_an_applied_recusal_with_its_ruling(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    at = draft.made_at.isoformat()
    ruled = "认识老板\n决定：不予回避，检查继续"
    draft.say("notice", {"recusal": "applied", "note": ruled, "at": at})
    draft.say("signature/notice_operator", {**_REFUSED, "witness": "李四"})
    draft.say("signature/operator", {**_REFUSED, "witness": "李四"})
    draft.sign(_number(lead))
    assert lead.send(draft.changes)["refusals"] == []


@pytest.mark.parametrize("reason", ["", "现场已全部改正"])
def test_a_decision_other_than_the_servers_own_suggestion_needs_a_reason_whatever_the_tablet_says_of_it(
    lead: TabletClient, draft: Draft, reason: str
) -> None:
    now = utc_now()
    with transaction(draft.bureau.engine) as session:
        # Only a demonstration has values for all that the rules ask, and so a suggestion.
        set_mark(session, DEMONSTRATION, now=now)
        load_seeds(session, actor=LEAD, now=now)
    (assignment,) = lead.get("/bundle")["assignments"]
    draft.open(rulebook=assignment["rulebook"])
    grave = {"answer": "fail", "safety": True, "corrected_on_spot": True}
    draft.fill(failed=dict.fromkeys(draft.bureau.codes[:12], grave))
    decided = {"result": "compliant", "handling": "none", "suggested": None, "reason": reason}
    draft.say("decision", decided)
    draft.sign(_number(lead))
    refusals = lead.send(draft.changes)["refusals"]
    if reason:
        assert refusals == []
    else:
        assert refusals[0]["errors"] == [{"where": "decision", "what": "结果与建议不同，要写明理由"}]


@pytest.mark.parametrize(
    ("said", "where"),
    [
        ({"ground": "closed_door", "note": "卷帘门落锁"}, "obstruction/photos"),
        ({"ground": "other"}, "obstruction/note"),
    ],
)
def test_a_closed_door_is_recorded_with_a_photo_and_another_ground_with_words(
    lead: TabletClient, draft: Draft, said: dict[str, Any], where: str
) -> None:
    draft.open()
    draft.say("obstruction", said)
    draft.sign_by_hand("lead", "second")
    draft.sign(_number(lead))
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert [row["where"] for row in refusal["errors"]] == [where]


def test_only_the_lead_signs_and_only_with_a_number_leased_to_this_tablet(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    lead.send(draft.changes)
    (refusal,) = second.send([draft.sign(_number(second))])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("not_lead", 403)
    (refusal,) = lead.send([draft.sign(_number(second))])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("number_not_leased", 409)
    (refusal,) = lead.send([draft.sign("食检〔2026〕999999号")])["refusals"]
    assert refusal["word"] == "number_not_leased"
    (refusal,) = lead.send([draft.sign(_number(lead), text="另一段文字", sha256="0" * 64)])["refusals"]
    assert refusal["errors"][0]["where"] == "value/sha256"


def test_a_number_stands_on_one_visit_only(lead: TabletClient, bureau: FieldBureau, draft: Draft) -> None:
    number = _number(lead)
    draft.open()
    draft.fill()
    draft.sign(number)
    lead.send(draft.changes)
    other = Draft(bureau, assign(bureau), bureau.now)
    other.open()
    other.fill()
    other.sign(number)
    (refusal,) = lead.send(other.changes)["refusals"]
    assert refusal["word"] == "number_not_leased"
    assert number not in lead.get("/bundle")["record_numbers"]


def test_a_conflict_keeps_a_visit_from_being_signed_until_the_lead_decides(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    lead.send(draft.changes)
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    second.send([theirs.say("item/2.3", {"answer": "fail"})])
    heard = lead.send(visits={draft.visit: 0})["visits"][draft.visit]["changes"]
    covers = [change["id"] for change in heard]
    (refusal,) = lead.send([draft.sign(_number(lead), covers=covers)])["refusals"]
    assert refusal["word"] == "in_conflict"
    assert refusal["errors"] == [{"where": "item/2.3", "what": "两边记录不同"}]
    draft.hear(heard)
    decided = draft.find("2.3", corrected_on_spot=True)
    answer = lead.send([decided, draft.sign(_number(lead), covers=[*covers, decided["id"]])])
    assert answer["refusals"] == []


def test_two_openings_by_different_versions_of_the_rules_are_settled_by_the_leads_word(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    (assignment,) = lead.get("/bundle")["assignments"]
    opening = draft.open(rulebook=assignment["rulebook"])
    draft.fill()
    lead.send(draft.changes)
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    other = theirs.open(rulebook=None)
    assert second.send([other])["refusals"] == []
    draft.hear([other])
    covers = [change["id"] for change in (*draft.changes, other)]
    (refusal,) = lead.send([draft.sign(_number(lead), covers=covers)])["refusals"]
    assert (refusal["word"], refusal["errors"][0]["where"]) == ("in_conflict", "visit")
    again = draft.say("visit", opening["value"])
    assert set(again["replaces"]) == {opening["id"], other["id"]}
    answer = lead.send([again, draft.sign(_number(lead), covers=[*covers, again["id"]])])
    assert answer["refusals"] == []


def test_what_the_lead_had_not_seen_is_an_addendum_however_early_it_arrived(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    lead.send(draft.changes)
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    unseen = theirs.say("problems", "后门外堆放纸箱")
    (receipt,) = second.send([unseen])["receipts"]
    assert receipt["addendum"] is False
    lead.send([draft.sign(_number(lead))])
    record = _record(draft.bureau, draft.visit)
    assert [stored.id for stored in record.addenda] == [unseen["id"]]
    assert "problems" not in record.values
    (again,) = second.send([unseen])["receipts"]
    assert again["addendum"] is True


def test_a_late_addendum_that_would_change_the_result_sends_the_visit_back(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    _signed(lead, draft)
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    harmless = second.send([theirs.say("problems", "门口台阶松动")])
    assert harmless["receipts"][0]["addendum"] is True
    assert _record(draft.bureau, draft.visit).visit.state == "signed"
    second.send([theirs.say("item/2.6", {"answer": "fail", "safety": True})])
    record = _record(draft.bureau, draft.visit)
    assert record.visit.state == "returned"
    assert record.values["item/2.6"] == {"answer": "pass"}, "the signed record stays as it was signed"
    told = lead.send(visits={draft.visit: 0})["visits"][draft.visit]
    assert told["state"] == "returned"
    assert "补充" in told["returned"]["reason"]


def test_a_returned_visit_is_mended_by_a_signed_addendum_and_the_first_paper_stays(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    _signed(lead, draft)
    first = draft.changes[-1]
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    second.send([theirs.say("item/2.6", {"answer": "fail", "safety": True})])
    heard = lead.send(visits={draft.visit: 0})["visits"][draft.visit]["changes"]
    draft.hear(heard)
    decided = draft.find("2.6", safety=True, remark="过期酱料一瓶", corrected_on_spot=True)
    decision = draft.say("decision", {"result": "non_compliant", "handling": "stop"})
    mended = [decided, decision]
    before = [change["id"] for change in heard if change["key"] != "signed"]
    covers = [*before, *(change["id"] for change in mended)]
    number = first["value"]["record_number"]
    other = draft.sign(_number(lead), text="补充", covers=covers)
    draft.seen["signed"] = [first["id"]]
    answer = lead.send([*mended, other])
    assert [row["word"] for row in answer["refusals"]] == ["number_not_leased"]
    unsigned = draft.sign(number, text="签结补充", covers=covers)
    draft.seen["signed"] = [first["id"]]
    (refused,) = lead.send([unsigned])["refusals"]
    assert {one["where"]: one["what"] for one in refused["errors"]} == {
        "told": "补充以后没有重新告知",
        **{f"signature/{who}": "补充以后没有重新签名" for who in ("operator", "lead", "second")},
    }
    anew = draft.tell_and_sign_anew()
    covers += [change["id"] for change in anew]
    assert lead.send([*anew, draft.sign(number, text="签结补充", covers=covers)])["refusals"] == []
    record = _record(draft.bureau, draft.visit)
    assert (record.visit.state, record.visit.signed_text) == ("signed", "签结补充")
    assert record.values["decision"] == {"result": "non_compliant", "handling": "stop"}
    papers = [stored.change.value for stored in record.changes if stored.change.key == "signed"]
    assert [paper["text"] for paper in papers if isinstance(paper, dict)] == [
        first["value"]["text"],
        "签结补充",
    ]


def test_a_signature_that_was_given_to_another_text_is_none_of_this_one(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.fill()
    other = hashlib.sha256("改动以前的全文".encode()).hexdigest()
    at = draft.made_at.isoformat()
    draft.say("signature/operator", {"drawing": DRAWN, "at": at, "text_sha256": other})
    (refused,) = lead.send([*draft.changes, draft.sign(_number(lead))])["refusals"]
    assert [(one["where"], one["what"]) for one in refused["errors"]] == [
        ("signature/operator", "签的是改动以前的全文")
    ]


def test_a_signed_visit_is_not_signed_again_without_a_return(lead: TabletClient, draft: Draft) -> None:
    _signed(lead, draft)
    number = draft.changes[-1]["value"]["record_number"]
    (refusal,) = lead.send([draft.sign(number, text="另一份")])["refusals"]
    assert refusal["word"] == "already_signed"


def test_orders_run_from_the_signed_visit_and_what_was_put_right_at_once_is_passed(
    lead: TabletClient, draft: Draft
) -> None:
    until = (civil_day(utc_now()) + timedelta(days=7)).isoformat()
    draft.open()
    draft.fill(
        failed={
            "2.3": {"answer": "fail", "safety": False, "corrected_on_spot": True, "remark": "生熟混放"},
            "2.6": {"answer": "fail", "safety": True, "deadline_on": until, "remark": "过期酱料"},
        },
        result="basically_compliant",
    )
    draft.say(
        "orders",
        [
            {"items": ["2.3"], "text": "2.3 生熟混放：已当场改正", "deadline_on": None},
            {"items": ["2.6"], "text": "2.6 过期酱料：责令改正", "deadline_on": until},
        ],
    )
    draft.say("register/sign_changed", {"note": "换了新牌匾", "value": "福满源水饺"})
    draft.sign(_number(lead))
    assert lead.send(draft.changes)["refusals"] == []
    with read_only(draft.bureau.engine) as session:
        orders = {order.item_codes: order for order in session.exec(select(Order))}
        finding = session.exec(select(RegisterFinding)).one()
        visit = session.exec(select(FieldVisit)).one()
    assert {codes: order.state for codes, order in orders.items()} == {
        "2.3": OrderState.PASSED,
        "2.6": OrderState.OPEN,
    }
    assert orders["2.6"].deadline_on is not None
    assert orders["2.6"].deadline_on.isoformat() == until
    assert orders["2.6"].ordered_at == visit.signed_at
    assert (finding.kind, finding.value) == ("sign_changed", "福满源水饺")


def test_the_exam_is_scored_by_the_question_file(lead: TabletClient, draft: Draft) -> None:
    choices = dict(list((exam_choices(exam()["sha256"]) or {}).items())[:3])
    wrong = {question: choice + 1 for question, choice in choices.items()}
    draft.open()
    lied = {"file": exam()["sha256"], "answers": wrong, "asked": 3, "right": 3}
    draft.say("exam", lied)
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert refusal["errors"][0]["where"] == "value/right"
    draft.say("exam", {**lied, "answers": choices})
    draft.fill()
    draft.sign(_number(lead), covers=[change["id"] for change in draft.changes if change["value"] != lied])
    assert lead.send(draft.changes[1:])["receipts"]
    with read_only(draft.bureau.engine) as session:
        row = session.exec(select(ExamResult)).one()
    assert (row.asked, row.right) == (3, 3)


def test_a_unit_link_is_bound_by_the_visit_that_handed_it_over_and_never_to_another_unit(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    link = lead.get("/bundle")["unit_links"][0]
    draft.open()
    (refusal,) = second.send([draft.changes[0], draft.say("link", {"token_hash": link["token_hash"]})])[
        "refusals"
    ]
    assert (refusal["word"], refusal["status"]) == ("link_not_leased", 409)
    draft.say("link", {"token_hash": link["token_hash"]})
    draft.fill()
    covers = [change["id"] for change in draft.changes if change["id"] != refusal["id"]]
    draft.sign(_number(lead), covers=covers)
    assert lead.send([change for change in draft.changes if change["id"] != refusal["id"]])["refusals"] == []
    with read_only(draft.bureau.engine) as session:
        row = session.exec(select(UnitLink).where(UnitLink.token_hash == link["token_hash"])).one()
    assert (row.unit_id, row.record_key) == (
        draft.bureau.unit_id,
        draft.changes[-1]["value"]["record_number"],
    )


def test_a_draft_that_moved_to_another_tablet_of_its_inspector_keeps_the_number_and_the_link_of_its_papers(
    application: Flask, lead: TabletClient, draft: Draft
) -> None:
    bundle = lead.get("/bundle")
    draft.open()
    draft.fill()
    draft.say("link", {"token_hash": bundle["unit_links"][0]["token_hash"]})
    draft.sign(bundle["record_numbers"][0])
    other = signed_in_tablet(application, draft.bureau.engine, LEAD)
    assert other.send(draft.changes)["refusals"] == []
    assert _record(draft.bureau, draft.visit).visit.record_number == bundle["record_numbers"][0]


def test_a_link_that_another_unit_was_given_is_refused(
    lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    used, fresh = (row["token_hash"] for row in lead.get("/bundle")["unit_links"][:2])
    with transaction(bureau.engine) as session:
        neighbour = replace(DUMPLINGS, address="柳口路30号", licence_number=None, credit_code=None)
        (other,) = add_units(session, [neighbour], bureau.now)
        bind_link(
            session,
            used,
            unit_id=other,
            record_key="食检〔2026〕000123号",
            lasts_days=60,
            actor=LEAD,
            on=civil_day(bureau.now),
            now=bureau.now,
        )
    draft.open()
    (refusal,) = lead.send([*draft.changes, draft.say("link", {"token_hash": used})])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("link_not_leased", 409)
    draft.seen.pop("link")
    assert lead.send([draft.say("link", {"token_hash": fresh})])["refusals"] == []


def test_a_refused_signature_leaves_no_trace_in_the_visit(lead: TabletClient, draft: Draft) -> None:
    link = lead.get("/bundle")["unit_links"][0]
    draft.open()
    draft.fill()
    draft.say("link", {"token_hash": link["token_hash"]})
    lead.send(draft.changes)
    with transaction(draft.bureau.engine) as session:
        row = session.exec(select(UnitLink).where(UnitLink.token_hash == link["token_hash"])).one()
        row.revoked_at = utc_now()
    (refusal,) = lead.send([draft.sign(_number(lead))])["refusals"]
    assert refusal["word"] == "link_not_leased"
    visit = _record(draft.bureau, draft.visit).visit
    assert (visit.state, visit.record_number, visit.signed_text) == ("open", None, None)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        ("decision", {"result": "splendid", "handling": "none"}, "规则里没有这个结果"),
        ("decision", {"result": "compliant", "handling": "applause"}, "不在固定的清单里"),
        (
            "decision",
            {"result": "compliant", "handling": "none", "suggested": "non_compliant"},
            "结果与建议不同，要写明理由",
        ),
        ("obstruction", {"ground": "weather"}, "不在固定的清单里"),
        ("orders", [{"items": ["99"], "text": "改正", "deadline_on": None}], "检查要点表没有“99”这一项"),
        ("signature/operator", {"refused": True}, "拒签要写明理由"),
        ("signature/operator", {}, "要么有签名图，要么写明拒签"),
        ("signature/owner", {"refused": True}, "没有这个项目"),
        ("guests", [{"role": "deputy", "count": 0}], "太小，至少 1"),
        ("location", {"latitude": 91, "longitude": 0, "at": "2026-11-25T00:00:00Z"}, "太大，最多 90.0"),
        ("told", {"at": "昨天", "how": "paper"}, "不是带时区的时间；应写成 2026-01-31T08:00:00Z"),
    ],
)
def test_values_outside_their_form_are_refused_with_what_is_wrong(
    lead: TabletClient, draft: Draft, key: str, value: object, what: str
) -> None:
    draft.open()
    draft.say(key, value)
    (refusal,) = lead.send(draft.changes)["refusals"]
    assert (refusal["status"], refusal["word"]) == (422, "invalid")
    assert refusal["errors"][0]["what"] == what
