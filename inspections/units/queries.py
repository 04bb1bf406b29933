"""Readings of the register: who trades behind which door on a day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from inspections.record.database import table_of
from inspections.units.holders import shown_holder
from inspections.units.tables import (
    CateringUnit,
    OpenKitchenForm,
    Premises,
    ProposalState,
    RegisterProposal,
    SearchKey,
    UnitState,
    UnitVersion,
)

_IN_ONE_QUERY = 500


class KnownUnit(NamedTuple):
    """What matching needs of a unit: its door, its numbers, its newest version."""

    unit_id: int
    premises_id: int
    credit_code: str | None
    from_on: date
    until_on: date | None
    code: str
    door_key: str
    address: str
    door_label: str
    street: str
    latitude: Decimal | None
    longitude: Decimal | None
    licence_number: str | None
    licence_name: str
    sign_name: str | None
    row_hash: str
    version_from_on: date
    moved_from_unit_id: int | None
    moved_to_premises_id: int | None


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit as the register has it on a day."""

    licence_number: str | None
    licence_name: str
    sign_name: str | None
    holder_is_natural_person: bool | None
    unit_type: str
    size_class: str | None
    area_m2: Decimal | None
    seats: int | None
    persons_served: int | None
    food_categories: str
    licence_from_on: date | None
    licence_until_on: date | None
    chain_headquarters: str | None
    online_ordering: bool | None
    online_name: str | None
    open_kitchen: OpenKitchenForm
    open_kitchen_checked_on: date | None
    special_groups: str
    state: UnitState


@dataclass(frozen=True, slots=True)
class UnitOnDoor:
    """Who trades at a door on a day, or who traded there last."""

    unit_id: int
    credit_code: str | None
    from_on: date
    until_on: date | None
    moved_to_code: str | None
    moved_to_address: str | None
    former_name: str | None
    version_from_on: date
    version: UnitFacts
    pinyin: str
    initials: str


@dataclass(frozen=True, slots=True)
class Door:
    """A door with whoever trades, or last traded, behind it."""

    premises_id: int
    code: str
    address: str
    street: str
    latitude: Decimal | None
    longitude: Decimal | None
    unit: UnitOnDoor | None


@dataclass(frozen=True)
class FoundUnit:
    """A unit found by its code or numbers."""

    unit_id: int
    premises_id: int
    from_on: date
    until_on: date | None


_VERSION_FIELDS = tuple(UnitFacts.__dataclass_fields__)


def known_units(session: Session, unit_id: int | None = None) -> list[KnownUnit]:
    """Every unit (or one) with its newest version, for matching a file against the register."""
    return _known(session, None if unit_id is None else col(CateringUnit.id) == unit_id)


def units_at_door(session: Session, *, code: str | None, door_key: str) -> list[KnownUnit]:
    """Who trades or traded at the door of a code; without a code, at every door of that address."""
    by_code = code is not None
    return _known(session, col(Premises.code) == code if by_code else col(Premises.door_key) == door_key)


def _known(session: Session, which: ColumnElement[bool] | None) -> list[KnownUnit]:
    unit, door, version = table_of(CateringUnit).c, table_of(Premises).c, table_of(UnitVersion).c
    query = (
        select_columns(
            *(unit.id, unit.premises_id, unit.credit_code, unit.from_on, unit.until_on),
            *(door.code, door.door_key, door.address, door.door_label, door.street),
            *(door.latitude, door.longitude),
            *(version.licence_number, version.licence_name, version.sign_name),
            *(version.row_hash, version.from_on),
            *(unit.moved_from_unit_id, unit.moved_to_premises_id),
        )
        .join(table_of(Premises), door.id == unit.premises_id)
        .join(table_of(UnitVersion), version.id == _newest_version(None))
        .order_by(unit.id)
    )
    if which is not None:
        query = query.where(which)
    return [KnownUnit._make(row) for row in session.connection().execute(query)]


