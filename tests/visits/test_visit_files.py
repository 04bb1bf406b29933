"""Files of visits as people really fill them in: other headers, formulas, errors, wrong checklists."""

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.database import read_only
from inspections.rulebooks.queries import RulesError
from inspections.visits.importing import import_visit_file
from inspections.visits.tables import Visit, VisitKind
from tests.bureau import DUMPLINGS
from tests.conftest import NOW
from tests.visits.visit_files import GOOD, TODAY, Import, faults_of, write_rows

ENGLISH = {
    "Record Number": "XQ-1", "licence_number": DUMPLINGS.licence_number or "", "visited on": "2026-10-09",
    "kind": "daily", "result": "basically_compliant", "1": "pass", "11": "fail", "11 note": "地面有积水",
}  # fmt: skip


def test_english_headers_and_words_mean_what_the_chinese_ones_do(database: Engine, load: Import) -> None:
    assert (load(ENGLISH).new, load(ENGLISH).unchanged) == (1, 1)
    with read_only(database) as session:
        (visit,) = session.exec(select(Visit)).all()
    assert (visit.kind, visit.decided_result) == (VisitKind.DAILY, "basically_compliant")
    assert visit.answers.count("F") == 1


def test_a_fault_names_the_column_as_the_file_has_it(load: Import) -> None:
    done = load({**ENGLISH, "visited on": "2099-01-01", "11": "perhaps"})
    assert {row[1] for row in faults_of(done)} == {"visited on", "11", "11 note"}


def test_a_checklist_that_is_not_there_is_one_sentence(
    database: Engine, load: Import, tmp_path: Path
) -> None:
    path = write_rows(tmp_path / "visits.csv", (GOOD,))
    with pytest.raises(RulesError, match="没有叫“none”的检查表"):
        import_visit_file(
            database, path, checklist="none", on=TODAY, now=NOW, actor="甲", reports=tmp_path / "reports"
        )


def test_a_column_that_is_no_item_says_what_to_do_with_it(load: Import) -> None:
    done = load({**GOOD, "天气": "晴"})
    assert [(row[1], row[2]) for row in faults_of(done)] == [("天气", "晴")]
    assert "不是检查项目的列请删去" in faults_of(done)[0][4]


@pytest.mark.parametrize(
    ("result", "said"),
    [("", "没有算出结果的公式"), ("#N/A", "不是允许的评价"), ("符合", "是公式，读的是它上次的结果")],
)
def test_an_answer_that_is_a_formula_is_never_taken_for_an_empty_one(
    load: Import, tmp_path: Path, result: str, said: str
) -> None:
    path = tmp_path / "visits.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("检查记录")
    sheet.write_row(0, 0, [*GOOD, "2"])
    sheet.write_row(1, 0, list(GOOD.values()))
    sheet.write_formula(1, len(GOOD), "=A1", None, result)
    book.close()
    done = load(file=path)
    assert [row[1] for row in faults_of(done)] == ["2"]
    assert said in faults_of(done)[0][3]
    assert done.new == (1 if result == "符合" else 0)


def test_merged_cells_are_named_by_their_column_also_among_the_items(load: Import, tmp_path: Path) -> None:
    path = tmp_path / "visits.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("检查记录")
    sheet.write_row(0, 0, [*GOOD, "2"])
    sheet.write_row(1, 0, list(GOOD.values()))
    sheet.write_row(2, 0, ["XQ-2", *list(GOOD.values())[1:]])
    sheet.merge_range(1, len(GOOD), 2, len(GOOD), "符合")
    book.close()
    done = load(file=path)
    assert [(row[0], row[1], row[2]) for row in faults_of(done)] == [("2", "2", "符合"), ("3", "2", "")]


def test_a_note_too_long_for_a_page_is_refused(load: Import) -> None:
    done = load({**GOOD, "11备注": "水" * 1001})
    assert (done.new, done.bad) == (0, 1)
    assert "最多 1000 个" in faults_of(done)[0][3]


def test_bad_rows_of_the_long_file_are_counted_and_given_back(load: Import, tmp_path: Path) -> None:
    visit = {key: value for key, value in GOOD.items() if not key[0].isdigit()}
    other = {**visit, "记录编号": "XQ-2"}
    items = write_rows(
        tmp_path / "items.csv",
        (
            {"记录编号": "XQ-1", "项目": "1", "评价": "符合"},
            {"记录编号": "XQ-2", "项目": "1", "评价": "大概"},
            {"记录编号": "XQ-9", "项目": "1", "评价": "符合"},
        ),
    )
    done = load(visit, other, items=items)
    assert (done.new, done.bad, done.bad_items) == (1, 1, 2)
    assert done.report is not None
    book = openpyxl.load_workbook(done.report)
    given_back = list(book["逐项文件有问题的行"].iter_rows(values_only=True))
    assert given_back == [("记录编号", "项目", "评价"), ("XQ-2", "1", "大概"), ("XQ-9", "1", "符合")]
