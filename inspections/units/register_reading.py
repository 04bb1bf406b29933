"""Rows of a register file on their way into a table: faults between cells and between rows."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.rows import Chunk, Headers, Row
from inspections.units.matching import ENDED_STATES, Named
from inspections.units.numbers import region_warning
from inspections.units.register_file import FIELDS, UnitTable, gather

_BOTH = "请对照证照改正其中一行；这些行都没有导入"
_NUMBERS = ("licence_number", "credit_code", "code")


@dataclass
class RegisterReading:
    """The good rows of a file as a table, the bad ones with their faults and the numbers they name."""

    headers: Headers
    table: UnitTable = field(default_factory=UnitTable.empty)
    faults: list[Fault] = field(default_factory=list)
    bad: list[Row] = field(default_factory=list)
    read: int = 0
    again: Callable[[], Iterable[Chunk]] = tuple
    _named: dict[str, set[Any]] = field(default_factory=lambda: {name: set() for name in _NUMBERS})

    @classmethod
    def of(
        cls,
        headers: Headers,
        chunks: Iterable[Chunk],
        region: str | None,
        again: Callable[[], Iterable[Chunk]],
    ) -> "RegisterReading":
        """Read every chunk, then compare the rows with each other; `again` begins the file anew."""
        reading = cls(headers, again=again)
        for chunk in chunks:
            reading.read += len(chunk)
            reading._check_rows(chunk, region)
            reading._keep(chunk)
        refused = reading._compare_rows()
        if refused:
            reading._refuse(refused)
        return reading

    @property
    def named(self) -> Named:
        """The numbers that bad rows name: their units are in the file, though they could not be loaded."""
        licences, credit_codes, codes = (frozenset(self._named[name] - {None}) for name in _NUMBERS)
        return Named(licences, credit_codes, codes)

    def _check_rows(self, chunk: Chunk, region: str | None) -> None:
        licences, credit_codes = chunk.columns["licence_number"], chunk.columns["credit_code"]
        if None in licences:
            for place, licence in enumerate(licences):
                if licence is None and credit_codes[place] is None and chunk.is_good(place):
                    what, cure = "许可证编号和信用代码都是空的", "至少填一个，否则认不出是哪个单位"
                    chunk.fault(place, "许可证编号", "", what, cure)
        self._check_days(chunk)
        if region is not None:
            for place, licence in enumerate(licences):
                if licence is not None and licence[3:9] != region:
                    warning = region_warning(licence, region) or ""
                    chunk.fault(place, "许可证编号", licence, warning, "如属实可不理会", is_warning=True)

    def _check_days(self, chunk: Chunk) -> None:
        days = (chunk.columns["licence_from_on"], chunk.columns["licence_until_on"])
        for place, (began, ends) in enumerate(zip(*days, strict=True)):
            if began is not None and ends is not None and ends < began:
                what, cure = f"早于许可证起始 {began}", "请对照证照核对这两个日期"
                chunk.fault(place, "许可证有效期至", ends.isoformat(), what, cure)

    def _keep(self, chunk: Chunk) -> None:
        wrong = {place for place in chunk.faults if not chunk.is_good(place)}
        for place in sorted(chunk.faults):
            self.faults += chunk.faults[place]
        self.bad += [chunk.row(place) for place in sorted(wrong)]
        for name in _NUMBERS:
            self._named[name].update(chunk.columns[name][place] for place in wrong)
        if not wrong:
            self.table.extend(chunk.columns, chunk.numbers)
            return
        good = [place for place in range(len(chunk)) if place not in wrong]
        columns = {name: gather(chunk.columns[name], good) for name in FIELDS}
        self.table.extend(columns, gather(chunk.numbers, good))

    def _compare_rows(self) -> set[int]:
        """Rows that contradict each other are reported and not loaded; a repetition loads once."""
        columns = self.table.columns
        refused = self._repeated("许可证编号", columns["licence_number"])
        refused |= self._repeated("门店码", columns["code"])
        if None in columns["licence_number"]:
            refused |= self._repeated("统一社会信用代码", self._operators_at_doors())
        return refused

    def rows(self, numbers: Collection[int]) -> list[Row]:
        """Rows by their number in the file, which is read once more for the sake of few."""
        if not numbers:
            return []
        chunks = self.again()
        return [chunk.row(place) for chunk in chunks for place, n in enumerate(chunk.numbers) if n in numbers]

    def _refuse(self, refused: set[int]) -> None:
        """Take rows out of the table."""
        numbers = {self.table.numbers[place] for place in refused}
        for name in _NUMBERS:
            self._named[name].update(self.table.columns[name][place] for place in refused)
        self.table = self.table.take([place for place in range(len(self.table)) if place not in refused])
        self.bad += self.rows(numbers)

    def _operators_at_doors(self) -> list[str | None]:
        """Credit code and door of rows among which one has no licence number: there must be one of each.

        A row that says "closed" stands apart: it may be of a former licence.
        """
        columns = self.table.columns
        facts = zip(columns["credit_code"], self.table.door_keys(), columns["state"], strict=True)
        keys = [f"{code} {door} {state in ENDED_STATES}" for code, door, state in facts]
        licences = columns["licence_number"]
        unnumbered = {key for key, licence in zip(keys, licences, strict=True) if licence is None}
        return [key if key in unnumbered else None for key in keys]

    def _repeated(self, column: str, values: Sequence[str | None]) -> set[int]:
        counts = Counter(value for value in values if value is not None)
        if len(counts) == sum(counts.values()):
            return set()
        groups: dict[str, list[int]] = {}
        for place, value in enumerate(values):
            if value is not None and counts[value] > 1:
                groups.setdefault(value, []).append(place)
        refused: set[int] = set()
        for value, places in groups.items():
            refused |= self._judge(column, value, places)
        return refused

    def _judge(self, column: str, value: str, places: Sequence[int]) -> set[int]:
        """Places refused among rows that share a value which only one row may have."""
        first, numbers, name = places[0], self.table.numbers, self.headers.name(column)
        if all(self.table.row(place) == self.table.row(first) for place in places[1:]):
            for place in places[1:]:
                what = f"与第 {numbers[first]} 行完全相同"
                fault = Fault(numbers[place], name, value, what, "重复的行只导入一次", is_warning=True)
                self.faults.append(fault)
            return set(places[1:])
        if column == "许可证编号" and self._tell_a_move(places):
            return set()
        for place in places:
            others = "、".join(str(numbers[other]) for other in places if other != place)
            what = f"与第 {others} 行的{column}相同，内容不同"
            self.faults.append(Fault(numbers[place], name, value, what, _BOTH))
        return set(places)

    def _tell_a_move(self, places: Sequence[int]) -> bool:
        """Whether rows with one licence number are of one holder who has left every door but one."""
        columns, doors = self.table.columns, self.table.door_keys()
        open_places = [place for place in places if columns["state"][place] not in ENDED_STATES]
        names = {columns["licence_name"][place] for place in places}
        return (
            len(open_places) == 1
            and len(names) == 1
            and len({doors[place] for place in places}) == len(places)
        )
