"""Use cases of the review: confirm a signed visit into the house's own record, or send it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.people.tables import Account
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.database import transaction
from inspections.record.errors import HouseError
from inspections.visits.grading_run import grade_units
from inspections.visits.held_back import awaited_by
from inspections.visits.service import NewFinding, NewVisit, release_batch, review_batch, store_visits
from inspections.visits.sync.answers import FailedItem, failed_items, mapping_of, obstruction_of, packed
from inspections.visits.sync.assignments import campaign_of
from inspections.visits.sync.attributing import attribute
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import FieldRecord, field_record, photos_of
from inspections.visits.sync.rechecking import settle_orders
from inspections.visits.sync.returning import send_back
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitReview
from inspections.visits.sync.values import photos_named, read_value
from inspections.visits.sync.vocabulary import finding_words, words_of
from inspections.visits.tables import Visit, VisitKind

VISIT_CONFIRMED = declare_event(
    "field_visit_confirmed", "visit", "record_number", "batch", "released", "seen_sha256", "reason"
)

_SIGNED_OR_RETURNED = frozenset({FieldVisitState.SIGNED, FieldVisitState.RETURNED})


class ReviewError(HouseError):
    """A visit cannot be confirmed or sent back as asked."""


@dataclass(frozen=True)
class Reviewing:
    """Who reviews which visit, and the hash of what was seen."""

    field_visit_id: int
    account_id: int
    seen_sha256: str


@dataclass(frozen=True)
class Confirmed:
    """What a confirmed visit became; nothing to grade where the unit could not be inspected."""

    visit: NewVisit | None
    batch_id: int | None
    released: bool


def confirm_field_visit(
    session: Session, reviewing: Reviewing, *, now: datetime, missing_evidence: str = ""
) -> Confirmed:
    """Make a signed visit one of the house's; it counts at once, a campaign's from the reveal on.

    `missing_evidence` says why photos that the visit names will never arrive, where that is so.
    """
    record = _reviewed(session, reviewing)
    reviewer = _independent(session, record, reviewing)
    if record.visit.state != FieldVisitState.SIGNED:
        raise ReviewError("这次检查不在待复核状态：要先由主检人员签结（退回的要签结补充）。")
    missing = missing_photos(session, record)
    if missing and not missing_evidence.strip():
        raise ReviewError(
            f"还有 {len(missing)} 张照片或录音录像没有传完；请等平板上传，确实无法取得的，写明原因再确认。"
        )
    visit = None
    if obstruction_of(record.values) is None:
        attribute(session, record.visit, actor=reviewer, now=now)
        visit = new_visit(session, record)
    batch_id = released = None
    if visit is not None:
        batch_id, released = _store(session, record, visit, actor=reviewer, now=now)
    record.visit.state = FieldVisitState.CONFIRMED
    session.add(record.visit)
    _note_review(session, record, reviewing, missing_evidence.strip(), actor=reviewer, now=now)
    settle_orders(session, record, actor=reviewer, now=now)
    fields = {
        "visit": record.visit.client_id,
        "record_number": record.visit.record_number,
        "batch": batch_id,
        "released": bool(released),
        "seen_sha256": reviewing.seen_sha256,
        "reason": missing_evidence.strip(),
    }
    write_audit(session, VISIT_CONFIRMED, actor=reviewer, now=now, fields=fields)
    return Confirmed(visit, batch_id, bool(released))


def confirm_and_grade(
    engine: Engine, reviewing: Reviewing, *, now: datetime, missing_evidence: str = ""
) -> Confirmed:
    """Confirm a visit; where it counts at once, its unit is graded at once and a proposal made."""
    with transaction(engine) as session:
        confirmed = confirm_field_visit(session, reviewing, now=now, missing_evidence=missing_evidence)
    if confirmed.released:
        grade_units(engine, on=civil_day(now), now=now)
    return confirmed


def return_field_visit(session: Session, reviewing: Reviewing, *, reason: str, now: datetime) -> None:
    """Send a visit back to its inspectors; the signed paper stays, they answer with an addendum."""
    record = _reviewed(session, reviewing)
    reviewer = _independent(session, record, reviewing)
    if record.visit.state not in _SIGNED_OR_RETURNED:
        raise ReviewError("只有签结后、确认前的检查可以退回。")
    if not reason.strip():
        raise ReviewError("退回要写明原因；检查人员据此补充。")
    send_back(session, record, reason=reason.strip(), actor=reviewer, now=now)


def new_visit(session: Session, record: FieldRecord) -> NewVisit:
    """A signed visit as the house keeps visits: packed answers, decided result, findings in words."""
    visit, values, checklist = record.visit, record.values, record.stored.checklist
    decision = mapping_of(values, "decision")
    campaign = campaign_of(session, visit.assignment_id)
    handling = str(decision.get("handling"))
    is_correction = visit.visit_id is not None
    return NewVisit(
        record_key=str(visit.record_number),
        unit_id=visit.unit_id,
        visited_on=civil_day(visit.opened_at),
        kind=VisitKind(visit.kind),
        checklist_version_id=visit.checklist_version_id,
        answers=packed(checklist, values),
        decided_result=str(decision.get("result")),
        handling=words_of("handlings").get(handling, handling),
        inspectors="、".join(_names(session, (visit.lead_account_id, visit.second_account_id))),
        theme=campaign.theme if campaign else None,
        theme_items=tuple(campaign.theme_items.split(",")) if campaign and campaign.theme_items else (),
        recheck_of_key=visit.recheck_of_key,
        correction_reason="签结后的补充" if is_correction else None,
        findings=tuple(_finding(item) for item in failed_items(checklist, values)),
    )


def missing_photos(session: Session, record: FieldRecord) -> list[str]:
    """The photos and recordings that a signed visit names and that have not arrived; refused ones have."""
    named = _named(record)
    known = photos_of(session, record.visit.id or 0)
    settled = {photo.sha256 for photo in known if photo.complete_at is not None or photo.refused is not None}
    waiting = {photo.sha256 for photo in known} - settled
    return sorted((named - settled) | waiting)


def unnamed_photos(session: Session, record: FieldRecord) -> list[str]:
    """What arrived and nothing in the record names: taken again, or recorded past the signature."""
    named = _named(record)
    known = photos_of(session, record.visit.id or 0)
    return [one.sha256 for one in known if one.complete_at is not None and one.sha256 not in named]


def _named(record: FieldRecord) -> set[str]:
    values = record.values.items()
    return {sha256 for key, value in values for sha256 in photos_named(read_value(key, value)[0])}


def finding_in_words(item: FailedItem) -> str:
    """What was found: words of the managed vocabulary, then the inspectors' own."""
    words = [finding_words().get(word, word) for word in item.words]
    return "；".join([*words, *filter(None, [item.remark.strip()])])


