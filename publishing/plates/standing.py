"""Where every door's newest plate stands now: lists for the staff, and how many stand where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlmodel import Session, col

from inspections.units.queries import doors
from inspections.units.tables import Premises
from publishing.plates.findings import FoundAtVisit, found_at_visits
from publishing.plates.queries import chunks
from publishing.plates.tables import Plate, PlateBatchPlate, PlateEvent, PlateEventKind

PRINTED = "printed"
# Where a plate may stand; printed is what it is while nothing else became of it.
STATE_WORDS = {
    PRINTED: "已印制，未交付",
    PlateEventKind.HANDED_OVER.value: "已交付",
    PlateEventKind.SEEN.value: "已见悬挂",
    PlateEventKind.MISSING.value: "检查时不在",
    PlateEventKind.REPLACED.value: "已换新",
    PlateEventKind.WITHDRAWN.value: "已作废",
}


@dataclass(frozen=True)
class PlateLine:
    """A door's newest plate, as lists show it."""

    premises_id: int
    code: str
    name: str
    street: str
    address: str
    issue_no: int
    printed_on: date
    public_url: str
    state: str
    state_on: date
    person: str
    note: str

    @property
    def state_word(self) -> str:
        """Where the plate stands, in Chinese."""
        return STATE_WORDS[self.state]


def plate_lines(
    session: Session,
    on: date,
    *,
    street: str | None = None,
    code: str | None = None,
    state: str | None = None,
    batch_id: int | None = None,
    limit: int | None = None,
) -> list[PlateLine]:
    """The newest plate of each door that has one, by street and address."""
    query = _newest_with_state()
    if street is not None:
        query = query.where(col(Premises.street) == street)
    if code is not None:
        query = query.where(col(Premises.code) == code)
    if batch_id is not None:
        printed = select(col(PlateBatchPlate.plate_id)).where(col(PlateBatchPlate.batch_id) == batch_id)
        query = query.where(col(Plate.id).in_(printed))
    rows = session.execute(query).all()
    found = found_at_visits(session)
    stood = [(row, _standing(row, found.get(row.premises_id, ()))) for row in rows]
    wanted = [(row, now) for row, now in stood if state is None or now.state == state][:limit]
    names = door_names(session, [row.premises_id for row, _ in wanted], on)
    return [_line(row, names.get(row.premises_id, ""), now) for row, now in wanted]


def state_counts(session: Session) -> dict[str, int]:
    """How many doors' newest plates stand where."""
    counts = dict.fromkeys((state for state in STATE_WORDS if state != PlateEventKind.REPLACED), 0)
    found = found_at_visits(session)
    for row in session.execute(_newest_with_state()):
        counts[_standing(row, found.get(row.premises_id, ())).state] += 1
    return counts


def missing_plates(session: Session) -> int:
    """How many doors' plates in force were last found missing."""
    return state_counts(session)[PlateEventKind.MISSING]


def _newest_with_state() -> Select[Any]:
    newest = (
        select(col(Plate.premises_id).label("door"), func.max(col(Plate.issue_no)).label("number"))
        .group_by(col(Plate.premises_id))
        .subquery()
    )
    # A withdrawal is the end, whatever is noted after it.
    order = (
        case((col(PlateEvent.kind) == PlateEventKind.WITHDRAWN, 0), else_=1),
        col(PlateEvent.happened_on).desc(),
        col(PlateEvent.id).desc(),
    )
    number = func.row_number().over(partition_by=col(PlateEvent.plate_id), order_by=order)
    ranked = select(
        col(PlateEvent.plate_id).label("plate"),
        col(PlateEvent.kind).label("kind"),
        col(PlateEvent.happened_on).label("happened_on"),
        col(PlateEvent.person).label("person"),
        col(PlateEvent.note).label("note"),
        number.label("rank"),
    ).subquery()
    return (
        select(
            col(Plate.premises_id),
            col(Premises.code),
            col(Premises.street),
            (col(Premises.address) + col(Premises.door_label)).label("whole_address"),
            col(Plate.issue_no),
            col(Plate.printed_on),
            col(Plate.public_url),
            ranked.c.kind,
            ranked.c.happened_on,
            ranked.c.person,
            ranked.c.note,
        )
        .join(newest, (newest.c.door == Plate.premises_id) & (newest.c.number == Plate.issue_no))
        .join(Premises, col(Premises.id) == col(Plate.premises_id))
        .outerjoin(ranked, (ranked.c.plate == Plate.id) & (ranked.c.rank == 1))
        .order_by(col(Premises.street), col(Premises.address), col(Premises.door_label), col(Premises.id))
    )


@dataclass(frozen=True)
class _Standing:
    """State, since when, who holds it, and what was noted."""

    state: str
    since: date
    person: str
    note: str


def _standing(row: Any, found: Sequence[FoundAtVisit]) -> _Standing:
    """Where a plate stands; a later visit says more than an older note."""
    state = str(row.kind or PRINTED)
    since: date = row.happened_on or row.printed_on
    later = [one for one in found if one.on >= since]
    if state == PlateEventKind.WITHDRAWN or not later:
        return _Standing(state, since, row.person or "", row.note or "")
    return _Standing(later[-1].kind.value, later[-1].on, "", later[-1].words)


def _line(row: Any, name: str, now: _Standing) -> PlateLine:
    return PlateLine(
        premises_id=row.premises_id,
        code=row.code,
        name=name,
        street=row.street,
        address=row.whole_address,
        issue_no=row.issue_no,
        printed_on=row.printed_on,
        public_url=row.public_url,
        state=now.state,
        state_on=now.since,
        person=now.person,
        note=now.note,
    )


def door_names(session: Session, premises_ids: Sequence[int], on: date) -> dict[int, str]:
    """What the unit at each door is called on a day, for the staff."""
    names: dict[int, str] = {}
    for part in chunks(premises_ids):
        for premises_id, door in doors(session, part, on).items():
            version = door.unit.version if door.unit else None
            names[premises_id] = (version.sign_name or version.licence_name) if version else ""
    return names
