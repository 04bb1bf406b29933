"""Grades that rest on assumed values: marked on the desk, never in a roster outside a demonstration."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from inspections.campaigns.errors import CampaignError
from inspections.campaigns.planning import make_plan
from inspections.campaigns.pool import pool_of, strata_of
from inspections.campaigns.rules import PoolRule, StrataBy, StrataRule
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.settings import set_setting
from inspections.units.tables import UnitStanding
from tests.bureau import ADMINISTRATOR, FIRST_DAY
from tests.campaigns.office import MANAGER, MONTH, Office, commit_now, draw_now, plan
from tests.campaigns.test_desk import Desk

BY_GRADE = StrataRule(StrataBy.GRADE, {"D 级": 4})
FLAG = "含推定值"


@pytest.fixture
def graded(office: Office, now: datetime) -> Office:
    """An office whose grades are public; every second unit is D, and that rests on assumed values."""
    with transaction(office.engine) as session:
        for place, unit in enumerate(office.units):
            session.add(
                UnitStanding(
                    unit_id=unit,
                    as_of=civil_day(now),
                    grade="AD"[place % 2],
                    due_on=civil_day(now) + timedelta(days=5),
                    rests_on_assumed=bool(place % 2),
                )
            )
        set_setting(
            session, key="grade_is_public", value="yes", from_on=FIRST_DAY, actor=ADMINISTRATOR, now=now
        )
        session.flush()
        make_plan(session, civil_day(now).year, actor=MANAGER, now=now)
    return office


def test_a_pool_says_how_many_of_a_stratum_are_there_by_an_assumed_grade(
    graded: Office, now: datetime
) -> None:
    with read_only(graded.engine) as session:
        units = pool_of(session, PoolRule(), BY_GRADE, on=civil_day(now))
        by_type = pool_of(session, PoolRule(), StrataRule(StrataBy.UNIT_TYPE), on=civil_day(now))
    assert [(one.name, one.assumed) for one in strata_of(units, BY_GRADE, 6)] == [("A 级", 0), ("D 级", 12)]
    assert not any(unit.rests_on_assumed for unit in by_type), "a type is no grade"


@pytest.mark.parametrize(
    ("pool", "strata"),
    [(PoolRule(), BY_GRADE), (PoolRule(grades=("D",)), StrataRule())],
    ids=["strata", "pool"],
)
def test_an_assumed_grade_never_reaches_a_roster_outside_a_demonstration(
    graded: Office, now: datetime, pool: PoolRule, strata: StrataRule
) -> None:
    plan(graded, now, pool=pool, strata=strata)
    with pytest.raises(CampaignError, match=r"12 家的风险等级用了推定值.*本局确定这些数值"):
        commit_now(graded, now)
    with transaction(graded.engine) as session:
        set_mark(session, DEMONSTRATION, now=now, note="2026-11-24")
    assert commit_now(graded, now).units >= 12


def test_the_desk_marks_assumed_grades_before_and_after_the_draw(
    graded: Office, now: datetime, tmp_path: Path, time_machine: Any
) -> None:
    time_machine.move_to(now, tick=False)
    plan(graded, now, strata=BY_GRADE)
    manager = Desk(graded, tmp_path / "office").as_(MANAGER)
    page = f"/desk/campaigns/{MONTH}"
    assert f"D 级 12 家{FLAG}" in manager.page(page).get_text()
    assert manager.page(f"{page}/pool").get_text().count(f"D 级 {FLAG}") == 12
    assert f"D {FLAG}" in manager.page("/desk/plan/?within=-1").get_text()
    with transaction(graded.engine) as session:
        set_mark(session, DEMONSTRATION, now=now, note="2026-11-24")
    commit_now(graded, now)
    draw_now(graded, now)
    assert f"D 级 {FLAG}" in manager.page(page).get_text()
