"""Checks of visits and grades: records against their hashes, outcomes against their own derivations."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from grading.derivation import replay
from grading.errors import GradingError
from inspections.record.database import table_of
from inspections.record.verifying import Findings, look_at_texts
from inspections.visits.service import NewFinding, NewVisit, hash_of
from inspections.visits.tables import (
    Adjustment,
    Derivation,
    Finding,
    ListingProposal,
    Verdict,
    Visit,
    VisitResult,
)

_ROWS_AT_ONCE = 2_000
_DOCUMENT = re.compile(r"sha256:([0-9a-f]{64})$")


def look_at_visits(session: Session) -> Findings:
    """Every record of a visit, with its findings, against the hash it was stored under."""
    visits = session.exec(select(Visit).order_by(col(Visit.id)).execution_options(yield_per=_ROWS_AT_ONCE))
    findings = _by_visit(session)
    waiting = next(findings, None)
    for visit in visits:
        written: list[NewFinding] = []
        while waiting is not None and waiting[0] <= (visit.id or 0):
            written = waiting[1] if waiting[0] == visit.id else written
            waiting = next(findings, None)
        is_whole = visit.row_hash in _hashes(visit, written)
        yield (
            None if is_whole else f"检查记录 {visit.record_key}（第 {visit.version} 版）与校验值不符：被改动"
        )
        session.expunge(visit)


def _by_visit(session: Session) -> Iterator[tuple[int, list[NewFinding]]]:
    table = table_of(Finding)
    query = select_columns(table).order_by(table.c.visit_id, table.c.id)
    rows = session.connection().execute(query.execution_options(yield_per=_ROWS_AT_ONCE))
    for visit_id, group in groupby(rows, key=lambda row: int(row.visit_id)):
        yield (
            visit_id,
            [
                NewFinding(row.item_code, row.note, row.corrected_on_spot, row.deadline_on, row.corrected_on)
                for row in group
            ],
        )


def _hashes(visit: Visit, findings: list[NewFinding]) -> Iterator[str]:
    """The hashes that a record may have: bare findings at its end may be the program's own, added to it."""
    for count in range(len(findings), -1, -1):
        yield hash_of(_as_it_came(visit, findings[:count]))
        if count and findings[count - 1] != NewFinding(findings[count - 1].item_code):
            return


def _as_it_came(visit: Visit, findings: list[NewFinding]) -> NewVisit:
    return NewVisit(
        record_key=visit.record_key,
        unit_id=visit.unit_id,
        visited_on=visit.visited_on,
        kind=visit.kind,
        checklist_version_id=visit.checklist_version_id,
        answers=visit.answers,
        decided_result=visit.decided_result,
        decided_score=visit.decided_score,
        handling=visit.handling,
        inspectors=visit.inspectors,
        theme=visit.theme,
        theme_items=tuple(visit.theme_items.split(",")) if visit.theme_items else (),
        recheck_of_key=visit.recheck_of_key,
        correction_reason=visit.correction_reason,
        findings=tuple(findings),
    )


def look_at_derivations(session: Session) -> Findings:
    """Every derivation against its hash, then every stored outcome against what its derivation gives."""
    rows = session.exec(select(Derivation))
    yield from look_at_texts("推导", ((f"{row.id}", row.text, row.sha256) for row in rows))
    yield from chain(_verdicts(session), _results(session), _proposals(session))


def _verdicts(session: Session) -> Findings:
    rows = session.exec(
        select(Verdict.id, Verdict.grade, Verdict.facts, Derivation.text)
        .join(Derivation, col(Derivation.id) == col(Verdict.derivation_id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    yield from _replayed("评定", rows)


def _results(session: Session) -> Findings:
    rows = session.exec(
        select(VisitResult.id, VisitResult.suggested_result, VisitResult.facts, Derivation.text)
        .join(Derivation, col(Derivation.id) == col(VisitResult.derivation_id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    yield from _replayed("检查结果建议", rows)


def _proposals(session: Session) -> Findings:
    rows = session.exec(
        select(ListingProposal.id, ListingProposal.proposed_list, ListingProposal.facts, Derivation.text)
        .join(Derivation, col(Derivation.id) == col(ListingProposal.derivation_id))
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    yield from _replayed("红黑榜建议", rows)


def _replayed(kind: str, rows: Iterable[tuple[int | None, str | None, str, str]]) -> Findings:
    for row_id, stored, facts, derivation in rows:
        try:
            given = replay(derivation, facts)["value"]
        except (GradingError, ValueError, KeyError, TypeError) as error:
            yield f"{kind} {row_id} 的推导读不出来（{error}）：被改动"
            continue
        yield None if given == stored else f"{kind} {row_id} 与它的推导不一致：被改动"


def documents_of_adjustments(session: Session) -> Iterator[tuple[str, str]]:
    """The documents behind adjustments of a grade, by hash."""
    for row in session.exec(select(Adjustment)):
        found = _DOCUMENT.search(row.document)
        if found is not None:
            yield f"单位 {row.unit_id} 的调整（{row.happened_on}）", found[1]
