"""Rows of a small register for tests, how they are loaded and what then trades where."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Engine, func
from sqlmodel import col, select

from inspections.record.database import read_only, transaction
from inspections.units.importing import LoadedUnits, load_units
from inspections.units.register_file import UnitRow
from inspections.units.service import confirm_proposal, open_proposals, reject_proposal
from inspections.units.tables import CateringUnit

DAY = date(2026, 11, 24)
LATER = date(2026, 12, 8)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
A = UnitRow("福满源餐饮店", "柳口路28号", "杨柳镇", "restaurant", "JY21201119900016", "91440300708461136T")
B = UnitRow("春来饺子馆", "柳口路30号", "杨柳镇", "snack_shop", "JY11201119900020", "91110108551385082Q")
NEW_CODE = "91440300MA5H0HLK5U"
THIRD_LICENCE = "JY31201119900037"


def load(engine: Engine, *rows: UnitRow, on: date = DAY) -> LoadedUnits:
    """Load rows as an import of that day."""
    with transaction(engine) as session:
        return load_units(
            session, rows, on=on, now=NOW, actor="李伟", file_name="名册.csv", file_sha256="0" * 64
        )


def count(engine: Engine, *models: Any) -> list[int]:
    """How many rows each table has."""
    with read_only(engine) as session:
        return [session.exec(select(func.count()).select_from(model)).one() for model in models]


def outcome(loaded: LoadedUnits) -> tuple[int, int, int, int, int]:
    """New, changed, unchanged, waiting, absent."""
    return loaded.new, loaded.changed, loaded.unchanged, loaded.proposals, len(loaded.absent)


def proposal_ids(engine: Engine) -> list[int]:
    """What waits for a person."""
    with read_only(engine) as session:
        return [proposal.id or 0 for proposal, _, _ in open_proposals(session)]


def confirm(engine: Engine) -> int:
    """Confirm the one proposal that waits; the unit that starts by it."""
    (proposal,) = proposal_ids(engine)
    with transaction(engine) as session:
        return confirm_proposal(session, proposal, actor="陈静", now=NOW)


def reject(engine: Engine) -> None:
    """Reject the one proposal that waits."""
    (proposal,) = proposal_ids(engine)
    with transaction(engine) as session:
        reject_proposal(session, proposal, actor="陈静", now=NOW)


def tenancies(engine: Engine) -> dict[int, list[tuple[date, date | None]]]:
    """For each door the days of those who traded there, in order."""
    found: dict[int, list[tuple[date, date | None]]] = {}
    with read_only(engine) as session:
        for unit in session.exec(
            select(CateringUnit).order_by(col(CateringUnit.from_on), col(CateringUnit.id))
        ):
            found.setdefault(unit.premises_id, []).append((unit.from_on, unit.until_on))
    return found


def overlaps(engine: Engine) -> list[int]:
    """Doors behind which two units trade on one day."""
    return [
        door
        for door, days in tenancies(engine).items()
        if any(until is None or until >= later for (_, until), (later, _) in pairwise(days))
    ]
