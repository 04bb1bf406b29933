"""Checks of visits from tablets: signed texts against their hash, photos against the store."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from inspections.record.verifying import Findings, look_at_texts
from inspections.visits.sync.tables import FieldVisit, VisitPhoto

_ROWS_AT_ONCE = 2_000


def look_at_signed(session: Session) -> Findings:
    """Every signed record's text against the hash that was signed."""
    query = (
        select(FieldVisit.record_number, FieldVisit.signed_text, FieldVisit.signed_sha256)
        .where(col(FieldVisit.signed_at).is_not(None))
        .order_by(col(FieldVisit.id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    rows = ((number or "", text or "", sha256 or "") for number, text, sha256 in session.exec(query))
    yield from look_at_texts("签结记录", rows)


def documents_of_field_visits(session: Session) -> Iterator[tuple[str, str]]:
    """The photos and recordings of visits, and the pictures drawn from them, by hash."""
    query = (
        select(VisitPhoto)
        .where(col(VisitPhoto.complete_at).is_not(None))
        .order_by(col(VisitPhoto.id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for photo in session.exec(query):
        whose = f"现场检查 {photo.field_visit_id} 的照片或录音录像"
        yield whose, photo.sha256
        if photo.shown_sha256 is not None:
            yield f"{whose}（展示用）", photo.shown_sha256
        session.expunge(photo)
