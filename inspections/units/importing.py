"""Loading register rows: which door, which unit, what is new, and what a person must confirm.

Identity: the same licence number or the same credit code at the same door is the same unit. A licence number
that is found at another door is proposed as a move; another operator at a door where somebody trades is
proposed as a change of operator. Rows that are absent are listed, never closed.
"""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, reserve_ids, table_of
from inspections.units.codes import new_codes
from inspections.units.queries import KnownUnit, known_units
from inspections.units.register_file import UnitRow
from inspections.units.tables import (
    CateringUnit,
    Premises,
    ProposalKind,
    ProposalState,
    RegisterImport,
    RegisterProposal,
    UnitState,
    UnitVersion,
)
from inspections.units.words import size_class

REGISTER_IMPORTED = declare_event(
    "register_imported", "file_name", "file_sha256", "new", "changed", "unchanged", "proposals", "absent"
)


@dataclass(frozen=True)
class LoadedUnits:
    """What became of the rows; `ids` holds each row's unit, none where a person must confirm first."""

    import_id: int
    new: int
    changed: int
    unchanged: int
    proposals: int
    absent: tuple[KnownUnit, ...]
    ids: tuple[int | None, ...]


@dataclass
class _Batch:
    """Rows waiting to be inserted."""

    premises: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    proposals: list[dict[str, Any]] = field(default_factory=list)
    ended: list[tuple[int, date]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)


@dataclass
class _New:
    """A unit at a new or vacant door, waiting for its ids."""

    row: UnitRow
    place: int
    premises_id: int | None


def load_units(
    session: Session,
    rows: Iterable[UnitRow],
    *,
    on: date,
    now: datetime,
    actor: str,
    file_name: str,
    file_sha256: str,
    make_codes: Callable[[int, Collection[str]], list[str]] = new_codes,
) -> LoadedUnits:
    """Load good rows into the register inside the caller's transaction; loading them again changes nothing."""
    wanted = list(rows)
    record = RegisterImport(
        kind="units",
        file_name=file_name,
        file_sha256=file_sha256,
        imported_at=now,
        imported_by=actor,
        counts="{}",
    )
    session.add(record)
    session.flush()
    import_id = record.id or 0
    register = _Register(session, wanted)
    batch, news = _Batch(), list[_New]()
    ids: list[int | None] = [None] * len(wanted)
    counts = {"new": 0, "changed": 0, "unchanged": 0, "proposals": 0}
    for place, row in enumerate(wanted):
        known = register.same_unit(row)
        if known is not None:
            ids[place] = known.unit_id
            outcome = _revise(batch, row, known, on=on, now=now, import_id=import_id)
        else:
            outcome = _place(register, batch, news, row, place, import_id=import_id)
        counts[outcome] += 1
    _add_new(session, batch, news, ids, on=on, now=now, import_id=import_id, make_codes=make_codes)
    _store(session, batch)
    absent = register.absent()
    record.counts = json.dumps({**counts, "absent": len(absent)}, sort_keys=True)
    session.add(record)
    fields = {"file_name": file_name, "file_sha256": file_sha256, **counts, "absent": len(absent)}
    write_audit(session, REGISTER_IMPORTED, actor=actor, now=now, fields=fields)
    return LoadedUnits(import_id, absent=absent, ids=tuple(ids), **counts)


class _Register:
    """What the register holds and the file brings, indexed for matching."""

    def __init__(self, session: Session, rows: list[UnitRow]) -> None:
        known = known_units(session)
        self._by_door: dict[str, list[KnownUnit]] = {}
        self._by_licence: dict[str, KnownUnit] = {}
        self._by_code: dict[str, KnownUnit] = {}
        for unit in known:
            self._by_code[unit.code] = unit
            if unit.is_trading:
                self._by_door.setdefault(unit.door_key, []).append(unit)
                if unit.licence_number:
                    self._by_licence[unit.licence_number] = unit
        self._trading = [unit for unit in known if unit.is_trading]
        self._met: set[int] = set()
        self._licences = {row.licence_number for row in rows if row.licence_number}
        self._operators = {(row.credit_code, row.door_key) for row in rows if row.credit_code}
        self._open_proposals = set(
            session.exec(
                select(RegisterProposal.row_hash).where(RegisterProposal.state == ProposalState.OPEN)
            )
        )

    def same_unit(self, row: UnitRow) -> KnownUnit | None:
        """The trading unit that this row is about."""
        here = self._here(row)
        found = next((u for u in here if row.licence_number and u.licence_number == row.licence_number), None)
        if found is None and row.credit_code:
            same = [u for u in here if u.credit_code == row.credit_code and u.unit_id not in self._met]
            # A second counter of the same operator keeps the row that carries its own licence number.
            free = [u for u in same if u.licence_number not in self._licences]
            found = next(iter(free), None)
        if found is not None:
            self._met.add(found.unit_id)
        return found

    def elsewhere(self, row: UnitRow) -> KnownUnit | None:
        """The unit that holds this row's licence number at another door."""
        return self._by_licence.get(row.licence_number) if row.licence_number else None

    def replaced_by(self, row: UnitRow) -> KnownUnit | None:
        """The unit at this door that the file no longer names, where another operator appears."""
        for unit in self._here(row):
            named = (
                unit.licence_number in self._licences or (unit.credit_code, unit.door_key) in self._operators
            )
            if not named:
                return unit
        return None

    def vacant_door(self, row: UnitRow) -> int | None:
        """The premises that the row names by its storefront code, when nobody trades there."""
        unit = self._by_code.get(row.code) if row.code else None
        return unit.premises_id if unit is not None and not unit.is_trading else None

    def is_proposed(self, row: UnitRow) -> bool:
        """Whether the same row already waits for a person."""
        return row.row_hash in self._open_proposals

    def meet(self, unit: KnownUnit) -> None:
        """Count a unit as named by the file."""
        self._met.add(unit.unit_id)

    def absent(self) -> tuple[KnownUnit, ...]:
        """Trading units that the file did not name."""
        return tuple(unit for unit in self._trading if unit.unit_id not in self._met)

    def _here(self, row: UnitRow) -> list[KnownUnit]:
        if row.code:
            unit = self._by_code.get(row.code)
            return [unit] if unit is not None and unit.is_trading else []
        return self._by_door.get(row.door_key, [])


