"""A file of rows read against declared columns: each row with its values, its faults, or both."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspections.surface.sheets.columns import Column, plain, serial_day
from inspections.surface.sheets.delimited import is_blank, read_delimited
from inspections.surface.sheets.faults import CellError, Fault, SheetError
from inspections.surface.sheets.workbook import WorkbookSheet, read_workbook

_HEADER_SEARCHED = 15
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


@dataclass
class Row:
    """One row: the values that could be read, the cells as written, and what is wrong."""

    number: int
    values: dict[str, Any]
    cells: list[Any]
    faults: list[Fault]
    headers: list[str]

    @property
    def is_good(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(fault.is_warning for fault in self.faults)

    @property
    def raw(self) -> dict[str, str]:
        """The cells as text by header, also those of undeclared columns."""
        return {header: plain(cell) for header, cell in zip(self.headers, self.cells, strict=False) if header}

    def fault(self, column: str, value: object, what: str, cure: str, *, is_warning: bool = False) -> None:
        """Add a fault found outside the cells' own reading."""
        self.faults.append(Fault(self.number, column, plain(value), what, cure, is_warning))


@dataclass
class Sheet:
    """A file being read; `absent` names the declared columns it does not have."""

    name: str
    encoding: str
    header_row: int
    headers: list[str]
    rows: Iterator[Row]
    notes: list[Fault] = field(default_factory=list)
    absent: tuple[str, ...] = ()


def read_sheet(path: Path, columns: Sequence[Column], *, other_columns: bool = False) -> Sheet:
    """Read a CSV or XLSX file; `other_columns` lets undeclared headers pass (a checklist's item codes)."""
    if not path.is_file():
        raise SheetError(f"找不到文件 {path}；请检查路径。")
    content = path.read_bytes()
    if not content.strip():
        raise SheetError(f"{path.name} 是空文件；请换成有内容的文件。")
    if content.startswith(_OLD_WORKBOOK):
        raise SheetError(f"{path.name} 是旧式 XLS 或加密的工作簿；请在表格软件里另存为 XLSX（不加密码）。")
    if content.startswith(b"PK"):
        return _best_sheet(path.name, read_workbook(content), columns, other_columns)
    if content.startswith(b"%PDF") or content[:1] == b"<":
        raise SheetError(f"{path.name} 不是表格文件；请用 CSV 或 XLSX。")
    found = read_delimited(content)
    records = list(found.records())
    if found.cut_line is not None and records and records[-1][0] == found.cut_line:
        records.pop()
    start = _header_index([cells for _, cells in records[:_HEADER_SEARCHED]], columns, path.name)
    header_row, headers = records[start][0], [_header_text(cell) for cell in records[start][1]]
    layout = _Layout(headers, columns, header_row, other_columns)
    rows = layout.rows((line, cells) for line, cells in records[start + 1 :] if not is_blank(cells))
    notes = found.notes + layout.notes
    return Sheet(path.name, found.encoding, header_row, headers, rows, notes, layout.absent)


def _best_sheet(
    name: str, sheets: list[WorkbookSheet], columns: Sequence[Column], other_columns: bool
) -> Sheet:
    heads = [[[plain(cell) for cell in row] for row in sheet.rows[:_HEADER_SEARCHED]] for sheet in sheets]
    scores = [max((_matches(row, columns) for row in head), default=0) for head in heads]
    best = max(range(len(sheets)), key=lambda index: (scores[index], -index), default=None)
    if best is None or not any(sheet.rows for sheet in sheets):
        raise SheetError(f"{name} 里没有内容；请换成填好的文件。")
    sheet = sheets[best]
    start = _header_index(heads[best], columns, name)
    headers = [_header_text(cell) for cell in heads[best][start]]
    header_row = sheet.first_row + start
    layout = _Layout(headers, columns, header_row, other_columns, sheet)
    if len([index for index in range(len(sheets)) if scores[index]]) > 1:
        layout.notes.append(
            Fault(0, "", "", f"有几个工作表，读的是“{sheet.name}”", "其他工作表请另存为单独的文件", True)
        )
    numbered = (item for item in sheet.numbered_rows() if item[0] > header_row)
    rows = layout.rows((number, cells) for number, cells in numbered if any(plain(cell) for cell in cells))
    place = f"{name}：{sheet.name}"
    return Sheet(place, "XLSX", header_row, headers, rows, layout.notes, layout.absent)


