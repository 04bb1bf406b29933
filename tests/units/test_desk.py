"""Promises of the desk's register, batches and rules: worked by people who never see a command line."""

import io
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
from inspections.rulebooks.tables import EnteredCell
from inspections.units.amending import change_sign, close_unit
from inspections.units.tables import CateringUnit, UnitVersion
from inspections.visits.tables import VisitBatch
from tests.bureau import (
    ADMINISTRATOR,
    APPROVER,
    DUMPLINGS,
    EDITOR,
    PASSWORD,
    add_units,
    add_visit,
    open_bureau,
)
from tests.staff import StaffClient, signed_in

REGISTER = (
    "许可证编号,主体名称,牌匾名称,地址,街镇,业态\n"
    "JY21201119900016,天津市福满源餐饮有限公司,福满源饺子馆,柳口路28号,杨柳镇,餐馆\n"
    "JY21201119900099,错号餐厅,错号餐厅,柳口路30号,杨柳镇,餐馆\n"
)


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A bureau with rules and staff, and nothing in its register."""
    open_bureau(database, now)
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    application.extensions["house"].engine.dispose()


def _upload(client: StaffClient, page: str, address: str, field: str, content: bytes, name: str) -> str:
    client.get(page)
    answer = client.client.post(
        address,
        data={"csrf_token": client.token, field: (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303, answer.text[:300]
    return client.get(answer.headers["Location"])


def test_a_register_is_imported_found_and_its_bad_row_is_in_the_report(desk: Flask) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    told = _upload(
        editor, "/desk/units/imports", "/desk/units/imports", "file", REGISTER.encode(), "register.csv"
    )
    assert "新单位 1" in told
    assert "有问题未导入 1" in told
    name = told.split("/desk/units/imports/reports/")[1].split('"')[0]
    with editor.client.get(f"/desk/units/imports/reports/{name}") as report:
        assert report.status_code == 200
        assert report.data[:2] == b"PK"
    found = editor.get("/desk/units/?q=饺子馆")
    assert "福满源饺子馆" in found
    assert "没有找到" in editor.get("/desk/units/?q=没有这家")


@pytest.mark.parametrize("name", ["../../secret.key", "nothing.xlsx", "..%2f..%2fhonghei.sqlite"])
def test_no_file_but_a_report_leaves_through_the_reports(desk: Flask, name: str) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    assert editor.client.get(f"/desk/units/imports/reports/{name}").status_code == 404


def test_an_upload_without_a_file_is_a_sentence(desk: Flask) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    editor.get("/desk/units/imports")
    assert "没有选择名册文件" in editor.act("/desk/units/imports", {})


def test_a_batch_is_released_after_its_counts_and_sample_were_seen(
    desk: Flask, database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], now)
        batch_id = add_visit(session, unit_id, civil_day(now).replace(day=6), now, release=False)
    editor = signed_in(desk, EDITOR, PASSWORD)
    assert "导入的检查记录待放行" in editor.get("/desk/")
    page = editor.get(f"/desk/batches/{batch_id}")
    assert "1 条，1 个单位" in page
    assert "已放行 1 条" in editor.act(f"/desk/batches/{batch_id}/release")
    with read_only(database) as session:
        assert session.get_one(VisitBatch, batch_id).released_by == EDITOR
    assert "不需要再放行" in editor.act(f"/desk/batches/{batch_id}/release")


def test_a_value_is_entered_with_its_document_by_whoever_may_decide(desk: Flask, database: Engine) -> None:
    approver = signed_in(desk, APPROVER, PASSWORD)
    page = approver.get("/desk/rules/tianjin-2020")
    assert "还没有确定的值" in page
    answer = approver.client.post(
        "/desk/rules/tianjin-2020",
        data={
            "csrf_token": approver.token,
            "cell": "visits_per_year.A",
            "value": "1",
            "from_on": "2026-01-01",
            "document": (io.BytesIO(b"a decision"), "decision.pdf"),
        },
        content_type="multipart/form-data",
    )
    told = approver.get(answer.headers["Location"])
    assert "已录入 visits_per_year.A" in told, told[:2000]
    with read_only(database) as session:
        assert session.exec(select(EnteredCell)).one().entered_by == APPROVER
    for name in (EDITOR, ADMINISTRATOR):
        other = signed_in(desk, name, PASSWORD)
        other.get("/desk/account")
        assert other.post("/desk/rules/tianjin-2020", {"cell": "x"}).status_code == 403


def test_what_a_visit_found_is_a_new_version_and_the_old_one_stays(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], now)
        change_sign(session, unit_id, "新福满源", from_on=civil_day(now), actor=APPROVER, now=now)
        close_unit(session, unit_id, from_on=civil_day(now), actor=APPROVER, now=now)
        close_unit(session, unit_id, from_on=civil_day(now), actor=APPROVER, now=now)
    with read_only(database) as session:
        versions = session.exec(select(UnitVersion).where(UnitVersion.unit_id == unit_id)).all()
        assert [version.sign_name for version in versions] == ["福满源饺子馆", "新福满源", "新福满源"]
        assert session.get_one(CateringUnit, unit_id).until_on is not None
