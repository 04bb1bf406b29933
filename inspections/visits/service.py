"""Use cases of visits: store a batch, release it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from sqlmodel import Session

from grading.checklist import Checklist
from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, one_at_a_time, table_of
from inspections.record.errors import HouseError
from inspections.rulebooks.queries import checklist_version
from inspections.visits.batch_queries import (
    KnownVisit,
    batch_counts,
    ids_of_batch,
    known_visits,
    premises_of_batch,
    supersede_released,
)
from inspections.visits.held_back import Awaited, campaigns_awaited, reviewed_batches
from inspections.visits.tables import Finding, Visit, VisitBatch, VisitKind

CHUNK = 5_000
_BATCHES = "visits"

VISITS_STORED = declare_event("visits_stored", "batch", "file", "file_sha256", "new", "corrected")
VISITS_REVIEWED = declare_event("visits_reviewed", "batch", "campaign")
VISITS_RELEASED = declare_event("visits_released", "batch", "visits", "units", "first_on", "last_on")


class VisitError(HouseError):
    """Visits cannot be stored, released or adjusted as asked."""


@dataclass(frozen=True)
class NewFinding:
    """One failed item as the inspectors wrote it."""

    item_code: str
    note: str = ""
    corrected_on_spot: bool | None = None
    deadline_on: date | None = None
    corrected_on: date | None = None


@dataclass(frozen=True)
class NewVisit:
    """One visit to be stored; `answers` holds one letter per item of the checklist, in its order."""

    record_key: str
    unit_id: int
    visited_on: date
    kind: VisitKind
    checklist_version_id: int
    answers: str
    decided_result: str | None
    decided_score: Decimal | int | None = None
    handling: str | None = None
    inspectors: str = ""
    theme: str | None = None
    theme_items: tuple[str, ...] = ()
    recheck_of_key: str | None = None
    correction_reason: str | None = None
    findings: tuple[NewFinding, ...] = ()


@dataclass(frozen=True)
class StoredVisits:
    """What became of visits that were to be stored; no batch where nothing was new."""

    batch_id: int | None
    new: int
    corrected: int
    unchanged: int


def store_visits(
    session: Session,
    visits: Iterable[NewVisit],
    *,
    actor: str,
    now: datetime,
    import_id: int | None = None,
    file_name: str = "",
    file_sha256: str = "",
) -> StoredVisits:
    """Store visits as one batch that is not public yet; each record key at most once in `visits`.

    The same row again changes nothing; another row for a known record key is a correction of it.
    """
    one_at_a_time(session, _BATCHES)
    batch = VisitBatch(
        import_id=import_id, received_at=now, visits=0, file_name=file_name, file_sha256=file_sha256
    )
    session.add(batch)
    session.flush()
    batch_id = batch.id or 0
    new = corrected = unchanged = 0
    for chunk in _chunks(visits):
        known = known_visits(session, [visit.record_key for visit in chunk])
        rows, fresh = [], []
        for visit in chunk:
            row_hash = hash_of(visit)
            before = known.get(visit.record_key)
            if before is not None and before.row_hash == row_hash:
                unchanged += 1
                continue
            new, corrected = (new + 1, corrected) if before is None else (new, corrected + 1)
            rows.append(_row(visit, batch_id=batch_id, row_hash=row_hash, before=before))
            fresh.append(visit)
        insert_rows(session, table_of(Visit), rows)
        _store_findings(session, batch_id, fresh)
    if new + corrected == 0:
        session.delete(batch)
        session.flush()
        return StoredVisits(None, 0, 0, unchanged)
    batch.visits = new + corrected
    fields = {"batch": batch_id, "file": file_name, "file_sha256": file_sha256}
    write_audit(
        session, VISITS_STORED, actor=actor, now=now, fields={**fields, "new": new, "corrected": corrected}
    )
    return StoredVisits(batch_id, new, corrected, unchanged)


def release_batch(session: Session, batch_id: int, *, actor: str, now: datetime) -> int:
    """Make a batch's visits count and public, in the name of who has seen them; gives their number."""
    batch, awaited = _unreleased(session, batch_id)
    if awaited is not None:
        raise VisitError(f"{held_back_because(batch_id, awaited)}复核过的，公布时自动放行。")
    counts = batch_counts(session, batch_id)
    affected = premises_of_batch(session, batch_id)
    batch.released_at, batch.released_by = now, actor
    session.add(batch)
    session.flush()
    supersede_released(session, batch_id)
    note_changes(session, Subject.PREMISES, affected)
    fields = {
        "batch": batch_id,
        "visits": counts.visits,
        "units": counts.units,
        "first_on": counts.first_on.isoformat() if counts.first_on else None,
        "last_on": counts.last_on.isoformat() if counts.last_on else None,
    }
    write_audit(session, VISITS_RELEASED, actor=actor, now=now, fields=fields)
    return counts.visits