def _finding(item: FailedItem) -> NewFinding:
    return NewFinding(
        item_code=item.code,
        note=finding_in_words(item),
        corrected_on_spot=item.corrected_on_spot,
        deadline_on=item.deadline_on,
    )


def seen_by_another(session: Session, reviewing: Reviewing) -> str:
    """The name of a reviewer who took no part in a visit and saw all of it, as every decision on it asks."""
    return _independent(session, _reviewed(session, reviewing), reviewing)


def _reviewed(session: Session, reviewing: Reviewing) -> FieldRecord:
    query = select(FieldVisit).where(FieldVisit.id == reviewing.field_visit_id).with_for_update()
    visit = session.exec(query).first()
    if visit is None:
        raise ReviewError("没有这次检查；请从复核清单重新进入。")
    record = field_record(session, visit)
    if fingerprint_of(record) != reviewing.seen_sha256:
        raise ReviewError("您看过之后又收到了新内容；请刷新，看过新内容再决定。")
    return record


def _independent(session: Session, record: FieldRecord, reviewing: Reviewing) -> str:
    """The reviewer's name; who took part in a visit does not review it."""
    took_part = {record.visit.lead_account_id, record.visit.second_account_id}
    took_part |= {stored.account_id for stored in record.changes}
    if reviewing.account_id in took_part:
        raise ReviewError("自己参加的检查不能自己复核；请由没有参加的人复核。")
    return session.get_one(Account, reviewing.account_id).name


def _store(
    session: Session, record: FieldRecord, visit: NewVisit, *, actor: str, now: datetime
) -> tuple[int | None, bool]:
    """Store the visit as a batch of its own; released at once unless it waits for a campaign's reveal."""
    stored = store_visits(
        session,
        [visit],
        actor=actor,
        now=now,
        file_name=f"平板记录 {visit.record_key}",
        file_sha256=record.visit.signed_sha256 or "",
    )
    newest = select(Visit.id).where(Visit.record_key == visit.record_key).order_by(col(Visit.version).desc())
    record.visit.visit_id = session.exec(newest).first()
    session.add(record.visit)
    is_open = awaited_by(session, record.visit) is None
    if stored.batch_id is None:
        return None, is_open
    if is_open:
        release_batch(session, stored.batch_id, actor=actor, now=now)
    else:
        session.flush()
        review_batch(session, stored.batch_id, actor=actor, now=now)
    return stored.batch_id, is_open


def _note_review(
    session: Session,
    record: FieldRecord,
    reviewing: Reviewing,
    reason: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    session.add(
        VisitReview(
            field_visit_id=record.visit.id or 0,
            decision="confirmed",
            reason=reason,
            seen_sha256=reviewing.seen_sha256,
            decided_by=actor,
            decided_at=now,
        )
    )


def _names(session: Session, account_ids: Iterable[int]) -> list[str]:
    return [session.get_one(Account, id_).name for id_ in account_ids]
