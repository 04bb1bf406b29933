"""Promises of a campaign's edition: it says of the draw what the draw was, and is about the draw's visits."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from inspections.campaigns.assigning import note_state
from inspections.campaigns.draw_changes import redraw
from inspections.campaigns.public_view import draw_told
from inspections.campaigns.revealing import reveal_finished
from inspections.campaigns.tables import AssignmentState
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.visits.service import release_batch
from inspections.visits.tables import VisitKind
from publishing.editions.candidates import candidates_of_month, checked_in_month, visits_at_door
from publishing.editions.drafting import save_draft, with_heading
from publishing.editions.drafts import Draft
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD, add_visit
from tests.campaigns.office import MANAGER, MONTH, Office, announce, draw_now, drawn_office
from tests.campaigns.test_desk import Desk

LAST_DAY = date(2026, 12, 14)
AFTERWARDS = datetime(2026, 12, 21, 2, 0, tzinfo=UTC)
NEXT_MONTH = "2026-12"


def _reveal_and_release(office: Office, batches: list[int]) -> None:
    """The campaign's last day comes; what was held back for it is released."""
    assert reveal_finished(office.engine, AFTERWARDS) == 1
    with transaction(office.engine) as session:
        for batch in batches:
            release_batch(session, batch, actor=APPROVER, now=AFTERWARDS)


def _records(session: Session, month: str) -> list[str]:
    return [one.visit.record_key for one in candidates_of_month(session, month)]


def test_a_draft_takes_theme_issue_number_and_draw_from_its_campaign(drawn: Office) -> None:
    with read_only(drawn.engine) as session:
        heading = with_heading(session, MONTH, (), {})
    assert (heading.theme, heading.issue_no, heading.drawn, heading.checked) == (
        "冬日里的饺子馆",
        11,
        6,
        None,
    )
    assert heading.chosen_how == (
        "在营餐饮服务单位中：全部。按业态分层随机抽取，公开值取自公证处现场掷十面骰子二十次。"
    )


def test_before_the_draw_a_draft_says_nothing_of_it(office: Office) -> None:
    with read_only(office.engine) as session:
        heading = with_heading(session, MONTH, (), {})
    assert (heading.theme, heading.issue_no, heading.drawn, heading.chosen_how) == (None, 11, None, "")


def test_a_draft_that_was_saved_without_the_way_of_drawing_is_offered_it_again(
    drawn: Office, now: datetime
) -> None:
    with transaction(drawn.engine) as session:
        save_draft(session, Draft(MONTH, "另一个主题", (), 11), actor=EDITOR, now=now)
    with read_only(drawn.engine) as session:
        heading = with_heading(session, MONTH, (), {})
    assert heading.theme == "另一个主题", "what was written stands"
    assert heading.chosen_how.startswith("在营餐饮服务单位中：全部。")


def test_what_an_editor_has_written_stands_before_what_the_campaign_says(drawn: Office) -> None:
    with read_only(drawn.engine) as session:
        assert with_heading(session, MONTH, (), {"drawn": 5}).drawn == 5


@pytest.mark.parametrize(
    ("day", "month"),
    [(date(2026, 12, 3), MONTH), (LAST_DAY, MONTH), (LAST_DAY + timedelta(days=1), NEXT_MONTH)],
    ids=["the month after", "the campaign's last day", "after the campaign"],
)
def test_a_visit_of_a_drawn_unit_is_of_its_campaigns_edition_until_the_campaigns_last_day(
    drawn: Office, now: datetime, day: date, month: str
) -> None:
    unit_id = drawn.assignments()[0].unit_id
    code = drawn.code(unit_id)
    with transaction(drawn.engine) as session:
        # Another unit's visit in December is nobody's but December's.
        other = next(one for one in drawn.units if one not in {row.unit_id for row in drawn.assignments()})
        batches = [
            add_visit(session, unit, visited_on, now, key=key, release=False)
            for unit, visited_on, key in ((other, date(2026, 12, 3), "other"), (unit_id, day, "drawn"))
        ]
    _reveal_and_release(drawn, batches)
    with read_only(drawn.engine) as session:
        for asked in (MONTH, NEXT_MONTH):
            expected = ({"drawn"} if asked == month else set()) | (
                {"other"} if asked == NEXT_MONTH else set()
            )
            assert set(_records(session, asked)) == expected
            assert checked_in_month(session, asked) == len(expected)
            assert [v.record_key for v in visits_at_door(session, code, asked)] == sorted(
                expected - {"other"}
            )


def test_a_campaign_drawn_before_its_month_begins_with_its_draw(database: Engine, now: datetime) -> None:
    early = datetime(2026, 10, 28, 2, 0, tzinfo=UTC)
    office = drawn_office(database, early)
    unit_id = office.assignments()[0].unit_id
    with transaction(database) as session:
        batch = add_visit(session, unit_id, date(2026, 10, 30), now, key="early", release=False)
    _reveal_and_release(office, [batch])
    with read_only(database) as session:
        assert (_records(session, "2026-10"), _records(session, MONTH)) == ([], ["early"])
        assert checked_in_month(session, MONTH) == 1


def test_what_was_visited_before_a_redraw_counts_with_what_was_drawn_after_it(
    drawn: Office, now: datetime
) -> None:
    first = drawn.assignments()[0]
    later = now + timedelta(hours=5)
    with transaction(drawn.engine) as session:
        note_state(
            session,
            first.id or 0,
            AssignmentState.DONE,
            actor=MANAGER,
            now=later,
            visited_on=civil_day(later),
        )
        redraw(session, MONTH, "公开值录错", announce(later), actor=MANAGER, now=later)
    with read_only(drawn.engine) as session:
        assert draw_told(session, MONTH) is None, "the draw that counts has not been made"
    draw_now(drawn, later)
    with read_only(drawn.engine) as session:
        told = draw_told(session, MONTH)
    assert told is not None
    second = drawn.draws()[1].id
    assert told.drawn == 1 + sum(
        one.draw_id == second and not one.is_substitute for one in drawn.assignments()
    )


def test_a_daily_visit_of_a_drawn_unit_is_of_its_own_month(drawn: Office, now: datetime) -> None:
    unit_id = drawn.assignments()[0].unit_id
    with transaction(drawn.engine) as session:
        add_visit(session, unit_id, date(2026, 12, 3), now, key="daily", kind=VisitKind.DAILY)
    with read_only(drawn.engine) as session:
        assert visits_at_door(session, drawn.code(unit_id), MONTH) == []
        assert len(visits_at_door(session, drawn.code(unit_id), NEXT_MONTH)) == 1


def test_the_form_is_filled_from_the_campaign_and_says_what_no_grading_has_seen(
    drawn: Office, now: datetime, tmp_path: Path, time_machine: Any
) -> None:
    time_machine.move_to(AFTERWARDS, tick=False)
    with transaction(drawn.engine) as session:
        batch = add_visit(session, drawn.assignments()[0].unit_id, date(2026, 11, 25), now, release=False)
        add_account(
            session, name="高雅", password=PASSWORD, roles=[Role.EDITOR], actor=ADMINISTRATOR, now=now
        )
    _reveal_and_release(drawn, [batch])
    page = Desk(drawn, tmp_path / "drawn").as_("高雅").page(f"/desk/editions/{MONTH}/draft")
    fields = {
        name: page.select(f"[name={name}]")[0]["value"] for name in ("theme", "issue_no", "drawn", "checked")
    }
    assert fields == {"theme": "冬日里的饺子馆", "issue_no": "11", "drawn": "6", "checked": "1"}
    assert "其中 1 次还没有评定" in page.get_text()
