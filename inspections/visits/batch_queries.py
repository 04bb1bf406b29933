"""Readings that storing and releasing need: known records, counts and samples of a batch."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from inspections.record.database import table_of
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.held_back import Awaited, campaigns_awaited
from inspections.visits.tables import Finding, Visit, VisitBatch

SAMPLE = 5


@dataclass(frozen=True)
class KnownVisit:
    """The newest version of a record that is stored already."""

    id: int
    version: int
    row_hash: str


@dataclass(frozen=True)
class BatchCounts:
    """How much a batch holds, and between which days."""

    visits: int
    units: int
    first_on: date | None
    last_on: date | None


_NOTHING = BatchCounts(0, 0, None, None)


@dataclass(frozen=True)
class SampleVisit:
    """One visit of a batch as it is shown before the release, with the notes that become public."""

    record_key: str
    unit_id: int
    storefront_code: str
    address: str
    visited_on: date
    kind: str
    result: str | None
    failed: int
    notes: tuple[str, ...]
    corrects: bool


@dataclass(frozen=True)
class BatchLine:
    """A batch in the list of batches."""

    id: int
    received_at: datetime
    file_name: str
    counts: BatchCounts
    released_at: datetime | None
    released_by: str | None
    reviewed_at: datetime | None
    reviewed_by: str | None
    awaits: Awaited | None
    """Why it is held back; none where nothing but a person's look is missing."""

    @property
    def waits_for_somebody(self) -> bool:
        """Whether somebody has yet to look at it."""
        return self.released_at is None and self.reviewed_at is None


@dataclass(frozen=True)
class BatchSummary(BatchLine):
    """What an account sees of a batch before it answers for it."""

    by_kind: Mapping[str, int]
    by_result: Mapping[str | None, int]
    sample: tuple[SampleVisit, ...]


def known_visits(session: Session, record_keys: Sequence[str]) -> dict[str, KnownVisit]:
    """The newest stored version of each of these records."""
    table = table_of(Visit).c
    query = (
        select(table.record_key, table.id, table.version, table.row_hash)
        .where(table.record_key.in_(record_keys))
        .order_by(table.version)
    )
    return {key: KnownVisit(id_, version, row_hash) for key, id_, version, row_hash in session.execute(query)}


def ids_of_batch(session: Session, batch_id: int, record_keys: Sequence[str]) -> dict[str, int]:
    """The ids that these records have in a batch."""
    table = table_of(Visit).c
    query = select(table.record_key, table.id).where(
        table.record_key.in_(record_keys), table.batch_id == batch_id
    )
    return {row.record_key: row.id for row in session.execute(query)}


class CheckedVisit(NamedTuple):
    """What a re-check must agree with in the visit that it re-checks."""

    unit_id: int
    visited_on: date
    recheck_of_key: str | None


def stored_chains(session: Session, record_keys: Iterable[str]) -> dict[str, CheckedVisit]:
    """These records and all that they re-check, one after another, as their newest versions say."""
    table = table_of(Visit).c
    found: dict[str, CheckedVisit] = {}
    wanted = sorted(record_keys)
    while wanted:
        asked: dict[str, CheckedVisit] = {}
        for start in range(0, len(wanted), 1000):
            query = select(table.record_key, table.unit_id, table.visited_on, table.recheck_of_key).where(
                table.record_key.in_(wanted[start : start + 1000])
            )
            for key, *said in session.execute(query.order_by(table.version)):
                asked[key] = CheckedVisit(*said)
        found |= asked
        wanted = sorted({one.recheck_of_key for one in asked.values() if one.recheck_of_key} - set(found))
    return found


def batch_counts(session: Session, batch_id: int) -> BatchCounts:
    """Visits, units and days of a batch."""
    return _counts(session, batch_id).get(batch_id, _NOTHING)


def _counts(session: Session, batch_id: int | None = None) -> dict[int, BatchCounts]:
    """The counts of a batch, or of every batch, by its id; an empty batch has none."""
    table = table_of(Visit).c
    query = select(
        table.batch_id,
        func.count(),
        func.count(table.unit_id.distinct()),
        func.min(table.visited_on),
        func.max(table.visited_on),
    ).group_by(table.batch_id)
    if batch_id is not None:
        query = query.where(table.batch_id == batch_id)
    return {id_: BatchCounts(*counted) for id_, *counted in session.execute(query)}


def batch_summary(session: Session, batch_id: int) -> BatchSummary | None:
    """A batch with its counts per kind and result, and a few visits from its whole length."""
    batch = session.get(VisitBatch, batch_id)
    if batch is None:
        return None
    table = table_of(Visit).c
    by_kind: Counter[str] = Counter()
    by_result: Counter[str | None] = Counter()
    grouped = select(table.kind, table.decided_result, func.count()).where(table.batch_id == batch_id)
    for kind, result, count in session.execute(grouped.group_by(table.kind, table.decided_result)):
        by_kind[kind.value] += count
        by_result[result] += count
    awaits = campaigns_awaited(session, [batch_id]).get(batch_id)
    line = _line(batch, batch_counts(session, batch_id), awaits)
    sample = _sample(session, batch_id, sum(by_kind.values()))
    return BatchSummary(**vars(line), by_kind=by_kind, by_result=by_result, sample=sample)


