"""Promises of re-checks: each hangs on its first visit, and none that cannot be one is let in."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from inspections.record.database import read_only, transaction
from inspections.visits.queries import ShownVisit, shown_visits
from inspections.visits.tables import VisitKind
from tests.bureau import DUMPLINGS, add_units, add_visit, open_bureau
from tests.visits.visit_files import GOOD, TODAY, Import, faults_of

DAYS = {"V": date(2026, 10, 1), "R1": date(2026, 10, 8), "R2": date(2026, 10, 20)}


def recheck(key: str, of: str, on: str = "2026-10-20") -> dict[str, str]:
    return {**GOOD, "记录编号": key, "检查类型": "复查", "检查日期": on, "复查的记录编号": of}


def shown(engine: Engine, now: datetime, links: dict[str, str | None], limit: int) -> list[ShownVisit]:
    """The visits of a unit that re-check each other like this, as they are shown."""
    open_bureau(engine, now)
    with transaction(engine) as session:
        unit_id = add_units(session, [DUMPLINGS], now)[0]
        for key, before in links.items():
            kind = VisitKind.RECHECK if before else VisitKind.CAMPAIGN
            add_visit(session, unit_id, DAYS[key], now, key=key, kind=kind, recheck_of=before)
    with read_only(engine) as session:
        return list(shown_visits(session, [unit_id], since=None, on=TODAY, limit=limit)[unit_id].visits)


@pytest.mark.parametrize("limit", [1, 4])
def test_the_re_check_of_a_re_check_hangs_on_the_first_visit(
    database: Engine, now: datetime, limit: int
) -> None:
    found = shown(database, now, {"V": None, "R1": "V", "R2": "R1"}, limit)
    assert [visit.record_key for visit in found] == ["V"]
    assert [visit.record_key for visit in found[0].rechecks] == ["R2", "R1"]
    assert found[0].recheck is found[0].rechecks[0]


def test_stored_visits_that_re_check_each_other_are_all_shown(database: Engine, now: datetime) -> None:
    found = shown(database, now, {"V": None, "R1": "R2", "R2": "R1"}, 4)
    assert {visit.record_key for visit in found} == set(DAYS)


def test_a_file_of_re_checks_in_a_ring_is_refused_with_whatever_hangs_on_it(load: Import) -> None:
    done = load(GOOD, recheck("C1", "C2"), recheck("C2", "C1"), recheck("D", "C1"), recheck("R", "XQ-1"))
    assert (done.new, done.bad) == (2, 3)
    assert all("互为复查" in fault[3] and "应是空的" in fault[4] for fault in faults_of(done))


def test_a_correction_that_closes_a_ring_with_stored_records_is_refused(load: Import) -> None:
    load(GOOD, recheck("R1", "XQ-1", "2026-10-09"), recheck("R2", "R1", "2026-10-09"))
    done = load({**GOOD, "检查类型": "复查", "复查的记录编号": "R2"})
    assert (done.corrected, done.bad) == (0, 1)
    assert "互为复查" in faults_of(done)[0][3]


def test_what_re_checks_a_refused_row_is_refused_too(load: Import) -> None:
    done = load(GOOD, recheck("R1", "XQ-0"), recheck("R2", "R1"))
    assert (done.new, done.bad) == (1, 2)


def test_a_re_check_before_its_first_visit_is_refused_with_its_cure(load: Import) -> None:
    done = load(GOOD, recheck("E", "XQ-1", "2026-10-08"), recheck("S", "XQ-1", GOOD["检查日期"]))
    assert (done.new, done.bad) == (2, 1)
    fault = faults_of(done)[0]
    assert fault[1:3] == ["检查日期", "2026-10-08"]
    assert "早于它所复查的检查（2026-10-09）" in fault[3]
    assert "核对" in fault[4]


def test_a_stored_re_check_before_its_first_visit_is_a_visit_of_its_own(
    database: Engine, now: datetime
) -> None:
    found = shown(database, now, {"V": "R2", "R1": None, "R2": None}, 4)
    assert [(visit.record_key, visit.recheck) for visit in found] == [("R2", None), ("R1", None), ("V", None)]
