"""The plan of a year, assignments, higher checks, and the city's tasks in their own columns."""

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from inspections.campaigns.assigning import NewAssignment, assign_visit, note_state, withdraw_assignment
from inspections.campaigns.city_plan import (
    EXAMPLE_MAPPING,
    CityImport,
    Mapped,
    export_city_plan,
    import_city_plan,
    read_mapping,
)
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.higher_checks import higher_warnings, record_higher_check
from inspections.campaigns.plan_queries import assignment_lines, higher_lines, plan_counts, plan_lines
from inspections.campaigns.planning import assign_tasks, make_plan
from inspections.campaigns.revealing import reveal_finished
from inspections.campaigns.tables import (
    Assignment,
    AssignmentSource,
    AssignmentState,
    PlannedTask,
    TaskSource,
)
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.units.tables import CateringUnit, Premises, UnitStanding, UnitVersion
from tests.bureau import add_visit
from tests.campaigns.office import INSPECTORS, MANAGER, Office, bar, commit_now, draw_now, plan

DAY = timedelta(days=1)


def stand(office: Office, unit_id: int, now: datetime, *, grade: str | None, due_on: date | None) -> None:
    """A unit's newest standing."""
    with transaction(office.engine) as session:
        session.add(UnitStanding(unit_id=unit_id, as_of=civil_day(now), grade=grade, due_on=due_on))


def tasks(office: Office, source: TaskSource | None = None) -> list[PlannedTask]:
    """Tasks that the plan needs, by day due."""
    query = select(PlannedTask).where(col(PlannedTask.dropped_at).is_(None)).order_by(col(PlannedTask.due_on))
    with read_only(office.engine) as session:
        return [task for task in session.exec(query) if source is None or task.source is source]


def make(office: Office, year: int, now: datetime) -> None:
    """Make a year's plan."""
    with transaction(office.engine) as session:
        make_plan(session, year, actor=MANAGER, now=now)


def pair(office: Office, *names: str) -> tuple[int, int]:
    """Two inspectors' accounts."""
    first, second = names or INSPECTORS[:2]
    return office.accounts[first], office.accounts[second]


def test_each_unit_has_its_next_visit_by_its_standing_and_what_is_late_stands_first(
    office: Office, now: datetime
) -> None:
    on = civil_day(now)
    stand(office, office.units[0], now, grade="A", due_on=on + 20 * DAY)
    stand(office, office.units[1], now, grade="C", due_on=on - 10 * DAY)
    stand(office, office.units[2], now, grade="B", due_on=date(2027, 3, 1))
    stand(office, office.units[3], now, grade=None, due_on=None)
    make(office, 2026, now)
    assert [(task.unit_id, task.due_on) for task in tasks(office)] == [
        (office.units[1], on - 10 * DAY),
        (office.units[0], on + 20 * DAY),
    ]
    with read_only(office.engine) as session:
        lines = plan_lines(session, 2026, on, within_days=30)
        counts = plan_counts(session, 2026, on)
        near = plan_lines(session, 2026, on, within_days=0)
        there = plan_lines(session, 2026, on, within_days=None, street="杨柳镇")
    assert [(line.name, line.days_late, line.grade) for line in lines] == [
        ("第2号店", 10, "C"),
        ("第1号店", 0, "A"),
    ]
    assert (counts.open, counts.late) == (2, 1)
    assert [line.name for line in near] == ["第2号店"]
    assert [line.name for line in there] == ["第1号店"]


