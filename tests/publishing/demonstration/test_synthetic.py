"""Synthetic data: as much as asked, every number valid and used once, ready to be graded."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select
from sqlmodel import col

from inspections.record.clock import civil_day
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.record.marks import WrongDirectoryError, is_demonstration
from inspections.units.numbers import credit_code_fault, licence_number_fault
from inspections.units.tables import Premises, UnitVersion
from inspections.visits.grading_run import grade_units
from inspections.visits.tables import Visit, VisitBatch
from publishing.demonstration.commands import seed
from publishing.demonstration.days import months_back
from publishing.demonstration.synthetic import seed_synthetic, synthetic_units
from tests.conftest import NOW

TODAY = civil_day(NOW)


def test_as_many_units_and_visits_as_asked_are_released_and_can_be_graded(database: Engine) -> None:
    summary = seed_synthetic(database, units=300, visits_each=4, now=NOW)
    assert (summary.units, summary.visits) == (300, 1200)
    with read_only(database) as session:
        assert is_demonstration(session)
        assert len(set(session.scalars(select(col(Premises.code))))) == 300
        assert session.scalar(select(func.count()).select_from(Visit)) == 1200
        assert all(batch.released_at for batch in session.scalars(select(VisitBatch)))
        visits = session.scalars(select(Visit)).all()
        assert {len(visit.answers) for visit in visits} == {30}
        assert all(months_back(TODAY, 24) <= visit.visited_on < TODAY for visit in visits)
        for licence in session.scalars(select(col(UnitVersion.licence_number))):
            assert licence_number_fault(licence or "") is None
    graded = grade_units(database, on=TODAY, now=NOW)
    assert graded.units == 300
    assert graded.undetermined == 0


@pytest.mark.slow
def test_a_hundred_thousand_units_have_numbers_and_doors_of_their_own() -> None:
    rows = list(synthetic_units(100_000, TODAY - timedelta(days=730)))
    assert len({row.licence_number for row in rows}) == len(rows)
    assert len({row.credit_code for row in rows}) == len(rows)
    assert len({row.address for row in rows}) == len(rows)
    assert len({row.sign_name for row in rows}) == len(rows)
    for row in rows[::997]:
        assert licence_number_fault(row.licence_number or "") is None
        assert credit_code_fault(row.credit_code or "") is None


def test_the_same_call_gives_the_same_rows() -> None:
    first = list(synthetic_units(50, TODAY))
    assert list(synthetic_units(80, TODAY))[:50] == first


def test_no_visits_may_be_asked_for_and_a_second_seeding_is_refused(empty_house: House) -> None:
    ran = CliRunner().invoke(seed, ["synthetic", "--units", "12", "--visits", "0", "--json"], obj=empty_house)
    assert ran.exit_code == 0, ran.exception
    assert '"visits": 0' in ran.output
    for arguments in (["synthetic", "--units", "12"], ["demo"]):
        again = CliRunner().invoke(seed, arguments, obj=empty_house)
        assert isinstance(again.exception, WrongDirectoryError)
    with read_only(empty_house.engine) as session:
        assert session.scalar(select(func.count(col(Premises.id)))) == 12


@pytest.mark.parametrize("units", ["0", "-5", "110001", "many"])
def test_an_absurd_number_of_units_is_refused_in_a_sentence(empty_house: House, units: str) -> None:
    ran = CliRunner().invoke(seed, ["synthetic", "--units", units], obj=empty_house)
    assert ran.exit_code == 2
    with read_only(empty_house.engine) as session:
        assert not is_demonstration(session)
