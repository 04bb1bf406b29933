"""Use cases of the register: import a file, decide what a person must confirm, correct search keys."""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.database import one_at_a_time, reserve_ids, table_of
from inspections.record.errors import HouseError
from inspections.record.marks import refuse_demonstration, refuse_foreign_feed
from inspections.record.settings import settings_on
from inspections.surface.sheets.faults import Fault, first_faults
from inspections.surface.sheets.reading import read_sheet
from inspections.surface.sheets.report import write_report
from inspections.surface.sheets.rows import Headers
from inspections.units.codes import new_codes
from inspections.units.import_log import name_report
from inspections.units.importing import REGISTER, LoadedUnits, Refused, load_units
from inspections.units.matching import Outcome
from inspections.units.queries import KnownUnit, known_units, units_at_door
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
    rejected: int
    absent: int
    bad: int
    warnings: int
    first_faults: tuple[str, ...]
    report: Path | None


def import_units(
    session: Session, path: Path, *, on: date, now: datetime, actor: str, reports: Path
) -> UnitsImported:
    """Read a register file, load its good rows, and report the rest row by row with its cure."""
    refuse_demonstration(session)
    refuse_foreign_feed(session)
    columns = unit_columns(on)
    sheet = read_sheet(path, columns)
    region = settings_on(session, on).optional_text("region")
    reading = RegisterReading.of(
        sheet.columns, sheet.chunks, region, lambda: read_sheet(path, columns).chunks
    )
    loaded = load_units(
        session,
        reading.table,
        on=on,
        now=now,
        actor=actor,
        file_name=path.name,
        file_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        absent_fields=sheet.absent,
        named=reading.named,
    )
    refused = [_refusal(one, sheet.columns) for one in loaded.refused]
    faults = sorted([*sheet.notes, *reading.faults, *refused], key=lambda fault: fault.row)
    report = None
    if faults or loaded.proposed or loaded.absent:
        report = name_report(loaded.record, reports)
        lists = [
            ("要确认的变动", _PROPOSED, _proposed_rows(loaded)),
            ("文件里没有的单位", _ABSENT, _absent_rows(loaded)),
        ]
        bad_rows = [*reading.bad, *reading.rows({one.number for one in loaded.refused})]
        write_report(report, faults, bad_rows, sheet.headers, lists=lists)
    wrong = [fault for fault in faults if not fault.is_warning]
    return UnitsImported(
        read=reading.read,
        new=loaded.new,
        changed=loaded.changed,
        unchanged=loaded.unchanged,
        proposals=loaded.proposals,
        rejected=loaded.rejected,
        absent=len(loaded.absent),
        bad=len({fault.row for fault in wrong if fault.row}),
        warnings=len(faults) - len(wrong),
        first_faults=first_faults(faults),
        report=report,
    )


_PROPOSED = ("行", "变动", "门店码", "原登记", "文件里", "状态")
_SEEN_WORDS = {
    None: "等人确认",
    ProposalState.OPEN: "等人确认",
    ProposalState.REJECTED: "以前驳回过，没有导入",
}
_ABSENT = ("门店码", "许可证编号", "主体名称", "地址")


def _proposed_rows(loaded: LoadedUnits) -> list[list[str]]:
    return [
        [
            str(one.number),
            KIND_WORDS[one.kind],
            one.unit.code,
            f"{one.unit.licence_name} {one.unit.address}",
            f"{one.row.licence_name} {one.row.address}{one.row.door_label}",
            _SEEN_WORDS[one.seen],
        ]
        for one in loaded.proposed
    ]


def _absent_rows(loaded: LoadedUnits) -> list[list[str]]:
    return [
        [unit.code, unit.licence_number or "", unit.licence_name, f"{unit.address}{unit.door_label}"]
        for unit in loaded.absent
    ]


