"""The list that goes with a print: which plate lies where, as CSV and as XLSX."""

import csv
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xlsxwriter

from publishing.plates.forms import PER_FILE, PrintForm, position_of
from publishing.plates.plate import PlateFacts

HEADERS = (
    "序号", "门店码", "单位", "地址", "文件", "页", "位置", "第几次制发", "制发日期", "二维码网址",
)  # fmt: skip
_WIDTHS = (6, 12, 28, 44, 24, 6, 6, 10, 12, 52)
# A cell that begins like this would be worked out as a formula by a table program.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def contents_rows(
    plates: Sequence[PlateFacts], form: PrintForm, files: Sequence[Path], per_file: int = PER_FILE
) -> Iterator[tuple[str, ...]]:
    """One row for each plate of a print, in the order in which they lie."""
    for number, facts in enumerate(plates, 1):
        position = position_of(form, number, per_file)
        yield (
            str(number),
            facts.code,
            facts.sign_name,
            facts.address,
            files[position.file - 1].name,
            str(position.page),
            position.spot.label,
            str(facts.issue_no),
            facts.printed_on.isoformat(),
            facts.url,
        )


def write_table(
    target: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int] = ()
) -> None:
    """Write a CSV (UTF-8 with its mark, so that table programs read it) or XLSX; whole or not at all."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    if target.suffix == ".xlsx":
        _write_workbook(partial, headers, rows, widths)
    else:
        partial.write_bytes(_csv(headers, rows))
    partial.replace(target)


def _csv(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _write_workbook(
    target: Path, headers: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(target), options)
    sheet = book.add_worksheet("清单")
    sheet.freeze_panes(1, 0)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    bold = book.add_format({"bold": True, "bg_color": "#EEEEEE"})
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header, bold)
    for number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()


def write_contents(plates: Sequence[PlateFacts], form: PrintForm, files: Sequence[Path]) -> list[Path]:
    """Write both lists of a print beside its files."""
    stem = files[0].stem if len(files) == 1 else files[0].stem.removesuffix("-001")
    written = []
    for suffix in (".csv", ".xlsx"):
        target = files[0].with_name(f"{stem}-list{suffix}")
        write_table(target, HEADERS, contents_rows(plates, form, files), _WIDTHS)
        written.append(target)
    return written
