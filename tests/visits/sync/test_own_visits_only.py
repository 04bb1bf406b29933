"""Promises to a secret campaign: who only inspects sees orders and letters of their own visits alone."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import select

from inspections.people.tables import AccountRole, Role
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_bytes
from inspections.record.house import House
from inspections.units.messages.tables import MessageAbout, OutgoingMessage
from inspections.visits.review.service import remind_overdue, report_rectified
from inspections.visits.sync.tables import FieldVisit, Order, OrderState
from tests.bureau import PASSWORD
from tests.staff import StaffClient, signed_in
from tests.tablets import (
    LEAD,
    OUTSIDER,
    REVIEWER,
    SECOND,
    Draft,
    FieldBureau,
    TabletClient,
    add_campaign,
    assign,
    photo,
)

ORDERED = "清理过期原料"


@pytest.fixture
def order_id(lead: TabletClient, bureau: FieldBureau) -> int:
    """An order of a visit of a campaign that is not revealed."""
    visit = assign(bureau, kind="campaign", campaign_id=add_campaign(bureau))
    draft = Draft(bureau, visit, bureau.now, kind="campaign")
    draft.open()
    draft.fill(failed={"2.6": {"answer": "fail", "safety": True}}, result="basically_compliant")
    until = civil_day(bureau.now) + timedelta(days=10)
    draft.say("orders", [{"items": ["2.6"], "text": ORDERED, "deadline_on": until.isoformat()}])
    bundle = lead.get("/bundle?links=0")
    draft.say("link", {"token_hash": bundle["unit_links"][0]["token_hash"]})
    draft.sign(bundle["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    with read_only(bureau.engine) as session:
        return session.exec(select(Order.id)).one() or 0


def _as(application: Flask, name: str) -> StaffClient:
    return signed_in(application, name, PASSWORD)


def _answer(house: House, bureau: FieldBureau, order_id: int) -> str:
    sha256 = keep_bytes(house.configuration.evidence_directory, photo())
    with transaction(bureau.engine) as session:
        report_rectified(
            session, order_id, unit_id=bureau.unit_id, text="已清理", evidence=(sha256,), now=utc_now()
        )
    return f"/desk/orders/{order_id}/evidence/{sha256}"


def test_an_inspector_sees_the_orders_of_visits_they_took_part_in_and_no_other(
    application: Flask, house: House, bureau: FieldBureau, order_id: int
) -> None:
    evidence = _answer(house, bureau, order_id)
    for name, sees in ((LEAD, True), (SECOND, True), (REVIEWER, True), (OUTSIDER, False)):
        client = _as(application, name)
        assert (ORDERED in client.get("/desk/orders")) is sees, name
        with client.client.get(evidence) as answer:
            assert answer.status_code == (200 if sees else 404), name
        home = re.sub(r"\s+", "", client.get("/desk/"))
        assert (re.search(r'/desk/orders">责令改正未办结</a></th><td[^>]*>1<', home) is not None) is sees, (
            name
        )
    with transaction(bureau.engine) as session:
        session.get_one(Order, order_id).state = OrderState.PASSED
    assert ORDERED in _as(application, LEAD).get("/desk/orders?show=settled")
    assert ORDERED not in _as(application, OUTSIDER).get("/desk/orders?show=settled")


def test_an_inspector_follows_no_order_of_others(
    application: Flask, house: House, bureau: FieldBureau, order_id: int
) -> None:
    _answer(house, bureau, order_id)
    outsider = _as(application, OUTSIDER)
    outsider.get("/desk/orders")
    told = outsider.act(f"/desk/orders/{order_id}", {"kind": "escalated", "note": "移送"})
    assert "没有这条责令改正" in told
    assert ORDERED not in told
    with read_only(bureau.engine) as session:
        assert session.get_one(Order, order_id).state is OrderState.REPORTED


def test_an_inspector_who_is_to_recheck_a_visit_sees_its_orders_and_answers_from_the_release_on(
    application: Flask, house: House, bureau: FieldBureau, order_id: int
) -> None:
    evidence = _answer(house, bureau, order_id)
    with read_only(bureau.engine) as session:
        number = session.exec(select(FieldVisit.record_number)).one()
    today = civil_day(bureau.now)
    task = {"kind": "recheck", "recheck_of_key": number, "lead_account_id": bureau.accounts[OUTSIDER]}
    assign(bureau, release_on=today + timedelta(days=1), **task)
    client = _as(application, OUTSIDER)
    assert ORDERED not in client.get("/desk/orders")
    assign(bureau, release_on=today, **task)
    assert ORDERED in client.get("/desk/orders")
    with client.client.get(evidence) as answer:
        assert answer.status_code == 200
    told = client.act(f"/desk/orders/{order_id}", {"kind": "escalated", "note": "现场仍未改正，移送立案"})
    assert "已记录" in told


def test_an_inspector_who_also_reviews_sees_every_order(
    application: Flask, bureau: FieldBureau, order_id: int
) -> None:
    with transaction(bureau.engine) as session:
        session.add(AccountRole(account_id=bureau.accounts[OUTSIDER], role=Role.REVIEWER))
    assert ORDERED in _as(application, OUTSIDER).get("/desk/orders")
    assert order_id


def test_the_outbox_shows_an_inspector_the_letters_about_visits_of_their_own(
    application: Flask, bureau: FieldBureau, order_id: int
) -> None:
    late = utc_now() + timedelta(days=11)
    with transaction(bureau.engine) as session:
        assert remind_overdue(session, civil_day(late), late) == 1
    with read_only(bureau.engine) as session:
        letter = session.exec(
            select(OutgoingMessage).where(OutgoingMessage.about == MessageAbout.OVERDUE)
        ).one()
    address = f"/desk/messages/{letter.id}"
    assert letter.reference == f"order/{order_id}/overdue"
    for name, sees in ((SECOND, True), (REVIEWER, True), (OUTSIDER, False)):
        client = _as(application, name)
        status = 200 if sees else 404
        assert ("逾期未改正催办" in client.get("/desk/messages/")) is sees, name
        assert ("单位链接交付" in client.get("/desk/messages/?show=done")) is sees, name
        client.get(address, status)
        client.get(f"{address}/letter", status)
        client.get("/desk/")
        assert client.post(f"{address}/print").status_code == (303 if sees else 404), name
        assert client.post(f"{address}/delivery", {}).status_code == (422 if sees else 404), name
