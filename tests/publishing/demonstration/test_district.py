"""The made-up district as plain values: it repeats, its numbers hold, and it shows every state."""

import re
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from grading.vocabulary import Answer
from inspections.units.holders import NATURAL_PERSON, shown_holder
from inspections.units.numbers import credit_code_fault, licence_number_fault
from inspections.units.tables import OpenKitchenForm, UnitState
from inspections.visits.tables import VisitKind
from publishing.demonstration.campaigns import Campaign
from publishing.demonstration.days import is_workday
from publishing.demonstration.district import District, build_district
from publishing.demonstration.field_plan import INSPECTORS, After
from publishing.demonstration.numbers import MOST_NUMBERS, credit_code, licence_number, organisation_check
from publishing.demonstration.units import Closing, Move, NewOperator, Unit
from publishing.demonstration.words import (
    DemonstrationError,
    campaign_words,
    chains,
    checklist,
    district_words,
    finding_words,
    name_lists,
)
from publishing.editions.wording import wording_fault

TODAY = date(2026, 11, 24)
# Days that are awkward: the first and last of a month, a leap day, New Year, the Spring Festival.
DAYS = [TODAY, date(2027, 1, 1), date(2028, 2, 29), date(2027, 2, 8), date(2026, 3, 31), date(2029, 6, 1)]
# Known chains and real places, which no made-up name may carry.
KNOWN = Path(__file__).with_name("known_brands.txt").read_text(encoding="utf-8").split()


@cache
def district(on: date = TODAY) -> District:
    return build_district(on)


def units(on: date = TODAY) -> list[Unit]:
    """Every unit of the story as it was last told."""
    story = district(on).story
    by_key = {unit.key: unit for load in story.loads for unit in load.units}
    by_key.update({c.successor.key: c.successor for c in story.changes if isinstance(c, NewOperator)})
    return list(by_key.values())


def published(on: date = TODAY) -> list[Campaign]:
    return [campaign for campaign in district(on).campaigns if campaign.entries]


def every_text(on: date = TODAY) -> list[str]:
    texts = []
    for unit in units(on):
        row = unit.row
        texts += [row.licence_name, row.sign_name or "", row.address, row.door_label, row.online_name or ""]
    texts += [note.text for visit in district(on).visits for note in visit.sheet.notes]
    texts += [reason for campaign in published(on) for entry in campaign.entries for reason in entry.reasons]
    return texts


def test_the_same_day_gives_the_same_district() -> None:
    assert build_district(TODAY) == district()


def test_another_day_gives_another_district() -> None:
    assert build_district(TODAY + timedelta(days=1)).visits != district().visits


def test_there_are_about_six_hundred_units_and_two_years_of_visits() -> None:
    assert 580 <= len(units()) <= 680
    days = [visit.day for visit in district().visits]
    assert (max(days) - min(days)).days > 700
    assert 1_500 <= len(days) <= 3_000


@pytest.mark.parametrize("on", DAYS)
def test_every_number_passes_its_checks_and_is_plainly_made_up(on: date) -> None:
    for unit in units(on):
        licence, code = unit.row.licence_number or "", unit.row.credit_code or ""
        assert licence_number_fault(licence) is None
        assert licence[3:9] == "120111"
        assert 990_000 <= int(licence[9:15]) <= 999_999
        assert credit_code_fault(code) is None
        assert organisation_check(code[8:16]) == code[16]
        assert code[8:11] == "DEM"
        assert code[2:8].startswith("12019")
    assert len({unit.row.licence_number for unit in units(on)}) == len(units(on))
    assert len({unit.row.credit_code for unit in units(on)}) == len(units(on))


def test_numbers_of_the_synthetic_register_never_repeat_and_end_with_a_sentence() -> None:
    numbers = {licence_number(2, index) for index in range(0, MOST_NUMBERS, 7)}
    assert len(numbers) == len(range(0, MOST_NUMBERS, 7))
    assert {number[3:9] for number in numbers} == {
        "120111",
        *(str(region) for region in range(120190, 120200)),
    }
    assert len({credit_code("92", index) for index in range(0, 250_000, 13)}) == len(range(0, 250_000, 13))
    with pytest.raises(DemonstrationError, match="用完了"):
        licence_number(2, MOST_NUMBERS)


@pytest.mark.parametrize(
    "known", ["914403001922038216", "9144030071526726XG", "911101083303521997", "91350100M000100Y43"]
)
def test_the_check_of_organisation_codes_agrees_with_real_ones(known: str) -> None:
    assert organisation_check(known[8:16]) == known[16]


def test_nothing_looks_like_a_telephone_or_an_identity_number_or_says_what_an_authority_may_not() -> None:
    for text in every_text():
        assert wording_fault(text) is None, text
        assert not re.search(r"\d{6,}", text), text
    for key, value in (("contact", district_words().contact), ("how", campaign_words().chosen_how)):
        assert wording_fault(value) is None, key


