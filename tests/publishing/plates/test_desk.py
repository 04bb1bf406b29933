"""Promises of the desk's plates: printed, handed over, seen, withdrawn, replaced without a command line."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import col, select

from app import create_app
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.units.tables import Premises
from publishing.plates.tables import Plate, PlateBatch
from tests.bureau import ADMINISTRATOR, DUMPLINGS, EDITOR, PASSWORD, add_units, open_bureau
from tests.staff import StaffClient, signed_in

NOODLES = replace(
    DUMPLINGS,
    licence_name="天津市老灶台餐饮有限公司",
    sign_name="老灶台面馆",
    address="柳口路30号",
    licence_number="JY21201119900024",
    credit_code="91120111MA9A00003R",
    unit_type="snack_shop",
)


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A bureau with two units and no plate yet."""
    open_bureau(database, now)
    with transaction(database) as session:
        add_units(session, [DUMPLINGS, NOODLES], now)
        add_account(
            session, name="审计", password=PASSWORD, roles=[Role.AUDITOR], actor=ADMINISTRATOR, now=now
        )
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    application.extensions["house"].engine.dispose()


def _printed(client: StaffClient, **fields: object) -> str:
    client.get("/desk/plates/")
    return client.act("/desk/plates/print", {"layout": "a4-4", **fields})


def _refused(client: StaffClient, address: str, fields: Mapping[str, object]) -> str:
    """The page itself with why, and with what was typed."""
    answer = client.post(address, fields)
    assert answer.status_code == 422, answer.text[:400]
    return answer.text


def _code(database: Engine, address: str) -> str:
    with read_only(database) as session:
        return session.exec(select(Premises).where(Premises.address == address)).one().code


def test_a_street_is_printed_and_its_files_are_offered(desk: Flask) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    page = _printed(editor, street="杨柳镇")
    assert "第 1 批：公示牌 2 块（新制发 2，重印 0）；0 处没有在营单位，不制牌。" in page
    assert "A4 竖放，每张四块，成品 91.8 × 130.2 mm" in page
    links = re.findall(r'href="(/desk/plates/batches/1/[^"]+)"', page)
    contents = []
    for link in links:
        with editor.client.get(link) as answer:
            contents.append(answer.data)
    names = [link.rsplit("/")[-1] for link in links]
    assert names == ["plates-1.pdf", "plates-1-list.csv", "plates-1-list.xlsx"]
    assert contents[0].startswith(b"%PDF")
    assert "福满源饺子馆" in contents[1].decode("utf-8-sig")
    assert zipfile.is_zipfile(io.BytesIO(contents[2]))
    for nowhere in ("/desk/plates/batches/1/other.pdf", "/desk/plates/batches/9", "/desk/plates/doors/x"):
        editor.get(nowhere, 404)


def test_a_list_file_and_a_type_choose_the_doors(desk: Flask, database: Engine) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    assert "公示牌 1 块" in _printed(editor, unit_type="小吃店")
    code = _code(database, "柳口路28号")
    listed = (io.BytesIO(f"{code}\n老王\n".encode()), "list.txt")
    page = _printed(editor, list=listed)
    assert "第 2 批：公示牌 1 块" in page
    assert "list.txt 第 2 行：没有门店码“老王”" in page
    assert "没有要制的公示牌" in _printed(
        editor, unit_type="小吃店", street="杨柳镇", list=(io.BytesIO(code.encode()), "a.txt")
    )
    wrong = {"list": (io.BytesIO(b"%PDF-1.7"), "list.pdf"), "street": "杨柳镇"}
    page = _refused(editor, "/desk/plates/print", wrong)
    assert "不是表格文件" in page
    assert "<option selected>杨柳镇</option>" in page
    with read_only(database) as session:
        assert [batch.chosen for batch in session.exec(select(PlateBatch))] == ["小吃店", "名单 list.txt"]


def test_ticked_plates_are_handed_over_and_a_door_tells_its_plates_lives(
    desk: Flask, database: Engine
) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    _printed(editor)
    code = _code(database, "柳口路28号")
    given = {"code": [code], "person": "刘洋", "on": "2026-11-24"}
    assert "记下交付 1 块。" in editor.act("/desk/plates/batches/1/hand-over", given)
    nothing = {"person": "刘洋", "on": "2026-11-24"}
    assert "一块也没有勾选" in _refused(editor, "/desk/plates/batches/1/hand-over", nothing)
    page = editor.get(f"/desk/plates/doors/{code}")
    assert re.search(r"<td>交付</td>\s*<td[^>]*>刘洋</td>", page)
    assert "已记下" in editor.act(
        f"/desk/plates/doors/{code}/seen", {"there": "yes", "on": "2026-11-24", "note": "R1"}
    )
    assert "已见悬挂" in editor.get("/desk/plates/?state=seen")
    told = editor.act(f"/desk/plates/doors/{code}/withdraw", {"reason": "被冒用", "on": "2026-11-24"})
    assert "门店页写明这块牌已作废" in told
    assert '第 1 次制发 · <span class="quiet">已作废' in told
    assert "已制发第 2 次" in editor.act(
        f"/desk/plates/doors/{code}/replace", {"reason": "补发", "layout": "a5"}
    )
    with read_only(database) as session:
        numbers = session.exec(select(Plate.issue_no).order_by(col(Plate.issue_no))).all()
    assert numbers == [1, 1, 2]


def test_what_cannot_be_is_refused_with_a_sentence(desk: Flask, database: Engine) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    code = _code(database, "柳口路28号")
    door = f"/desk/plates/doors/{code}"
    editor.get(door)
    given = {"person": "刘洋", "on": "2026-11-24"}
    assert "还没有制发过" in _refused(editor, f"{door}/hand-over", given)
    _printed(editor)
    page = _refused(editor, f"{door}/seen", {"there": "no", "on": "", "note": "门框空着", "form": "seen"})
    assert "“日期”是空的" in page
    assert 'value="门框空着"' in page
    assert "“作废的原因”是空的" in _refused(editor, f"{door}/withdraw", {"on": "2026-11-24"})
    assert "“换新的原因”是空的" in _refused(editor, f"{door}/replace", {})
    assert "没有选版式" in _refused(editor, "/desk/plates/print", {"layout": "a0"})
    assert "没有门店码“老王”" in editor.act_get("/desk/plates/find?q=老王")
    assert code in editor.act_get(f"/desk/plates/find?q=https://canyin.example.cn/s/{code}/%23p1")


def test_an_auditor_looks_and_changes_nothing(desk: Flask) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    _printed(editor)
    auditor = signed_in(desk, "审计", PASSWORD)
    page = auditor.get("/desk/plates/")
    assert "第 1 批" in page
    assert "<summary>印制公示牌" not in page
    assert "记下勾选的已交付" not in auditor.get("/desk/plates/batches/1")
    assert auditor.post("/desk/plates/print", {"layout": "a5"}).status_code == 403


def test_a_plate_that_is_missing_or_old_stands_on_the_desks_first_page(desk: Flask, database: Engine) -> None:
    editor = signed_in(desk, EDITOR, PASSWORD)
    _printed(editor)
    code = _code(database, "柳口路28号")
    editor.act(f"/desk/plates/doors/{code}/seen", {"there": "no", "on": "2026-11-24"})
    assert re.search(r"检查发现不在的公示牌.*?1", editor.get("/desk/"), re.DOTALL)
    assert code in editor.get("/desk/plates/?state=missing")
    assert "还没有" not in editor.get("/desk/plates/?street=杨柳镇")
