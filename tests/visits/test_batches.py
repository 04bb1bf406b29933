"""Promises of batches: nothing counts or shows before its release, and a correction is a new version."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from inspections.record.audit import verify_audit
from inspections.record.database import read_only, transaction
from inspections.record.tables import AuditEvent, Change
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.visits.batch_queries import batch_summary
from inspections.visits.queries import shown_visits
from inspections.visits.service import NewFinding, NewVisit, VisitError, release_batch, store_visits
from inspections.visits.tables import Finding, Visit, VisitKind
from tests.bureau import CHECKLIST, DUMPLINGS, add_units

DAY = date(2026, 10, 9)


@pytest.fixture
def unit_id(database: Engine, now: datetime) -> int:
    """One unit in an opened bureau."""
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
    with transaction(database) as session:
        return add_units(session, [DUMPLINGS], now)[0]


def _visit(session: Session, unit_id: int, **changes: object) -> NewVisit:
    stored = newest_checklist(session, CHECKLIST)
    answers = stored.checklist.pack({"11": "F", "15": "S"}, default="P")
    visit = NewVisit(
        record_key="XQ-1",
        unit_id=unit_id,
        visited_on=DAY,
        kind=VisitKind.DAILY,
        checklist_version_id=stored.version_id,
        answers=answers,
        decided_result="basically_compliant",
        findings=(NewFinding("11", "地面有积水"),),
    )
    return replace(visit, **changes)  # type: ignore[arg-type]  # any field of a visit


def _store(engine: Engine, now: datetime, unit_id: int, **changes: object) -> int | None:
    with transaction(engine) as session:
        return store_visits(session, [_visit(session, unit_id, **changes)], actor="甲", now=now).batch_id


def _release(engine: Engine, now: datetime, batch_id: int | None) -> None:
    with transaction(engine) as session:
        release_batch(session, batch_id or 0, actor="乙", now=now)


def _shown(engine: Engine, unit_id: int) -> list[str | None]:
    with read_only(engine) as session:
        found = shown_visits(session, [unit_id], since=None, on=date(2026, 11, 24)).get(unit_id)
        return [visit.result for visit in found.visits] if found else []


def test_a_batch_is_not_shown_before_a_named_account_released_it(
    database: Engine, now: datetime, unit_id: int
) -> None:
    batch = _store(database, now, unit_id)
    assert _shown(database, unit_id) == []
    _release(database, now, batch)
    assert _shown(database, unit_id) == ["basically_compliant"]
    with read_only(database) as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "visits_released")).one()
        assert event.actor == "乙"
        assert list(verify_audit(session)) == []


def test_a_release_notes_the_doors_whose_pages_change(database: Engine, now: datetime, unit_id: int) -> None:
    batch = _store(database, now, unit_id)
    with transaction(database) as session:
        before = len(session.exec(select(Change).where(Change.subject == "premises")).all())
        release_batch(session, batch or 0, actor="乙", now=now)
        after = len(session.exec(select(Change).where(Change.subject == "premises")).all())
    assert after == before + 1


def test_storing_the_same_visit_again_changes_nothing(database: Engine, now: datetime, unit_id: int) -> None:
    _store(database, now, unit_id)
    with transaction(database) as session:
        again = store_visits(session, [_visit(session, unit_id)], actor="甲", now=now)
    assert (again.batch_id, again.new, again.corrected, again.unchanged) == (None, 0, 0, 1)


def test_every_failed_item_becomes_a_finding_also_without_a_note(
    database: Engine, now: datetime, unit_id: int
) -> None:
    _store(database, now, unit_id)
    with read_only(database) as session:
        found = {(row.item_code, row.note) for row in session.exec(select(Finding))}
    assert found == {("11", "地面有积水"), ("15", "")}


def test_a_correction_is_a_new_version_and_the_first_one_stays_shown_until_the_release(
    database: Engine, now: datetime, unit_id: int
) -> None:
    _release(database, now, _store(database, now, unit_id))
    correction = _store(database, now, unit_id, decided_result="non_compliant", correction_reason="录错")
    assert _shown(database, unit_id) == ["basically_compliant"]
    _release(database, now, correction)
    assert _shown(database, unit_id) == ["non_compliant"]
    with read_only(database) as session:
        rows = session.exec(select(Visit)).all()
    assert [(row.version, row.is_current, row.decided_result) for row in rows] == [
        (1, False, "basically_compliant"),
        (2, True, "non_compliant"),
    ]
    assert rows[1].corrects_id == rows[0].id


def test_an_earlier_version_released_late_does_not_come_back(
    database: Engine, now: datetime, unit_id: int
) -> None:
    first = _store(database, now, unit_id)
    second = _store(database, now, unit_id, decided_result="non_compliant")
    _release(database, now, second)
    _release(database, now, first)
    assert _shown(database, unit_id) == ["non_compliant"]


def test_a_batch_is_released_once(database: Engine, now: datetime, unit_id: int) -> None:
    batch = _store(database, now, unit_id)
    _release(database, now, batch)
    with pytest.raises(VisitError, match="乙"):
        _release(database, now, batch)
    with pytest.raises(VisitError, match="visits batches"):
        _release(database, now, 99)


def test_the_summary_counts_kinds_and_results_and_shows_a_sample(
    database: Engine, now: datetime, unit_id: int
) -> None:
    with transaction(database) as session:
        visits = [_visit(session, unit_id, record_key=f"k{n}", decided_result="compliant") for n in range(12)]
        batch = store_visits(session, visits, actor="甲", now=now).batch_id or 0
        summary = batch_summary(session, batch)
    assert summary is not None
    assert (summary.counts.visits, summary.counts.units) == (12, 1)
    assert (summary.counts.first_on, summary.counts.last_on) == (DAY, DAY)
    assert summary.by_result == {"compliant": 12}
    assert summary.by_kind == {"daily": 12}
    assert len({one.record_key for one in summary.sample}) == 5


def test_a_finding_of_an_unknown_item_is_refused(database: Engine, now: datetime, unit_id: int) -> None:
    with pytest.raises(VisitError, match="99"):
        _store(database, now, unit_id, findings=(NewFinding("99"),))
