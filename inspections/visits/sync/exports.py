"""What an opened export holds enters the system in its author's name, as if the tablet had sent it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inspections.people.recovery import OpenedExport
from inspections.record.house import House
from inspections.surface.pictures import PictureError
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.photos import PIECE_BYTES, PieceError, receive_piece
from inspections.visits.sync.requests import MOST_CHANGES, MOST_PHOTOS, read_changes
from inspections.visits.sync.service import receive_changes

_SENT = ("id", "visit", "key", "value", "replaces", "made_at")
_ANNOUNCED = ("sha256", "visit", "media_type", "size_bytes", "taken_at")


@dataclass(frozen=True)
class Taken:
    """How much of an export is in the system now, and why something of it is not."""

    changes: int
    photos: int
    refused: tuple[str, ...]


def take_export(house: House, opened: OpenedExport, *, now: datetime) -> Taken:
    """Store what the export's author had not sent; what the system has already stays as it is."""
    sender = Sender(opened.account_id, opened.account_name, opened.tablet_id)
    own = [change for change in opened.changes if change.get("account") == opened.account_id]
    changes = sorted(own, key=lambda change: int(change.get("order") or 0))
    refused: list[str] = []
    stored = 0
    for part in _parts([_only(change, _SENT) for change in changes], MOST_CHANGES):
        received = receive_changes(
            house.engine, sender, read_changes({"changes": part}), now=now, is_heard=False
        )
        stored += len(received.receipts)
        refused += [f"{refusal.at}：{refusal.error}" for refusal in received.refusals]
    photos = _take_photos(house, opened, sender, refused, now)
    return Taken(stored, photos, tuple(refused))


def _take_photos(
    house: House, opened: OpenedExport, sender: Sender, refused: list[str], now: datetime
) -> int:
    announced = [_only(clear, _ANNOUNCED) for clear, _ in opened.photos]
    for part in _parts(announced, MOST_PHOTOS):
        received = receive_changes(
            house.engine, sender, read_changes({"photos": part}), now=now, is_heard=False
        )
        refused += [f"{refusal.id}：{refusal.error}" for refusal in received.refusals]
    whole = 0
    for clear, content in opened.photos:
        try:
            whole += _take_photo(house, str(clear["sha256"]), content, sender, now)
        except (PieceError, PictureError) as error:
            refused.append(f"{clear['sha256']}：{error}")
    return whole


def _take_photo(house: House, sha256: str, content: bytes, sender: Sender, now: datetime) -> bool:
    complete = False
    for number, start in enumerate(range(0, len(content), PIECE_BYTES)):
        piece = content[start : start + PIECE_BYTES]
        state = receive_piece(house, sha256, number, piece, account_id=sender.account_id, now=now)
        complete = state.complete
    return complete


def _only(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _parts(rows: list[dict[str, Any]], most: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), most):
        yield rows[start : start + most]
