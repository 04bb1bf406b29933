"""Promises of independence: nobody settles what they ordered or found, nobody looks into a running visit."""

import re

import pytest
from flask import Flask
from sqlmodel import select

from inspections.people.tables import AccountRole, Role
from inspections.record.database import read_only, transaction
from inspections.visits.sync.queries import find_field_visit
from inspections.visits.sync.tables import Order, OrderState, RegisterFinding
from tests.bureau import PASSWORD
from tests.staff import signed_in
from tests.tablets import LEAD, REVIEWER, Draft, FieldBureau, TabletClient, add_campaign, assign, photo


def _sign(lead: TabletClient, draft: Draft) -> int:
    """A signed visit with an order and a changed sign; its id."""
    draft.open()
    draft.fill(failed={"2.6": {"answer": "fail", "safety": True}}, result="basically_compliant")
    draft.say("orders", [{"items": ["2.6"], "text": "清理过期原料", "deadline_on": None}])
    draft.say("register/sign_changed", {"value": "新福满源", "note": "上月换的牌匾"})
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


def _make_reviewer(bureau: FieldBureau) -> None:
    with transaction(bureau.engine) as session:
        session.add(AccountRole(account_id=bureau.accounts[LEAD], role=Role.REVIEWER))


@pytest.mark.parametrize("reviews_too", [False, True])
@pytest.mark.parametrize("kind", ["rechecked_passed", "rechecked_failed"])
def test_nobody_says_of_an_order_of_their_own_visit_that_it_was_obeyed_or_not(
    application: Flask, lead: TabletClient, draft: Draft, reviews_too: bool, kind: str
) -> None:
    _sign(lead, draft)
    if reviews_too:
        _make_reviewer(draft.bureau)
    with read_only(draft.bureau.engine) as session:
        order_id = session.exec(select(Order.id)).one()
    mine = signed_in(application, LEAD, PASSWORD)
    page = mine.get("/desk/orders")
    assert 'value="escalated"' in page
    assert f'value="{kind}"' not in page, "what would be refused is not offered"
    told = mine.act(f"/desk/orders/{order_id}", {"kind": kind, "note": "看过了"})
    assert ("没有参加的复核人" if reviews_too else "请安排复查") in told
    with read_only(draft.bureau.engine) as session:
        assert session.get_one(Order, order_id).state is OrderState.OPEN


def test_a_reviewer_who_took_no_part_says_with_a_reason_that_an_order_was_obeyed(
    application: Flask, lead: TabletClient, draft: Draft
) -> None:
    _sign(lead, draft)
    with read_only(draft.bureau.engine) as session:
        order_id = session.exec(select(Order.id)).one()
    reviewer = signed_in(application, REVIEWER, PASSWORD)
    reviewer.get("/desk/orders")
    assert "请写明情况" in reviewer.act(f"/desk/orders/{order_id}", {"kind": "rechecked_passed", "note": " "})
    reviewer.act(f"/desk/orders/{order_id}", {"kind": "rechecked_passed", "note": "照片可见已清理"})
    with read_only(draft.bureau.engine) as session:
        assert session.get_one(Order, order_id).state is OrderState.PASSED


def _decision(bureau: FieldBureau, field_visit_id: int) -> str | None:
    with read_only(bureau.engine) as session:
        query = select(RegisterFinding.decision).where(RegisterFinding.field_visit_id == field_visit_id)
        return session.exec(query).one()


def _finding(page: str) -> str:
    found = re.search(r'name="finding" value="(\d+)"', page)
    assert found is not None
    return found.group(1)


def test_nobody_accepts_what_their_own_visit_found_about_the_register(
    application: Flask, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft)
    page = signed_in(application, REVIEWER, PASSWORD).get(f"/desk/review/{id_}")
    _make_reviewer(draft.bureau)
    mine = signed_in(application, LEAD, PASSWORD)
    mine.get(f"/desk/review/{id_}")
    fields = {"finding": _finding(page), "act": "accept", "seen": _seen(page)}
    assert "不能自己复核" in mine.act(f"/desk/review/{id_}/register", fields)
    assert _decision(draft.bureau, id_) is None


def test_a_register_finding_is_decided_on_its_own_visit_and_on_what_was_seen(
    application: Flask, lead: TabletClient, second: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft)
    other_draft = Draft(draft.bureau, assign(draft.bureau), draft.made_at)
    other = _sign(lead, other_draft)
    reviewer = signed_in(application, REVIEWER, PASSWORD)
    page, elsewhere = reviewer.get(f"/desk/review/{id_}"), reviewer.get(f"/desk/review/{other}")
    fields = {"finding": _finding(page), "act": "accept"}
    told = reviewer.act(f"/desk/review/{other}/register", {**fields, "seen": _seen(elsewhere)})
    assert "没有这条登记问题" in told
    later = Draft(draft.bureau, draft.visit, other_draft.made_at)
    second.send([later.say("problems", "后门外堆放纸箱")])
    told = reviewer.act(f"/desk/review/{id_}/register", {**fields, "seen": _seen(page)})
    assert "请刷新" in told
    assert _decision(draft.bureau, id_) is None


@pytest.mark.parametrize(("kind", "tells_where"), [("flying", False), ("campaign", False), ("daily", True)])
def test_a_running_visit_shows_nobody_what_it_finds_and_a_secret_one_not_where_it_is(
    application: Flask, lead: TabletClient, bureau: FieldBureau, kind: str, tells_where: bool
) -> None:
    fields: dict[str, dict[str, object]] = {
        "flying": {"items": "2.3,2.6", "reason": "举报"},
        "campaign": {"campaign_id": add_campaign(bureau)},
        "daily": {},
    }
    visit = assign(bureau, kind=kind, **fields[kind])
    draft = Draft(bureau, visit, bureau.now, kind=kind)
    draft.open()
    draft.say("item/2.3", {"answer": "fail", "remark": "生熟混放"})
    assert lead.send(draft.changes)["refusals"] == []
    sha256 = lead.upload(visit, photo())
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
    reviewer = signed_in(application, REVIEWER, PASSWORD)
    page = reviewer.get("/desk/review")
    assert "还在外面的" in page
    assert (bureau.code in page) is tells_where
    assert ("福满源" in page) is tells_where
    address = f"/desk/review/{found.id}"
    assert address not in page
    reviewer.get(address, 404)
    reviewer.get(f"{address}/photos/{sha256}", 404)
