"""The rules by which a visit is judged: here at once, or carried away by a device and evaluated there."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from grading.judging import Judgement, judge
from grading.portable import portable_result_rules
from inspections.rulebooks.queries import (
    StoredChecklist,
    StoredRulebook,
    checklist_version,
    newest_rulebook,
    scheme_for,
)


@dataclass(frozen=True)
class CarriedRules:
    """One checklist's rules for one day as data for JSON, and which versions they are made of."""

    rulebook_version_id: int
    checklist_version_id: int
    data: dict[str, object]


def judge_visit(
    session: Session, *, checklist_version_id: int, unit_type: str, on: date, answers: str
) -> Judgement | None:
    """What the rules in force say about a visit's packed answers; none where no scheme holds."""
    found = _in_force(session, checklist_version_id, unit_type, on)
    if found is None:
        return None
    stored, checklist = found
    return judge(stored.rulebook.on(on), checklist.checklist, answers)


def rules_to_carry(
    session: Session, *, checklist_version_id: int, unit_type: str, on: date
) -> CarriedRules | None:
    """What a device needs to judge visits of a day as `judge_visit` does; none where no scheme holds."""
    found = _in_force(session, checklist_version_id, unit_type, on)
    if found is None:
        return None
    stored, checklist = found
    data = portable_result_rules(stored.rulebook, checklist.checklist, on)
    return CarriedRules(stored.version_id, checklist.version_id, data)


def _in_force(
    session: Session, checklist_version_id: int, unit_type: str, on: date
) -> tuple[StoredRulebook, StoredChecklist] | None:
    scheme = scheme_for(session, "result", unit_type, on)
    if scheme is None:
        return None
    return newest_rulebook(session, scheme), checklist_version(session, checklist_version_id)