def test_in_the_demonstration_a_grade_has_its_visits_all_year_round(office: Office, now: datetime) -> None:
    # Only there the months between visits are known: for real bureaus they are a value to be entered.
    with transaction(office.engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
    stand(office, office.units[0], now, grade="D", due_on=date(2027, 1, 15))
    make(office, 2027, now)
    found = [task.due_on for task in tasks(office, TaskSource.FREQUENCY)]
    assert found[0] == date(2027, 1, 15)
    assert len(found) > 1
    assert all(day.year == 2027 for day in found)


def test_a_unit_that_is_late_keeps_its_further_visits_where_they_were_from_night_to_night(
    office: Office, now: datetime
) -> None:
    # Only there the months between visits are known: for real bureaus they are a value to be entered.
    with transaction(office.engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
    stand(office, office.units[0], now, grade="D", due_on=date(2026, 10, 31))
    make(office, 2027, now)
    made = [task.due_on for task in tasks(office, TaskSource.FREQUENCY)]
    assert made[0] == date(2026, 10, 31)
    assert len(made) > 1
    for night in range(1, 5):
        with transaction(office.engine) as session:
            again = make_plan(session, 2027, actor=MANAGER, now=now + night * DAY)
        assert (again.added, again.dropped) == (0, 0), night


def test_a_visit_that_is_due_this_year_stands_in_no_other_years_plan(office: Office, now: datetime) -> None:
    due_on = date(2026, 12, 15)
    assert civil_day(now) < due_on
    stand(office, office.units[0], now, grade="A", due_on=due_on)
    for year in (2026, 2027):
        make(office, year, now)
    assert [task.year for task in tasks(office, TaskSource.FREQUENCY) if task.due_on == due_on] == [2026]


def test_a_full_check_is_due_within_the_months_that_the_law_gives(office: Office, now: datetime) -> None:
    first, second, third, *_ = office.units
    with transaction(office.engine) as session:
        for unit_id in office.units:
            session.get_one(CateringUnit, unit_id).from_on = date(2024, 5, 10)
            version = session.exec(select(UnitVersion).where(UnitVersion.unit_id == unit_id)).one()
            version.from_on = date(2024, 5, 10)
        add_visit(session, second, date(2025, 2, 3), now)
        batch = add_visit(session, third, date(2025, 2, 3), now, release=False)
    assert batch
    make(office, 2026, now)
    by_unit = {task.unit_id: task.due_on for task in tasks(office, TaskSource.COVERAGE)}
    assert by_unit[first] == date(2026, 5, 10)
    assert by_unit[third] == date(2026, 5, 10), "a visit that nobody released does not count"
    assert second not in by_unit
    make(office, 2027, now)
    due = {(task.unit_id, task.due_on) for task in tasks(office, TaskSource.COVERAGE)}
    assert (second, date(2027, 2, 3)) in due


def test_making_a_plan_again_changes_nothing_and_a_new_standing_moves_it(
    office: Office, now: datetime
) -> None:
    on = civil_day(now)
    stand(office, office.units[0], now, grade="A", due_on=on + 10 * DAY)
    make(office, 2026, now)
    with transaction(office.engine) as session:
        again = make_plan(session, 2026, actor=MANAGER, now=now + DAY)
    assert (again.added, again.dropped, again.restored) == (0, 0, 0)
    stand(office, office.units[0], now + DAY, grade="C", due_on=on + 5 * DAY)
    make(office, 2026, now + DAY)
    assert [task.due_on for task in tasks(office)] == [on + 5 * DAY]
    stand(office, office.units[0], now + 2 * DAY, grade="A", due_on=on + 10 * DAY)
    make(office, 2026, now + 2 * DAY)
    assert [task.due_on for task in tasks(office)] == [on + 10 * DAY]


def test_a_visit_is_made_by_two_different_inspectors_with_valid_certificates_and_no_recusal(
    office: Office, now: datetime
) -> None:
    stand(office, office.units[0], now, grade="A", due_on=civil_day(now))
    make(office, 2026, now)
    (task,) = tasks(office)
    bar(office, INSPECTORS[2], office.units[:1], now)
    wrong = {
        "同一个人": pair(office, INSPECTORS[0], INSPECTORS[0]),
        "不是证件有效的检查人员": pair(office, INSPECTORS[0], MANAGER),
        "应回避": pair(office, INSPECTORS[0], INSPECTORS[2]),
    }
    for why, accounts in wrong.items():
        with pytest.raises(CampaignError, match=why), transaction(office.engine) as session:
            assign_tasks(
                session, [task.id or 0], accounts=accounts, release_on=civil_day(now), actor=MANAGER, now=now
            )
    with transaction(office.engine) as session:
        made = assign_tasks(
            session, [task.id or 0], accounts=pair(office), release_on=civil_day(now), actor=MANAGER, now=now
        )
    assert [(one.kind, one.source) for one in made] == [("daily", AssignmentSource.PLAN)]
    assert tasks(office)[0].assignment_id == made[0].id


def test_one_visit_settles_what_it_covers_of_every_source(office: Office, now: datetime) -> None:
    on, unit_id = civil_day(now), office.units[0]
    with transaction(office.engine) as session:
        for source, due_on, reference in (
            (TaskSource.FREQUENCY, on, ""),
            (TaskSource.FREQUENCY, on + 20 * DAY, ""),
            (TaskSource.COVERAGE, on + 30 * DAY, ""),
            (TaskSource.CITY, on + 5 * DAY, "K1"),
            (TaskSource.CITY, on + 9 * DAY, "K2"),
        ):
            session.add(
                PlannedTask(
                    year=2026,
                    unit_id=unit_id,
                    source=source,
                    due_on=due_on,
                    external_ref=reference,
                    made_at=now,
                )
            )
    first = tasks(office)[0]
    with transaction(office.engine) as session:
        made = assign_tasks(
            session, [first.id or 0], accounts=pair(office), release_on=on, actor=MANAGER, now=now
        )
    left = [task for task in tasks(office) if task.assignment_id is None]
    assert [(task.source, task.due_on) for task in left] == [(TaskSource.FREQUENCY, on + 20 * DAY)]
    with transaction(office.engine) as session:
        note_state(
            session,
            made[0].id or 0,
            AssignmentState.DONE,
            actor=MANAGER,
            now=now,
            result="compliant",
            visited_on=on,
        )
    with read_only(office.engine) as session:
        assert plan_counts(session, 2026, on).done == 4


def _assigned_task(office: Office, now: datetime) -> Assignment:
    """The plan's first task, assigned for today."""
    with transaction(office.engine) as session:
        session.add(
            PlannedTask(
                year=2026, unit_id=office.units[0], source=TaskSource.FREQUENCY, due_on=civil_day(now),
                external_ref="", made_at=now,
            )
        )  # fmt: skip
    (task,) = tasks(office)
    with transaction(office.engine) as session:
        (made,) = assign_tasks(
            session, [task.id or 0], accounts=pair(office), release_on=civil_day(now), actor=MANAGER, now=now
        )
        return made


@pytest.mark.parametrize("state", [AssignmentState.CLOSED_DOOR, AssignmentState.COULD_NOT_INSPECT])
def test_a_planned_visit_that_ended_at_the_door_gives_its_task_back_to_be_assigned_again(
    office: Office, now: datetime, state: AssignmentState
) -> None:
    made, on = _assigned_task(office, now), civil_day(now)
    with read_only(office.engine) as session:
        assert [one.assignment_id for one in assignment_lines(session, on)] == [made.id]
    with transaction(office.engine) as session:
        note_state(session, made.id or 0, state, actor=MANAGER, now=now, photo_sha256="0" * 64)
    (task,) = tasks(office)
    assert task.assignment_id is None
    with read_only(office.engine) as session:
        assert assignment_lines(session, on) == []
    with transaction(office.engine) as session:
        (again,) = assign_tasks(
            session, [task.id or 0], accounts=pair(office), release_on=on, actor=MANAGER, now=now
        )
    assert again.public_id != made.public_id


def test_a_planned_visit_that_has_not_begun_is_withdrawn_with_its_reason(
    office: Office, now: datetime
) -> None:
    made = _assigned_task(office, now)
    with transaction(office.engine) as session, pytest.raises(CampaignError, match="原因"):
        withdraw_assignment(session, made.id or 0, reason=" ", actor=MANAGER, now=now)
    with transaction(office.engine) as session:
        withdraw_assignment(session, made.id or 0, reason="已换经营者", actor=MANAGER, now=now)
    (task,) = tasks(office)
    assert task.assignment_id is None
    with transaction(office.engine) as session, pytest.raises(CampaignError, match="不能撤回"):
        withdraw_assignment(session, made.id or 0, reason="再撤一次", actor=MANAGER, now=now)


def test_a_planned_visit_that_has_begun_can_be_taken_back_and_given_to_others(
    office: Office, now: datetime
) -> None:
    made = _assigned_task(office, now)
    with transaction(office.engine) as session:
        note_state(session, made.id or 0, AssignmentState.ON_SITE, actor=MANAGER, now=now)
        withdraw_assignment(session, made.id or 0, reason="负责人决定回避", actor=MANAGER, now=now)
    (task,) = tasks(office)
    assert task.assignment_id is None
    with transaction(office.engine) as session:
        (again,) = assign_tasks(
            session, [task.id or 0], accounts=pair(office), release_on=civil_day(now), actor=MANAGER, now=now
        )
    assert again.public_id != made.public_id


def test_a_drawn_unit_needs_no_second_visit_for_the_plan(office: Office, now: datetime) -> None:
    on = civil_day(now)
    with transaction(office.engine) as session:
        for unit_id in office.units:
            session.add(
                PlannedTask(
                    year=2026,
                    unit_id=unit_id,
                    source=TaskSource.CITY,
                    due_on=on,
                    external_ref=str(unit_id),
                    made_at=now,
                )
            )
    plan(office, now)
    commit_now(office, now)
    draw_now(office, now)
    drawn = {one.id: one.unit_id for one in office.assignments()}
    settled = {task.assignment_id: task.unit_id for task in tasks(office) if task.assignment_id}
    assert settled == drawn


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "campaign"}, "只能由抽取产生"),
        ({"kind": "special"}, "原因"),
        ({"kind": "flying", "reason": "投诉集中"}, "哪些项目"),
        ({"kind": "recheck", "reason": "整改到期"}, "记录编号"),
        ({"code": "2222-2222"}, "没有在营单位"),
        ({"release_on": date(2026, 1, 1)}, "已经过了"),
    ],
)
def test_a_visit_outside_the_plan_says_what_it_is_and_why(
    office: Office, now: datetime, changes: dict[str, object], why: str
) -> None:
    given: dict[str, object] = {
        "code": office.code(office.units[0]),
        "kind": "daily",
        "source": AssignmentSource.OWN,
        "lead_account_id": pair(office)[0],
        "second_account_id": pair(office)[1],
        "release_on": civil_day(now),
    }
    new = NewAssignment(**(given | changes))  # type: ignore[arg-type]  # one key, one field
    with pytest.raises(CampaignError, match=why), transaction(office.engine) as session:
        assign_visit(session, new, actor=MANAGER, now=now)