def _refusal(refused: Refused, headers: Headers) -> Fault:
    unit = refused.unit
    if refused.why is Outcome.NO_CREDIT_CODE:
        what = f"这个地址现由“{unit.licence_name}”（{unit.code}）经营；没有新的信用代码，不能算换了经营者"
        cure = "换了经营者请填新的统一社会信用代码；同一经营者请核对许可证编号和主体名称；另一档口请填摊位号"
        return Fault(refused.number, headers.name("统一社会信用代码"), "", what, cure)
    if refused.why is Outcome.AMBIGUOUS:
        what = f"在这个地址对应几个单位，其中有“{unit.licence_name}”（{unit.code}）"
        return Fault(refused.number, headers.name("门店码"), "", what, "请填门店码，写明是哪一个")
    what = f"名册里属于另一单位“{unit.licence_name}”（{unit.code}）"
    cure = "请对照证照核对许可证编号和信用代码"
    return Fault(refused.number, headers.name("许可证编号"), unit.licence_number or "", what, cure)


def confirm_proposal(
    session: Session,
    proposal_id: int,
    *,
    actor: str,
    now: datetime,
    make_codes: Callable[[int, Collection[str]], list[str]] = new_codes,
) -> int:
    """Carry out what was proposed; the id of the unit that starts (clean) by it."""
    one_at_a_time(session, REGISTER)
    proposal = _open_proposal(session, proposal_id)
    (old,) = known_units(session, proposal.unit_id)
    is_move = proposal.kind == ProposalKind.MOVE
    if old.moved_to_premises_id is not None or (old.until_on is not None and not is_move):
        raise RegisterError(
            f"变动 {proposal_id} 的单位 {old.licence_name} 已不在营；请用 units reject 驳回。"
        )
    row = row_from_json(proposal.values)
    from_on = max(row.from_on or proposal.proposed_on, (old.until_on or old.from_on) + _DAY)
    premises_id = old.premises_id
    if is_move:
        premises_id, free_on = _door_for(session, row, make_codes)
        from_on = max(from_on, free_on)
    moved_from = old.unit_id if is_move else None
    unit_id = _start_unit(session, row, premises_id, from_on=from_on, now=now, moved_from=moved_from)
    edits = UnitEdits()
    if old.until_on is None:
        edits.end(old.unit_id, from_on - _DAY)
    edits.write(session)
    if is_move:
        _point_to_new_door(session, old.unit_id, premises_id)
    note_doors(session, sorted({old.premises_id, premises_id}))
    _decide(session, proposal, ProposalState.CONFIRMED, actor=actor, now=now)
    for other in _open_proposals_of(session, old.unit_id):
        _decide(session, other, ProposalState.REJECTED, actor=actor, now=now)
    return unit_id


def reject_proposal(session: Session, proposal_id: int, *, actor: str, now: datetime) -> None:
    """Leave the register as it is; the same row is not proposed again."""
    one_at_a_time(session, REGISTER)
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


def _open_proposals_of(session: Session, unit_id: int) -> list[RegisterProposal]:
    query = select(RegisterProposal).where(
        RegisterProposal.unit_id == unit_id, RegisterProposal.state == ProposalState.OPEN
    )
    return list(session.exec(query).all())


def _open_proposal(session: Session, proposal_id: int) -> RegisterProposal:
    proposal = session.get(RegisterProposal, proposal_id)
    if proposal is None or proposal.state != ProposalState.OPEN:
        raise RegisterError(f"没有待确认的变动 {proposal_id}；用 units proposals 查看。")
    return proposal


def _door_for(
    session: Session, row: UnitRow, make_codes: Callable[[int, Collection[str]], list[str]]
) -> tuple[int, date]:
    """The door that a unit moves to, and the first day on which nobody else trades there.

    The one vacant door of that code or address keeps its code; else there is a new door.
    """
    table = UnitTable.of([row])
    (key,) = table.door_keys()
    there = units_at_door(session, code=row.code, door_key=key)
    doors = {unit.premises_id for unit in there}
    trading = next((unit for unit in there if unit.until_on is None), None)
    if row.code is not None and trading is not None:
        raise RegisterError(
            f"门店码 {row.code} 处现由“{trading.licence_name}”经营；"
            "请先登记它停业或迁出，或在文件里改正门店码。"
        )
    if len(doors) == 1 and trading is None:
        return doors.pop(), max(unit.until_on or unit.from_on for unit in there) + _DAY
    codes = set(session.exec(select(Premises.code)))
    code = row.code if row.code is not None else make_codes(1, codes)[0]
    (premises_id,) = reserve_ids(session, table_of(Premises), 1)
    insert_doors(session, table, [premises_id], [code], [key])
    return premises_id, date.min


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
