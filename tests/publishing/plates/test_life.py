"""Promises of a plate's life: appended with name and day, audited, never back into force once withdrawn."""

import csv
import io
import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import Session, col, select

import inspections.campaigns.tables  # a visit refers to its assignment
import inspections.visits.tables  # noqa: F401  # and to what it became
from inspections.people.service import add_account
from inspections.people.tables import Account, Role
from inspections.record.audit import verify_audit
from inspections.record.changes import Subject
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.tables import AuditEvent, Change
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.surface.terminal import for_people
from inspections.units.tables import CateringUnit
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, RegisterFinding
from publishing.plates.choosing import PlateError, Selection
from publishing.plates.commands import plates
from publishing.plates.history import batch_codes, batch_lines, batch_of, lives_of_door
from publishing.plates.life import Handing, hand_over, note_seen, withdraw_plate
from publishing.plates.queries import doors_by_code, outdated_plates
from publishing.plates.standing import plate_lines, state_counts
from publishing.plates.tables import Plate, PlateBatchPlate, PlateEvent
from tests.publishing.plates.register import (
    ADDRESS,
    CODES,
    NEW_ADDRESS,
    PASSWORD,
    change_address,
    fill_register,
    issue,
)

FIRST = date(2026, 11, 1)


@pytest.fixture
def printed(database: Engine, now: datetime) -> Engine:
    """Three doors whose first plates were printed at the beginning of the month."""
    fill_register(database, now)
    issue(database, now - timedelta(days=23), on=FIRST)
    return database


def _today(now: datetime) -> date:
    return civil_day(now)


def _hand(database: Engine, now: datetime, *handings: Handing) -> tuple[int, tuple[str, ...]]:
    with transaction(database) as session:
        done = hand_over(session, handings, actor="王芳", now=now)
    return done.plates, done.refused


def _withdraw(database: Engine, now: datetime, code: str, issue_no: int | None = None) -> None:
    with transaction(database) as session:
        withdraw_plate(
            session, code, reason="停业收回", on=_today(now), actor="王芳", now=now, issue_no=issue_no
        )


def _states(database: Engine, now: datetime) -> dict[str, str]:
    with read_only(database) as session:
        return {line.code: line.state for line in plate_lines(session, _today(now))}


def _life(session: Session, code: str) -> list[tuple[int, str, list[str]]]:
    lives = lives_of_door(session, doors_by_code(session, [code])[code])
    return [(life.issue_no, life.state, [line.word for line in life.happened]) for life in lives]


def test_a_plate_is_printed_then_handed_over_to_somebody_on_a_day(printed: Engine, now: datetime) -> None:
    assert _states(printed, now) == dict.fromkeys(CODES[:3], "printed")
    assert _hand(printed, now, Handing(CODES[0].lower(), "李伟", date(2026, 11, 3))) == (1, ())
    with read_only(printed) as session:
        (line,) = plate_lines(session, _today(now), state="handed_over")
        assert (line.code, line.person, line.state_on) == (CODES[0], "李伟", date(2026, 11, 3))
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "plates_handed_over")).one()
        assert json.loads(event.fields) == {"plates": 1, "codes": CODES[0]}
        assert "李伟" not in event.fields
        assert list(verify_audit(session)) == []


def test_what_cannot_be_handed_over_is_named_and_the_rest_counts(printed: Engine, now: datetime) -> None:
    tomorrow = _today(now) + timedelta(days=1)
    count, refused = _hand(
        printed,
        now,
        Handing(CODES[0], "李伟", _today(now)),
        Handing(CODES[1], "  ", _today(now), "list.csv 第 3 行："),
        Handing(CODES[1], "李伟", tomorrow),
        Handing(CODES[1], "李伟", date(2026, 10, 31)),
        Handing(CODES[5], "李伟", _today(now)),
        Handing("老王", "李伟", _today(now)),
    )
    assert count == 1
    assert refused == (
        f"list.csv 第 3 行：{CODES[1]} 没有写领取人；请写明交给了谁。",
        f"{tomorrow} 还没有到；只能记已经发生的事。",
        "2026-10-31 早于制发日期 2026-11-01；请核对日期。",
        f"{CODES[5]} 还没有制发过公示牌；请先用 plates print 制发。",
        "没有门店码“老王”；请照公示牌或名册核对。",
    )