def test_a_partial_visit_settles_nothing_of_the_plan(office: Office, now: datetime) -> None:
    stand(office, office.units[0], now, grade="A", due_on=civil_day(now))
    make(office, 2026, now)
    new = NewAssignment(
        code=office.code(office.units[0]),
        kind="flying",
        source=AssignmentSource.COMPLAINT,
        lead_account_id=pair(office)[0],
        second_account_id=pair(office)[1],
        release_on=civil_day(now),
        reason="投诉餐具不洁",
        items=("5.1",),
    )
    with transaction(office.engine) as session:
        assign_visit(session, new, actor=MANAGER, now=now)
    assert tasks(office)[0].assignment_id is None
    with read_only(office.engine) as session:
        (line,) = assignment_lines(session, civil_day(now))
    assert (line.kind, line.reason, line.lead, line.second) == ("flying", "投诉餐具不洁", *INSPECTORS[:2])


def test_a_visit_within_the_months_after_a_higher_check_is_warned_of(office: Office, now: datetime) -> None:
    on, unit_id = civil_day(now), office.units[0]
    with transaction(office.engine) as session:
        record_higher_check(
            session, office.code(unit_id), authority="市市场监督管理委员会", checked_on=date(2026, 9, 1),
            items=["2.1", "2.3"], actor=MANAGER, now=now,
        )  # fmt: skip
    with read_only(office.engine) as session:
        warning = higher_warnings(session, [unit_id], on)[unit_id]
        assert warning.until == date(2026, 12, 1), "three months, as Order 49 says in art. 42"
        assert "2.1、2.3" in warning.sentence
        assert higher_warnings(session, [unit_id], on, ["2.3"])
        assert not higher_warnings(session, [unit_id], on, ["5.1"])
        assert not higher_warnings(session, [unit_id], date(2026, 12, 1))
        assert not higher_warnings(session, [unit_id], date(2026, 8, 31))
        (line,) = higher_lines(session, on)
    assert (line.is_running, line.until) == (True, date(2026, 12, 1))


