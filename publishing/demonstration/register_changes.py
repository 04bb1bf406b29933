"""Closing, moving and handing over a unit, as imports bring it and a person confirms it."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, select

from inspections.units.importing import load_units
from inspections.units.register_file import UnitRow
from inspections.units.service import confirm_proposal
from inspections.units.tables import RegisterProposal, UnitState
from publishing.demonstration.staff import ADMINISTRATOR, PROGRAM
from publishing.demonstration.units import Change, Closing, Move, Unit

MakeCodes = Callable[[int, Collection[str]], list[str]]


def change_register(
    session: Session, change: Change, unit: Unit, make_codes: MakeCodes, *, now: datetime
) -> None:
    """Bring a change into the register and confirm what a person must confirm."""
    loaded = load_units(
        session,
        [_row(change, unit)],
        on=change.on,
        now=now,
        actor=PROGRAM,
        file_name=f"演示名册变更 {change.on}",
        file_sha256="",
        make_codes=make_codes,
    )
    for proposed in loaded.proposed:
        query = select(RegisterProposal.id).where(RegisterProposal.row_hash == proposed.hash)
        proposal_id = session.exec(query).one()
        confirm_proposal(session, proposal_id or 0, actor=ADMINISTRATOR, now=now, make_codes=make_codes)


def _row(change: Change, unit: Unit) -> UnitRow:
    if isinstance(change, Closing):
        return replace(unit.row, state=UnitState.CLOSED, from_on=change.on)
    if isinstance(change, Move):
        door = change.door
        return replace(
            unit.row, street=door.street, address=door.address, door_label=door.label, from_on=change.on
        )
    return change.successor.row
