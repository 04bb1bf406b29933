"""Readings of a year's plan: what is due and late first, and what has been assigned."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from grading.days import add_months
from inspections.campaigns.higher_checks import HigherWarning, higher_warnings
from inspections.campaigns.law import months_of
from inspections.campaigns.pool import account_names, standings, unit_name
from inspections.campaigns.tables import (
    Assignment,
    AssignmentState,
    HigherCheck,
    PlannedTask,
    TaskSource,
)
from inspections.record.database import table_of
from inspections.units.queries import UnitOnDoor, doors, premises_of_units
from inspections.units.words import unit_type_words

ROWS_SHOWN = 200


@dataclass(frozen=True)
class PlanLine:
    """One open task of the plan."""

    task_id: int
    code: str
    name: str
    street: str
    unit_type: str
    grade: str | None
    rests_on_assumed: bool
    source: TaskSource
    due_on: date
    days_late: int
    reason: str
    higher: HigherWarning | None


@dataclass(frozen=True)
class PlanCounts:
    """How a year's plan stands."""

    open: int
    late: int
    assigned: int
    done: int


def plan_counts(session: Session, year: int, on: date) -> PlanCounts:
    """How many tasks of a year are open, late, assigned and done."""
    tasks, assignments = table_of(PlannedTask).c, table_of(Assignment).c
    query = (
        select_columns(tasks.due_on, tasks.assignment_id, assignments.state)
        .join_from(
            table_of(PlannedTask),
            table_of(Assignment),
            assignments.id == tasks.assignment_id,
            isouter=True,
        )
        .where(tasks.year == year, tasks.dropped_at.is_(None))
    )
    rows = session.execute(query).all()
    done = sum(state is AssignmentState.DONE for _, _, state in rows)
    return PlanCounts(
        open=sum(assignment_id is None for _, assignment_id, _ in rows),
        late=sum(due_on < on and state is not AssignmentState.DONE for due_on, _, state in rows),
        assigned=sum(assignment_id is not None for _, assignment_id, _ in rows) - done,
        done=done,
    )


def plan_lines(
    session: Session, year: int, on: date, *, within_days: int | None, street: str = ""
) -> list[PlanLine]:
    """Open tasks of a year, the latest first; `within_days` leaves out what is due after so many days."""
    query = select(PlannedTask).where(
        PlannedTask.year == year,
        col(PlannedTask.assignment_id).is_(None),
        col(PlannedTask.dropped_at).is_(None),
    )
    if within_days is not None:
        query = query.where(PlannedTask.due_on <= on + timedelta(days=within_days))
    tasks = session.exec(query.order_by(col(PlannedTask.due_on), col(PlannedTask.id))).all()
    premises = premises_of_units(session, {task.unit_id for task in tasks})
    known = doors(session, set(premises.values()), on)
    tasks = [task for task in tasks if not street or known[premises[task.unit_id]].street == street]
    tasks = tasks[:ROWS_SHOWN]
    grades = standings(session, on)
    higher = higher_warnings(session, {task.unit_id for task in tasks}, on)
    found = []
    for task in tasks:
        door = known[premises[task.unit_id]]
        if door.unit is None or door.unit.unit_id != task.unit_id:
            continue
        standing = grades.get(task.unit_id)
        found.append(
            PlanLine(
                task_id=task.id or 0,
                code=door.code,
                name=unit_name(door.unit),
                street=door.street,
                unit_type=unit_type_words(door.unit.version.unit_type)[0],
                grade=standing.grade if standing else None,
                rests_on_assumed=standing is not None and standing.rests_on_assumed,
                source=task.source,
                due_on=task.due_on,
                days_late=max(0, (on - task.due_on).days),
                reason=task.reason,
                higher=higher.get(task.unit_id),
            )
        )
    return found


@dataclass(frozen=True)
class AssignmentLine:
    """An assignment outside of draws that is not closed yet."""

    assignment_id: int
    code: str
    name: str
    kind: str
    reason: str
    state: AssignmentState
    lead: str
    second: str
    release_on: date | None
    due_on: date | None


_UNDER_WAY = (AssignmentState.WAITING, AssignmentState.ON_SITE)


def assignment_lines(session: Session, on: date) -> list[AssignmentLine]:
    """The assignments outside of draws that wait or are on site, by day due."""
    query = (
        select(Assignment)
        .where(col(Assignment.draw_id).is_(None), col(Assignment.state).in_(_UNDER_WAY))
        .order_by(col(Assignment.due_on), col(Assignment.id))
    )
    rows = session.exec(query).all()
    known = doors(session, {one.premises_id for one in rows}, on)
    names = account_names(session)
    return [
        AssignmentLine(
            assignment_id=one.id or 0,
            code=known[one.premises_id].code,
            name=_name(known[one.premises_id].unit, one.unit_id),
            kind=one.kind,
            reason=one.reason,
            state=one.state,
            lead=names.get(one.lead_account_id or 0, ""),
            second=names.get(one.second_account_id or 0, ""),
            release_on=one.release_on,
            due_on=one.due_on,
        )
        for one in rows
    ]


def _name(unit: UnitOnDoor | None, unit_id: int) -> str:
    return unit_name(unit) if unit is not None and unit.unit_id == unit_id else "（已换经营者）"


def years_planned(session: Session) -> list[int]:
    """The years for which there is a plan, the newest first."""
    query = select(PlannedTask.year, func.count()).group_by(col(PlannedTask.year))
    return sorted((year for year, _ in session.exec(query)), reverse=True)


@dataclass(frozen=True)
class HigherLine:
    """One check by a higher authority, with whether its months still run."""

    code: str
    name: str
    authority: str
    checked_on: date
    items: str
    until: date | None
    is_running: bool


def higher_lines(session: Session, on: date) -> list[HigherLine]:
    """Checks by higher authorities, the newest first."""
    rows = session.exec(
        select(HigherCheck).order_by(col(HigherCheck.checked_on).desc(), col(HigherCheck.id).desc())
    ).all()
    premises = premises_of_units(session, {row.unit_id for row in rows})
    known = doors(session, set(premises.values()), on)
    months = months_of(session, "no_repeat_months", on) if rows else None
    found = []
    for row in rows[:ROWS_SHOWN]:
        door = known[premises[row.unit_id]]
        until = add_months(row.checked_on, months) if months is not None else None
        found.append(
            HigherLine(
                code=door.code,
                name=_name(door.unit, row.unit_id),
                authority=row.authority,
                checked_on=row.checked_on,
                items=row.items.replace(",", "、"),
                until=until,
                is_running=until is not None and on < until,
            )
        )
    return found
