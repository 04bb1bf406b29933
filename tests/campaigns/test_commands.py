"""The same month by commands: each asks who decides, and says what it did and what comes next."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import time_machine
from click.testing import CliRunner, Result

from inspections.campaigns.assigning import note_state
from inspections.campaigns.city_plan import EXAMPLE_MAPPING
from inspections.campaigns.commands import draw
from inspections.campaigns.plan_commands import year_plan
from inspections.campaigns.tables import AssignmentState
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.surface.terminal import for_people
from inspections.units.tables import UnitStanding
from tests.bureau import EDITOR, PASSWORD
from tests.campaigns.drawing.test_drawing import VECTORS
from tests.campaigns.office import MANAGER, MONTH, Office
from tests.campaigns.test_plan import HEADER, LICENCES, with_licences

START = datetime(2026, 11, 24, 10, 0, tzinfo=PEOPLE_ZONE)
PLAN = ("plan", MONTH, "--theme", "冬日里的饺子馆", "--count", "6", "--load", "4", "--by", "unit_type")
Run = Callable[..., Result]


@pytest.fixture
def clock() -> Iterator[Any]:  # the library's own traveller
    """A clock that stands until it is moved."""
    with time_machine.travel(START, tick=False) as found:
        yield found


@pytest.fixture
def run(office: Office, tmp_path: Path, clock: Any) -> Run:  # the library's own traveller
    """Run a command as the shell does, with an account and its password from a file."""
    house = House(Configuration(data=tmp_path / "office"), office.engine)
    password = tmp_path / "password.txt"
    password.write_text(PASSWORD + "\n", encoding="utf-8")

    def running(*words: str, account: str | None = MANAGER, command: click.Command = draw) -> Result:
        who = ["--account", account, "--password-file", str(password)] if account else []
        return CliRunner().invoke(for_people(command), [*words, *who], obj=house)

    return running


def said(result: Result) -> str:
    """What a command that went well said."""
    assert result.exit_code == 0, result.output
    return result.output


def refused(result: Result) -> str:
    """What a command that was refused said: a sentence, no trace."""
    assert result.exit_code in (1, 2), result.output
    assert "Traceback" not in result.output
    return result.output


def test_a_month_by_commands(run: Run, office: Office, clock: Any, tmp_path: Path) -> None:
    assert "在营餐饮服务单位中：全部" in said(run(*PLAN, "--weight", "餐馆=2", "--guest", "人大代表=1"))
    assert "30 分钟" in refused(run("commit", MONTH, "--source", "掷骰", "--at", "2026-11-24T10:10"))
    committed = said(run("commit", MONTH, "--source", "公证处掷骰", "--at", "2026-11-24T12:00"))
    assert office.draws()[0].roster_sha256 in committed
    assert "只有承诺" in refused(run("verify", MONTH, account=None))
    value = (
        "value", MONTH, "--value", "63454660390103169462", "--how", "公证员掷骰",
        "--known-at", "2026-11-24T12:00", "--link", "https://live.example.cn",
    )  # fmt: skip
    assert "不能早于" in refused(run(*value))
    clock.move_to(START + timedelta(hours=3))
    assert "公开值已录入" in said(run(*value))
    assert "已抽取 6 家" in said(run("run", MONTH, "--release", "2026-11-24"))
    shut, gone, *others = office.assignments()
    with transaction(office.engine) as session:
        note_state(
            session, shut.id or 0, AssignmentState.CLOSED_DOOR, actor=MANAGER, now=START + timedelta(hours=3),
            photo_sha256="ab" * 32,
        )  # fmt: skip
    assert "递补" in said(run("open-substitute", MONTH, office.code(shut.unit_id).lower().replace("-", "")))
    assert "经营者已变更" in said(
        run("exclude", MONTH, office.code(gone.unit_id), "--reason", "new_operator")
    )
    assert "还有" in refused(run("reveal", MONTH))
    for one in office.assignments():
        if one.state is AssignmentState.WAITING:
            with transaction(office.engine) as session:
                note_state(
                    session, one.id or 0, AssignmentState.DONE, actor=MANAGER, now=START + timedelta(hours=4)
                )
    assert "已公布" in said(run("reveal", MONTH))
    verified = said(run("verify", MONTH, account=None))
    assert "全部成立 / everything holds" in verified
    out = tmp_path / "draw.json"
    said(run("certificate", MONTH, "--out", str(out)))
    assert json.loads(out.read_text(encoding="utf-8"))["campaign"] == MONTH
    assert "名单已公布" in said(run("list", account=None))
    assert len(others) == 4


def test_a_redraw_by_command(run: Run, office: Office) -> None:
    said(run(*PLAN))
    said(run("commit", MONTH, "--source", "掷骰", "--at", "2026-11-24T12:00"))
    again = said(
        run("redraw", MONTH, "--reason", "来源取消", "--source", "双色球", "--at", "2026-11-25T21:30")
    )
    assert "第 2 次抽取已承诺" in again
    assert [draw.number for draw in office.draws()] == [1, 2]


def test_only_who_manages_campaigns_draws(run: Run, office: Office) -> None:
    assert "没有“抽查管理”角色" in refused(run(*PLAN, account=EDITOR))
    assert office.draws() == []


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("commit", MONTH, "--source", "x", "--at", "tomorrow"), "不是时间"),
        ((*PLAN, "--weight", "餐馆"), "餐馆=2"),
        (("exclude", MONTH, "XXXX", "--reason", "ended"), "不是门店码"),
        (("verify", "2020-01"), "draw list"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_form(run: Run, words: tuple[str, ...], why: str) -> None:
    account = None if words[0] == "verify" else MANAGER
    assert why in refused(run(*words, account=account))


def test_a_committee_by_command(run: Run, tmp_path: Path) -> None:
    names = VECTORS / "rfc3797_ref.names"
    sources = ("--source", "9319", "--source", "2, 5, 12, 8, 10", "--source", "9 18 26 34 41 45")
    output = said(run("committee", str(names), *sources, "--count", "3", account=None))
    assert [line.split("\t")[2] for line in output.splitlines()[1:]] == ["Lee", "Doc", "Mary"]
    assert "不少于" in refused(run("committee", str(names), *sources, "--count", "99", account=None))
    assert "不是数字" in refused(run("committee", str(names), "--source", "a", "--count", "1", account=None))


def test_the_plan_by_commands(run: Run, office: Office, tmp_path: Path) -> None:
    on = civil_day(START)
    with transaction(office.engine) as session:
        session.add(UnitStanding(unit_id=office.units[0], as_of=on, grade="C", due_on=on - timedelta(days=3)))
    assert "共 1 项：新增 1" in said(run("make", "2026", command=year_plan))
    shown = said(run("show", "2026", account=None, command=year_plan))
    assert "已逾期 3 天" in shown
    assert "第1号店" in shown
    with_licences(office)
    file = tmp_path / "city.csv"
    file.write_text(
        HEADER + f"K-001,第1号店,{LICENCES[0]},,2026-12-10,餐饮,\nK-2,x,,,2026-12-10,,\n", encoding="utf-8"
    )
    mapping = ("--mapping", str(EXAMPLE_MAPPING))
    imported = said(run("import", str(file), *mapping, command=year_plan))
    assert "新任务 1" in imported
    assert "与计划重合 1" in imported
    assert (tmp_path / "office" / "reports" / "city-plan-city-faults.xlsx").exists()
    out = tmp_path / "back.csv"
    said(run("export", "2026", *mapping, "--out", str(out), account=None, command=year_plan))
    assert "K-001" in out.read_text(encoding="utf-8-sig")
