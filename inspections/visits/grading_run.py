"""The grading run: suggested results, proposals, verdicts and standings, stored in spans of units."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import Engine, func, select
from sqlmodel import Session

from inspections.record.audit import PROGRAM, declare_event, write_audit
from inspections.record.bulk import insert_stored, insert_tuples, stored_rows
from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, read_only, table_of, transaction
from inspections.record.errors import BusyError, HouseError
from inspections.rulebooks.queries import Shelf, shelf_of
from inspections.units.tables import UnitStanding
from inspections.visits.run_queries import (
    all_unit_ids,
    changed_unit_ids,
    derivation_ids,
    last_run,
    nothing_stored,
    spans_of,
)
from inspections.visits.span_work import OutcomeRow, SpanOutcome, Worker
from inspections.visits.tables import (
    Derivation,
    GradingRun,
    ListingProposal,
    ProposedList,
    Verdict,
    VisitResult,
)
from inspections.visits.workers import no_collector, processes_for, span_outcomes

CHUNK = 10_000
CHUNK_OF_CHANGED = 500

_RESULT = (
    *("visit_id", "rulebook_version_id", "suggested_result", "suggested_score"),
    *("missing", "rests_on_assumed", "provisional", "facts", "derivation_id"),
)
_VERDICT = (
    *("unit_id", "rulebook_version_id", "facts", "as_of", "grade", "points"),
    *("missing", "rests_on_assumed", "provisional", "derivation_id"),
)
_STANDING = ("unit_id", "as_of", "grade", "due_on", "rests_on_assumed")

UNITS_GRADED = declare_event("units_graded", "as_of", "units", "changed", "rules_key")

Progress = Callable[[int, int], None]


class GradingRunError(HouseError):
    """The register cannot be graded as asked."""


class OvertakenError(GradingRunError, BusyError):
    """A later grading run has taken over."""


@dataclass
class GradingSummary:
    """What a run did: units looked at, how many have a grade, what was new."""

    as_of: date
    units: int = 0
    graded: int = 0
    undetermined: int = 0
    changed: int = 0
    visits: int = 0
    proposals: int = 0
    proposals_undetermined: int = 0


@dataclass
class _Run:
    """What one run carries from span to span."""

    id: int
    on: date
    derivations: dict[str, int]
    summary: GradingSummary


def grade_units(
    engine: Engine,
    *,
    on: date,
    now: datetime,
    everything: bool = False,
    progress: Progress | None = None,
    processes: int | None = None,
) -> GradingSummary:
    """Grade units as of a day from released visits and store what is new; safe to kill and run again.

    Without `everything` only units with new facts are graded, and all of them when the rules have changed.
    A day before the last graded one is refused: past days are read (`reading_on`), never written again.
    """
    with read_only(engine) as session:
        before = last_run(session)
        shelf = shelf_of(session)
        if before is not None and on < before.as_of:
            raise GradingRunError(
                f"{on} 早于最近一次评定日 {before.as_of}；过去的日子只能用 grade --on 查看，不能重写。"
            )
        if everything or before is None or _rules_changed(before, shelf, on):
            everything, ids = True, all_unit_ids(session)
        else:
            ids = changed_unit_ids(session, before.started_at, before.as_of)
        run = _Run(0, on, derivation_ids(session), GradingSummary(on))
    run.id = _begin(engine, on=on, now=now, shelf=shelf)
    with read_only(engine) as session:
        # Asked after the beginning: from then on no earlier run stores anything.
        is_first = nothing_stored(session)
    spans = list(spans_of(ids, CHUNK if everything else CHUNK_OF_CHANGED, everything=everything))
    wanted = processes_for(len(ids)) if processes is None else processes
    worker = partial(Worker, on=on, is_first=is_first)
    with no_collector(), span_outcomes(engine, worker, spans, wanted) as outcomes:
        for span, outcome in zip(spans, outcomes, strict=True):
            with transaction(engine) as session:
                _own_turn(session, run)
                _store(session, run, outcome)
            if progress is not None:
                progress(ids.index(span.last) + 1, len(ids))
    _end(engine, run, shelf, now=now)
    return run.summary


def _rules_changed(before: GradingRun, shelf: Shelf, on: date) -> bool:
    """Whether other texts are in use, or a value or holding has begun since the last run."""
    return before.rules_key != shelf.key or any(before.as_of < day <= on for day in shelf.turning_days())


def _begin(engine: Engine, *, on: date, now: datetime, shelf: Shelf) -> int:
    with transaction(engine) as session:
        _lock(session)
        row = GradingRun(as_of=on, started_at=now, rules_key=shelf.key)
        session.add(row)
        session.flush()
        return row.id or 0


def _end(engine: Engine, run: _Run, shelf: Shelf, *, now: datetime) -> None:
    summary = run.summary
    with transaction(engine) as session:
        _own_turn(session, run)
        row = session.get_one(GradingRun, run.id)
        row.ended_at = now
        row.counts = json.dumps(
            {"units": summary.units, "changed": summary.changed, "visits": summary.visits}
        )
        session.add(row)
        fields = {
            "as_of": summary.as_of.isoformat(),
            "units": summary.units,
            "changed": summary.changed,
            "rules_key": shelf.key,
        }
        write_audit(session, UNITS_GRADED, actor=PROGRAM, now=now, fields=fields)


def _lock(session: Session) -> None:
    """Make runs wait for each other's transactions on PostgreSQL; SQLite's writers do anyway."""
    runs = table_of(GradingRun).c
    session.execute(select(runs.id).order_by(runs.id).limit(1).with_for_update())


def _own_turn(session: Session, run: _Run) -> None:
    """A run that began later has read what this one stored so far, and takes over."""
    _lock(session)
    newest = session.execute(select(func.max(table_of(GradingRun).c.id))).scalar_one()
    if newest != run.id:
        raise OvertakenError("另一次评定在本次之后开始，由它继续；已存的结果都有效，不需要处理。")


def _store(session: Session, run: _Run, outcome: SpanOutcome) -> None:
    shared = [(*row[:6], _derivation(session, run, row)) for row in outcome.shared]
    tails = stored_rows(session, table_of(VisitResult), _RESULT[2:], shared)
    results = [(visit_id, version_id, *tails[place]) for visit_id, version_id, place in outcome.results]
    insert_stored(session, table_of(VisitResult), _RESULT, results)
    insert_rows(session, table_of(ListingProposal), _proposal_rows(outcome, shared))
    insert_stored(session, table_of(Verdict), _VERDICT, _verdict_rows(session, run.on, outcome, shared))
    standings = [(unit_id, run.on, *standing) for unit_id, *standing in outcome.standings]
    insert_tuples(session, table_of(UnitStanding), _STANDING, standings)
    note_changes(session, Subject.PREMISES, outcome.doors)
    _count(run.summary, outcome)


def _count(summary: GradingSummary, outcome: SpanOutcome) -> None:
    summary.units += outcome.units
    summary.graded += outcome.graded
    summary.undetermined += outcome.undetermined
    summary.changed += len(outcome.verdicts)
    summary.visits += len(outcome.results)
    summary.proposals += len(outcome.proposals)
    summary.proposals_undetermined += outcome.proposals_undetermined


def _verdict_rows(
    session: Session, on: date, outcome: SpanOutcome, shared: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Rows of verdicts: what is the unit's own, and what it shares with others of the same derivation."""
    said = [(on, *row[:5], row[6]) for row in shared]
    said += [
        (on, None, None, row.missing, False, False, None) for row in outcome.verdicts if row.place is None
    ]
    tails = stored_rows(session, table_of(Verdict), _VERDICT[3:], said)
    without = iter(tails[len(shared) :])
    return [
        (unit_id, version_id, facts, *(next(without) if place is None else tails[place]))
        for unit_id, version_id, place, facts, _ in outcome.verdicts
    ]


def _proposal_rows(outcome: SpanOutcome, shared: Sequence[tuple[object, ...]]) -> list[dict[str, object]]:
    rows = []
    for visit_id, version_id, month, place in outcome.proposals:
        value, _, _, assumed, provisional, facts, derivation_id = shared[place]
        rows.append(
            {
                "visit_id": visit_id,
                "rulebook_version_id": version_id,
                "month": month,
                "proposed_list": ProposedList(str(value)),
                "rests_on_assumed": assumed,
                "provisional": provisional,
                "facts": facts,
                "derivation_id": derivation_id,
            }
        )
    return rows


def _derivation(session: Session, run: _Run, row: OutcomeRow) -> int:
    found = run.derivations.get(row.derivation_sha256)
    if found is None:
        table = table_of(Derivation)
        query = select(table.c.id).where(table.c.sha256 == row.derivation_sha256)
        if session.execute(query).first() is None:
            insert_rows(session, table, [{"sha256": row.derivation_sha256, "text": row.derivation}])
        found = session.execute(query).scalar_one()
        run.derivations[row.derivation_sha256] = found
    return found
