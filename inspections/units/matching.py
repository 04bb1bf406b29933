"""Which unit of the register each row of a file is about.

The same credit code at the same door is the same unit, whatever its licence number. A licence number found
at another door is proposed as a move; another operator where somebody trades whom the file no longer names
is proposed as a change of operator. An ended row of who goes on at that door by another row is a former
licence and nothing more. Everything else is a new unit, at a vacant door or a new one.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto
from typing import NamedTuple

from inspections.units.numbers import may_be_one_holder
from inspections.units.queries import KnownUnit
from inspections.units.register_file import UnitTable
from inspections.units.tables import UnitState

ENDED_STATES = frozenset({UnitState.CLOSED, UnitState.MOVED})
_DAY = timedelta(days=1)


class Outcome(Enum):
    """What a row means for the register."""

    SAME = auto()
    NEW = auto()
    OPERATOR_CHANGE = auto()
    MOVE = auto()
    OTHER_HOLDER = auto()
    NO_CREDIT_CODE = auto()
    FORMER_LICENCE = auto()
    AMBIGUOUS = auto()


# What only a person can put right, in the file.
CONTRADICTIONS = frozenset({Outcome.OTHER_HOLDER, Outcome.NO_CREDIT_CODE, Outcome.AMBIGUOUS})


@dataclass(frozen=True, slots=True)
class Match:
    """A row's meaning: the unit it is about, or the vacant door (by a unit that traded there)."""

    outcome: Outcome
    unit: KnownUnit | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """Numbers that a file names besides its good rows: no unit that has one of them is absent."""

    licences: frozenset[str] = frozenset()
    credit_codes: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()

    def holds(self, unit: KnownUnit) -> bool:
        """Whether one of the numbers is the unit's."""
        return (
            unit.licence_number in self.licences
            or unit.credit_code in self.credit_codes
            or unit.code in self.codes
        )


class _Facts(NamedTuple):
    """What a row says of who trades there."""

    licence: str | None
    credit_code: str | None
    name: str
    sign: str | None
    state: UnitState
    row_hash: str

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED_STATES


