"""A unit's grade explained to the staff, and the grades of a whole day as lines."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Engine, select
from sqlmodel import Session

from inspections.record.database import read_only, table_of
from inspections.rulebooks.queries import newest_rulebook
from inspections.units.codes import parse_code
from inspections.units.tables import CateringUnit, Premises, UnitStanding, UnitVersion
from inspections.visits.ids import in_parts
from inspections.visits.readings import Reading, readings_on
from inspections.visits.run_queries import Span, all_unit_ids, newest_verdicts
from inspections.visits.service import VisitError
from inspections.visits.wording import missing_words


def explain_unit(engine: Engine, code: str, on: date) -> Iterator[str]:
    """Why the unit behind a storefront code has its grade on a day: facts, rule values, dates, references.

    A day without a grading of its own is explained from the newest one before it, else graded on the spot.
    """
    with read_only(engine) as session:
        unit_id, name = _unit(session, code, on)
        stored = newest_verdicts(session, Span(unit_id, unit_id, (unit_id,)), on).get(unit_id)
        day = stored.as_of if stored is not None else on
        reading = next(readings_on(session, [unit_id], day), None)
        if reading is None:
            yield f"{code} {name}：{on} 时没有经营，不评定。"
            return
        how = "当日评定" if reading.was_given else "按当日生效的规则和已知的事实推算，没有存为评定"
        yield f"{code} {name}：{_level(session, reading)}（{reading.on}，{how}）"
        yield from reading.lines
        yield _due(session, unit_id, reading.on)


def grades_on(engine: Engine, on: date) -> Iterator[tuple[str, str]]:
    """One line for each unit that traded on a day, with its level in words."""
    with read_only(engine) as session:
        for part in in_parts(all_unit_ids(session)):
            names = _names(session, part, on)
            for reading in readings_on(session, part, on):
                level = _level(session, reading)
                yield f"{names.get(reading.unit_id, reading.unit_id)}\t{level}", level.split("：")[0]


def _level(session: Session, reading: Reading) -> str:
    rulebook = newest_rulebook(session, reading.scheme).rulebook if reading.scheme else None
    if reading.level is None or rulebook is None:
        return "暂未评定：" + "；".join(missing_words(rulebook, reading.missing))
    return rulebook.scales[rulebook.procedures["grade"].scale].level(reading.level).zh


def _due(session: Session, unit_id: int, on: date) -> str:
    """By when the next visit is due, as the gradings up to the day say; for the staff only."""
    standings = table_of(UnitStanding).c
    query = select(standings.due_on).where(standings.unit_id == unit_id, standings.as_of <= on)
    due_on = session.execute(query.order_by(standings.id.desc()).limit(1)).scalar()
    return f"下次检查最迟：{due_on or '未定'}（仅供工作人员）"


def _unit(session: Session, code: str, on: date) -> tuple[int, str]:
    doors, units = table_of(Premises), table_of(CateringUnit)
    query = (
        select(units.c.id)
        .join_from(units, doors, doors.c.id == units.c.premises_id)
        .where(doors.c.code == (parse_code(code) or code), units.c.from_on <= on)
        .order_by(units.c.from_on.desc(), units.c.id.desc())
    )
    unit_id = session.execute(query).scalars().first()
    if unit_id is None:
        raise VisitError(f"没有找到门店码 {code} 在 {on} 的单位；请核对公示牌上的门店码。")
    return unit_id, _names(session, [unit_id], on).get(unit_id, "").split("\t")[-1]


def _names(session: Session, unit_ids: list[int], on: date) -> dict[int, str]:
    doors, units, versions = table_of(Premises), table_of(CateringUnit), table_of(UnitVersion)
    query = (
        select(units.c.id, doors.c.code, versions.c.sign_name, versions.c.licence_name)
        .join_from(units, doors, doors.c.id == units.c.premises_id)
        .join(versions, versions.c.unit_id == units.c.id)
        .where(units.c.id.in_(unit_ids), versions.c.from_on <= on)
        .order_by(units.c.id, versions.c.from_on, versions.c.id)
    )
    return {id_: f"{code}\t{sign or licence}" for id_, code, sign, licence in session.execute(query)}
