"""Use cases after drafting: approval by two others, publication, withdrawal, and what followed."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine, update
from sqlmodel import Session, col, select

from inspections.people.tables import Role
from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.command_line import CLI
from inspections.record.database import read_only, table_of, transaction
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on
from publishing.editions.candidates import VisitBehind, visits_behind
from publishing.editions.checks import Strictness, stale_lines, unpublishable
from publishing.editions.drafting import drafted_edition, find_edition, holders_of, newest_text, require_role
from publishing.editions.drafting import save_draft as save_draft
from publishing.editions.drafts import EditionError, SavedDraft, SavedLine, read_draft
from publishing.editions.tables import (
    Edition,
    EditionApproval,
    EditionEntry,
    EditionKind,
    EditionVersion,
    EntryEvent,
    EntryEventKind,
)
from publishing.editions.wording import wording_fault

APPROVALS_NEEDED = 2
SCHEDULE = "定时任务"

EDITION_APPROVED = declare_event("edition_approved", "month", "draft_hash")
EDITION_PUBLISHED = declare_event("edition_published", "month", "draft_hash", "approved_by", "entries")
EDITION_WITHDRAWN = declare_event("edition_withdrawn", "edition", "entries", "whole", "reason")
ENTRY_EVENT = declare_event("entry_event", "edition", "entry", "kind", "happened_on", "reason")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Published:
    """An edition that has just become public."""

    edition_id: int
    key: str
    entries: int
    published_on: date


def approve(session: Session, month: str, *, actor: str, now: datetime, seen_hash: str | None = None) -> int:
    """Approve the present draft, if it still is what was seen; the number of valid approvals it has now."""
    require_role(session, actor, Role.APPROVER)
    edition, draft = drafted_edition(session, month, to_change=True)
    if edition.published_at is not None:
        raise EditionError(f"{month} 期已于 {edition.published_on} 公示，不需要再审批。")
    if seen_hash is not None and edition.draft_hash != seen_hash:
        raise EditionError(f"{month} 期的草稿已经变了；请用 edition show {month} 看现在的内容再审批。")
    if actor in drafters(session, edition):
        raise EditionError(f"“{actor}”起草过 {month} 期，不能审批自己起草的榜单；请由另外两人审批。")
    _refuse_stale(session, month, draft)
    if actor not in approvers(session, edition):
        row = EditionApproval(
            edition_id=edition.id or 0, draft_hash=edition.draft_hash or "", account=actor, approved_at=now
        )
        session.add(row)
        session.flush()
        fields = {"month": month, "draft_hash": edition.draft_hash}
        write_audit(session, EDITION_APPROVED, actor=actor, now=now, fields=fields)
    return len(approvers(session, edition))


def publish_edition(session: Session, month: str, *, now: datetime, actor: str = SCHEDULE) -> Published:
    """Publish a month's edition that two others have approved as it stands; once, whoever asks."""
    edition, draft = drafted_edition(session, month, to_change=True)
    if edition.published_at is not None:
        raise EditionError(f"{month} 期已于 {edition.published_on} 公示过了。")
    by = approvers(session, edition)
    if len(by) < APPROVALS_NEEDED:
        raise EditionError(
            f"{month} 期的现有草稿只有 {len(by)} 人审批，需要 {APPROVALS_NEEDED} 人；"
            f"请有“审批”角色、没有起草过本期的人运行 {CLI} edition approve {month}。"
        )
    unready = _unready(session, month, draft, now)
    if unready:
        raise EditionError("\n".join(unready))
    _claim(session, edition, now)
    entries = [_entry(edition.id or 0, line) for line in draft.lines]
    session.add_all(entries)
    session.flush()
    fields = {
        "month": month, "draft_hash": edition.draft_hash, "approved_by": by, "entries": len(entries),
    }  # fmt: skip
    write_audit(session, EDITION_PUBLISHED, actor=actor, now=now, fields=fields)
    _note(session, edition, entries)
    return Published(edition.id or 0, edition.key, len(entries), civil_day(now))


def waits_for(session: Session, edition: Edition, now: datetime) -> list[str]:
    """All that keeps an edition from being published now; nothing when the next run publishes it."""
    draft = read_draft(newest_text(session, edition.id or 0))
    missing = APPROVALS_NEEDED - len(approvers(session, edition))
    approval = [f"还需要 {missing} 人审批。"] if missing > 0 else []
    return [*_unready(session, edition.key, draft, now), *approval]


