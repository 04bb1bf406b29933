"""Editions as the desk shows them: a line for each, and one sheet with everything an approver must see."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from inspections.surface.desk import Waiting
from publishing.editions.candidates import candidates_of_month
from publishing.editions.checks import unwritten
from publishing.editions.drafting import find_edition, newest_text
from publishing.editions.drafts import LIST_WORDS, read_draft
from publishing.editions.headings import title_of
from publishing.editions.service import (
    APPROVALS_NEEDED,
    approvers,
    current_entries,
    drafters,
    waits_for,
    withdrawn_ids,
)
from publishing.editions.tables import Edition, EditionKind


@dataclass(frozen=True)
class EditionLine:
    """One edition in the desk's list."""

    key: str
    title: str
    theme: str | None
    authority: str
    entries: int
    approvals: int
    state: str
    is_own: bool
    published_on: date | None


@dataclass(frozen=True)
class SheetLine:
    """One line of an edition, drafted or published."""

    number: int
    list_word: str
    name: str
    holder: str
    address: str
    inspected_on: date | None
    reasons: tuple[str, ...]
    measures: str | None
    told: str
    is_withdrawn: bool


@dataclass(frozen=True)
class EditionSheet:
    """Everything an approver must have seen, with the hash that an approval is bound to."""

    key: str
    title: str
    theme: str | None
    authority: str
    chosen_how: str
    drawn: int | None
    checked: int | None
    lines: tuple[SheetLine, ...]
    sha256: str
    drafters: tuple[str, ...]
    approvers: tuple[str, ...]
    needed: int
    unwritten: tuple[str, ...]
    waits_for: tuple[str, ...]
    published_on: date | None
    withdrawn_on: date | None


def edition_lines(session: Session) -> list[EditionLine]:
    """Every edition, own ones first, newest first."""
    query = select(Edition).order_by(col(Edition.kind).desc(), col(Edition.key).desc())
    return [_line(session, edition) for edition in session.exec(query)]


def edition_sheet(session: Session, key: str, now: datetime) -> EditionSheet | None:
    """One edition of this bureau as a whole; none where there is none yet, or it is another authority's."""
    edition = find_edition(session, key)
    if edition is None or edition.kind is not EditionKind.OWN:
        return None
    is_draft = edition.published_on is None
    return EditionSheet(
        key=edition.key,
        title=title_of(edition),
        theme=edition.theme,
        authority=edition.authority,
        chosen_how=edition.chosen_how,
        drawn=edition.drawn,
        checked=edition.checked,
        lines=tuple(_drafted(session, edition) if is_draft else _published(session, edition)),
        sha256=edition.draft_hash or "",
        drafters=tuple(sorted(drafters(session, edition))),
        approvers=tuple(approvers(session, edition)),
        needed=APPROVALS_NEEDED,
        unwritten=tuple(unwritten(read_draft(newest_text(session, edition.id or 0)))) if is_draft else (),
        waits_for=tuple(waits_for(session, edition, now)) if is_draft else (),
        published_on=edition.published_on,
        withdrawn_on=edition.withdrawn_on,
    )


def waiting_for_draft(session: Session, on: date) -> Waiting:
    """The editions of this month and the last that have visits to list and no draft yet."""
    months = [f"{on.replace(day=1) - timedelta(days=1):%Y-%m}", f"{on:%Y-%m}"]
    counts = {
        month: len(candidates_of_month(session, month))
        for month in months
        if find_edition(session, month) is None
    }
    told = [f"{month} 期有 {count} 次可以上榜的检查" for month, count in counts.items() if count]
    return Waiting(len(told), note="；".join(told))


def waiting_for_approval(session: Session, name: str) -> Waiting:
    """The drafts that somebody may approve and has not."""
    query = select(Edition).where(
        Edition.kind == EditionKind.OWN,
        col(Edition.published_at).is_(None),
        col(Edition.draft_hash).is_not(None),
    )
    open_ = [
        edition
        for edition in session.exec(query)
        if name not in drafters(session, edition) and name not in approvers(session, edition)
    ]
    return Waiting(len(open_))


def _line(session: Session, edition: Edition) -> EditionLine:
    is_own = edition.kind is EditionKind.OWN
    is_draft = is_own and edition.published_on is None
    if is_draft:
        entries = len(read_draft(newest_text(session, edition.id or 0)).lines)
    else:
        entries = len(current_entries(session, edition))
    return EditionLine(
        key=edition.key,
        title=title_of(edition),
        theme=edition.theme,
        authority=edition.authority,
        entries=entries,
        approvals=len(approvers(session, edition)) if is_own else 0,
        state=_state(edition),
        is_own=is_own,
        published_on=edition.published_on,
    )


def _state(edition: Edition) -> str:
    if edition.withdrawn_on is not None:
        return "已整期撤下"
    if edition.published_on is not None:
        return "已公示"
    return "草稿" if edition.kind is EditionKind.OWN else "没有公示日期，只留存"


def _drafted(session: Session, edition: Edition) -> list[SheetLine]:
    draft = read_draft(newest_text(session, edition.id or 0))
    return [
        SheetLine(
            number=line.number,
            list_word=LIST_WORDS.get(line.list_word, line.list_word),
            name=line.sign_name or line.holder_shown,
            holder=line.holder_shown,
            address=line.address,
            inspected_on=line.inspected_on,
            reasons=line.reasons,
            measures=line.measures,
            told=_told(line.told_on, line.told_how, line.objection_until_on),
            is_withdrawn=False,
        )
        for line in draft.lines
    ]


def _published(session: Session, edition: Edition) -> list[SheetLine]:
    entries = current_entries(session, edition)
    gone = withdrawn_ids(session, entries)
    return [
        SheetLine(
            number=entry.number,
            list_word=LIST_WORDS.get(entry.list_word or "", entry.list_word or ""),
            name=entry.sign_name or entry.holder_shown or "",
            holder=entry.holder_shown or "",
            address=entry.address or "",
            inspected_on=entry.inspected_on,
            reasons=tuple(_reasons(entry.reasons)),
            measures=entry.measures,
            told=_told(entry.told_on, entry.told_how, entry.objection_until_on),
            is_withdrawn=entry.id in gone,
        )
        for entry in entries
    ]


def _reasons(text: str) -> Sequence[str]:
    read: list[str] = json.loads(text)
    return read


def _told(told_on: date | None, told_how: str | None, until: date | None) -> str:
    if told_on is None:
        return ""
    window = f"，异议期至 {until}" if until else ""
    return f"{told_on} {told_how or ''}{window}"