def test_no_name_is_a_well_known_brand_or_a_real_place() -> None:
    for text in [*every_text(), *(chain.brand for chain in chains()), *map(str, name_lists().values())]:
        found = [word for word in KNOWN if word.lower() in text.lower()]
        assert not found, text


def test_a_holder_in_his_own_name_is_never_shown_and_has_a_name_nobody_has() -> None:
    held = [unit.row for unit in units() if unit.row.licence_name[1:] in name_lists()["made_up_given"]]
    assert {row.holder_is_natural_person for row in held} == {True, None}
    for row in held:
        shown = shown_holder(
            row.licence_name,
            holder_is_natural_person=row.holder_is_natural_person,
            credit_code=row.credit_code,
        )
        assert shown == NATURAL_PERSON


def test_everybody_else_is_shown_by_trade_name() -> None:
    for unit in units():
        row = unit.row
        if row.licence_name[1:] in name_lists()["made_up_given"]:
            continue
        shown = shown_holder(row.licence_name, holder_is_natural_person=None, credit_code=row.credit_code)
        assert shown == row.licence_name


def test_the_district_has_as_many_streets_and_towns_as_its_model() -> None:
    names = [street.name for street in district_words().streets]
    assert sum(name.endswith("街道") for name in names) == 4
    assert sum(name.endswith("镇") for name in names) == 7
    assert {unit.row.street for unit in units()} == set(names)


def test_doors_and_signs_are_told_apart() -> None:
    first = district().story.loads[0].units
    assert len({(unit.row.address, unit.row.door_label) for unit in first}) == len(first)
    signs = Counter(unit.row.sign_name for unit in units() if unit.row.sign_name)
    assert [sign for sign, count in signs.items() if count > 1] == []


def test_every_kind_of_unit_is_there() -> None:
    kinds = {unit.row.unit_type for unit in units()}
    assert kinds == {
        "restaurant", "fast_food", "snack_shop", "drink_shop", "canteen", "school_canteen",
        "kindergarten_canteen", "central_kitchen", "collective_delivery",
    }  # fmt: skip
    assert {"delivery", "cake", "coffee"} <= {unit.trade for unit in units()}
    groups = {group for unit in units() for group in unit.row.special_groups.split(",") if group}
    assert groups == {"students", "children", "patients", "elderly"}
    stalls = [unit.row for unit in units() if unit.row.door_label.endswith(("档口", "摊位"))]
    assert len(stalls) > 15
    assert len({row.address for row in stalls}) < len(stalls)
    assert any("医院" in unit.row.licence_name for unit in units())


def test_every_state_of_the_register_is_there() -> None:
    story, rows = district().story, [unit.row for unit in units()]
    assert {row.open_kitchen for row in rows} == set(OpenKitchenForm)
    for row in rows:
        assert (row.open_kitchen is OpenKitchenForm.NONE) == (row.open_kitchen_checked_on is None)
    for kind in (Closing, Move, NewOperator):
        assert sum(isinstance(change, kind) for change in story.changes) >= 3
    assert sum(row.state is UnitState.RENAMED for row in rows) >= 3
    assert sum((row.licence_until_on or TODAY) < TODAY for row in rows) >= 3
    assert sum(row.sign_name is None for row in rows) >= 3
    assert sum(row.area_m2 is None for row in rows) >= 3
    assert sum(row.chain_headquarters is not None for row in rows) > 20
    assert max(len(row.licence_name) for row in rows) >= 30
    assert max(len(row.sign_name or "") for row in rows) >= 30
    latin = [row for row in rows if re.fullmatch(r"[\x20-\x7eé]+", row.sign_name or "")]
    assert len(latin) >= 5
    assert sum(re.match(r".[记家]", row.sign_name or "") is not None for row in rows) >= 20
    visited = {visit.unit_key for visit in district().visits}
    assert len([unit for unit in units() if unit.key not in visited]) >= 5


@pytest.mark.parametrize("on", DAYS)
def test_every_day_tells_a_plausible_story(on: date) -> None:
    told = district(on)
    opened = {unit.key: unit.opened_on for unit in units(on)}
    known = {unit.key: load.day for load in reversed(told.story.loads) for unit in load.units}
    known |= {c.successor.key: c.on for c in told.story.changes if isinstance(c, NewOperator)}
    for visit in told.visits:
        assert is_workday(visit.day)
        assert visit.day.weekday() < 5
        assert told.story.first_day <= visit.day < on
        assert visit.day <= visit.stored_on <= on
        assert known[visit.unit_key] <= visit.stored_on
        assert opened[visit.unit_key] <= visit.day
        assert len(visit.sheet.answers) == len(checklist().items)
        for note in visit.sheet.notes:
            assert note.corrected_on is None or visit.day <= note.corrected_on <= visit.stored_on
    assert len({visit.key for visit in told.visits}) == len(told.visits)
    assert all(load.day <= on for load in told.story.loads)
    assert all(change.on < on for change in told.story.changes)