_NEW = Match(Outcome.NEW)


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
        self._by_licence = _holders(known)
        self._licences: set[str | None] = set()
        self._former: set[str | None] = set()
        self._met: set[int] = set()
        self._ending: set[int] = set()
        self._filled: set[int] = set()
        self._ambiguous: dict[int, KnownUnit] = {}

    def matches(self) -> list[Match]:
        """One match for each row, in the order of the file."""
        columns = self._table.columns
        if not self._by_door and ENDED_STATES.isdisjoint(columns["state"]):
            return [_NEW] * len(self._table)
        names = ("licence_number", "credit_code", "licence_name", "sign_name", "state")
        rows = zip(*(columns[name] for name in names), self._table.hashes(), strict=True)
        facts = [_Facts(*row) for row in rows]
        former = _former_licences(facts, self._keys)
        places = [place for place in range(len(facts)) if place not in former]
        self._licences = {facts[place].licence for place in places} - {None}
        self._former = {facts[place].licence for place in former} - {None}
        found: dict[int, Match] = {}
        # The surest evidence first, over the whole file: a row must not take another row's unit.
        for is_same in _STAGES:
            self._find_same(places, facts, is_same, found)
        for is_same in _STAGES_OF_FORMER:
            self._find_same(sorted(former), facts, is_same, found)
        found |= {place: Match(Outcome.FORMER_LICENCE) for place in former if place not in found}
        return [
            found[place] if place in found else self._other(place, facts[place])
            for place in range(len(facts))
        ]

    def _find_same(
        self,
        places: Iterable[int],
        facts: Sequence[_Facts],
        is_same: "_IsSame | None",
        found: dict[int, Match],
    ) -> None:
        for place in places:
            if place in found:
                continue
            row = facts[place]
            if place in self._ambiguous or (is_same in _WEAK and self._is_anothers(place, row)):
                continue
            unit = self._same(place, row, is_same) if is_same else self._ended_elsewhere(place, row)
            if unit is not None:
                found[place] = Match(Outcome.SAME, unit)

    def absent(self, named: Named) -> list[KnownUnit]:
        """Trading units that the file did not name, not even in a row that could not be loaded."""
        unmet = (unit for unit in self._trading if unit.unit_id not in self._met)
        return [unit for unit in unmet if not named.holds(unit)]

    def may_begin_on(self, unit: KnownUnit) -> date | None:
        """The first day that a unit may have begun on: nobody else was there, and it did not move in."""
        if unit.moved_from_unit_id is not None:
            return None
        before = [other for other in self._by_code[unit.code] if other.unit_id != unit.unit_id]
        ends = [other.until_on for other in before if other.until_on and other.from_on <= unit.from_on]
        return max(ends) + _DAY if ends else date.min

    def _same(self, place: int, facts: _Facts, is_same: "_IsSame") -> KnownUnit | None:
        here = self._here(place)
        fitting = [unit for unit in here if is_same(facts, unit) and self._is_free(unit, facts)]
        best = self._best(place, fitting)
        if best is None or not self._may_go_on(best, place, facts):
            return None
        self._meet(best, facts)
        if not facts.is_ended:
            self._filled.add(best.premises_id)
        return best

    def _best(self, place: int, fitting: Sequence[KnownUnit]) -> KnownUnit | None:
        """The one unit that is meant: who trades, else who traded last; none where several are."""
        trading = [unit for unit in fitting if unit.until_on is None]
        if len(trading) > 1:
            # Where one of them is closed by another row, the others are meant.
            trading = [unit for unit in trading if unit.licence_number not in self._former] or trading
        if len({unit.premises_id for unit in trading}) > 1:
            self._ambiguous[place] = trading[0]
            return None
        return trading[0] if trading else max(fitting, key=_traded_last, default=None)

    def _is_free(self, unit: KnownUnit, facts: _Facts) -> bool:
        """Whether a row may be about a unit: no other row is, and no other holder is meant."""
        if unit.unit_id in self._met or not may_be_one_holder(facts.credit_code, unit.credit_code):
            return False
        # A unit whose own licence number stands in another row belongs to that row.
        return unit.licence_number == facts.licence or unit.licence_number not in self._licences

    def _elsewhere(self, place: int, facts: _Facts) -> KnownUnit | None:
        """Who has the row's licence number at another door: who may be its holder, and traded last."""
        here = self._here(place)
        others = [unit for unit in self._by_licence.get(facts.licence or "", ()) if unit not in here]
        fitting = [unit for unit in others if may_be_one_holder(facts.credit_code, unit.credit_code)]
        return max(
            fitting or others,
            key=lambda unit: (facts.is_ended and _said_before(facts, unit), *_traded_last(unit)),
            default=None,
        )

    def _is_anothers(self, place: int, facts: _Facts) -> bool:
        """Whether a row's licence number is that of another holder who trades elsewhere."""
        holder = self._elsewhere(place, facts)
        if holder is None or holder.until_on is not None:
            return False
        return not may_be_one_holder(facts.credit_code, holder.credit_code)

    def _ended_elsewhere(self, place: int, facts: _Facts) -> KnownUnit | None:
        """Whom a row closes by its licence number, though the row spells the address otherwise."""
        holder = self._elsewhere(place, facts) if facts.is_ended else None
        if holder is None or not self._is_free(holder, facts):
            return None
        self._meet(holder, facts)
        return holder

    def _meet(self, unit: KnownUnit, facts: _Facts) -> None:
        self._met.add(unit.unit_id)
        if facts.is_ended:
            self._ending.add(unit.unit_id)

    def _may_go_on(self, unit: KnownUnit, place: int, facts: _Facts) -> bool:
        """An ended unit opens again only where nobody has traded since, and not while it trades elsewhere."""
        if unit.until_on is None or facts.is_ended:
            return True
        if unit.premises_id in self._filled:
            return False
        if any(other.from_on > unit.until_on for other in self._by_code[unit.code]):
            return False
        holder = self._elsewhere(place, facts)
        return holder is None or holder.until_on is not None

    def _other(self, place: int, facts: _Facts) -> Match:
        if place in self._ambiguous:
            return Match(Outcome.AMBIGUOUS, self._ambiguous[place])
        here = self._here(place)
        holder = self._elsewhere(place, facts)
        match = self._move_of(holder, facts) if holder is not None else None
        if match is not None:
            return match
        for unit in here:
            if unit.until_on is None and unit.unit_id not in self._met and not facts.is_ended:
                self._met.add(unit.unit_id)
                # A change of operator needs a new credit code.
                is_new = facts.credit_code is not None
                return Match(Outcome.OPERATOR_CHANGE if is_new else Outcome.NO_CREDIT_CODE, unit)
        vacant = self._vacant(here)
        return _NEW if vacant is None else Match(Outcome.NEW, vacant)

    def _move_of(self, holder: KnownUnit, facts: _Facts) -> Match | None:
        """What a row means whose licence number a unit at another door has; none where it tells nothing."""
        if not may_be_one_holder(facts.credit_code, holder.credit_code):
            if holder.until_on is not None:
                return None
            self._met.add(holder.unit_id)
            return Match(Outcome.OTHER_HOLDER, holder)
        if facts.is_ended or holder.unit_id in self._met - self._ending:
            return None
        self._met.add(holder.unit_id)
        return Match(Outcome.MOVE, holder)

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


