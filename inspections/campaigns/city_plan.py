"""The city's double-random plan: tasks come in by a mapping of columns and go back with their results."""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from inspections.campaigns.asking import visits_room
from inspections.campaigns.assigning import visit_under_way
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.pool import account_names
from inspections.campaigns.queries import held_back
from inspections.campaigns.tables import Assignment, AssignmentState, PlannedTask, TaskSource
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.own_files import OwnKind, declare_own_kind, own_or_shipped
from inspections.surface.sheets.columns import Column, day, text
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.reading import Row, read_sheet
from inspections.units.queries import find_unit

CITY_PLAN_IMPORTED = declare_event("city_plan_imported", "file", "sha256", "new", "changed", "bad")

MAPPING = "city-plan.toml"
EXAMPLE_MAPPING = PACKAGE_ROOT / "seeds" / "plan" / "mapping.example.toml"

_EARLIEST, _LATEST = date(2015, 1, 1), date(2099, 12, 31)
_NEEDED = ("task", "due_on")
_WHO = ("licence_number", "credit_code")
_RESULTS = ("state", "visited_on", "result", "inspectors")


@dataclass(frozen=True)
class Mapped:
    """The platform's headers by our names, where results go, and its words for ours."""

    columns: Mapping[str, str]
    results: Mapping[str, str]
    states: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CityImport:
    """What became of the platform's rows; `merged` tasks meet one of the plan: one visit will do for both."""

    read: int
    new: int
    changed: int
    unchanged: int
    merged: int
    faults: tuple[Fault, ...]

    @property
    def bad(self) -> int:
        """Rows that were not taken in."""
        return len({fault.row for fault in self.faults if not fault.is_warning})


def read_mapping(path: Path) -> Mapped:
    """The mapping of columns from its TOML file; what is missing is named."""
    try:
        # The mark that Notepad puts in front is no fault.
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as missing:
        raise CampaignError(
            f"找不到列对照文件 {path}；可以从 seeds/plan/mapping.example.toml 改起。"
        ) from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise CampaignError(f"{path.name} 不是 TOML 文件：{fault}。") from fault
    words = _words(path, read, "words", dict)
    columns, results = _words(path, read, "columns"), _words(path, read, "results")
    states, outcomes = (_words(path, words, name) for name in ("state", "result"))
    unknown = [*(set(columns) - {*_NEEDED, *_WHO}), *(set(results) - set(_RESULTS))]
    if unknown:
        raise CampaignError(f"{path.name} 里的“{unknown[0]}”不认识；请对照 seeds/plan/mapping.example.toml。")
    if any(name not in columns for name in _NEEDED) or not any(name in columns for name in _WHO):
        raise CampaignError(
            f"{path.name} 的 [columns] 要有 task、due_on，以及 licence_number 和 credit_code 中的至少一个。"
        )
    return Mapped(columns, results, states, outcomes)


def _words(path: Path, read: Mapping[str, Any], name: str, kind: type = str) -> dict[str, Any]:
    """A table of the mapping; none is the same as an empty one."""
    table = read.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, kind) for value in table.values()):
        raise CampaignError(
            f'{path.name} 的 [{name}] 要写成一行一个“我们的名称 = "平台的名称"”；'
            "请对照 seeds/plan/mapping.example.toml。"
        )
    return table


def bureau_mapping() -> Mapped:
    """The mapping that the bureau has put in; until it has, the example."""
    return read_mapping(own_or_shipped(MAPPING, EXAMPLE_MAPPING))


def _name_of_mapping(path: Path) -> str:
    read_mapping(path)
    return MAPPING


declare_own_kind(
    OwnKind(
        "city_plan",
        "市平台任务的列对照",
        "照样例写平台表格的列名；放入以前按样例的列名读，导入时也可以另选一个文件",
        _name_of_mapping,
        lambda: EXAMPLE_MAPPING,
    )
)