class _Layout:
    """Which cell belongs to which column, and the reading of rows by it."""

    def __init__(
        self,
        headers: list[str],
        columns: Sequence[Column],
        header_row: int,
        other_columns: bool,
        sheet: WorkbookSheet | None = None,
    ) -> None:
        self.headers = headers
        self.columns = columns
        self.notes: list[Fault] = []
        self._sheet = sheet
        self._places = self._match(header_row, other_columns)
        self._width = len(headers)
        self._plan = [
            (self._places[column.key], column.key, column.read, column)
            for column in columns
            if column.key in self._places
        ]
        self._absent = {column.key: None for column in columns if column.key not in self._places}

    def _match(self, header_row: int, other_columns: bool) -> dict[str, int]:
        names = {name: column.key for column in self.columns for name in _names(column)}
        places: dict[str, int] = {}
        for index, header in enumerate(self.headers):
            key = names.get(header)
            if key is not None and key in places:
                raise SheetError(f"第 {header_row} 行有两列都叫“{header}”；请删去或改名其中一列。")
            if key is not None:
                places[key] = index
            elif header and not other_columns:
                what = "不认识这一列，没有读"
                self.notes.append(Fault(header_row, header, "", what, "如需要，请按模板改列名", True))
        missing = [column.header for column in self.columns if column.required and column.key not in places]
        if missing:
            raise SheetError(f"缺少必需的列：{'、'.join(missing)}；请按 template 命令给出的模板补上。")
        return places

    @property
    def absent(self) -> tuple[str, ...]:
        """The keys of declared columns that the file does not have."""
        return tuple(self._absent)

    def rows(self, numbered: Iterable[tuple[int, list[Any]]]) -> Iterator[Row]:
        """The rows one by one."""
        merged = self._merged_rows()
        for number, cells in numbered:
            row = self._row(number, cells)
            if number in merged:
                what, cure = "这一行有合并的单元格", "请取消合并，在每一行都写上值"
                row.faults.append(Fault(number, "", "", what, cure))
            yield row

    def _merged_rows(self) -> set[int]:
        if self._sheet is None:
            return set()
        return {
            number
            for first_row, _, last_row, _ in self._sheet.merged
            for number in range(first_row, last_row + 1)
        }

    def _row(self, number: int, cells: list[Any]) -> Row:
        values: dict[str, Any] = dict(self._absent)
        row = Row(number, values, cells, [], self.headers)
        if len(cells) != self._width and not self._fits(row):
            return row
        for place, key, read, column in self._plan:
            try:
                cell = cells[place]
                if self._sheet is not None:
                    cell = self._workbook_cell(row, number, place, cell, column)
                value = values[key] = read(cell)
            except CellError as wrong:
                values[key] = None
                row.fault(column.header, cells[place], wrong.what, wrong.cure)
                continue
            if value is None and column.required:
                row.fault(column.header, "", "是空的", "这一列必须填")
        return row

    def _fits(self, row: Row) -> bool:
        extra = row.cells[self._width :]
        if extra and not any(plain(cell) for cell in extra):
            return True
        what = f"这一行有 {len(row.cells)} 格，表头有 {self._width} 列"
        row.fault("", "", what, "请检查是否断行、串列或文件被截断")
        return False

    def _workbook_cell(self, row: Row, number: int, place: int, cell: Any, column: Column) -> Any:
        sheet = self._sheet
        if sheet is None:
            return cell
        if (number, place) in sheet.formulas_without_value:
            raise CellError("是没有算出结果的公式", "请复制后“选择性粘贴为数值”")
        if (number, place) in sheet.formulas:
            what, cure = "是公式，读的是它上次的结果", "请核对；最好粘贴为数值"
            row.fault(column.header, cell, what, cure, is_warning=True)
        if isinstance(cell, str) and cell.startswith("#") and cell.endswith(("!", "?", "A")):
            raise CellError("是表格软件的错误值", "请改正公式或直接写值")
        if column.is_day and isinstance(cell, float | int):
            if 10_000_000 <= cell <= 99_999_999:
                return str(int(cell))
            return serial_day(float(cell), since_1904=sheet.since_1904)
        return cell


def _names(column: Column) -> tuple[str, ...]:
    return tuple(_header_text(name) for name in (column.header, column.english, column.key, *column.aliases))


def _header_text(cell: object) -> str:
    written = unicodedata.normalize("NFKC", plain(cell)).replace("\n", "").strip()
    return written.removeprefix("*").removesuffix("*").replace(" ", "").lower()


def _matches(cells: Sequence[object], columns: Sequence[Column]) -> int:
    known = {name for column in columns for name in _names(column)}
    return len({_header_text(cell) for cell in cells} & known)


def _header_index(head: Sequence[Sequence[object]], columns: Sequence[Column], name: str) -> int:
    scores = [_matches(cells, columns) for cells in head]
    best = max(range(len(scores)), key=lambda index: (scores[index], -index), default=None)
    if best is None or scores[best] == 0:
        expected = "、".join(column.header for column in columns if column.required)
        raise SheetError(f"{name} 里找不到表头；至少要有这些列：{expected}。可用 template 命令取得模板。")
    return best
