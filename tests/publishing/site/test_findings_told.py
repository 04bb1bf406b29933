"""Promises of what a storefront page says of findings: the record's own words, nobody's name or number."""

from datetime import date, datetime

import pytest

from inspections.record.database import transaction
from inspections.rulebooks.queries import newest_checklist
from inspections.visits.service import NewFinding, NewVisit, release_batch, store_visits
from inspections.visits.tables import VisitKind
from tests.bureau import APPROVER, CHECKLIST, EDITOR
from tests.publishing.site.town import Town, places_of


def _publish_finding(
    town: Town, now: datetime, finding: NewFinding, *, name: str = "noodles", handling: str | None = None
) -> str:
    """The unit's page after a visit that found this."""
    with transaction(town.house.engine) as session:
        stored = newest_checklist(session, CHECKLIST)
        visit = NewVisit(
            record_key="FOUND",
            unit_id=town.units[name],
            visited_on=date(2026, 11, 10),
            kind=VisitKind.DAILY,
            checklist_version_id=stored.version_id,
            answers=stored.checklist.pack({finding.item_code: "F"}, "P"),
            decided_result="basically_compliant",
            handling=handling,
            findings=(finding,),
        )
        batch = store_visits(session, [visit], actor=EDITOR, now=now)
        release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)
    town.publish(now)
    return town.storefront(name).split("更早的检查")[0]


@pytest.mark.parametrize(
    ("note", "personal"),
    [
        ("供货商电话138****5678", "5678"),
        ("身份证120111********1234的人员无健康证", "1234"),
        ("联系138.1234.5678", "1234.5678"),
        ("联系１３８１２３４５６７８", "１３８１２３４５６７８"),
        ("经营者李小红没有健康证", "经营者李小红"),
        ("经营者李 小红没有健康证", "李 小红"),
    ],
)
def test_a_note_with_a_persons_number_or_name_gives_way_to_the_items_wording(
    town: Town, now: datetime, note: str, personal: str
) -> None:
    page = _publish_finding(town, now, NewFinding("11", note=note))
    assert "未做到" in page
    assert places_of(town, personal) == []


def test_other_notes_stand_as_the_inspectors_wrote_them(town: Town, now: datetime) -> None:
    assert "操作间地面有积水 2 处" in _publish_finding(
        town, now, NewFinding("11", note="操作间地面有积水 2 处")
    )


def test_correction_is_called_ordered_only_where_the_record_says_so(town: Town, now: datetime) -> None:
    page = _publish_finding(town, now, NewFinding("11", note="地面有积水"))
    assert "地面有积水" in page
    assert "责令" not in page
    assert "rdered to be" not in page
    assert "当日未改正" not in page


def test_a_finding_that_was_not_corrected_on_the_spot_says_that_and_no_more(
    town: Town, now: datetime
) -> None:
    page = _publish_finding(town, now, NewFinding("11", note="地面有积水", corrected_on_spot=False))
    assert "当日未改正" in page
    assert "责令" not in page


@pytest.mark.parametrize(
    ("handling", "is_ordered"),
    [
        ("当场责令整改", True),
        ("责令改正，给予警告", True),
        ("责令立即停止食品经营活动", False),
        ("通过，无须处理", False),
    ],
)
def test_the_inspectors_own_words_of_handling_may_order_correction(
    town: Town, now: datetime, handling: str, is_ordered: bool
) -> None:
    page = _publish_finding(town, now, NewFinding("11"), handling=handling)
    assert ("责令改正" in page) == is_ordered


def test_a_deadline_is_told_as_the_order_it_is(town: Town, now: datetime) -> None:
    page = _publish_finding(town, now, NewFinding("11", deadline_on=date(2026, 12, 1)))
    assert "责令12月1日前改正" in page
