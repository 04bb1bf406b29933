"""Promises of `grade` and `adjust` on the command line, and of grades that rest on provisional items."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.evidence import KeptDocument
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import enter_cell
from inspections.units.register_file import UnitRow
from inspections.units.tables import Premises, UnitStanding
from inspections.visits.commands import adjust, grade, visits
from inspections.visits.grading_run import grade_units
from inspections.visits.queries import grades_of
from inspections.visits.service import NewVisit, release_batch, store_visits
from inspections.visits.tables import Adjustment, GradingRun, ListingProposal, Verdict, VisitKind
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD, add_units, add_visit, open_bureau

TODAY = date(2026, 11, 24)
NOODLES = UnitRow(
    licence_name="某面馆", address="柳口路9号", street="杨柳镇", unit_type="restaurant", area_m2=Decimal(100)
)
Command = Callable[..., Result]


@pytest.fixture
def unit(database: Engine, now: datetime) -> int:
    """A unit of a bureau that grades by the demonstration's values."""
    open_bureau(database, now)
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    with transaction(database) as session:
        return add_units(session, [NOODLES], now)[0]


@pytest.fixture
def code(database: Engine, unit: int) -> str:
    """The storefront code of the unit's door."""
    with read_only(database) as session:
        return session.exec(select(Premises.code)).one()


@pytest.fixture
def house(database: Engine, data_directory: Path) -> House:
    """The house that commands work on."""
    return House(Configuration(data=data_directory), database)


@pytest.fixture
def decide(house: House, code: str, tmp_path: Path) -> Command:
    """Runs `adjust` for the unit with a document and an account."""
    document, password = tmp_path / "决定书.pdf", tmp_path / "password"
    document.write_bytes(b"%PDF decision")
    password.write_text(PASSWORD, encoding="utf-8")

    def run(account: str, **options: str) -> Result:
        given = {"condition": "accident", "happened-on": "2026-06-01", "levels": "2", "reason": "食物中毒"}
        words = [word for key, value in (given | options).items() for word in (f"--{key}", value)]
        signing = ["--document", str(document), "--account", account, "--password-file", str(password)]
        return CliRunner().invoke(adjust, [code.lower().replace("-", ""), *words, *signing], obj=house)

    return run


def test_an_adjustment_is_recorded_with_document_reason_and_who_decided(
    database: Engine, decide: Command
) -> None:
    result = decide(APPROVER)
    assert result.exit_code == 0, result.output
    with read_only(database) as session:
        row = session.exec(select(Adjustment)).one()
    assert (row.condition, row.levels, row.decided_by, row.reason) == ("accident", 2, APPROVER, "食物中毒")
    assert row.document.startswith("决定书.pdf sha256:")


@pytest.mark.parametrize(
    ("account", "options", "words"),
    [
        (EDITOR, {}, "没有审批角色"),
        (ADMINISTRATOR, {}, "没有审批角色"),
        (APPROVER, {"happened-on": "2999-01-01"}, "还没有到"),
        (APPROVER, {"levels": "-1"}, "级数写正数"),
        (APPROVER, {"levels": "3"}, "规则只许 1、2 级"),
        (APPROVER, {"condition": "rumour"}, "不在规则列出的情形里"),
        (APPROVER, {"reason": " "}, "要写明理由"),
    ],
)
def test_an_adjustment_that_may_not_be_made_is_refused_in_words(
    database: Engine, decide: Command, account: str, options: dict[str, str], words: str
) -> None:
    refused = decide(account, **options)
    assert words in str(refused.exception)
    with read_only(database) as session:
        assert session.exec(select(Adjustment)).all() == []


@pytest.mark.parametrize("on", ["2026-06-01", "2026-11-24", "2999-01-01"])
def test_a_day_that_is_asked_for_is_read_and_never_written(
    database: Engine, now: datetime, house: House, unit: int, on: str
) -> None:
    with transaction(database) as session:
        add_visit(session, unit, date(2026, 5, 1), now)
    result = CliRunner().invoke(grade, ["--on", on], obj=house)
    assert "只查看，没有写入" in result.output, result.output
    with read_only(database) as session:
        assert session.exec(select(GradingRun)).all() == []
        assert session.exec(select(Verdict)).all() == []


