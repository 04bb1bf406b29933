"""What becomes of a plate: handed over, seen or missed at the door, withdrawn. Appended, never edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.errors import HouseError
from publishing.plates.choosing import PlateError, known_code
from publishing.plates.queries import doors_by_code, newest_plates, plate_of_issue, withdrawn_ids
from publishing.plates.tables import Plate, PlateEvent, PlateEventKind

PLATES_HANDED_OVER = declare_event("plates_handed_over", "plates", "codes")
PLATE_SEEN = declare_event("plate_seen", "code", "issue_no", "seen", "on", "note")
PLATE_WITHDRAWN = declare_event("plate_withdrawn", "code", "issue_no", "on", "reason")

_LONGEST = 200


@dataclass(frozen=True)
class Handing:
    """A plate that somebody took away; `said` names the row or field it comes from, for people."""

    code: str
    person: str
    on: date
    said: str = ""


@dataclass(frozen=True)
class HandedOver:
    """How many plates were recorded as handed over, and a sentence for each that was not."""

    plates: int
    refused: tuple[str, ...]


@dataclass(frozen=True)
class TouchedPlate:
    """The plate that something was recorded of."""

    code: str
    issue_no: int
    happened_on: date


def hand_over(session: Session, handings: Sequence[Handing], *, actor: str, now: datetime) -> HandedOver:
    """Record who took which door's plate on which day; rows that cannot be are named, the others count."""
    refused, codes = [], []
    for handing in handings:
        try:
            plate, code = _in_force(session, handing.code)
            person = handing.person.strip()
            if not person:
                raise PlateError(f"{code} 没有写领取人；请写明交给了谁。")
            _append(session, plate, PlateEventKind.HANDED_OVER, handing.on, person, "", actor=actor, now=now)
        except HouseError as error:
            refused.append(f"{handing.said}{error}")
        else:
            codes.append(code)
    if codes:
        fields = {"plates": len(codes), "codes": ",".join(codes)}
        write_audit(session, PLATES_HANDED_OVER, actor=actor, now=now, fields=fields)
    return HandedOver(len(codes), tuple(refused))


def note_seen(
    session: Session, code: str, *, is_there: bool, on: date, note: str, actor: str, now: datetime
) -> TouchedPlate:
    """Record that somebody saw the plate at its door, or found it missing."""
    plate, code = _in_force(session, code)
    kind = PlateEventKind.SEEN if is_there else PlateEventKind.MISSING
    _append(session, plate, kind, on, None, note, actor=actor, now=now)
    fields = {
        "code": code,
        "issue_no": plate.issue_no,
        "seen": is_there,
        "on": on.isoformat(),
        "note": note.strip(),
    }
    write_audit(session, PLATE_SEEN, actor=actor, now=now, fields=fields)
    return TouchedPlate(code, plate.issue_no, on)


def withdraw_plate(
    session: Session,
    code: str,
    *,
    reason: str,
    on: date,
    actor: str,
    now: datetime,
    issue_no: int | None = None,
) -> TouchedPlate:
    """Withdraw a door's plate (by default the one in force); from then on the door's page says so."""
    if not reason.strip():
        raise PlateError("作废公示牌要写明原因，例如：遗失、停业收回、印错。")
    if issue_no is None:
        plate, code = _in_force(session, code)
    else:
        code = known_code(session, code)
        plate = plate_of_issue(session, code, issue_no) or _no_such_issue(code, issue_no)
        if withdrawn_ids(session, [plate.id or 0]):
            raise PlateError(f"{code} 第 {issue_no} 次制发的公示牌已经作废过，不用再作废。")
    _append(session, plate, PlateEventKind.WITHDRAWN, on, None, reason, actor=actor, now=now)
    note_changes(session, Subject.PREMISES, [plate.premises_id])
    fields = {"code": code, "issue_no": plate.issue_no, "on": on.isoformat(), "reason": reason.strip()}
    write_audit(session, PLATE_WITHDRAWN, actor=actor, now=now, fields=fields)
    return TouchedPlate(code, plate.issue_no, on)


def _no_such_issue(code: str, issue_no: int) -> Plate:
    raise PlateError(f"{code} 没有第 {issue_no} 次制发的公示牌；请用 plates list --code {code} 查看。")


def _in_force(session: Session, typed: str) -> tuple[Plate, str]:
    """A door's plate in force and the code as printed; the door stays locked until the transaction ends."""
    code = known_code(session, typed)
    premises_id = doors_by_code(session, [code])[code]
    plate = newest_plates(session, [premises_id]).get(premises_id)
    if plate is None:
        raise PlateError(f"{code} 还没有制发过公示牌；请先用 plates print 制发。")
    if withdrawn_ids(session, [plate.id or 0]):
        raise PlateError(
            f"{code} 第 {plate.issue_no} 次制发的公示牌已经作废；请先用 plates print --code {code} 补发。"
        )
    return plate, code


def _append(
    session: Session,
    plate: Plate,
    kind: PlateEventKind,
    on: date,
    person: str | None,
    note: str,
    *,
    actor: str,
    now: datetime,
) -> None:
    if on > civil_day(now):
        raise PlateError(f"{on} 还没有到；只能记已经发生的事。")
    if on < plate.printed_on:
        raise PlateError(f"{on} 早于制发日期 {plate.printed_on}；请核对日期。")
    if len(note) > _LONGEST or len(person or "") > _LONGEST:
        raise PlateError(f"说明和领取人各不超过 {_LONGEST} 个字；请写短一些。")
    session.add(
        PlateEvent(
            plate_id=plate.id or 0,
            kind=kind,
            happened_on=on,
            person=person,
            note=note.strip(),
            recorded_at=now,
            recorded_by=actor,
        )
    )
    session.flush()
