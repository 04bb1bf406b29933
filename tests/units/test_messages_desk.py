"""Promises of the outbox on the desk: printed, delivered, withdrawn, tried again, by whoever may."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import select

from app import create_app
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.settings import set_setting
from inspections.units.links import hash_of_link
from inspections.units.messages.sending import send_waiting
from inspections.units.messages.service import record_contact, write_message
from inspections.units.messages.tables import Delivery, MessageAbout
from inspections.units.tables import UnitLink, UnitLinkAct
from tests.bureau import (
    ADMINISTRATOR,
    APPROVER,
    DUMPLINGS,
    EDITOR,
    FIRST_DAY,
    PASSWORD,
    add_units,
    open_bureau,
)
from tests.staff import signed_in
from tests.units.gateway import running_gateway

AUDITOR, REVIEWER = "王芳二", "马丽"


@pytest.fixture
def unit_id(database: Engine, now: datetime) -> int:
    """One unit of a bureau with a reviewer and an auditor."""
    open_bureau(database, now)
    with transaction(database) as session:
        for name, role in ((AUDITOR, Role.AUDITOR), (REVIEWER, Role.REVIEWER)):
            add_account(session, name=name, password=PASSWORD, roles=[role], actor=ADMINISTRATOR, now=now)
        (unit_id,) = add_units(session, [DUMPLINGS], now)
    return unit_id


@pytest.fixture
def desk(unit_id: int, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """The desk of that bureau."""
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    application.extensions["house"].engine.dispose()


def _write(engine: Engine, unit_id: int, now: datetime) -> int:
    with transaction(engine) as session:
        return write_message(
            session,
            unit_id=unit_id,
            about=MessageAbout.OVERDUE,
            reference="order/1/overdue",
            text="期限已过，本局没有收到改正情况。\n请立即改正。",
            actor=EDITOR,
            now=now,
        )


def test_a_letter_is_printed_and_its_delivery_is_on_record(
    desk: Flask, database: Engine, unit_id: int, now: datetime
) -> None:
    message_id = _write(database, unit_id, now)
    editor = signed_in(desk, EDITOR, PASSWORD)
    assert "通知信函待送达" in editor.get("/desk/")
    page = editor.get("/desk/messages/")
    for said in ("福满源饺子馆", "逾期未改正催办", "待打印", "只用信函"):
        assert said in page
    letter = editor.act(f"/desk/messages/{message_id}/print")
    for said in (
        "天津市福满源餐饮有限公司：",
        "期限已过，本局没有收到改正情况。",
        "送达回证",
        "某区市场监督管理局",
    ):
        assert said in letter
    assert "待送达" in editor.get(f"/desk/messages/{message_id}")
    fields = {
        "form": "delivery",
        "delivered_on": "2026-11-24",
        "way": "in_person",
        "handed_over_by": "刘洋、孙倩",
    }
    told = editor.act(
        f"/desk/messages/{message_id}/delivery", {**fields, "receipt": "signed", "received_by": ""}
    )
    assert "请写签收人的姓名" in told
    told = editor.act(
        f"/desk/messages/{message_id}/delivery", {**fields, "receipt": "signed", "received_by": "王某"}
    )
    assert "当面送达，已签收" in told
    with read_only(database) as session:
        row = session.exec(select(Delivery)).one()
    assert (row.handed_over_by, row.received_by, row.recorded_by) == ("刘洋、孙倩", "王某", EDITOR)
    assert "没有待送达的通知" in editor.get("/desk/messages/")
    assert "福满源饺子馆" in editor.get("/desk/messages/?show=done")


def test_who_may_only_look_changes_nothing_in_the_outbox(
    desk: Flask, database: Engine, unit_id: int, now: datetime
) -> None:
    message_id = _write(database, unit_id, now)
    auditor = signed_in(desk, AUDITOR, PASSWORD)
    assert "打印信函" not in auditor.get(f"/desk/messages/{message_id}")
    auditor.get(f"/desk/messages/{message_id}/letter")
    for act in ("print", "delivery", "withdraw", "text"):
        assert auditor.post(f"/desk/messages/{message_id}/{act}").status_code == 403
    signed_in(desk, APPROVER, PASSWORD).get("/desk/messages/", status=403)


def test_a_text_message_that_failed_is_said_on_the_desk_and_tried_again_there(
    desk: Flask, database: Engine, unit_id: int, now: datetime
) -> None:
    with running_gateway() as gateway:
        with transaction(database) as session:
            set_setting(
                session,
                key="sms_gateway",
                value=gateway.address,
                from_on=FIRST_DAY,
                actor=ADMINISTRATOR,
                now=now,
            )
            record_contact(session, unit_id, mobile="13800000000", actor=EDITOR, now=now)
        message_id = _write(database, unit_id, now)
        gateway.answers = [403]
        send_waiting(database, None, now)
        reviewer = signed_in(desk, REVIEWER, PASSWORD)
        assert "1 条短信没有发出" in reviewer.get("/desk/")
        assert "短信没有发出" in reviewer.get("/desk/messages/")
        assert "网关回答 403" in reviewer.get(f"/desk/messages/{message_id}")
        assert "已排队重发" in reviewer.act(f"/desk/messages/{message_id}/text")
        send_waiting(database, None, now + timedelta(minutes=1))
        assert "短信已交网关，尾号 0000" in reviewer.get(f"/desk/messages/{message_id}")


def test_a_renewed_link_is_shown_once_and_the_old_one_is_worth_nothing(
    desk: Flask, database: Engine, unit_id: int
) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    page = editor.get(f"/desk/units/{unit_id}")
    assert "还没有交付过单位链接" in page
    slips = [editor.post(f"/desk/units/{unit_id}/links", {"form": "renew"}) for _ in range(2)]
    tokens = [slip.text.split("/in/u/")[1].split("<")[0] for slip in slips]
    assert [len(token) for token in tokens] == [26, 26]
    assert all("<svg" in slip.text and slip.headers["Cache-Control"] == "no-store" for slip in slips)
    with read_only(database) as session:
        links = session.exec(select(UnitLink).order_by("id")).all()
        acts = [row.act for row in session.exec(select(UnitLinkAct).order_by("id"))]
    assert [link.token_hash for link in links] == [hash_of_link(token) for token in tokens]
    assert [link.revoked_at is None for link in links] == [False, True]
    assert acts == ["renewed", "revoked", "renewed"]
    page = editor.get(f"/desk/units/{unit_id}")
    assert not any(token in page for token in tokens)
    for said in ("通过链接做过的事（3）", "换发", "单位链接换发", "本局换发"):
        assert said in page
    told = editor.act(f"/desk/units/{unit_id}/links/{links[1].id}/revoke", {"reason": "凭单遗失"})
    assert "已作废" in told
    assert f"{EDITOR}：凭单遗失" in told


def test_a_link_is_revoked_only_from_its_own_units_page(desk: Flask, database: Engine, unit_id: int) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    editor.get(f"/desk/units/{unit_id}")
    editor.post(f"/desk/units/{unit_id}/links")
    with read_only(database) as session:
        link_id = session.exec(select(UnitLink.id)).one()
    answer = editor.post(f"/desk/units/{unit_id + 1}/links/{link_id}/revoke", {"reason": "x"})
    assert answer.status_code in {404, 422}
    with read_only(database) as session:
        assert session.get_one(UnitLink, link_id).revoked_at is None


def test_what_was_done_through_a_link_is_seen_by_those_who_may(
    desk: Flask, database: Engine, unit_id: int
) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    editor.get(f"/desk/units/{unit_id}")
    editor.post(f"/desk/units/{unit_id}/links")
    for name in (AUDITOR, REVIEWER):
        assert "通过链接做过的事" in signed_in(desk, name, PASSWORD).get(f"/desk/units/{unit_id}")
    administrator = signed_in(desk, ADMINISTRATOR, PASSWORD)
    assert "单位链接" not in administrator.get(f"/desk/units/{unit_id}")
    assert "换发单位链接" in signed_in(desk, AUDITOR, PASSWORD).get("/desk/audit/")
    administrator.get("/desk/audit/", status=403)
