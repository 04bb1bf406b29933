"""Promises of the bureau's own files: checked, before the shipped ones, the former kept, in the backup."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine

from app import create_app
from inspections.campaigns.city_plan import EXAMPLE_MAPPING, bureau_mapping, read_mapping
from inspections.record.configuration import Configuration
from inspections.record.house import House, open_house
from inspections.record.own_files import former_files, own_names
from inspections.record.working_days import is_working_day, missing_year_warning
from inspections.visits.fieldwork import SEEDS, exam, exam_by_sha256
from publishing.keeping import kept_parts
from tests.bureau import ADMINISTRATOR, PASSWORD, open_bureau
from tests.staff import StaffClient, signed_in

NEXT_YEAR = b"year = 2027\ndays_off = [2027-01-01]\ndays_on = [2027-01-03]\n"
OWN = """title = "本局题库"
asked = 1
[[questions]]
id = "own-1"
text = "冷藏温度？"
choices = ["0至8℃", "10℃"]
right = 0
source = "GB 31654"
"""


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A bureau with nothing of its own; other tests find none either."""
    open_bureau(database, now)
    application = create_app(Configuration(data=data_directory))
    with time_machine.travel(now, tick=True):
        yield application
    house: House = application.extensions["house"]
    house.engine.dispose()
    open_house(Configuration(data=data_directory / "nothing")).engine.dispose()


def _put(desk: Flask, kind: str, content: bytes, name: str = "some.toml") -> str:
    client: StaffClient = signed_in(desk, ADMINISTRATOR, PASSWORD)
    client.get("/desk/settings")
    return client.act("/desk/settings/files", {"kind": kind, "file": (io.BytesIO(content), name)})


def test_a_year_that_is_missing_says_where_its_calendar_goes_and_is_there_once_it_was_put_in(
    desk: Flask,
) -> None:
    warning = missing_year_warning(date(2027, 5, 1))
    assert warning is not None
    assert "设置" in warning
    assert "calendar/2027.toml" in _put(desk, "calendar", NEXT_YEAR)
    assert missing_year_warning(date(2027, 5, 1)) is None
    assert [is_working_day(date(2027, 1, day)) for day in (1, 2, 3, 4)] == [False, False, True, True]


@pytest.mark.parametrize("kind", ["calendar", "exam", "city_plan"])
def test_the_sample_of_a_kind_can_be_put_in_as_it_is(desk: Flask, kind: str) -> None:
    client = signed_in(desk, ADMINISTRATOR, PASSWORD)
    sample = client.client.get(f"/desk/settings/files/{kind}")
    assert sample.status_code == 200
    assert "已放入" in _put(desk, kind, sample.data)
    assert client.client.get("/desk/settings/files/recipes").status_code == 404


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("calendar", b"year = 2027\ndays_off = [2028-01-03]\ndays_on = []\n", "不对"),
        ("calendar", b"days_off = []\n", "不是工作日历"),
        ("calendar", b"\xff\xfe", "不是工作日历"),
        ("exam", OWN.replace("right = 0", "right = 2").encode(), "不在选项里"),
        ("exam", OWN.replace("asked = 1", "asked = 9").encode(), "至少 asked 道题"),
        ("exam", OWN.replace("own-1", "题目1").encode(), "题目编号“题目1”只能用"),
        (
            "exam",
            OWN.replace('["0至8℃", "10℃"]', str(["是"] * 22)).encode(),
            "选项超过 21 个",
        ),
        ("exam", OWN.encode("gbk"), "编码选 UTF-8"),
        ("exam", OWN.replace("asked = 1", "asked is 1").encode(), "第 2 行不合 TOML"),
        ("exam", b"title = ", "TOML"),
        ("exam", b'title = "x"\nasked = 1\nquestions = ["one"]\n', "[[questions]]"),
        ("exam", OWN.replace("right = 0", 'right = "A"').encode(), "own-1 的 right"),
        ("exam", OWN.replace('["0至8℃", "10℃"]', "[8, 10]").encode(), "own-1 的 choices"),
        ("exam", OWN.replace('source = "GB 31654"', "").encode(), "own-1 的 source"),
        ("calendar", b"year = 2027\ndays_off = 5\ndays_on = []\n", "不是工作日历"),
        ("calendar", b"year = 2027\ndays_off = [2027-01-01T00:00:00Z]\ndays_on = []\n", "不是日期"),
        ("city_plan", b'[columns]\ntask = "a"\n', "要有 task、due_on"),
        ("city_plan", b"columns = 5\n", "[columns] 要写成"),
        ("city_plan", b'[columns]\ntask = 1\ndue_on = "b"\nlicence_number = "c"\n', "[columns] 要写成"),
        ("city_plan", b"[words]\nstate = 1\n", "[words] 要写成"),
        ("city_plan", "[columns]\ntask = '任务'".encode("gbk"), "不是 TOML"),
        ("recipes", OWN.encode(), "没有这一种文件"),
    ],
)
def test_a_file_that_does_not_hold_is_named_and_changes_nothing(
    desk: Flask, kind: str, content: bytes, said: str
) -> None:
    assert said in _put(desk, kind, content)
    assert own_names() == []
    assert exam()["is_demonstration"] is True


def test_a_bureaus_questions_go_before_the_samples_and_those_that_were_replaced_still_count(
    desk: Flask,
) -> None:
    samples = exam()["sha256"]
    _put(desk, "exam", OWN.encode())
    first = exam()
    assert (first["title"], "is_demonstration" in first) == ("本局题库", False)
    _put(desk, "exam", OWN.replace("冷藏温度？", "冷藏多少度？").encode())
    assert exam()["sha256"] != first["sha256"]
    assert len(list(former_files("exam.toml"))) == 1
    for sha256 in (samples, first["sha256"], exam()["sha256"]):
        assert exam_by_sha256(sha256) is not None
    assert exam_by_sha256("0" * 64) is None
    assert (SEEDS / "exam.toml").exists()


def test_a_file_saved_with_the_mark_of_notepad_is_taken(desk: Flask) -> None:
    assert "已放入" in _put(desk, "exam", OWN.encode("utf-8-sig"))
    assert "已放入" in _put(desk, "calendar", b"\xef\xbb\xbf" + NEXT_YEAR)


def test_the_columns_of_the_citys_platform_are_read_as_the_bureau_has_put_them_in(desk: Flask) -> None:
    assert bureau_mapping() == read_mapping(EXAMPLE_MAPPING)
    own = EXAMPLE_MAPPING.read_text(encoding="utf-8").replace("任务编号", "抽查任务号")
    assert "city-plan.toml" in _put(desk, "city_plan", own.encode())
    assert bureau_mapping().columns["task"] == "抽查任务号"


def test_own_files_are_part_of_a_backup(desk: Flask, data_directory: Path) -> None:
    _put(desk, "calendar", NEXT_YEAR)
    files = kept_parts(Configuration(data=data_directory)).files
    assert files["own-calendar+2027.toml"] == data_directory / "own" / "calendar" / "2027.toml"