def test_handing_over_again_appends_and_the_newest_row_counts(printed: Engine, now: datetime) -> None:
    _hand(printed, now, Handing(CODES[0], "李伟", date(2026, 11, 3)))
    _hand(printed, now, Handing(CODES[0], "陈静", date(2026, 11, 5)))
    with read_only(printed) as session:
        assert [event.person for event in session.exec(select(PlateEvent))] == ["李伟", "陈静"]
        (line,) = plate_lines(session, _today(now), code=CODES[0])
        assert line.person == "陈静"


def test_a_withdrawn_plate_is_never_printed_again_but_the_next_number(printed: Engine, now: datetime) -> None:
    _withdraw(printed, now, CODES[0])
    with pytest.raises(PlateError, match="已经作废；请先用 plates print"):
        _withdraw(printed, now, CODES[0])
    with pytest.raises(PlateError, match="作废过"):
        _withdraw(printed, now, CODES[0], 1)
    with pytest.raises(PlateError, match="没有第 7 次制发"):
        _withdraw(printed, now, CODES[0], 7)
    again = issue(printed, now, on=_today(now))
    assert [facts.issue_no for facts in again.plates] == [2, 1, 1]
    with read_only(printed) as session:
        assert _life(session, CODES[0]) == [(2, "printed", ["印制"]), (1, "withdrawn", ["印制", "作废"])]
        assert _life(session, CODES[1]) == [(1, "printed", ["印制", "重印"])]


def test_seen_after_the_withdrawal_it_is_still_withdrawn(printed: Engine, now: datetime) -> None:
    with transaction(printed) as session:
        note_seen(session, CODES[0], is_there=True, on=FIRST, note="", actor="王芳", now=now)
    _withdraw(printed, now, CODES[0])
    assert _states(printed, now)[CODES[0]] == "withdrawn"
    with pytest.raises(PlateError, match="已经作废"), transaction(printed) as session:
        note_seen(session, CODES[0], is_there=True, on=_today(now), note="", actor="王芳", now=now)


def test_a_lost_plate_is_replaced_with_its_reason(printed: Engine, now: datetime) -> None:
    issue(printed, now, Selection(code=CODES[0]), on=_today(now), anew=True, reason="被人撕毁")
    with read_only(printed) as session:
        old = lives_of_door(session, doors_by_code(session, [CODES[0]])[CODES[0]])[1]
        assert (old.state, old.is_in_force) == ("replaced", False)
        assert [(line.kind, line.note) for line in old.happened] == [
            ("printed", "第 1 批"),
            ("replaced", "被人撕毁"),
        ]
        assert _states(printed, now)[CODES[0]] == "printed"


def test_a_new_address_replaces_and_a_withdrawn_plate_needs_no_renewal(
    printed: Engine, now: datetime
) -> None:
    _withdraw(printed, now, CODES[1])
    change_address(printed, now, from_on=_today(now))
    with read_only(printed) as session:
        assert [plate.code for plate in outdated_plates(session, NEW_ADDRESS)] == [CODES[0], CODES[2]]
    issue(printed, now, Selection(only_outdated=True), on=_today(now))
    with read_only(printed) as session:
        life = lives_of_door(session, doors_by_code(session, [CODES[0]])[CODES[0]])
        assert [(one.public_url, one.state) for one in life] == [
            (NEW_ADDRESS, "printed"),
            (ADDRESS, "replaced"),
        ]
        assert life[1].happened[-1].note == "公开网址变了"


def test_every_print_is_kept_with_what_lies_where(printed: Engine, now: datetime) -> None:
    _withdraw(printed, now, CODES[1])
    with read_only(printed) as session:
        batch = batch_of(session, 1)
        assert (batch.plates, batch.form, batch.chosen, batch.made_by) == (3, "a5", "全部门店", "王芳")
        lines = batch_lines(session, batch, _today(now))
        assert [(line.code, line.page, line.spot, line.state) for line in lines] == [
            (CODES[0], 1, "整页", "printed"),
            (CODES[1], 2, "整页", "withdrawn"),
            (CODES[2], 3, "整页", "printed"),
        ]
        assert batch_codes(session, 1) == [CODES[0], CODES[2]]
        with pytest.raises(PlateError, match="没有第 9 批公示牌；最近的一批是 1"):
            batch_of(session, 9)


