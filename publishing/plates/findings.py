"""What signed visits say of the plates at doors: seen, or missing. Read from the visits, never copied."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from inspections.record.clock import civil_day
from inspections.units.tables import CateringUnit
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, RegisterFinding
from publishing.plates.tables import PlateEventKind

_FOUND_AT_VISITS = {"plate_seen": PlateEventKind.SEEN, "plate_missing": PlateEventKind.MISSING}


@dataclass(frozen=True)
class FoundAtVisit:
    """What a visit's record says of the plate at a door."""

    premises_id: int
    on: date
    kind: PlateEventKind
    record_number: str
    note: str
    is_proposed: bool

    @property
    def words(self) -> str:
        """The record and what its inspectors noted."""
        return "；".join(part for part in (f"检查记录 {self.record_number}", self.note) if part)


def found_at_visits(session: Session, premises_id: int | None = None) -> dict[int, list[FoundAtVisit]]:
    """What signed visits say of plates, by door and in the order of days; rejected findings are left out."""
    query = (
        select(
            col(CateringUnit.premises_id),
            col(FieldVisit.opened_at),
            col(RegisterFinding.kind),
            col(FieldVisit.record_number),
            col(RegisterFinding.note),
            col(RegisterFinding.decision),
        )
        .join(FieldVisit, col(FieldVisit.id) == col(RegisterFinding.field_visit_id))
        .join(CateringUnit, col(CateringUnit.id) == col(FieldVisit.unit_id))
        .where(
            col(RegisterFinding.kind).in_(_FOUND_AT_VISITS),
            col(FieldVisit.state) != FieldVisitState.OPEN,
            func.coalesce(col(RegisterFinding.decision), "") != "rejected",
        )
        .order_by(col(FieldVisit.opened_at), col(RegisterFinding.id))
    )
    if premises_id is not None:
        query = query.where(col(CateringUnit.premises_id) == premises_id)
    found: dict[int, list[FoundAtVisit]] = {}
    for door, opened_at, kind, number, note, decision in session.execute(query):
        one = FoundAtVisit(
            premises_id=door,
            on=civil_day(opened_at),
            kind=_FOUND_AT_VISITS[kind],
            record_number=number or "",
            note=note,
            is_proposed=decision is None,
        )
        found.setdefault(door, []).append(one)
    return found
