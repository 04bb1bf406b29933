"""The plan of a year: every unit's visits by grade frequency, and a full check of each within its months."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from grading.days import add_months
from inspections.campaigns.asking import visits_room
from inspections.campaigns.assigning import NewAssignment, assign_visit
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.law import months_of, months_to_next_visit
from inspections.campaigns.pool import Standing, standings, trading_units
from inspections.campaigns.tables import Assignment, AssignmentSource, PlannedTask, TaskSource
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.database import insert_rows, table_of
from inspections.rulebooks.queries import Shelf, shelf_of
from inspections.units.queries import UnitOnDoor
from inspections.units.tables import CateringUnit, Premises

PLAN_MADE = declare_event("plan_made", "year", "added", "dropped", "restored")

_Key = tuple[int, TaskSource, date]


@dataclass(frozen=True)
class PlanSummary:
    """What making a plan changed; `without_due` units have no day by which a visit is due."""

    year: int
    tasks: int
    added: int
    dropped: int
    restored: int
    without_due: int


def make_plan(session: Session, year: int, *, actor: str, now: datetime) -> PlanSummary:
    """Bring a year's plan up to date with the units' standings; making it again changes nothing."""
    on = civil_day(now)
    maker = _Maker(session, year, on)
    wanted = dict(maker.tasks())
    query = select(PlannedTask).where(
        PlannedTask.year == year, col(PlannedTask.source).in_([TaskSource.FREQUENCY, TaskSource.COVERAGE])
    )
    known = {(task.unit_id, task.source, task.due_on): task for task in session.exec(query)}
    dropped = [
        t for key, t in known.items() if key not in wanted and t.assignment_id is None and not t.dropped_at
    ]
    restored = [task for key, task in known.items() if key in wanted and task.dropped_at is not None]
    for task in dropped:
        task.dropped_at = now
    for task in restored:
        task.dropped_at = None
    session.add_all([*dropped, *restored])
    new = [key for key in wanted if key not in known]
    insert_rows(session, table_of(PlannedTask), [_row(year, key, wanted[key], now) for key in new])
    if new or dropped or restored:
        fields = {"year": year, "added": len(new), "dropped": len(dropped), "restored": len(restored)}
        write_audit(session, PLAN_MADE, actor=actor, now=now, fields=fields)
    return PlanSummary(year, len(wanted), len(new), len(dropped), len(restored), maker.without_due)


class _Maker:
    """Works out which tasks a year needs."""

    def __init__(self, session: Session, year: int, on: date) -> None:
        self._session, self._year, self._on = session, year, on
        self._last_day = date(year, 12, 31)
        self._standings = standings(session, on)
        self._checked = visits_room().full_checks(session, on)
        self._coverage = months_of(session, "full_coverage_months", on)
        self._shelf: Shelf = shelf_of(session)
        self.without_due = 0

    def tasks(self) -> Iterator[tuple[_Key, str]]:
        """Each task that the year needs, with its reason."""
        for _door, unit in trading_units(self._session, self._on):
            standing = self._standings.get(unit.unit_id, Standing(None, None))
            if standing.due_on is None:
                self.without_due += 1
            else:
                yield from self._by_frequency(unit, standing.grade, standing.due_on)
            yield from self._by_coverage(unit)

    def _by_frequency(self, unit: UnitOnDoor, grade: str | None, due_on: date) -> Iterator[tuple[_Key, str]]:
        months = months_to_next_visit(self._shelf, unit.version.unit_type, grade, self._on)
        each = f"，至少每 {months} 个月一次" if months else ""
        first = due_on
        while due_on <= self._last_day:
            # Terms that passed while the first was late are one with it. All count from the same day: a plan
            # that is made again on the next one finds them where they were.
            is_late = due_on < self._on
            if due_on == first if is_late else due_on.year == self._year:
                yield (unit.unit_id, TaskSource.FREQUENCY, due_on), f"{grade or '未评定'} 级{each}"
            if not months:
                return
            due_on = add_months(due_on, months)

    def _by_coverage(self, unit: UnitOnDoor) -> Iterator[tuple[_Key, str]]:
        if self._coverage is None:
            return
        last = self._checked.get(unit.unit_id)
        due_on = add_months(last or unit.from_on, self._coverage)
        if due_on <= self._last_day:
            since = f"上次全项检查 {last}" if last else "还没有全项检查"
            yield (unit.unit_id, TaskSource.COVERAGE, due_on), f"{self._coverage} 个月内全项检查一次，{since}"


def _row(year: int, key: _Key, reason: str, now: datetime) -> dict[str, object]:
    unit_id, source, due_on = key
    return {
        "year": year, "unit_id": unit_id, "source": source, "due_on": due_on, "reason": reason,
        "external_ref": "", "made_at": now,
    }  # fmt: skip


def assign_tasks(
    session: Session,
    task_ids: list[int],
    *,
    accounts: tuple[int, int],
    release_on: date,
    actor: str,
    now: datetime,
) -> list[Assignment]:
    """Assign the units of some planned tasks to two inspectors: one visit for each unit."""
    query = (
        select(PlannedTask, Premises.code)
        .join(CateringUnit, col(CateringUnit.id) == col(PlannedTask.unit_id))
        .join(Premises, col(Premises.id) == col(CateringUnit.premises_id))
        .where(col(PlannedTask.id).in_(task_ids))
        .order_by(col(PlannedTask.due_on), col(PlannedTask.id))
        .with_for_update(of=PlannedTask)
    )
    made = []
    for task, code in session.exec(query).all():
        # The visit of an earlier task of the same unit may stand for this one by now.
        session.refresh(task)
        if task.assignment_id is not None:
            continue
        new = NewAssignment(
            code=code,
            kind="daily",
            source=AssignmentSource.PLAN,
            lead_account_id=accounts[0],
            second_account_id=accounts[1],
            release_on=release_on,
            reason=task.reason,
            due_on=task.due_on,
        )
        made.append(assign_visit(session, new, actor=actor, now=now))
    if not made:
        raise CampaignError("没有选中还未安排的任务；请在清单里勾选。")
    return made