def test_a_plate_of_before_prints_were_on_record_has_its_first_day_too(
    printed: Engine, now: datetime
) -> None:
    with transaction(printed) as session:
        for place in session.exec(select(PlateBatchPlate)):
            session.delete(place)
    issue(printed, now, on=_today(now))
    with read_only(printed) as session:
        (life,) = lives_of_door(session, doors_by_code(session, [CODES[0]])[CODES[0]])
    assert [(line.on, line.word) for line in life.happened] == [(FIRST, "印制"), (_today(now), "重印")]


def test_withdrawing_notes_the_door_for_the_publisher_alone(printed: Engine, now: datetime) -> None:
    with transaction(printed) as session:
        for change in session.exec(select(Change)):
            session.delete(change)
    _hand(printed, now, Handing(CODES[1], "李伟", _today(now)))
    _withdraw(printed, now, CODES[0])
    with read_only(printed) as session:
        door = doors_by_code(session, [CODES[0]])[CODES[0]]
        assert [(one.subject, one.subject_id) for one in session.exec(select(Change))] == [
            (Subject.PREMISES, door)
        ]


def _visit(
    database: Engine, now: datetime, code: str, kind: str, opened_at: datetime, decision: str | None = None
) -> None:
    """A signed visit of a tablet whose inspectors said something of the plate."""
    with transaction(database) as session:
        if session.exec(select(Account)).first() is None:
            load_seeds(session, actor="init", now=now)
            for name in ("甲", "乙"):
                add_account(
                    session, name=name, password=PASSWORD, roles=[Role.INSPECTOR], actor="init", now=now
                )
        lead, second = session.exec(select(Account.id).order_by(col(Account.id)).limit(2)).all()
        unit = session.exec(
            select(CateringUnit).where(CateringUnit.premises_id == doors_by_code(session, [code])[code])
        ).one()
        visit = FieldVisit(
            client_id=f"{code}-{kind}-{opened_at}",
            unit_id=unit.id or 0,
            kind="daily",
            checklist_version_id=newest_checklist(session, "cn-catering-2016-1-3").version_id,
            lead_account_id=lead or 0,
            second_account_id=second or 0,
            record_number=f"{code}-{opened_at:%m%d}",
            state=FieldVisitState.SIGNED,
            opened_at=opened_at,
            received_at=now,
        )
        session.add(visit)
        session.flush()
        session.add(
            RegisterFinding(field_visit_id=visit.id or 0, kind=kind, note="门框上空着", decision=decision)
        )


def test_what_a_signed_visit_says_of_the_plate_is_part_of_its_life(printed: Engine, now: datetime) -> None:
    _hand(printed, now, Handing(CODES[0], "李伟", date(2026, 11, 3)))
    _visit(printed, now, CODES[0], "plate_missing", now - timedelta(days=2))
    _visit(printed, now, CODES[1], "plate_seen", now - timedelta(days=2), "accepted")
    _visit(printed, now, CODES[2], "plate_missing", now - timedelta(days=1), "rejected")
    assert _states(printed, now) == {CODES[0]: "missing", CODES[1]: "seen", CODES[2]: "printed"}
    with read_only(printed) as session:
        counts = state_counts(session)
        assert (counts["missing"], counts["seen"], counts["printed"]) == (1, 1, 1)
        (life,) = lives_of_door(session, doors_by_code(session, [CODES[0]])[CODES[0]])
        assert life.state == "missing"
        last = life.happened[-1]
        assert (last.word, last.is_proposed) == ("检查时不在", True)
        assert last.note.endswith("；门框上空着")
    # A new plate is printed: what the visit said was said of the old one.
    issue(printed, now, Selection(code=CODES[0]), on=_today(now), anew=True)
    assert _states(printed, now)[CODES[0]] == "printed"


