"""Promises of the reviewer's pages: evidence in sight, decisions bound to what was seen, terms and orders."""

import re
from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from sqlmodel import select

from inspections.campaigns.tables import Campaign
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_bytes
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.settings import set_setting
from inspections.record.tables import Change
from inspections.record.working_days import add_working_days
from inspections.rulebooks.service import load_seeds
from inspections.units.messages.tables import MessageAbout, OutgoingMessage
from inspections.units.tables import UnitVersion
from inspections.visits.review.orders import events_of, order_lines
from inspections.visits.review.service import remind_overdue, report_rectified
from inspections.visits.sync.queries import find_field_visit
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, Order, OrderState, RegisterFinding
from tests.bureau import ADMINISTRATOR, EDITOR, PASSWORD
from tests.staff import StaffClient, signed_in
from tests.tablets import (
    DRAWN,
    LEAD,
    OUTSIDER,
    REVIEWER,
    Draft,
    FieldBureau,
    TabletClient,
    add_campaign,
    announcement,
    assign,
    photo,
)

FAILED: dict[str, dict[str, object]] = {"2.6": {"answer": "fail", "safety": True, "remark": "酱料两瓶"}}
SENTENCE = "<script>alert(1)</script>"


@pytest.fixture
def reviewer(application: Flask, lead: TabletClient) -> StaffClient:
    """The reviewer at the desk; the tablets are signed in before."""
    return signed_in(application, REVIEWER, PASSWORD)


def _sign(lead: TabletClient, draft: Draft, **values: object) -> int:
    """A signed visit with one failed item and an order of ten days; its id."""
    draft.open()
    draft.fill(failed=FAILED, result="basically_compliant")
    until = civil_day(draft.bureau.now) + timedelta(days=10)
    draft.say("orders", [{"items": ["2.6"], "text": "清理过期原料", "deadline_on": until.isoformat()}])
    for key, value in values.items():
        draft.say(key.replace("__", "/"), value)
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    with read_only(draft.bureau.engine) as session:
        found = find_field_visit(session, draft.visit)
        assert found is not None
        return found.id or 0


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found.group(1)


def _state(bureau: FieldBureau, visit: str) -> FieldVisitState:
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
        return found.state


def test_a_reviewer_sees_the_evidence_and_confirms_what_was_seen(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft, problems=SENTENCE)
    assert "待复核" in reviewer.get("/desk/review")
    page = reviewer.get(f"/desk/review/{id_}")
    for said in ("不符合 1 项", "酱料两瓶", "清理过期原料", "检查人员判定"):
        assert said in page
    assert SENTENCE not in page
    told = reviewer.act(f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(page)})
    assert "单位已重新评定" in told
    assert _state(draft.bureau, draft.visit) is FieldVisitState.CONFIRMED
    again = reviewer.act(f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(page)})
    assert "记录已公开" not in again


def test_a_visit_is_returned_with_a_reason_and_the_signed_text_stays(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft)
    seen = _seen(reviewer.get(f"/desk/review/{id_}"))
    assert "退回的原因" in reviewer.act(f"/desk/review/{id_}", {"act": "return", "seen": seen, "reason": " "})
    assert _state(draft.bureau, draft.visit) is FieldVisitState.SIGNED
    reviewer.act(f"/desk/review/{id_}", {"act": "return", "seen": seen, "reason": "缺少告知页签字"})
    page = reviewer.get(f"/desk/review/{id_}")
    assert "缺少告知页签字" in page
    assert "监督检查结果记录表" in page
    assert _state(draft.bureau, draft.visit) is FieldVisitState.RETURNED


@pytest.mark.parametrize("who", [LEAD, OUTSIDER])
def test_inspectors_do_not_review(application: Flask, lead: TabletClient, draft: Draft, who: str) -> None:
    id_ = _sign(lead, draft)
    client = signed_in(application, who, PASSWORD)
    client.get("/desk/")
    answer = client.post(f"/desk/review/{id_}", {"act": "confirm", "seen": "0" * 64})
    assert answer.status_code == 403
    assert _state(draft.bureau, draft.visit) is FieldVisitState.SIGNED


