"""What the record of plates and the register answer about plates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from inspections.units.tables import Premises
from publishing.plates.tables import Plate, PlateEvent, PlateEventKind

# Bound parameters in one statement; SQLite allows 32,766, PostgreSQL 65,535.
_CHUNK = 2000


@dataclass(frozen=True)
class OutdatedPlate:
    """A plate on a wall that leads to an address which is no longer in force."""

    premises_id: int
    code: str
    street: str
    address: str
    issue_no: int
    printed_on: date
    public_url: str


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in stretches that one statement can take."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def premises_in_order(session: Session, *, street: str | None, code: str | None) -> list[int]:
    """The doors asked for, in the order in which somebody walks: by street, then by address."""
    query = select(col(Premises.id))
    if street is not None:
        query = query.where(col(Premises.street) == street)
    if code is not None:
        query = query.where(col(Premises.code) == code)
    query = query.order_by(
        col(Premises.street), col(Premises.address), col(Premises.door_label), col(Premises.id)
    )
    return [premises_id for (premises_id,) in session.execute(query) if premises_id is not None]


def streets(session: Session) -> list[str]:
    """The streets and towns of the register."""
    return list(session.scalars(select(col(Premises.street)).distinct().order_by(col(Premises.street))))


def existing_codes(session: Session, codes: Sequence[str]) -> list[str]:
    """Which of the codes belong to a door."""
    return list(session.scalars(select(col(Premises.code)).where(col(Premises.code).in_(codes))))


def doors_by_code(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """The door of each of these codes that has one."""
    found: dict[str, int] = {}
    for start in range(0, len(codes), _CHUNK):
        query = select(col(Premises.code), col(Premises.id)).where(
            col(Premises.code).in_(codes[start : start + _CHUNK])
        )
        found.update((code, premises_id or 0) for code, premises_id in session.execute(query))
    return found


def plate_of_issue(session: Session, code: str, issue_no: int) -> Plate | None:
    """A door's plate with this number; none where there is no such plate."""
    query = (
        select(Plate)
        .join(Premises, col(Premises.id) == col(Plate.premises_id))
        .where(col(Premises.code) == code, col(Plate.issue_no) == issue_no)
    )
    return session.scalars(query).first()


def withdrawn_ids(session: Session, plate_ids: Sequence[int]) -> set[int]:
    """Which of these plates were withdrawn."""
    found: set[int] = set()
    for part in chunks(plate_ids):
        query = select(col(PlateEvent.plate_id)).where(
            col(PlateEvent.plate_id).in_(part), col(PlateEvent.kind) == PlateEventKind.WITHDRAWN
        )
        found.update(session.scalars(query))
    return found


def ended_ids(session: Session, plate_ids: Sequence[int]) -> set[int]:
    """Which of these plates are not in force any more: withdrawn, or with a newer one for their door."""
    newer = aliased(Plate)
    found = withdrawn_ids(session, plate_ids)
    for part in chunks(plate_ids):
        query = (
            select(col(Plate.id))
            .join(newer, col(newer.premises_id) == col(Plate.premises_id))
            .where(col(Plate.id).in_(part), col(newer.issue_no) > col(Plate.issue_no))
        )
        found.update(plate_id or 0 for plate_id in session.scalars(query))
    return found


def newest_plates(session: Session, premises_ids: Sequence[int]) -> dict[int, Plate]:
    """The newest plate of each door that has one; until the transaction ends nobody else numbers them."""
    # Two runs at once on PostgreSQL would give one number twice; SQLite has one writer anyway.
    doors = select(col(Premises.id)).where(col(Premises.id).in_(premises_ids)).order_by(col(Premises.id))
    session.execute(doors.with_for_update())
    query = select(Plate).where(col(Plate.premises_id).in_(premises_ids)).order_by(col(Plate.issue_no))
    return {plate.premises_id: plate for plate in session.scalars(query)}


def outdated_plates(session: Session, public_url: str) -> list[OutdatedPlate]:
    """The doors whose newest plate was printed under another address than the one given."""
    rows = session.execute(_outdated(public_url))
    return [OutdatedPlate(*row) for row in rows]


def _withdrawn() -> Select[int]:
    return select(col(PlateEvent.plate_id)).where(col(PlateEvent.kind) == PlateEventKind.WITHDRAWN)


def _outdated(public_url: str) -> Select[int, str, str, str, int, date, str]:
    newest = (
        select(col(Plate.premises_id).label("premises_id"), func.max(col(Plate.issue_no)).label("issue_no"))
        .group_by(col(Plate.premises_id))
        .subquery()
    )
    return (
        select(
            col(Plate.premises_id),
            col(Premises.code),
            col(Premises.street),
            col(Premises.address) + col(Premises.door_label),
            col(Plate.issue_no),
            col(Plate.printed_on),
            col(Plate.public_url),
        )
        .join(
            newest,
            (newest.c.premises_id == col(Plate.premises_id)) & (newest.c.issue_no == col(Plate.issue_no)),
        )
        .join(Premises, col(Premises.id) == col(Plate.premises_id))
        .where(col(Plate.public_url) != public_url, col(Plate.id).not_in(_withdrawn()))
        .order_by(
            col(Premises.street), col(Premises.address), col(Premises.door_label), col(Plate.premises_id)
        )
    )
