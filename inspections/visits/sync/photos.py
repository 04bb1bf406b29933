"""Use cases of photos and recordings: pieces that arrive in any order, then the whole as evidence."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.errors import HouseError
from inspections.record.evidence import keep_bytes, place_of
from inspections.record.house import House
from inspections.surface.pictures import PictureError, is_picture, redrawn
from inspections.visits.sync.refusals import refuse
from inspections.visits.sync.requests import LARGEST_IMAGE
from inspections.visits.sync.tables import FieldVisit, VisitPhoto
from inspections.visits.tables import Visit, VisitBatch

# A photo as the application takes it is one piece; a recording has many.
PIECE_BYTES = 384 * 1024


class PieceError(HouseError):
    """A piece that fits no announced photo; nothing was kept of it."""


class UnknownPhotoError(HouseError):
    """A photo that nobody announced for a visit of this account."""


@dataclass(frozen=True)
class PhotoState:
    """How much of a photo is there."""

    sha256: str
    visit: str
    media_type: str
    size_bytes: int
    piece_bytes: int
    pieces: tuple[int, ...]
    complete: bool
    received_at: datetime | None
    refused: str | None

    @property
    def count(self) -> int:
        """How many pieces make the whole."""
        return -(-self.size_bytes // self.piece_bytes)

    def length_of(self, number: int) -> int:
        """How long a piece is: all are alike but the last."""
        return min(self.piece_bytes, self.size_bytes - number * self.piece_bytes)


def require_size(media_type: str, size_bytes: int) -> None:
    """A picture may be smaller than a recording."""
    if is_picture(media_type) and size_bytes > LARGEST_IMAGE:
        raise refuse("invalid", "size_bytes", f"照片太大，最多 {LARGEST_IMAGE // 1024 // 1024} MB")


def state_of(configuration: Configuration, photo: VisitPhoto, client_id: str) -> PhotoState:
    """What is there of a photo."""
    is_whole = photo.complete_at is not None or photo.refused is not None
    pieces = () if is_whole else _pieces_in(_folder(configuration, photo))
    return PhotoState(
        sha256=photo.sha256,
        visit=client_id,
        media_type=photo.media_type,
        size_bytes=photo.size_bytes,
        piece_bytes=photo.piece_bytes,
        pieces=pieces,
        complete=photo.complete_at is not None,
        received_at=photo.complete_at,
        refused=photo.refused,
    )


def photo_state(house: House, sha256: str, account_id: int) -> PhotoState:
    """What is there of a photo of a visit that an account takes part in."""
    with read_only(house.engine) as session:
        photo, client_id = _announced(session, sha256, account_id)
    return state_of(house.configuration, photo, client_id)


def receive_piece(
    house: House, sha256: str, number: int, content: bytes, *, account_id: int, now: datetime
) -> PhotoState:
    """Keep a piece; the last missing one makes the whole, which is checked and becomes evidence."""
    with read_only(house.engine) as session:
        photo, client_id = _announced(session, sha256, account_id)
    state = state_of(house.configuration, photo, client_id)
    if state.complete or state.refused is not None:
        return state
    if not 0 <= number < state.count or len(content) != state.length_of(number):
        raise PieceError("这一段的序号或长度与登记的不符；没有保存，请重新取得缺少的段再传。")
    if state.count > 1:
        folder = _folder(house.configuration, photo)
        _put(folder, number, content)
        if len(_pieces_in(folder)) < state.count:
            return state_of(house.configuration, photo, client_id)
        joined = _joined(folder)
        if joined is None:
            return photo_state(house, sha256, account_id)
        content = joined
    _complete(house, photo, content, account_id=account_id, now=now)
    return replace(state, pieces=(), complete=True, received_at=now)


def _announced(session: Session, sha256: str, account_id: int) -> tuple[VisitPhoto, str]:
    """The photo's row in a visit of the account, one that is still awaited before others."""
    query = (
        select(VisitPhoto, FieldVisit.client_id)
        .join(FieldVisit, col(FieldVisit.id) == col(VisitPhoto.field_visit_id))
        .where(VisitPhoto.sha256 == sha256, _takes_part(account_id))
        .order_by(col(VisitPhoto.complete_at).is_not(None), col(VisitPhoto.id))
    )
    found = session.exec(query).first()
    if found is None:
        raise UnknownPhotoError("没有登记过这张照片，或它不属于您的检查；照片仍在平板上，请先登记再传。")
    return found[0], found[1]


