"""Promises of the settings page: what holds where nothing is set is said, and is what holds."""

from inspections.inbox.exchange.service import VOTES_PER_NETWORK
from inspections.people.tablets import OFFLINE_DAYS
from inspections.record.settings import KINDS
from inspections.rulebooks.queries import DEFAULT_CHECKLIST
from inspections.units.web import LINK_DAYS


def test_the_defaults_that_are_shown_are_those_that_hold() -> None:
    shown = {key: kind.usual for key, kind in KINDS.items() if kind.usual}
    assert shown == {
        "tablet_offline_days": str(OFFLINE_DAYS),
        "unit_link_days": str(LINK_DAYS),
        "votes_per_network": str(VOTES_PER_NETWORK),
        "record_prefix": "食检",
        "visit_checklist": DEFAULT_CHECKLIST,
    }
