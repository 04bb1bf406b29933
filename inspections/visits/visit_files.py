"""The files that one import of visits reads: a row for each visit, and perhaps a long file of answers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inspections.surface.sheets.columns import plain
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.reading import Row, Sheet, read_sheet
from inspections.surface.sheets.report import write_report
from inspections.visits.visit_sheet import ITEM_COLUMNS, VISIT_COLUMNS, ItemRows


@dataclass(frozen=True)
class VisitFiles:
    """The file of visits and, where there is one, the long file of their answers, read whole."""

    sheet: Sheet
    rows: list[Row]
    long_sheet: Sheet | None
    long_rows: list[Row]
    sha256: str

    @classmethod
    def read(cls, path: Path, items: Path | None) -> "VisitFiles":
        """Read both files."""
        sheet = read_sheet(path, VISIT_COLUMNS, other_columns=True)
        long_sheet = read_sheet(items, ITEM_COLUMNS) if items is not None else None
        digest = hashlib.sha256(path.read_bytes() + (items.read_bytes() if items else b"")).hexdigest()
        return cls(sheet, list(sheet.rows), long_sheet, list(long_sheet.rows) if long_sheet else [], digest)

    @property
    def items(self) -> ItemRows | None:
        """The answers by record number; none where they stand in columns."""
        return ItemRows.of(self.long_rows) if self.long_sheet is not None else None

    @property
    def bad(self) -> list[Row]:
        """The visits that cannot be loaded."""
        return [row for row in self.rows if not row.is_good]

    @property
    def bad_items(self) -> list[Row]:
        """The rows of the long file that cannot be loaded."""
        return [row for row in self.long_rows if not row.is_good]

    def faults(self) -> list[Fault]:
        """What is wrong with either file, by its place."""
        faults = [*self.sheet.notes, *(fault for row in self.rows for fault in row.faults)]
        inner = [*self.long_sheet.notes] if self.long_sheet is not None else []
        inner += [fault for row in self.long_rows for fault in row.faults]
        return sorted(faults, key=_row_of) + [
            replace(fault, column=f"逐项文件 {fault.column}".strip()) for fault in sorted(inner, key=_row_of)
        ]

    def write_report(self, report: Path, faults: Sequence[Fault]) -> None:
        """The faults, and the bad rows of either file ready to be mended."""
        lists = []
        if self.long_sheet is not None and self.bad_items:
            cells = [[plain(cell) for cell in row.cells] for row in self.bad_items]
            lists = [("逐项文件有问题的行", self.long_sheet.headers, cells)]
        write_report(report, faults, self.bad, self.sheet.headers, lists=lists)


def _row_of(fault: Fault) -> int:
    return fault.row
