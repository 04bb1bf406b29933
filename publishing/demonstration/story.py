"""What happens to the units in two years: who opens, closes, moves, is renamed, is taken over."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from inspections.units.register_file import UnitRow
from inspections.units.tables import UnitState
from publishing.demonstration.chance import Chance
from publishing.demonstration.days import months_back, some_workday, workday_from, workday_until, years_later
from publishing.demonstration.doors import DoorMaker
from publishing.demonstration.names import NameMaker
from publishing.demonstration.numbers import credit_code
from publishing.demonstration.population import (
    Draft,
    numbered,
    population,
    shop,
    with_kitchen,
)
from publishing.demonstration.units import Change, Closing, Door, Load, Move, NewOperator, Unit
from publishing.demonstration.words import trades

MONTHS = 24
_REFRESH_MONTHS = 9
_LATER, _FRESH = ((19, 8), (15, 10), (11, 8)), 7
_CLOSED, _MOVED, _RENAMED, _TAKEN_OVER = 9, 4, 6, 6
_EXPIRED, _UNSIGNED, _PERSONS, _AREALESS, _ENDING = 5, 6, 14, 5, 4
_SHOPS = ("home", "fast", "noodle", "breakfast", "snack", "drink", "barbecue", "dumpling", "cake")
# Names that test what a page can carry: long, Latin, rare characters.
_STRIKING = (
    "犇羴鱻涮肉馆",
    "饕餮小筑私房菜",
    "囍事宴会酒楼望河路第二分店",
    "八月十五桂花开了请到巷子最里面那家小馆",
    "The Very Long Afternoon Coffee Roasters & Bakehouse",
    "1982·老船坞面馆",
)


@dataclass(frozen=True)
class Story:
    """The register's history: loads, and changes between them; `settled` are all but the newest units."""

    first_day: date
    loads: tuple[Load, ...]
    changes: tuple[Change, ...]
    settled: tuple[Unit, ...]


def tell_story(chance: Chance, on: date) -> Story:
    """The register from two years ago until the day."""
    first_day = workday_from(months_back(on, MONTHS))
    refresh_day = workday_from(months_back(on, _REFRESH_MONTHS))
    last_day = workday_until(months_back(on, 0))
    teller = _Teller(chance, on)
    first = teller.opening(first_day)
    interim = teller.interim(on)
    known = [*first, *(unit for load in interim for unit in load.units)]
    second = teller.refreshed(known, refresh_day)
    newest = teller.newcomers(_FRESH, last_day - timedelta(days=45), last_day)
    changes = teller.changes(second, refresh_day, last_day)
    opening, refresh = Load(first_day, tuple(first)), Load(refresh_day, tuple(second))
    loads = (opening, *interim, refresh, Load(last_day, tuple(newest)))
    return Story(first_day, loads, tuple(changes), tuple(second))


