"""Readings for reviewers: the visits that wait, and one visit with everything that a decision rests on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlmodel import Session, col, select

from grading.checklist import MARKS_ZH
from grading.explaining import explain
from grading.vocabulary import VisitKind
from inspections.people.tables import Account
from inspections.record.clock import civil_day
from inspections.record.settings import settings_on
from inspections.record.working_days import Deadline, deadline_after
from inspections.rulebooks.queries import rulebook_version
from inspections.units.queries import UnitOnDoor, unit_on
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.held_back import Awaited, awaited_by
from inspections.visits.review.register import REGISTER_WORDS
from inspections.visits.review.signed_papers import SignatureLine, SignedPaper, papers_of, signatures_of
from inspections.visits.sync.answers import item_values, mapping_of, obstruction_of, rows_of, texts_of
from inspections.visits.sync.assignments import Ended, campaign_of, ended_task
from inspections.visits.sync.attributing import trader_instead
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import FieldRecord, StoredChange, field_record, photos_of
from inspections.visits.sync.reviewing import missing_photos, unnamed_photos
from inspections.visits.sync.suggesting import rulebook_of, suggested_for
from inspections.visits.sync.tables import (
    FieldVisit,
    FieldVisitState,
    Order,
    RegisterFinding,
    VisitPhoto,
    VisitReview,
)
from inspections.visits.sync.vocabulary import finding_words, words_of
from inspections.visits.wording import missing_words, result_name

ANSWER_WORDS = {"pass": "符合", "fail": "不符合", "na": "不适用", "unchecked": "未检查"}
STATE_WORDS = {
    FieldVisitState.OPEN: "检查中",
    FieldVisitState.SIGNED: "待复核",
    FieldVisitState.RETURNED: "已退回",
    FieldVisitState.CONFIRMED: "已确认",
}
RowT = TypeVar("RowT", Order, RegisterFinding, VisitReview)


@dataclass(frozen=True)
class VisitLine:
    """One visit in the reviewer's list."""

    field_visit_id: int
    record_number: str
    unit: str
    code: str
    kind: str
    state: FieldVisitState
    inspectors: str
    visited_on: date
    received_at: datetime
    took_part: bool
    is_secret: bool
    """Still running, and nobody may learn where: the unit is not told."""
    result_due: Deadline | None
    """By when its result is to be public; none before it is decided, once confirmed, or without a setting."""

    @property
    def state_word(self) -> str:
        """How far the visit is, in Chinese."""
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class ItemLine:
    """One item as it was answered."""

    code: str
    section: str
    mark: str
    text: str
    answer: str
    is_failed: bool
    details: tuple[str, ...]
    photos: tuple[str, ...]


@dataclass(frozen=True)
class ReviewSheet:
    """Everything that a reviewer's decision rests on; the hash binds the decision to it."""

    line: VisitLine
    address: str
    licence_number: str
    campaign: str | None
    awaits: Awaited | None
    """The campaign until whose reveal nothing of it becomes public."""
    trader: UnitOnDoor | None
    """Who traded at the door that day in place of the unit; the visit is booked to it once confirmed."""
    ended_task: Ended | None
    """Where its task was given to others, or its state changed, after they had begun."""
    sha256: str
    signed_text: str
    signed_at: datetime | None
    suggested: str
    suggested_handling: str
    missing: tuple[str, ...]
    because: tuple[str, ...]
    """What the suggestion follows from, step by step."""
    decided: str
    handling: str
    differs_because: str
    obstruction: str
    obstruction_photos: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    signatures: tuple["SignatureLine", ...]
    items: tuple[ItemLine, ...]
    orders: tuple[Order, ...]
    register: tuple[tuple[RegisterFinding, str, tuple[str, ...]], ...]
    """What was found about the register, the kind in words, its photos."""
    photos: Mapping[str, VisitPhoto]
    missing_photos: tuple[str, ...]
    papers: tuple[SignedPaper, ...]
    """Every text that was signed, the first one first; none of them ever changes."""
    unnamed_photos: tuple[str, ...]
    addenda: tuple[StoredChange, ...]
    reviews: tuple[VisitReview, ...]
    changes: Sequence[StoredChange]


def visit_lines(
    session: Session,
    account_id: int,
    states: Sequence[FieldVisitState],
    on: date,
    *,
    newest: int | None = None,
) -> list[VisitLine]:
    """Visits in some states with their terms by the settings of a day, the longest waiting first.

    With `newest`, so many that came last, the last one first.
    """
    query = select(FieldVisit).where(col(FieldVisit.state).in_(list(states)))
    came, id_ = col(FieldVisit.signed_received_at), col(FieldVisit.id)
    query = query.order_by(came, id_) if newest is None else query.order_by(came.desc(), id_.desc())
    working_days = settings_on(session, on).count("result_working_days")
    visits = session.exec(query if newest is None else query.limit(newest))
    return [_line(session, visit, account_id, working_days) for visit in visits]


