"""Promises of the desk's page of exports: what does not open is said, and nothing of it is kept."""

import io
import json

import pytest
from flask import Flask
from sqlmodel import select

from inspections.people.recovery import make_recovery_key
from inspections.people.tables import ExportOpening
from inspections.record.clock import utc_now
from inspections.record.database import read_only, transaction
from tests.bureau import ADMINISTRATOR, EDITOR, PASSWORD
from tests.staff import StaffClient, signed_in
from tests.tablets import LEAD, PASSPHRASE, FieldBureau, TabletClient

PAGE = "/desk/tablets/exports"
_EMPTY = {
    "format": "hhb-tablet-export", "version": 1, "records": [], "keys": [],
    "account": {"id": 1, "name": LEAD},
}  # fmt: skip


@pytest.fixture
def key(bureau: FieldBureau) -> bytes:
    """The bureau's recovery key, as the file that its administrator keeps."""
    with transaction(bureau.engine) as session:
        return make_recovery_key(session, passphrase=PASSPHRASE, actor=ADMINISTRATOR, now=utc_now())


def _send(client: StaffClient, export: bytes, key: bytes, **fields: object) -> str:
    client.get(PAGE)
    return client.act(
        PAGE,
        {
            "form": "export",
            "passphrase": PASSPHRASE,
            "reason": "PIN 遗忘",
            "export": (io.BytesIO(export), "export.json"),
            "key": (io.BytesIO(key), "recovery.pem"),
            **fields,
        },
    )


def test_what_does_not_open_is_said_with_its_cure_and_no_opening_is_noted(
    application: Flask, lead: TabletClient, bureau: FieldBureau, key: bytes
) -> None:
    ours = json.dumps({**_EMPTY, "tablet": lead.public_id}).encode()
    foreign = json.dumps({**_EMPTY, "tablet": "somebody-elses"}).encode()
    client = signed_in(application, ADMINISTRATOR, PASSWORD)
    assert "另一把恢复密钥" in _send(client, ours, key)
    assert "口令不对" in _send(client, ours, key, passphrase="another one")
    assert "文件不是恢复密钥" in _send(client, ours, b"-----BEGIN NOTHING-----")
    assert "没有选择恢复密钥文件" in _send(client, ours, b"k" * 65 * 1024)
    assert "不是本局登记过的平板" in _send(client, foreign, key)
    assert "读不成 JSON" in _send(client, b"\x89PNG", key)
    assert "理由" in _send(client, ours, key, reason=" ")
    told = _send(client, ours, key, passphrase="another one", reason="平板摔坏")
    assert 'value="平板摔坏"' in told
    assert "another one" not in told, "a passphrase is never sent back"
    with read_only(bureau.engine) as session:
        assert session.exec(select(ExportOpening)).all() == []
    assert "还没有打开过" in client.get(PAGE)


def test_only_the_administrator_opens_an_export(
    application: Flask, lead: TabletClient, bureau: FieldBureau, key: bytes
) -> None:
    client = signed_in(application, EDITOR, PASSWORD)
    client.get("/desk/")
    assert client.client.get(PAGE).status_code == 403
    assert client.post(PAGE, {"reason": "好奇"}).status_code == 403
