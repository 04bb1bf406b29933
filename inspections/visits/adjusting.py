"""Use case: record what raises or lowers a unit's grade, with its document and who decided."""

from datetime import date, datetime

from sqlmodel import Session

from grading.facts import Adjustment as AdjustmentFact
from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.rulebooks.queries import shelf_of
from inspections.units.tables import CateringUnit
from inspections.visits.run_queries import Span, units_on
from inspections.visits.service import VisitError
from inspections.visits.tables import Adjustment

GRADE_ADJUSTED = declare_event(
    "grade_adjusted", "unit", "condition", "happened_on", "levels", "document", "reason"
)


def adjust(
    session: Session,
    *,
    unit_id: int,
    condition: str,
    happened_on: date,
    levels: int,
    document: str,
    reason: str,
    actor: str,
    now: datetime,
) -> int:
    """Record a fact that raises or lowers a unit's grade by so many levels; gives its id.

    The rulebook says which conditions raise and which lower, and by how many levels; another is refused.
    """
    unit = session.get(CateringUnit, unit_id)
    if unit is None:
        raise VisitError(f"没有编号为 {unit_id} 的单位。")
    if levels < 0:
        raise VisitError("级数写正数：升还是降由事项决定；请改正 --levels。")
    if not reason.strip() or not document.strip():
        raise VisitError("调整等级要写明理由和文书；请补上 --reason 和 --document。")
    _try(session, unit_id, AdjustmentFact(condition, happened_on, document, levels, actor, reason.strip()))
    row = Adjustment(
        unit_id=unit_id,
        condition=condition,
        happened_on=happened_on,
        levels=levels,
        document=document,
        reason=reason.strip(),
        decided_by=actor,
        decided_at=now,
    )
    session.add(row)
    session.flush()
    note_changes(session, Subject.PREMISES, [unit.premises_id])
    fields = {
        "unit": unit_id,
        "condition": condition,
        "happened_on": happened_on.isoformat(),
        "levels": levels,
        "document": document,
        "reason": row.reason,
    }
    write_audit(session, GRADE_ADJUSTED, actor=actor, now=now, fields=fields)
    return row.id or 0


def _try(session: Session, unit_id: int, fact: AdjustmentFact) -> None:
    """Grade the unit with the fact at the end of its year and the years after: contradictions show there."""
    shelf = shelf_of(session)
    for year in range(fact.occurred_on.year, fact.occurred_on.year + 3):
        day = date(year, 12, 31)
        for unit in units_on(session, Span(unit_id, unit_id, (unit_id,)), day, None):
            scheme = shelf.scheme_for("grade", unit.facts.unit_type, day)
            if scheme is not None:
                shelf.rules(scheme, day).grade(unit.facts, (), [fact])
