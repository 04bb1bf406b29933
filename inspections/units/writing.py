"""How units, versions, doors and proposals are written: in bulk, for imports and decisions alike."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import Session

from inspections.record.bulk import insert_columns
from inspections.record.changes import Subject
from inspections.record.database import insert_rows, table_of
from inspections.record.tables import Change
from inspections.units.queries import KnownUnit
from inspections.units.register_file import DOOR_FIELDS, VERSION_FIELDS, UnitRow, UnitTable, row_to_json
from inspections.units.tables import (
    CateringUnit,
    DoorChange,
    Premises,
    ProposalKind,
    ProposalState,
    RegisterProposal,
    UnitVersion,
)
from inspections.units.words import size_classes


@dataclass
class UnitEdits:
    """Changes of unit rows that wait to be written: first and last days, reopenings, codes learnt later."""

    begun: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)
    credit_codes: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, unit_id: int, from_on: date) -> None:
        """Set an earlier first day of a unit."""
        self.begun.append({"which": unit_id, "from_on": from_on})

    def end(self, unit_id: int, until_on: date | None) -> None:
        """Set the last day of a unit; none opens it again."""
        self.ended.append({"which": unit_id, "until_on": until_on})

    def learn_credit_code(self, unit_id: int, credit_code: str) -> None:
        """Note the credit code of a unit that had none, or only a masked identity."""
        self.credit_codes.append({"which": unit_id, "credit_code": credit_code})

    def write(self, session: Session) -> None:
        """Write them inside the caller's transaction."""
        units = table_of(CateringUnit)
        edits = ((self.begun, "from_on"), (self.ended, "until_on"), (self.credit_codes, "credit_code"))
        for rows, name in edits:
            if rows:
                values: dict[str, Any] = {name: bindparam(name)}
                query = update(units).where(units.c.id == bindparam("which")).values(values)
                session.connection().execute(query, rows)


def insert_versions(
    session: Session,
    table: UnitTable,
    unit_ids: Sequence[int],
    *,
    from_ons: Sequence[date],
    hashes: Sequence[str],
    now: datetime,
    import_id: int | None,
) -> None:
    """Append a version to each unit: what these rows say of it from a day on."""
    count = len(table)
    columns: dict[str, Sequence[Any]] = {name: table.columns[name] for name in VERSION_FIELDS}
    columns["unit_id"] = unit_ids
    columns["from_on"] = from_ons
    columns["row_hash"] = hashes
    columns["recorded_at"] = [now] * count
    columns["import_id"] = [import_id] * count
    columns["size_class"] = size_classes(
        table.columns["unit_type"], table.columns["area_m2"], table.columns["seats"]
    )
    insert_columns(session, table_of(UnitVersion), columns)


def insert_doors(
    session: Session, table: UnitTable, ids: Sequence[int], codes: Sequence[str], keys: Sequence[str]
) -> None:
    """Add doors with their permanent codes."""
    columns: dict[str, Sequence[Any]] = {name: table.columns[name] for name in DOOR_FIELDS}
    insert_columns(session, table_of(Premises), {**columns, "id": ids, "code": codes, "door_key": keys})


def note_doors(session: Session, premises_ids: Sequence[int]) -> None:
    """Note that the public facts of these doors may have changed."""
    subjects = [Subject.PREMISES.value] * len(premises_ids)
    insert_columns(session, table_of(Change), {"subject": subjects, "subject_id": premises_ids})


@dataclass(frozen=True)
class DoorRevision:
    """A door's changed fields, before and after."""

    premises_id: int
    before: dict[str, Any]
    after: dict[str, Any]


def revise_doors(
    session: Session, revisions: Sequence[DoorRevision], *, now: datetime, import_id: int | None
) -> None:
    """Change doors, keeping what the register said of them before."""
    doors = table_of(Premises)
    kept = []
    for revision in revisions:
        query = update(doors).where(doors.c.id == revision.premises_id).values(revision.after)
        session.connection().execute(query)
        kept.append(
            {
                "premises_id": revision.premises_id,
                "changed_at": now,
                "import_id": import_id,
                "before": json.dumps(revision.before, ensure_ascii=False, default=str),
                "after": json.dumps(revision.after, ensure_ascii=False, default=str),
            }
        )
    insert_rows(session, table_of(DoorChange), kept)


@dataclass(frozen=True)
class Proposed:
    """A row that a person must confirm; `seen` is the state of an equal proposal made before."""

    number: int
    kind: ProposalKind
    unit: KnownUnit
    row: UnitRow
    seen: ProposalState | None = None

    @property
    def hash(self) -> str:
        """SHA-256 over the unit, the kind and the row: the same change is proposed once."""
        text = f"{self.unit.unit_id}\x1f{self.kind}\x1f{row_to_json(self.row)}"
        return hashlib.sha256(text.encode()).hexdigest()


def insert_proposals(session: Session, proposed: Sequence[Proposed], *, on: date, import_id: int) -> None:
    """Keep proposals until a person decides."""
    rows = [
        {
            "kind": one.kind,
            "unit_id": one.unit.unit_id,
            "values": row_to_json(one.row),
            "row_hash": one.hash,
            "import_id": import_id,
            "proposed_on": on,
            "state": ProposalState.OPEN,
        }
        for one in proposed
    ]
    insert_rows(session, table_of(RegisterProposal), rows)
