"""Use cases of editions: draft, approve by two others, publish what is approved, withdraw."""

import json
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.database import read_only, table_of, transaction
from inspections.record.marks import is_demonstration
from inspections.record.settings import Settings, settings_on
from inspections.units.holders import shown_holder
from inspections.units.queries import doors, premises_of_units
from inspections.visits.tables import Visit, VisitBatch
from publishing.editions.drafts import (
    LIST_WORDS,
    Draft,
    DraftLine,
    EditionError,
    ShownLine,
    check_wording,
    checked_month,
    draft_hash,
)
from publishing.editions.tables import (
    Edition,
    EditionApproval,
    EditionDraft,
    EditionEntry,
    EditionKind,
    EntryEvent,
    EntryEventKind,
)
from publishing.editions.wording import wording_fault

APPROVALS_NEEDED = 2

EDITION_DRAFTED = declare_event("edition_drafted", "month", "draft_hash", "entries")
EDITION_APPROVED = declare_event("edition_approved", "month", "draft_hash")
EDITION_PUBLISHED = declare_event("edition_published", "month", "draft_hash", "approved_by")
EDITION_WITHDRAWN = declare_event("edition_withdrawn", "month", "entry", "reason")
ENTRY_EVENT = declare_event("entry_event", "month", "entry", "kind", "happened_on")


def save_draft(session: Session, draft: Draft, *, actor: str, now: datetime) -> str:
    """Save a month's lines as the present draft and return its hash; earlier approvals lapse by it."""
    checked_month(draft.month)
    check_wording(draft)
    edition = own_edition(session, draft.month)
    if edition is not None and edition.published_at is not None:
        raise EditionError(
            f"{draft.month} 期已经公示，不能再改草稿；要改请用 edition withdraw 撤下有误的条目。"
        )
    shown = {line.number: _shown_line(session, line, on=civil_day(now)) for line in draft.lines}
    new_hash = draft_hash(draft, shown)
    if edition is None:
        edition = Edition(key=draft.month, month=draft.month, authority="")
    edition.authority = settings_on(session, civil_day(now)).text("authority")
    edition.theme, edition.issue_no, edition.chosen_how = draft.theme, draft.issue_no, draft.chosen_how
    edition.drawn, edition.checked, edition.draft_hash = draft.drawn, draft.checked, new_hash
    session.add(edition)
    session.flush()
    edition_id = edition.id or 0
    # Nothing of a draft has been public: its lines are replaced whole, the audit chain keeps their hash.
    table = table_of(EditionEntry)
    session.connection().execute(delete(table).where(table.c.edition_id == edition_id))
    session.add_all(_entry(edition_id, line, shown[line.number], actor) for line in draft.lines)
    session.add(EditionDraft(edition_id=edition_id, draft_hash=new_hash, drafted_by=actor, drafted_at=now))
    fields = {"month": draft.month, "draft_hash": new_hash, "entries": len(draft.lines)}
    write_audit(session, EDITION_DRAFTED, actor=actor, now=now, fields=fields)
    return new_hash


def approve(session: Session, month: str, *, actor: str, now: datetime) -> int:
    """Approve the present draft; the number of valid approvals it has now."""
    edition = _drafted(session, month)
    if edition.published_at is not None:
        raise EditionError(f"{month} 期已经公示，不需要再审批。")
    if actor in _drafters(session, edition):
        raise EditionError(f"“{actor}”起草过 {month} 期，不能审批自己起草的榜单；请由另外两人审批。")
    _require_publishable(session, edition, civil_day(now))
    query = select(EditionApproval).where(
        EditionApproval.edition_id == edition.id,
        EditionApproval.draft_hash == edition.draft_hash,
        EditionApproval.account == actor,
    )
    if session.exec(query).first() is None:
        row = EditionApproval(
            edition_id=edition.id or 0, draft_hash=edition.draft_hash or "", account=actor, approved_at=now
        )
        session.add(row)
        fields = {"month": month, "draft_hash": edition.draft_hash}
        write_audit(session, EDITION_APPROVED, actor=actor, now=now, fields=fields)
    return len(approvers(session, edition))


def publish_edition(session: Session, month: str, *, now: datetime) -> None:
    """Publish an edition that two others have approved as it stands; once, whoever asks."""
    edition = _drafted(session, month)
    if edition.published_at is not None:
        raise EditionError(f"{month} 期已于 {edition.published_on} 公示。")
    by = approvers(session, edition)
    if len(by) < APPROVALS_NEEDED:
        raise EditionError(
            f"{month} 期的现有草稿只有 {len(by)} 人审批，需要 {APPROVALS_NEEDED} 人；"
            f"请有“审批”角色、没有起草过本期的人运行 edition approve {month}。"
        )
    on = civil_day(now)
    _require_publishable(session, edition, on)
    table = table_of(Edition)
    claimed = session.connection().execute(
        update(table)
        .where(
            table.c.id == edition.id,
            table.c.published_at.is_(None),
            table.c.draft_hash == edition.draft_hash,
        )
        .values(published_at=now, published_on=on)
    )
    if claimed.rowcount != 1:
        raise EditionError(f"{month} 期刚被另一个进程处理；请用 edition show {month} 查看。")
    session.refresh(edition)
    fields = {"month": month, "draft_hash": edition.draft_hash, "approved_by": by}
    write_audit(session, EDITION_PUBLISHED, actor="、".join(by), now=now, fields=fields)
    _note(session, edition)


