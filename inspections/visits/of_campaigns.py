"""Which campaign a stored visit belongs to: the one that sent its inspectors or whose draw chose its unit."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select
from sqlmodel import Session

from inspections.campaigns.tables import Assignment, Campaign, Draw
from inspections.record.clock import civil_day
from inspections.record.database import table_of
from inspections.visits.sync.tables import FieldVisit
from inspections.visits.tables import Visit, VisitKind


def campaigns_of_visits(session: Session, since: date) -> dict[int, str]:
    """The visits from a day on that belong to a campaign, by id, each with the campaign's key.

    A visit from a tablet belongs to the campaign of its assignment, an imported one to the last draw that had
    chosen its unit and was not over: no record of a later month is taken for one of an old draw.
    """
    visits, campaigns = table_of(Visit).c, table_of(Campaign).c
    imported = drawn_and_imported(
        session, visits.visited_on >= since, visits.visited_on <= campaigns.reveal_by
    )
    found = {row.id: row.key for row in imported}
    return found | _from_tablets(session, since)


def first_day_of_campaign(session: Session, key: str) -> date | None:
    """The day of a campaign's first draw, which may lie before its month; none before there is one."""
    campaigns, draws = table_of(Campaign).c, table_of(Draw).c
    query = (
        select(func.min(draws.drawn_at))
        .join_from(table_of(Draw), table_of(Campaign), campaigns.id == draws.campaign_id)
        .where(campaigns.key == key)
    )
    drawn_at = session.execute(query).scalar()
    return None if drawn_at is None else civil_day(drawn_at)


def drawn_and_imported(session: Session, *criteria: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """Stored visits of campaigns beside each draw that had chosen their unit by then, the newest draw last.

    `criteria` are about visits, assignments, draws and campaigns. A row has the visit's `id`, `record_key`,
    `unit_id` and `visited_on`, the campaign's `key` and `reveal_by`, and `drawn_at`.
    """
    campaigns, assignments, draws = table_of(Campaign).c, table_of(Assignment).c, table_of(Draw).c
    visits = table_of(Visit).c
    query = (
        select(
            visits.id,
            visits.record_key,
            visits.unit_id,
            visits.visited_on,
            campaigns.key,
            campaigns.reveal_by,
            draws.drawn_at,
        )
        .join_from(table_of(Visit), table_of(Assignment), assignments.unit_id == visits.unit_id)
        .join(table_of(Draw), draws.id == assignments.draw_id)
        .join(table_of(Campaign), campaigns.id == assignments.campaign_id)
        .where(visits.kind == VisitKind.CAMPAIGN, draws.drawn_at.is_not(None), *criteria)
        .order_by(draws.drawn_at)
    )
    return [row for row in session.execute(query) if row.visited_on >= civil_day(row.drawn_at)]


def _from_tablets(session: Session, since: date) -> dict[int, str]:
    campaigns, assignments = table_of(Campaign).c, table_of(Assignment).c
    visits, field_visits = table_of(Visit).c, table_of(FieldVisit).c
    query = (
        select(visits.id, campaigns.key)
        .join_from(table_of(Visit), table_of(FieldVisit), field_visits.record_number == visits.record_key)
        .join(table_of(Assignment), assignments.id == field_visits.assignment_id)
        .join(table_of(Campaign), campaigns.id == assignments.campaign_id)
        .where(visits.visited_on >= since)
    )
    return {row.id: row.key for row in session.execute(query)}
