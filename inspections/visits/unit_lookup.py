"""Which unit a row of visits is about: by storefront code, licence number, or credit code and address."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlmodel import Session

from inspections.record.database import table_of
from inspections.units.codes import parse_code
from inspections.units.personal import person_of
from inspections.units.register_file import door_keys
from inspections.units.tables import CateringUnit, Premises, UnitVersion

_IN_ONE_QUERY = 1000


class Trading(NamedTuple):
    """A unit and the days on which it trades at its door."""

    unit_id: int
    from_on: date
    until_on: date | None
    unit_type: str
    door_key: str


@dataclass(frozen=True)
class Wanted:
    """What a row says of its unit."""

    code: str | None
    licence_number: str | None
    credit_code: str | None
    address: str | None
    on: date


@dataclass(frozen=True)
class NotFound:
    """Why a row has no unit: the column, what is wrong, and how to mend it."""

    column: str
    value: str
    what: str
    cure: str


@dataclass
class UnitIndex:
    """The units that a file names, read at once."""

    by_code: dict[str, list[Trading]] = field(default_factory=dict)
    by_licence: dict[str, list[Trading]] = field(default_factory=dict)
    by_credit: dict[str, list[Trading]] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, wanted: Iterable[Wanted]) -> "UnitIndex":
        """Read every unit that is named by any of its numbers."""
        rows = list(wanted)
        codes = {parse_code(row.code) or row.code for row in rows if row.code}
        units, doors, versions = table_of(CateringUnit).c, table_of(Premises).c, table_of(UnitVersion).c
        index = cls()
        _read(session, index.by_code, doors.code, codes)
        _read(session, index.by_credit, units.credit_code, {r.credit_code for r in rows if r.credit_code})
        licences = {row.licence_number for row in rows if row.licence_number}
        _read(session, index.by_licence, versions.licence_number, licences)
        return index

    def find(self, wanted: Wanted) -> Trading | NotFound:
        """The one unit that all given numbers mean and that trades on the day."""
        named: list[tuple[str, str, list[Trading]]] = []
        if wanted.code:
            code = parse_code(wanted.code) or wanted.code
            named.append(("门店码", wanted.code, self.by_code.get(code, [])))
        if wanted.licence_number:
            found = self.by_licence.get(wanted.licence_number, [])
            named.append(("许可证编号", wanted.licence_number, found))
        if wanted.credit_code:
            found = self._at(wanted.address, self.by_credit.get(wanted.credit_code, []))
            named.append(("统一社会信用代码", wanted.credit_code, found))
        if not named:
            cure = "请填门店码、许可证编号，或统一社会信用代码加地址"
            return NotFound("门店码", "", "没有写是哪个单位", cure)
        return _agreed(named, wanted.on)

    @staticmethod
    def _at(address: str | None, units: list[Trading]) -> list[Trading]:
        if not address:
            return units
        key = door_keys([address])[0]
        return [unit for unit in units if unit.door_key.replace("|", "") == key.replace("|", "")]


def names_of(session: Session, unit_ids: Collection[int]) -> dict[int, list[str]]:
    """Every licence and sign name that these units have or had, the newest licence name last."""
    versions = table_of(UnitVersion).c
    found: dict[int, list[str]] = {}
    wanted = sorted(unit_ids)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        query = (
            select(versions.unit_id, versions.sign_name, versions.licence_name)
            .where(versions.unit_id.in_(wanted[start : start + _IN_ONE_QUERY]))
            .order_by(versions.unit_id, versions.from_on, versions.id)
        )
        for unit_id, sign, name in session.execute(query):
            found.setdefault(unit_id, []).extend(one for one in (sign, name) if one)
    return found


def persons_of(session: Session, unit_ids: Collection[int]) -> dict[int, set[str]]:
    """The names of natural persons who hold or held these units."""
    units, versions = table_of(CateringUnit), table_of(UnitVersion)
    found: dict[int, set[str]] = {}
    wanted = sorted(unit_ids)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        query = (
            select(
                versions.c.unit_id,
                versions.c.licence_name,
                versions.c.holder_is_natural_person,
                units.c.credit_code,
            )
            .join_from(versions, units, units.c.id == versions.c.unit_id)
            .where(versions.c.unit_id.in_(wanted[start : start + _IN_ONE_QUERY]))
        )
        for unit_id, name, is_natural, credit_code in session.execute(query):
            person = person_of(name, holder_is_natural_person=is_natural, credit_code=credit_code)
            if person is not None:
                found.setdefault(unit_id, set()).add(person)
    return found


def _agreed(named: Sequence[tuple[str, str, list[Trading]]], on: date) -> Trading | NotFound:
    for column, value, units in named:
        if not units:
            return NotFound(column, value, "名册里没有这个单位", "请核对；新单位请先导入名册")
    common = set.intersection(*({unit.unit_id for unit in units} for _, _, units in named))
    column, value, units = named[0]
    candidates = {unit.unit_id: unit for unit in units if unit.unit_id in common}
    if not candidates:
        other = named[1][0] if len(named) > 1 else "地址"
        return NotFound(column, value, f"与{other}指的不是同一个单位", "请核对，或只留其中一个")
    trading = [unit for unit in candidates.values() if _trades(unit, on)]
    if len(trading) == 1:
        return trading[0]
    if trading:
        return NotFound(column, value, "对应几个单位", "请改用门店码")
    return NotFound(column, value, *_not_then(candidates.values(), on))


def _trades(unit: Trading, on: date) -> bool:
    return unit.from_on <= on and (unit.until_on is None or on <= unit.until_on)


def _not_then(units: Collection[Trading], on: date) -> tuple[str, str]:
    """Why nobody of them traded on the day, and what to do."""
    first = min(unit.from_on for unit in units)
    if on < first:
        cure = "请核对检查日期；日期没错的，在名册文件里写上更早的“生效日期”，再导入名册"
        return f"检查日期 {on} 早于该单位在此经营的第一天 {first}", cure
    ends = [unit.until_on for unit in units if unit.until_on is not None]
    what = f"检查日期 {on} 晚于该单位在此经营的最后一天 {max(ends)}" if ends else f"{on} 时不在此经营"
    return what, "请核对检查日期；恢复营业或换了经营者的，请先导入名册"


def _read(session: Session, into: dict[str, list[Trading]], column: Any, values: Collection[str]) -> None:
    found: dict[str, dict[int, Trading]] = {}
    wanted = sorted(values)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        query = _query(column).where(column.in_(wanted[start : start + _IN_ONE_QUERY]))
        for number, *rest in session.execute(query):
            # Ordered by the version's day: the newest type of the unit stays.
            found.setdefault(number, {})[rest[0]] = Trading(*rest)
    into.update({number: list(units.values()) for number, units in found.items()})


def _query(column: Any) -> Select[Any]:
    units, doors, versions = table_of(CateringUnit), table_of(Premises), table_of(UnitVersion)
    return (
        select(
            column,
            units.c.id,
            units.c.from_on,
            units.c.until_on,
            versions.c.unit_type,
            doors.c.door_key,
        )
        .join_from(units, doors, doors.c.id == units.c.premises_id)
        .join(versions, versions.c.unit_id == units.c.id)
        .order_by(units.c.id, versions.c.from_on, versions.c.id)
    )
