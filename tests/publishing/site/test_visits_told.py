"""How a storefront page tells a visit: what is withheld and why, and what its re-checks found."""

import re
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete
from sqlmodel import select

from inspections.record.clock import civil_day
from inspections.record.database import transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.queries import newest_checklist
from inspections.visits.grading_run import grade_units
from inspections.visits.service import NewFinding, NewVisit, release_batch, store_visits
from inspections.visits.tables import Visit, VisitKind, VisitResult
from publishing.search.finding import find, open_published
from publishing.search.language import read_search
from tests.bureau import APPROVER, CHECKLIST, EDITOR, add_visit
from tests.publishing.site.town import Town

VISITED_ON = date(2026, 11, 20)


def visit_with_score(town: Town, now: datetime) -> None:
    """The tea shop is visited, with a result and a score."""
    with transaction(town.house.engine) as session:
        add_visit(session, town.units["tea"], VISITED_ON, now, failed=["11"], result="non_compliant", key="T")
        visit = session.exec(select(Visit).where(Visit.record_key == "T")).one()
        visit.decided_score = Decimal("61.5")
        session.add(visit)


def told(town: Town, name: str) -> str:
    """What the page says of the latest visit."""
    return town.storefront(name).split("最近一次检查")[1].split("明厨亮灶")[0]


def chinese_of(html: str) -> str:
    """Its Chinese text alone."""
    return re.sub(r"<[^>]*>", "", re.sub(r"<span class=e[^>]*>[^<]*</span>", "", html))


def test_a_result_and_its_score_are_withheld_until_the_grading_knows_what_they_rest_on(
    town: Town, now: datetime
) -> None:
    visit_with_score(town, now)
    town.publish(now)
    page = told(town, "tea")
    assert "结果暂不公示" in page
    assert "尚未评定，评定之后才公示结果。" in page
    assert "不符合" not in page
    assert "61.5" not in page
    with open_published(town.search_file) as database:
        assert [row.last_result for row in find(database, read_search({"q": "清心"}))[1].rows] == [None]
    grade_units(town.house.engine, on=civil_day(now), now=now)
    town.publish(now)
    assert "尚未评定" not in told(town, "tea")


def test_the_page_tells_a_graded_visit_also_where_the_grade_stays_as_it_was(
    town: Town, now: datetime
) -> None:
    with transaction(town.house.engine) as session:
        session.execute(delete(VisitResult))
    town.publish(now, full=True)
    assert "结果暂不公示" in told(town, "dumplings")
    grade_units(town.house.engine, on=civil_day(now), now=now, everything=True)
    town.publish(now)
    assert "评定之后才公示结果" not in told(town, "dumplings")


def test_a_demonstration_shows_a_result_before_the_grading(town: Town, now: datetime) -> None:
    visit_with_score(town, now)
    with transaction(town.house.engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
    town.publish(now)
    assert "评定之后才公示结果" not in told(town, "tea")
    assert "不符合" in told(town, "tea")
    assert "61.5" in told(town, "tea")


def test_a_re_check_whose_result_is_withheld_is_told_as_withheld_and_not_as_the_first_result(
    town: Town, now: datetime
) -> None:
    with transaction(town.house.engine) as session:
        add_visit(
            session,
            town.units["tea"],
            date(2026, 11, 10),
            now,
            failed=["11"],
            result="non_compliant",
            key="T",
        )
    grade_units(town.house.engine, on=civil_day(now), now=now)
    with transaction(town.house.engine) as session:
        add_visit(
            session, town.units["tea"], VISITED_ON, now, key="R", kind=VisitKind.RECHECK, recheck_of="T"
        )
    town.publish(now)
    page = chinese_of(told(town, "tea"))
    assert "11月20日复查：结果暂不公示" in page
    assert page.index("首次检查：") > page.index("结果暂不公示")
    assert "尚未评定，评定之后才公示结果。" in page
    with open_published(town.search_file) as database:
        row = find(database, read_search({"q": "清心"}))[1].rows[0]
    assert (row.last_visit_on, row.last_result) == (VISITED_ON, None)


def test_a_re_check_settles_only_the_items_that_it_looked_at(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        unit_id = town.units["tea"]
        add_visit(session, unit_id, date(2026, 11, 10), now, failed=["2", "11", "16"], key="T")
        stored = newest_checklist(session, CHECKLIST)
        for key, day, answers, failed in (
            ("R1", 12, {"2": "P", "11": "F"}, ("11",)),
            ("R2", 14, {"11": "P"}, ()),
        ):
            visit = NewVisit(
                record_key=key,
                unit_id=unit_id,
                visited_on=date(2026, 11, day),
                kind=VisitKind.RECHECK,
                checklist_version_id=stored.version_id,
                answers=stored.checklist.pack(answers),
                decided_result="compliant",
                recheck_of_key="T",
                findings=tuple(NewFinding(code) for code in failed),
            )
            batch = store_visits(session, [visit], actor=EDITOR, now=now)
            release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)
    town.publish(now)
    page = chinese_of(told(town, "tea"))
    assert page.count("✓ 复查未再发现") == 2, "one by the first re-check, one by the second"
    assert page.count("复查未查此项") == 1
