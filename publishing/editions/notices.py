"""The written notice before a black entry: a letter with its reasons, and what its delivery record says."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.people.tables import Role
from inspections.record.clock import civil_day, in_full
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on
from inspections.units.messages.queries import WAY_WORDS
from inspections.units.messages.reach import declare_own_letters
from inspections.units.messages.service import delivery_of, letter_number, withdraw_message, write_message
from inspections.units.messages.tables import MessageAbout, OutgoingMessage, Receipt
from inspections.visits.review.reach import listed_visits_with
from publishing.editions.candidates import VisitBehind, visits_behind
from publishing.editions.checks import Strictness, line_faults
from publishing.editions.drafting import require_role
from publishing.editions.drafts import DraftError, DraftLine, EditionError, checked_month

_SHORT = 16
_RECEIPTS = {Receipt.SIGNED: "已签收", Receipt.REFUSED: "对方拒收，有见证", Receipt.POST_SLIP: "有邮寄凭据"}


@dataclass(frozen=True)
class Notice:
    """The letter that told a unit of its black entry; told once it was delivered."""

    message_id: int
    number: str
    told_on: date | None
    told_how: str


def write_notices(
    session: Session, month: str, lines: Sequence[DraftLine], *, actor: str, now: datetime
) -> int:
    """Write the notice of each black line that has none with these reasons; how many were written."""
    require_role(session, actor, Role.EDITOR)
    black = [line for line in lines if line.list_word == "black"]
    if not black:
        raise EditionError("没有选黑榜的条目；先选黑榜、写好理由，再写告知书。没有写信。")
    on = civil_day(now)
    settings = settings_on(session, on)
    visits = visits_behind(session, {line.visit_id for line in black})
    # As strict as a draft, but for the notice itself, which is only being written.
    strict = Strictness(on, settings, not is_demonstration(session), asks_notice=False)
    faults = list(line_faults(black, visits, [line.number for line in black], strict))
    if faults:
        raise DraftError(faults)
    days = settings.count("objection_days")
    if days is None:
        raise EditionError("还没有规定黑榜告知后的异议期天数；请管理员先在设置里写上，再写告知书。没有写信。")
    written = 0
    for line in black:
        reference = _reference(month, line)
        standing = _letters(session, month, line.visit_id)
        if any(one.reference == reference for one in standing):
            continue
        for one in standing:
            if delivery_of(session, one.id or 0) is None:
                reason = "理由改过，另写了一封"
                withdraw_message(session, one.id or 0, reason=reason, actor=actor, now=now)
        visit = visits[line.visit_id]
        write_message(
            session,
            unit_id=visit.unit_id,
            about=MessageAbout.LISTING_NOTICE,
            reference=reference,
            text=_text(month, line, visit, days),
            actor=actor,
            now=now,
        )
        written += 1
    return written


def notices_of(session: Session, month: str, visit_ids: Iterable[int]) -> dict[int, Notice]:
    """The notice that stands for each visit of a month, where one was written."""
    found = {}
    for visit_id in visit_ids:
        letters = _letters(session, checked_month(month), visit_id)
        if letters:
            found[visit_id] = _notice(session, letters[-1])
    return found


def _notice(session: Session, letter: OutgoingMessage) -> Notice:
    message_id, number = letter.id or 0, letter_number(letter.id or 0, letter.made_at)
    delivery = delivery_of(session, message_id)
    if delivery is None:
        return Notice(message_id, number, None, "")
    way = WAY_WORDS[delivery.way].split("（")[0]
    receipt = _RECEIPTS.get(delivery.receipt)
    return Notice(
        message_id, number, delivery.delivered_on, f"{way}书面告知" + (f"，{receipt}" if receipt else "")
    )


def _letters(session: Session, month: str, visit_id: int) -> Sequence[OutgoingMessage]:
    query = select(OutgoingMessage).where(
        col(OutgoingMessage.reference).startswith(f"notice/{month}/{visit_id}/", autoescape=True),
        col(OutgoingMessage.withdrawn_at).is_(None),
    )
    return session.exec(query.order_by(col(OutgoingMessage.id))).all()


def _letters_about_listings(session: Session, account_id: int) -> list[str]:
    visits = {str(visit_id) for visit_id in session.exec(listed_visits_with(account_id))}
    query = select(OutgoingMessage.reference).where(OutgoingMessage.about == MessageAbout.LISTING_NOTICE)
    return [reference for reference in session.exec(query) if reference.split("/")[2] in visits]


def _reference(month: str, line: DraftLine) -> str:
    told = "\n".join([*line.reasons, line.measures or ""])
    return f"notice/{month}/{line.visit_id}/{hashlib.sha256(told.encode()).hexdigest()[:_SHORT]}"


def _text(month: str, line: DraftLine, visit: VisitBehind, days: int) -> str:
    reasons = "；".join(reason.strip().rstrip("。；") for reason in line.reasons)
    measures = f"处理：{line.measures}\n" if line.measures else ""
    return (
        f"{in_full(visit.visited_on)}，本局对贵单位进行监督检查（记录“{visit.record_key}”），发现：{reasons}。\n"
        f"{measures}"
        f"本局拟将上述事实列入{int(month[:4])}年{int(month[5:])}月黑榜，向社会公示。\n"
        f"如有异议，请自收到本通知之日起 {days} 日内向本局书面提出陈述、申辩，并附有关材料；"
        "期限届满没有提出或者异议不成立的，予以公示。"
    )


declare_own_letters(_letters_about_listings)