def test_the_term_of_the_result_stands_on_the_desk_and_says_when_it_is_late(
    application: Flask, lead: TabletClient, draft: Draft
) -> None:
    bureau = draft.bureau
    with transaction(bureau.engine) as session:
        set_setting(
            session,
            key="result_working_days",
            value="5",
            from_on=civil_day(bureau.now),
            actor=ADMINISTRATOR,
            now=utc_now(),
        )
    _sign(lead, draft)
    due = add_working_days(civil_day(draft.made_at), 5)
    shown = f"{due.month}月{due.day}日"
    page = signed_in(application, REVIEWER, PASSWORD).get("/desk/review")
    assert shown in page.replace(" ", "")
    assert "已逾期" not in page
    with time_machine.travel(bureau.now + (due - civil_day(bureau.now)) + timedelta(days=1), tick=True):
        late = signed_in(application, REVIEWER, PASSWORD)
        assert "已逾期" in late.get("/desk/review")
        home = re.sub(r"\s+", "", late.get("/desk/"))
        assert re.search(r'/desk/review">[^<]*</a></th><td[^>]*>1</td><td[^>]*>1<', home)


def test_an_order_is_followed_to_its_end_on_the_desk(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft)
    page = reviewer.get(f"/desk/review/{id_}")
    reviewer.act(f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(page)})
    with read_only(draft.bureau.engine) as session:
        order_id = session.exec(select(Order)).one().id
    assert "清理过期原料" in reviewer.get("/desk/orders")
    told = reviewer.act(f"/desk/orders/{order_id}", {"kind": "rechecked_failed", "note": ""})
    assert "写明情况" in told
    assert "复查未通过" in reviewer.act(
        f"/desk/orders/{order_id}", {"kind": "rechecked_failed", "note": "仍有一瓶"}
    )
    ended = reviewer.act(f"/desk/orders/{order_id}", {"kind": "rechecked_passed", "note": "已清理"})
    assert "没有未办结的责令改正" in ended
    with read_only(draft.bureau.engine) as session:
        assert session.exec(select(Order)).one().state is OrderState.PASSED


