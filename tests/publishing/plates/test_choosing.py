"""Promises of choosing doors for a print: by street, unit type or list, and a sentence for each wrong row."""

from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import Engine

from inspections.record.errors import HouseError
from publishing.plates.choosing import PlateError, Selection
from publishing.plates.lists import ListError, read_doors
from tests.publishing.plates.register import CODES, fill_register, issue


@pytest.fixture
def register(database: Engine, now: datetime) -> Engine:
    """Six doors, three of which get a plate."""
    fill_register(database, now)
    return database


def _codes(database: Engine, now: datetime, selection: Selection) -> list[str]:
    return [facts.code for facts in issue(database, now, selection).plates]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("餐馆", CODES[:2]), ("restaurant", CODES[:2]), ("小型餐馆", [CODES[1]]), ("小吃店", [CODES[2]])],
)
def test_plates_are_printed_for_one_unit_type_and_size(
    register: Engine, now: datetime, typed: str, expected: list[str]
) -> None:
    issued = issue(register, now, Selection(unit_type=typed))
    assert [facts.code for facts in issued.plates] == expected
    assert issued.vacant == 1 * (typed in {"餐馆", "restaurant"}) * 2


def test_conditions_hold_together(register: Engine, now: datetime) -> None:
    assert _codes(register, now, Selection(street="北河镇", unit_type="餐馆")) == []
    assert _codes(register, now, Selection(street="柳荫镇", unit_type="小吃店")) == [CODES[2]]


def test_an_unknown_type_names_the_types_there_are(register: Engine, now: datetime) -> None:
    with pytest.raises(PlateError, match="没有业态“饭馆”；可以写：餐馆、"):
        issue(register, now, Selection(unit_type="饭馆"))


def test_a_text_file_with_a_code_on_each_line_keeps_its_order_and_prints_each_door_once(
    register: Engine, now: datetime, tmp_path: Path
) -> None:
    file = tmp_path / "street.txt"
    lower = CODES[0].lower().replace("-", " ")
    file.write_text(f"{CODES[2]}\n\n{lower}\n{CODES[2]}\n", encoding="utf-8")
    assert _codes(register, now, Selection(listed=read_doors(file))) == [CODES[2], CODES[0]]


def test_a_list_may_be_a_workbook_or_csv_with_other_columns(
    register: Engine, now: datetime, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["街道", "门店码", "备注"], ["柳荫镇", CODES[1], "急"], ["柳荫镇", CODES[0], ""]):
        sheet.append(row)
    book.save(tmp_path / "list.xlsx")
    assert _codes(register, now, Selection(listed=read_doors(tmp_path / "list.xlsx"))) == [CODES[1], CODES[0]]
    csv = tmp_path / "list.csv"
    csv.write_bytes(f"门店码,备注\r\n{CODES[0]},急\r\n".encode("gb18030"))
    assert _codes(register, now, Selection(listed=read_doors(csv))) == [CODES[0]]


def test_wrong_rows_are_named_with_their_cure_and_the_others_are_printed(
    register: Engine, now: datetime, tmp_path: Path
) -> None:
    near = CODES[0][:-1] + ("2" if CODES[0][-1] != "2" else "3")
    file = tmp_path / "list.csv"
    file.write_text(f"门店码\n{CODES[0]}\n{near}\n老王\n{CODES[4]}\n", encoding="utf-8")
    issued = issue(register, now, Selection(listed=read_doors(file)))
    assert [facts.code for facts in issued.plates] == [CODES[0]]
    assert issued.refused == (
        f"list.csv 第 3 行：没有门店码“{near}”；是不是 {CODES[0]}？",
        "list.csv 第 4 行：没有门店码“老王”；请照公示牌或名册核对。",
    )
    assert issued.vacant == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "是空文件"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "不是表格文件"),
        (b"%PDF-1.7", "不是表格文件"),
        ("店名\n老灶台\n".encode(), "门店码"),
        ("门店码\n".encode(), "没有一行门店码"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(HouseError, match=said):
        read_doors(file)
    with pytest.raises(ListError, match="找不到文件"):
        read_doors(tmp_path / "nowhere.csv")