def publish_approved(engine: Engine, now: datetime) -> int:
    """Publish every edition that is approved as it stands; the scheduled job. Says how many.

    An edition that may not be published yet (an objection window, an unset term) waits and is logged;
    it does not keep the others back.
    """
    with read_only(engine) as session:
        query = select(Edition).where(
            Edition.kind == EditionKind.OWN,
            col(Edition.published_at).is_(None),
            col(Edition.draft_hash).is_not(None),
        )
        waiting = session.exec(query.order_by(col(Edition.key))).all()
        months = [edition.key for edition in waiting if len(approvers(session, edition)) >= APPROVALS_NEEDED]
    published = 0
    for month in months:
        try:
            with transaction(engine) as session:
                publish_edition(session, month, now=now)
            published += 1
        except EditionError as refusal:
            _log.warning("%s 期没有公示：%s", month, refusal)
    return published


def withdraw(
    session: Session, key: str, *, number: int | None, reason: str, actor: str, now: datetime
) -> int:
    """Withdraw one entry, or without a number the whole edition; how many entries were withdrawn now."""
    require_role(session, actor, Role.APPROVER)
    edition = _published(session, key)
    _require_reason(reason)
    entries = current_entries(session, edition)
    chosen = [entry for entry in entries if number is None or entry.number == number]
    if number is not None and not chosen:
        raise EditionError(f"{key} 期没有第 {number} 条；用 edition show {key} 查看序号。")
    gone = withdrawn_ids(session, chosen)
    left = [entry for entry in chosen if entry.id not in gone]
    if number is not None and not left:
        raise EditionError(f"{key} 期第 {number} 条已经撤下过了。")
    if number is None and edition.withdrawn_on is not None:
        raise EditionError(f"{key} 期已于 {edition.withdrawn_on} 整期撤下。")
    on = civil_day(now)
    for entry in left:
        session.add(_event(entry, EntryEventKind.WITHDRAWN, on, actor, now, reason.strip()))
    if number is None:
        edition.withdrawn_on, edition.withdrawal_reason = on, reason.strip()
        session.add(edition)
    fields = {
        "edition": key, "entries": [entry.number for entry in left], "whole": number is None,
        "reason": reason.strip(),
    }  # fmt: skip
    write_audit(session, EDITION_WITHDRAWN, actor=actor, now=now, fields=fields)
    _note(session, edition, chosen)
    return len(left)


def record_event(
    session: Session,
    key: str,
    number: int,
    kind: EntryEventKind,
    happened_on: date,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
    visit_id: int | None = None,
) -> None:
    """Append what happened to a published entry: rectified, re-check passed or failed."""
    require_role(session, actor, Role.EDITOR)
    if kind in {EntryEventKind.WITHDRAWN, EntryEventKind.CORRECTED}:
        raise EditionError("撤下请用 edition withdraw；这里只登记整改和复查。")
    edition = _published(session, key)
    entry = next((entry for entry in current_entries(session, edition) if entry.number == number), None)
    if entry is None:
        raise EditionError(f"{key} 期没有第 {number} 条；用 edition show {key} 查看序号。")
    if entry.id in withdrawn_ids(session, [entry]):
        raise EditionError(f"{key} 期第 {number} 条已经撤下，不再登记后来的情况。")
    fault = wording_fault(reason)
    if fault:
        raise EditionError(f"说明：{fault}。")
    if happened_on > civil_day(now):
        raise EditionError(f"{happened_on} 还没有到；请写已经发生的日期。")
    if entry.inspected_on is not None and happened_on < entry.inspected_on:
        raise EditionError(f"{happened_on} 早于检查日期 {entry.inspected_on}；请核对。")
    session.add(_event(entry, kind, happened_on, actor, now, reason.strip(), visit_id))
    fields = {
        "edition": key, "entry": number, "kind": kind.value, "happened_on": happened_on.isoformat(),
        "reason": reason.strip(),
    }  # fmt: skip
    write_audit(session, ENTRY_EVENT, actor=actor, now=now, fields=fields)
    _note(session, edition, [entry])


def approvers(session: Session, edition: Edition) -> list[str]:
    """Who approved the draft as it stands and may still approve, without anyone who made a version of it."""
    query = select(EditionApproval.account).where(
        EditionApproval.edition_id == edition.id, EditionApproval.draft_hash == edition.draft_hash
    )
    counting = holders_of(session, Role.APPROVER) - drafters(session, edition)
    return [name for name in session.exec(query.order_by(col(EditionApproval.id))) if name in counting]


