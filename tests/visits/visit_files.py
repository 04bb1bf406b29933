"""Files of visits for tests: one good row, how rows are written, what a report says of them."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl

from inspections.visits.importing import VisitsImported
from tests.bureau import DUMPLINGS

TODAY = date(2026, 11, 24)
CHECKLIST = "cn-catering-2016-1-3"
GOOD = {
    "记录编号": "XQ-1",
    "许可证编号": DUMPLINGS.licence_number or "",
    "检查日期": "2026-10-09",
    "检查类型": "日常监督检查",
    "检查结果": "基本符合",
    "检查人员": "李某",
    "1": "符合",
    "11": "不符合",
    "11备注": "地面有积水",
    "15": "不符合且影响食品安全",
    "20": "不适用",
}

Import = Callable[..., VisitsImported]


def write_rows(path: Path, rows: tuple[dict[str, str], ...], encoding: str = "utf-8") -> Path:
    headers = list(dict.fromkeys(header for row in rows for header in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, headers)
        writer.writeheader()
        writer.writerows(rows)
    return path


def faults_of(done: VisitsImported) -> list[list[str]]:
    assert done.report is not None
    book = openpyxl.load_workbook(done.report)
    return [[str(cell or "") for cell in row] for row in book["问题"].iter_rows(min_row=2, values_only=True)]