def test_an_explanation_for_the_staff_ends_with_the_day_by_which_the_next_visit_is_due(
    database: Engine, now: datetime, house: House, unit: int, code: str
) -> None:
    with transaction(database) as session:
        add_visit(session, unit, date(2026, 10, 9), now)
    grade_units(database, on=TODAY, now=now)
    lines = CliRunner().invoke(grade, ["--explain", code], obj=house).output.splitlines()
    assert lines[-1] == "下次检查最迟：2027-10-09（仅供工作人员）"
    assert "事实：已定结果的检查 = 2026-10-09 随机查餐厅 符合" in lines


@pytest.mark.parametrize("provisional", [True, False])
def test_a_grade_and_a_proposal_rest_on_provisional_items_when_the_visit_behind_them_does(
    database: Engine, now: datetime, unit: int, provisional: bool
) -> None:
    with transaction(database) as session:
        stored = newest_checklist(session, "cn-catering-2022")
        items = stored.checklist.items
        answers = {item.code: "P" if provisional or not item.provisional else "-" for item in items}
        visit = NewVisit(
            record_key="V-1",
            unit_id=unit,
            visited_on=date(2026, 10, 9),
            kind=VisitKind.CAMPAIGN,
            checklist_version_id=stored.version_id,
            answers=stored.checklist.pack(answers),
            decided_result="non_compliant",
        )
        batch = store_visits(session, [visit], actor=EDITOR, now=now)
        release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        assert grades_of(session, [unit], TODAY)[unit].provisional is provisional
        assert session.exec(select(ListingProposal)).one().provisional is provisional


@pytest.mark.parametrize(
    ("answers", "due_on"),
    [
        ("P" * 30, date(2028, 10, 9)),
        ("P" * 29 + "-", date(2022, 6, 1)),
    ],
)
def test_every_unit_is_due_within_two_years_of_a_visit_on_all_items_whatever_its_grade(
    database: Engine, now: datetime, answers: str, due_on: date
) -> None:
    open_bureau(database, now)
    row = replace(NOODLES, from_on=date(2020, 6, 1), licence_from_on=date(2020, 6, 1))
    with transaction(database) as session:
        unit = add_units(session, [row], now)[0]
        stored = newest_checklist(session, "cn-catering-2016-1-3")
        visit = NewVisit(
            record_key="V-1",
            unit_id=unit,
            visited_on=date(2026, 10, 9),
            kind=VisitKind.DAILY,
            checklist_version_id=stored.version_id,
            answers=answers,
            decided_result="compliant",
        )
        batch = store_visits(session, [visit], actor=EDITOR, now=now)
        release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)
    grade_units(database, on=TODAY, now=now)
    with read_only(database) as session:
        standing = session.exec(select(UnitStanding)).one()
    assert (standing.grade, standing.due_on) == (None, due_on)


def test_a_bureau_that_enters_a_listing_rule_gets_proposals(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        unit = add_units(session, [NOODLES], now)[0]
        add_visit(session, unit, date(2026, 10, 9), now, failed=["15"], result="non_compliant")
    before = grade_units(database, on=TODAY, now=now)
    assert (before.proposals, before.proposals_undetermined) == (0, 1)
    with transaction(database) as session:
        enter_cell(
            session,
            scheme="tianjin-red-black-list",
            cell="listing_rule",
            value="[{is: black, when: {result: non_compliant}}, {is: none}]",
            from_day=date(2026, 1, 1),
            document=KeptDocument("决定.pdf", "ab" * 32),
            actor=ADMINISTRATOR,
            now=now,
        )
    grade_units(database, on=TODAY, now=now + timedelta(hours=1))
    with read_only(database) as session:
        proposal = session.exec(select(ListingProposal)).one()
    assert (proposal.proposed_list, proposal.rests_on_assumed) == ("black", False)


def test_visits_that_were_decided_otherwise_than_suggested_are_listed(
    database: Engine, now: datetime, house: House, unit: int
) -> None:
    with transaction(database) as session:
        add_visit(session, unit, date(2026, 9, 1), now)
        add_visit(session, unit, date(2026, 10, 9), now, failed=["1"], result="compliant")
        add_visit(session, unit, date(2026, 10, 10), now, failed=["1"], release=False)
    grade_units(database, on=TODAY, now=now)
    said = CliRunner().invoke(visits, ["compare"], obj=house).output.splitlines()
    assert said == [
        f"{unit}-2026-10-09\t2026-10-09\t已定 符合\t建议 不符合",
        "2 次检查：与建议一致 1（50.00%），不同 1，其中没有建议 0。",
    ]
    nothing = CliRunner().invoke(visits, ["compare", "--since", "2027-01-01"], obj=house)
    assert nothing.output == "0 次检查：与建议一致 0，不同 0，其中没有建议 0。\n"