def import_city_plan(
    session: Session, path: Path, mapped: Mapped, *, actor: str, now: datetime
) -> CityImport:
    """Take the platform's tasks into the plan: good rows load, bad rows are named; again changes nothing."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    counts = {"new": 0, "changed": 0, "unchanged": 0, "merged": 0}
    faults: list[Fault] = []
    read = 0
    for row in read_sheet(path, _columns(mapped), other_columns=True).rows:
        read += 1
        unit_id = _unit_of(session, row, civil_day(now)) if row.is_good else None
        faults += row.faults
        if unit_id is not None:
            counts[_put(session, row, unit_id, digest, now)] += 1
            counts["merged"] += _meets_the_plan(session, unit_id, row.values["due_on"].year)
    done = CityImport(read=read, faults=tuple(faults), **counts)
    if done.new or done.changed:
        fields = {
            "file": path.name, "sha256": digest, "new": done.new, "changed": done.changed, "bad": done.bad,
        }  # fmt: skip
        write_audit(session, CITY_PLAN_IMPORTED, actor=actor, now=now, fields=fields)
    return done


def _columns(mapped: Mapped) -> list[Column]:
    readers = {"due_on": day(_EARLIEST, _LATEST)}
    return [
        Column(name, header, name, readers.get(name, text(100)), required=name in _NEEDED)
        for name, header in mapped.columns.items()
    ]


def _unit_of(session: Session, row: Row, on: date) -> int | None:
    """The one unit that a row means; what stands against it becomes a fault of the row."""
    found: set[int] = set()
    for name in _WHO:
        value = row.values.get(name)
        if value:
            arguments: dict[str, Any] = {name: value}
            found |= {unit.unit_id for unit in find_unit(session, on=on, **arguments)}
    if len(found) == 1:
        return found.pop()
    shown = row.values.get("licence_number") or row.values.get("credit_code")
    what = "名册里没有这家在营单位" if not found else "许可证编号和信用代码指向不同的单位"
    row.fault("", shown, what, "请先核对名册，再导入一次")
    return None


def _put(session: Session, row: Row, unit_id: int, digest: str, now: datetime) -> str:
    reference, due_on = str(row.values["task"]), row.values["due_on"]
    written = json.dumps(row.raw, ensure_ascii=False)
    known = session.exec(
        select(PlannedTask).where(
            PlannedTask.source == TaskSource.CITY, PlannedTask.external_ref == reference
        )
    ).first()
    under_way = visit_under_way(session, unit_id)
    assignment_id = under_way.id if under_way else None
    if known is None:
        task = PlannedTask(
            year=due_on.year,
            unit_id=unit_id,
            assignment_id=assignment_id,
            source=TaskSource.CITY,
            due_on=due_on,
            reason=f"市平台任务 {reference}",
            external_ref=reference,
            external_file_sha256=digest,
            external_row=written,
            made_at=now,
        )
        session.add(task)
        session.flush()
        return "new"
    if known.external_row == written:
        return "unchanged"
    known.external_row, known.external_file_sha256 = written, digest
    known.due_on, known.year = due_on, due_on.year
    if known.unit_id != unit_id:
        known.unit_id, known.assignment_id = unit_id, assignment_id
    session.add(known)
    session.flush()
    return "changed"


def _meets_the_plan(session: Session, unit_id: int, year: int) -> bool:
    query = select(PlannedTask.id).where(
        PlannedTask.unit_id == unit_id,
        PlannedTask.year == year,
        PlannedTask.source != TaskSource.CITY,
        col(PlannedTask.dropped_at).is_(None),
    )
    return session.exec(query).first() is not None


def export_city_plan(session: Session, year: int, mapped: Mapped) -> bytes:
    """The platform's rows of a year as CSV in their own columns, with what has been done and may be told."""
    query = (
        select(PlannedTask, Assignment)
        .outerjoin(Assignment, col(Assignment.id) == col(PlannedTask.assignment_id))
        .where(PlannedTask.source == TaskSource.CITY, PlannedTask.year == year)
        .order_by(col(PlannedTask.id))
    )
    rows = session.exec(query).all()
    if not rows:
        raise CampaignError(f"{year} 年没有市平台任务；请先导入。")
    names = account_names(session)
    taken = [task.assignment_id for task, _ in rows if task.assignment_id is not None]
    secret, unreviewed = held_back(session, taken), visits_room().unreviewed(session, taken)
    headers: dict[str, None] = {}
    filled = []
    for task, assignment in rows:
        row: dict[str, str] = json.loads(task.external_row or "{}")
        # That a unit was drawn is part of the secret: its task looks like one that nobody has taken up.
        shown = None if task.assignment_id in secret else assignment
        row |= _results(shown, mapped, names, is_reviewed=task.assignment_id not in unreviewed)
        headers |= dict.fromkeys(row)
        filled.append(row)
    return _csv(list(headers), filled)


def _results(
    assignment: Assignment | None, mapped: Mapped, names: Mapping[int, str], *, is_reviewed: bool
) -> dict[str, str]:
    """What has been done of a task; a visit that nobody has confirmed is not done yet."""
    is_done = assignment is not None and assignment.state is AssignmentState.DONE and is_reviewed
    state = "done" if is_done else "assigned" if assignment is not None else "open"
    said = {"state": mapped.states.get(state, state), "visited_on": "", "result": "", "inspectors": ""}
    if assignment is not None and is_done:
        result = assignment.result or ""
        pair = (names.get(assignment.lead_account_id or 0), names.get(assignment.second_account_id or 0))
        said |= {
            "visited_on": (assignment.visited_on or civil_day(assignment.state_at)).isoformat(),
            "result": mapped.words.get(result, result),
            "inspectors": "、".join(name for name in pair if name),
        }
    return {mapped.results[name]: value for name, value in said.items() if name in mapped.results}


def _csv(headers: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    target = io.StringIO()
    writer = csv.DictWriter(target, headers, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode("utf-8-sig")
