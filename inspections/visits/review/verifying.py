"""Checks of what operators sent: each picture of an answer against the store."""

from collections.abc import Iterator

from sqlmodel import Session, col, select

from inspections.visits.sync.tables import OrderEvent


def documents_of_orders(session: Session) -> Iterator[tuple[str, str]]:
    """The pictures that came with answers to orders, by hash."""
    query = select(OrderEvent).where(OrderEvent.evidence != "").order_by(col(OrderEvent.id))
    for event in session.exec(query):
        for sha256 in event.evidence.split(","):
            yield f"责令改正 {event.order_id} 的照片", sha256
