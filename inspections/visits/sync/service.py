"""The use case of the sync: take what a tablet sends, each change by itself, all of it in one transaction."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from inspections.people.tablets import note_tablet
from inspections.record.database import insert_rows, table_of, transaction
from inspections.visits.sync.checks import VisitChecks
from inspections.visits.sync.merging import canonical, merge
from inspections.visits.sync.opening import Sender, open_field_visit, require_part, rules_named
from inspections.visits.sync.photos import PIECE_BYTES, require_size
from inspections.visits.sync.queries import (
    KnownChange,
    find_field_visit,
    held_changes,
    is_outside_signature,
    known_changes,
)
from inspections.visits.sync.refusals import RefusedError, refuse
from inspections.visits.sync.requests import ChangeRow, ChangesBody, PhotoRow
from inspections.visits.sync.returning import return_where_the_result_changes
from inspections.visits.sync.signing import sign_field_visit
from inspections.visits.sync.tables import FieldVisit, VisitChange, VisitPhoto
from inspections.visits.sync.values import SignedValue, VisitValue, read_value

MOST_CHANGES, MOST_PHOTOS = 2_000, 200


@dataclass(frozen=True)
class Receipt:
    """A change that is stored for good, and whether it stands outside the signature."""

    id: str
    received_at: datetime
    addendum: bool


@dataclass(frozen=True)
class Refusal:
    """A change or photo that was not taken, and why."""

    at: str
    id: str | None
    error: RefusedError


@dataclass
class Received:
    """What became of a batch."""

    receipts: list[Receipt] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    photos: list[tuple[str, str]] = field(default_factory=list)
    """SHA-256 and visit of every photo that is announced now."""
    tablet: str = ""
    """The public id of the tablet that sent."""

    def refuse(self, at: str, id_: str | None, error: RefusedError) -> None:
        """Note that something was not taken."""
        self.refusals.append(Refusal(at, id_, error))


@dataclass(frozen=True)
class _Arriving:
    """A change with its place in the request and its read value."""

    at: str
    row: ChangeRow
    value: object


def receive_changes(
    engine: Engine, sender: Sender, body: ChangesBody, *, now: datetime, is_heard: bool = True
) -> Received:
    """Store what a tablet sent; when this returns, everything with a receipt is durable.

    What comes out of an export is the tablet's too, and yet nobody has heard from it.
    """
    received = Received()
    for broken in body.malformed:
        received.refuse(broken.at, broken.id, RefusedError("invalid", broken.faults))
    by_visit: defaultdict[str, list[tuple[str, ChangeRow]]] = defaultdict(list)
    for at, row in body.changes.items():
        by_visit[row.visit].append((at, row))
    with transaction(engine) as session:
        if is_heard:
            received.tablet = note_tablet(session, sender.tablet_id, unsent=body.unsent, now=now)
        # In one order for everybody: two tablets never wait for each other's visits in a circle.
        for client_id in sorted(by_visit):
            _receive_visit(session, client_id, by_visit[client_id], received, sender=sender, now=now)
        for at, photo in body.photos.items():
            try:
                _announce(session, photo, sender=sender, now=now)
                received.photos.append((photo.sha256, photo.visit))
            except RefusedError as error:
                received.refuse(at, photo.sha256, error)
    return received


def _receive_visit(
    session: Session,
    client_id: str,
    rows: list[tuple[str, ChangeRow]],
    received: Received,
    *,
    sender: Sender,
    now: datetime,
) -> None:
    arriving = _readable(rows, received)
    try:
        visit = _visit_for(session, client_id, arriving, sender=sender, now=now)
    except RefusedError as error:
        for one in arriving:
            received.refuse(one.at, one.row.id, error)
        return
    known = known_changes(session, [one.row.id for one in arriving])
    _store(session, visit, arriving, known, received, sender=sender, now=now)
    _project(session, visit, arriving)
    for one in arriving:
        if one.row.key == "signed" and one.row.id not in known:
            _sign(session, visit, one, received, sender=sender, now=now)
    if visit.signed_at is not None:
        return_where_the_result_changes(session, visit, now=now)
    _give_receipts(session, visit, arriving, received)


def _readable(rows: list[tuple[str, ChangeRow]], received: Received) -> list[_Arriving]:
    arriving = []
    for at, row in rows:
        value, faults = read_value(row.key, row.value)
        if faults:
            received.refuse(at, row.id, RefusedError("invalid", faults))
        else:
            arriving.append(_Arriving(at, row, value))
    return arriving


def _visit_for(
    session: Session, client_id: str, arriving: list[_Arriving], *, sender: Sender, now: datetime
) -> FieldVisit:
    visit = find_field_visit(session, client_id, lock=True)
    if visit is None:
        opening = next((one.value for one in arriving if isinstance(one.value, VisitValue)), None)
        if opening is None:
            raise RefusedError("unknown_visit")
        visit = open_field_visit(session, client_id, opening, sender=sender, now=now)
    require_part(visit, sender)
    return visit


def _store(
    session: Session,
    visit: FieldVisit,
    arriving: list[_Arriving],
    known: Mapping[str, KnownChange],
    received: Received,
    *,
    sender: Sender,
    now: datetime,
) -> None:
    """Insert what is new; a repeated change is no new one, another one under its id is refused."""
    room = MOST_CHANGES - _count(session, visit)
    checks = VisitChecks(session, visit, sender)
    fresh: dict[str, _Arriving] = {}
    for one in arriving:
        before, beside = known.get(one.row.id), fresh.get(one.row.id)
        try:
            if before is not None or beside is not None:
                _require_repeated(visit, one, before, beside)
            elif len(fresh) >= room and one.row.key != "signed":
                received.refuse(one.at, one.row.id, RefusedError("too_many"))
            else:
                checks.check(one.row.key, one.value)
                # A signature waits for the rest of its batch.
                if one.row.key != "signed":
                    fresh[one.row.id] = one
        except RefusedError as error:
            received.refuse(one.at, one.row.id, error)
    rows = [_row(visit, one, sender, now) for one in fresh.values()]
    insert_rows(session, table_of(VisitChange), rows)


def _count(session: Session, visit: FieldVisit) -> int:
    query = select(func.count()).select_from(VisitChange).where(VisitChange.field_visit_id == visit.id)
    return session.exec(query).one()


def _row(visit: FieldVisit, one: _Arriving, sender: Sender, now: datetime) -> dict[str, object]:
    return {
        "client_id": one.row.id,
        "field_visit_id": visit.id,
        "tablet_id": sender.tablet_id,
        "account_id": sender.account_id,
        "key": one.row.key,
        "value": canonical(one.row.value),
        "replaces": ",".join(sorted(set(one.row.replaces))),
        "made_at": one.row.made_at,
        "received_at": now,
    }


def _require_repeated(
    visit: FieldVisit, one: _Arriving, before: KnownChange | None, beside: _Arriving | None
) -> None:
    """The same id must mean the same change."""
    said = (one.row.key, canonical(one.row.value), ",".join(sorted(set(one.row.replaces))))
    if before is not None:
        same = before.field_visit_id == visit.id and said == (before.key, before.value, before.replaces)
    else:
        same = beside is not None and beside.row == one.row
    if not same:
        raise RefusedError("id_reused")


def _project(session: Session, visit: FieldVisit, arriving: list[_Arriving]) -> None:
    """Keep the row of an unsigned visit in step with its merged `visit` field."""
    if visit.signed_at is not None or not any(one.row.key == "visit" for one in arriving):
        return
    state = merge(held_changes(session, visit, key="visit").values()).get("visit")
    value, _ = read_value("visit", state.value) if state is not None else (None, [])
    if isinstance(value, VisitValue):
        visit.checklist_version_id, visit.rulebook_version_id = rules_named(session, value)
        visit.opened_at, visit.source, visit.reason = value.opened_at, value.source, value.reason
        session.add(visit)


def _sign(
    session: Session, visit: FieldVisit, one: _Arriving, received: Received, *, sender: Sender, now: datetime
) -> None:
    if not isinstance(one.value, SignedValue):
        return
    try:
        with session.begin_nested():
            held = held_changes(session, visit)
            sign_field_visit(session, visit, one.value, held, sender=sender, now=now)
    except RefusedError as error:
        received.refuse(one.at, one.row.id, error)
        return
    insert_rows(session, table_of(VisitChange), [_row(visit, one, sender, now)])


def _give_receipts(
    session: Session, visit: FieldVisit, arriving: list[_Arriving], received: Received
) -> None:
    refused = {refusal.at for refusal in received.refusals}
    stored = known_changes(session, [one.row.id for one in arriving])
    for one in arriving:
        row = stored.get(one.row.id)
        if row is not None and one.at not in refused:
            outside = is_outside_signature(visit, row.key, one.row.id)
            received.receipts.append(Receipt(one.row.id, row.received_at, outside))


def _announce(session: Session, photo: PhotoRow, *, sender: Sender, now: datetime) -> None:
    """Make a photo known; announcing it again changes nothing."""
    visit = find_field_visit(session, photo.visit, lock=True)
    if visit is None:
        raise RefusedError("unknown_visit")
    require_part(visit, sender)
    require_size(photo.media_type, photo.size_bytes)
    query = select(VisitPhoto).where(VisitPhoto.field_visit_id == visit.id)
    known = session.exec(query.where(VisitPhoto.sha256 == photo.sha256)).first()
    if known is not None:
        if (known.media_type, known.size_bytes) != (photo.media_type, photo.size_bytes):
            raise refuse("invalid", "size_bytes", "与先前登记的种类或大小不同")
        return
    if len(session.exec(query).all()) >= MOST_PHOTOS:
        raise RefusedError("too_many")
    session.add(
        VisitPhoto(
            field_visit_id=visit.id or 0,
            sha256=photo.sha256,
            media_type=photo.media_type,
            size_bytes=photo.size_bytes,
            piece_bytes=PIECE_BYTES,
            taken_at=photo.taken_at,
            announced_by=sender.account_id,
            announced_at=now,
        )
    )
    session.flush()
