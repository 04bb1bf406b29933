"""Promises of judging a visit by the rules in force: here, and by what a device carries away."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from grading.judging import Judgement
from inspections.record.database import read_only, transaction
from inspections.rulebooks.judging import CarriedRules, judge_visit, rules_to_carry
from inspections.rulebooks.queries import newest_checklist, newest_rulebook
from inspections.rulebooks.service import load_seeds


@pytest.fixture
def checklist_id(database: Engine, now: datetime) -> int:
    """The stored 2016 checklist of a bureau that has loaded the shipped rules."""
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
        return newest_checklist(session, "cn-catering-2016-1-3").version_id


@pytest.mark.parametrize(
    ("on", "scheme", "result"),
    [
        (date(2022, 3, 14), "national-2016", "basically_compliant"),
        (date(2022, 3, 15), "order49-2022", None),
    ],
)
def test_a_visit_is_judged_by_the_rules_of_its_day(
    database: Engine, checklist_id: int, on: date, scheme: str, result: str | None
) -> None:
    answers = "F" + "P" * 29
    with read_only(database) as session:
        judged = _judge(session, checklist_id, on, answers)
        carried = _carry(session, checklist_id, on)
        stored = newest_rulebook(session, scheme)
    assert judged is not None
    assert carried is not None
    assert (judged.scheme, judged.result) == (scheme, result)
    assert judged.rulebook_sha256 == stored.sha256 == carried.data["rulebook"]
    assert (carried.rulebook_version_id, carried.checklist_version_id) == (stored.version_id, checklist_id)
    assert carried.data["until"] == ("2022-03-14" if scheme == "national-2016" else None)


def test_before_any_rule_nothing_is_judged_or_carried(database: Engine, checklist_id: int) -> None:
    with read_only(database) as session:
        assert _judge(session, checklist_id, date(2016, 11, 30), "P" * 30) is None
        assert _carry(session, checklist_id, date(2016, 11, 30)) is None


def _judge(session: Session, checklist_id: int, on: date, answers: str) -> Judgement | None:
    return judge_visit(
        session, checklist_version_id=checklist_id, unit_type="restaurant", on=on, answers=answers
    )


def _carry(session: Session, checklist_id: int, on: date) -> CarriedRules | None:
    return rules_to_carry(session, checklist_version_id=checklist_id, unit_type="restaurant", on=on)
