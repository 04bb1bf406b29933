"""Promises of the home page and the search: grades that rest on assumed values are said to be provisional."""

from datetime import date, datetime

from flask import Flask

from inspections.record.database import transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.rulebooks.queries import newest_checklist
from inspections.visits.service import NewVisit, release_batch, store_visits
from inspections.visits.tables import VisitKind
from publishing.search.web import search
from tests.bureau import APPROVER, EDITOR
from tests.publishing.site.town import Town

SAID = "有的等级或检查结果所依据的数值没有出处"


def _visit_with_provisional_items(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        stored = newest_checklist(session, "cn-catering-2022")
        visit = NewVisit(
            record_key="PROVISIONAL",
            unit_id=town.units["dumplings"],
            visited_on=date(2026, 11, 10),
            kind=VisitKind.DAILY,
            checklist_version_id=stored.version_id,
            answers=stored.checklist.pack({}, "P"),
            decided_result="compliant",
        )
        batch = store_visits(session, [visit], actor=EDITOR, now=now)
        release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)


def _found(town: Town, words: str) -> str:
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(SITE_DIRECTORY=town.site, SEARCH_FILE=town.search_file)
    app.register_blueprint(search)
    return app.test_client().get("/search", query_string={"q": words}).text


def test_a_demonstration_says_beside_its_counts_and_hits_that_grades_rest_on_assumed_values(
    town: Town, now: datetime
) -> None:
    _visit_with_provisional_items(town, now)
    with transaction(town.house.engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
    town.publish(now)
    assert "暂定" in town.storefront("dumplings")
    assert SAID in town.page("/")
    assert SAID in _found(town, "福满源")
    # The unit that was never visited has nothing that could be provisional.
    assert "清心" in _found(town, "清心")
    assert SAID not in _found(town, "清心")


def test_where_nothing_assumed_is_shown_nothing_is_said_of_it(town: Town, now: datetime) -> None:
    _visit_with_provisional_items(town, now)
    town.publish(now)
    assert SAID not in town.page("/")
    assert SAID not in _found(town, "福满源")