def lines_waiting_for(session: Session, account_name: str, on: date) -> list[VisitLine]:
    """The signed visits that somebody took no part in."""
    account = session.exec(select(Account).where(Account.name == account_name)).first()
    lines = visit_lines(session, (account.id or 0) if account else 0, [FieldVisitState.SIGNED], on)
    return [line for line in lines if not line.took_part]


def lines_with_register_findings(session: Session, account_id: int, on: date) -> list[VisitLine]:
    """The confirmed visits whose findings about the register somebody else may decide now."""
    undecided = select(RegisterFinding.field_visit_id).where(col(RegisterFinding.decision).is_(None))
    query = (
        select(FieldVisit)
        .where(FieldVisit.state == FieldVisitState.CONFIRMED, col(FieldVisit.id).in_(undecided))
        .order_by(col(FieldVisit.signed_received_at), col(FieldVisit.id))
    )
    working_days = settings_on(session, on).count("result_working_days")
    visits = [visit for visit in session.exec(query) if awaited_by(session, visit) is None]
    lines = [_line(session, visit, account_id, working_days) for visit in visits]
    return [line for line in lines if not line.took_part]


def late_results(lines: Sequence[VisitLine], on: date) -> int:
    """How many of these should have been public before a day."""
    return sum(line.result_due is not None and line.result_due.is_late(on) for line in lines)


def review_sheet(session: Session, field_visit_id: int, account_id: int, on: date) -> ReviewSheet | None:
    """One signed visit with its evidence and derivation; none where there is none, or it is still running."""
    visit = session.get(FieldVisit, field_visit_id)
    if visit is None or visit.state is FieldVisitState.OPEN:
        return None
    record = field_record(session, visit)
    suggested = suggested_for(session, record)
    decision = mapping_of(record.values, "decision")
    campaign = campaign_of(session, visit.assignment_id)
    unit = session.get_one(CateringUnit, visit.unit_id)
    premises = session.get_one(Premises, unit.premises_id)
    on_day = unit_on(session, unit.premises_id, civil_day(visit.opened_at))
    suggestion = suggested.suggestion
    return ReviewSheet(
        line=_line(session, visit, account_id, settings_on(session, on).count("result_working_days")),
        address=premises.address + premises.door_label,
        licence_number=(on_day.version.licence_number if on_day else None) or "",
        campaign=None if campaign is None else f"{campaign.key} {campaign.theme}",
        awaits=awaited_by(session, visit),
        trader=trader_instead(session, visit),
        ended_task=ended_task(session, visit.client_id),
        sha256=fingerprint_of(record),
        signed_text=visit.signed_text or "",
        signed_at=visit.signed_at,
        suggested_handling=words_of("handlings").get((suggestion and suggestion.word("handling")) or "", ""),
        suggested=result_name(session, suggestion.value) if suggestion and suggestion.value else "",
        missing=_missing(session, visit, suggestion.missing) if suggestion else (),
        because=tuple(explain(suggestion.derivation, suggestion.facts)) if suggestion else (),
        decided=result_name(session, _text(decision.get("result"))) if decision else "",
        handling=words_of("handlings").get(_text(decision.get("handling")) or "", ""),
        differs_because=_text(decision.get("reason")) or "",
        obstruction=_obstruction(record),
        obstruction_photos=texts_of(mapping_of(record.values, "obstruction").get("photos")),
        facts=tuple(_facts(record)),
        signatures=tuple(signatures_of(record)),
        items=tuple(_items(record)),
        orders=tuple(_rows_of(session, Order, visit)),
        register=tuple(_register(session, record)),
        photos={photo.sha256: photo for photo in photos_of(session, visit.id or 0)},
        missing_photos=tuple(missing_photos(session, record)),
        papers=tuple(papers_of(record)),
        unnamed_photos=tuple(unnamed_photos(session, record)),
        addenda=tuple(record.addenda),
        reviews=tuple(_rows_of(session, VisitReview, visit)),
        changes=record.changes,
    )


def _line(session: Session, visit: FieldVisit, account_id: int, working_days: int | None) -> VisitLine:
    unit = session.get_one(CateringUnit, visit.unit_id)
    premises = session.get_one(Premises, unit.premises_id)
    on_day = unit_on(session, unit.premises_id, civil_day(visit.opened_at))
    names = [session.get_one(Account, id_).name for id_ in (visit.lead_account_id, visit.second_account_id)]
    version = on_day.version if on_day else None
    is_secret = _is_secret(session, visit)
    return VisitLine(
        field_visit_id=visit.id or 0,
        record_number=visit.record_number or "",
        unit="" if is_secret or version is None else version.sign_name or version.licence_name,
        code="" if is_secret else premises.code,
        is_secret=is_secret,
        kind=VisitKind(visit.kind).zh,
        state=visit.state,
        inspectors="、".join(names),
        visited_on=civil_day(visit.opened_at),
        received_at=visit.signed_received_at or visit.received_at,
        took_part=account_id in {visit.lead_account_id, visit.second_account_id},
        result_due=_result_due(visit, working_days),
    )