class _Teller:
    def __init__(self, chance: Chance, on: date) -> None:
        self._chance = chance
        self._on = on
        self._names = NameMaker(chance.child("later names"))
        self._doors = DoorMaker(chance.child("later doors"))
        self._trades = {trade.id: trade for trade in trades()}
        self._next = 0

    def opening(self, first_day: date) -> list[Unit]:
        """Everybody on the first day, some of them with what pages must be able to show."""
        units = population(self._chance.child("population"), first_day)
        self._next = len(units)
        for unit in units:
            self._names.claim(unit.row.sign_name or "")
        self._taken_addresses(units)
        return self._with_states(units)

    def interim(self, on: date) -> list[Load]:
        """Shops that opened in between, told of now and then."""
        loads = []
        for months, count in _LATER:
            day = workday_from(months_back(on, months))
            loads.append(Load(day, tuple(self.newcomers(count, day - timedelta(days=100), day))))
        return loads

    def refreshed(self, units: list[Unit], day: date) -> list[Unit]:
        """The register nine months ago: kitchens checked again, some renamed."""
        chance = self._chance.child("refresh")
        since = day - timedelta(days=150)
        again = [replace(unit, row=_kitchen_again(chance, unit.row, since, day)) for unit in units]
        renamed = set(chance.some([u.key for u in again if u.trade in _SHOPS and u.row.sign_name], _RENAMED))
        return [self._renamed(unit) if unit.key in renamed else unit for unit in again]

    def newcomers(self, count: int, first: date, last: date) -> list[Unit]:
        """Shops that open between two days."""
        return [self._newcomer(some_workday(self._chance, first, last)) for _ in range(count)]

    def changes(self, units: list[Unit], first: date, last: date) -> list[Change]:
        """Who closes, moves, or is taken over after the second load."""
        chance = self._chance.child("changes")
        plain = [unit for unit in units if unit.trade in _SHOPS and not unit.row.door_label]
        chosen = chance.some([unit for unit in plain if unit.row.state is UnitState.OPEN], 40)
        changes: list[Change] = []
        for place, unit in enumerate(chosen[: _CLOSED + _MOVED + _TAKEN_OVER]):
            day = some_workday(chance, first + timedelta(days=30), last - timedelta(days=1))
            if place < _CLOSED:
                changes.append(Closing(unit.key, day))
            elif place < _CLOSED + _MOVED:
                changes.append(Move(unit.key, day, self._doors.shop()))
            else:
                changes.append(NewOperator(unit.key, day, self._successor(unit, day)))
        return sorted(changes, key=lambda change: (change.on, change.unit_key))

    def _taken_addresses(self, units: list[Unit]) -> None:
        for unit in units:
            self._doors.take(unit.row.address)

    def _newcomer(self, day: date, *, trade_id: str | None = None, door: Door | None = None) -> Unit:
        trade = self._trades[trade_id or self._chance.pick(_SHOPS)]
        draft = shop(self._chance, self._names, trade, door or self._doors.shop(), opened_on=day)
        return self._number(replace(draft, row=with_kitchen(self._chance, draft.row, day, day)))

    def _successor(self, unit: Unit, day: date) -> Unit:
        old = unit.row
        return self._newcomer(day, trade_id=unit.trade, door=Door(old.street, old.address, old.door_label))

    def _number(self, draft: Draft) -> Unit:
        unit = numbered(draft, self._next)
        self._next += 1
        return unit

    def _renamed(self, unit: Unit) -> Unit:
        trade = self._trades[unit.trade]
        sign = self._names.sign(trade)
        name = self._names.household(sign, unit.row.street, trade)
        return replace(
            unit, row=replace(unit.row, sign_name=sign, licence_name=name, state=UnitState.RENAMED)
        )

    def _with_states(self, units: list[Unit]) -> list[Unit]:
        chance = self._chance.child("states")
        plain = [u.key for u in units if u.trade in _SHOPS and not u.row.chain_headquarters]
        count = len(_STRIKING) + _EXPIRED + _UNSIGNED + _PERSONS + _AREALESS + _ENDING
        keys = iter(chance.some(plain, count))
        by_key = {unit.key: unit for unit in units}

        def give(count: int, change: Callable[[UnitRow, int], UnitRow]) -> None:
            for place in range(count):
                unit = by_key[next(keys)]
                by_key[unit.key] = replace(unit, row=change(unit.row, place))

        give(len(_STRIKING), lambda row, place: replace(row, sign_name=_STRIKING[place]))
        give(_EXPIRED, lambda row, place: _expired(row, self._on - timedelta(days=20 + 35 * place)))
        give(_UNSIGNED, lambda row, _: replace(row, sign_name=None, online_name=None, online_ordering=False))
        give(_PERSONS, lambda row, place: self._held_by_a_person(row, is_said=place % 2 == 0))
        give(_AREALESS, lambda row, _: replace(row, area_m2=None, seats=None))
        give(_ENDING, lambda row, place: _expired(row, self._on + timedelta(days=17 + 11 * place)))
        return list(by_key.values())

    def _held_by_a_person(self, row: UnitRow, *, is_said: bool) -> UnitRow:
        """A licence in its holder's own name; half of the rows leave it to the reader to see that."""
        index = int((row.licence_number or "0")[-7:-1]) % 100_000
        return replace(
            row,
            licence_name=self._names.person(),
            holder_is_natural_person=True if is_said else None,
            credit_code=credit_code("92", index),
        )


def _expired(row: UnitRow, last_day: date) -> UnitRow:
    from_on = years_later(last_day, -5) + timedelta(days=1)
    return replace(row, licence_from_on=from_on, licence_until_on=last_day, from_on=from_on)


def _kitchen_again(chance: Chance, row: UnitRow, first: date, last: date) -> UnitRow:
    if row.open_kitchen_checked_on is not None:
        day = some_workday(chance, first, last - timedelta(days=1))
        return replace(row, open_kitchen_checked_on=day)
    return with_kitchen(chance, row, first, last - timedelta(days=1)) if chance.percent(12) else row
