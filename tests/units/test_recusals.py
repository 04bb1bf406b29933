"""Promises of recusals: named by a door code, shown with whose unit it is, refused where nobody trades."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import select

from app import create_app
from inspections.people.staffing import record_recusal
from inspections.people.tables import Recusal
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.units.amending import change_sign
from inspections.units.tables import CateringUnit, Premises
from tests.bureau import ADMINISTRATOR, DUMPLINGS, EDITOR, PASSWORD, add_units, open_bureau
from tests.staff import StaffClient, signed_in

PAGE = f"/desk/people/{EDITOR}/recusals"


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A bureau with one unit, 福满源饺子馆."""
    open_bureau(database, now)
    with transaction(database) as session:
        add_units(session, [DUMPLINGS], now)
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    application.extensions["house"].engine.dispose()


@pytest.fixture
def code(database: Engine) -> str:
    """The door code of the one unit."""
    with read_only(database) as session:
        return session.exec(select(Premises.code)).one()


def _recuse(client: StaffClient, code: str, now: datetime, **fields: str) -> str:
    typed = {"form": "recuse", "act": "recuse", "code": code, "from_on": now.date().isoformat(), **fields}
    return client.act(PAGE, typed)


@pytest.mark.parametrize("typed", ["{}", "https://honghei.example/s/{}/", " {} "])
def test_a_recusal_names_a_unit_by_its_door_code_and_shows_whose_it_is(
    desk: Flask, database: Engine, code: str, now: datetime, typed: str
) -> None:
    client = signed_in(desk, ADMINISTRATOR, PASSWORD)
    client.get(PAGE)
    told = _recuse(client, typed.format(code), now, reason="亲属经营")
    assert f"{EDITOR} 回避 {DUMPLINGS.sign_name or DUMPLINGS.licence_name}（{code}" in told
    assert "亲属经营" in told
    with read_only(database) as session:
        assert session.exec(select(Recusal.unit_id)).one() == session.exec(select(CateringUnit.id)).one()
    assert "现在要回避 1 家" in client.get(f"/desk/people/{EDITOR}")


@pytest.mark.parametrize(("typed", "said"), [("7", "不是门店码"), ("2222-2222", "没有在营单位")])
def test_a_unit_that_is_not_there_is_refused_and_nothing_is_recorded(
    desk: Flask, database: Engine, now: datetime, typed: str, said: str
) -> None:
    client = signed_in(desk, ADMINISTRATOR, PASSWORD)
    client.get(PAGE)
    told = _recuse(client, typed, now, reason="亲属经营")
    assert said in told
    assert 'value="亲属经营"' in told, "what was typed stays"
    with read_only(database) as session:
        assert session.exec(select(Recusal)).first() is None


def test_a_recusal_ends_on_a_day_stays_on_record_and_is_nobody_elses(
    desk: Flask, database: Engine, code: str, now: datetime
) -> None:
    client = signed_in(desk, ADMINISTRATOR, PASSWORD)
    client.get(PAGE)
    _recuse(client, code, now)
    day = now.date().isoformat()
    other = f"/desk/people/{ADMINISTRATOR}/recusals"
    assert "没有这条回避记录" in client.act(other, {"act": "end", "recusal_id": "1", "until_on": day})
    early = client.act(PAGE, {"act": "end", "recusal_id": "1", "until_on": "2020-01-01"})
    assert "早于第一天" in early
    assert "记录保留" in client.act(PAGE, {"act": "end", "recusal_id": "1", "until_on": day})
    with read_only(database) as session:
        assert session.exec(select(Recusal)).one().until_on == now.date()


def test_a_recusal_from_a_unit_that_closed_since_still_shows_whose_it_was_last(
    desk: Flask, database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        unit = session.exec(select(CateringUnit)).one()
        for number, sign in enumerate(("旧牌匾", "新牌匾"), start=1):
            change_sign(
                session, unit.id or 0, sign, from_on=unit.from_on + timedelta(days=number),
                actor=ADMINISTRATOR, now=now,
            )  # fmt: skip
        record_recusal(
            session, EDITOR, unit_id=unit.id or 0, reason="", from_on=unit.from_on,
            actor=ADMINISTRATOR, now=now,
        )  # fmt: skip
        unit.until_on = unit.from_on
        session.add(unit)
    page = signed_in(desk, ADMINISTRATOR, PASSWORD).get(PAGE)
    assert "新牌匾" in page
    assert "旧牌匾" not in page