def newest_values(session: Session, names: Sequence[str]) -> dict[int, tuple[Any, ...]]:
    """These fields of each unit's newest version."""
    unit, version = table_of(CateringUnit).c, table_of(UnitVersion).c
    query = select_columns(unit.id, *(version[name] for name in names)).join(
        table_of(UnitVersion), version.id == _newest_version(None)
    )
    return {row[0]: tuple(row[1:]) for row in session.connection().execute(query)}


def newest_version(session: Session, unit_id: int) -> UnitVersion:
    """What the register said of a unit last."""
    versions = select(UnitVersion).where(UnitVersion.unit_id == unit_id)
    newest = versions.order_by(col(UnitVersion.from_on).desc(), col(UnitVersion.id).desc())
    return session.exec(newest.limit(1)).one()


def unit_type_of(session: Session, unit_id: int) -> str:
    """The unit type in a unit's newest version."""
    return newest_version(session, unit_id).unit_type


def proposal_states(session: Session) -> dict[str, ProposalState]:
    """The state of each proposal not confirmed, by its hash: what was proposed is not proposed again."""
    query = select(RegisterProposal.row_hash, RegisterProposal.state).where(
        col(RegisterProposal.state) != ProposalState.CONFIRMED
    )
    return {row_hash: ProposalState(state) for row_hash, state in session.exec(query)}


def _newest_version(on: date | None) -> ScalarSelect[int]:
    later = select_columns(col(UnitVersion.id)).where(col(UnitVersion.unit_id) == col(CateringUnit.id))
    if on is not None:
        later = later.where(col(UnitVersion.from_on) <= on)
    newest = later.order_by(col(UnitVersion.from_on).desc(), col(UnitVersion.id).desc()).limit(1)
    return newest.correlate(CateringUnit).scalar_subquery()


def doors(session: Session, premises_ids: Collection[int], on: date) -> dict[int, Door]:
    """The doors with whoever trades there on the day, else whoever traded there last before it."""
    found: dict[int, Door] = {}
    wanted = sorted(premises_ids)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        found.update(_doors(session, wanted[start : start + _IN_ONE_QUERY], on))
    return found


def _doors(session: Session, premises_ids: list[int], on: date) -> dict[int, Door]:
    units = _units_at(session, premises_ids, on)
    query = select(Premises).where(col(Premises.id).in_(premises_ids)).order_by(col(Premises.id))
    return {
        door.id or 0: Door(
            premises_id=door.id or 0,
            code=door.code,
            address=f"{door.address}{door.door_label}",
            street=door.street,
            latitude=door.latitude,
            longitude=door.longitude,
            unit=units.get(door.id or 0),
        )
        for door in session.exec(query)
    }


def _units_at(session: Session, premises_ids: list[int], on: date) -> dict[int, UnitOnDoor]:
    query = (
        select(CateringUnit, UnitVersion, SearchKey.pinyin, SearchKey.initials)
        .join(UnitVersion, col(UnitVersion.id) == _newest_version(on))
        .outerjoin(SearchKey, col(SearchKey.unit_id) == col(CateringUnit.id))
        .where(col(CateringUnit.premises_id).in_(premises_ids), col(CateringUnit.from_on) <= on)
        .order_by(col(CateringUnit.premises_id), col(CateringUnit.from_on), col(CateringUnit.id))
    )
    # The later unit of a door comes later and wins.
    rows = {row[0].premises_id: row for row in session.exec(query)}
    new_doors = _addresses(session, {row[0].moved_to_premises_id for row in rows.values()})
    renamed = [row[0].id for row in rows.values() if row[1].state == UnitState.RENAMED]
    former = _former_names(session, renamed, on)
    return {
        premises_id: _on_door(unit, version, (pinyin or "", initials or ""), new_doors, former)
        for premises_id, (unit, version, pinyin, initials) in rows.items()
    }


