"""XLSX as people really save it: epochs, merged cells, formulas, several sheets, damaged files."""

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inspections.surface.sheets.columns import Column, choice, code_text, day, text, whole
from inspections.surface.sheets.faults import Fault, SheetError
from inspections.surface.sheets.reading import Sheet, read_sheet
from inspections.surface.sheets.report import write_report
from inspections.surface.sheets.rows import Row
from inspections.surface.sheets.template import write_template

COLUMNS = (
    Column("name", "名称", "name", text(20), required=True, note="照证照写"),
    Column("number", "编号", "number", code_text(lambda _: None)),
    Column("seats", "座位", "seats", whole(0, 500)),
    Column("on", "日期", "day", day(date(2000, 1, 1), date(2030, 12, 31)), is_day=True),
    Column("kind", "类型", "kind", choice({"甲": "a", "乙": "b"}), choices=("甲", "乙")),
)
HEADER = ["名称", "编号", "座位", "日期", "类型"]


def read(path: Path) -> tuple[Sheet, list[Row]]:
    sheet = read_sheet(path, COLUMNS)
    return sheet, list(sheet.rows)


def book_of(path: Path, rows: Sequence[Sequence[Any]], **options: Any) -> Path:
    book = xlsxwriter.Workbook(str(path), options)
    sheet = book.add_worksheet("名册")
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    for line, cells in enumerate(rows):
        for place, cell in enumerate(cells):
            if isinstance(cell, date):
                sheet.write_datetime(line, place, cell, dates)
            else:
                sheet.write(line, place, cell)
    book.close()
    return path


@pytest.mark.parametrize("since_1904", [False, True])
def test_dates_of_both_epochs_mean_the_same_day(tmp_path: Path, since_1904: bool) -> None:
    serial = (date(2024, 3, 5) - (date(1904, 1, 1) if since_1904 else date(1899, 12, 30))).days
    rows: list[list[Any]] = [HEADER, ["甲店", "", 5, date(2024, 3, 5), ""], ["乙店", "", 5, serial, ""],
            ["丙店", "", 5, "2024年3月5日", ""], ["丁店", "", 5, 20240305, ""]]  # fmt: skip
    path = book_of(tmp_path / "a.xlsx", rows, date_1904=since_1904)
    _, read_rows = read(path)
    assert [row.values["on"] for row in read_rows] == [date(2024, 3, 5)] * 4
    assert all(row.is_good for row in read_rows)


def test_numbers_that_the_table_program_damaged_are_reported(tmp_path: Path) -> None:
    rows: list[list[Any]] = [HEADER, ["甲店", 914403001922038216, 5, "", ""], ["乙店", "", -4.5, "", ""],
            [date(2026, 3, 5), "", 1, "", ""], ["丁店", "", 1, -7, ""]]  # fmt: skip
    _, read_rows = read(book_of(tmp_path / "a.xlsx", rows))
    assert ["末尾几位" in str(read_rows[0].faults[0]), "文本" in read_rows[0].faults[0].cure] == [True, True]
    assert "不是整数" in str(read_rows[1].faults[0])
    assert "当成了日期" in str(read_rows[2].faults[0])
    assert "不是日期" in str(read_rows[3].faults[0])