def _holders(known: Sequence[KnownUnit]) -> dict[str, list[KnownUnit]]:
    """Who has or had each licence number last; a unit that moved is found at its new door."""
    found: dict[str, list[KnownUnit]] = {}
    for unit in known:
        if unit.licence_number and unit.moved_to_premises_id is None:
            found.setdefault(unit.licence_number, []).append(unit)
    return found


def _traded_last(unit: KnownUnit) -> tuple[date, int]:
    return unit.until_on or date.max, unit.unit_id


def _said_before(facts: _Facts, unit: KnownUnit) -> bool:
    """The register says of the unit what the row says, word for word."""
    return facts.row_hash == unit.row_hash


def _said_before_with_code(facts: _Facts, unit: KnownUnit) -> bool:
    return facts.credit_code == unit.credit_code and _said_before(facts, unit)


def _same_licence(facts: _Facts, unit: KnownUnit) -> bool:
    return facts.licence is not None and facts.licence == unit.licence_number


def _same_credit_code(facts: _Facts, unit: KnownUnit) -> bool:
    return facts.credit_code is not None and facts.credit_code == unit.credit_code


def _same_credit_code_and_sign(facts: _Facts, unit: KnownUnit) -> bool:
    return _same_credit_code(facts, unit) and facts.sign == unit.sign_name


def _same_name(facts: _Facts, unit: KnownUnit) -> bool:
    """A renewed licence of a holder whose credit code is not known from both sides."""
    return facts.name == unit.licence_name


def _former_licences(facts: Sequence[_Facts], keys: Sequence[str]) -> set[int]:
    """Places of ended rows whose holder goes on at the same door by another row of the file."""
    rows = list(zip(facts, keys, strict=True))
    going_on = {(row.credit_code, key) for row, key in rows if row.credit_code and not row.is_ended}
    return {
        place for place, (row, key) in enumerate(rows) if row.is_ended and (row.credit_code, key) in going_on
    }


_IsSame = Callable[[_Facts, KnownUnit], bool]
# None stands for the ended rows whose unit is found at another address.
_STAGES = (
    _said_before_with_code,
    _same_licence,
    None,
    _same_credit_code_and_sign,
    _same_credit_code,
    _said_before,
    _same_name,
)
_WEAK = (_same_credit_code_and_sign, _same_credit_code, _said_before, _same_name)
_STAGES_OF_FORMER = (_said_before_with_code, _same_licence, None, _said_before)
