"""XLSX as people really save it: dates of both epochs, merged cells, formulas, several sheets."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook

from inspections.surface.sheets.faults import SheetError

_FORMULA = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*>\s*<f[ >/](.*?)</c>', re.DOTALL)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LARGEST_UNPACKED = 1_500_000_000


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet: its cells row by row, and what the cells alone do not tell."""

    name: str
    first_row: int
    rows: list[list[Any]]
    merged: tuple[tuple[int, int, int, int], ...]
    formulas: frozenset[tuple[int, int]]
    formulas_without_value: frozenset[tuple[int, int]]
    since_1904: bool

    def numbered_rows(self) -> Iterator[tuple[int, list[Any]]]:
        """Row number as the table program shows it, and the cells."""
        for offset, cells in enumerate(self.rows):
            yield self.first_row + offset, cells


def read_workbook(content: bytes) -> list[WorkbookSheet]:
    """Every sheet of an XLSX workbook with at least one cell."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST_UNPACKED:
                raise SheetError("工作簿展开后过大；请分成几个文件导入。")
            since_1904 = _since_1904(archive)
            formulas = _formulas(archive)
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            _sheet(book, name, since_1904, *formulas.get(name, (frozenset(), frozenset())))
            for name in book.sheet_names
        ]
    except (zipfile.BadZipFile, CalamineError, ElementTree.ParseError, KeyError, EOFError) as error:
        raise SheetError(
            "工作簿打不开：文件不完整、加了密码或已损坏；请在表格软件里打开后另存为 XLSX 再导入。"
        ) from error


def _sheet(
    book: CalamineWorkbook,
    name: str,
    since_1904: bool,
    formulas: frozenset[tuple[int, int]],
    without_value: frozenset[tuple[int, int]],
) -> WorkbookSheet:
    sheet = book.get_sheet_by_name(name)
    merged = tuple(
        (first[0] + 1, first[1], last[0] + 1, last[1]) for first, last in sheet.merged_cell_ranges or ()
    )
    rows = sheet.to_python(skip_empty_area=False)
    return WorkbookSheet(name, 1, rows, merged, formulas, without_value, since_1904)


def _since_1904(archive: zipfile.ZipFile) -> bool:
    return re.search(rb'date1904="(?:1|true)"', archive.read("xl/workbook.xml")) is not None


def _formulas(
    archive: zipfile.ZipFile,
) -> dict[str, tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]]:
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
                found[sheet.get("name") or ""] = _formula_cells(archive.read(name))
    return found


def _formula_cells(xml: bytes) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    if b"<f" not in xml:
        return frozenset(), frozenset()
    cells = {_position(match[1].decode()): match[2] for match in _FORMULA.finditer(xml)}
    without = frozenset(place for place, rest in cells.items() if b"<v>" not in rest)
    return frozenset(cells), without


def _position(reference: str) -> tuple[int, int]:
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(reference[len(letters) :]), column - 1
