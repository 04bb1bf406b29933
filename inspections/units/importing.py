"""Loading register rows in bulk: new units, new versions, changed doors, and what a person must confirm.

Loading the same rows again changes nothing. Rows that are absent are listed, never closed.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.bulk import insert_columns
from inspections.record.database import one_at_a_time, reserve_ids, table_of
from inspections.units.codes import new_codes
from inspections.units.import_log import begin_import
from inspections.units.matching import CONTRADICTIONS, ENDED_STATES, Match, Matcher, Named, Outcome
from inspections.units.numbers import fuller_credit_code
from inspections.units.queries import KnownUnit, known_units, newest_values, proposal_states
from inspections.units.register_file import UnitRow, UnitTable, gather
from inspections.units.tables import (
    CateringUnit,
    Premises,
    ProposalKind,
    ProposalState,
    RegisterImport,
    UnitVersion,
)
from inspections.units.tenancy import earlier_first_day, first_days, last_days
from inspections.units.writing import (
    DoorRevision,
    Proposed,
    UnitEdits,
    insert_doors,
    insert_proposals,
    insert_versions,
    note_doors,
    revise_doors,
)

REGISTER_IMPORTED = declare_event(
    "register_imported", "file_name", "file_sha256", "new", "changed", "unchanged", "proposals", "absent"
)
MakeCodes = Callable[[int, Collection[str]], list[str]]
REGISTER = "register"
_NOTHING_ELSE = Named()
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Refused:
    """A row that contradicts the register: its place in the file, why, and the unit it contradicts."""

    number: int
    why: Outcome
    unit: KnownUnit


@dataclass(frozen=True)
class LoadedUnits:
    """What became of the rows; `ids` holds each row's unit, none where it waits for a person or is refused.

    `proposals` counts what waits, `rejected` what a person rejected before; `proposed` holds both.
    """

    record: RegisterImport
    new: int
    changed: int
    unchanged: int
    proposals: int
    rejected: int
    absent: tuple[KnownUnit, ...]
    ids: tuple[int | None, ...]
    proposed: tuple[Proposed, ...] = ()
    refused: tuple[Refused, ...] = ()


def load_units(
    session: Session,
    rows: Iterable[UnitRow] | UnitTable,
    *,
    on: date,
    now: datetime,
    actor: str,
    file_name: str,
    file_sha256: str,
    make_codes: MakeCodes = new_codes,
    absent_fields: Collection[str] = (),
    named: Named = _NOTHING_ELSE,
) -> LoadedUnits:
    """Load good rows inside the caller's transaction; fields absent from the file keep their known values.

    `named` are numbers in rows of the file that could not be loaded: their units are not absent.
    """
    one_at_a_time(session, REGISTER)
    table = rows if isinstance(rows, UnitTable) else UnitTable.of(rows)
    record = begin_import(
        session, "units", file_name=file_name, file_sha256=file_sha256, actor=actor, now=now
    )
    keys = table.door_keys()
    matcher = Matcher(known_units(session), table, keys)
    matches = matcher.matches()
    _keep_known(session, table, matches, absent_fields)
    load = _Load(session, table, keys, on=on, now=now, import_id=record.id or 0, begins=matcher.may_begin_on)
    load.sort(matches)
    load.add_new(make_codes)
    load.write()
    absent = matcher.absent(named)
    rejected = sum(one.seen is ProposalState.REJECTED for one in load.proposed)
    counts = {
        "new": len(load.new),
        "changed": load.changed,
        "unchanged": load.unchanged,
        "proposals": len(load.proposed) - rejected,
    }
    record.counts = json.dumps({**counts, "absent": len(absent)}, sort_keys=True)
    fields = {"file_name": file_name, "file_sha256": file_sha256, **counts, "absent": len(absent)}
    write_audit(session, REGISTER_IMPORTED, actor=actor, now=now, fields=fields)
    return LoadedUnits(
        record=record,
        absent=tuple(absent),
        ids=tuple(load.ids),
        rejected=rejected,
        proposed=tuple(load.proposed),
        refused=tuple(load.refused),
        **counts,
    )


def _keep_known(
    session: Session, table: UnitTable, matches: Sequence[Match], absent_fields: Collection[str]
) -> None:
    """What the file does not speak of stays as the register has it."""
    names = [name for name in absent_fields if name in table_of(UnitVersion).c]
    kept = newest_values(session, names) if names else {}
    for place, match in enumerate(matches):
        if match.unit is None or match.outcome is not Outcome.SAME:
            continue
        for name, value in zip(names, kept.get(match.unit.unit_id, ()), strict=False):
            table.columns[name][place] = value


@dataclass
class _New:
    """New units: their rows, and for those at a vacant door the unit that traded there before."""

    places: list[int] = field(default_factory=list)
    before: list[KnownUnit | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.places)


class _Load:
    """One import under way: what each row leads to, then everything written at once."""

    def __init__(
        self,
        session: Session,
        table: UnitTable,
        keys: list[str],
        *,
        on: date,
        now: datetime,
        import_id: int,
        begins: Callable[[KnownUnit], date | None],
    ) -> None:
        self.session, self.table, self.keys, self._begins = session, table, keys, begins
        self.on, self.now, self.import_id = on, now, import_id
        self.hashes = table.hashes()
        self.ids: list[int | None] = [None] * len(table)
        self.new = _New()
        self.changed = self.unchanged = 0
        self.proposed: list[Proposed] = []
        self.refused: list[Refused] = []
        self._versions: list[tuple[int, int, date]] = []
        self._doors: list[DoorRevision] = []
        self._edits = UnitEdits()
        self._touched: list[int] = []
        self._proposal_states = proposal_states(session)

    def sort(self, matches: Sequence[Match]) -> None:
        """Decide for each row what it leads to."""
        for place, match in enumerate(matches):
            unit = match.unit
            if match.outcome is Outcome.FORMER_LICENCE:
                self.unchanged += 1
            elif match.outcome is Outcome.NEW or unit is None:
                self.new.places.append(place)
                self.new.before.append(unit)
            elif match.outcome is Outcome.SAME:
                self._revise(place, unit)
            elif match.outcome in CONTRADICTIONS:
                self.refused.append(Refused(self.table.numbers[place], match.outcome, unit))
            else:
                self._propose(place, ProposalKind[match.outcome.name], unit)

    def _revise(self, place: int, unit: KnownUnit) -> None:
        self.ids[place] = unit.unit_id
        door, began_on = self._door_revision(place, unit), self._earlier_day(place, unit)
        code = self._credit_code(place, unit)
        is_same = self.hashes[place] == unit.row_hash and code == unit.credit_code
        if is_same and door is None and began_on is None:
            self.unchanged += 1
            return
        self.changed += 1
        self._touched.append(unit.premises_id)
        if door is not None:
            self._doors.append(door)
        if began_on is not None:
            self._edits.begin(unit.unit_id, began_on)
            self._versions.append((place, unit.unit_id, began_on))
        if code is not None and code != unit.credit_code:
            self._edits.learn_credit_code(unit.unit_id, code)
        if self.hashes[place] != unit.row_hash:
            self._add_version(place, unit)

    def _credit_code(self, place: int, unit: KnownUnit) -> str | None:
        """The unit's credit code as far as it is known now; a row that repeats an ending teaches nothing."""
        columns = self.table.columns
        if unit.until_on is not None and columns["state"][place] in ENDED_STATES:
            return unit.credit_code
        return fuller_credit_code(unit.credit_code, columns["credit_code"][place])

    def _earlier_day(self, place: int, unit: KnownUnit) -> date | None:
        """An earlier first day that the row gives or its licence shows, as far as the door was free."""
        columns = self.table.columns
        if columns["state"][place] in ENDED_STATES:
            return None
        given, licensed = columns["from_on"][place], columns["licence_from_on"][place]
        return earlier_first_day(unit, given=given, licensed=licensed, may_begin_on=self._begins(unit))

    def _add_version(self, place: int, unit: KnownUnit) -> None:
        columns = self.table.columns
        from_on = max(columns["from_on"][place] or self.on, unit.version_from_on)
        self._versions.append((place, unit.unit_id, from_on))
        is_ended = columns["state"][place] in ENDED_STATES
        if is_ended and unit.until_on is None:
            self._edits.end(unit.unit_id, max(unit.from_on, from_on - _DAY))
        elif not is_ended and unit.until_on is not None:
            self._edits.end(unit.unit_id, None)

    def _door_revision(self, place: int, unit: KnownUnit) -> DoorRevision | None:
        columns = self.table.columns
        after: dict[str, Any] = {}
        for name in ("street", "latitude", "longitude"):
            value = columns[name][place]
            if value is not None and value != getattr(unit, name):
                after[name] = value
        address, label = columns["address"][place], columns["door_label"][place]
        # Only a storefront code makes another address the same door.
        if self.keys[place] != unit.door_key and columns["code"][place] is not None:
            after |= {"address": address, "door_label": label, "door_key": self.keys[place]}
        if not after:
            return None
        return DoorRevision(unit.premises_id, {name: getattr(unit, name) for name in after}, after)

    def _propose(self, place: int, kind: ProposalKind, unit: KnownUnit) -> None:
        proposed = Proposed(self.table.numbers[place], kind, unit, self.table.row(place))
        self.proposed.append(replace(proposed, seen=self._proposal_states.get(proposed.hash)))

    def add_new(self, make_codes: MakeCodes) -> None:
        """Give doors and units their ids and codes, and write them."""
        places, before = self.new.places, self.new.before
        if not places:
            return
        rows = self.table.take(places)
        fresh = [index for index, unit in enumerate(before) if unit is None]
        doors = iter(self._add_doors(rows.take(fresh), gather(places, fresh), make_codes))
        premises_ids = [next(doors) if unit is None else unit.premises_id for unit in before]
        from_ons = first_days(rows, before, self.on)
        unit_ids = reserve_ids(self.session, table_of(CateringUnit), len(places))
        units: dict[str, Sequence[Any]] = {
            "id": unit_ids,
            "premises_id": premises_ids,
            "credit_code": rows.columns["credit_code"],
            "from_on": from_ons,
            "until_on": last_days(rows, from_ons, self.on),
        }
        insert_columns(self.session, table_of(CateringUnit), units)
        hashes = gather(self.hashes, places)
        self._insert_versions(rows, unit_ids, from_ons, hashes)
        self._touched += premises_ids
        for place, unit_id in zip(places, unit_ids, strict=True):
            self.ids[place] = unit_id

    def _add_doors(self, rows: UnitTable, places: Sequence[int], make_codes: MakeCodes) -> list[int]:
        taken = set(self.session.exec(select(Premises.code)))
        given = rows.columns["code"]
        drawn = iter(make_codes(given.count(None), taken.union(code for code in given if code)))
        codes = [next(drawn) if code is None else code for code in given]
        ids = reserve_ids(self.session, table_of(Premises), len(rows))
        insert_doors(self.session, rows, ids, codes, gather(self.keys, places))
        return ids

    def _insert_versions(
        self, rows: UnitTable, unit_ids: Sequence[int], from_ons: Sequence[date], hashes: Sequence[str]
    ) -> None:
        insert_versions(
            self.session,
            rows,
            unit_ids,
            from_ons=from_ons,
            hashes=hashes,
            now=self.now,
            import_id=self.import_id,
        )

    def write(self) -> None:
        """Write versions, doors, proposals, and note whose public facts may have changed."""
        if self._versions:
            places, unit_ids, from_ons = (list(part) for part in zip(*self._versions, strict=True))
            self._insert_versions(self.table.take(places), unit_ids, from_ons, gather(self.hashes, places))
        self._edits.write(self.session)
        revise_doors(self.session, self._doors, now=self.now, import_id=self.import_id)
        fresh = [one for one in self.proposed if one.seen is None]
        insert_proposals(self.session, fresh, on=self.on, import_id=self.import_id)
        note_doors(self.session, self._touched)
