"""XLSX as people really save it: dates of both epochs, merged cells, formulas, several sheets."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook

from inspections.surface.sheets.faults import SheetError

# Some writers put a namespace prefix before every element, or other attributes before the reference.
_FORMULA = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*(?<!/)>\s*<(?:\w+:)?f[\s>/](.*?)</(?:\w+:)?c>',
    re.DOTALL,
)
_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]")
# A cell of the type "error", with a formula or pasted without one; the library reads it as an empty one.
_ERROR = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>.*?<(?:\w+:)?v[^>]*>([^<]*)<',
    re.DOTALL,
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LARGEST_UNPACKED = 600_000_000


Place = tuple[int, int]


@dataclass(frozen=True)
class Marks:
    """What the cells of a sheet alone do not tell: formulas, those without a stored result, error values."""

    formulas: frozenset[Place] = frozenset()
    without_result: frozenset[Place] = frozenset()
    errors: Mapping[Place, str] = field(default_factory=dict)

    @cached_property
    def formula_rows(self) -> frozenset[int]:
        """The rows with at least one formula."""
        return frozenset(row for row, _ in self.formulas)


@dataclass(frozen=True, eq=False)
class WorkbookSheet:
    """One sheet: its cells row by row, its merged ranges, its marks."""

    name: str
    first_row: int
    rows: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...]
    marks: Marks
    since_1904: bool

    @cached_property
    def merged_rows(self) -> Mapping[int, Sequence[range]]:
        """For each row with merged cells, the columns that each of its merged ranges covers."""
        found: dict[int, list[range]] = {}
        for first, left, last, right in self.merged:
            for row in range(first, min(last, len(self.rows)) + 1):
                found.setdefault(row, []).append(range(left, right + 1))
        return found

    def numbered_rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Row number as the table program shows it, and the cells."""
        for offset, cells in enumerate(self.rows):
            yield self.first_row + offset, cells


# Every way in which a damaged archive or its XML makes itself known.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    ElementTree.ParseError,
    KeyError,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


def read_workbook(content: bytes) -> list[WorkbookSheet]:
    """Every sheet of an XLSX workbook with at least one cell."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _refuse_other_archives(archive)
            since_1904 = _since_1904(archive)
            marks = _marks(archive)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [_sheet(book, name, since_1904, marks.get(name, Marks())) for name in book.sheet_names]
    except _UNREADABLE as error:
        raise SheetError(
            "工作簿打不开：文件不完整、加了密码或已损坏；请在表格软件里打开后另存为 XLSX 再导入。"
        ) from error


def _refuse_other_archives(archive: zipfile.ZipFile) -> None:
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        raise SheetError("这不是 XLSX 工作簿；请在表格软件里打开后另存为 XLSX 或 CSV（UTF-8）。")
    if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED:
        raise SheetError("工作簿展开后过大；请分成几个文件导入。")


def _sheet(book: CalamineWorkbook, name: str, since_1904: bool, marks: Marks) -> WorkbookSheet:
    sheet = book.get_sheet_by_name(name)
    merged = tuple(
        (first[0] + 1, first[1], last[0] + 1, last[1]) for first, last in sheet.merged_cell_ranges or ()
    )
    rows = sheet.to_python(skip_empty_area=False)
    for (row, column), error in marks.errors.items():
        if row <= len(rows) and column < len(rows[row - 1]):
            rows[row - 1][column] = error
    return WorkbookSheet(name, 1, rows, merged, marks, since_1904)


def _since_1904(archive: zipfile.ZipFile) -> bool:
    return re.search(rb'date1904="(?:1|true)"', archive.read("xl/workbook.xml")) is not None


def _marks(archive: zipfile.ZipFile) -> dict[str, Marks]:
    targets = {}
    # The library reads values only; a formula without a stored value would look like an empty cell.
    for relation in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels")):  # noqa: S314  # no entities: see below
        targets[relation.get("Id")] = (relation.get("Target") or "").removeprefix("/xl/")
    found = {}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314  # expat refuses entity bombs
        if sheet.tag.endswith("}sheet"):
            target = targets.get(sheet.get(_RELATION))
            name = f"xl/{target}"
            if target and name in archive.namelist():
                found[sheet.get("name") or ""] = _marks_of(archive.read(name))
    return found


def _marks_of(xml: bytes) -> Marks:
    formulas, errors = {}, {}
    if b"<f" in xml or b":f" in xml:
        formulas = {_position(match[1]): match[2] for match in _FORMULA.finditer(xml)}
    if b't="e"' in xml:
        errors = {_position(match[1]): match[2].decode() for match in _ERROR.finditer(xml)}
    without = frozenset(place for place, rest in formulas.items() if not _VALUE.search(rest))
    return Marks(frozenset(formulas), without, errors)


def _position(reference: bytes) -> Place:
    letters = reference.rstrip(b"0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return int(reference[len(letters) :]), column - 1
