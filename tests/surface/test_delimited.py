"""CSV as people really save it: what can be read is read, what cannot is named with its cure."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.surface.sheets.columns import (
    Column,
    choice,
    code_text,
    day,
    decimal,
    text,
    whole,
    words,
    yes_no,
)
from inspections.surface.sheets.faults import SheetError
from inspections.surface.sheets.reading import Sheet, read_sheet
from inspections.surface.sheets.rows import Row

COLUMNS = (
    Column("name", "名称", "name", text(20), required=True, aliases=("店名",)),
    Column("number", "编号", "number", code_text(lambda code: None if code[:2] == "JY" else "应以 JY 开头")),
    Column("seats", "座位", "seats", whole(0, 500)),
    Column("area", "面积", "area", decimal(0, 1000)),
    Column("on", "日期", "day", day(date(2000, 1, 1), date(2030, 12, 31)), is_day=True),
    Column("kind", "类型", "kind", choice({"甲": "a", "互联网+": "net"})),
    Column("open", "在营", "open", yes_no()),
    Column("foods", "食品", "foods", words({"热食": "hot", "冷食": "cold"})),
)
HEADER = "名称,编号,座位,面积,日期,类型,在营,食品\n"


def read(tmp_path: Path, content: str | bytes) -> tuple[Sheet, list[Row]]:
    path = tmp_path / "units.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    sheet = read_sheet(path, COLUMNS)
    return sheet, list(sheet.rows)


def only_fault(tmp_path: Path, cells: str) -> str:
    _, (row,) = read(tmp_path, HEADER + cells + "\n")
    assert not row.is_good
    return str(row.faults[0])


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8（带 BOM）"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
def test_every_usual_encoding_is_read_and_named(tmp_path: Path, encoding: str, said: str) -> None:
    sheet, rows = read(tmp_path, (HEADER + "王记𰻝𰻝面,JY1,1,,,,,\n").encode(encoding))
    assert (sheet.encoding, rows[0].values["name"]) == (said, "王记𰻝𰻝面")


def test_bytes_of_no_known_encoding_are_refused_with_a_cure(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"既不是 UTF-8 也不是 GB18030.*另存为"):
        read(tmp_path, HEADER.encode() + b"\xff\xfe\xff\xff broken \xff\xff\n more text\n")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_shows_the_headers(tmp_path: Path, separator: str) -> None:
    title = "2026 年，餐饮单位名册，共一家，；\n"
    lines = [separator.join(["名称", "编号", "备注,备注;x"]), separator.join(["甲店", "JY1", "x"])]
    if separator in ",;":
        lines[0] = separator.join(["名称", "编号"])
    sheet, rows = read(tmp_path, title + "\n".join(lines) + "\n")
    assert rows[0].values["number"] == "JY1"
    assert sheet.header_row == 2


def test_title_lines_above_english_headers_are_passed_over(tmp_path: Path) -> None:
    sheet, rows = read(tmp_path, "Register\n\nas of,2026\nName,Number,SEATS,day\nA,JY1,5,2026-01-02\n")
    assert sheet.header_row == 4
    assert (rows[0].values["seats"], rows[0].values["on"]) == (5, date(2026, 1, 2))
    assert set(sheet.absent) == {"area", "kind", "open", "foods"}


def test_quotes_and_line_breaks_inside_a_cell_are_kept_apart(tmp_path: Path) -> None:
    _, rows = read(tmp_path, HEADER + '"好""味,道"\r\n"一行\n二行",JY2,,,,,,\n')
    assert [row.number for row in rows] == [2, 3]
    assert not rows[0].is_good
    assert rows[1].values["name"] == "一行 二行"


def test_an_unclosed_quote_costs_its_own_row_only(tmp_path: Path) -> None:
    lines = ["甲店,JY1,,,,,,", '"乙店,JY2,,,,,,', "丙店,JY3,,,,,,", "丁店,JY4,,,,,,"]
    _, rows = read(tmp_path, HEADER + "\n".join(lines) + "\n")
    assert [row.values["name"] for row in rows if row.is_good] == ["甲店", "丙店", "丁店"]
    (bad,) = [row for row in rows if not row.is_good]
    assert bad.number == 3
    assert "引号没有配对，或文件在这里断开" in str(bad.faults[0])
    assert bad.cells[:2] == ["乙店", "JY2"]


def test_a_file_cut_inside_a_row_loads_what_stands_before_and_names_the_cut(tmp_path: Path) -> None:
    _, rows = read(tmp_path, HEADER + "甲店,JY1,,,,,,\n乙店,JY")
    assert [row.is_good for row in rows] == [True, False]
    assert "文件在这里断开" in str(rows[1].faults[0])


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_file_cut_inside_a_character_loads_what_stands_before(tmp_path: Path, encoding: str) -> None:
    whole_file = (HEADER + "甲店,JY1,,,,,,\n乙店,JY2,,,,,,\n丙").encode(encoding)
    sheet, rows = read(tmp_path, whole_file[:-1])
    assert [row.values["name"] for row in rows if row.is_good] == ["甲店", "乙店"]
    assert any("断开" in note.what and note.row == 4 for note in sheet.notes)


def test_a_last_line_without_its_end_is_only_a_remark(tmp_path: Path) -> None:
    sheet, rows = read(tmp_path, HEADER + "甲店,JY1,,,,,,")
    assert rows[0].is_good
    assert [note.is_warning for note in sheet.notes] == [True]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "空文件"),
        (" \n\n", "空文件"),
        ("甲,乙\n1,2\n", "找不到表头"),
        ("编号,座位\nJY1,5\n", "缺少必需的列：名称"),
        ("名称,店名,编号\n甲,乙,JY1\n", "有两列都是"),
        (b"%PDF-1.7 ...", "不是表格文件"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "旧式 XLS 或加密"),
        (HEADER.encode("utf-16-le"), "认不出来.*另存为"),
        (b"name,number\nA,\x00JY1\n", "空字节"),
    ],
)
def test_a_file_of_which_nothing_can_be_read_says_why(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(SheetError, match=message):
        read(tmp_path, content)


def test_a_header_without_rows_gives_no_rows(tmp_path: Path) -> None:
    sheet, rows = read(tmp_path, HEADER)
    assert (rows, sheet.notes) == ([], [])


def test_unknown_columns_are_named_and_left_out(tmp_path: Path) -> None:
    sheet, rows = read(tmp_path, "名称,电话\n甲店,123\n")
    assert rows[0].is_good
    assert [(note.column, note.is_warning) for note in sheet.notes] == [("电话", True)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-3-5", date(2024, 3, 5)),
        ("2024/03/05", date(2024, 3, 5)),
        ("2024年3月5日", date(2024, 3, 5)),
        ("20240305", date(2024, 3, 5)),
        ("2024.3.5", date(2024, 3, 5)),
        ("２０２４－３－５", date(2024, 3, 5)),
        ("2024-03-05 14:30:00", date(2024, 3, 5)),
    ],
)
def test_days_are_read_in_the_ways_people_write_them(tmp_path: Path, written: str, meant: date) -> None:
    _, (row,) = read(tmp_path, f"{HEADER}甲店,,,,{written},,,\n")
    assert row.values["on"] == meant


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",JY1,,,,,,", "“名称”，是空的。这一列必须填"),
        ("甲店,XX1,,,,,,", "“编号”：XX1，应以 JY 开头。请对照证照改正"),
        ("甲店,1.2E+17,,,,,,", "被表格软件当成了数字.*设为“文本”"),
        ("甲店,120111199001011.0,,,,,,", "被表格软件当成了数字.*设为“文本”"),
        ("甲店,,-3,,,,,", "小于 0"),
        ("甲店,,3.5,,,,,", "不是整数"),
        ("甲店,,九座,,,,,", "不是数字。请只写数字"),
        ("甲店,,,1E9,,,,", "不是数字"),
        ("甲店,,,99999999,,,,", "大于 1000"),
        ("甲店,,,nan,,,,", "不是数字"),
        ('甲店,,,"12,5",,,,', "不是数字"),
        ("甲店,,,,45356,,,", "日期序号"),
        ("甲店,,,,2024-13-45,,,", "没有这一天"),
        ("甲店,,,,3/5/2024,,,", "看不出是哪一天"),
        ("甲店,,,,1899-01-01,,,", "不在 2000-01-01 至 2030-12-31 之间"),
        ("甲店,,,,,丙,,", "不是允许的值。请从这些里选：甲、互联网"),
        ("甲店,,,,,,也许,", "不是允许的值。请从这些里选：是、否"),
        ("甲店,,,,,,,热食、火星菜", "“火星菜”不是允许的值"),
        ("甲\x07店,,,,,,,", "看不见的控制字符"),
        (f"{'长' * 21},,,,,,,", "有 21 个字，最多 20 个"),
        ("甲店,JY1,,,,,", "这一行有 7 格，表头有 8 列"),
        ("甲店,JY1,,,,,,,x", "这一行有 9 格，表头有 8 列"),
    ],
)
def test_a_bad_cell_is_named_with_row_column_value_and_cure(tmp_path: Path, cells: str, said: str) -> None:
    sentence = only_fault(tmp_path, cells)
    assert sentence.startswith("第 2 行")
    assert re.search(said, sentence)


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#VALUE!"])
def test_an_error_value_that_a_table_program_wrote_into_a_csv_is_named(tmp_path: Path, error: str) -> None:
    assert "“名称”" in only_fault(tmp_path, f"{error},,,,,,,")


def test_a_fault_names_the_header_as_it_stands_in_the_file(tmp_path: Path) -> None:
    _, (row,) = read(tmp_path, "店名,Seats\n甲店,-1\n")
    assert [fault.column for fault in row.faults] == ["Seats"]


def test_words_may_be_written_as_what_they_stand_for(tmp_path: Path) -> None:
    _, (row,) = read(tmp_path, HEADER + "甲店,JY1,1,,,NET,Yes,cold; Hot\n")
    assert [row.values[key] for key in ("kind", "open", "foods")] == ["net", True, "hot,cold"]


def test_width_spaces_and_apostrophes_do_not_change_a_value(tmp_path: Path) -> None:
    _, rows = read(tmp_path, HEADER + ' 甲店　,\'ｊｙ１２ 3\t,１２,"1,000",,互联网＋,Y,热食 冷食\n')
    values = rows[0].values
    assert values["number"] == "JY123"
    assert (values["name"], values["seats"], values["area"]) == ("甲店", 12, Decimal(1000))
    assert (values["kind"], values["open"], values["foods"]) == ("net", True, "hot,cold")


@settings(max_examples=150, deadline=None)
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda t: (HEADER + t).encode())))
def test_no_bytes_whatever_raise_anything_but_our_own_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(content)
    try:
        rows = list(read_sheet(path, COLUMNS).rows)
    except SheetError as error:
        assert str(error).endswith("。")  # noqa: PT017  # both outcomes are allowed, the sentence is promised
        return
    for row in rows:
        assert not row.is_good or row.values["name"]


@settings(max_examples=60, deadline=None)
@given(place=st.integers(min_value=0, max_value=400))
def test_a_cut_at_any_byte_never_loses_an_earlier_row(
    tmp_path_factory: pytest.TempPathFactory, place: int
) -> None:
    lines = [f"店{number},JY{number},1,2,2024-01-0{number},甲,是,热食\n" for number in range(1, 9)]
    content = (HEADER + "".join(lines)).encode()
    path = tmp_path_factory.getbasetemp() / "cut.csv"
    kept = content[: max(len(HEADER.encode()), len(content) - place)]
    path.write_bytes(kept)
    complete = kept.count(b"\n") - 1
    good = [row.values["name"] for row in read_sheet(path, COLUMNS).rows if row.is_good]
    assert good[:complete] == [f"店{number}" for number in range(1, complete + 1)]