def review_batch(session: Session, batch_id: int, *, actor: str, now: datetime) -> Awaited:
    """Note that somebody has seen a batch that is held back: the reveal releases it in that name."""
    batch, awaited = _unreleased(session, batch_id)
    if awaited is None:
        raise VisitError(f"批次 {batch_id} 不在保密期内；核对后直接放行。")
    if batch.reviewed_at is not None:
        raise VisitError(
            f"批次 {batch_id} 已由{batch.reviewed_by}复核；{awaited.campaign} 期名单公布时自动放行。"
        )
    batch.reviewed_at, batch.reviewed_by = now, actor
    session.add(batch)
    fields = {"batch": batch_id, "campaign": awaited.campaign}
    write_audit(session, VISITS_REVIEWED, actor=actor, now=now, fields=fields)
    return awaited


def release_revealed(session: Session, now: datetime) -> int:
    """Let the reviewed batches of campaigns that have been revealed count, in their reviewers' names."""
    reviewed = reviewed_batches(session)
    awaited = campaigns_awaited(session, [batch_id for batch_id, _ in reviewed])
    free = [(batch_id, reviewer) for batch_id, reviewer in reviewed if batch_id not in awaited]
    for batch_id, reviewer in free:
        release_batch(session, batch_id, actor=reviewer, now=now)
    return len(free)


def held_back_because(batch_id: int, awaited: Awaited) -> str:
    """Why a batch is not public yet, and until when at the latest."""
    return (
        f"批次 {batch_id} 含 {awaited.campaign} 期随机抽查的检查，抽取名单公布之前不能公开"
        f"（最迟 {awaited.reveal_by} 公布）。"
    )


def _unreleased(session: Session, batch_id: int) -> tuple[VisitBatch, Awaited | None]:
    """A batch that nobody has released yet, with what it waits for."""
    one_at_a_time(session, _BATCHES)
    batch = session.get(VisitBatch, batch_id)
    if batch is None:
        raise VisitError(f"没有编号为 {batch_id} 的批次；用 visits batches 查看。")
    if batch.released_at is not None:
        raise VisitError(f"批次 {batch_id} 已由{batch.released_by}放行；不需要再放行。")
    return batch, campaigns_awaited(session, [batch_id]).get(batch_id)


def hash_of(visit: NewVisit) -> str:
    """SHA-256 of everything a row says, to see whether it changed."""
    findings = [
        [f.item_code, f.note, f.corrected_on_spot, _iso(f.deadline_on), _iso(f.corrected_on)]
        for f in visit.findings
    ]
    material = [
        visit.unit_id,
        visit.visited_on.isoformat(),
        visit.kind.value,
        visit.answers,
        visit.decided_result,
        None if visit.decided_score is None else format(Decimal(visit.decided_score).normalize(), "f"),
        visit.handling,
        visit.inspectors,
        visit.theme,
        visit.theme_items,
        visit.recheck_of_key,
        visit.correction_reason,
        findings,
    ]
    return hashlib.sha256(json.dumps(material, ensure_ascii=False).encode()).hexdigest()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _chunks(visits: Iterable[NewVisit]) -> Iterator[list[NewVisit]]:
    waiting = iter(visits)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk


def _row(visit: NewVisit, *, batch_id: int, row_hash: str, before: KnownVisit | None) -> dict[str, object]:
    return {
        "record_key": visit.record_key,
        "version": 1 if before is None else before.version + 1,
        "unit_id": visit.unit_id,
        "visited_on": visit.visited_on,
        "kind": visit.kind,
        "checklist_version_id": visit.checklist_version_id,
        "answers": visit.answers,
        "decided_result": visit.decided_result,
        "decided_score": None if visit.decided_score is None else Decimal(visit.decided_score),
        "handling": visit.handling,
        "inspectors": visit.inspectors,
        "theme": visit.theme,
        "theme_items": ",".join(visit.theme_items),
        "recheck_of_key": visit.recheck_of_key,
        "corrects_id": None if before is None else before.id,
        "correction_reason": visit.correction_reason,
        "is_current": True,
        "batch_id": batch_id,
        "row_hash": row_hash,
    }


def _store_findings(session: Session, batch_id: int, visits: Sequence[NewVisit]) -> None:
    if not visits:
        return
    ids = ids_of_batch(session, batch_id, [visit.record_key for visit in visits])
    rows = [
        {
            "visit_id": ids[visit.record_key],
            "item_code": finding.item_code,
            "note": finding.note,
            "corrected_on_spot": finding.corrected_on_spot,
            "deadline_on": finding.deadline_on,
            "corrected_on": finding.corrected_on,
        }
        for visit in visits
        for finding in _findings(checklist_version(session, visit.checklist_version_id).checklist, visit)
    ]
    insert_rows(session, table_of(Finding), rows)


def _findings(checklist: Checklist, visit: NewVisit) -> Iterator[NewFinding]:
    """The findings as written, then a bare one for every failed item without any."""
    for finding in visit.findings:
        if finding.item_code not in checklist.position:
            raise VisitError(
                f"记录 {visit.record_key} 写了检查表 {checklist.id} 没有的项目“{finding.item_code}”；"
                "请核对项目编号和检查表。"
            )
    checklist.verify(visit.answers)
    yield from visit.findings
    written = {finding.item_code for finding in visit.findings}
    for item, _ in checklist.failed(visit.answers):
        if item.code not in written:
            yield NewFinding(item.code)
