"""Promises of the desk's preview: a draft is sent, what it would change is seen, nothing is kept."""

import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from app import create_app
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, table_of
from inspections.rulebooks.tables import RulebookVersion
from tests.bureau import APPROVER, EDITOR, PASSWORD, open_bureau
from tests.staff import StaffClient, signed_in
from tests.visits.reform.town import REFORM_ON, build_town, write_reform

PAGE = "/desk/rules/preview/"


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A bureau with a small town."""
    open_bureau(database, now)
    build_town(database, now)
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    application.extensions["house"].engine.dispose()


def _files(folder: Path) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(path.read_bytes()), path.name) for path in sorted(folder.glob("*.yaml"))]


def _versions(session: Session) -> int:
    return int(session.execute(select(func.count()).select_from(table_of(RulebookVersion))).scalar_one())


def _sent(client: StaffClient, status: int = 200, **fields: object) -> str:
    client.get(PAGE)
    answer = client.post(PAGE, {"on": REFORM_ON.isoformat(), **fields})
    assert answer.status_code == status, answer.text[:400]
    return answer.text


def test_a_draft_is_sent_and_its_effects_are_seen_and_nothing_is_kept(
    desk: Flask, database: Engine, tmp_path: Path
) -> None:
    with read_only(database) as session:
        before = _versions(session)
    client = signed_in(desk, EDITOR, PASSWORD)
    assert "改规则之前先看影响" in client.get("/desk/rules/")
    text = _sent(client, files=_files(write_reform(tmp_path / "draft")))
    for words in ("若自 2027-01-01 起改用", "会变", "按街道", "按连锁", "现行的推导", "杨柳镇", "第1家"):
        assert words in text, words
    assert 'class="differs"' in text
    with read_only(database) as session:
        assert _versions(session) == before


def test_the_same_comes_as_a_workbook(desk: Flask, tmp_path: Path) -> None:
    client = signed_in(desk, APPROVER, PASSWORD)
    client.get(PAGE)
    fields = {"on": REFORM_ON.isoformat(), "as": "xlsx", "files": _files(write_reform(tmp_path / "draft"))}
    answer = client.post(PAGE, fields)
    assert str(answer.mimetype).endswith("spreadsheetml.sheet")
    assert "demo-local-2027-01-01.xlsx" in answer.headers["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book["单位"].max_row > 1


def test_a_stored_rulebook_can_be_tried_for_one_purpose(desk: Flask) -> None:
    text = _sent(signed_in(desk, EDITOR, PASSWORD), scheme="quantified-2012", purposes=["grade"])
    assert "等级原按" in text
    assert "检查结果原按" not in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"scheme: {id: x}\ncells: {a: 1}\n", "规则值 a应是键和值"),
        (b"scheme: [", "不是合法的 YAML"),
        ("scheme: {id: 甲}".encode("gb18030"), "不是 UTF-8 文本"),
        (b"a: &a [x]\nb: *a\n", "用了别名"),
        (b"items: []\n", "没有规则文件"),
        (b"", "文件是空的"),
    ],
)
def test_what_is_no_rulebook_is_answered_in_words(desk: Flask, content: bytes, words: str) -> None:
    text = _sent(signed_in(desk, EDITOR, PASSWORD), 422, files=[(io.BytesIO(content), "草稿.yaml")])
    assert words in text
    assert "Traceback" not in text


def test_a_file_of_ten_megabytes_is_answered_in_words(desk: Flask) -> None:
    client = signed_in(desk, EDITOR, PASSWORD)
    client.get(PAGE)
    fields = {"csrf_token": client.token, "on": REFORM_ON.isoformat()}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    head = '--b\r\nContent-Disposition: form-data; name="files"; filename="x.yaml"\r\n\r\n'
    body = ("".join(parts) + head).encode() + b"x: " + b"a" * 10_000_000 + b"\r\n--b--\r\n"
    answer = client.client.post(PAGE, data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 422
    assert "超过上限" in answer.text


def test_a_form_without_draft_or_day_says_what_is_lacking(desk: Flask) -> None:
    client = signed_in(desk, EDITOR, PASSWORD)
    assert "没有选择草稿的文件" in _sent(client, 422)
    assert "“从哪一天起改用”是空的" in _sent(client, 422, on="")
