"""Sending a visit back: by a reviewer with a reason, or because an addendum would change its result."""

from datetime import datetime

from sqlmodel import Session

from inspections.record.audit import declare_event, write_audit
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import FieldRecord, field_record, has_addenda
from inspections.visits.sync.suggesting import addenda_change_the_result
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitReview

BY_RULE = "系统"
CHANGED_RESULT = "签结后收到的补充会改变建议结果；请主检人员核对后签结补充。"

VISIT_RETURNED = declare_event("field_visit_returned", "visit", "record_number", "reason", "seen_sha256")


def return_where_the_result_changes(session: Session, visit: FieldVisit, *, now: datetime) -> None:
    """Send a signed visit back when an addendum would change its suggested result."""
    if visit.state not in {FieldVisitState.SIGNED, FieldVisitState.CONFIRMED}:
        return
    if not has_addenda(session, visit):
        return
    record = field_record(session, visit)
    if addenda_change_the_result(session, record):
        send_back(session, record, reason=CHANGED_RESULT, actor=BY_RULE, now=now)


def send_back(session: Session, record: FieldRecord, *, reason: str, actor: str, now: datetime) -> None:
    """Put a visit back to its inspectors; what was signed stays as it is."""
    visit, seen = record.visit, fingerprint_of(record)
    visit.state = FieldVisitState.RETURNED
    session.add(visit)
    session.add(
        VisitReview(
            field_visit_id=visit.id or 0,
            decision="returned",
            reason=reason,
            seen_sha256=seen,
            decided_by=actor,
            decided_at=now,
        )
    )
    fields = {
        "visit": visit.client_id,
        "record_number": visit.record_number,
        "reason": reason,
        "seen_sha256": seen,
    }
    write_audit(session, VISIT_RETURNED, actor=actor, now=now, fields=fields)
