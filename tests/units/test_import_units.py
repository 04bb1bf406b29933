"""Register files: good rows load, bad ones are reported with their cure, and the report can be mended."""

import csv
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.database import read_only, transaction
from inspections.record.migrate import migrate
from inspections.record.settings import set_setting
from inspections.surface.sheets.faults import SheetError
from inspections.surface.sheets.reading import read_sheet
from inspections.surface.sheets.template import write_template
from inspections.units.register_columns import unit_columns
from inspections.units.service import UnitsImported, import_units
from inspections.units.tables import (
    CateringUnit,
    OpenKitchenForm,
    Premises,
    RegisterImport,
    UnitVersion,
)
from tests.units.register import DAY, NOW, A, B, count, reject

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


def test_the_registers_own_template_is_read_without_a_remark(tmp_path: Path) -> None:
    path, columns = tmp_path / "名册.xlsx", unit_columns(DAY)
    write_template(path, columns, title="餐饮服务单位", guidance=["一行一家。"])
    sheet = read_sheet(path, columns)
    assert (list(sheet.chunks), sheet.notes) == ([], [])


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


def test_a_unit_whose_row_is_bad_is_not_listed_as_absent(database: Engine, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [ROW_A, ROW_B])
    wrong = [*ROW_A[:7], "-4"]
    done = import_rows(database, tmp_path, [wrong])
    assert (done.bad, done.absent) == (1, 1)
    assert [row[1] for row in report_sheet(done, "文件里没有的单位")[1:]] == [B.licence_number]
    twins = import_rows(database, tmp_path, [ROW_A, ["另一家餐饮店", *ROW_A[1:]], ROW_B])
    assert (twins.bad, twins.absent) == (2, 0)


def test_a_licence_that_ends_before_it_begins_is_reported(database: Engine, tmp_path: Path) -> None:
    headers = [*HEADERS, "许可证起始", "许可证有效期至"]
    done = import_rows(database, tmp_path, [[*ROW_A, "2026-03-01", "2025-02-28"]], headers)
    assert (done.new, done.bad) == (0, 1)
    assert report_sheet(done, "问题")[1][:4] == [
        "2",
        "许可证有效期至",
        "2025-02-28",
        "早于许可证起始 2026-03-01",
    ]


def test_english_headers_with_english_words_load_and_faults_name_them(
    database: Engine, tmp_path: Path
) -> None:
    headers = ["Licence name", "licence number", "credit_code", "address", "street", "unit type", "seats",
               "open kitchen", "food categories", "special groups", "state", "online ordering"]  # fmt: skip
    row = [A.licence_name, A.licence_number, A.credit_code, A.address, A.street, "restaurant", "20",
           "Video", "hot, drinks", "students", "open", "yes"]  # fmt: skip
    done = import_rows(database, tmp_path, [row, [*ROW_B[:4], "杨柳镇", "palace", "-1", *row[7:]]], headers)
    assert (done.new, done.bad) == (1, 1)
    assert [line[1] for line in report_sheet(done, "问题")[1:]] == ["unit type", "seats"]
    with read_only(database) as session:
        (version,) = session.exec(select(UnitVersion)).all()
    kept = (version.open_kitchen, version.food_categories, version.special_groups, version.online_ordering)
    assert kept == (OpenKitchenForm.VIDEO, "hot,drinks", "students", True)


def test_a_row_that_contradicts_the_register_is_given_back_with_its_cure(
    database: Engine, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, [ROW_A])
    other = ["另一家餐饮店", B.licence_number, "", *ROW_A[3:]]
    done = import_rows(database, tmp_path, [other])
    assert (done.new, done.proposals, done.bad) == (0, 0, 1)
    (fault,) = report_sheet(done, "问题")[1:]
    assert fault[1] == "统一社会信用代码"
    assert "换了经营者请填新的统一社会信用代码" in fault[4]
    assert report_sheet(done, "有问题的行")[1][0] == "另一家餐饮店"


def test_what_was_rejected_before_is_said_and_not_counted_as_waiting(
    database: Engine, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, [ROW_A])
    other = [*ROW_B[:3], *ROW_A[3:]]
    assert import_rows(database, tmp_path, [other]).proposals == 1
    reject(database)
    done = import_rows(database, tmp_path, [other])
    assert (done.proposals, done.rejected) == (0, 1)
    assert report_sheet(done, "要确认的变动")[1][5] == "以前驳回过，没有导入"


def test_two_runs_in_one_second_have_reports_of_their_own(database: Engine, tmp_path: Path) -> None:
    wrong = [*ROW_A[:7], "-4"]
    first, second = (import_rows(database, tmp_path, [wrong]) for _ in range(2))
    assert first.report != second.report
    with read_only(database) as session:
        names = session.exec(select(RegisterImport.report_name)).all()
    assert names == [first.report and first.report.name, second.report and second.report.name]


def test_a_report_that_cannot_be_written_is_one_sentence_and_loads_nothing(
    database: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "名册.csv"
    path.write_text(",".join(HEADERS) + "\n" + ",".join(map(str, ROW_A)) + "\n" + "x" * 9, encoding="utf-8")
    blocked = tmp_path / "reports"
    blocked.write_text("")
    with pytest.raises((SheetError, OSError)), transaction(database) as session:
        import_units(session, path, on=DAY, now=NOW, actor="李伟", reports=blocked)
    assert count(database, CateringUnit) == [0]


@pytest.mark.postgres
def test_two_imports_at_once_load_every_unit_once(postgres: Engine, tmp_path: Path) -> None:
    migrate(postgres)
    path = tmp_path / "名册.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADERS, ROW_A, ROW_B])
    started = Barrier(2)

    def run() -> int:
        started.wait()
        with transaction(postgres) as session:
            return import_units(session, path, on=DAY, now=NOW, actor="李伟", reports=tmp_path).new

    with ThreadPoolExecutor(2) as pool:
        new = sorted(one.result() for one in [pool.submit(run), pool.submit(run)])
    assert new == [0, 2]
    assert count(postgres, Premises, CateringUnit, UnitVersion) == [2, 2, 2]


def test_half_a_place_on_the_map_is_reported(database: Engine, tmp_path: Path) -> None:
    done = import_rows(
        database, tmp_path, [[*ROW_A, "39.1", ""], [*ROW_B, "39.1", "117.0"]], [*HEADERS, "纬度", "经度"]
    )
    assert (done.new, done.bad) == (1, 1)
    assert report_sheet(done, "问题")[1][:2] == ["2", "经度"]