@pytest.mark.postgres
def test_lists_and_lives_read_the_same_on_postgresql(postgres: Engine, now: datetime) -> None:
    fill_register(postgres, now)
    issue(postgres, now - timedelta(days=23), on=FIRST)
    _hand(postgres, now, Handing(CODES[0], "李伟", date(2026, 11, 3)))
    _withdraw(postgres, now, CODES[1])
    _visit(postgres, now, CODES[0], "plate_missing", now - timedelta(days=1))
    assert _states(postgres, now) == {CODES[0]: "missing", CODES[1]: "withdrawn", CODES[2]: "printed"}
    again = issue(postgres, now, on=_today(now))
    assert [facts.issue_no for facts in again.plates] == [1, 2, 1]
    with read_only(postgres) as session:
        assert _life(session, CODES[1]) == [(2, "printed", ["印制"]), (1, "withdrawn", ["印制", "作废"])]
        assert len(session.exec(select(Plate)).all()) == 4


@pytest.fixture
def house(printed: Engine, data_directory: Path, now: datetime) -> House:
    """The printed plates with an editor and an approver who may sign."""
    with transaction(printed) as session:
        for name, role in (("王芳", Role.EDITOR), ("李伟", Role.APPROVER)):
            add_account(session, name=name, password=PASSWORD, roles=[role], actor="init", now=now)
    (data_directory / "password").write_text(PASSWORD, encoding="utf-8")
    return House(Configuration(data=data_directory, public_url=None), printed)


def _run(house: House, *arguments: str, account: str = "王芳", signs: bool = True) -> Result:
    signature = ("--account", account, "--password-file", str(house.configuration.data / "password"))
    given = [*arguments, *(signature if signs else ())]
    return CliRunner().invoke(for_people(plates), given, obj=house)


def test_the_commands_hand_over_by_code_by_print_and_by_list(house: House, tmp_path: Path) -> None:
    assert "记下交付 1 块；0 块没有记。" in _run(house, "hand-over", CODES[0], "--to", "李伟").output
    assert "记下交付 3 块；0 块没有记。" in _run(house, "hand-over", "--batch", "1", "--to", "陈静").output
    file = tmp_path / "taken.csv"
    file.write_text(
        f"门店码,领取人,日期\n{CODES[0]},老板娘,2026-11-04\n老王,老王,2026-11-04\n{CODES[1]},店长,明天\n",
        encoding="utf-8",
    )
    result = _run(house, "hand-over", "--list", str(file))
    assert result.exit_code == 1
    assert "记下交付 1 块；2 块没有记。" in result.stdout
    assert "taken.csv 第 3 行：没有门店码“老王”" in result.stderr
    assert "第 4 行" in result.stderr
    assert _run(house, "hand-over", "--to", "李伟").exit_code == 1
    assert "没有“" in _run(house, "hand-over", CODES[0], "--to", "李伟", account="李伟").output


def test_the_commands_list_and_tell_a_plates_life(house: House, tmp_path: Path) -> None:
    _run(house, "hand-over", CODES[0], "--to", "老板娘")
    assert "第 1 次制发的公示牌已作废" in _run(house, "withdraw", CODES[1], "--reason", "遗失").output
    result = _run(house, "list", signs=False)
    assert result.stdout.splitlines()[-1] == ("3 处门店有公示牌：已印制，未交付 1，已交付 1，已作废 1。")
    told = _run(house, "list", "--code", CODES[1], signs=False).output
    assert "作废\t遗失（王芳）" in told
    out = tmp_path / "plates.csv"
    assert str(out) in _run(house, "list", "--state", "handed_over", "--out", str(out), signs=False).output
    rows = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [row[0] for row in rows] == ["门店码", CODES[0]]
    assert "老板娘" in rows[1]


def test_replacing_prints_the_next_number_with_its_list(house: House, tmp_path: Path) -> None:
    out = tmp_path / "new.pdf"
    result = _run(
        house, "replace", CODES[0], CODES[1], "--reason", "褪色", "--form", "a4-2", "--out", str(out)
    )
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in tmp_path.glob("new*")) == ["new-list.csv", "new-list.xlsx", "new.pdf"]
    with read_only(house.engine) as session:
        assert [one[:2] for one in _life(session, CODES[0])] == [(2, "printed"), (1, "replaced")]
        assert batch_of(session, 2).form == "a4-2"
    assert "换新要写明原因" in _run(house, "replace", CODES[0], "--reason", " ").output
