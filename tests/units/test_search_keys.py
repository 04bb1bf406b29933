"""Search keys: pinyin and initials of what may be shown, filled by a job, correctable by people."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.changes import Subject
from inspections.record.database import read_only, transaction
from inspections.record.tables import AuditEvent, Change
from inspections.units.search_keys import fill_search_keys, pinyin_keys
from inspections.units.service import correct_search_keys
from inspections.units.tables import SearchKey
from tests.units.register import LATER, NOW, A, load


def fill(engine: Engine) -> int:
    with transaction(engine) as session:
        return fill_search_keys(session)


def key_of(engine: Engine) -> SearchKey:
    with read_only(engine) as session:
        return session.exec(select(SearchKey)).one()


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("重庆小面", "chongqingxiaomian", "cqxm"),
        ("老味道（大学城店）", "laoweidaodaxuechengdian", "lwddxcd"),
        ("Café 咖啡", "cafekafei", "ckf"),
        ("CRÈME BRULEE", "cremebrulee", "c"),
        ("7号 面馆", "7haomianguan", "7hmg"),
        ("！！", "", ""),
    ],
)
def test_a_name_is_found_by_pinyin_by_initials_and_without_accents(
    name: str, pinyin: str, initials: str
) -> None:
    assert pinyin_keys(name) == (pinyin, initials)


def test_keys_are_made_once_and_again_when_a_name_changes(database: Engine) -> None:
    load(database, replace(A, sign_name="福满源"))
    assert (fill(database), fill(database)) == (1, 0)
    assert key_of(database).pinyin == "fumanyuan fumanyuancanyindian"
    load(database, replace(A, sign_name="春来"), on=LATER)
    assert fill(database) == 1
    assert key_of(database).initials == "cl fmycyd"
    with read_only(database) as session:
        assert {change.subject for change in session.exec(select(Change))} == {Subject.PREMISES}


def test_a_natural_persons_name_is_not_found_by_its_pinyin(database: Engine) -> None:
    load(database, replace(A, licence_name="钱小满", holder_is_natural_person=True, sign_name="巷口早点"))
    fill(database)
    assert key_of(database).pinyin == "xiangkouzaodian getijingyingzhe"


def test_keys_that_a_person_corrected_stay_and_the_correction_is_signed(database: Engine) -> None:
    load(database, replace(A, licence_name="长乐面馆"))
    fill(database)
    with transaction(database) as session:
        correct_search_keys(session, 1, pinyin="ChangLeMianGuan", initials="CLMG", actor="陈静", now=NOW)
    load(database, replace(A, licence_name="长乐面馆二店"), on=LATER)
    assert fill(database) == 0
    assert (key_of(database).pinyin, key_of(database).corrected_by) == ("changlemianguan", "陈静")
    with read_only(database) as session:
        events = session.exec(select(AuditEvent.event).where(AuditEvent.actor == "陈静")).all()
    assert events == ["search_keys_corrected"]
