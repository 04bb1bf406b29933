"""Promises of the exchange: a unit sees its own and no more, an answer is taken once, also after a kill."""

import io
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import delete, select

from app import create_app
from inspections.inbox.exchange.service import exchange, pull_entries
from inspections.inbox.exchange.tables import PulledEntry
from inspections.inbox.store import INBOX, open_inbox
from inspections.inbox.tables import InboxEntry, LinkUse, LinkView
from inspections.people.tables import Account, Tablet
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.epochs import begin_epoch
from inspections.record.evidence import place_of
from inspections.record.migrate import migrate
from inspections.rulebooks.queries import newest_checklist
from inspections.units.links import acts_of, bind_link, hash_of_link, lease_links, revoke_link
from inspections.visits.review.orders import events_of
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, Order, OrderState
from tests.bureau import CHECKLIST, DUMPLINGS, add_units, open_bureau

NUMBER = "食检2026-000001"


@dataclass(frozen=True)
class Shop:
    """A unit with a signed visit, one order, and a link in its operator's hand."""

    engine: Engine
    inbox: Engine
    configuration: Configuration
    unit_id: int
    link_id: int
    order_id: int
    token: str


@pytest.fixture
def shop(database: Engine, data_directory: Path, now: datetime) -> Iterator[Shop]:
    """福满源饺子馆 after a visit that ordered one thing to be put right."""
    configuration = Configuration(data=data_directory)
    inbox = open_inbox(configuration.effective_inbox_url)
    migrate(inbox, schema=INBOX)
    open_bureau(database, now)
    with transaction(database) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], now)
        tablet = Tablet(public_id="tablet-0001", label="执法平板01", registered_at=now, registered_by="x")
        session.add(tablet)
        session.flush()
        accounts = [account.id or 0 for account in session.exec(select(Account))]
        visit = FieldVisit(
            client_id="visit-00000001",
            unit_id=unit_id,
            kind="daily",
            checklist_version_id=newest_checklist(session, CHECKLIST).version_id,
            lead_account_id=accounts[0],
            second_account_id=accounts[1],
            record_number=NUMBER,
            state=FieldVisitState.SIGNED,
            opened_at=now,
            received_at=now,
            signed_at=now,
        )
        session.add(visit)
        session.flush()
        order = Order(
            field_visit_id=visit.id or 0,
            unit_id=unit_id,
            item_codes="18",
            text="生熟分开存放",
            ordered_at=now,
            deadline_on=civil_day(now) + timedelta(days=7),
        )
        session.add(order)
        session.flush()
        (token,) = lease_links(session, tablet_id=tablet.id or 0, count=1, now=now)
        order_id = order.id or 0
    yield Shop(database, inbox, configuration, unit_id, 0, order_id, token)
    inbox.dispose()


def _bind(shop: Shop, now: datetime) -> int:

    with transaction(shop.engine) as session:
        return bind_link(
            session,
            hash_of_link(shop.token),
            unit_id=shop.unit_id,
            record_key=NUMBER,
            lasts_days=60,
            actor="李伟",
            on=civil_day(now),
            now=now,
        )


@pytest.fixture
def surface(shop: Shop) -> Flask:
    """The Inbox as a process of its own serves it."""
    own = shop.configuration.data / "inbox-own"
    own.mkdir()
    return create_app(
        Configuration(data=own, inbox_url=shop.configuration.effective_inbox_url, surface="inbox")
    )


def _exchange(shop: Shop, now: datetime) -> None:
    exchange(shop.engine, shop.inbox, shop.configuration, now)


def _jpeg() -> bytes:
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new("RGB", (640, 480), "green").save(content, "JPEG", exif=exif)
    return content.getvalue()


def _answer(surface: Flask, shop: Shop, **fields: object) -> tuple[int, str]:
    client = surface.test_client()
    page = client.get(f"/in/u/{shop.token}").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    form: dict[str, object] = {
        "text": "已分开存放",
        "csrf_token": token,
        "id": secrets.token_hex(16),
        "order": str(shop.order_id),
    }
    answer = client.post(f"/in/u/{shop.token}", data={**form, **fields}, content_type="multipart/form-data")
    return answer.status_code, answer.text


