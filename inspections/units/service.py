"""Use cases of the register: import a file, decide what a person must confirm, correct search keys."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.database import reserve_ids, table_of
from inspections.record.errors import HouseError
from inspections.record.settings import settings_on
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.reading import read_sheet
from inspections.surface.sheets.report import write_report
from inspections.units.codes import new_codes
from inspections.units.importing import LoadedUnits, load_units
from inspections.units.queries import KnownUnit, known_units
from inspections.units.register_columns import unit_columns
from inspections.units.register_file import UnitRow, UnitTable, row_from_json
from inspections.units.register_reading import RegisterReading
from inspections.units.search_keys import correct_keys
from inspections.units.tables import (
    CateringUnit,
    Premises,
    ProposalKind,
    ProposalState,
    RegisterProposal,
)
from inspections.units.writing import UnitEdits, insert_doors, insert_versions, note_doors

PROPOSAL_DECIDED = declare_event("register_proposal_decided", "proposal", "kind", "unit", "decision")
KEYS_CORRECTED = declare_event("search_keys_corrected", "unit", "pinyin", "initials")

_DAY = timedelta(days=1)
KIND_WORDS = {ProposalKind.OPERATOR_CHANGE: "换了经营者", ProposalKind.MOVE: "迁址"}


class RegisterError(HouseError):
    """A proposal or a unit that is not there, or cannot be changed as asked."""


@dataclass(frozen=True)
class UnitsImported:
    """What became of a register file: counts, and where the report lies."""

    read: int
    new: int
    changed: int
    unchanged: int
    proposals: int
    absent: int
    bad: int
    warnings: int
    report: Path | None


def import_units(
    session: Session, path: Path, *, on: date, now: datetime, actor: str, reports: Path
) -> UnitsImported:
    """Read a register file, load its good rows, and report the rest row by row with its cure."""
    columns = unit_columns(on)
    sheet = read_sheet(path, columns)
    region = settings_on(session, on).optional_text("region")
    reading = RegisterReading.of(sheet.chunks, region, lambda: read_sheet(path, columns).chunks)
    loaded = load_units(
        session,
        reading.table,
        on=on,
        now=now,
        actor=actor,
        file_name=path.name,
        file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        absent_fields=sheet.absent,
    )
    faults = [*sheet.notes, *reading.faults, *_refusals(loaded)]
    report = None
    if faults or loaded.proposed or loaded.absent:
        report = reports / f"units-{now:%Y%m%dT%H%M%S}.xlsx"
        lists = [
            ("要确认的变动", _PROPOSED, _proposed_rows(loaded)),
            ("文件里没有的单位", _ABSENT, _absent_rows(loaded)),
        ]
        write_report(report, faults, reading.bad, sheet.headers, lists=lists)
    wrong = [fault for fault in faults if not fault.is_warning]
    return UnitsImported(
        read=reading.read,
        new=loaded.new,
        changed=loaded.changed,
        unchanged=loaded.unchanged,
        proposals=loaded.proposals,
        absent=len(loaded.absent),
        bad=len({fault.row for fault in wrong if fault.row}),
        warnings=len(faults) - len(wrong),
        report=report,
    )


_PROPOSED = ("行", "变动", "门店码", "原登记", "文件里")
_ABSENT = ("门店码", "许可证编号", "主体名称", "地址")


def _proposed_rows(loaded: LoadedUnits) -> list[list[str]]:
    return [
        [
            str(one.number),
            KIND_WORDS[one.kind],
            one.unit.code,
            f"{one.unit.licence_name} {one.unit.address}",
            f"{one.row.licence_name} {one.row.address}{one.row.door_label}",
        ]
        for one in loaded.proposed
    ]


def _absent_rows(loaded: LoadedUnits) -> list[list[str]]:
    return [
        [unit.code, unit.licence_number or "", unit.licence_name, f"{unit.address}{unit.door_label}"]
        for unit in loaded.absent
    ]


def _refusals(loaded: LoadedUnits) -> list[Fault]:
    return [
        Fault(
            number,
            "许可证编号",
            holder.licence_number or "",
            f"名册里属于另一单位“{holder.licence_name}”（{holder.code}）",
            "请对照证照核对许可证编号和信用代码",
        )
        for number, holder in loaded.refused
    ]


def confirm_proposal(
    session: Session,
    proposal_id: int,
    *,
    actor: str,
    now: datetime,
    make_codes: Callable[[int, Collection[str]], list[str]] = new_codes,
) -> int:
    """Carry out what was proposed; the id of the unit that starts (clean) by it."""
    proposal = _open_proposal(session, proposal_id)
    (old,) = known_units(session, proposal.unit_id)
    if old.until_on is not None:
        raise RegisterError(
            f"变动 {proposal_id} 的单位 {old.licence_name} 已不在营；请用 units reject 驳回。"
        )
    row = row_from_json(proposal.values)
    from_on = max(row.from_on or proposal.proposed_on, old.from_on + _DAY)
    premises_id = old.premises_id
    if proposal.kind == ProposalKind.MOVE:
        premises_id = _new_door(session, row, make_codes)
    moved_from = old.unit_id if proposal.kind == ProposalKind.MOVE else None
    unit_id = _start_unit(session, row, premises_id, from_on=from_on, now=now, moved_from=moved_from)
    edits = UnitEdits()
    edits.end(old.unit_id, from_on - _DAY)
    edits.write(session)
    if proposal.kind == ProposalKind.MOVE:
        _point_to_new_door(session, old.unit_id, premises_id)
    note_doors(session, sorted({old.premises_id, premises_id}))
    _decide(session, proposal, ProposalState.CONFIRMED, actor=actor, now=now)
    return unit_id


def reject_proposal(session: Session, proposal_id: int, *, actor: str, now: datetime) -> None:
    """Leave the register as it is; the same row is not proposed again."""
    _decide(session, _open_proposal(session, proposal_id), ProposalState.REJECTED, actor=actor, now=now)


def open_proposals(session: Session) -> list[tuple[RegisterProposal, KnownUnit, UnitRow]]:
    """What waits for a person: the proposal, the unit as it is, the row as the file had it."""
    query = select(RegisterProposal).where(RegisterProposal.state == ProposalState.OPEN)
    found = session.exec(query.order_by("id")).all()
    return [(one, known_units(session, one.unit_id)[0], row_from_json(one.values)) for one in found]


def correct_search_keys(
    session: Session, unit_id: int, *, pinyin: str, initials: str, actor: str, now: datetime
) -> None:
    """Replace a unit's pinyin and initials by those a person knows to be right."""
    correct_keys(session, unit_id, pinyin=pinyin, initials=initials, actor=actor)
    (unit,) = known_units(session, unit_id)
    note_doors(session, [unit.premises_id])
    fields = {"unit": unit_id, "pinyin": pinyin, "initials": initials}
    write_audit(session, KEYS_CORRECTED, actor=actor, now=now, fields=fields)