@pytest.mark.parametrize("on", DAYS)
def test_the_last_twelve_months_have_an_edition_each_of_which_the_newest_rests_on_a_draw(on: date) -> None:
    editions = published(on)
    months = [campaign.month.year * 12 + campaign.month.month for campaign in editions]
    months.append(district(on).revealed.month.year * 12 + district(on).revealed.month.month)
    assert months == list(range(on.year * 12 + on.month - 12, on.year * 12 + on.month))
    for campaign in editions:
        words = Counter(entry.list_word for entry in campaign.entries)
        assert words["red"] == 0 or 2 <= words["red"] <= 8
        assert words["black"] <= 3
        assert campaign.stored_on <= campaign.published_on < on
        assert campaign.theme.month == campaign.month.month
        checked = [visit for visit in campaign.visits if visit.recheck_of is None]
        assert len(campaign.entries) < len(checked) <= campaign.drawn
        assert len({visit.unit_key for visit in checked}) == len(checked)
    words = Counter(entry.list_word for campaign in editions for entry in campaign.entries)
    assert 2 <= words["red"] / words["black"] <= 4


@pytest.mark.parametrize("on", DAYS)
def test_editions_show_every_state(on: date) -> None:
    editions = published(on)
    counts = [Counter(entry.list_word for entry in campaign.entries) for campaign in editions]
    assert any(count["red"] == 0 for count in counts)
    assert any(count["black"] == 0 for count in counts)
    entries = [entry for campaign in editions for entry in campaign.entries]
    assert any(entry.withdrawn_on is not None and entry.withdrawn_on < on for entry in entries)
    outcomes = {bool(visit.sheet.notes) for entry in entries for visit in entry.rechecks}
    assert False in outcomes
    assert any(entry.rectified_on is not None for entry in entries)


@pytest.mark.parametrize("on", DAYS)
def test_three_campaigns_of_the_system_stand_in_three_stages(on: date) -> None:
    told = district(on)
    past, now, coming = told.revealed, told.sealed, told.nominating
    assert past.committed_on < past.drawn_on < past.released_on < past.stored_on < past.published_on < on
    assert (past.stored_on - past.drawn_on).days <= 20, "revealed in time"
    assert now.committed_on < now.drawn_on < now.released_on < on
    assert (on - now.drawn_on).days < 20, "still sealed"
    assert coming.committed_on < on < told.nominate_until.date()
    keys = [one.key for one in (past, now, coming)]
    assert keys == sorted(set(keys))
    assert len({one.plan.theme for one in (past, now, coming)}) == 3


@pytest.mark.parametrize("on", DAYS)
def test_today_there_is_work_for_a_tablet_and_for_the_office(on: date) -> None:
    plan = district(on).field
    today = [task for task in plan.tasks if task.release_on == on]
    assert len(today) == 4
    assert {(task.lead, task.second) for task in today} == {INSPECTORS[:2]}
    ends_on = today[0].unit.row.licence_until_on
    assert ends_on is not None
    assert 0 <= (ends_on - on).days <= 60
    assert {visit.after for visit in plan.visits} == set(After)
    deadlines = [visit.deadline_on for visit in plan.visits if visit.deadline_on is not None]
    assert any(day < on for day in deadlines)
    assert any(day >= on for day in deadlines)
    for visit in plan.visits:
        assert visit.day < on
        assert visit.after_on is None or visit.day < visit.after_on < on
    drawn = district(on).sealed.drawn_theme.unit_types
    assert all(task.unit.row.unit_type not in drawn for task in plan.tasks)


def test_black_entries_rest_on_something_grave_and_red_ones_on_a_clean_sheet() -> None:
    grave = {words.code for words in finding_words() if words.grave}
    visits = {visit.key: visit for visit in district().visits}
    for campaign in published():
        for entry in campaign.entries:
            notes = visits[entry.visit_key].sheet.notes
            assert visits[entry.visit_key].kind is VisitKind.CAMPAIGN
            if entry.list_word == "red":
                assert notes == ()
            else:
                assert notes[0].code in grave
                assert entry.reasons == tuple(f"{note.text}。" for note in notes)
                assert entry.measures


def test_every_item_that_can_be_found_and_every_theme_item_stands_in_the_checklist() -> None:
    known = set(checklist().position)
    assert {words.code for words in finding_words()} <= known
    assert all(set(theme.items) <= known for theme in campaign_words().themes)
    assert [theme.month for theme in campaign_words().themes] == list(range(1, 13))


def test_findings_are_said_of_items_that_apply_and_only_flying_visits_leave_items_out() -> None:
    for visit in district().visits:
        failed = {item.code: answer for item, answer in checklist().failed(visit.sheet.answers)}
        assert failed == {note.code: Answer(note.letter) for note in visit.sheet.notes}
        if visit.kind is not VisitKind.FLYING:
            assert "-" not in visit.sheet.answers