def test_a_higher_check_of_everything_overlaps_with_anything(office: Office, now: datetime) -> None:
    unit_id = office.units[0]
    with transaction(office.engine) as session:
        record_higher_check(
            session,
            office.code(unit_id),
            authority="市局",
            checked_on=civil_day(now),
            items=[],
            actor=MANAGER,
            now=now,
        )
    with read_only(office.engine) as session:
        assert "全部项目" in higher_warnings(session, [unit_id], civil_day(now), ["5.1"])[unit_id].sentence


def test_a_higher_check_in_the_future_is_refused(office: Office, now: datetime) -> None:
    with pytest.raises(CampaignError, match="将来"), transaction(office.engine) as session:
        record_higher_check(
            session, office.code(office.units[0]), authority="市局", checked_on=civil_day(now) + DAY,
            items=[], actor=MANAGER, now=now,
        )  # fmt: skip


HEADER = "任务编号,检查对象名称,许可证编号,统一社会信用代码,检查截止日期,抽查事项,备注\n"
LICENCES = ("JY21201119900016", "JY21201119900024")


def with_licences(office: Office) -> None:
    """Give the first two units licence numbers."""
    with transaction(office.engine) as session:
        for unit_id, number in zip(office.units, LICENCES, strict=False):
            version = session.exec(select(UnitVersion).where(UnitVersion.unit_id == unit_id)).one()
            version.licence_number = number


