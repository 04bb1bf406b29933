"""What a campaign's secret holds back: batches with its visits, until the roster is public."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select
from sqlmodel import Session

from inspections.campaigns.tables import Assignment, Campaign, Draw
from inspections.record.clock import civil_day
from inspections.record.database import table_of
from inspections.visits.sync.tables import FieldVisit
from inspections.visits.tables import Visit, VisitBatch, VisitKind


@dataclass(frozen=True)
class Awaited:
    """The campaign whose reveal a batch waits for, and by when that comes at the latest."""

    campaign: str
    reveal_by: date


def campaigns_awaited(session: Session, batch_ids: Collection[int] | None = None) -> dict[int, Awaited]:
    """The batches, of some or of all that are not released, whose visits wait for a campaign's reveal.

    A visit from a tablet belongs to the campaign of its assignment; an imported one of a campaign belongs
    to the draw that chose its unit. A batch with visits of several waits for the last of them.
    """
    found: dict[int, Awaited] = {}
    for row in (*_from_tablets(session, batch_ids), *_imported(session, batch_ids)):
        before = found.get(row.batch_id)
        if before is None or before.reveal_by < row.reveal_by:
            found[row.batch_id] = Awaited(row.key, row.reveal_by or date.max)
    return found


def _from_tablets(session: Session, batch_ids: Collection[int] | None) -> Sequence[Row[Any]]:
    campaigns, assignments = table_of(Campaign).c, table_of(Assignment).c
    field_visits, visits = table_of(FieldVisit).c, table_of(Visit).c
    query = (
        select(visits.batch_id, campaigns.key, campaigns.reveal_by)
        .join_from(table_of(Visit), table_of(FieldVisit), field_visits.visit_id == visits.id)
        .join(table_of(Assignment), assignments.id == field_visits.assignment_id)
        .join(table_of(Campaign), campaigns.id == assignments.campaign_id)
    )
    return _waiting(session, query, batch_ids)


def _imported(session: Session, batch_ids: Collection[int] | None) -> list[Row[Any]]:
    campaigns, assignments, draws = table_of(Campaign).c, table_of(Assignment).c, table_of(Draw).c
    visits = table_of(Visit).c
    query = (
        select(visits.batch_id, campaigns.key, campaigns.reveal_by, visits.visited_on, draws.drawn_at)
        .join_from(table_of(Visit), table_of(Assignment), assignments.unit_id == visits.unit_id)
        .join(table_of(Draw), draws.id == assignments.draw_id)
        .join(table_of(Campaign), campaigns.id == assignments.campaign_id)
        .where(visits.kind == VisitKind.CAMPAIGN, draws.drawn_at.is_not(None))
    )
    rows = _waiting(session, query, batch_ids)
    return [row for row in rows if row.visited_on >= civil_day(row.drawn_at)]


def _waiting(session: Session, query: Select[Any], batch_ids: Collection[int] | None) -> Sequence[Row[Any]]:
    batches, campaigns = table_of(VisitBatch).c, table_of(Campaign).c
    query = query.join(table_of(VisitBatch), batches.id == table_of(Visit).c.batch_id)
    query = query.where(campaigns.revealed_at.is_(None), batches.released_at.is_(None))
    if batch_ids is not None:
        query = query.where(batches.id.in_(list(batch_ids)))
    return session.execute(query.distinct()).all()


def reviewed_batches(session: Session) -> list[tuple[int, str]]:
    """The batches that were reviewed and are not released yet, with who reviewed them."""
    table = table_of(VisitBatch).c
    query = select(table.id, table.reviewed_by).where(
        table.reviewed_at.is_not(None), table.released_at.is_(None)
    )
    return [(id_, by or "") for id_, by in session.execute(query.order_by(table.id))]
