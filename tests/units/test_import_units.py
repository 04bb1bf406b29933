"""Register files: good rows load, bad ones are reported with their cure, and the report can be mended."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine

from inspections.record.database import transaction
from inspections.record.settings import set_setting
from inspections.surface.sheets.faults import SheetError
from inspections.units.service import UnitsImported, import_units
from inspections.units.tables import CateringUnit
from tests.units.register import DAY, NOW, A, B, count

HEADERS = ["主体名称", "许可证编号", "统一社会信用代码", "经营场所", "摊位号", "街镇", "业态", "餐位数"]
ROW_A = [A.licence_name, A.licence_number, A.credit_code, A.address, "", A.street, "餐馆", "20"]
ROW_B = [B.licence_name, B.licence_number, B.credit_code, B.address, "", B.street, "小吃店", ""]


def import_rows(
    engine: Engine, tmp_path: Path, rows: Sequence[Sequence[Any]], headers: Sequence[str] = HEADERS
) -> UnitsImported:
    path = tmp_path / "名册.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    with transaction(engine) as session:
        return import_units(session, path, on=DAY, now=NOW, actor="李伟", reports=tmp_path)


def report_sheet(done: UnitsImported, title: str) -> list[list[Any]]:
    assert done.report is not None
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(done.report)[title].iter_rows()]


def test_two_rows_with_one_licence_and_different_names_are_both_reported_and_neither_loads(
    database: Engine, tmp_path: Path
) -> None:
    twin = ["另一家餐饮店", *ROW_A[1:]]
    done = import_rows(database, tmp_path, [ROW_A, ROW_B, twin])
    assert (done.read, done.new, done.bad) == (3, 1, 2)
    faults = [row for row in report_sheet(done, "问题")[1:] if row[5] == "错误"]
    assert [(row[0], row[1], row[2]) for row in faults] == [
        ("2", "许可证编号", A.licence_number),
        ("4", "许可证编号", A.licence_number),
    ]
    assert [row[0] for row in report_sheet(done, "有问题的行")[1:]] == [A.licence_name, "另一家餐饮店"]


def test_a_repeated_row_loads_once_and_is_a_remark(database: Engine, tmp_path: Path) -> None:
    done = import_rows(database, tmp_path, [ROW_A, ROW_A])
    assert (done.new, done.bad, done.warnings) == (1, 0, 1)


def test_bad_rows_are_reported_good_rows_load_and_the_mended_report_loads_the_rest(
    database: Engine, tmp_path: Path
) -> None:
    wrong = [*ROW_B]
    wrong[1], wrong[7] = "JY11201119900021", "-4"
    done = import_rows(
        database, tmp_path, [ROW_A, wrong, ["无证店", "", "", "x路1号", "", "杨柳镇", "餐馆", ""]]
    )
    assert (done.new, done.bad) == (1, 2)
    named = [row[:3] for row in report_sheet(done, "问题")[1:]]
    assert ["3", "许可证编号", "JY11201119900021"] in named
    assert ["3", "餐位数", "-4"] in named
    assert ["4", "许可证编号", ""] in named
    assert done.report is not None
    book = openpyxl.load_workbook(done.report)
    book["有问题的行"]["B2"], book["有问题的行"]["H2"] = B.licence_number, "4"
    mended = tmp_path / "mended.xlsx"
    book.save(mended)
    with transaction(database) as session:
        again = import_units(session, mended, on=DAY, now=NOW, actor="李伟", reports=tmp_path)
    assert (again.new, again.bad) == (1, 1)


def test_a_column_that_the_file_does_not_have_changes_nothing(database: Engine, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [ROW_A])
    done = import_rows(database, tmp_path, [ROW_A[:7]], HEADERS[:7])
    assert (done.unchanged, done.changed) == (1, 0)


def test_an_unexpected_region_is_only_a_remark(database: Engine, tmp_path: Path) -> None:
    with transaction(database) as session:
        set_setting(session, key="region", value="120112", from_on=DAY, actor="李伟", now=NOW)
    done = import_rows(database, tmp_path, [ROW_A])
    assert (done.new, done.bad, done.warnings) == (1, 0, 1)


def test_a_file_without_a_required_column_loads_nothing(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="缺少必需的列：经营场所"):
        import_rows(database, tmp_path, [[*ROW_A[:3], *ROW_A[4:]]], [*HEADERS[:3], *HEADERS[4:]])
    assert count(database, CateringUnit) == [0]
