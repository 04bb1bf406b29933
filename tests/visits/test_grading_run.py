"""Promises of the grading run: from released visits only, stored with its derivation, safe to repeat."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session, select

from grading.canonical import encode
from grading.derivation import replay
from grading.errors import AnswersError
from grading.missing import missing
from inspections.record.database import read_only, transaction
from inspections.record.evidence import KeptDocument
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.queries import newest_rulebook
from inspections.rulebooks.service import enter_cell, load_seeds
from inspections.units.tables import CateringUnit, UnitStanding, UnitState, UnitVersion
from inspections.visits import grading_run
from inspections.visits.adjusting import adjust
from inspections.visits.explaining import explain_unit
from inspections.visits.grading_run import GradingRunError, grade_units
from inspections.visits.queries import grades_of
from inspections.visits.readings import reading_on
from inspections.visits.tables import (
    Derivation,
    GradingRun,
    ListingProposal,
    Verdict,
    Visit,
    VisitKind,
    VisitResult,
)
from tests.bureau import DUMPLINGS, add_units, add_visit

TODAY = date(2026, 11, 24)


@pytest.fixture
def units(database: Engine, now: datetime) -> list[int]:
    """Three units of a demonstration district, so that rules with values hold."""
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
    return _add_units(database, now)


def _add_units(database: Engine, now: datetime) -> list[int]:
    rows = [
        replace(
            DUMPLINGS, address=f"柳口路{n}号", licence_number=None, credit_code=None, area_m2=Decimal(100)
        )
        for n in (1, 2, 3)
    ]
    with transaction(database) as session:
        return add_units(session, rows, now)


def _visit(database: Engine, now: datetime, unit_id: int, on: date, **more: object) -> int:
    with transaction(database) as session:
        return add_visit(session, unit_id, on, now, **more)  # type: ignore[arg-type]  # options of add_visit


def _levels(database: Engine, units: list[int], on: date = TODAY) -> list[str | None]:
    with read_only(database) as session:
        found = grades_of(session, units, on)
    return [found[unit_id].level if unit_id in found else None for unit_id in units]


def test_a_grade_rests_on_decided_results_of_released_visits_only(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), result="compliant")
    _visit(database, now, units[1], date(2026, 10, 9), result="non_compliant")
    _visit(database, now, units[2], date(2026, 9, 1), result="compliant")
    _visit(database, now, units[2], date(2026, 10, 9), result="non_compliant", release=False)
    grade_units(database, on=TODAY, now=now)
    good, bad, unreleased = _levels(database, units)
    assert good == unreleased != bad


def test_a_worse_decided_result_never_gives_a_better_grade(
    database: Engine, now: datetime, units: list[int]
) -> None:
    words = ("compliant", "basically_compliant", "non_compliant")
    for unit_id, word in zip(units, words, strict=True):
        _visit(database, now, unit_id, date(2026, 10, 9), result=word)
    grade_units(database, on=TODAY, now=now)
    levels = [level or "" for level in _levels(database, units)]
    assert levels == sorted(levels)


def test_a_run_of_the_same_day_again_stores_nothing_new(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9))
    first = grade_units(database, on=TODAY, now=now)
    assert (first.units, first.changed, first.visits) == (3, 3, 1)
    again = grade_units(database, on=TODAY, now=now + timedelta(hours=1), everything=True)
    assert (again.units, again.changed, again.visits, again.proposals) == (3, 0, 0, 0)


def test_only_units_with_new_facts_are_graded(database: Engine, now: datetime, units: list[int]) -> None:
    for unit_id in units:
        _visit(database, now, unit_id, date(2026, 10, 9))
    grade_units(database, on=TODAY, now=now + timedelta(minutes=1))
    later = now + timedelta(hours=1)
    assert grade_units(database, on=TODAY, now=later).units == 0
    latest = later + timedelta(hours=1)
    _visit(database, latest, units[1], date(2026, 11, 1), result="non_compliant")
    summary = grade_units(database, on=TODAY, now=latest)
    assert (summary.units, summary.changed, summary.visits) == (1, 1, 1)


def test_all_units_are_graded_when_the_rules_have_changed(
    database: Engine, now: datetime, units: list[int]
) -> None:
    grade_units(database, on=TODAY, now=now)
    later = now + timedelta(hours=1)
    with transaction(database) as session:
        enter_cell(
            session,
            scheme="demo-local",
            cell="visits_counted",
            value="2",
            from_day=date(2026, 1, 1),
            document=KeptDocument("决定.pdf", "ab" * 32),
            actor="赵强",
            now=later,
        )
    assert grade_units(database, on=TODAY, now=later).units == 3


def test_a_stored_derivation_replayed_without_its_rulebook_gives_what_is_stored(
    database: Engine, now: datetime, units: list[int]
) -> None:
    for unit_id, failed in zip(units, (["11"], ["1", "15"], []), strict=True):
        _visit(database, now, unit_id, date(2026, 10, 9), failed=failed, result="basically_compliant")
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        results, verdicts = session.exec(select(VisitResult)).all(), session.exec(select(Verdict)).all()
        stored = [(row.derivation_id, row.facts, row.suggested_result) for row in results]
        stored += [(row.derivation_id or 0, row.facts, row.grade) for row in verdicts]
        assert len(stored) == 6
        for derivation_id, facts, value in stored:
            assert replay(session.get_one(Derivation, derivation_id).text, facts)["value"] == value


def test_the_suggested_result_never_replaces_the_decided_one(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), failed=["1"], result="compliant")
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        result = session.exec(select(VisitResult)).one()
        assert result.suggested_result == "non_compliant"
        assert session.execute(text("SELECT decided_result FROM visits")).scalar() == "compliant"
    assert _levels(database, units[:1]) == ["A"]


def test_outside_the_demonstration_unknown_values_leave_a_unit_undetermined_and_say_why(
    database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
    units = _add_units(database, now)
    _visit(database, now, units[0], date(2026, 10, 9))
    summary = grade_units(database, on=TODAY, now=now)
    assert (summary.graded, summary.undetermined) == (0, 3)
    with read_only(database) as session:
        grade = grades_of(session, units, TODAY)[units[0]]
    assert grade.level is None
    assert grade.meaning_zh is None
    assert grade.missing
    assert all("_" not in sentence for sentence in grade.missing)


def test_a_new_operator_starts_clean(database: Engine, now: datetime, units: list[int]) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), result="non_compliant")
    with transaction(database) as session:
        before = session.get_one(CateringUnit, units[0])
        before.until_on = date(2026, 10, 31)
        session.add(before)
        session.flush()
        unit = CateringUnit(premises_id=before.premises_id, from_on=date(2026, 11, 1))
        session.add(unit)
        session.flush()
        follower = unit.id or 0
        session.add(
            UnitVersion(
                unit_id=follower, from_on=unit.from_on, recorded_at=now, row_hash="x",
                licence_name="新店", unit_type="restaurant", area_m2=Decimal(100),
            )
        )  # fmt: skip
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        grades = grades_of(session, [units[0], follower], TODAY)
    assert follower != units[0]
    assert grades[follower].level != "C"
    assert "non_compliant" not in grades[follower].facts
    assert units[0] not in grades


def test_a_visit_of_a_unit_that_has_ceased_by_the_grading_still_gets_its_result_and_no_grade(
    database: Engine, now: datetime, units: list[int]
) -> None:
    on = date(2026, 10, 9)
    visits = [_visit(database, now, unit_id, on, result="compliant") for unit_id in units]
    with transaction(database) as session:
        session.exec(
            select(UnitVersion).where(UnitVersion.unit_id == units[0])
        ).one().state = UnitState.CLOSED
        session.get_one(CateringUnit, units[1]).until_on = on + timedelta(days=1)
    counts = grade_units(database, on=TODAY, now=now)
    assert counts.units == 1
    with Session(database) as session:
        assert set(session.exec(select(VisitResult.visit_id)).all()) == set(visits)
        assert set(session.exec(select(Verdict.unit_id)).all()) == {units[2]}


def test_a_day_before_the_last_graded_one_is_read_and_never_written(
    database: Engine, now: datetime, units: list[int]
) -> None:
    grade_units(database, on=TODAY, now=now)
    with pytest.raises(GradingRunError, match="2026-11-23"):
        grade_units(database, on=TODAY - timedelta(days=1), now=now)
    with transaction(database) as session:
        assert reading_on(session, units[0], date(2026, 6, 1)) is not None
        assert len(session.exec(select(Verdict)).all()) == 3


def test_a_past_day_graded_again_gives_what_it_gave(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), result="compliant")
    grade_units(database, on=TODAY, now=now)
    given = _levels(database, units[:1])[0]
    later = now + timedelta(days=10)
    _visit(database, later, units[0], date(2026, 10, 20), result="non_compliant")
    with transaction(database) as session:
        enter_cell(
            session,
            scheme="demo-local",
            cell="grade_matrix.I.compliant",
            value="D",
            from_day=date(2026, 1, 1),
            document=KeptDocument("决定.pdf", "ab" * 32),
            actor="赵强",
            now=later,
        )
    grade_units(database, on=TODAY + timedelta(days=10), now=later)
    with read_only(database) as session:
        stored = reading_on(session, units[0], TODAY)
        between = reading_on(session, units[0], TODAY + timedelta(days=3))
        now_given = reading_on(session, units[0], TODAY + timedelta(days=10))
    assert stored is not None
    assert between is not None
    assert now_given is not None
    assert (stored.level, stored.was_given) == (given, True)
    assert (between.level, between.was_given) == (given, False)
    assert now_given.level != given


def test_a_killed_run_is_finished_by_the_next_one(
    database: Engine, now: datetime, units: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for unit_id in units:
        _visit(database, now, unit_id, date(2026, 10, 9))
    monkeypatch.setattr(grading_run, "CHUNK", 1)

    def die(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade_units(database, on=TODAY, now=now, progress=die)
    with read_only(database) as session:
        assert len(session.exec(select(Verdict)).all()) == 2
    summary = grade_units(database, on=TODAY, now=now)
    assert (summary.units, summary.changed) == (3, 1)
    assert None not in _levels(database, units)


def test_a_run_that_began_later_takes_over(
    database: Engine, now: datetime, units: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading_run, "CHUNK", 1)

    def start_another(done: int, total: int) -> None:
        if done == 1:
            grade_units(database, on=TODAY, now=now)

    with pytest.raises(GradingRunError, match="另一次评定"):
        grade_units(database, on=TODAY, now=now, progress=start_another)
    with read_only(database) as session:
        assert len(session.exec(select(Verdict)).all()) == 3
        assert [run.ended_at is None for run in session.exec(select(GradingRun))] == [True, False]


def test_other_processes_give_the_same_as_one(database: Engine, now: datetime, units: list[int]) -> None:
    for unit_id, failed in zip(units, (["11"], ["1", "15"], []), strict=True):
        _visit(database, now, unit_id, date(2026, 10, 9), failed=failed, result="basically_compliant")
    grade_units(database, on=TODAY, now=now, processes=2)
    one = _levels(database, units)
    summary = grade_units(database, on=TODAY, now=now, everything=True, processes=0)
    assert (summary.changed, summary.visits) == (0, 0)
    assert one == _levels(database, units)


def test_the_standing_says_when_the_next_visit_is_due_and_the_public_steps_do_not(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), result="compliant")
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        standing = session.exec(select(UnitStanding).where(UnitStanding.unit_id == units[0])).one()
        grade = grades_of(session, units, TODAY, with_steps=True)[units[0]]
    assert (standing.grade, standing.due_on) == ("A", date(2027, 10, 9))
    public = "\n".join(grade.steps)
    assert "检查期限" not in public
    assert "每年最少检查次数" not in public
    assert "结论" in public


def test_an_adjustment_needs_a_condition_of_the_rules_and_its_levels(
    database: Engine, now: datetime, units: list[int]
) -> None:
    for condition, levels in (("no_such_thing", 1), ("accident", 3)):
        with pytest.raises(AnswersError), transaction(database) as session:
            adjust(
                session, unit_id=units[0], condition=condition, happened_on=date(2025, 5, 1),
                levels=levels, document="d", reason="r", actor="赵强", now=now,
            )  # fmt: skip


def test_an_adjustment_raises_the_next_year_and_its_deciders_name_stays_inside(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), result="compliant")
    with transaction(database) as session:
        adjust(
            session, unit_id=units[0], condition="accident", happened_on=date(2026, 5, 1),
            levels=2, document="文书", reason="食物中毒", actor="赵强", now=now,
        )  # fmt: skip
    grade_units(database, on=TODAY, now=now)
    assert _levels(database, units[:1]) == ["A"]
    next_year = date(2027, 2, 1)
    grade_units(database, on=next_year, now=now + timedelta(days=69), everything=True)
    assert _levels(database, units[:1], next_year) == ["C"]
    with read_only(database) as session:
        steps = grades_of(session, units, next_year, with_steps=True)[units[0]].steps
    assert "赵强" not in "\n".join(steps)


def test_a_failed_campaign_visit_is_proposed_for_the_black_list_with_what_failed(
    database: Engine, now: datetime, units: list[int]
) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), failed=["15"], result="non_compliant")
    _visit(
        database,
        now,
        units[1],
        date(2026, 10, 9),
        failed=["15"],
        result="non_compliant",
        kind=VisitKind.DAILY,
    )
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        proposals = session.exec(select(ListingProposal)).all()
        visit = session.get_one(Visit, proposals[0].visit_id)
    assert [(one.month, one.proposed_list) for one in proposals] == [("2026-10", "black")]
    assert visit.unit_id == units[0]
    assert proposals[0].rests_on_assumed


def test_explain_names_facts_cells_days_and_basis(database: Engine, now: datetime, units: list[int]) -> None:
    _visit(database, now, units[0], date(2026, 10, 9), result="compliant")
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        code = session.execute(text("SELECT code FROM premises ORDER BY id LIMIT 1")).scalar_one()
        version = newest_rulebook(session, "demo-local").sha256
    lines = "\n".join(explain_unit(database, code, TODAY))
    for words in (code, "A级", version[:12], "经营面积", "2026-10-09", "自 2020-03-30 起", "依据：假定值"):
        assert words in lines


def test_the_units_of_a_bureau_get_grades_once_it_has_entered_what_is_missing(
    database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
    units = _add_units(database, now)
    _visit(database, now, units[0], date(2026, 10, 9), result="compliant")
    with transaction(database) as session:
        assumed = newest_rulebook(session, "demo-local").rulebook.on(TODAY)
        for name in _missing(session):
            entry = assumed.rulebook.cells[name].on(TODAY)
            assert entry is not None
            enter_cell(
                session, scheme="tianjin-2020", cell=name, value=_yaml(entry.value),
                from_day=date(2026, 1, 1), document=KeptDocument("决定.pdf", "ab" * 32),
                actor="赵强", now=now,
            )  # fmt: skip
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        grade = grades_of(session, units, TODAY)[units[0]]
    assert grade.level == "A"
    assert not grade.rests_on_assumed


def _missing(session: Session) -> list[str]:
    rulebook = newest_rulebook(session, "tianjin-2020").rulebook
    needed = set(rulebook.procedures["grade"].needed())
    return sorted({cell.path.split(".")[0] for cell in missing(rulebook, TODAY)} & needed)


def _yaml(value: object) -> str:
    return encode(value)