def test_merged_cells_are_reported_and_the_other_rows_load(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (["天津市某区餐饮单位名册"], HEADER, ["甲店"], ["乙店"], ["丙店"], ["丁店"]):
        sheet.append(cells)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A4:A5")
    book.save(tmp_path / "a.xlsx")
    opened, rows = read(tmp_path / "a.xlsx")
    assert opened.header_row == 2
    assert [(row.number, row.is_good) for row in rows] == [(3, True), (4, False), (6, True)]
    assert "合并的单元格" in str(rows[1].faults[0])
    assert (rows[1].faults[0].column, rows[1].faults[0].value) == ("名称", "乙店")


def test_merged_cells_outside_the_columns_that_are_read_matter_to_nobody(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in ([*HEADER, "备注"], ["甲店", "", 1, "", "", "同上"], ["乙店"]):
        sheet.append(cells)
    sheet.merge_cells("F2:F3")
    book.save(tmp_path / "a.xlsx")
    _, rows = read(tmp_path / "a.xlsx")
    assert [row.is_good for row in rows] == [True, True]


def test_a_formula_without_its_result_is_an_error_and_one_with_it_a_remark(tmp_path: Path) -> None:
    path = book_of(tmp_path / "calculated.xlsx", [HEADER, ["甲店", "", "=2+3", "", ""]])
    _, (row,) = read(path)
    assert row.is_good
    assert "是公式" in row.faults[0].what
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (HEADER, ["甲店", "", "=2+3"], ["乙店", "", 4]):
        sheet.append(cells)
    book.save(tmp_path / "bare.xlsx")
    _, (bare, plain) = read(tmp_path / "bare.xlsx")
    assert (bare.is_good, plain.is_good) == (False, True)
    assert "没有算出结果的公式" in str(bare.faults[0])
    assert bare.faults[0].column == "座位"


def test_error_values_of_the_table_program_are_reported(tmp_path: Path) -> None:
    _, (row,) = read(book_of(tmp_path / "a.xlsx", [HEADER, ["#N/A", "", "#REF!", "", ""]]))
    assert [fault.column for fault in row.faults] == ["名称", "座位"]


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!", "#NAME?"])
def test_a_cell_that_holds_an_error_is_never_taken_for_an_empty_one(tmp_path: Path, error: str) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("名册")
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ["甲店", "", 5, "", ""])
    sheet.write_formula(1, 2, "=1/0", None, error)
    sheet.write_row(2, 0, ["乙店", "", 6, "", ""])
    book.close()
    _, (bad, good) = read(path)
    assert [(fault.column, fault.value) for fault in bad.faults] == [("座位", error)]
    assert "错误值" in bad.faults[0].what
    assert good.is_good


def test_the_sheet_with_the_headers_is_read_and_said(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    first.append(["说明"])
    for title in ("一月", "二月"):
        sheet = book.create_sheet(title)
        sheet.append(HEADER)
        sheet.append([f"{title}店"])
    book.save(tmp_path / "a.xlsx")
    opened, rows = read(tmp_path / "a.xlsx")
    assert [row.values["name"] for row in rows] == ["一月店"]
    assert opened.name.endswith("一月")
    assert any("读的是“一月”" in note.what for note in opened.notes)


def test_the_template_read_back_has_every_column_no_rows_and_no_remark(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    write_template(path, COLUMNS, title="名册", guidance=["一行一个。"])
    opened, rows = read(path)
    assert (rows, opened.notes, opened.absent) == ([], [], ())
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "名册"
    (rule,) = book["名册"].data_validations.dataValidation
    assert rule.formula1 == "'允许的值'!$E$2:$E$3"
    assert [cell.value for cell in book["名册"][1]] == HEADER
    described = {row[0].value: [cell.value for cell in row] for row in book["说明"].iter_rows()}
    assert described["名称"][1:3] == ["必填", "照证照写"]


def test_a_mended_report_can_be_imported_again(tmp_path: Path) -> None:
    path = book_of(tmp_path / "a.xlsx", [HEADER, ["甲店", "", "九", "2024-01-02", "甲"]])
    opened, rows = read(path)
    report = tmp_path / "report.xlsx"
    write_report(report, rows[0].faults, rows, opened.headers)
    book = openpyxl.load_workbook(report)
    assert [cell.value for cell in book["问题"][2]] == [
        "2", "座位", "九", "不是数字", "请只写数字，不带单位", "错误",
    ]  # fmt: skip
    book["有问题的行"]["C2"] = 9
    book.save(report)
    _, (mended,) = read(report)
    assert mended.is_good
    assert mended.values == {"name": "甲店", "number": None, "seats": 9, "on": date(2024, 1, 2), "kind": "a"}


def test_a_report_never_runs_what_stands_in_a_cell(tmp_path: Path) -> None:
    report = tmp_path / "report.xlsx"
    write_report(report, [Fault(1, "名称", "=1+1", "x" * 40_000, "")], [], HEADER)
    with zipfile.ZipFile(report) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert openpyxl.load_workbook(report)["问题"]["D2"].value == "x" * 32_767


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_workbook_cut_in_the_middle_says_so(tmp_path: Path, share: float) -> None:
    content = book_of(tmp_path / "a.xlsx", [HEADER, ["甲店", "", 5, "", ""]]).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(SheetError, match="文件不完整、加了密码或已损坏"):
        read(tmp_path / "cut.xlsx")


def test_another_kind_of_archive_is_refused_with_its_cure(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(SheetError, match="不是 XLSX 工作簿"):
        read(tmp_path / "a.ods")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(min_value=0), byte=st.integers(min_value=0, max_value=255))
def test_a_workbook_with_any_byte_changed_raises_nothing_but_our_own_error(
    tmp_path: Path, place: int, byte: int
) -> None:
    source = tmp_path / "a.xlsx"
    if not source.exists():
        book_of(source, [HEADER, ["甲店", "JY1", 5, date(2024, 3, 5), "甲"]])
    content = bytearray(source.read_bytes())
    content[place % len(content)] = byte
    damaged = tmp_path / "b.xlsx"
    damaged.write_bytes(bytes(content))
    try:
        list(read_sheet(damaged, COLUMNS).rows)
    except SheetError as error:
        assert str(error).endswith("。")  # noqa: PT017  # both outcomes are allowed, the sentence is promised
