"""The report of an import: every fault at its place, and the bad rows ready to be mended and imported."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from inspections.surface.sheets.faults import Fault, SheetError
from inspections.surface.sheets.rows import Row

# The limits of the format itself: what exceeds them would be dropped silently.
_LONGEST_CELL = 32_767
_MOST_ROWS = 1_000_000
FAULT_HEADERS = ("行", "列", "值", "问题", "怎么改", "程度")


def write_report(
    path: Path,
    faults: Iterable[Fault],
    bad_rows: Iterable[Row],
    headers: Sequence[str],
    *,
    lists: Sequence[tuple[str, Sequence[str], Iterable[Sequence[str]]]] = (),
) -> None:
    """Write an XLSX report; `lists` are further sheets: title, headers, rows (absent units and the like)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), options)
    bold = book.add_format({"bold": True, "bg_color": "#EEEEEE"})
    _write(book, bold, "问题", FAULT_HEADERS, (_fault_cells(fault) for fault in faults))
    _write(book, bold, "有问题的行", headers, ([_cell(cell) for cell in row.cells] for row in bad_rows))
    for title, list_headers, rows in lists:
        _write(book, bold, title, list_headers, rows)
    try:
        book.close()
    except FileCreateError as error:
        raise SheetError(
            f"报告写不进 {path}（{error}）；请检查目录的权限和磁盘空间。没有导入任何内容。"
        ) from error


def _fault_cells(fault: Fault) -> list[str]:
    level = "提示" if fault.is_warning else "错误"
    return [str(fault.row or ""), fault.column, fault.value, fault.what, fault.cure, level]


def _cell(cell: object) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else "" if cell is None else str(cell)


def _write(book: Any, bold: Any, title: str, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(headers) - 1, 0), 20)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header, bold)
    for number, cells in enumerate(islice(rows, _MOST_ROWS), start=1):
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, cell[:_LONGEST_CELL])
