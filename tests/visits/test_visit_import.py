"""Promises of the import of visits: good rows load, every bad one is named with its place and its cure."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from grading.vocabulary import Answer
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, WrongDirectoryError, set_mark
from inspections.surface.sheets.faults import CellError, SheetError
from inspections.units.tables import CateringUnit, Premises, RegisterImport
from inspections.visits.commands import grade, import_visits, template_visits, visits
from inspections.visits.queries import shown_visits
from inspections.visits.tables import Finding, Visit, VisitBatch
from inspections.visits.visit_sheet import ANSWER_WORDS, read_answer
from tests.bureau import DUMPLINGS, EDITOR, PASSWORD, add_units, open_bureau
from tests.visits.visit_files import CHECKLIST, GOOD, TODAY, Import, faults_of, write_rows


def test_a_good_row_becomes_a_visit_with_its_answers_and_findings(database: Engine, load: Import) -> None:
    done = load(GOOD)
    assert (done.rows, done.new, done.bad, done.report) == (1, 1, 0, None)
    with read_only(database) as session:
        visit = session.exec(select(Visit)).one()
        findings = {row.item_code: row.note for row in session.exec(select(Finding))}
    letters = {place + 1: letter for place, letter in enumerate(visit.answers) if letter != "-"}
    assert letters == {1: "P", 11: "F", 15: "S", 20: "N"}
    assert visit.decided_result == "basically_compliant"
    assert findings == {"11": "地面有积水", "15": ""}


@pytest.mark.parametrize(
    ("note", "what"),
    [("电话138****5678", "像手机号的数字"), ("经营者李小红无健康证", "写有经营者本人的姓名")],
)
def test_a_note_with_a_persons_number_or_name_loads_with_a_warning(
    database: Engine, load: Import, now: datetime, note: str, what: str
) -> None:
    with transaction(database) as session:
        mine = replace(DUMPLINGS, licence_name="李小红", holder_is_natural_person=True)
        add_units(session, [replace(mine, licence_number=None, credit_code=None, address="柳霞路3号")], now)
        code = session.exec(select(Premises.code).order_by(Premises.id.desc())).first()  # type: ignore[union-attr]
    done = load({**GOOD, "许可证编号": "", "门店码": code or "", "11备注": note})
    assert (done.new, done.bad, done.warnings) == (1, 0, 1)
    assert [what in row[3] and "11备注" in row[1] for row in faults_of(done)] == [True]


def test_importing_the_same_file_again_changes_nothing(load: Import) -> None:
    load(GOOD)
    again = load(GOOD)
    assert (again.new, again.corrected, again.unchanged, again.batch_id) == (0, 0, 1, None)


def test_a_changed_row_is_a_correction_of_its_record(database: Engine, load: Import) -> None:
    load(GOOD)
    done = load({**GOOD, "检查结果": "不符合", "更正说明": "录入有误"})
    assert (done.new, done.corrected) == (0, 1)
    with read_only(database) as session:
        reasons = [row.correction_reason for row in session.exec(select(Visit).order_by("version"))]
    assert reasons == [None, "录入有误"]


@pytest.mark.parametrize(
    ("change", "column", "what"),
    [
        ({"许可证编号": "JY21201119999999"}, "许可证编号", "名册里没有"),
        ({"许可证编号": ""}, "门店码", "没有写是哪个单位"),
        ({"检查日期": "2026-12-01"}, "检查日期", "将来"),
        ({"检查日期": "2025-12-31"}, "许可证编号", "早于该单位在此经营的第一天"),
        ({"检查日期": "去年"}, "检查日期", "看不出是哪一天"),
        ({"检查类型": "随便看看"}, "检查类型", "不是允许的值"),
        ({"检查结果": ""}, "检查结果", "是空的"),
        ({"检查结果": "优秀"}, "检查结果", "不是允许的结果"),
        ({"1": "大概符合"}, "1", "不是允许的评价"),
        ({"99": "符合"}, "99", "没有这一项"),
        ({"1备注": "有问题"}, "1备注", "没有评为不符合"),
        ({"得分": "-3"}, "得分", "小于"),
        ({"检查要点表": "no-such-list"}, "检查要点表", "没有这个要点表"),
        ({"主题项目": "3、99"}, "主题项目", "没有这一项"),
        ({"复查的记录编号": "XQ-0"}, "复查的记录编号", "没有这条检查记录"),
        ({"记录编号": ""}, "记录编号", "是空的"),
        ({"统一社会信用代码": "91120111MA9A00001X"}, "统一社会信用代码", "名册里没有"),
    ],
)
def test_a_bad_row_is_named_with_row_column_value_and_cure_and_the_good_one_loads(
    load: Import, change: dict[str, str], column: str, what: str
) -> None:
    done = load({**GOOD, "记录编号": "XQ-2"}, {**GOOD, **change})
    assert (done.new, done.bad) == (1, 1)
    found = [fault for fault in faults_of(done) if fault[1] == column]
    assert found
    assert found[0][0] == "3"
    assert what in found[0][3]
    assert found[0][4]


def test_a_row_without_any_answer_is_refused(load: Import) -> None:
    bare = {key: value for key, value in GOOD.items() if not key[0].isdigit()}
    done = load(bare)
    assert (done.new, done.bad) == (0, 1)
    assert "没有一项检查结果" in faults_of(done)[0][3]


def test_a_record_number_that_stands_twice_loads_neither(load: Import) -> None:
    done = load(GOOD, {**GOOD, "检查结果": "符合"})
    assert (done.new, done.bad) == (0, 2)


def test_a_unit_is_found_by_storefront_code_and_by_credit_code_with_address(
    database: Engine, load: Import
) -> None:
    with read_only(database) as session:
        code = session.exec(select(Premises.code)).one()
    by_code = {**GOOD, "许可证编号": "", "门店码": code.lower().replace("-", " "), "记录编号": "a"}
    by_credit = {
        **GOOD,
        "许可证编号": "",
        "统一社会信用代码": DUMPLINGS.credit_code or "",
        "经营场所地址": "柳口路 28号",
        "记录编号": "b",
    }
    elsewhere = {**by_credit, "经营场所地址": "别的路1号", "记录编号": "c"}
    done = load(by_code, by_credit, elsewhere)
    assert (done.new, done.bad) == (2, 1)


def test_a_visit_after_the_unit_left_is_reported(database: Engine, load: Import) -> None:
    with transaction(database) as session:
        unit = session.exec(select(CateringUnit)).one()
        unit.until_on = date(2026, 9, 30)
        session.add(unit)
    done = load(GOOD)
    assert "晚于该单位在此经营的最后一天" in faults_of(done)[0][3]


def test_a_recheck_hangs_on_the_visit_that_it_rechecks(database: Engine, load: Import, now: datetime) -> None:
    second = {
        **GOOD,
        "记录编号": "XQ-2",
        "检查日期": "2026-10-20",
        "检查类型": "复查",
        "检查结果": "符合",
        "11": "符合",
        "11备注": "",
        "15": "符合",
        "复查的记录编号": "XQ-1",
    }
    done = load(GOOD, second)
    assert done.bad == 0
    with transaction(database) as session:
        from inspections.visits.service import release_batch

        release_batch(
            session, done.batch_id or 0, actor="乙", now=datetime.fromisoformat("2026-11-24T02:00Z")
        )
        shown = next(iter(shown_visits(session, [1], since=None, on=TODAY).values()))
    assert [visit.result_zh for visit in shown.visits] == ["基本符合"]
    assert shown.visits[0].recheck is not None
    assert shown.visits[0].recheck.result_zh == "符合"


def test_answers_may_stand_in_a_long_file(database: Engine, load: Import, tmp_path: Path) -> None:
    head = {key: value for key, value in GOOD.items() if not key[0].isdigit()}
    items = tuple(
        {"记录编号": key, "项目": code, "评价": answer, "问题描述": note, "当场改正": spot}
        for key, code, answer, note, spot in (
            ("XQ-1", "1", "符合", "", ""),
            ("XQ-1", "第11项", "不符合", "积水", "是"),
            ("XQ-1", "5.1", "不符合", "", ""),
            ("XQ-9", "1", "符合", "", ""),
        )
    )
    done = load(head, items=write_rows(tmp_path / "items.csv", items[:2]))
    assert (done.new, done.bad) == (1, 0)
    with read_only(database) as session:
        finding = session.exec(select(Finding)).one()
    assert (finding.item_code, finding.note, finding.corrected_on_spot) == ("11", "积水", True)
    twice = load({**head, "记录编号": "XQ-1"}, items=write_rows(tmp_path / "items.csv", items))
    assert twice.bad == 1
    words = " ".join(" ".join(fault) for fault in faults_of(twice))
    assert "出现了两次" in words
    assert "没有这条记录" in words


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_in_the_encodings_of_table_programs_are_read(
    load: Import, tmp_path: Path, encoding: str
) -> None:
    assert load(file=write_rows(tmp_path / "visits.csv", (GOOD,), encoding)).new == 1


def test_a_file_without_the_needed_columns_or_empty_is_refused_in_one_sentence(
    load: Import, tmp_path: Path
) -> None:
    with pytest.raises(SheetError, match="检查结果"):
        load({key: value for key, value in GOOD.items() if key != "检查结果"})
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    with pytest.raises(SheetError, match="空文件"):
        load(file=empty)


def test_a_file_cut_in_the_middle_keeps_its_whole_rows(load: Import, tmp_path: Path) -> None:
    path = write_rows(tmp_path / "visits.csv", (GOOD, {**GOOD, "记录编号": "XQ-2"}))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - 25])
    done = load(file=path)
    assert done.new == 1


def test_the_template_comes_back_filled_in(
    database: Engine, load: Import, data_directory: Path, tmp_path: Path
) -> None:
    house = House(Configuration(data=data_directory), database)
    out = tmp_path / "template.xlsx"
    made = CliRunner().invoke(template_visits, ["--out", str(out), "--checklist", CHECKLIST], obj=house)
    assert made.exit_code == 0, made.output
    book = openpyxl.load_workbook(out)
    sheet = book["检查记录"]
    headers = [cell.value for cell in sheet[1]]
    for header, value in GOOD.items():
        sheet.cell(2, headers.index(header) + 1, value)
    book.save(out)
    assert load(file=out).new == 1


def test_a_demonstration_refuses_the_import(database: Engine, load: Import, now: datetime) -> None:
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    with pytest.raises(WrongDirectoryError, match="演示"):
        load(GOOD)


def test_the_release_shows_counts_and_a_sample_first_and_needs_a_password(
    database: Engine, load: Import, data_directory: Path, tmp_path: Path, now: datetime
) -> None:
    open_bureau(database, now)
    batch = load(GOOD, {**GOOD, "记录编号": "XQ-2", "检查类型": "飞行检查"}).batch_id
    house = House(Configuration(data=data_directory), database)
    password = tmp_path / "password"
    password.write_text("wrong", encoding="utf-8")
    command = ["release", str(batch), "--account", EDITOR, "--password-file", str(password)]
    refused = CliRunner().invoke(visits, [*command, "--yes"], obj=house)
    assert refused.exit_code != 0
    password.write_text(PASSWORD, encoding="utf-8")
    declined = CliRunner().invoke(visits, command, obj=house, input="n\n")
    assert declined.exit_code != 0
    with read_only(database) as session:
        assert session.exec(select(VisitBatch)).one().released_at is None
    released = CliRunner().invoke(visits, command, obj=house, input="y\n")
    assert released.exit_code == 0, released.output
    for words in (
        "2 条记录，1 个单位",
        "飞行检查 1",
        "基本符合 2",
        "XQ-1",
        "柳口路28号",
        "问题描述：地面有积水",
    ):
        assert words in released.output
    listed = CliRunner().invoke(visits, ["batches"], obj=house)
    assert f"由{EDITOR}放行" in listed.output


def test_the_commands_import_and_grade_end_with_one_summary_line(
    database: Engine, load: Import, data_directory: Path, tmp_path: Path, now: datetime
) -> None:
    open_bureau(database, now)
    house = House(Configuration(data=data_directory), database)
    path = write_rows(tmp_path / "visits.csv", (GOOD, {**GOOD, "检查结果": "好", "记录编号": "XQ-2"}))
    command = [str(path), "--checklist", CHECKLIST, "--account", EDITOR]
    done = CliRunner().invoke(import_visits, command, obj=house, input=f"{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert "新增 1" in done.output
    assert "有错误 1" in done.output
    graded = CliRunner().invoke(grade, ["--all", "--json"], obj=house)
    assert graded.exit_code == 0, graded.output
    assert '"units": 1' in graded.output.splitlines()[-1]
    past = CliRunner().invoke(grade, ["--on", "2026-06-01"], obj=house)
    assert "只查看" in past.output
    with read_only(database) as session:
        code = session.exec(select(Premises.code)).one()
        assert session.exec(select(RegisterImport).where(RegisterImport.kind == "visits")).one().counts
    explained = CliRunner().invoke(grade, ["--explain", code], obj=house)
    assert "暂未评定" in explained.output
    assert "tianjin-2020" in explained.output


@given(st.sampled_from(list(Answer)))
def test_every_answer_is_read_back_from_its_own_word_and_letter(answer: Answer) -> None:
    assert read_answer(answer.zh) is answer
    assert read_answer(answer.value) is answer


@given(st.text(min_size=1, max_size=12).filter(lambda text: not text.isspace()))
def test_an_answer_is_never_guessed(written: str) -> None:
    known = {word for answer in Answer for word in (answer.zh, answer.value)} | set(ANSWER_WORDS)
    if written not in known and len(written) > 4:
        with pytest.raises(CellError):
            read_answer(f"{written}？")


def test_a_former_licence_number_still_finds_its_unit(database: Engine, load: Import, now: datetime) -> None:
    with transaction(database) as session:
        add_units(session, [replace(DUMPLINGS, licence_number="JY21201119900024")], now)
        assert len(session.exec(select(CateringUnit)).all()) == 1
    assert load(GOOD).new == 1
