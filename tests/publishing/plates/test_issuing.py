"""Promises of issuing: numbered by door, the same plate once, never for a loopback address."""

import json
import threading
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import col, select

from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.audit import verify_audit
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.settings import SettingError, notices_after, set_setting
from inspections.record.tables import AuditEvent
from inspections.surface.terminal import for_people
from inspections.units.tables import UnitVersion
from publishing.plates.commands import plates
from publishing.plates.queries import outdated_plates
from publishing.plates.service import PlateError, Selection, issue_plates
from publishing.plates.tables import Plate
from tests.publishing.plates.register import ADDRESS, CODES, DAY, FONTS, PASSWORD, fill_register, issue


@pytest.fixture
def register(database: Engine, now: datetime) -> Engine:
    """Six doors: three with a unit to be shown, one with a sign that no font draws, two without a unit."""
    fill_register(database, now)
    return database


def _set_address(database: Engine, now: datetime, address: str, from_on: date = DAY) -> list[str]:
    with transaction(database) as session:
        set_setting(session, key="public_address", value=address, from_on=from_on, actor="王芳", now=now)
        return notices_after(session, "public_address", from_on)


def test_each_door_where_somebody_trades_gets_a_plate_and_the_others_are_told(
    register: Engine, now: datetime
) -> None:
    issued = issue(register, now)
    assert [(facts.code, facts.sign_name) for facts in issued.plates] == [
        (CODES[0], "老灶台0号店"),
        (CODES[1], "柳荫1号餐饮店"),
        (CODES[2], "个体经营者"),
    ]
    assert issued.plates[0].address == "柳荫镇柳口路0号"
    assert {facts.authority for facts in issued.plates} == {"示范区市场监督管理局"}
    assert issued.vacant == 2
    (refusal,) = issued.refused
    assert CODES[3] in refusal
    assert "U+1F35C" in refusal


def test_every_issue_is_recorded_with_day_address_and_account(register: Engine, now: datetime) -> None:
    issue(register, now)
    with read_only(register) as session:
        rows = session.exec(select(Plate).order_by(col(Plate.premises_id))).all()
        assert [(row.issue_no, row.printed_on, row.public_url, row.printed_by) for row in rows] == [
            (1, DAY, ADDRESS, "王芳")
        ] * 3
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "plates_issued")).one()
        assert json.loads(event.fields)["plates"] == 3
        assert list(verify_audit(session)) == []


def test_a_plate_that_says_the_same_is_printed_again_under_its_number_and_date(
    register: Engine, now: datetime
) -> None:
    first = issue(register, now)
    again = issue(register, now, on=date(2026, 12, 24))
    assert again.plates == first.plates
    assert again.new == 0


def test_a_new_sign_or_a_lost_plate_gets_the_next_number(register: Engine, now: datetime) -> None:
    issue(register, now)
    with transaction(register) as session:
        old = session.exec(select(UnitVersion).where(UnitVersion.sign_name == "老灶台0号店")).one()
        values = old.model_dump(exclude={"id", "from_on", "sign_name", "recorded_at"})
        session.add(UnitVersion(**values, from_on=date(2026, 12, 1), recorded_at=now, sign_name="新灶台"))
    later = issue(register, now, on=date(2026, 12, 24))
    assert [(facts.issue_no, facts.printed_on) for facts in later.plates] == [
        (2, date(2026, 12, 24)),
        (1, DAY),
        (1, DAY),
    ]
    lost = issue(register, now, Selection(code=CODES[1]), on=date(2026, 12, 25), anew=True)
    assert [(facts.issue_no, facts.printed_on) for facts in lost.plates] == [(2, date(2026, 12, 25))]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://localhost", "https://[::1]:8443", "http://127.8.8.8/hhb"]
)
def test_a_plate_for_a_loopback_address_is_refused(register: Engine, now: datetime, address: str) -> None:
    _set_address(register, now, address)
    with pytest.raises(PlateError, match="不能印在公示牌上"):
        issue(register, now)
    with read_only(register) as session:
        assert session.exec(select(Plate)).all() == []


def test_a_plate_without_a_public_address_or_under_another_one_is_refused(
    database: Engine, now: datetime
) -> None:
    with pytest.raises(SettingError, match="公开网址"):
        issue(database, now)
    fill_register(database, now)
    with transaction(database) as session, pytest.raises(SettingError, match="HHB_PUBLIC_URL"):
        issue_plates(
            session,
            Selection(),
            fonts=FONTS,
            configured_address="https://other.example",
            on=DAY,
            actor="王芳",
            now=now,
        )


