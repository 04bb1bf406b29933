"""What a tablet is told: receipts and refusals, how much of a photo is there, what it lacks of its visits."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from inspections.record.configuration import Configuration
from inspections.record.database import read_only
from inspections.record.epochs import backed_up_until
from inspections.record.house import House
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.photos import PhotoState, state_of
from inspections.visits.sync.queries import (
    StoredChange,
    changes_of,
    find_field_visit,
    is_outside_signature,
    photos_of,
)
from inspections.visits.sync.requests import ChangesBody
from inspections.visits.sync.service import Received, Refusal
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitReview


def iso(instant: datetime) -> str:
    """An instant as it travels."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def changes_answer(house: House, sender: Sender, body: ChangesBody, received: Received) -> dict[str, Any]:
    """The answer to a batch, read after its transaction is durable."""
    with read_only(house.engine) as session:
        sent = {row.id for row in body.changes.values()}
        states = {
            client_id: _visit(session, house.configuration, client_id, cursor, sender, sent, received.tablet)
            for client_id, cursor in body.visits.items()
        }
        return {
            "backed_up_until": backed_up_until(session),
            "receipts": [
                {"id": receipt.id, "received_at": receipt.received_at, "addendum": receipt.addendum}
                for receipt in received.receipts
            ],
            "refusals": [_refusal(refusal) for refusal in received.refusals],
            "photos": _photos(session, house.configuration, received),
            "visits": {client_id: state for client_id, state in states.items() if state is not None},
        }


def photo_row(state: PhotoState) -> dict[str, Any]:
    """How much of a photo is there."""
    return {
        "sha256": state.sha256,
        "visit": state.visit,
        "media_type": state.media_type,
        "size_bytes": state.size_bytes,
        "piece_bytes": state.piece_bytes,
        "pieces": state.pieces,
        "complete": state.complete,
        "received_at": state.received_at,
        "refused": state.refused,
    }


def _refusal(refusal: Refusal) -> dict[str, Any]:
    error = refusal.error
    return {
        "at": refusal.at,
        "id": refusal.id,
        "ok": False,
        "status": error.status,
        "word": error.word,
        "error": str(error),
        "errors": error.faults,
    }


def _photos(session: Session, configuration: Configuration, received: Received) -> list[dict[str, Any]]:
    rows = []
    for client_id in sorted({visit for _, visit in received.photos}):
        visit = find_field_visit(session, client_id)
        wanted = {sha256 for sha256, of in received.photos if of == client_id}
        known = photos_of(session, visit.id or 0) if visit is not None else []
        rows += [
            photo_row(state_of(configuration, photo, client_id)) for photo in known if photo.sha256 in wanted
        ]
    return rows


def _visit(
    session: Session,
    configuration: Configuration,
    client_id: str,
    cursor: int,
    sender: Sender,
    sent: set[str],
    tablet: str,
) -> dict[str, Any] | None:
    """What a tablet lacks of a visit; none where this account takes no part in it."""
    visit = find_field_visit(session, client_id)
    if visit is None or sender.account_id not in {visit.lead_account_id, visit.second_account_id}:
        return None
    stored = changes_of(session, visit.id or 0)
    lacking = [
        one
        for one in stored
        if one.row_id > cursor and one.id not in sent and (cursor == 0 or one.tablet != tablet)
    ]
    return {
        "state": visit.state.value,
        "cursor": max((one.row_id for one in stored), default=0),
        "changes": [_change(visit, one) for one in lacking],
        "photos": [
            photo_row(state_of(configuration, photo, client_id))
            for photo in photos_of(session, visit.id or 0)
        ],
        "record_number": visit.record_number,
        "signed_sha256": visit.signed_sha256,
        "returned": _returned(session, visit),
    }


def _change(visit: FieldVisit, stored: StoredChange) -> dict[str, Any]:
    change = stored.change
    return {
        "id": change.id,
        "visit": visit.client_id,
        "key": change.key,
        "value": change.value,
        "replaces": sorted(change.replaces),
        "made_at": stored.made_at,
        "account": stored.account_id,
        "tablet": stored.tablet,
        "received_at": stored.received_at,
        "addendum": is_outside_signature(visit, change.key, change.id),
    }


def _returned(session: Session, visit: FieldVisit) -> dict[str, Any] | None:
    if visit.state != FieldVisitState.RETURNED:
        return None
    query = (
        select(VisitReview)
        .where(VisitReview.field_visit_id == visit.id, VisitReview.decision == "returned")
        .order_by(col(VisitReview.id).desc())
    )
    row = session.exec(query).first()
    return None if row is None else {"reason": row.reason, "by": row.decided_by, "at": row.decided_at}