def _is_secret(session: Session, visit: FieldVisit) -> bool:
    if visit.state is not FieldVisitState.OPEN:
        return False
    return visit.kind == VisitKind.FLYING.value or awaited_by(session, visit) is not None


def _result_due(visit: FieldVisit, working_days: int | None) -> Deadline | None:
    # From the day the inspectors decided: that is when they signed, by the tablet's clock.
    if visit.signed_at is None or working_days is None or visit.state is FieldVisitState.CONFIRMED:
        return None
    return deadline_after(civil_day(visit.signed_at), working_days)


def _items(record: FieldRecord) -> list[ItemLine]:
    answered = item_values(record.values)
    rows = []
    for item in record.stored.checklist.items:
        value = answered.get(item.code, {})
        word = str(value.get("answer") or "unchecked")
        photos = value.get("photos")
        rows.append(
            ItemLine(
                code=item.code,
                section=item.section,
                mark=MARKS_ZH[item.mark],
                text=item.text or item.text_en,
                answer=ANSWER_WORDS.get(word, word),
                is_failed=word == "fail",
                details=tuple(_details(value)),
                photos=tuple(map(str, photos)) if isinstance(photos, list) else (),
            )
        )
    return rows


def _details(value: Mapping[str, object]) -> list[str]:
    found = []
    safety = value.get("safety")
    if safety is not None:
        found.append("影响食品安全" if safety else "不影响食品安全")
    if value.get("corrected_on_spot"):
        found.append("现场已改正")
    if value.get("deadline_on"):
        found.append(f"限期 {value['deadline_on']}")
    words = value.get("words")
    found += [finding_words().get(str(word), str(word)) for word in words] if isinstance(words, list) else []
    if value.get("remark"):
        found.append(str(value["remark"]))
    measure = value.get("measure")
    if isinstance(measure, Mapping):
        found.append(f"实测 {measure.get('value')} {measure.get('unit') or ''}".strip())
    if value.get("na_reason"):
        found.append(f"不适用：{value['na_reason']}")
    return found


def _facts(record: FieldRecord) -> list[tuple[str, str]]:
    values = record.values
    rows = []
    certificates = mapping_of(values, "certificates")
    rows.append(("出示执法证", "已出示" if certificates.get("shown") else "没有记录"))
    recusal = {"asked": "已询问，未申请回避", "not_asked": "没有询问", "applied": "申请了回避"}
    notice = mapping_of(values, "notice")
    rows.append(("告知与回避", recusal.get(str(notice.get("recusal")), "没有记录")))
    told = mapping_of(values, "told")
    way = words_of("told_ways").get(str(told.get("how")), str(told.get("how") or ""))
    rows.append(("当场书面告知结果", way if told else "没有记录"))
    health = mapping_of(values, "health")
    if health:
        rows.append(("健康证明", f"查看 {health['seen']} 份，最早 {health['earliest_until_on']} 到期"))
    roles = words_of("guest_roles")
    guests = [
        f"{roles.get(str(row.get('role')), str(row.get('role')))} {row.get('count')} 人"
        for row in rows_of(values, "guests")
    ]
    if guests:
        rows.append(("同行", "、".join(guests)))
    place = mapping_of(values, "location")
    if place:
        rows.append(("记录位置", f"{place.get('latitude')}，{place.get('longitude')}"))
    return rows


def _register(
    session: Session, record: FieldRecord
) -> Iterator[tuple[RegisterFinding, str, tuple[str, ...]]]:
    for row in _rows_of(session, RegisterFinding, record.visit):
        photos = texts_of(mapping_of(record.values, f"register/{row.kind}").get("photos"))
        yield row, REGISTER_WORDS.get(row.kind, row.kind), photos


def _rows_of(session: Session, table: type[RowT], visit: FieldVisit) -> Sequence[RowT]:
    query = select(table).where(table.field_visit_id == visit.id)
    return session.exec(query.order_by(col(table.id))).all()


def _missing(session: Session, visit: FieldVisit, names: Sequence[str]) -> tuple[str, ...]:
    """What the rules lack for a suggestion, in words."""
    version_id = rulebook_of(session, visit)
    if version_id is None:
        return ("没有确定适用的结果判定规则",) if names else ()
    return missing_words(rulebook_version(session, version_id).rulebook, names)


def _obstruction(record: FieldRecord) -> str:
    found = obstruction_of(record.values)
    if found is None:
        return ""
    ground = words_of("obstruction_grounds").get(str(found.get("ground")), str(found.get("ground")))
    return f"{ground}{'：' + str(found['note']) if found.get('note') else ''}"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
