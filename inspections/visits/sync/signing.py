"""Signing a visit: the lead, a leased number, a whole record; what is signed is frozen."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from inspections.record.audit import declare_event, write_audit
from inspections.rulebooks.queries import checklist_version
from inspections.visits.sync.answers import Values, obstruction_of, packed
from inspections.visits.sync.following import follow_signature
from inspections.visits.sync.leases import require_leased_number
from inspections.visits.sync.merging import FieldChange, FieldState, conflicts_of, merge, values_of
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.procedure import missing_before_signing
from inspections.visits.sync.refusals import RefusedError, refuse
from inspections.visits.sync.suggesting import suggestion_for
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from inspections.visits.sync.values import SignedValue

VISIT_SIGNED = declare_event("field_visit_signed", "visit", "record_number", "sha256", "addendum")

_GIVEN_TO_THE_TEXT = ("signature/operator", "signature/lead", "signature/second", "signature/witness")
_MAY_BE_SIGNED = frozenset({FieldVisitState.OPEN, FieldVisitState.RETURNED})


def sign_field_visit(
    session: Session,
    visit: FieldVisit,
    value: SignedValue,
    held: Mapping[str, FieldChange],
    *,
    sender: Sender,
    now: datetime,
) -> None:
    """Freeze a visit as its lead signed it, or say why not; `held` are its changes by id."""
    if sender.account_id != visit.lead_account_id:
        raise RefusedError("not_lead")
    if visit.state not in _MAY_BE_SIGNED:
        raise RefusedError("already_signed")
    if hashlib.sha256(value.text.encode()).hexdigest() != value.sha256:
        raise refuse("invalid", "value/sha256", "与所示全文的校验值不符")
    require_leased_number(session, value.record_number, visit, sender)
    covered = _covered(value, held)
    fields = merge(held[id_] for id_ in covered)
    conflicts = conflicts_of(fields)
    if conflicts:
        raise RefusedError("in_conflict", [{"where": key, "what": "两边记录不同"} for key in conflicts])
    values = values_of(fields)
    _require_whole(session, visit, values)
    _require_signed_anew(visit, value, fields)
    addendum = visit.signed_at is not None
    visit.state, visit.record_number = FieldVisitState.SIGNED, value.record_number
    visit.signed_at, visit.signed_received_at = value.at, now
    visit.signed_text, visit.signed_sha256 = value.text, value.sha256
    visit.covers = ",".join(covered)
    session.add(visit)
    session.flush()
    follow_signature(session, visit, values, actor=sender.name, now=now)
    fields_of_event = {
        "visit": visit.client_id,
        "record_number": value.record_number,
        "sha256": value.sha256,
        "addendum": addendum,
    }
    write_audit(session, VISIT_SIGNED, actor=sender.name, now=now, fields=fields_of_event)


def _covered(value: SignedValue, held: Mapping[str, FieldChange]) -> list[str]:
    own = {id_ for id_, change in held.items() if change.key != "signed"}
    if value.covers is None:
        return sorted(own)
    missing = set(value.covers) - own
    if missing:
        raise RefusedError(
            "not_all_received", [{"where": id_, "what": "还没有到达"} for id_ in sorted(missing)]
        )
    return sorted(set(value.covers))


def _require_signed_anew(visit: FieldVisit, value: SignedValue, fields: Mapping[str, FieldState]) -> None:
    """Signatures belong to the text they were given to; what supplements a paper is told and signed anew."""
    before = set(visit.covers.split(",")) if visit.signed_at is not None else set()
    faults = []
    for key in (*_GIVEN_TO_THE_TEXT, "told"):
        said = fields.get(key)
        if said is None:
            continue
        if before & {change.id for change in said.current}:
            faults.append((key, "补充以后没有重新告知" if key == "told" else "补充以后没有重新签名"))
        signed = said.value.get("text_sha256") if isinstance(said.value, Mapping) else None
        if signed is not None and signed != value.sha256:
            faults.append((key, "签的是改动以前的全文"))
    if faults:
        raise RefusedError("incomplete", [{"where": where, "what": what} for where, what in faults])


def _require_whole(session: Session, visit: FieldVisit, values: Values) -> None:
    checklist = checklist_version(session, visit.checklist_version_id).checklist
    suggestion = None
    if obstruction_of(values) is None:
        suggestion = suggestion_for(session, visit, checklist, packed(checklist, values))
    missing = missing_before_signing(
        checklist,
        values,
        codes=visit.items.split(",") if visit.items else (),
        suggested=suggestion.value if suggestion else None,
    )
    if missing:
        raise RefusedError("incomplete", [{"where": where, "what": what} for where, what in missing])
