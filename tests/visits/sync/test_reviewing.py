"""Promises of the review: nobody reviews their own; what was seen is confirmed; a campaign waits."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from inspections.campaigns.assigning import NewAssignment, assign_visit
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.tables import Assignment, AssignmentSource, Campaign
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.units.tables import UnitStanding
from inspections.visits.answering_campaigns import sent_back, unreviewed
from inspections.visits.of_campaigns import campaigns_of_visits
from inspections.visits.queries import shown_visits
from inspections.visits.service import VisitError, release_batch, release_revealed
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.reviewing import (
    Confirmed,
    ReviewError,
    Reviewing,
    confirm_and_grade,
    confirm_field_visit,
    return_field_visit,
)
from inspections.visits.sync.tables import FieldVisit, VisitReview
from inspections.visits.tables import Finding, Visit, VisitBatch
from tests.tablets import (
    LEAD,
    OUTSIDER,
    REVIEWER,
    SECOND,
    Draft,
    FieldBureau,
    TabletClient,
    add_campaign,
    announcement,
    assign,
    drawing,
    fresh_id,
    photo,
)

FAILED: dict[str, dict[str, object]] = {
    "2.3": {"answer": "fail", "safety": False, "words": ["raw-cooked-mixed"], "corrected_on_spot": True},
    "2.6": {"answer": "fail", "safety": True, "words": ["expired-ingredient"], "remark": "酱料两瓶"},
    "2.7": {"answer": "fail"},
    "1.4": {"answer": "na", "na_reason": "unit_type"},
}


def _sign(lead: TabletClient, draft: Draft, **values: object) -> None:
    draft.open()
    draft.fill(failed=FAILED, result="basically_compliant")
    for key, value in values.items():
        draft.say(key.replace("__", "/"), value)
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []


def _reviewing(bureau: FieldBureau, visit: str, who: str = REVIEWER) -> Reviewing:
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
        seen = fingerprint_of(field_record(session, found))
        return Reviewing(found.id or 0, bureau.accounts[who], seen)


def _confirm(bureau: FieldBureau, visit: str) -> Confirmed:
    return confirm_and_grade(bureau.engine, _reviewing(bureau, visit), now=utc_now())


def test_a_confirmed_visit_is_one_of_the_houses_visits_and_its_unit_is_graded(
    lead: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    confirmed = _confirm(draft.bureau, draft.visit)
    assert confirmed.released is True
    with read_only(draft.bureau.engine) as session:
        visit = session.exec(select(Visit)).one()
        findings = {row.item_code: row for row in session.exec(select(Finding))}
        batch = session.get_one(VisitBatch, visit.batch_id)
        standing = session.exec(select(UnitStanding)).one()
    places = {code: place for place, code in enumerate(draft.bureau.codes)}
    letters = {code: visit.answers[places[code]] for code in ("2.3", "2.6", "2.7", "1.4", "2.8")}
    assert letters == {"2.3": "H", "2.6": "S", "2.7": "H", "1.4": "N", "2.8": "P"}
    assert visit.record_key == draft.changes[-1]["value"]["record_number"]
    assert (visit.decided_result, visit.handling) == ("basically_compliant", "书面责令限期整改")
    assert (visit.inspectors, visit.visited_on) == (f"{LEAD}、{SECOND}", civil_day(draft.bureau.now))
    assert findings["2.6"].note == "有超过保质期的原料；酱料两瓶"
    assert (findings["2.3"].note, findings["2.3"].corrected_on_spot) == ("生熟食品混放", True)
    assert (batch.released_by, standing.unit_id) == (REVIEWER, draft.bureau.unit_id)


def test_a_confirmed_visit_belongs_to_the_campaign_that_sent_its_inspectors_whatever_its_day(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    visit = assign(bureau, kind="campaign", campaign_id=add_campaign(bureau, key="2026-10"))
    draft = Draft(bureau, visit, bureau.now, kind="campaign")
    _sign(lead, draft)
    _confirm(bureau, draft.visit)
    with read_only(bureau.engine) as session:
        stored = session.exec(select(Visit)).one()
        assert campaigns_of_visits(session, since=stored.visited_on) == {stored.id: "2026-10"}
        assert campaigns_of_visits(session, since=stored.visited_on + timedelta(days=1)) == {}


@pytest.mark.parametrize("who", [LEAD, SECOND])
def test_nobody_reviews_a_visit_they_made(lead: TabletClient, draft: Draft, who: str) -> None:
    _sign(lead, draft)
    with transaction(draft.bureau.engine) as session, pytest.raises(ReviewError, match="自己"):
        confirm_field_visit(session, _reviewing(draft.bureau, draft.visit, who), now=utc_now())


def test_what_arrived_since_it_was_seen_must_be_seen_first(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    seen = _reviewing(draft.bureau, draft.visit)
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    second.send([theirs.say("problems", "后门外堆放纸箱")])
    with transaction(draft.bureau.engine) as session, pytest.raises(ReviewError, match="刷新"):
        confirm_field_visit(session, seen, now=utc_now())


def test_an_unsigned_visit_is_not_confirmed(lead: TabletClient, draft: Draft) -> None:
    draft.open()
    lead.send(draft.changes)
    with transaction(draft.bureau.engine) as session, pytest.raises(ReviewError, match="签结"):
        confirm_field_visit(session, _reviewing(draft.bureau, draft.visit), now=utc_now())


def test_a_visit_with_photos_on_their_way_waits_or_says_why_they_will_never_come(
    lead: TabletClient, draft: Draft
) -> None:
    picture = photo()
    sha256 = announcement(draft.visit, picture)["sha256"]
    _sign(lead, draft, problems="x", signature__lead={"drawing": sha256})
    with transaction(draft.bureau.engine) as session, pytest.raises(ReviewError, match="1 张照片"):
        confirm_field_visit(session, _reviewing(draft.bureau, draft.visit), now=utc_now())
    with transaction(draft.bureau.engine) as session:
        reviewing = _reviewing(draft.bureau, draft.visit)
        confirm_field_visit(session, reviewing, now=utc_now(), missing_evidence="平板摔坏，照片无法取出")
    with read_only(draft.bureau.engine) as session:
        assert session.exec(select(VisitReview)).one().reason == "平板摔坏，照片无法取出"


def test_a_visit_whose_photos_arrived_is_confirmed(lead: TabletClient, draft: Draft) -> None:
    picture = drawing()
    sha256 = announcement(draft.visit, picture)["sha256"]
    _sign(lead, draft, signature__lead={"drawing": sha256})
    lead.upload(draft.visit, picture, "image/png")
    assert _confirm(draft.bureau, draft.visit).visit is not None


def test_a_returned_visit_goes_back_with_its_reason_and_keeps_its_paper(
    lead: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    with transaction(draft.bureau.engine) as session:
        reviewing = _reviewing(draft.bureau, draft.visit)
        return_field_visit(session, reviewing, reason="2.7 项没有写清楚发现了什么", now=utc_now())
    told = lead.send(visits={draft.visit: 0})["visits"][draft.visit]
    assert (told["state"], told["returned"]["by"]) == ("returned", REVIEWER)
    assert told["signed_sha256"] == draft.changes[-1]["value"]["sha256"]
    assert [row["id"] for row in lead.get("/bundle")["assignments"]] == [draft.visit]


def test_the_room_of_campaigns_hears_of_a_return_until_the_visit_is_signed_anew(
    lead: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    at = utc_now()
    with transaction(draft.bureau.engine) as session:
        ids = [id_ or 0 for id_ in session.exec(select(Assignment.id))]
        assert sent_back(session, ids) == {}
        return_field_visit(session, _reviewing(draft.bureau, draft.visit), reason="2.7 没写清楚", now=at)
    with read_only(draft.bureau.engine) as session:
        assert sent_back(session, ids) == {ids[0]: at}
        assert sent_back(session, []) == {}


def test_a_return_needs_a_reason(lead: TabletClient, draft: Draft) -> None:
    _sign(lead, draft)
    with transaction(draft.bureau.engine) as session, pytest.raises(ReviewError, match="原因"):
        return_field_visit(session, _reviewing(draft.bureau, draft.visit), reason=" ", now=utc_now())


def test_a_visit_that_could_not_take_place_is_confirmed_without_a_result(
    lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.say("obstruction", {"ground": "entry", "note": "拒绝进入后厨"})
    draft.sign_by_hand("lead", "second")
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    lead.send(draft.changes)
    confirmed = _confirm(draft.bureau, draft.visit)
    assert (confirmed.visit, confirmed.batch_id) == (None, None)
    with read_only(draft.bureau.engine) as session:
        assert session.exec(select(Visit)).all() == []


def test_a_campaigns_visit_is_held_back_until_the_reveal(lead: TabletClient, bureau: FieldBureau) -> None:
    campaign_id = add_campaign(bureau)
    visit = assign(bureau, kind="campaign", campaign_id=campaign_id)
    draft = Draft(bureau, visit, bureau.now, kind="campaign")
    _sign(lead, draft)
    confirmed = _confirm(bureau, visit)
    assert confirmed.visit is not None
    assert (confirmed.released, confirmed.visit.theme) == (False, "冬日里的饺子馆")
    now = utc_now()
    with transaction(bureau.engine) as session, pytest.raises(VisitError, match="2026-11 期随机抽查"):
        release_batch(session, confirmed.batch_id or 0, actor=REVIEWER, now=now)
    with transaction(bureau.engine) as session:
        assert release_revealed(session, now) == 0
        assert session.exec(select(VisitBatch)).one().released_at is None
        session.get_one(Campaign, campaign_id).revealed_at = now
    with transaction(bureau.engine) as session:
        assert release_revealed(session, now) == 1
        assert release_revealed(session, now + timedelta(days=1)) == 0
        assert session.exec(select(VisitBatch)).one().released_by == REVIEWER


def test_a_visit_is_unreviewed_until_it_is_confirmed_and_the_city_hears_nothing_of_it_before(
    lead: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    with read_only(draft.bureau.engine) as session:
        ids = [id_ or 0 for id_ in session.exec(select(Assignment.id))]
        assert unreviewed(session, ids) == frozenset(ids)
    _confirm(draft.bureau, draft.visit)
    with read_only(draft.bureau.engine) as session:
        assert unreviewed(session, ids) == frozenset()


def test_a_recheck_is_assigned_only_of_a_record_that_its_unit_has(
    lead: TabletClient, bureau: FieldBureau, draft: Draft
) -> None:
    _sign(lead, draft)
    number = draft.changes[-1]["value"]["record_number"]
    new = NewAssignment(
        code=bureau.code,
        kind="recheck",
        source=AssignmentSource.ORDER,
        lead_account_id=bureau.accounts[LEAD],
        second_account_id=bureau.accounts[SECOND],
        release_on=civil_day(bureau.now),
        reason="到期复查",
        recheck_of_key="食检〔2026〕999999号",
    )
    with transaction(bureau.engine) as session, pytest.raises(CampaignError, match="没有编号为"):
        assign_visit(session, new, actor=REVIEWER, now=bureau.now)
    with transaction(bureau.engine) as session:
        made = assign_visit(session, replace(new, recheck_of_key=number), actor=REVIEWER, now=bureau.now)
        assert made.recheck_of_key == number


@pytest.mark.parametrize("names_it", [True, False])
def test_an_unassigned_recheck_of_a_visit_that_is_held_back_waits_with_it(
    lead: TabletClient, bureau: FieldBureau, names_it: bool
) -> None:
    campaign_id = add_campaign(bureau)
    first = assign(bureau, kind="campaign", campaign_id=campaign_id)
    _sign(lead, Draft(bureau, first, bureau.now, kind="campaign"))
    with read_only(bureau.engine) as session:
        number = session.exec(select(FieldVisit.record_number)).one()
    again = Draft(bureau, fresh_id("visit"), bureau.now, assignment=False, kind="recheck")
    again.open(**({"recheck_of": number} if names_it else {}))
    again.fill()
    again.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(again.changes)["refusals"] == []
    confirmed = _confirm(bureau, again.visit)
    assert not confirmed.released
    now = utc_now()
    with transaction(bureau.engine) as session, pytest.raises(VisitError, match="2026-11 期随机抽查"):
        release_batch(session, confirmed.batch_id or 0, actor=REVIEWER, now=now)


def test_a_recheck_from_a_tablet_names_a_record_that_its_unit_has(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    again = Draft(bureau, fresh_id("visit"), bureau.now, assignment=False, kind="recheck")
    (refused,) = lead.send([again.open(recheck_of="食检〔2026〕999999号")])["refusals"]
    assert (refused["word"], refused["errors"][0]["where"]) == ("invalid", "value/recheck_of")
    assert "食检〔2026〕999999号" in refused["errors"][0]["what"]


def test_a_recheck_of_a_visit_that_is_held_back_waits_with_it_and_so_does_its_own_recheck(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    campaign_id = add_campaign(bureau)
    first = assign(bureau, kind="campaign", campaign_id=campaign_id)
    _sign(lead, Draft(bureau, first, bureau.now, kind="campaign"))
    with read_only(bureau.engine) as session:
        number = session.exec(select(FieldVisit.record_number)).one()
    again = assign(bureau, kind="recheck", recheck_of_key=number)
    _sign(lead, Draft(bureau, again, bureau.now, kind="recheck"))
    early = _confirm(bureau, again)
    assert (early.released, early.visit and early.visit.recheck_of_key) == (False, number)
    once_more = assign(bureau, kind="recheck", recheck_of_key=early.visit.record_key if early.visit else "")
    _sign(lead, Draft(bureau, once_more, bureau.now, kind="recheck"))
    assert not _confirm(bureau, once_more).released
    assert not _confirm(bureau, first).released
    now = utc_now()
    with transaction(bureau.engine) as session, pytest.raises(VisitError, match="2026-11 期随机抽查"):
        release_batch(session, early.batch_id or 0, actor=REVIEWER, now=now)
    with transaction(bureau.engine) as session:
        assert release_revealed(session, now) == 0
        session.get_one(Campaign, campaign_id).revealed_at = now
    with transaction(bureau.engine) as session:
        assert release_revealed(session, now) == 3


def test_the_reveal_lets_nothing_out_that_was_sent_back_since_its_review(
    lead: TabletClient, second: TabletClient, bureau: FieldBureau
) -> None:
    campaign_id = add_campaign(bureau)
    draft = Draft(
        bureau, assign(bureau, kind="campaign", campaign_id=campaign_id), bureau.now, kind="campaign"
    )
    _sign(lead, draft)
    assert not _confirm(bureau, draft.visit).released
    theirs = Draft(bureau, draft.visit, draft.made_at)
    second.send([theirs.say("item/2.8", {"answer": "fail", "safety": True})])
    told = lead.send(visits={draft.visit: 0})["visits"][draft.visit]
    assert told["state"] == "returned"
    now = utc_now()
    with transaction(bureau.engine) as session:
        session.get_one(Campaign, campaign_id).revealed_at = now
    with transaction(bureau.engine) as session:
        assert release_revealed(session, now) == 0
    draft.hear(told["changes"])
    agreed = draft.find("2.8", safety=True, corrected_on_spot=True)
    decided = draft.say("decision", {"result": "non_compliant", "handling": "stop"})
    mended = [agreed, decided, *draft.tell_and_sign_anew()]
    covers = [row["id"] for row in (*told["changes"], *mended) if row["key"] != "signed"]
    signature = draft.sign(told["record_number"], text="签结补充", covers=covers)
    assert lead.send([*mended, signature])["refusals"] == []
    with read_only(bureau.engine) as session:
        assert session.exec(select(Assignment)).one().result == "non_compliant", (
            "the city is told the last one"
        )
    assert _confirm(bureau, draft.visit).released
    with transaction(bureau.engine) as session:
        release_revealed(session, now)
        shown = shown_visits(session, [bureau.unit_id], since=None, on=civil_day(now))[bureau.unit_id].visits
        assert [one.result for one in shown] == ["non_compliant"]


def test_a_signed_addendum_after_confirmation_becomes_a_correction_of_the_record(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    _confirm(draft.bureau, draft.visit)
    theirs = Draft(draft.bureau, draft.visit, draft.made_at)
    second.send([theirs.say("item/2.8", {"answer": "fail", "safety": True})])
    told = lead.send(visits={draft.visit: 0})["visits"][draft.visit]
    assert told["state"] == "returned"
    draft.hear(told["changes"])
    agreed = draft.find("2.8", safety=True, corrected_on_spot=True)
    decided = draft.say("decision", {"result": "non_compliant", "handling": "stop"})
    mended = [agreed, decided, *draft.tell_and_sign_anew()]
    covers = [row["id"] for row in (*told["changes"], *mended) if row["key"] != "signed"]
    signature = draft.sign(told["record_number"], text="签结补充", covers=covers)
    assert lead.send([*mended, signature])["refusals"] == []
    _confirm(draft.bureau, draft.visit)
    with read_only(draft.bureau.engine) as session:
        versions = session.exec(select(Visit)).all()
    assert [(row.version, row.decided_result, row.is_current) for row in versions] == [
        (1, "basically_compliant", False),
        (2, "non_compliant", True),
    ]


def test_who_only_answered_one_item_has_taken_part(
    lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    with transaction(draft.bureau.engine) as session:
        reviewing = _reviewing(draft.bureau, draft.visit, OUTSIDER)
        assert confirm_field_visit(session, reviewing, now=utc_now()).visit is not None