def test_a_reviewer_sees_every_photo_signature_and_paper_and_what_the_suggestion_follows_from(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    now = utc_now()
    with transaction(draft.bureau.engine) as session:
        # Only a demonstration has values for all that the rules ask, and so a suggestion.
        set_mark(session, DEMONSTRATION, now=now)
        load_seeds(session, actor=LEAD, now=now)
    pictures = [photo(shade=shade) for shade in (40, 90)]
    failed, sign = (announcement(draft.visit, picture)["sha256"] for picture in pictures)
    (assignment,) = lead.get("/bundle")["assignments"]
    draft.open(rulebook=assignment["rulebook"])
    draft.fill(failed={"2.6": {**FAILED["2.6"], "photos": [failed]}}, result="basically_compliant")
    draft.say("register/sign_changed", {"value": "新福满源", "note": "换了牌匾", "photos": [sign]})
    refusal = {"refused": True, "reason": "对检查内容有异议", "witness": "李四"}
    draft.say("signature/notice_operator", refusal)
    draft.say("location", {"latitude": 39.13, "longitude": 117.01, "at": now.isoformat()})
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    for picture in pictures:
        lead.upload(draft.visit, picture)
    with read_only(draft.bureau.engine) as session:
        found = find_field_visit(session, draft.visit)
        assert found is not None
    page = reviewer.get(f"/desk/review/{found.id}")
    for said in ("建议是怎么得出的", "拒签：对检查内容有异议；见证人：李四", "39.13，117.01", "告知页"):
        assert said in page, said
    steps = BeautifulSoup(page, "html.parser").select("details ol li")
    assert len(steps) > 0
    for sha256 in (failed, sign, DRAWN):
        with reviewer.client.get(f"/desk/review/{found.id}/photos/{sha256}") as answer:
            assert answer.status_code == 200
        assert f"/photos/{sha256}" in page
    for name in ("notice", "record", "checklist"):
        answer = reviewer.client.get(f"/desk/review/{found.id}/papers/{name}.pdf")
        assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
        assert f"/papers/{name}.pdf" in page
    assert reviewer.client.get(f"/desk/review/{found.id}/papers/other.pdf").status_code == 404


def test_a_reviewer_sees_the_photo_of_a_closed_door(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    draft.open()
    draft.say("obstruction", {"ground": "closed_door", "note": "卷帘门落锁", "photos": [DRAWN]})
    draft.sign_by_hand("lead", "second")
    draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    with read_only(draft.bureau.engine) as session:
        found = find_field_visit(session, draft.visit)
        assert found is not None
    page = BeautifulSoup(reviewer.get(f"/desk/review/{found.id}"), "html.parser")
    assert "无法检查" in page.text
    result = next(one for one in page.select("section") if "卷帘门落锁" in one.text)
    assert result.select_one(f'img[src$="{DRAWN}"]') is not None


def test_a_changed_sign_is_a_new_version_of_the_register_once_accepted(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft, register__sign_changed={"value": "新福满源", "note": "上月换的牌匾"})
    page = reviewer.get(f"/desk/review/{id_}")
    assert "新福满源" in page
    finding = re.search(r'name="finding" value="(\d+)"', page)
    assert finding is not None
    accept = {"finding": finding.group(1), "act": "accept", "seen": _seen(page)}
    assert "请先确认检查" in reviewer.act(f"/desk/review/{id_}/register", accept)
    reviewer.act(f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(page)})
    assert 'value="accept"' in reviewer.get(f"/desk/review/{id_}")
    assert "已采纳" in reviewer.act(f"/desk/review/{id_}/register", accept)
    with read_only(draft.bureau.engine) as session:
        signs = [row.sign_name for row in session.exec(select(UnitVersion).order_by("from_on", "id"))]
    assert signs[-1] == "新福满源"
    assert len(signs) > 1


def test_what_a_visit_that_is_held_back_found_changes_the_register_only_after_the_reveal(
    reviewer: StaffClient, lead: TabletClient, bureau: FieldBureau
) -> None:
    campaign_id, now = add_campaign(bureau), bureau.now
    with transaction(bureau.engine) as session:
        session.get_one(Campaign, campaign_id).reveal_by = civil_day(now) + timedelta(days=20)
    visit = assign(bureau, kind="campaign", campaign_id=campaign_id)
    draft = Draft(bureau, visit, now, kind="campaign")
    id_ = _sign(lead, draft, register__sign_changed={"value": "新福满源", "note": "上月换的牌匾"})
    with read_only(bureau.engine) as session:
        finding_id = session.exec(select(RegisterFinding.id)).one()
    accept = {"finding": finding_id, "act": "accept", "seen": _seen(reviewer.get(f"/desk/review/{id_}"))}
    page = reviewer.get(f"/desk/review/{id_}")
    reviewer.act(f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(page)})
    before = _written(bureau)
    page = reviewer.get(f"/desk/review/{id_}")
    assert 'value="accept"' not in page
    until = f"最迟 {civil_day(now) + timedelta(days=20)}"
    assert until in page
    assert until in reviewer.act(f"/desk/review/{id_}/register", accept)
    assert _written(bureau) == before, "neither the register nor what is to be published has changed"
    with transaction(bureau.engine) as session:
        session.get_one(Campaign, campaign_id).revealed_at = utc_now()
    assert "已采纳" in reviewer.act(f"/desk/review/{id_}/register", accept)
    assert _written(bureau) != before


def test_what_confirmed_visits_found_about_the_register_stays_a_duty_until_somebody_decides_it(
    reviewer: StaffClient, lead: TabletClient, bureau: FieldBureau
) -> None:
    campaign_id = add_campaign(bureau)
    visit = assign(bureau, kind="campaign", campaign_id=campaign_id)
    draft = Draft(bureau, visit, bureau.now, kind="campaign")
    id_ = _sign(lead, draft, register__sign_changed={"value": "新福满源", "note": "上月换的牌匾"})
    reviewer.act(
        f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(reviewer.get(f"/desk/review/{id_}"))}
    )
    duty = re.compile(r"登记问题待处理</a></th>\s*<td[^>]*>1<")
    assert "登记问题待处理" not in reviewer.get("/desk/review"), "before the reveal nobody can accept it"
    with transaction(bureau.engine) as session:
        session.get_one(Campaign, campaign_id).revealed_at = utc_now()
    assert duty.search(reviewer.get("/desk/"))
    assert "登记问题待处理" in reviewer.get("/desk/review")
    page = reviewer.get(f"/desk/review/{id_}")
    finding = re.search(r'name="finding" value="(\d+)"', page)
    assert finding is not None
    reject = {"finding": finding.group(1), "act": "reject", "seen": _seen(page)}
    reviewer.act(f"/desk/review/{id_}/register", reject)
    assert not duty.search(reviewer.get("/desk/"))
    assert "登记问题待处理" not in reviewer.get("/desk/review")


