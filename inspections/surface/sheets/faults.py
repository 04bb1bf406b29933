"""What is wrong with a cell or a row, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from inspections.record.errors import HouseError

FIRST = 10


class SheetError(HouseError):
    """A file of which nothing can be read."""


class CellError(Exception):
    """One cell does not fit: what is wrong, and how to mend it."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what, cure)
        self.what = what
        self.cure = cure


@dataclass(frozen=True)
class Fault:
    """A fault at its place; `column` is empty where the whole row or file is meant."""

    row: int
    column: str
    value: str
    what: str
    cure: str
    is_warning: bool = False

    def __str__(self) -> str:
        place = f"第 {self.row} 行" if self.row else "文件"
        if self.column:
            place += f"“{self.column}”"
        shown = f"：{self.value}" if self.value else ""
        return f"{place}{shown}，{self.what}。{self.cure}"


def first_faults(faults: Iterable[Fault]) -> tuple[str, ...]:
    """The first few faults that keep a row out, for whoever has no program for the report at hand."""
    return tuple(str(fault) for fault in islice((one for one in faults if not one.is_warning), FIRST))
