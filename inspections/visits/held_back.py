"""What a campaign's secret holds back: batches with its visits, until the roster is public."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Row, select
from sqlmodel import Session

from inspections.campaigns.tables import Assignment, Campaign
from inspections.record.database import table_of
from inspections.visits.of_campaigns import drawn_and_imported
from inspections.visits.sync.assignments import campaign_of
from inspections.visits.sync.tables import FieldVisit, FieldVisitState
from inspections.visits.tables import Visit, VisitBatch, VisitKind

_Key = TypeVar("_Key", int, str)


@dataclass(frozen=True)
class Awaited:
    """The campaign whose reveal a batch waits for, and by when that comes at the latest."""

    campaign: str
    reveal_by: date


def campaigns_awaited(session: Session, batch_ids: Collection[int] | None = None) -> dict[int, Awaited]:
    """The batches, of some or of all that are not released, whose visits wait for a campaign's reveal.

    A batch with visits of several campaigns waits for the last of them.
    """
    secret = secret_records(session)
    batches, visits = table_of(VisitBatch).c, table_of(Visit).c
    query = (
        select(visits.batch_id, visits.record_key)
        .join_from(table_of(Visit), table_of(VisitBatch), batches.id == visits.batch_id)
        .where(batches.released_at.is_(None), visits.record_key.in_(list(secret)))
    )
    if batch_ids is not None:
        query = query.where(batches.id.in_(list(batch_ids)))
    found: dict[int, Awaited] = {}
    for batch_id, key in session.execute(query.order_by(visits.id)):
        _later(found, batch_id, secret[key])
    return found


def awaited_by(session: Session, visit: FieldVisit) -> Awaited | None:
    """The campaign that a visit from a tablet waits for, signed or not; none where it waits for none."""
    campaign = campaign_of(session, visit.assignment_id)
    if campaign is not None and campaign.revealed_at is None:
        return Awaited(campaign.key, campaign.reveal_by or date.max)
    if visit.kind != VisitKind.RECHECK.value:
        return None
    if visit.recheck_of_key is not None:
        return secret_records(session).get(visit.recheck_of_key)
    return _secret_units(session).get(visit.unit_id)


def secret_records(session: Session) -> dict[str, Awaited]:
    """The records of visits that wait, and of their re-checks.

    A visit from a tablet belongs to the campaign of its assignment; an imported one of a campaign belongs
    to the draw that chose its unit. A re-check names what it re-checks; one that names nothing settles
    whatever its unit owes, and waits with the unit.
    """
    found: dict[str, Awaited] = {}
    for row in _secret(session):
        _later(found, row.record_key, Awaited(row.key, row.reveal_by or date.max))
    units = _secret_units(session)
    for row in _rechecks_of_whatever(session, units):
        _later(found, row.record_number, units[row.unit_id])
    newest = dict(found)
    while newest:
        rechecks = {key: newest[first] for key, first in _rechecks_of(session, newest) if key not in found}
        found |= rechecks
        newest = rechecks
    return found


def _secret_units(session: Session) -> dict[int, Awaited]:
    """The units with visits that wait, each with the campaign that is revealed last."""
    found: dict[int, Awaited] = {}
    for row in _secret(session):
        _later(found, row.unit_id, Awaited(row.key, row.reveal_by or date.max))
    return found


def _secret(session: Session) -> Sequence[Row[Any]]:
    campaigns = table_of(Campaign).c
    imported = drawn_and_imported(session, campaigns.revealed_at.is_(None))
    return (*_from_tablets(session), *imported)


def _later(found: dict[_Key, Awaited], key: _Key, awaited: Awaited) -> None:
    before = found.get(key)
    if before is None or before.reveal_by < awaited.reveal_by:
        found[key] = awaited


def _from_tablets(session: Session) -> Sequence[Row[Any]]:
    campaigns, assignments = table_of(Campaign).c, table_of(Assignment).c
    field_visits = table_of(FieldVisit).c
    query = (
        select(
            field_visits.record_number.label("record_key"),
            field_visits.unit_id,
            campaigns.key,
            campaigns.reveal_by,
        )
        .join_from(table_of(FieldVisit), table_of(Assignment), assignments.id == field_visits.assignment_id)
        .join(table_of(Campaign), campaigns.id == assignments.campaign_id)
        .where(campaigns.revealed_at.is_(None), field_visits.record_number.is_not(None))
    )
    return session.execute(query).all()


def _rechecks_of(session: Session, record_keys: Collection[str]) -> list[tuple[str, str]]:
    """The re-checks of some records, each with the record that it re-checks."""
    field_visits, visits = table_of(FieldVisit).c, table_of(Visit).c
    wanted = list(record_keys)
    signed = select(field_visits.record_number, field_visits.recheck_of_key).where(
        field_visits.recheck_of_key.in_(wanted), field_visits.record_number.is_not(None)
    )
    stored = select(visits.record_key, visits.recheck_of_key).where(visits.recheck_of_key.in_(wanted))
    return [(key, first) for query in (signed, stored) for key, first in session.execute(query)]


def _rechecks_of_whatever(session: Session, unit_ids: Collection[int]) -> Sequence[Row[Any]]:
    """The re-checks of some units that name no record, each with its unit."""
    visits = table_of(FieldVisit).c
    query = select(visits.record_number, visits.unit_id).where(
        visits.kind == VisitKind.RECHECK.value,
        visits.recheck_of_key.is_(None),
        visits.record_number.is_not(None),
        visits.unit_id.in_(list(unit_ids)),
    )
    return session.execute(query).all()


def reviewed_batches(session: Session) -> list[tuple[int, str]]:
    """The batches that were reviewed and are not released yet, with who reviewed them.

    One whose visit was sent back since has nobody any more who stands behind it.
    """
    table, visits, field_visits = table_of(VisitBatch).c, table_of(Visit).c, table_of(FieldVisit).c
    sent_back = (
        select(visits.batch_id)
        .join_from(table_of(Visit), table_of(FieldVisit), field_visits.visit_id == visits.id)
        .where(field_visits.state != FieldVisitState.CONFIRMED)
    )
    query = select(table.id, table.reviewed_by).where(
        table.reviewed_at.is_not(None), table.released_at.is_(None), table.id.not_in(sent_back)
    )
    return [(id_, by or "") for id_, by in session.execute(query.order_by(table.id))]