def _takes_part(account_id: int) -> ColumnElement[bool]:
    lead, second = col(FieldVisit.lead_account_id), col(FieldVisit.second_account_id)
    return (lead == account_id) | (second == account_id)


def _folder(configuration: Configuration, photo: VisitPhoto) -> Path:
    return configuration.data / "uploads" / f"{photo.id}-{photo.sha256}"


def _pieces_in(folder: Path) -> tuple[int, ...]:
    if not folder.is_dir():
        return ()
    return tuple(sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit()))


def _put(folder: Path, number: int, content: bytes) -> None:
    """Whole or not at all; what a power failure damages is found by the hash of the whole and sent again."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="part-")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).replace(folder / str(number))


def _joined(folder: Path) -> bytes | None:
    """All pieces as one; none where the last one came twice at once and the other call has finished."""
    try:
        return b"".join((folder / str(number)).read_bytes() for number in _pieces_in(folder))
    except FileNotFoundError:
        return None


def _complete(house: House, photo: VisitPhoto, content: bytes, *, account_id: int, now: datetime) -> None:
    """Check the whole, keep it as evidence, and only then say that it is there."""
    folder = _folder(house.configuration, photo)
    if hashlib.sha256(content).hexdigest() != photo.sha256:
        shutil.rmtree(folder, ignore_errors=True)
        raise PieceError("收到的内容与登记的校验值不符；已丢弃收到的各段，照片仍在平板上，请重新上传。")
    try:
        shown = redrawn(content, photo.media_type)
    except PictureError as error:
        _record(house, photo.sha256, account_id, refused=str(error))
        shutil.rmtree(folder, ignore_errors=True)
        raise
    directory = house.configuration.evidence_directory
    keep_bytes(directory, content)
    shown_sha256 = keep_bytes(directory, shown) if shown is not None else None
    _record(house, photo.sha256, account_id, complete_at=now, shown_sha256=shown_sha256)
    shutil.rmtree(folder, ignore_errors=True)


def _record(
    house: House,
    sha256: str,
    account_id: int,
    *,
    complete_at: datetime | None = None,
    shown_sha256: str | None = None,
    refused: str | None = None,
) -> None:
    with transaction(house.engine) as session:
        query = (
            select(VisitPhoto)
            .join(FieldVisit, col(FieldVisit.id) == col(VisitPhoto.field_visit_id))
            .where(VisitPhoto.sha256 == sha256, _takes_part(account_id))
            .where(col(VisitPhoto.complete_at).is_(None))
        )
        for photo in session.exec(query):
            photo.complete_at, photo.shown_sha256, photo.refused = complete_at, shown_sha256, refused
            session.add(photo)


def picture_for(house: House, sha256: str, *, account_id: int) -> tuple[bytes, str] | None:
    """A redrawn picture with its media type: of one's own visit, or of any that is released."""
    with read_only(house.engine) as session:
        released = (
            select(Visit.id)
            .join(VisitBatch, col(VisitBatch.id) == col(Visit.batch_id))
            .where(col(VisitBatch.released_at).is_not(None))
        )
        query = (
            select(VisitPhoto)
            .join(FieldVisit, col(FieldVisit.id) == col(VisitPhoto.field_visit_id))
            .where(VisitPhoto.sha256 == sha256, col(VisitPhoto.shown_sha256).is_not(None))
            .where(_takes_part(account_id) | col(FieldVisit.visit_id).in_(released))
        )
        photo = session.exec(query).first()
    return None if photo is None else shown_picture(house, photo)


def shown_picture(house: House, photo: VisitPhoto) -> tuple[bytes, str] | None:
    """The redrawn picture with its media type; none for a recording or one that is not there."""
    if photo.shown_sha256 is None:
        return None
    path = place_of(house.configuration.evidence_directory, photo.shown_sha256)
    media_type = "image/png" if photo.media_type == "image/png" else "image/jpeg"
    return path.read_bytes(), media_type