def test_until_its_visit_has_synced_a_link_says_so_and_shows_nothing(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        leased, made_up = (surface.test_client().get(f"/in/u/{token}") for token in (shop.token, "a" * 26))
    assert leased.status_code == made_up.status_code == 404
    assert "可能还没有启用" in leased.text
    assert leased.text == made_up.text
    assert "福满源" not in leased.text


def test_an_operator_sees_its_own_visit_and_orders_once_the_link_is_bound(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        page = surface.test_client().get(f"/in/u/{shop.token}").text
    assert "福满源饺子馆" in page
    assert "生熟分开存放" in page
    assert NUMBER in page


def test_an_answer_reaches_its_order_once_with_pictures_without_metadata(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        status, _ = _answer(surface, shop, pictures=[(io.BytesIO(_jpeg()), "a.jpg", "image/jpeg")])
    assert status == 303
    for _ in range(2):
        _exchange(shop, now)
    with read_only(shop.engine) as session:
        assert session.get_one(Order, shop.order_id).state is OrderState.REPORTED
        (event,) = events_of(session, shop.order_id)
    assert (event.kind, event.note) == ("reported", "已分开存放")
    kept = place_of(shop.configuration.evidence_directory, event.evidence).read_bytes()
    assert b"where it was taken" not in kept
    with time_machine.travel(now, tick=False):
        assert "单位报告改正：已分开存放" in surface.test_client().get(f"/in/u/{shop.token}").text


def _have_an_answer_delivered(shop: Shop, surface: Flask, now: datetime) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        assert _answer(surface, shop)[0] == 303
    _exchange(shop, now)


def test_an_exchange_killed_between_the_two_databases_delivers_nothing_twice(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _have_an_answer_delivered(shop, surface, now)
    with transaction(shop.inbox) as session:
        # As a kill leaves it: the house has taken the entry, the Inbox has not heard so.
        entry = session.exec(select(InboxEntry)).one()
        entry.delivered_at = entry.outcome = None
        session.add(entry)
    assert pull_entries(shop.engine, shop.inbox, shop.configuration, now) == 1
    with read_only(shop.engine) as session:
        assert len(session.exec(select(PulledEntry)).all()) == 1
        assert len(events_of(session, shop.order_id)) == 1
    with read_only(shop.inbox) as session:
        assert session.exec(select(InboxEntry)).one().outcome == "已收"


def test_after_a_restore_what_was_delivered_before_is_offered_again_and_taken_once(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _have_an_answer_delivered(shop, surface, now)
    with transaction(shop.engine) as session:
        # As a backup of before the answer leaves the house; the Inbox on its own server heard of no restore.
        session.exec(delete(PulledEntry))
        for event in events_of(session, shop.order_id):
            session.delete(event)
        order = session.get_one(Order, shop.order_id)
        order.state = OrderState.OPEN
        begin_epoch(session, restored_from="backup-x", now=now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    assert pull_entries(shop.engine, shop.inbox, shop.configuration, later) == 1
    assert pull_entries(shop.engine, shop.inbox, shop.configuration, later) == 0, "offered again once"
    with read_only(shop.engine) as session:
        assert len(events_of(session, shop.order_id)) == 1
        assert session.get_one(Order, shop.order_id).state is not OrderState.OPEN
    with transaction(shop.engine) as session:
        begin_epoch(session, restored_from="backup-y", now=later + timedelta(hours=1))
    assert pull_entries(shop.engine, shop.inbox, shop.configuration, later + timedelta(hours=2)) == 1
    with read_only(shop.engine) as session:
        assert len(events_of(session, shop.order_id)) == 1, "what the house knows is not taken twice"


def test_a_revoked_link_loses_its_view_and_its_late_answers_change_nothing(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    link_id = _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        assert _answer(surface, shop)[0] == 303
        with transaction(shop.engine) as session:
            revoke_link(session, link_id, reason="凭单遗失", actor="陈静", now=now)
        _exchange(shop, now)
        assert surface.test_client().get(f"/in/u/{shop.token}").status_code == 404
    with read_only(shop.engine) as session:
        assert session.get_one(Order, shop.order_id).state is OrderState.OPEN
    with read_only(shop.inbox) as session:
        assert session.exec(select(LinkView)).all() == []
        assert session.exec(select(InboxEntry)).one().outcome == "链接已作废"


def test_an_expired_link_shows_nothing_and_takes_nothing_from_its_first_day_after(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    client = surface.test_client()
    with time_machine.travel(now + timedelta(days=60), tick=False):
        page = client.get(f"/in/u/{shop.token}")
    assert "福满源饺子馆" in page.text, "the last day counts"
    (token,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', page.text))
    form = {"csrf_token": token, "id": secrets.token_hex(16), "order": str(shop.order_id), "text": "改好了"}
    with time_machine.travel(now + timedelta(days=61), tick=False):
        late = client.get(f"/in/u/{shop.token}")
        sent = client.post(f"/in/u/{shop.token}", data=form)
    assert (late.status_code, sent.status_code) == (404, 404)
    assert "福满源" not in late.text + sent.text
    assert "已经到期" in sent.text
    with read_only(shop.inbox) as session:
        assert session.exec(select(InboxEntry)).all() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": ""}, "请写明改正情况"),
        ({"text": "长" * 1001}, "最多 1000 个"),
        ({"order": "999"}, "不属于贵单位"),
        ({"order": "1; DROP"}, "看不出是对哪一条"),
        ({"id": "short"}, "这次提交不完整"),
        ({"pictures": [(io.BytesIO(b"<svg onload=alert(1)>"), "a.svg", "image/svg+xml")]}, "只接受照片"),
        ({"pictures": [(io.BytesIO(b"\xff\xd8\xff\xe0 not a picture"), "a.jpg", "image/jpeg")]}, "不完整"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_sentence_and_nothing_is_stored(
    shop: Shop, surface: Flask, now: datetime, fields: dict[str, object], words: str
) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        status, page = _answer(surface, shop, **fields)
    assert status == 422
    assert words in page
    with read_only(shop.inbox) as session:
        assert session.exec(select(InboxEntry)).all() == []


def test_a_refused_answer_keeps_what_was_written_and_is_no_opening(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        svg = (io.BytesIO(b"<svg/>"), "a.svg", "image/svg+xml")
        status, page = _answer(surface, shop, text="已分开存放，见照片", pictures=[svg])
    assert status == 422
    assert ">已分开存放，见照片</textarea>" in page
    with read_only(shop.inbox) as session:
        assert session.exec(select(LinkUse.opened)).one() == 1


def test_every_opening_and_every_answer_is_on_the_links_log_once(
    shop: Shop, surface: Flask, now: datetime
) -> None:
    link_id = _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        for _ in range(3):
            surface.test_client().get(f"/in/u/{shop.token}")
        _exchange(shop, now)
        assert _answer(surface, shop)[0] == 303
        for _ in range(2):
            _exchange(shop, now)
    with read_only(shop.engine) as session:
        acts = [(row.act, row.times, row.on) for row in acts_of(session, [link_id])[::-1]]
    assert acts == [
        ("opened", 3, civil_day(now)),
        ("answered", 1, None),
        ("opened", 1, civil_day(now)),
    ]


@pytest.mark.parametrize("opened", [0, 1])
def test_a_link_that_is_asked_too_often_in_a_day_says_so_also_to_a_form(
    shop: Shop, surface: Flask, now: datetime, opened: int
) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with transaction(shop.inbox) as session:
        session.add(
            LinkUse(token_hash=hash_of_link(shop.token), on=civil_day(now), opened=300 - opened, sent=20)
        )
    with time_machine.travel(now, tick=False):
        client = surface.test_client()
        if opened:
            assert _answer(surface, shop)[0] == 422
        answer = client.get(f"/in/u/{shop.token}")
    assert answer.status_code == 429
    assert "请明天再来" in answer.text
    assert "福满源" not in answer.text


def test_an_expired_link_shows_nothing_and_takes_nothing(shop: Shop, surface: Flask, now: datetime) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now + timedelta(days=60), tick=False):
        client = surface.test_client()
        page = client.get(f"/in/u/{shop.token}").text
        token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    form = {"text": "x", "csrf_token": token, "id": secrets.token_hex(16), "order": str(shop.order_id)}
    with time_machine.travel(now + timedelta(days=61), tick=False):
        shown = client.get(f"/in/u/{shop.token}")
        sent = client.post(f"/in/u/{shop.token}", data=form)
    assert (shown.status_code, sent.status_code) == (404, 404)
    assert "福满源" not in shown.text + sent.text
    with read_only(shop.inbox) as session:
        assert session.exec(select(InboxEntry)).all() == []


def test_the_same_form_sent_twice_is_one_answer(shop: Shop, surface: Flask, now: datetime) -> None:
    _bind(shop, now)
    _exchange(shop, now)
    with time_machine.travel(now, tick=False):
        for _ in range(2):
            assert _answer(surface, shop, id="0" * 32)[0] == 303
    with read_only(shop.inbox) as session:
        entry = session.exec(select(InboxEntry)).one()
    assert json.loads(entry.text)["order"] == shop.order_id
