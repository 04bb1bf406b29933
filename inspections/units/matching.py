"""Which unit of the register each row of a file is about.

The same credit code at the same door is the same unit, whatever its licence number. A licence number found
at another door is proposed as a move; another operator where somebody trades whom the file no longer names
is proposed as a change of operator. Everything else is a new unit, at a vacant door or a new one.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from inspections.units.numbers import is_masked_identity
from inspections.units.queries import KnownUnit
from inspections.units.register_file import UnitTable
from inspections.units.tables import UnitState

ENDED_STATES = frozenset({UnitState.CLOSED, UnitState.MOVED})


class Outcome(Enum):
    """What a row means for the register."""

    SAME = auto()
    NEW = auto()
    OPERATOR_CHANGE = auto()
    MOVE = auto()
    OTHER_HOLDER = auto()


@dataclass(frozen=True, slots=True)
class Match:
    """A row's meaning: the unit it is about, or the vacant door (by a unit that traded there)."""

    outcome: Outcome
    unit: KnownUnit | None = None


_NEW = Match(Outcome.NEW)
_Facts = tuple[str | None, str | None, str, UnitState]


class Matcher:
    """What the register holds, indexed, and which of it the file has named."""

    def __init__(self, known: Sequence[KnownUnit], table: UnitTable, keys: Sequence[str]) -> None:
        self._table = table
        self._keys = keys
        self._trading = [unit for unit in known if unit.until_on is None]
        self._by_door: dict[str, list[KnownUnit]] = {}
        self._by_code: dict[str, list[KnownUnit]] = {}
        for unit in known:
            self._by_door.setdefault(unit.door_key, []).append(unit)
            self._by_code.setdefault(unit.code, []).append(unit)
        self._by_licence = {unit.licence_number: unit for unit in self._trading if unit.licence_number}
        self._licences = set(table.columns["licence_number"]) - {None}
        self._met: set[int] = set()
        self._filled: set[int] = set()

    def matches(self) -> list[Match]:
        """One match for each row, in the order of the file."""
        if not self._by_door:
            return [_NEW] * len(self._table)
        found: dict[int, Match] = {}
        columns = self._table.columns
        facts: list[_Facts] = list(
            zip(
                columns["licence_number"],
                columns["credit_code"],
                columns["licence_name"],
                columns["state"],
                strict=True,
            )
        )
        # The surest evidence first, over the whole file: a row must not take another row's unit.
        for is_same in (_same_licence, _same_credit_code, _same_name):
            for place in range(len(facts)):
                if place not in found and (unit := self._same(place, facts[place], is_same)):
                    found[place] = Match(Outcome.SAME, unit)
        return [
            found[place] if place in found else self._other(place, facts[place])
            for place in range(len(facts))
        ]

    def absent(self) -> list[KnownUnit]:
        """Trading units that the file did not name."""
        return [unit for unit in self._trading if unit.unit_id not in self._met]

    def _same(
        self, place: int, facts: _Facts, is_same: Callable[[_Facts, KnownUnit], bool]
    ) -> KnownUnit | None:
        best: KnownUnit | None = None
        here = self._here(place)
        # A name tells units apart only where one unit alone has it.
        if is_same is _same_name and sum(unit.licence_name == facts[2] for unit in here) > 1:
            return None
        for unit in here:
            if unit.unit_id in self._met or not is_same(facts, unit) or _other_holder(facts[1], unit):
                continue
            # A unit whose own licence number stands in another row belongs to that row.
            if unit.licence_number != facts[0] and unit.licence_number in self._licences:
                continue
            if unit.until_on is None:
                best = unit
                break
            best = unit
        if best is None or not self._may_go_on(best, facts):
            return None
        self._met.add(best.unit_id)
        if facts[3] not in ENDED_STATES:
            self._filled.add(best.premises_id)
        return best

    def _may_go_on(self, unit: KnownUnit, facts: _Facts) -> bool:
        """An ended unit opens again only where nobody else trades, now or by another row."""
        if unit.until_on is None or facts[3] in ENDED_STATES:
            return True
        if unit.premises_id in self._filled:
            return False
        return not any(other.until_on is None for other in self._by_code[unit.code])

    def _other(self, place: int, facts: _Facts) -> Match:
        here = self._here(place)
        holder = self._by_licence.get(facts[0]) if facts[0] else None
        if holder is not None and holder.unit_id not in self._met and holder not in here:
            self._met.add(holder.unit_id)
            return Match(Outcome.OTHER_HOLDER if _other_holder(facts[1], holder) else Outcome.MOVE, holder)
        for unit in here:
            if unit.until_on is None and unit.unit_id not in self._met and facts[3] not in ENDED_STATES:
                self._met.add(unit.unit_id)
                return Match(Outcome.OPERATOR_CHANGE, unit)
        vacant = self._vacant(here)
        return _NEW if vacant is None else Match(Outcome.NEW, vacant)

    def _vacant(self, here: Collection[KnownUnit]) -> KnownUnit | None:
        """Who traded last at the one door here, where it stands empty."""
        if not here or len({unit.premises_id for unit in here}) > 1:
            return None
        last = max(here, key=lambda unit: (unit.from_on, unit.unit_id))
        if last.premises_id in self._filled or any(unit.until_on is None for unit in here):
            return None
        self._filled.add(last.premises_id)
        return last

    def _here(self, place: int) -> list[KnownUnit]:
        code = self._table.columns["code"][place]
        if code is not None:
            return self._by_code.get(code, [])
        return self._by_door.get(self._keys[place], [])


def _same_licence(facts: _Facts, unit: KnownUnit) -> bool:
    return facts[0] is not None and facts[0] == unit.licence_number


def _same_credit_code(facts: _Facts, unit: KnownUnit) -> bool:
    return facts[1] is not None and facts[1] == unit.credit_code


def _same_name(facts: _Facts, unit: KnownUnit) -> bool:
    """A renewed licence of a holder whose credit code nobody has entered."""
    return facts[1] is None and unit.credit_code is None and facts[2] == unit.licence_name


def _other_holder(credit_code: str | None, unit: KnownUnit) -> bool:
    """Whether two full credit codes differ; a masked identity or an empty one says nothing."""
    if credit_code is None or unit.credit_code is None or credit_code == unit.credit_code:
        return False
    return not (is_masked_identity(credit_code) or is_masked_identity(unit.credit_code))
