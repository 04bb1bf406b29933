"""Promises of the recovery key: no tablet before it; made at the desk, kept by the administrator."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import select

from app import create_app
from inspections.people.recovery import fingerprint_of_key, recovery_key
from inspections.people.tables import RecoveryKey, TabletEnrolment
from inspections.record.configuration import Configuration
from inspections.record.database import read_only
from tests.bureau import ADMINISTRATOR, PASSWORD, open_bureau
from tests.staff import StaffClient, signed_in

PASSPHRASE = "a passphrase of its own"


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """The desk of a bureau that has only just begun."""
    open_bureau(database, now)
    application = create_app(Configuration(data=data_directory))
    yield application
    application.extensions["house"].engine.dispose()


@pytest.fixture
def administrator(desk: Flask) -> StaffClient:
    """The administrator on the tablets' page."""
    client = signed_in(desk, ADMINISTRATOR, PASSWORD)
    client.get("/desk/tablets")
    return client


def _made(database: Engine) -> list[RecoveryKey]:
    with read_only(database) as session:
        return list(session.exec(select(RecoveryKey)).all())


def test_a_bureau_without_a_recovery_key_gives_out_no_tablet(
    database: Engine, administrator: StaffClient
) -> None:
    assert "先生成下面的恢复密钥" in administrator.get("/desk/tablets")
    said = administrator.act("/desk/tablets", {"label": "执法平板01"})
    assert "还没有恢复密钥" in said
    assert "“平板”页" in said
    with read_only(database) as session:
        assert session.exec(select(TabletEnrolment)).all() == []


def test_the_key_is_downloaded_opens_with_its_passphrase_and_tablets_are_given_out_from_then_on(
    database: Engine, administrator: StaffClient
) -> None:
    fields = {"passphrase": PASSPHRASE, "again": PASSPHRASE}
    answer = administrator.post("/desk/tablets/recovery-key", fields)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    private = serialization.load_pem_private_key(answer.data, PASSPHRASE.encode())
    assert isinstance(private, rsa.RSAPrivateKey)
    with read_only(database) as session:
        key = recovery_key(session)
    assert key is not None
    assert key.fingerprint == fingerprint_of_key(private.public_key())
    file = f"recovery-key-{key.short}.pem"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"'
    assert file in administrator.get("/desk/tablets")
    assert "登记码：" in administrator.post("/desk/tablets", {"label": "执法平板01"}).text


def test_a_code_that_nobody_has_used_is_listed_and_can_be_taken_back_once(
    database: Engine, administrator: StaffClient
) -> None:
    administrator.post("/desk/tablets/recovery-key", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert "还没有用的登记码" not in administrator.get("/desk/tablets")
    page = administrator.post("/desk/tablets", {"label": "执法平板01"}).text
    assert "还没有用的登记码" in page
    with read_only(database) as session:
        made = session.exec(select(TabletEnrolment)).one()
    address = f"/desk/tablets/codes/{made.id}/withdraw"
    assert address in page
    assert "“执法平板01”的登记码已作废" in administrator.act(address)
    assert address not in administrator.get("/desk/tablets")
    assert "没有可以作废的" in administrator.act(address)


def test_another_key_takes_the_place_of_the_one_before(database: Engine, administrator: StaffClient) -> None:
    for _ in range(2):
        administrator.post("/desk/tablets/recovery-key", {"passphrase": PASSPHRASE, "again": PASSPHRASE})
    assert [row.retired_at is None for row in _made(database)] == [False, True]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"passphrase": PASSPHRASE, "again": "another one"}, "两次输入的口令不一样"),
        ({"passphrase": "short", "again": "short"}, "口令不足"),
        ({}, "口令不足"),
        ({"passphrase": "长" * 400, "again": "长" * 400}, "口令太长"),
    ],
)
def test_a_passphrase_that_will_not_do_makes_no_key(
    database: Engine, administrator: StaffClient, fields: dict[str, str], sentence: str
) -> None:
    said = administrator.act("/desk/tablets/recovery-key", fields)
    assert sentence in said
    assert PASSPHRASE not in said
    assert _made(database) == []