def drafters(session: Session, edition: Edition) -> set[str]:
    """Everybody who made any version of an edition."""
    query = select(EditionVersion.made_by).where(EditionVersion.edition_id == edition.id)
    return set(session.exec(query))


def current_entries(session: Session, edition: Edition) -> Sequence[EditionEntry]:
    """The published entries in their newest version, by number."""
    query = select(EditionEntry).where(
        EditionEntry.edition_id == edition.id, col(EditionEntry.is_current).is_(True)
    )
    return session.exec(query.order_by(col(EditionEntry.number))).all()


def withdrawn_ids(session: Session, entries: Sequence[EditionEntry]) -> set[int]:
    """Which of these entries have been withdrawn."""
    query = select(EntryEvent.entry_id).where(
        col(EntryEvent.entry_id).in_([entry.id for entry in entries]),
        EntryEvent.kind == EntryEventKind.WITHDRAWN,
    )
    return set(session.exec(query))


def _refuse_stale(session: Session, month: str, draft: SavedDraft) -> None:
    changed = _changed(month, draft, visits_behind(session, {line.visit_id for line in draft.lines}))
    if changed is not None:
        raise EditionError(changed)


def _changed(month: str, draft: SavedDraft, visits: Mapping[int, VisitBehind]) -> str | None:
    stale = stale_lines(draft, visits)
    if not stale:
        return None
    return (
        f"{month} 期的草稿起草后，依据的记录有变化（{'；'.join(stale[:5])}）；"
        f"请重新运行 {CLI} edition draft {month}，再由两人审批。"
    )


def _unready(session: Session, month: str, draft: SavedDraft, now: datetime) -> list[str]:
    """All but approvals that keep a draft from being published."""
    on = civil_day(now)
    visits = visits_behind(session, {line.visit_id for line in draft.lines})
    changed = _changed(month, draft, visits)
    if changed is not None:
        # What a changed record says now is looked at once it has been drafted again.
        return [changed]
    strict = Strictness(on, settings_on(session, on), not is_demonstration(session))
    return list(unpublishable(draft, visits, strict))


def _claim(session: Session, edition: Edition, now: datetime) -> None:
    table = table_of(Edition)
    claimed = session.connection().execute(
        update(table)
        .where(
            table.c.id == edition.id,
            table.c.published_at.is_(None),
            table.c.draft_hash == edition.draft_hash,
        )
        .values(published_at=now, published_on=civil_day(now))
    )
    if claimed.rowcount != 1:
        raise EditionError(f"{edition.key} 期刚被另一个进程处理；请用 edition show {edition.key} 查看。")
    session.refresh(edition)


def _published(session: Session, key: str) -> Edition:
    edition = find_edition(session, key, to_change=True)
    if edition is None or edition.published_on is None:
        raise EditionError(f"{key} 期没有公示过；用 edition list 查看各期。")
    return edition


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise EditionError("撤下的原因是空的；请用 --reason 写明原因。")
    fault = wording_fault(reason)
    if fault:
        raise EditionError(f"撤下的原因：{fault}。")


def _event(
    entry: EditionEntry,
    kind: EntryEventKind,
    happened_on: date,
    recorded_by: str,
    now: datetime,
    reason: str,
    visit_id: int | None = None,
) -> EntryEvent:
    return EntryEvent(
        entry_id=entry.id or 0,
        kind=kind,
        happened_on=happened_on,
        recorded_at=now,
        recorded_by=recorded_by,
        reason=reason,
        visit_id=visit_id,
    )


def _entry(edition_id: int, line: SavedLine) -> EditionEntry:
    return EditionEntry(
        edition_id=edition_id,
        number=line.number,
        list_word=line.list_word,
        unit_id=line.unit_id,
        premises_id=line.premises_id,
        visit_id=line.visit_id,
        sign_name=line.sign_name,
        holder_shown=line.holder_shown,
        address=line.address,
        inspected_on=line.inspected_on,
        reasons=json.dumps(line.reasons, ensure_ascii=False),
        measures=line.measures,
        told_on=line.told_on,
        told_how=line.told_how,
        objection_until_on=line.objection_until_on,
        no_personal_names_by=line.no_personal_names_by,
    )


def _note(session: Session, edition: Edition, entries: Sequence[EditionEntry]) -> None:
    note_changes(session, Subject.EDITION, [edition.id or 0])
    touched = {entry.premises_id for entry in entries if entry.premises_id is not None}
    note_changes(session, Subject.PREMISES, sorted(touched))