def _written(bureau: FieldBureau) -> tuple[list[str | None], list[object]]:
    """The signs of the register, and everything that waits to be published."""
    with read_only(bureau.engine) as session:
        signs = [row.sign_name for row in session.exec(select(UnitVersion).order_by("from_on", "id"))]
        return signs, [(row.subject, row.subject_id) for row in session.exec(select(Change))]


def _confirmed(reviewer: StaffClient, lead: TabletClient, draft: Draft, **values: object) -> int:
    """A confirmed visit with one order; the order's id."""
    id_ = _sign(lead, draft, **values)
    page = reviewer.get(f"/desk/review/{id_}")
    reviewer.act(f"/desk/review/{id_}", {"act": "confirm", "seen": _seen(page)})
    with read_only(draft.bureau.engine) as session:
        return session.exec(select(Order.id).where(Order.field_visit_id == id_)).one() or 0


def _answered(house: House, bureau: FieldBureau, order_id: int, picture: bytes) -> str:
    sha256 = keep_bytes(house.configuration.evidence_directory, picture)
    with transaction(bureau.engine) as session:
        report_rectified(
            session, order_id, unit_id=bureau.unit_id, text="已清理", evidence=(sha256,), now=utc_now()
        )
    return sha256


def test_an_operators_pictures_stand_beside_its_answer_and_are_shown_to_nobody_else(
    application: Flask, house: House, reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    order_id = _confirmed(reviewer, lead, draft)
    sent = photo()
    sha256 = _answered(house, draft.bureau, order_id, sent)
    address = f"/desk/orders/{order_id}/evidence/{sha256}"
    page = reviewer.get("/desk/orders")
    assert "单位报告改正：已清理" in page
    assert f'src="{address}"' in page
    with reviewer.client.get(address) as answer:
        assert (answer.data, answer.mimetype) == (sent, "image/jpeg")
        assert answer.headers["Cache-Control"] == "no-store"
    other = keep_bytes(house.configuration.evidence_directory, photo(shade=200))
    for elsewhere in (
        f"/desk/orders/{order_id}/evidence/{other}",
        f"/desk/orders/{order_id + 1}/evidence/{sha256}",
        f"/desk/orders/{order_id}/evidence/..%2f{sha256}",
    ):
        assert reviewer.client.get(elsewhere).status_code == 404
    assert application.test_client().get(address).status_code == 303
    editor = signed_in(application, EDITOR, PASSWORD)
    assert editor.client.get(address).status_code == 403


def test_an_answer_that_does_not_do_goes_back_with_a_letter_and_the_term_runs_on(
    house: House, reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    order_id = _confirmed(reviewer, lead, draft)
    refused = reviewer.act(f"/desk/orders/{order_id}", {"kind": "returned", "note": "照片看不清"})
    assert "还没有报告改正" in refused
    _answered(house, draft.bureau, order_id, photo())
    fields = {"kind": "returned", "note": "照片看不清货架"}
    assert "说明不能认定，已退回：照片看不清货架" in reviewer.act(f"/desk/orders/{order_id}", fields)
    with read_only(draft.bureau.engine) as session:
        assert session.get_one(Order, order_id).state is OrderState.OPEN
        about = MessageAbout.ANSWER_RETURNED
        letter = session.exec(select(OutgoingMessage).where(OutgoingMessage.about == about)).one()
    assert "照片看不清货架" in letter.text
    assert (letter.unit_id, letter.made_by) == (draft.bureau.unit_id, REVIEWER)


def test_an_overdue_order_is_reminded_once_by_letter_and_after_the_set_days_speaks_of_a_case(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    bureau = draft.bureau
    order_id = _confirmed(reviewer, lead, draft)
    with transaction(bureau.engine) as session:
        set_setting(
            session, key="escalation_days", value="15", from_on=civil_day(bureau.now), actor=ADMINISTRATOR,
            now=utc_now(),
        )  # fmt: skip
    late = utc_now() + timedelta(days=11)
    for _ in range(2):
        with transaction(bureau.engine) as session:
            remind_overdue(session, civil_day(late), late)
    with read_only(bureau.engine) as session:
        letter = session.exec(
            select(OutgoingMessage).where(OutgoingMessage.about == MessageAbout.OVERDUE)
        ).one()
        soon = order_lines(session, civil_day(late) + timedelta(days=15))
        then = order_lines(session, civil_day(late) + timedelta(days=16))
    assert letter.reference == f"order/{order_id}/overdue"
    assert (soon[0].days_late, soon[0].should_go_on) == (16, "")
    assert then[0].should_go_on == "催办后仍未改正，请决定是否立案"
    with time_machine.travel(late + timedelta(days=16), tick=True):
        client = signed_in(reviewer.client.application, REVIEWER, PASSWORD)
        page = client.get("/desk/orders")
        assert "催办后仍未改正，请决定是否立案" in page
        assert "17 天" in page
        told = client.act(f"/desk/orders/{order_id}", {"kind": "escalated", "note": "移送执法"})
        assert "没有未办结的责令改正" in told
        assert "立案：移送执法" in client.get("/desk/orders?show=settled")


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ({"answer": "pass"}, OrderState.PASSED),
        ({"answer": "fail", "safety": True}, OrderState.FAILED),
    ],
)
def test_a_confirmed_recheck_settles_the_orders_of_the_visit_before(
    reviewer: StaffClient, lead: TabletClient, draft: Draft, answer: dict[str, object], state: OrderState
) -> None:
    bureau = draft.bureau
    order_id = _confirmed(reviewer, lead, draft)
    with read_only(bureau.engine) as session:
        number = session.exec(select(FieldVisit.record_number)).one()
    visit = assign(bureau, kind="recheck", recheck_of_key=number)
    again = Draft(bureau, visit, draft.made_at + timedelta(minutes=1), kind="recheck")
    again.open()
    again.fill(failed={"2.6": answer} if state is OrderState.FAILED else {})
    again.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send(again.changes)["refusals"] == []
    with read_only(bureau.engine) as session:
        assert session.get_one(Order, order_id).state is OrderState.OPEN, "only a confirmed re-check counts"
        found = find_field_visit(session, visit)
        assert found is not None
    page = reviewer.get(f"/desk/review/{found.id}")
    reviewer.act(f"/desk/review/{found.id}", {"act": "confirm", "seen": _seen(page)})
    with read_only(bureau.engine) as session:
        assert session.get_one(Order, order_id).state is state
        last = events_of(session, order_id)[-1]
        lines = order_lines(session, civil_day(utc_now()), settled=state is OrderState.PASSED)
        line = next(line for line in lines if line.order_id == order_id)
    assert last.note.startswith("复查记录")
    assert last.recorded_by == REVIEWER
    is_failed = state is OrderState.FAILED
    assert (line.should_go_on, line.wants_recheck) == (
        "复查未通过，请决定是否立案" if is_failed else "",
        is_failed,
    )


def test_the_manager_is_told_which_answered_orders_wait_for_a_recheck_until_one_is_assigned(
    application: Flask, house: House, reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    bureau = draft.bureau
    order_id = _confirmed(reviewer, lead, draft)
    with transaction(bureau.engine) as session:
        add_account(
            session, name="孙敏", password=PASSWORD, roles=[Role.CAMPAIGN_MANAGER], actor=ADMINISTRATOR,
            now=utc_now(),
        )  # fmt: skip
    manager = signed_in(application, "孙敏", PASSWORD)
    duty = re.compile(r"责令改正待安排复查</a></th>\s*<td[^>]*>1<")
    assert not duty.search(manager.get("/desk/")), "nobody has answered yet"
    _answered(house, bureau, order_id, photo())
    assert duty.search(manager.get("/desk/"))
    page = manager.get("/desk/orders")
    assert "安排复查" in page
    assert 'name="kind"' not in page, "who assigns does not decide"
    with read_only(bureau.engine) as session:
        number = session.exec(select(FieldVisit.record_number)).one()
    assign(bureau, kind="recheck", recheck_of_key=number)
    assert not duty.search(manager.get("/desk/"))


def test_a_link_that_a_visit_handed_over_stands_in_the_outbox_as_delivered(
    reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    link = lead.get("/bundle?links=0")["unit_links"][0]
    _sign(lead, draft, link={"token_hash": link["token_hash"]})
    page = reviewer.get("/desk/messages/?show=done")
    assert "单位链接交付" in page
    assert "当面送达，见检查记录" in page
    assert link["token"] not in page
