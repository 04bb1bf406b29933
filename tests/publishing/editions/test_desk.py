"""Promises of the desk's editions: drafted, approved by two others, withdrawn, without a command line."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import select

from app import create_app
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.units.messages.tables import OutgoingMessage
from inspections.visits.tables import Visit
from publishing.editions.tables import Edition
from tests.bureau import (
    APPROVER,
    DUMPLINGS,
    EDITOR,
    PASSWORD,
    SECOND_APPROVER,
    add_units,
    add_visit,
    open_bureau,
)
from tests.staff import StaffClient, signed_in

MONTH = "2026-11"


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A bureau with one released campaign visit in November."""
    open_bureau(database, now)
    with transaction(database) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], now)
        add_visit(session, unit_id, civil_day(now).replace(day=6), now)
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    application.extensions["house"].engine.dispose()


def _visit_id(database: Engine) -> int:
    with read_only(database) as session:
        return session.exec(select(Visit)).one().id or 0


def _drafted(desk: Flask, database: Engine, **fields: str) -> str:
    editor, key = signed_in(desk, EDITOR, PASSWORD), _visit_id(database)
    editor.get(f"/desk/editions/{MONTH}/draft")
    given = {
        "theme": "冬日里的饺子馆",
        f"list-{key}": "red",
        f"reasons-{key}": "加工区整洁，生熟分开",
        f"confirmed-{key}": "yes",
    }
    return editor.act(f"/desk/editions/{MONTH}/draft", {**given, **fields})


def _approve(client: StaffClient) -> str:
    page = client.get(f"/desk/editions/{MONTH}")
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return client.act(f"/desk/editions/{MONTH}/approve", {"seen": seen})


def test_an_edition_goes_from_the_form_through_two_approvals_to_publication(
    desk: Flask, database: Engine
) -> None:
    assert "草稿已保存" in _drafted(desk, database)
    first, second = signed_in(desk, APPROVER, PASSWORD), signed_in(desk, SECOND_APPROVER, PASSWORD)
    assert "还需要另一位审批人" in _approve(first)
    again = first.get(f"/desk/editions/{MONTH}")
    assert ("您已经审批这一稿" in again, "审批这一稿</button>" in again) == (True, False)
    assert "定时任务会公示" in _approve(second)
    second.get(f"/desk/editions/{MONTH}")
    assert "已公示" in second.act(f"/desk/editions/{MONTH}/publish")
    with read_only(database) as session:
        assert session.exec(select(Edition)).one().published_on is not None
    editor = signed_in(desk, EDITOR, PASSWORD)
    assert editor.client.get(f"/desk/editions/{MONTH}/draft").status_code == 302, "it is drafted no more"
    told = second.act(f"/desk/editions/{MONTH}/withdraw", {"number": "1", "reason": "信息有误"})
    assert "已撤下 1 条" in told
    assert "已撤下" in second.get(f"/desk/editions/{MONTH}")


def test_the_sheet_of_a_draft_says_all_that_it_waits_for_and_what_readers_would_not_find(
    desk: Flask, database: Engine
) -> None:
    _drafted(desk, database)
    page = signed_in(desk, APPROVER, PASSWORD).get(f"/desk/editions/{MONTH}")
    assert "公示前还要" in page
    assert "<li>还需要 2 人审批。</li>" in page
    assert "还没有写，读者看不到：怎样抽取、抽取家数。" in page


def test_whoever_drafted_is_not_offered_to_approve_and_is_refused(desk: Flask, database: Engine) -> None:
    _drafted(desk, database)
    editor = signed_in(desk, EDITOR, PASSWORD)
    page = editor.get(f"/desk/editions/{MONTH}")
    assert "审批这一稿" not in page
    assert "请由另外 2 人审批" in page
    assert editor.post(f"/desk/editions/{MONTH}/approve", {"seen": "x"}).status_code == 403


def test_an_approval_of_what_was_seen_lapses_when_a_line_changes(desk: Flask, database: Engine) -> None:
    _drafted(desk, database)
    approver = signed_in(desk, APPROVER, PASSWORD)
    page = approver.get(f"/desk/editions/{MONTH}")
    seen = page.split('name="seen" value="')[1].split('"')[0]
    _drafted(desk, database, theme="另一个主题")
    assert "草稿已经变了" in approver.act(f"/desk/editions/{MONTH}/approve", {"seen": seen})