def batch_lines(session: Session) -> list[BatchLine]:
    """Every batch, the newest first."""
    counts, awaited = _counts(session), campaigns_awaited(session)
    batches = session.exec(select_rows(VisitBatch).order_by(col(VisitBatch.id).desc())).all()
    return [_line(one, counts.get(one.id or 0, _NOTHING), awaited.get(one.id or 0)) for one in batches]


def _line(batch: VisitBatch, counts: BatchCounts, awaits: Awaited | None) -> BatchLine:
    return BatchLine(
        id=batch.id or 0,
        received_at=batch.received_at,
        file_name=batch.file_name,
        counts=counts,
        released_at=batch.released_at,
        released_by=batch.released_by,
        reviewed_at=batch.reviewed_at,
        reviewed_by=batch.reviewed_by,
        awaits=awaits,
    )


def batches_waiting(session: Session) -> int:
    """How many batches somebody has yet to look at."""
    table = table_of(VisitBatch).c
    query = select(func.count()).where(table.released_at.is_(None), table.reviewed_at.is_(None))
    return int(session.execute(query).scalar_one())


def _sample(session: Session, batch_id: int, size: int) -> tuple[SampleVisit, ...]:
    places = sorted({size * n // SAMPLE for n in range(SAMPLE)}) if size else []
    visits, units, doors = table_of(Visit).c, table_of(CateringUnit).c, table_of(Premises).c
    query = (
        select(
            visits.id,
            visits.record_key,
            visits.unit_id,
            doors.code,
            doors.address,
            visits.visited_on,
            visits.kind,
            visits.decided_result,
            visits.answers,
            visits.corrects_id,
        )
        .join_from(table_of(Visit), table_of(CateringUnit), units.id == visits.unit_id)
        .join(table_of(Premises), doors.id == units.premises_id)
        .where(visits.batch_id == batch_id)
        .order_by(visits.id)
        .limit(1)
    )
    found = [session.execute(query.offset(place)).first() for place in places]
    notes = _notes(session, [row.id for row in found if row is not None])
    return tuple(
        SampleVisit(
            record_key=row.record_key,
            unit_id=row.unit_id,
            storefront_code=row.code,
            address=row.address,
            visited_on=row.visited_on,
            kind=row.kind.value,
            result=row.decided_result,
            failed=sum(letter in "FSH" for letter in row.answers),
            notes=tuple(notes.get(row.id, ())),
            corrects=row.corrects_id is not None,
        )
        for row in found
        if row is not None
    )


def _notes(session: Session, visit_ids: Sequence[int]) -> dict[int, list[str]]:
    table = table_of(Finding).c
    query = select(table.visit_id, table.note).where(table.visit_id.in_(visit_ids), table.note != "")
    found: dict[int, list[str]] = {}
    for visit_id, note in session.execute(query.order_by(table.id)):
        found.setdefault(visit_id, []).append(note)
    return found


def premises_of_batch(session: Session, batch_id: int) -> list[int]:
    """The doors whose pages a release may change, those of corrected records included."""
    visits, units = table_of(Visit), table_of(CateringUnit)
    corrected = aliased(visits)
    own = select(units.c.premises_id).join_from(visits, units, units.c.id == visits.c.unit_id)
    before = (
        select(units.c.premises_id)
        .join_from(visits, corrected, corrected.c.id == visits.c.corrects_id)
        .join(units, units.c.id == corrected.c.unit_id)
    )
    here = visits.c.batch_id == batch_id
    query = own.where(here).union(before.where(here))
    return [premises_id for (premises_id,) in session.execute(query)]


def supersede_released(session: Session, batch_id: int) -> None:
    """Let only the newest released version of each record of a batch stay current."""
    older, newer, batches = table_of(Visit), aliased(table_of(Visit)), table_of(VisitBatch)
    overtaken = (
        select(older.c.id)
        .join_from(
            older, newer, (newer.c.record_key == older.c.record_key) & (newer.c.version > older.c.version)
        )
        .join(batches, batches.c.id == newer.c.batch_id)
        .where(batches.c.released_at.is_not(None), older.c.is_current)
    )
    for side in (older, newer):
        ids = [id_ for (id_,) in session.execute(overtaken.where(side.c.batch_id == batch_id))]
        for start in range(0, len(ids), 1000):
            part = ids[start : start + 1000]
            session.execute(update(older).where(older.c.id.in_(part)).values(is_current=False))
