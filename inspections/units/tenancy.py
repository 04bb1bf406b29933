"""From which day and to which day a unit that is new to the register traded, as far as its row tells."""

from collections.abc import Sequence
from datetime import date, timedelta

from inspections.units.matching import ENDED_STATES
from inspections.units.queries import KnownUnit
from inspections.units.register_file import UnitTable
from inspections.units.tables import UnitState

_DAY = timedelta(days=1)


def first_days(rows: UnitTable, before: Sequence[KnownUnit | None], on: date) -> list[date]:
    """Each new unit's first day; `before` is who traded at its door until now, where somebody did."""
    columns = rows.columns
    facts = zip(columns["from_on"], columns["licence_from_on"], columns["state"], strict=True)
    days = [_first_day(given, licensed, state, on) for given, licensed, state in facts]
    for index, unit in enumerate(before):
        if unit is not None and unit.until_on is not None:
            days[index] = max(days[index], unit.until_on + _DAY)
    return days


def _first_day(given: date | None, licensed: date | None, state: UnitState, on: date) -> date:
    """The row's own day; else a licence that began earlier shows that the unit traded by then."""
    # A row that says "closed" gives the day of the closing instead.
    if given is not None and state not in ENDED_STATES:
        return given
    latest = given or on
    return licensed if licensed is not None and licensed < latest else latest


def last_days(rows: UnitTable, from_ons: Sequence[date], on: date) -> list[date | None]:
    """The day before the closing for units that their row says are closed; none for the others."""
    given, states = rows.columns["from_on"], rows.columns["state"]
    return [
        max(began, (closed or on) - _DAY) if state in ENDED_STATES else None
        for began, closed, state in zip(from_ons, given, states, strict=True)
    ]


def earlier_first_day(
    unit: KnownUnit, *, given: date | None, licensed: date | None, may_begin_on: date | None
) -> date | None:
    """An earlier first day of a known unit that a row gives or its licence shows; none where neither does."""
    first = given or licensed
    if first is None or first >= unit.from_on or may_begin_on is None:
        return None
    began_on = max(first, may_begin_on)
    return began_on if began_on < unit.from_on else None