def test_a_refused_draft_names_each_fault_and_keeps_what_was_typed(desk: Flask, database: Engine) -> None:
    editor, key = signed_in(desk, EDITOR, PASSWORD), _visit_id(database)
    editor.get(f"/desk/editions/{MONTH}/draft")
    answer = editor.post(
        f"/desk/editions/{MONTH}/draft",
        {f"list-{key}": "black", f"reasons-{key}": "电话 13800138000", f"measures-{key}": "责令改正"},
    )
    assert answer.status_code == 422
    assert "还没有确认" in answer.text
    assert "13800138000" in answer.text
    assert "责令改正" in answer.text
    assert "还没有保存" in answer.text
    with read_only(database) as session:
        assert session.exec(select(Edition)).all() == []


def test_months_that_are_none_are_refused_in_a_sentence(desk: Flask) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    for month in ("2026-13", "nonsense"):
        answer = editor.client.get(f"/desk/editions/{month}/draft")
        assert answer.status_code in {404, 422}
        assert "Traceback" not in answer.text


def test_the_first_page_says_what_waits_for_editors_and_approvers(desk: Flask, database: Engine) -> None:
    assert "2026-11 期有 1 次可以上榜的检查" in signed_in(desk, EDITOR, PASSWORD).get("/desk/")
    _drafted(desk, database)
    page = signed_in(desk, APPROVER, PASSWORD).get("/desk/")
    assert "红黑榜待审批" in page


def test_a_black_entry_is_told_by_letter_and_its_delivery_fills_the_draft(
    desk: Flask, database: Engine
) -> None:
    editor, key = signed_in(desk, EDITOR, PASSWORD), _visit_id(database)
    address = f"/desk/editions/{MONTH}/draft"
    editor.get(address)
    form = {f"list-{key}": "black", f"reasons-{key}": "冷藏柜内生熟混放", f"confirmed-{key}": "yes"}
    refused = editor.post(address, form)
    assert "黑榜条目没有告知日期" in refused.text
    written = editor.post(address, {**form, "act": "notices"}).text
    assert "已写 1 封告知书" in written
    assert "还没有送达" in written
    assert "已写 0 封告知书" in editor.post(address, {**form, "act": "notices"}).text
    reworded = {**form, f"reasons-{key}": "冷藏柜内生熟食品混放"}
    assert "已写 1 封告知书" in editor.post(address, {**reworded, "act": "notices"}).text
    with read_only(database) as session:
        first, second = session.exec(select(OutgoingMessage).order_by("id"))
    assert (first.withdrawn_at is not None, second.withdrawn_at) == (True, None)
    for said in ("冷藏柜内生熟食品混放", "5 日内", "2026年11月黑榜"):
        assert said in second.text
    delivery = {
        "delivered_on": "2026-11-24", "way": "in_person", "handed_over_by": "刘洋", "receipt": "signed",
        "received_by": "王某",
    }  # fmt: skip
    editor.act(f"/desk/messages/{second.id}/delivery", delivery)
    page = editor.get(address)
    assert 'value="2026-11-24"' in page
    assert "当面送达书面告知，已签收" in page
    told = {f"told_on-{key}": "2026-11-24", f"told_how-{key}": "当面送达书面告知，已签收"}
    assert "草稿已保存" in editor.act(address, {**reworded, **told})


@pytest.mark.parametrize(
    ("fields", "words"),
    [({}, "没有选黑榜的条目"), ({"list": "black", "reasons": "联系电话 13800000000"}, "处要改")],
)
def test_a_notice_that_could_not_be_an_entry_is_not_written(
    desk: Flask, database: Engine, fields: dict[str, str], words: str
) -> None:
    editor, key = signed_in(desk, EDITOR, PASSWORD), _visit_id(database)
    address = f"/desk/editions/{MONTH}/draft"
    editor.get(address)
    form = {f"{name}-{key}": value for name, value in fields.items()} | {"act": "notices"}
    answer = editor.post(address, form)
    assert answer.status_code == 422
    assert words in answer.text
    with read_only(database) as session:
        assert session.exec(select(OutgoingMessage)).all() == []
