"""Visits of a campaign that come in by file are held back like those of tablets, and released with it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from inspections.campaigns.assigning import note_state
from inspections.campaigns.revealing import reveal_finished
from inspections.campaigns.tables import AssignmentState
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.visits.batch_queries import batch_summary, batches_waiting
from inspections.visits.service import VisitError, release_batch, release_revealed, review_batch
from inspections.visits.tables import VisitBatch, VisitKind
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD, add_visit
from tests.campaigns.office import MANAGER, MONTH, Office
from tests.campaigns.test_desk import Desk, told

DAY = timedelta(days=1)


def _import(
    session: Session, office: Office, now: datetime, days: int = 1, kind: VisitKind = VisitKind.CAMPAIGN
) -> int:
    """One batch of visits to every drawn unit; its number."""
    batches = [
        add_visit(session, row.unit_id, civil_day(now) + days * DAY, now, kind=kind, release=False)
        for row in office.assignments()[:1]
    ]
    return batches[0]


def _awaits(office: Office, batch: int) -> str | None:
    with read_only(office.engine) as session:
        summary = batch_summary(session, batch)
    assert summary is not None
    return summary.awaits.campaign if summary.awaits else None


def _close_everything(office: Office, now: datetime) -> None:
    for row in office.assignments():
        with transaction(office.engine) as session:
            note_state(session, row.id or 0, AssignmentState.DONE, actor=MANAGER, now=now)


def test_an_imported_visit_of_a_drawn_unit_is_not_released_before_the_reveal(
    drawn: Office, now: datetime
) -> None:
    with transaction(drawn.engine) as session:
        batch = _import(session, drawn, now)
    assert _awaits(drawn, batch) == MONTH
    later = now + 2 * DAY
    with (
        pytest.raises(VisitError, match=r"名单公布之前不能公开（最迟 2026-12-14 公布）"),
        transaction(drawn.engine) as session,
    ):
        release_batch(session, batch, actor=APPROVER, now=later)
    with transaction(drawn.engine) as session:
        assert release_revealed(session, later) == 0


def test_a_reviewed_batch_is_released_with_the_reveal_in_its_reviewers_name_and_another_one_waits(
    drawn: Office, now: datetime
) -> None:
    with transaction(drawn.engine) as session:
        reviewed, unseen = _import(session, drawn, now, 1), _import(session, drawn, now, 2)
        assert batches_waiting(session) == 2
        review_batch(session, reviewed, actor=APPROVER, now=now + DAY)
        assert batches_waiting(session) == 1
    with pytest.raises(VisitError, match=r"已由.*复核"), transaction(drawn.engine) as session:
        review_batch(session, reviewed, actor=EDITOR, now=now + DAY)
    later = now + 3 * DAY
    _close_everything(drawn, later)
    assert reveal_finished(drawn.engine, later) == 1
    with transaction(drawn.engine) as session:
        assert release_revealed(session, later) == 1
    with read_only(drawn.engine) as session:
        rows = session.exec(select(VisitBatch).order_by(col(VisitBatch.id))).all()
    assert [(row.released_by, row.released_at is None) for row in rows] == [(APPROVER, False), (None, True)]
    assert _awaits(drawn, unseen) is None
    with transaction(drawn.engine) as session:
        assert release_batch(session, unseen, actor=EDITOR, now=later) == 1


def test_an_imported_recheck_of_a_visit_that_is_held_back_waits_with_it(drawn: Office, now: datetime) -> None:
    unit_id, day = drawn.assignments()[0].unit_id, civil_day(now)
    kind = VisitKind.RECHECK
    with transaction(drawn.engine) as session:
        add_visit(session, unit_id, day + DAY, now, key="first", release=False)
        batch = add_visit(
            session, unit_id, day + 2 * DAY, now, key="again", recheck_of="first", kind=kind, release=False
        )
    assert _awaits(drawn, batch) == MONTH


@pytest.mark.parametrize(
    ("days", "kind"), [(-1, VisitKind.CAMPAIGN), (1, VisitKind.DAILY)], ids=["before the draw", "daily"]
)
def test_a_visit_that_is_not_of_the_draw_waits_for_nothing_but_a_look(
    drawn: Office, now: datetime, days: int, kind: VisitKind
) -> None:
    with transaction(drawn.engine) as session:
        batch = _import(session, drawn, now, days, kind)
        with pytest.raises(VisitError, match="直接放行"):
            review_batch(session, batch, actor=APPROVER, now=now)
    assert _awaits(drawn, batch) is None
    with transaction(drawn.engine) as session:
        assert release_batch(session, batch, actor=APPROVER, now=now) == 1


def test_the_desk_says_of_a_batch_until_when_and_why_it_is_held_back(
    drawn: Office, now: datetime, tmp_path: Path, time_machine: Any
) -> None:
    time_machine.move_to(now + 2 * DAY, tick=False)
    with transaction(drawn.engine) as session:
        batch = _import(session, drawn, now)
        add_account(
            session, name="高雅", password=PASSWORD, roles=[Role.EDITOR], actor=ADMINISTRATOR, now=now
        )
    editor = Desk(drawn, tmp_path / "drawn").as_("高雅")
    listed = editor.page("/desk/batches/").get_text()
    assert "待复核；2026-11 期名单最迟" in listed
    assert "待放行" not in listed
    page = editor.page(f"/desk/batches/{batch}")
    assert "先公开任何一家，就等于公开了名单" in page.get_text()
    assert page.find("button", string="我已看过数目和样本，放行") is None
    after = editor.send(f"/desk/batches/{batch}", f"/desk/batches/{batch}/review")
    assert "名单公布时（最迟 2026-12-14）自动放行" in told(after)
    assert "已复核；2026-11 期名单最迟" in editor.page("/desk/batches/").get_text()