def city_file(tmp_path: Path, *rows: str, encoding: str = "gb18030") -> Path:
    """A file as the platform gives it."""
    path = tmp_path / "city.csv"
    path.write_bytes((HEADER + "".join(f"{row}\n" for row in rows)).encode(encoding))
    return path


def take_in(office: Office, path: Path, now: datetime, mapped: Mapped | None = None) -> CityImport:
    """Take a file of the platform in."""
    with transaction(office.engine) as session:
        return import_city_plan(
            session, path, mapped or read_mapping(EXAMPLE_MAPPING), actor=MANAGER, now=now
        )


ROWS = (
    f"K-001,第1号店,{LICENCES[0]},,2026-12-10,餐饮服务监督检查,=1+1",
    f"K-002,第2号店,{LICENCES[1]},,2026-12-15,餐饮服务监督检查,",
    "K-003,别处的店,JY21201119900099,,2026-12-15,餐饮服务监督检查,",
    f"K-004,第1号店,{LICENCES[0]},,十二月,餐饮服务监督检查,",
)


def test_good_rows_of_the_city_load_and_bad_ones_are_named(
    office: Office, now: datetime, tmp_path: Path
) -> None:
    with_licences(office)
    stand(office, office.units[0], now, grade="A", due_on=date(2026, 12, 20))
    make(office, 2026, now)
    done = take_in(office, city_file(tmp_path, *ROWS), now)
    assert (done.read, done.new, done.bad, done.merged) == (4, 2, 2, 1)
    assert done.faults[0].what == "名册里没有这家在营单位"
    assert {fault.row for fault in done.faults} == {4, 5}
    assert [(task.external_ref, task.unit_id) for task in tasks(office, TaskSource.CITY)] == [
        ("K-001", office.units[0]),
        ("K-002", office.units[1]),
    ]
    again = take_in(office, city_file(tmp_path, *ROWS), now)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    moved = take_in(office, city_file(tmp_path, ROWS[0].replace("12-10", "12-12")), now)
    assert (moved.new, moved.changed) == (0, 1)