def _revise(batch: _Batch, row: UnitRow, known: KnownUnit, *, on: date, now: datetime, import_id: int) -> str:
    if row.row_hash == known.row_hash:
        return "unchanged"
    from_on = max(row.from_on or on, known.version_from_on)
    batch.versions.append(_version(row, known.unit_id, from_on=from_on, now=now, import_id=import_id))
    if row.state in (UnitState.CLOSED, UnitState.MOVED):
        batch.ended.append((known.unit_id, from_on))
    batch.touched.add(known.premises_id)
    return "changed"


def _place(
    register: _Register, batch: _Batch, news: list[_New], row: UnitRow, place: int, *, import_id: int
) -> str:
    kind, unit = ProposalKind.MOVE, register.elsewhere(row)
    if unit is None:
        kind, unit = ProposalKind.OPERATOR_CHANGE, register.replaced_by(row)
    if unit is None:
        news.append(_New(row, place, register.vacant_door(row)))
        return "new"
    register.meet(unit)
    if not register.is_proposed(row):
        batch.proposals.append(
            {
                "kind": kind,
                "unit_id": unit.unit_id,
                "values": json.dumps(asdict(row), ensure_ascii=False, default=str),
                "row_hash": row.row_hash,
                "import_id": import_id,
                "state": ProposalState.OPEN,
            }
        )
    return "proposals"


def _add_new(
    session: Session,
    batch: _Batch,
    news: list[_New],
    ids: list[int | None],
    *,
    on: date,
    now: datetime,
    import_id: int,
    make_codes: Callable[[int, Collection[str]], list[str]],
) -> None:
    doors = [new for new in news if new.premises_id is None]
    taken = set(session.exec(select(Premises.code)))
    fresh = iter(make_codes(sum(1 for new in doors if not new.row.code), taken))
    premises_ids = iter(reserve_ids(session, table_of(Premises), len(doors)))
    unit_ids = reserve_ids(session, table_of(CateringUnit), len(news))
    for new, unit_id in zip(news, unit_ids, strict=True):
        row = new.row
        if new.premises_id is None:
            new.premises_id = next(premises_ids)
            batch.premises.append(_door(row, new.premises_id, row.code or next(fresh)))
        from_on = row.from_on or on
        ended = row.state in (UnitState.CLOSED, UnitState.MOVED)
        batch.units.append(
            {
                "id": unit_id,
                "premises_id": new.premises_id,
                "credit_code": row.credit_code,
                "from_on": from_on,
                "until_on": from_on if ended else None,
            }
        )
        batch.versions.append(_version(row, unit_id, from_on=from_on, now=now, import_id=import_id))
        batch.touched.add(new.premises_id)
        ids[new.place] = unit_id


def _store(session: Session, batch: _Batch) -> None:
    insert_rows(session, table_of(Premises), batch.premises)
    insert_rows(session, table_of(CateringUnit), batch.units)
    insert_rows(session, table_of(UnitVersion), batch.versions)
    insert_rows(session, table_of(RegisterProposal), batch.proposals)
    for unit_id, from_on in batch.ended:
        unit = session.get_one(CateringUnit, unit_id)
        unit.until_on = max(unit.from_on, from_on - timedelta(days=1))
        session.add(unit)
    session.flush()
    note_changes(session, Subject.PREMISES, sorted(batch.touched))


def _door(row: UnitRow, premises_id: int, code: str) -> dict[str, Any]:
    return {
        "id": premises_id,
        "code": code,
        "address": row.address,
        "door_label": row.door_label,
        "door_key": row.door_key,
        "street": row.street,
        "latitude": row.latitude,
        "longitude": row.longitude,
    }


def _version(
    row: UnitRow, unit_id: int, *, from_on: date, now: datetime, import_id: int | None
) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "from_on": from_on,
        "recorded_at": now,
        "import_id": import_id,
        "row_hash": row.row_hash,
        "licence_number": row.licence_number,
        "licence_name": row.licence_name,
        "sign_name": row.sign_name,
        "holder_is_natural_person": row.holder_is_natural_person,
        "unit_type": row.unit_type,
        "size_class": size_class(row.unit_type, row.area_m2, row.seats),
        "area_m2": row.area_m2,
        "seats": row.seats,
        "persons_served": row.persons_served,
        "food_categories": row.food_categories,
        "licence_from_on": row.licence_from_on,
        "licence_until_on": row.licence_until_on,
        "chain_headquarters": row.chain_headquarters,
        "online_ordering": row.online_ordering,
        "online_name": row.online_name,
        "open_kitchen": row.open_kitchen,
        "open_kitchen_checked_on": row.open_kitchen_checked_on,
        "special_groups": row.special_groups,
        "state": row.state,
    }


def add_version(session: Session, row: UnitRow, unit_id: int, *, from_on: date, now: datetime) -> None:
    """Append one version of a unit outside an import."""
    values = [_version(row, unit_id, from_on=from_on, now=now, import_id=None)]
    insert_rows(session, table_of(UnitVersion), values)


def codes_in_use(session: Session, codes: Collection[str]) -> set[str]:
    """Those of the codes that belong to a door."""
    return set(session.exec(select(Premises.code).where(col(Premises.code).in_(codes))))
