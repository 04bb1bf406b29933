"""Lists of doors that people hand in: one storefront code a row, with what else the row says of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from inspections.record.errors import HouseError
from inspections.surface.sheets.columns import Column, day, text
from inspections.surface.sheets.reading import read_sheet
from inspections.units.codes import parse_code

CODE = Column("code", "门店码", "code", text(60), required=True, aliases=("storefront code",))
PERSON = Column("person", "领取人", "handed to", text(60), aliases=("person", "name"))
DAY = Column("day", "日期", "date", day(date(2000, 1, 1), date(2100, 1, 1)), is_day=True, aliases=("day",))
PHOTO = Column("photo", "照片", "photo", text(300), required=True, aliases=("file", "文件"))


_SEPARATORS = re.compile(r"[,;\t]")


class ListError(HouseError):
    """A list of doors that cannot be used as it is."""


@dataclass(frozen=True)
class ListedDoor:
    """One row of a list: the code as it was written, and the row's other values."""

    number: int
    code: str
    values: dict[str, Any]

    def on_day(self) -> date | None:
        """The row's day, where the list has one."""
        found: date | None = self.values.get("day")
        return found


@dataclass(frozen=True)
class DoorList:
    """A list as it was read: its good rows in their order, and a sentence for each other one."""

    name: str
    doors: tuple[ListedDoor, ...]
    faults: tuple[str, ...]


def read_doors(path: Path, columns: Sequence[Column] = ()) -> DoorList:
    """The doors of a CSV or XLSX file with a column 门店码, or of a text file with a code on each line."""
    plain = _plain_lines(path)
    if plain is not None and not columns:
        doors = [ListedDoor(number, written, {}) for number, written in plain]
        return DoorList(path.name, tuple(doors), ())
    sheet = read_sheet(path, [CODE, *columns])
    doors, faults = [], [f"{path.name} {note}" for note in sheet.notes if not note.is_warning]
    for row in sheet.rows:
        if row.is_good and row.values.get("code"):
            doors.append(ListedDoor(row.number, row.values["code"], row.values))
        else:
            faults += [f"{path.name} {fault}" for fault in row.faults if not fault.is_warning]
    if not doors and not faults:
        raise ListError(f"{path.name} 里没有一行门店码；请在“门店码”一列里填上要用的码。")
    return DoorList(path.name, tuple(doors), tuple(faults))


def _plain_lines(path: Path) -> list[tuple[int, str]] | None:
    """The lines of a file that holds nothing but codes; none where its first line is no code."""
    if not path.is_file():
        raise ListError(f"找不到文件 {path}；请检查路径。")
    try:
        written = path.read_bytes().decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return None
    cells = ((number, _SEPARATORS.split(line, 1)[0].strip()) for number, line in enumerate(written, 1))
    lines = [(number, cell) for number, cell in cells if cell]
    return lines if lines and parse_code(lines[0][1]) else None