def _on_door(
    unit: CateringUnit,
    version: UnitVersion,
    keys: tuple[str, str],
    new_doors: Mapping[int, tuple[str, str]],
    former: Mapping[int, str],
) -> UnitOnDoor:
    code, address = new_doors.get(unit.moved_to_premises_id or 0, (None, None))
    return UnitOnDoor(
        unit_id=unit.id or 0,
        credit_code=unit.credit_code,
        from_on=unit.from_on,
        until_on=unit.until_on,
        moved_to_code=code,
        moved_to_address=address,
        former_name=former.get(unit.id or 0),
        version_from_on=version.from_on,
        version=UnitFacts(*(getattr(version, name) for name in _VERSION_FIELDS)),
        pinyin=keys[0],
        initials=keys[1],
    )


def _addresses(session: Session, premises_ids: Collection[int | None]) -> dict[int, tuple[str, str]]:
    wanted = [premises_id for premises_id in premises_ids if premises_id is not None]
    if not wanted:
        return {}
    query = select(Premises).where(col(Premises.id).in_(wanted))
    return {door.id or 0: (door.code, f"{door.address}{door.door_label}") for door in session.exec(query)}


def _former_names(session: Session, unit_ids: Collection[int | None], on: date) -> dict[int, str]:
    if not unit_ids:
        return {}
    query = (
        select(UnitVersion, CateringUnit.credit_code)
        .join(CateringUnit, col(CateringUnit.id) == col(UnitVersion.unit_id))
        .where(col(UnitVersion.unit_id).in_(unit_ids), col(UnitVersion.from_on) <= on)
        .order_by(col(UnitVersion.unit_id), col(UnitVersion.from_on), col(UnitVersion.id))
    )
    names: dict[int, list[str]] = {}
    for version, credit_code in session.exec(query):
        shown = version.sign_name or shown_holder(
            version.licence_name,
            holder_is_natural_person=version.holder_is_natural_person,
            credit_code=credit_code,
        )
        known = names.setdefault(version.unit_id, [])
        if not known or known[-1] != shown:
            known.append(shown)
    return {unit_id: known[-2] for unit_id, known in names.items() if len(known) > 1}


def unit_on(session: Session, premises_id: int, on: date) -> UnitOnDoor | None:
    """Who trades at a door on a day, or traded there last."""
    return _units_at(session, [premises_id], on).get(premises_id)


def find_unit(
    session: Session,
    *,
    code: str | None = None,
    licence_number: str | None = None,
    credit_code: str | None = None,
    on: date,
) -> list[FoundUnit]:
    """Units that traded on a day under a code, a licence number (present or former), a credit code."""
    query = (
        select_columns(
            col(CateringUnit.id),
            col(CateringUnit.premises_id),
            col(CateringUnit.from_on),
            col(CateringUnit.until_on),
        )
        .distinct()
        .where(
            col(CateringUnit.from_on) <= on,
            col(CateringUnit.until_on).is_(None) | (col(CateringUnit.until_on) >= on),
        )
    )
    if code is not None:
        query = query.join(Premises, col(Premises.id) == col(CateringUnit.premises_id))
        query = query.where(col(Premises.code) == code)
    if licence_number is not None:
        query = query.join(UnitVersion, col(UnitVersion.unit_id) == col(CateringUnit.id))
        query = query.where(col(UnitVersion.licence_number) == licence_number)
    if credit_code is not None:
        query = query.where(col(CateringUnit.credit_code) == credit_code)
    return [FoundUnit(row[0] or 0, row[1], row[2], row[3]) for row in session.connection().execute(query)]


def premises_of_units(session: Session, unit_ids: Collection[int]) -> dict[int, int]:
    """The door of each unit."""
    found: dict[int, int] = {}
    wanted = sorted(unit_ids)
    for start in range(0, len(wanted), _IN_ONE_QUERY):
        part = wanted[start : start + _IN_ONE_QUERY]
        query = select(CateringUnit.id, CateringUnit.premises_id).where(col(CateringUnit.id).in_(part))
        found.update((unit_id or 0, premises_id) for unit_id, premises_id in session.exec(query))
    return found
