"""Promises of what nobody has settled: no entry rests on it, and it is told on no page."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import Session, select

from inspections.record.clock import civil_day
from inspections.record.database import transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.tables import Mark
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.units.tables import Premises
from inspections.visits.grading_run import grade_units
from inspections.visits.service import NewFinding, NewVisit, release_batch, store_visits
from inspections.visits.tables import VisitKind
from publishing.editions.candidates import candidates_of_month
from publishing.editions.drafts import Draft, DraftError, DraftLine, EditionError
from publishing.editions.notices import write_notices
from publishing.editions.service import publish_approved, publish_edition, save_draft
from publishing.public_facts import StorefrontFacts
from publishing.site.gather import storefront_pages
from publishing.site.terms import terms_on
from tests.bureau import ADMINISTRATOR, APPROVER, DUMPLINGS, EDITOR, add_units, add_visit, open_bureau
from tests.publishing.editions.conftest import MONTH, VISITED, approve_by_two, october_draft, visit_ids

PLACEHOLDER = "原文待核实"


def _provisional_visit(session: Session, now: datetime) -> int:
    """A visit whose only finding is an item that stands in for a text nobody has seen."""
    (unit,) = add_units(session, [DUMPLINGS], now)
    stored = newest_checklist(session, "cn-catering-2022")
    visit = NewVisit(
        record_key="P-1",
        unit_id=unit,
        visited_on=VISITED,
        kind=VisitKind.CAMPAIGN,
        checklist_version_id=stored.version_id,
        answers=stored.checklist.pack({"1.1": "P", "3.2": "F"}),
        decided_result="non_compliant",
        findings=(NewFinding("3.2"),),
    )
    batch = store_visits(session, [visit], actor=EDITOR, now=now)
    release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)
    return visit_ids(session)[0]


def _draft(visit_id: int, list_word: str = "black") -> Draft:
    told = {"told_on": date(2026, 11, 2), "told_how": "书面告知书当面送达"}
    line = DraftLine(1, list_word, visit_id, ("后厨地面积水",), no_personal_names=True, **told)  # type: ignore[arg-type]  # fields of a line
    return Draft(MONTH, "主题", (line,), 10)


@pytest.mark.parametrize("list_word", ["red", "black"])
def test_no_line_rests_on_a_provisional_item(database: Engine, now: datetime, list_word: str) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        visit_id = _provisional_visit(session, now)
        with pytest.raises(DraftError, match=r"检查要点第 3\.2 项的原文还待核实.*更正这次检查的记录"):
            save_draft(session, _draft(visit_id, list_word), actor=EDITOR, now=now)


def test_no_notice_is_written_about_a_provisional_item(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        lines = _draft(_provisional_visit(session, now)).lines
        with pytest.raises(DraftError, match="原文还待核实"):
            write_notices(session, MONTH, lines, actor=EDITOR, now=now)


def test_a_demonstration_may_show_how_it_would_look(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        visit_id = _provisional_visit(session, now)
        set_mark(session, DEMONSTRATION, now=now)
        save_draft(session, _draft(visit_id), actor=EDITOR, now=now)
        approve_by_two(session)
    assert publish_approved(database, now) == 1


def test_a_placeholder_is_never_proposed_as_a_reason(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        _provisional_visit(session, now)
        (candidate,) = candidates_of_month(session, MONTH)
    assert candidate.reasons == ("检查要点不符合：第 3.2 项",)


def test_a_placeholder_is_told_on_no_storefront_but_in_a_preview(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        _provisional_visit(session, now)
        doors = [id_ for id_ in session.exec(select(Premises.id)) if id_ is not None]
        for is_preview, text in ((False, "检查要点第 3.2 项"), (True, PLACEHOLDER)):
            (page,) = storefront_pages(
                session, doors, terms_on(session, civil_day(now), is_preview=is_preview)
            )
            (facts,) = page.facts
            assert isinstance(facts, StorefrontFacts)
            (finding,) = facts.visits[0].findings
            assert text in finding.text
            assert finding.is_requirement is is_preview


def _grade_by_assumed_values(engine: Engine, now: datetime) -> int:
    """A visit of real data whose suggested result was reckoned with the demonstration's values."""
    open_bureau(engine, now)
    with transaction(engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
        load_seeds(session, actor=ADMINISTRATOR, now=now)
        (unit,) = add_units(session, [DUMPLINGS], now)
        add_visit(session, unit, VISITED, now, failed=["11"], result="non_compliant")
        visit_id = visit_ids(session)[0]
    grade_units(engine, on=civil_day(now), now=now, everything=True)
    with transaction(engine) as session:
        session.connection().execute(delete(Mark))
    return visit_id


def test_no_line_rests_on_an_assumed_value(database: Engine, now: datetime) -> None:
    visit_id = _grade_by_assumed_values(database, now)
    told = r"推定的值 handling_table、result_rule、veto_items（demo-local）.*rulebook enter demo-local"
    with transaction(database) as session, pytest.raises(DraftError, match=told):
        save_draft(session, _draft(visit_id), actor=EDITOR, now=now)


def test_what_becomes_unsettled_after_the_draft_is_not_published(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve_by_two(session)
        set_mark(session, DEMONSTRATION, now=now)
        load_seeds(session, actor=ADMINISTRATOR, now=now)
    grade_units(bureau, on=civil_day(now), now=now, everything=True)
    with transaction(bureau) as session:
        session.connection().execute(delete(Mark))
        with pytest.raises(EditionError, match=r"第 1 条（红榜）：结果用到推定的值 .*result_rule"):
            publish_edition(session, MONTH, now=now)
