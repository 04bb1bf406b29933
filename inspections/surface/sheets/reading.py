"""A file of rows read against declared columns: each row with its values, its faults, or both."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from inspections.surface.sheets.columns import Column, plain
from inspections.surface.sheets.delimited import is_blank, read_delimited
from inspections.surface.sheets.faults import Fault, SheetError
from inspections.surface.sheets.rows import Chunk, Headers, Row, RowReader
from inspections.surface.sheets.workbook import WorkbookSheet, read_workbook

__all__ = ["Row", "Sheet", "read_sheet"]

_HEADER_SEARCHED = 15
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_OTHER_FILES = (b"%PDF", b"<", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")


@dataclass
class Sheet:
    """A file being read, once: by `chunks` (fast) or by `rows`; `absent` names declared columns it lacks."""

    name: str
    encoding: str
    header_row: int
    columns: Headers
    chunks: Iterator[Chunk]
    notes: list[Fault] = field(default_factory=list)
    absent: tuple[str, ...] = ()

    @property
    def headers(self) -> list[str]:
        """The header row as the file has it."""
        return self.columns.written

    @property
    def rows(self) -> Iterator[Row]:
        """The rows one by one."""
        for chunk in self.chunks:
            yield from chunk.rows()


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
    if content.startswith(_OTHER_FILES):
        raise SheetError(f"{path.name} 不是表格文件；请用 CSV 或 XLSX。")
    return _delimited(path.name, content, columns, other_columns)


def _delimited(name: str, content: bytes, columns: Sequence[Column], other_columns: bool) -> Sheet:
    found = read_delimited(content, lambda head: max((_matches(cells, columns) for cells in head), default=0))
    records = (record for record in found.records() if record[0] != found.cut_line)
    head = list(islice(records, _HEADER_SEARCHED))
    start = _header_index([cells for _, cells in head], columns, name)
    header_row, headers = head[start][0], [_header_text(cell) for cell in head[start][1]]
    places, notes = _match(headers, columns, header_row, other_columns)
    named = Headers(headers, places, columns)
    reader = RowReader(named, row_faults=found.broken, other_columns=other_columns)
    after = chain(head[start + 1 :], records)
    chunks = reader.chunks(record for record in after if record[1][0] or not is_blank(record[1]))
    absent = tuple(column.key for column in columns if column.key not in places)
    return Sheet(name, found.encoding, header_row, named, chunks, found.notes + notes, absent)


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
    places, notes = _match(headers, columns, header_row, other_columns)
    # Lists of allowed values repeat some headers; only a sheet that could be read itself is worth a word.
    if any(_could_be_read(head, columns) for index, head in enumerate(heads) if index != best):
        what, cure = f"有几个工作表，读的是“{sheet.name}”", "其他工作表请另存为单独的文件"
        notes.append(Fault(0, "", "", what, cure, is_warning=True))
    numbered = (item for item in sheet.numbered_rows() if item[0] > header_row)
    named = Headers(headers, places, columns)
    reader = RowReader(named, sheet, other_columns=other_columns)
    chunks = reader.chunks(item for item in numbered if any(plain(cell) for cell in item[1]))
    absent = tuple(column.key for column in columns if column.key not in places)
    return Sheet(f"{name}：{sheet.name}", "XLSX", header_row, named, chunks, notes, absent)


def _match(
    headers: Sequence[str], columns: Sequence[Column], header_row: int, other_columns: bool
) -> tuple[dict[str, int], list[Fault]]:
    """Which cell belongs to which column, and remarks on headers that are not known."""
    names = {_folded(name): column.key for column in columns for name in _names(column)}
    places: dict[str, int] = {}
    seen: set[str] = set()
    notes = []
    for index, header in enumerate(headers):
        key = names.get(_folded(header))
        if (key is not None and key in places) or (header and header in seen and other_columns):
            raise SheetError(f"第 {header_row} 行有两列都是“{header}”；请删去或改名其中一列。")
        seen.add(header)
        if key is not None:
            places[key] = index
        elif header and not other_columns:
            what = "不认识这一列，没有读"
            notes.append(Fault(header_row, header, "", what, "如需要，请按模板改列名", is_warning=True))
    missing = [column.header for column in columns if column.required and column.key not in places]
    if missing:
        raise SheetError(f"缺少必需的列：{'、'.join(missing)}；请按 template 命令给出的模板补上。")
    return places, notes


def _names(column: Column) -> tuple[str, ...]:
    return (column.header, column.english, column.key, *column.aliases)


def _header_text(cell: object) -> str:
    written = unicodedata.normalize("NFKC", plain(cell)).replace("\n", "").replace("\r", "").strip()
    return written.removeprefix("*").removesuffix("*").strip()


def _folded(header: str) -> str:
    return _header_text(header).replace(" ", "").replace("_", "").lower()


def _matches(cells: Sequence[Any], columns: Sequence[Column]) -> int:
    known = {_folded(name): column.key for column in columns for name in _names(column)}
    return len({known[folded] for cell in cells if (folded := _folded(plain(cell))) in known})


def _could_be_read(head: Sequence[Sequence[object]], columns: Sequence[Column]) -> bool:
    """Whether one of the first lines has every required column, and another one."""
    needed = [column for column in columns if column.required]
    return any(_matches(row, needed) == len(needed) and _matches(row, columns) > len(needed) for row in head)


def _header_index(head: Sequence[Sequence[object]], columns: Sequence[Column], name: str) -> int:
    scores = [_matches(cells, columns) for cells in head]
    best = max(range(len(scores)), key=lambda index: (scores[index], -index), default=None)
    if best is None or scores[best] == 0:
        expected = "、".join(column.header for column in columns if column.required)
        raise SheetError(f"{name} 里找不到表头；至少要有这些列：{expected}。可用 template 命令取得模板。")
    return best