def publish_approved(engine: Engine, now: datetime) -> int:
    """Publish every edition that is approved as it stands; the scheduled job. Says how many."""
    with read_only(engine) as session:
        query = select(Edition).where(
            Edition.kind == EditionKind.OWN,
            col(Edition.published_at).is_(None),
            col(Edition.draft_hash).is_not(None),
        )
        months = [
            edition.key
            for edition in session.exec(query.order_by(col(Edition.key)))
            if len(approvers(session, edition)) >= APPROVALS_NEEDED
        ]
    published = 0
    for month in months:
        with transaction(engine) as session:
            edition = _drafted(session, month)
            # Another process may have published it, or a line may have changed, since the list was made.
            if edition.published_at is None and len(approvers(session, edition)) >= APPROVALS_NEEDED:
                publish_edition(session, month, now=now)
                published += 1
    return published


def withdraw(
    session: Session, month: str, *, number: int | None, reason: str, actor: str, now: datetime
) -> int:
    """Withdraw one entry, or with no number the whole edition; the number of entries withdrawn."""
    edition = _published(session, month)
    fault = wording_fault(reason)
    if fault or not reason.strip():
        raise EditionError(f"撤下的原因：{fault or '是空的，请写明原因'}。")
    entries = [entry for entry in _entries(session, edition) if number in (None, entry.number)]
    if not entries:
        raise EditionError(f"{month} 期没有第 {number} 条；用 edition show {month} 查看序号。")
    gone = {row.entry_id for row in _withdrawals(session, entries)}
    left = [entry for entry in entries if entry.id not in gone]
    if not left:
        raise EditionError("这些条目已经撤下过了。")
    on = civil_day(now)
    for entry in left:
        event = EntryEvent(
            entry_id=entry.id or 0,
            kind=EntryEventKind.WITHDRAWN,
            happened_on=on,
            recorded_at=now,
            recorded_by=actor,
            reason=reason.strip(),
        )
        session.add(event)
    if number is None:
        edition.withdrawn_on, edition.withdrawal_reason = on, reason.strip()
        session.add(edition)
    fields = {"month": month, "entry": number, "reason": reason.strip()}
    write_audit(session, EDITION_WITHDRAWN, actor=actor, now=now, fields=fields)
    _note(session, edition)
    return len(left)


