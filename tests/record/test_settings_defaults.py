"""Promises of settings with a usual value: it holds until the bureau sets another, and the page says so."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from inspections.record.database import read_only, transaction
from inspections.record.settings import KINDS, SettingError, set_setting, settings_on

FROM = date(2026, 6, 1)
USUAL = {key: kind.usual for key, kind in KINDS.items() if kind.usual is not None}


@pytest.mark.parametrize("key", USUAL)
def test_a_usual_value_is_one_that_could_be_set_and_holds_until_another_is(
    database: Engine, now: datetime, key: str
) -> None:
    usual = USUAL[key]
    assert KINDS[key].read(str(usual)) == usual
    other = {"record_prefix": "某检", "visit_checklist": "cn-catering-2016-1-3"}.get(key, "3")
    with transaction(database) as session:
        set_setting(session, key=key, value=other, from_on=FROM, actor="甲", now=now)
    with read_only(database) as session:
        assert settings_on(session, date(2026, 5, 31)).text(key) == str(usual)
        assert settings_on(session, FROM).text(key) == other


def test_a_number_that_is_neither_set_nor_usual_is_an_error_with_its_cure(database: Engine) -> None:
    with read_only(database) as session, pytest.raises(SettingError, match="红榜条目公示天数"):
        settings_on(session, FROM).number("red_term_days")
