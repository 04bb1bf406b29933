"""The register as the desk lists it: units with their doors, found by any part of name, address or number."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from inspections.record.database import table_of
from inspections.units.tables import (
    CateringUnit,
    DoorChange,
    Premises,
    RegisterImport,
    UnitLink,
    UnitStanding,
    UnitVersion,
)
from inspections.units.words import unit_type_words

PAGE = 50
KIND_WORDS = {"units": "名册", "visits": "检查记录", "lives": "LIVES 数据", "editions": "历史榜单"}
COUNT_WORDS = {
    "read": "读到",
    "rows": "读到",
    "new": "新增",
    "changed": "有变化",
    "corrected": "更正",
    "unchanged": "没有变化",
    "proposals": "待确认",
    "absent": "名册里有而文件里没有",
    "bad": "有问题",
    "bad_items": "有问题的项目",
    "entries": "条目",
}


@dataclass(frozen=True)
class UnitLine:
    """One unit in the desk's list."""

    unit_id: int
    code: str
    name: str
    licence_name: str
    licence_number: str
    address: str
    street: str
    unit_type: str
    until_on: date | None


@dataclass(frozen=True)
class UnitHistory:
    """Everything the register holds of one unit, newest first."""

    line: UnitLine
    credit_code: str | None
    from_on: date
    versions: Sequence[UnitVersion]
    door_changes: Sequence[DoorChange]
    standings: Sequence[UnitStanding]
    links: Sequence[UnitLink]


def unit_lines(
    session: Session, query: str, page: int, *, trading_on: date | None = None
) -> tuple[list[UnitLine], int]:
    """A page of units that hold every word asked for in a name, address, code or number; and how many do.

    With a day, only those that trade on it.
    """
    found = _lines(query)
    if trading_on is not None:
        units = table_of(CateringUnit).c
        found = found.where(units.until_on.is_(None) | (units.until_on >= trading_on))
        found = found.where(units.from_on <= trading_on)
    total = session.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    code = table_of(Premises).c.code
    rows = session.execute(found.order_by(code).limit(PAGE).offset((page - 1) * PAGE))
    return [_line(row) for row in rows], total


def unit_history(session: Session, unit_id: int) -> UnitHistory | None:
    """One unit with all its versions; none where there is no such unit."""
    unit = session.get(CateringUnit, unit_id)
    if unit is None:
        return None
    rows = session.execute(_lines("").where(table_of(CateringUnit).c.id == unit_id)).all()
    versions = select_rows(UnitVersion).where(UnitVersion.unit_id == unit_id)
    changes = select_rows(DoorChange).where(DoorChange.premises_id == unit.premises_id)
    standings = select_rows(UnitStanding).where(UnitStanding.unit_id == unit_id)
    links = select_rows(UnitLink).where(UnitLink.unit_id == unit_id)
    return UnitHistory(
        line=_line(rows[0]),
        credit_code=unit.credit_code,
        from_on=unit.from_on,
        versions=session.exec(
            versions.order_by(col(UnitVersion.from_on).desc(), col(UnitVersion.id).desc())
        ).all(),
        door_changes=session.exec(changes.order_by(col(DoorChange.id).desc())).all(),
        standings=session.exec(standings.order_by(col(UnitStanding.id).desc()).limit(10)).all(),
        links=session.exec(links.order_by(col(UnitLink.id).desc())).all(),
    )


@dataclass(frozen=True)
class ImportLine:
    """One run of an import as the desk lists it."""

    run: RegisterImport
    kind: str
    counts: str


def import_runs(session: Session, limit: int = 50) -> list[ImportLine]:
    """The latest imports, newest first, with their counts in words."""
    query = select_rows(RegisterImport).order_by(col(RegisterImport.id).desc()).limit(limit)
    return [
        ImportLine(run, KIND_WORDS.get(run.kind, run.kind), _counts_in_words(run.counts))
        for run in session.exec(query)
    ]


def _counts_in_words(counts: str) -> str:
    read = json.loads(counts or "{}")
    whole = {name: count for name, count in read.items() if isinstance(count, int)}
    if not whole:
        return "，".join(f"{name} {count[0]} 行" for name, count in read.items() if isinstance(count, list))
    return "，".join(f"{COUNT_WORDS.get(name, name)} {count}" for name, count in whole.items() if count)


def _lines(query: str) -> Select[Any]:
    units, doors, versions = table_of(CateringUnit).c, table_of(Premises).c, table_of(UnitVersion).c
    newest = (
        select(versions.id)
        .where(versions.unit_id == units.id)
        .order_by(versions.from_on.desc(), versions.id.desc())
        .limit(1)
        .scalar_subquery()
        .correlate(table_of(CateringUnit))
    )
    found = (
        select(
            units.id,
            doors.code,
            versions.sign_name,
            versions.licence_name,
            versions.licence_number,
            doors.address,
            doors.door_label,
            doors.street,
            versions.unit_type,
            versions.size_class,
            units.until_on,
        )
        .join_from(table_of(CateringUnit), table_of(Premises), doors.id == units.premises_id)
        .join(table_of(UnitVersion), versions.id == newest)
    )
    for word in query.split()[:5]:
        fields = (
            versions.sign_name,
            versions.licence_name,
            versions.licence_number,
            doors.address,
            doors.code,
            units.credit_code,
        )
        condition = fields[0].contains(word, autoescape=True)
        for field in fields[1:]:
            condition |= field.contains(word, autoescape=True)
        found = found.where(condition)
    return found


def _line(row: Any) -> UnitLine:
    return UnitLine(
        unit_id=row.id,
        code=row.code,
        name=row.sign_name or row.licence_name,
        licence_name=row.licence_name,
        licence_number=row.licence_number or "",
        address=f"{row.address}{row.door_label}",
        street=row.street,
        unit_type=unit_type_words(row.unit_type, row.size_class)[0],
        until_on=row.until_on,
    )