def _open_proposal(session: Session, proposal_id: int) -> RegisterProposal:
    proposal = session.get(RegisterProposal, proposal_id)
    if proposal is None or proposal.state != ProposalState.OPEN:
        raise RegisterError(f"没有待确认的变动 {proposal_id}；用 units proposals 查看。")
    return proposal


def _new_door(session: Session, row: UnitRow, make_codes: Callable[[int, Collection[str]], list[str]]) -> int:
    taken = set(session.exec(select(Premises.code)))
    code = row.code if row.code and row.code not in taken else make_codes(1, taken)[0]
    table = UnitTable.of([row])
    (premises_id,) = reserve_ids(session, table_of(Premises), 1)
    insert_doors(session, table, [premises_id], [code], table.door_keys())
    return premises_id


def _start_unit(
    session: Session,
    row: UnitRow,
    premises_id: int,
    *,
    from_on: date,
    now: datetime,
    moved_from: int | None,
) -> int:
    unit = CateringUnit(
        premises_id=premises_id, credit_code=row.credit_code, from_on=from_on, moved_from_unit_id=moved_from
    )
    session.add(unit)
    session.flush()
    table = UnitTable.of([row])
    insert_versions(
        session,
        table,
        [unit.id or 0],
        from_ons=[from_on],
        hashes=table.hashes(),
        now=now,
        import_id=None,
    )
    return unit.id or 0


def _point_to_new_door(session: Session, unit_id: int, premises_id: int) -> None:
    units = table_of(CateringUnit)
    session.connection().execute(
        update(units).where(units.c.id == unit_id).values(moved_to_premises_id=premises_id)
    )


def _decide(
    session: Session, proposal: RegisterProposal, state: ProposalState, *, actor: str, now: datetime
) -> None:
    proposal.state, proposal.decided_by, proposal.decided_at = state, actor, now
    session.add(proposal)
    fields = {
        "proposal": proposal.id,
        "kind": proposal.kind.value,
        "unit": proposal.unit_id,
        "decision": state.value,
    }
    write_audit(session, PROPOSAL_DECIDED, actor=actor, now=now, fields=fields)
