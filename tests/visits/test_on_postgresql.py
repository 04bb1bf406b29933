"""The same promises on PostgreSQL: store, release, correct, grade, read."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.service import load_seeds
from inspections.visits.grading_run import grade_units
from inspections.visits.queries import grades_of, shown_visits
from inspections.visits.readings import reading_on
from inspections.visits.tables import ListingProposal
from tests.bureau import DUMPLINGS, add_units, add_visit

TODAY = date(2026, 11, 24)


@pytest.mark.postgres
def test_visits_are_stored_corrected_and_graded_on_postgresql(postgres: Engine, now: datetime) -> None:
    with transaction(postgres) as session:
        set_mark(session, DEMONSTRATION, now=now)
        load_seeds(session, actor="甲", now=now)
        unit_id = add_units(session, [replace(DUMPLINGS, area_m2=Decimal(100))], now)[0]
        add_visit(session, unit_id, date(2026, 10, 9), now, failed=["15"], result="compliant")
        add_visit(session, unit_id, date(2026, 10, 9), now, failed=["15"], result="non_compliant")
    first = grade_units(postgres, on=TODAY, now=now, processes=2)
    again = grade_units(postgres, on=TODAY, now=now, everything=True)
    assert (first.changed, first.visits, first.proposals) == (1, 1, 1)
    assert (again.changed, again.visits, again.proposals) == (0, 0, 0)
    with read_only(postgres) as session:
        level = grades_of(session, [unit_id], TODAY, with_steps=True)[unit_id].level
        shown = shown_visits(session, [unit_id], since=None, on=TODAY)[unit_id]
        reading = reading_on(session, unit_id, date(2026, 11, 25))
        proposals = session.exec(select(ListingProposal)).all()
    assert level == "C"
    assert [visit.result for visit in shown.visits] == ["non_compliant"]
    assert reading is not None
    assert reading.level == level
    assert [(one.month, one.proposed_list) for one in proposals] == [("2026-10", "black")]
