"""Claims of scheduled work: one period of a job is done once, also with two processes or after a kill."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from inspections.record.database import read_only, table_of, transaction
from inspections.record.tables import JobRun, Lease


@dataclass(frozen=True)
class JobReport:
    """A run of a job as `jobs list` shows it."""

    job: str
    period: str
    started_at: datetime
    ended_at: datetime | None
    counts: dict[str, int]
    error: str | None


def claim_period(
    engine: Engine, *, job: str, period: str, now: datetime, stale_after: timedelta
) -> int | None:
    """Claim a period; `None` when it is done or another process is at it (not yet stale)."""
    try:
        with transaction(engine) as session:
            run = JobRun(job=job, period=period, started_at=now)
            session.add(run)
            session.flush()
            return run.id
    except IntegrityError:
        return _reclaim(engine, job=job, period=period, now=now, stale_after=stale_after)


def _reclaim(engine: Engine, *, job: str, period: str, now: datetime, stale_after: timedelta) -> int | None:
    table = table_of(JobRun)
    with transaction(engine) as session:
        run = session.exec(select(JobRun).where(JobRun.job == job, JobRun.period == period)).one()
        abandoned = run.ended_at is None and run.started_at <= now - stale_after
        if not (abandoned or run.error is not None):
            return None
        claimed = session.exec(
            update(table)
            .where(table.c.id == run.id, table.c.started_at == run.started_at)
            .values(started_at=now, ended_at=None, error=None, counts=None)
        )
        return run.id if claimed.rowcount == 1 else None


def end_period(
    engine: Engine,
    run_id: int,
    *,
    now: datetime,
    counts: Mapping[str, int],
    error: str | None = None,
) -> None:
    """Record how a claimed period ended."""
    with transaction(engine) as session:
        run = session.get_one(JobRun, run_id)
        run.ended_at, run.error = now, error
        run.counts = json.dumps(dict(counts), sort_keys=True)
        session.add(run)


def job_reports(session: Session, limit: int = 50) -> list[JobReport]:
    """The latest runs, newest first."""
    query = select(JobRun).order_by(col(JobRun.started_at).desc(), col(JobRun.id).desc()).limit(limit)
    return [_report(row) for row in session.exec(query)]


def newest_reports(session: Session, jobs: Iterable[str]) -> dict[str, JobReport]:
    """The latest run of each job that ever ran, by name."""
    ordered = select(JobRun).order_by(col(JobRun.started_at).desc(), col(JobRun.id).desc()).limit(1)
    rows = (session.exec(ordered.where(JobRun.job == job)).first() for job in jobs)
    return {row.job: _report(row) for row in rows if row is not None}


def _report(row: JobRun) -> JobReport:
    counts = json.loads(row.counts or "{}")
    return JobReport(row.job, row.period, row.started_at, row.ended_at, counts, row.error)


def take_lease(engine: Engine, *, name: str, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Take or prolong a lease; false while somebody else holds it."""
    table = table_of(Lease)
    with transaction(engine) as session:
        free = (table.c.holder == holder) | (table.c.expires_at <= now)
        taken = session.exec(
            update(table).where(table.c.name == name, free).values(holder=holder, expires_at=now + lasts)
        )
        if taken.rowcount == 1:
            return True
    return _first_lease(engine, name=name, holder=holder, expires_at=now + lasts)


def _first_lease(engine: Engine, *, name: str, holder: str, expires_at: datetime) -> bool:
    with read_only(engine) as session:
        if session.get(Lease, name) is not None:
            return False
    try:
        with transaction(engine) as session:
            session.add(Lease(name=name, holder=holder, expires_at=expires_at))
    except IntegrityError:
        return False
    return True


def release_lease(engine: Engine, *, name: str, holder: str, now: datetime) -> None:
    """Give a lease back; giving back another's changes nothing."""
    table = table_of(Lease)
    with transaction(engine) as session:
        session.exec(
            update(table).where(table.c.name == name, table.c.holder == holder).values(expires_at=now)
        )