def test_overlapping_targets_become_one_visit_and_its_result_goes_back_in_the_citys_columns(
    office: Office, now: datetime, tmp_path: Path
) -> None:
    on = civil_day(now)
    with_licences(office)
    stand(office, office.units[0], now, grade="A", due_on=on)
    make(office, 2026, now)
    mapped = read_mapping(EXAMPLE_MAPPING)
    take_in(office, city_file(tmp_path, *ROWS[:2]), now)
    (own,) = tasks(office, TaskSource.FREQUENCY)
    with transaction(office.engine) as session:
        (made,) = assign_tasks(
            session, [own.id or 0], accounts=pair(office), release_on=on, actor=MANAGER, now=now
        )
        note_state(
            session,
            made.id or 0,
            AssignmentState.DONE,
            actor=MANAGER,
            now=now,
            visited_on=on,
            result="compliant",
        )
    with read_only(office.engine) as session:
        content = export_city_plan(session, 2026, mapped)
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == [*HEADER.strip().split(","), "完成情况", "检查日期", "检查结果", "检查人员"]
    assert rows[0]["备注"] == "=1+1", "what the platform wrote goes back as it came"
    assert [rows[0][name] for name in ("任务编号", "完成情况", "检查日期", "检查结果", "检查人员")] == [
        *("K-001", "已完成", "2026-11-24", "未发现问题"),
        "、".join(INSPECTORS[:2]),
    ]
    assert [rows[1][name] for name in ("任务编号", "完成情况", "检查日期")] == ["K-002", "未安排", ""]


def test_a_city_task_that_comes_in_while_a_visit_is_assigned_asks_for_no_second_one(
    office: Office, now: datetime, tmp_path: Path
) -> None:
    with_licences(office)
    on = civil_day(now)
    with transaction(office.engine) as session:
        premises_id = session.get_one(CateringUnit, office.units[0]).premises_id
        code = session.get_one(Premises, premises_id).code
        new = NewAssignment(code, "daily", AssignmentSource.PLAN, *pair(office), release_on=on, due_on=on)
        made = assign_visit(session, new, actor=MANAGER, now=now)
    take_in(office, city_file(tmp_path, *ROWS[:2]), now)
    assert [task.assignment_id for task in tasks(office, TaskSource.CITY)] == [made.id, None]
    other = ROWS[0].replace("第1号店", "第2号店").replace(LICENCES[0], LICENCES[1])
    take_in(office, city_file(tmp_path, other), now)
    first = tasks(office, TaskSource.CITY)[0]
    assert (first.unit_id, first.assignment_id) == (office.units[1], None)


def test_until_the_reveal_the_citys_rows_do_not_tell_who_was_drawn_nor_what_was_found(
    office: Office, now: datetime, tmp_path: Path
) -> None:
    with_licences(office)
    take_in(office, city_file(tmp_path, *ROWS[:2]), now)
    untouched = _given_back(office)
    plan(office, now, draw_count=len(office.units), load_limit=len(office.units))
    commit_now(office, now)
    draw_now(office, now)
    assert all(task.assignment_id for task in tasks(office, TaskSource.CITY)), "both units were drawn"
    assert _given_back(office) == untouched
    later = now + DAY
    for one in office.assignments():
        with transaction(office.engine) as session:
            note_state(
                session, one.id or 0, AssignmentState.DONE, actor=MANAGER, now=later,
                visited_on=civil_day(later), result="compliant",
            )  # fmt: skip
        assert _given_back(office) == untouched
    assert reveal_finished(office.engine, later) == 1
    assert [row["检查结果"] for row in _given_back(office)] == ["未发现问题", "未发现问题"]


def _given_back(office: Office) -> list[dict[str, str]]:
    with read_only(office.engine) as session:
        content = export_city_plan(session, 2026, read_mapping(EXAMPLE_MAPPING))
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_an_empty_year_has_nothing_to_give_back(office: Office) -> None:
    with read_only(office.engine) as session, pytest.raises(CampaignError, match="请先导入"):
        export_city_plan(session, 2026, read_mapping(EXAMPLE_MAPPING))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[columns]\ntask = '编号'\n", "due_on"),
        ("[columns]\ntask = '编号'\ndue_on = '期限'\n", "licence_number"),
        ("[columns]\ntask = '编号'\ncolour = '色'\n", "colour"),
        ("[columns\n", "不是 TOML"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused_with_its_cure(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CampaignError, match=why):
        read_mapping(path)


def test_a_mapping_that_is_not_there_points_to_the_example(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match=r"mapping\.example\.toml"):
        read_mapping(tmp_path / "none.toml")
