"""Promises of the rules that a tablet carries away: those that hold for the unit type on the day."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from inspections.record.database import read_only, transaction
from inspections.rulebooks.queries import newest_checklist, newest_rulebook, shelf_of
from inspections.rulebooks.service import load_seeds
from inspections.visits.sync.bundle_rules import rules_for_tablets


@pytest.fixture
def rules(database: Engine, now: datetime) -> Engine:
    """A bureau that has loaded the shipped rules."""
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
    return database


@pytest.mark.parametrize(
    ("on", "scheme", "until"),
    [(date(2022, 3, 14), "national-2016", "2022-03-14"), (date(2022, 3, 15), "order49-2022", None)],
)
def test_a_tablet_carries_the_rules_of_the_day(
    rules: Engine, on: date, scheme: str, until: str | None
) -> None:
    with read_only(rules) as session:
        checklist = newest_checklist(session, "cn-catering-2016-1-3")
        stored = newest_rulebook(session, scheme)
        found = rules_for_tablets(shelf_of(session), ["restaurant", "snack_shop"], [checklist], on)
    carried = found.pop(str(stored.version_id))[checklist.sha256]
    assert found == {}
    assert carried["scheme"] == carried["portable"]["scheme"] == scheme
    assert (carried["portable"]["rulebook"], carried["portable"]["until"]) == (stored.sha256, until)


def test_before_any_rule_nothing_is_carried(rules: Engine) -> None:
    with read_only(rules) as session:
        checklist = newest_checklist(session, "cn-catering-2016-1-3")
        assert rules_for_tablets(shelf_of(session), ["restaurant"], [checklist], date(2016, 11, 30)) == {}