def record_event(
    session: Session,
    month: str,
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
    edition = _published(session, month)
    entry = next((entry for entry in _entries(session, edition) if entry.number == number), None)
    if entry is None:
        raise EditionError(f"{month} 期没有第 {number} 条；用 edition show {month} 查看序号。")
    fault = wording_fault(reason)
    if fault:
        raise EditionError(f"说明：{fault}。")
    if edition.published_on is not None and happened_on > civil_day(now):
        raise EditionError(f"{happened_on} 还没有到；请写已经发生的日期。")
    event = EntryEvent(
        entry_id=entry.id or 0,
        kind=kind,
        happened_on=happened_on,
        recorded_at=now,
        recorded_by=actor,
        reason=reason,
        visit_id=visit_id,
    )
    session.add(event)
    fields = {"month": month, "entry": number, "kind": kind.value, "happened_on": happened_on.isoformat()}
    write_audit(session, ENTRY_EVENT, actor=actor, now=now, fields=fields)
    _note(session, edition)


def own_edition(session: Session, month: str) -> Edition | None:
    """This bureau's edition of a month."""
    query = select(Edition).where(Edition.kind == EditionKind.OWN, Edition.key == month)
    return session.exec(query).first()


def approvers(session: Session, edition: Edition) -> list[str]:
    """Who approved the draft as it stands, without anyone who drafted a version of it."""
    query = select(EditionApproval.account).where(
        EditionApproval.edition_id == edition.id, EditionApproval.draft_hash == edition.draft_hash
    )
    drafters = _drafters(session, edition)
    ordered = query.order_by(col(EditionApproval.id))
    return [account for account in session.exec(ordered) if account not in drafters]


def _drafters(session: Session, edition: Edition) -> set[str]:
    query = select(EditionDraft.drafted_by).where(EditionDraft.edition_id == edition.id)
    return set(session.exec(query))


def _drafted(session: Session, month: str) -> Edition:
    edition = own_edition(session, checked_month(month))
    if edition is None or edition.draft_hash is None:
        raise EditionError(f"{month} 期还没有草稿；请先运行 edition draft {month}。")
    return edition


def _published(session: Session, month: str) -> Edition:
    query = select(Edition).where(Edition.key == month)
    edition = session.exec(query).first()
    if edition is None or edition.published_on is None:
        raise EditionError(f"{month} 期没有公示过。")
    return edition


def _entries(session: Session, edition: Edition) -> Sequence[EditionEntry]:
    query = select(EditionEntry).where(
        EditionEntry.edition_id == edition.id, col(EditionEntry.is_current).is_(True)
    )
    return session.exec(query.order_by(col(EditionEntry.number))).all()


def _withdrawals(session: Session, entries: Sequence[EditionEntry]) -> Sequence[EntryEvent]:
    query = select(EntryEvent).where(
        col(EntryEvent.entry_id).in_([entry.id for entry in entries]),
        EntryEvent.kind == EntryEventKind.WITHDRAWN,
    )
    return session.exec(query).all()


def _shown_line(session: Session, line: DraftLine, *, on: date) -> ShownLine:
    query = (
        select(Visit, VisitBatch.released_at)
        .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
        .where(Visit.id == line.visit_id)
    )
    found = session.exec(query).first()
    if found is None:
        raise EditionError(f"第 {line.number} 条的检查记录不存在；请从 edition draft 给出的表里选。")
    visit, released_at = found
    if released_at is None:
        raise EditionError(f"第 {line.number} 条的检查记录还没有发布；请先运行 visits release。")
    if visit.visited_on > on:
        raise EditionError(f"第 {line.number} 条的检查日期 {visit.visited_on} 还没有到。")
    premises_id = premises_of_units(session, [visit.unit_id])[visit.unit_id]
    door = doors(session, [premises_id], visit.visited_on)[premises_id]
    unit = door.unit
    if unit is None or unit.unit_id != visit.unit_id:
        raise EditionError(f"第 {line.number} 条：检查当天这个门店的经营者不是该单位；请核对名册。")
    version = unit.version
    return ShownLine(
        unit_id=visit.unit_id,
        premises_id=premises_id,
        sign_name=version.sign_name,
        holder_shown=shown_holder(
            version.licence_name,
            holder_is_natural_person=version.holder_is_natural_person,
            credit_code=unit.credit_code,
        ),
        address=door.address,
        inspected_on=visit.visited_on,
    )


def _entry(edition_id: int, line: DraftLine, shown: ShownLine, actor: str) -> EditionEntry:
    return EditionEntry(
        edition_id=edition_id,
        number=line.number,
        list_word=line.list_word,
        unit_id=shown.unit_id,
        premises_id=shown.premises_id,
        visit_id=line.visit_id,
        sign_name=shown.sign_name,
        holder_shown=shown.holder_shown,
        address=shown.address,
        inspected_on=shown.inspected_on,
        reasons=json.dumps(line.reasons, ensure_ascii=False),
        measures=line.measures,
        told_on=line.told_on,
        told_how=line.told_how,
        objection_until_on=line.objection_until_on,
        no_personal_names_by=actor if line.no_personal_names else None,
    )


def _require_publishable(session: Session, edition: Edition, on: date) -> None:
    """Everything that must hold before an edition leaves the house; the first fault is the message."""
    settings = settings_on(session, on)
    strict = not is_demonstration(session)
    for entry in _entries(session, edition):
        if entry.no_personal_names_by is None:
            raise EditionError(
                f"第 {entry.number} 条还没有确认“无个人姓名”；请编辑核对后在表里填“是”，再运行 edition draft。"
            )
        _require_term(settings, entry.list_word or "black")
        if strict and entry.list_word == "black":
            _require_notice(settings, entry, on)


def _require_term(settings: Settings, list_word: str) -> None:
    if settings.count(f"{list_word}_term_days") is None:
        raise EditionError(
            f"还没有规定{LIST_WORDS[list_word]}的公示期限；"
            f"请运行 settings set {list_word}_term_days 天数 --from 日期。"
        )


def _require_notice(settings: Settings, entry: EditionEntry, on: date) -> None:
    place = f"第 {entry.number} 条（黑榜）"
    if entry.told_on is None or not entry.told_how or entry.objection_until_on is None:
        raise EditionError(
            f"{place}缺书面告知的日期、方式或异议期截止日；请在表里补上，再运行 edition draft。"
        )
    days = settings.count("objection_days")
    if days is None:
        raise EditionError("还没有规定异议期；请运行 settings set objection_days 天数 --from 日期。")
    if (entry.objection_until_on - entry.told_on).days < days:
        raise EditionError(
            f"{place}的异议期到 {entry.objection_until_on}，不足告知（{entry.told_on}）后 {days} 天。"
        )
    if entry.objection_until_on >= on:
        raise EditionError(f"{place}的异议期到 {entry.objection_until_on} 才结束；请在那之后公示。")


def _note(session: Session, edition: Edition) -> None:
    note_changes(session, Subject.EDITION, [edition.id or 0])
    doors_touched = {entry.premises_id for entry in _entries(session, edition) if entry.premises_id}
    note_changes(session, Subject.PREMISES, sorted(doors_touched))
