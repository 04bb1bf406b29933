"""Rows of a register file on their way into a table: faults between cells and between rows."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.rows import Chunk, Row
from inspections.units.numbers import region_warning
from inspections.units.register_file import FIELDS, UnitTable, gather

_BOTH = "请对照证照改正其中一行；这些行都没有导入"


@dataclass
class RegisterReading:
    """The good rows of a file as a table, the bad ones with their faults."""

    table: UnitTable = field(default_factory=UnitTable.empty)
    faults: list[Fault] = field(default_factory=list)
    bad: list[Row] = field(default_factory=list)
    read: int = 0

    @classmethod
    def of(
        cls, chunks: Iterable[Chunk], region: str | None, again: Callable[[], Iterable[Chunk]]
    ) -> "RegisterReading":
        """Read every chunk, then compare the rows with each other; `again` begins the file anew."""
        reading = cls()
        for chunk in chunks:
            reading.read += len(chunk)
            reading._check_rows(chunk, region)
            reading._keep(chunk)
        refused = reading._compare_rows()
        if refused:
            reading._refuse(refused, again())
        return reading

    def _check_rows(self, chunk: Chunk, region: str | None) -> None:
        licences, credit_codes = chunk.columns["licence_number"], chunk.columns["credit_code"]
        if None in licences:
            for place, licence in enumerate(licences):
                if licence is None and credit_codes[place] is None and chunk.is_good(place):
                    what, cure = "许可证编号和信用代码都是空的", "至少填一个，否则认不出是哪个单位"
                    chunk.fault(place, "许可证编号", "", what, cure)
        if region is not None:
            for place, licence in enumerate(licences):
                if licence is not None and licence[3:9] != region:
                    warning = region_warning(licence, region) or ""
                    chunk.fault(place, "许可证编号", licence, warning, "如属实可不理会", is_warning=True)

    def _keep(self, chunk: Chunk) -> None:
        wrong = {place for place in chunk.faults if not chunk.is_good(place)}
        for place in sorted(chunk.faults):
            self.faults += chunk.faults[place]
        self.bad += [chunk.row(place) for place in sorted(wrong)]
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
            refused |= self._repeated("统一社会信用代码", self._operators_without_licence())
        return refused

    def _refuse(self, refused: set[int], chunks: Iterable[Chunk]) -> None:
        """Take rows out of the table; their cells, wanted for the report, are read once more."""
        numbers = {self.table.numbers[place] for place in refused}
        self.table = self.table.take([place for place in range(len(self.table)) if place not in refused])
        for chunk in chunks:
            self.bad += [chunk.row(place) for place, number in enumerate(chunk.numbers) if number in numbers]

    def _operators_without_licence(self) -> list[str | None]:
        """Credit code and door of rows without a licence number: there must be one of each."""
        columns = self.table.columns
        rows = zip(columns["licence_number"], columns["credit_code"], self.table.door_keys(), strict=True)
        return [f"{code} {door}" if licence is None else None for licence, code, door in rows]

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
        first = places[0]
        numbers = self.table.numbers
        if all(self.table.row(place) == self.table.row(first) for place in places[1:]):
            for place in places[1:]:
                what = f"与第 {numbers[first]} 行完全相同"
                fault = Fault(numbers[place], column, value, what, "重复的行只导入一次", is_warning=True)
                self.faults.append(fault)
            return set(places[1:])
        for place in places:
            others = "、".join(str(numbers[other]) for other in places if other != place)
            what = f"与第 {others} 行的{column}相同，内容不同"
            self.faults.append(Fault(numbers[place], column, value, what, _BOTH))
        return set(places)