def test_a_change_of_address_lists_the_plates_printed_under_the_old_one(
    register: Engine, now: datetime
) -> None:
    issue(register, now, Selection(code=CODES[0]))
    issue(register, now, Selection(code=CODES[1]))
    lines = _set_address(register, now, "https://new.example.gov.cn", date(2027, 1, 1))
    assert lines[0] == "有 2 块公示牌印的不是 https://new.example.gov.cn，应当换新："
    assert [line.split()[0] for line in lines[1:3]] == CODES[:2]
    assert all(ADDRESS in line and "第 1 次制发，2026-11-24" in line for line in lines[1:3])
    renewed = issue(register, now, Selection(only_outdated=True), on=date(2027, 1, 2))
    assert [(facts.code, facts.issue_no, facts.public_url) for facts in renewed.plates] == [
        (code, 2, "https://new.example.gov.cn") for code in CODES[:2]
    ]
    with read_only(register) as session:
        assert outdated_plates(session, "https://new.example.gov.cn") == []
        assert len(outdated_plates(session, ADDRESS)) == 2


@pytest.mark.postgres
def test_issuing_and_listing_work_on_postgresql(postgres: Engine, now: datetime) -> None:
    fill_register(postgres, now)
    assert [facts.issue_no for facts in issue(postgres, now).plates] == [1, 1, 1]
    assert len(_set_address(postgres, now, "https://new.example.gov.cn")) == 5
    assert [facts.issue_no for facts in issue(postgres, now).plates] == [2, 2, 2]


@pytest.mark.postgres
def test_two_runs_at_once_never_give_one_number_twice(postgres: Engine, now: datetime) -> None:
    fill_register(postgres, now)
    runs = [threading.Thread(target=lambda: issue(postgres, now, anew=True)) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    with read_only(postgres) as session:
        numbers = session.exec(select(Plate.issue_no).order_by(col(Plate.issue_no))).all()
    assert numbers == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_a_demonstration_plate_says_so(register: Engine, now: datetime) -> None:
    with transaction(register) as session:
        set_mark(session, DEMONSTRATION, now=now)
    assert all(facts.is_demonstration for facts in issue(register, now).plates)


def test_an_unknown_street_or_code_names_the_cure(register: Engine, now: datetime) -> None:
    with pytest.raises(PlateError, match="北河镇、柳荫镇"):
        issue(register, now, Selection(street="南河镇"))
    wrong = CODES[0][:-1] + ("2" if CODES[0][-1] != "2" else "3")
    with pytest.raises(PlateError, match=f"是不是 {CODES[0]}"):
        issue(register, now, Selection(code=wrong))
    with pytest.raises(PlateError, match="没有门店码"):
        issue(register, now, Selection(code="老王"))


@pytest.fixture
def house(register: Engine, data_directory: Path, now: datetime) -> House:
    """The register with an editor and an approver who may sign."""
    with transaction(register) as session:
        for name, role in (("王芳", Role.EDITOR), ("李伟", Role.APPROVER)):
            add_account(session, name=name, password=PASSWORD, roles=[role], actor="init", now=now)
    (data_directory / "password").write_text(PASSWORD, encoding="utf-8")
    return House(Configuration(data=data_directory, public_url=None), register)


def _run(house: House, *arguments: str, account: str = "王芳") -> Result:
    given = [*arguments, "--account", account, "--password-file", str(house.configuration.data / "password")]
    return CliRunner().invoke(for_people(plates), given, obj=house)


def test_the_command_writes_one_print_and_ends_with_one_line(house: House, tmp_path: Path) -> None:
    result = _run(house, "--street", "柳荫镇", "--out", str(tmp_path / "p.pdf"))
    assert result.exit_code == 1
    assert "U+1F35C" in result.stderr
    assert result.stdout.splitlines()[-1] == (
        "公示牌 3 块（新制发 3，重印 0）；0 处没有在营单位，不制牌；1 块没有制成。"
    )
    assert (tmp_path / "p.pdf").read_bytes().startswith(b"%PDF")


def test_one_code_gives_plate_and_qr_in_every_form(house: House) -> None:
    result = _run(house, "--code", CODES[0].lower().replace("-", " "), "--json")
    assert result.exit_code == 0, result.output
    files = [Path(name) for name in json.loads(result.stdout.splitlines()[-1])["files"]]
    assert [path.name.removeprefix(CODES[0]) for path in files] == [".pdf", ".png", "-qr.svg", "-qr.png"]
    assert {path.parent for path in files} == {house.configuration.data / "plates"}
    starts = [path.read_bytes()[:5] for path in files]
    assert starts == [b"%PDF-", b"\x89PNG\r", b"<svg ", b"\x89PNG\r"]


def test_a_street_without_a_trading_unit_writes_no_file(house: House, tmp_path: Path) -> None:
    result = _run(house, "--street", "北河镇", "--out", str(tmp_path / "p.pdf"))
    assert result.exit_code == 0
    assert "2 处没有在营单位" in result.stdout
    assert not (tmp_path / "p.pdf").exists()


def test_the_command_needs_an_editor_and_a_place_that_can_hold_all_plates(
    house: House, tmp_path: Path
) -> None:
    refused = _run(house, "--out", str(tmp_path), account="李伟")
    assert refused.exit_code == 1
    assert "没有“" in refused.output
    refused = _run(house, "--out", str(tmp_path / "all.png"))
    assert refused.exit_code == 1
    assert "--code" in refused.output
    assert "Traceback" not in refused.output
