"""Editions as the staff see them on the command line: drafts, approvals, events, the archive."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from inspections.record.clock import PEOPLE_ZONE
from inspections.record.command_line import CLI
from publishing.editions.checks import unwritten
from publishing.editions.drafting import find_edition, newest_text
from publishing.editions.drafts import LIST_WORDS, EditionError, SavedDraft, read_draft
from publishing.editions.headings import title_of
from publishing.editions.service import APPROVALS_NEEDED, approvers, current_entries, drafters, waits_for
from publishing.editions.tables import (
    Edition,
    EditionEntry,
    EditionKind,
    EditionVersion,
    EntryEvent,
    EntryEventKind,
)

_LISTS = {**LIST_WORDS, "yellow": "黄榜"}
_EVENTS = {
    EntryEventKind.RECTIFIED: "已整改",
    EntryEventKind.RECHECK_PASSED: "复查通过",
    EntryEventKind.RECHECK_FAILED: "复查未通过",
    EntryEventKind.CORRECTED: "更正",
    EntryEventKind.WITHDRAWN: "撤下",
}


def draft_lines(draft: SavedDraft) -> list[str]:
    """What an approver sees before approving: every text that will be public, and how each line stands."""
    lines = [f"怎样抽取：{draft.chosen_how}"] if draft.chosen_how else []
    counts = [("抽取", draft.drawn), ("检查", draft.checked)]
    counts += [(word, draft.count(key)) for key, word in LIST_WORDS.items()]
    lines.append("，".join(f"{word} {number} 家" for word, number in counts if number is not None))
    for line in draft.lines:
        shown = (
            f"{line.number}. {_LISTS[line.list_word]}",
            line.sign_name or "（无牌匾名称）",
            line.holder_shown,
            line.address,
            f"{line.inspected_on} 检查",
        )
        lines += ["｜".join(shown), f"   理由：{'；'.join(line.reasons)}"]
        if line.measures:
            lines.append(f"   措施：{line.measures}")
        if line.told_on is not None:
            lines.append(f"   告知：{line.told_on} {line.told_how}，异议期至 {line.objection_until_on}")
        lines.append(f"   已确认无个人姓名：{line.no_personal_names_by}")
    return lines


def edition_view(session: Session, key: str) -> list[str]:
    """One edition, own or historical, whatever its state."""
    edition = find_edition(session, key)
    if edition is None:
        raise EditionError(f"没有 {key} 期；用 edition list 查看各期。起草用 edition draft 月份。")
    lines = [f"{edition.authority} {title_of(edition)}{f'“{edition.theme}”' if edition.theme else ''}"]
    if edition.kind is EditionKind.HISTORICAL:
        return [*lines, f"公示日：{edition.published_on or '来源没有写明，只留在内部资料里'}",
                *_published_lines(session, edition), "来源记录：",
                newest_text(session, edition.id or 0)]  # fmt: skip
    if edition.published_on is None:
        lines += draft_lines(read_draft(newest_text(session, edition.id or 0)))
    else:
        lines += _published_lines(session, edition)
    names = approvers(session, edition)
    lines.append(f"校验值：{edition.draft_hash}")
    lines.append(f"起草：{'、'.join(sorted(drafters(session, edition)))}（{_versions(session, edition)} 稿）")
    lines.append(f"审批：{'、'.join(names) or '还没有'}（需要 {APPROVALS_NEEDED} 人）")
    return [*lines, _state(edition)]


def what_follows(session: Session, key: str, now: datetime) -> list[str]:
    """What has to happen before a drafted edition is published; nothing is said of any other."""
    edition = find_edition(session, key)
    if edition is None or edition.kind is not EditionKind.OWN or edition.published_on is not None:
        return []
    gaps = unwritten(read_draft(newest_text(session, edition.id or 0)))
    told = [f"还没有写（读者看不到）：{'、'.join(gaps)}"] if gaps else []
    reasons = waits_for(session, edition, now)
    if not reasons:
        return [*told, f"下一次定时任务会公示本期；也可以运行 {CLI} edition publish。"]
    return [*told, *(f"现在还不能公示：{reason}" for reason in reasons)]


def edition_summaries(session: Session) -> list[str]:
    """A line for each edition: own ones first, newest first."""
    query = select(Edition).order_by(col(Edition.kind).desc(), col(Edition.key).desc())
    return [
        "\t".join(
            (edition.key, edition.authority, title_of(edition), _counts(session, edition), _state(edition))
        )
        for edition in session.exec(query)
    ]


def _published_lines(session: Session, edition: Edition) -> list[str]:
    entries = current_entries(session, edition)
    events = _events(session, entries)
    lines = []
    for entry in entries:
        name = entry.sign_name or entry.holder_shown or "（来源未列名称）"
        word = _LISTS.get(entry.list_word or "", entry.list_word or "不分榜")
        lines.append(f"{entry.number}. {word}｜{name}｜{entry.holder_shown or ''}｜{entry.address or ''}")
        lines.append(f"   理由：{'；'.join(json.loads(entry.reasons))}")
        for event in events.get(entry.id or 0, ()):
            reason = f"：{event.reason}" if event.reason else ""
            lines.append(f"   {event.happened_on} {_EVENTS[event.kind]}{reason}（{event.recorded_by} 登记）")
    return lines


def _events(session: Session, entries: Sequence[EditionEntry]) -> dict[int, list[EntryEvent]]:
    groups: dict[int, list[EntryEvent]] = {}
    query = select(EntryEvent).where(col(EntryEvent.entry_id).in_([entry.id for entry in entries]))
    for event in session.exec(query.order_by(col(EntryEvent.id))):
        groups.setdefault(event.entry_id, []).append(event)
    return groups


def _versions(session: Session, edition: Edition) -> int:
    query = select(EditionVersion.id).where(EditionVersion.edition_id == edition.id)
    return len(session.exec(query).all())


def _counts(session: Session, edition: Edition) -> str:
    if edition.kind is EditionKind.OWN and edition.published_on is None:
        draft = read_draft(newest_text(session, edition.id or 0))
        return f"{len(draft.lines)} 条"
    return f"{len(current_entries(session, edition))} 条"


def _state(edition: Edition) -> str:
    if edition.withdrawn_on is not None:
        return f"{edition.withdrawn_on} 整期撤下：{edition.withdrawal_reason}"
    if edition.published_at is not None:
        instant = edition.published_at.astimezone(PEOPLE_ZONE)
        return f"{instant:%Y-%m-%d %H:%M} 公示"
    if edition.published_on is not None:
        return f"{edition.published_on} 由该机关公示"
    return "没有公示日期" if edition.kind is EditionKind.HISTORICAL else "草稿，未公示"
