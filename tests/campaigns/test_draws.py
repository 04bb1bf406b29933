"""A campaign from its pool to its reveal: what is refused, what stays secret, what is never lost."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from inspections.campaigns.assigning import move_release, note_state
from inspections.campaigns.committing import Announcement, commit
from inspections.campaigns.draw_changes import exclude_unit, open_substitute, redraw, replace_inspector
from inspections.campaigns.draw_day import enter_value, run_draw
from inspections.campaigns.drawing.canonical import canonical, sha256_text
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.queries import board_of, held_back
from inspections.campaigns.revealing import reveal, reveal_finished
from inspections.campaigns.rules import PoolRule, StrataBy, StrataRule
from inspections.campaigns.service import change_campaign, make_campaign, open_nominations
from inspections.campaigns.tables import (
    Assignment,
    AssignmentState,
    Campaign,
    CampaignState,
    DrawEvent,
    FormerTask,
    NominationCount,
)
from inspections.people.sessions import start_session
from inspections.people.tables import Account, SessionKind, Tablet
from inspections.record.audit import verify_audit
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.settings import SettingError, set_setting
from inspections.record.tables import AuditEvent, SettingValue
from inspections.units.queries import premises_of_units
from inspections.units.tables import CateringUnit, UnitStanding
from tests.bureau import ADMINISTRATOR, FIRST_DAY
from tests.campaigns.drawing.test_verifiers import said_by_the_file
from tests.campaigns.office import (
    INSPECTORS,
    MANAGER,
    MONTH,
    PLAN,
    VALUE_AFTER,
    Office,
    announce,
    bar,
    commit_now,
    draw_now,
    drawn_office,
    given,
    open_office,
    plan,
    seeded,
)

HOUR = timedelta(hours=1)
PHOTO = "ab" * 32


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each of the two databases."""
    found: Engine = request.getfixturevalue("database" if request.param == "sqlite" else "postgres")
    return found


def note(office: Office, assignment: Assignment, state: AssignmentState, now: datetime) -> None:
    """Note how far an assignment is; a closed door has its picture."""
    with transaction(office.engine) as session:
        photo = PHOTO if state is AssignmentState.CLOSED_DOOR else None
        note_state(session, assignment.id or 0, state, actor=MANAGER, now=now, photo_sha256=photo)


def finish(office: Office, now: datetime) -> None:
    """Close every visit that is open."""
    for one in office.assignments():
        if one.state in (AssignmentState.WAITING, AssignmentState.ON_SITE):
            note(office, one, AssignmentState.DONE, now)


def campaign(office: Office) -> Campaign:
    """The month's campaign."""
    with read_only(office.engine) as session:
        return session.exec(select(Campaign).where(Campaign.key == MONTH)).one()


def test_a_month_from_pool_to_certificate(engine: Engine, now: datetime, tmp_path: Path) -> None:
    office = open_office(engine, now)
    bar(office, INSPECTORS[0], office.units[::2], now)
    plan(office, now)
    committed = commit_now(office, now)
    assert draw_now(office, now).units == PLAN.draw_count
    later = now + VALUE_AFTER + 2 * HOUR
    first, second, third, *_ = office.assignments()
    note(office, first, AssignmentState.CLOSED_DOOR, later)
    with transaction(engine) as session:
        opened = open_substitute(session, MONTH, office.code(first.unit_id), actor=MANAGER, now=later)
        exclude_unit(session, MONTH, office.code(second.unit_id), "new_operator", actor=MANAGER, now=later)
        open_substitute(session, MONTH, office.code(second.unit_id), actor=MANAGER, now=later)
        code = office.code(third.unit_id)
        account = third.lead_account_id or 0
        replace_inspector(session, MONTH, code, account, "recusal", actor=MANAGER, now=later)
    finish(office, later + HOUR)
    assert reveal_finished(engine, later + 2 * HOUR) == 1
    assert reveal_finished(engine, later + 3 * HOUR) == 0
    found = office.certificate()
    draw = found["draws"][0]
    assert draw["commitment"]["roster_sha256"] == committed.roster_sha256
    assert [event["kind"] for event in draw["events"]] == [
        *("committed", "value_entered", "drawn", "substitute_opened", "excluded", "substitute_opened"),
        *("inspector_replaced", "revealed"),
    ]
    by_unit = {one["unit"]: one for one in draw["selection"]}
    assert by_unit[opened]["replaces"] == office.code(first.unit_id)
    assert by_unit[office.code(second.unit_id)]["is_out"]
    exit_code, said = said_by_the_file(found, tmp_path)
    assert exit_code == 0, said
    with read_only(engine) as session:
        assert list(verify_audit(session)) == []


def test_the_assignments_are_what_the_certificate_says(drawn: Office, now: datetime) -> None:
    office = drawn
    accounts = json.loads(office.draws()[0].private)["inspectors"]
    numbers = {account: number for number, account in accounts.items()}
    said = {
        one["unit"]: (one["stratum"], one["place"], one["inspectors"])
        for one in office.certificate()["draws"][0]["selection"]
    }
    stored = {
        office.code(one.unit_id): (
            one.stratum,
            one.place,
            [numbers[one.lead_account_id], numbers[one.second_account_id]],
        )
        for one in office.assignments()
    }
    assert stored == said


def test_inspectors_have_new_numbers_in_every_draw(office: Office, now: datetime) -> None:
    plan(office, now)
    commit_now(office, now)
    with transaction(office.engine) as session:
        redraw(session, MONTH, "来源取消", announce(now + HOUR), actor=MANAGER, now=now + HOUR)
    first, second = (draw["roster"]["inspectors"] for draw in office.certificate()["draws"])
    assert len(first) == len(second) == len(INSPECTORS)
    assert not set(first) & set(second)


def test_the_value_is_never_taken_before_its_announced_time(office: Office, now: datetime) -> None:
    plan(office, now)
    commit_now(office, now)
    early = now + VALUE_AFTER - timedelta(minutes=1)
    with pytest.raises(CampaignError, match="不能早于"), transaction(office.engine) as session:
        enter_value(session, MONTH, given(now), actor=MANAGER, now=early)
    known = replace(given(now), known_at=early)
    with pytest.raises(CampaignError, match="不能早于"), transaction(office.engine) as session:
        enter_value(session, MONTH, known, actor=MANAGER, now=now + VALUE_AFTER)
    assert office.draws()[0].public_value is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": "12345"}, "猜到|猜得到"),
        ({"text": " " * 30}, "0 个字符"),
        ({"source": " "}, "来源"),
        ({"link": None}, "照片"),
        ({"link": "javascript:alert(1)"}, "网址"),
        ({"known_at": datetime.fromisoformat("2027-01-01T00:00:00+00:00")}, "将来"),
    ],
)
def test_a_value_without_weight_source_or_proof_is_refused(
    office: Office, now: datetime, changes: dict[str, object], why: str
) -> None:
    plan(office, now)
    commit_now(office, now)
    value = replace(given(now), **changes)  # type: ignore[arg-type]  # one key, one field
    with pytest.raises(CampaignError, match=why), transaction(office.engine) as session:
        enter_value(session, MONTH, value, actor=MANAGER, now=now + VALUE_AFTER + HOUR)


def test_a_value_is_entered_once(office: Office, now: datetime) -> None:
    plan(office, now)
    commit_now(office, now)
    later = now + VALUE_AFTER + HOUR
    with transaction(office.engine) as session:
        enter_value(session, MONTH, given(now), actor=MANAGER, now=later)
    with pytest.raises(CampaignError, match="不能改"), transaction(office.engine) as session:
        enter_value(session, MONTH, given(now, "11111111111"), actor=MANAGER, now=later)


def test_without_a_value_nothing_is_drawn(office: Office, now: datetime) -> None:
    plan(office, now)
    commit_now(office, now)
    with pytest.raises(CampaignError, match="还没有录入公开值"), transaction(office.engine) as session:
        run_draw(session, MONTH, release_on=civil_day(now), actor=MANAGER, now=now)


def test_a_commitment_must_stand_in_public_before_its_value(office: Office, now: datetime) -> None:
    plan(office, now)
    soon = Announcement("掷骰", now + timedelta(minutes=29))
    with pytest.raises(CampaignError, match="30 分钟"), transaction(office.engine) as session:
        commit(session, MONTH, soon, actor=MANAGER, now=now)


def test_what_was_committed_can_be_changed_no_more(office: Office, now: datetime) -> None:
    plan(office, now)
    commit_now(office, now)
    with pytest.raises(CampaignError, match="已承诺"), transaction(office.engine) as session:
        change_campaign(session, PLAN, actor=MANAGER, now=now)
    with pytest.raises(CampaignError, match="已承诺"), transaction(office.engine) as session:
        commit(session, MONTH, announce(now), actor=MANAGER, now=now)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"draw_count": 25}, "不够抽 25 家"),
        ({"load_limit": 2}, "不够每家两人"),
        ({"pool": PoolRule(streets=("没有的镇",))}, "只有 0 家"),
    ],
)
def test_a_pool_that_cannot_be_drawn_is_not_committed(
    office: Office, now: datetime, changes: dict[str, object], why: str
) -> None:
    plan(office, now, **changes)
    with pytest.raises(CampaignError, match=why):
        commit_now(office, now)
    assert office.draws() == []


def test_a_unit_from_which_too_many_must_be_recused_stops_the_commitment(
    office: Office, now: datetime
) -> None:
    for name in INSPECTORS[:3]:
        bar(office, name, office.units[:1], now)
    plan(office, now)
    with pytest.raises(CampaignError, match="应回避的人太多"):
        commit_now(office, now)


def test_nobody_draws_an_inspector_whose_certificate_has_ended(office: Office, now: datetime) -> None:
    with transaction(office.engine) as session:
        account = session.get_one(Account, office.accounts[INSPECTORS[0]])
        account.certificate_until_on = civil_day(now) - timedelta(days=1)
    plan(office, now)
    commit_now(office, now)
    assert len(office.certificate()["draws"][0]["roster"]["inspectors"]) == len(INSPECTORS) - 1


def test_nobody_is_sent_to_a_unit_he_must_be_recused_from(office: Office, now: datetime) -> None:
    bar(office, INSPECTORS[0], office.units, now)
    plan(office, now, load_limit=6)
    commit_now(office, now)
    draw_now(office, now)
    barred = office.accounts[INSPECTORS[0]]
    assert all(barred not in (one.lead_account_id, one.second_account_id) for one in office.assignments())
    draw = office.certificate()["draws"][0]
    assert len(draw["roster"]["barred"]) == len(office.units)
    assert 0 < len(draw["opened"]) < len(office.units), "only the pairs that the draw met are opened"


def test_grade_makes_strata_only_while_grades_are_public(office: Office, now: datetime) -> None:
    by_grade = StrataRule(StrataBy.GRADE, {"D 级": 4})
    with transaction(office.engine) as session:
        session.add_all(
            UnitStanding(unit_id=unit, as_of=civil_day(now), grade="AD"[place % 2])
            for place, unit in enumerate(office.units[:20])
        )
        set_setting(
            session, key="grade_is_public", value="no", from_on=FIRST_DAY, actor=ADMINISTRATOR, now=now
        )
    with pytest.raises(CampaignError, match="泄露等级"):
        plan(office, now, strata=by_grade)
    with pytest.raises(CampaignError, match="泄露等级"):
        plan(office, now, pool=PoolRule(grades=("D",)))
    with transaction(office.engine) as session:
        set_setting(
            session, key="grade_is_public", value="yes", from_on=FIRST_DAY, actor=ADMINISTRATOR, now=now
        )
    plan(office, now, strata=by_grade)
    commit_now(office, now)
    strata = {one["name"]: one["quota"] for one in office.certificate()["draws"][0]["roster"]["strata"]}
    assert strata == {"A 级": 1, "D 级": 5, "未评定等级": 0}


def _vote(office: Office, unit_id: int, votes: int, now: datetime) -> None:
    with transaction(office.engine) as session:
        campaign_id = session.exec(select(Campaign.id).where(Campaign.key == MONTH)).one() or 0
        door = premises_of_units(session, [unit_id])[unit_id]
        session.add(NominationCount(campaign_id=campaign_id, premises_id=door, votes=votes, counted_at=now))


@pytest.mark.parametrize("apart", [False, True])
def test_votes_add_units_to_the_pool_or_form_a_stratum_and_nothing_else(
    office: Office, now: datetime, apart: bool
) -> None:
    pool = PoolRule(unit_types=("restaurant",), nominated_from=5)
    plan(
        office, now, pool=pool, strata=StrataRule(StrataBy.UNIT_TYPE, {}, nominated_apart=apart), draw_count=3
    )
    snack = office.units[0]
    _vote(office, snack, 5, now)
    _vote(office, office.units[3], 4, now)
    commit_now(office, now)
    roster = office.certificate()["draws"][0]["roster"]
    stratum = {one["unit"]: one["stratum"] for one in roster["units"]}
    assert stratum[office.code(snack)] == ("群众点检" if apart else "小吃店")
    assert office.code(office.units[3]) not in stratum
    assert len(stratum) == 9, "eight restaurants and one nominated snack shop"


def test_the_pool_stays_open_as_long_as_the_public_was_told(office: Office, now: datetime) -> None:
    plan(office, now)
    with transaction(office.engine) as session:
        open_nominations(session, MONTH, until=now + HOUR, actor=MANAGER, now=now)
    with pytest.raises(CampaignError, match="截止后"):
        commit_now(office, now)
    with pytest.raises(CampaignError, match="还没有从收件箱收齐"):
        commit_now(office, now + HOUR)
    with transaction(office.engine) as session:
        session.merge(campaign(office)).nominations_counted_at = now + HOUR
    commit_now(office, now + HOUR)
    assert campaign(office).state is CampaignState.COMMITTED


def test_a_unit_taken_over_before_the_draw_is_excluded_by_the_register_itself(
    office: Office, now: datetime
) -> None:
    plan(office, now, draw_count=8)
    commit_now(office, now)
    gone = office.units[2]
    with transaction(office.engine) as session:
        unit = session.get_one(CateringUnit, gone)
        unit.until_on = civil_day(now) - timedelta(days=1)
    drawn = draw_now(office, now)
    assert drawn.excluded == 1
    events = [event for event in office.certificate()["draws"][0]["events"] if event["kind"] == "excluded"]
    assert [(event["unit"], event["reason"]) for event in events] == [(office.code(gone), "已停业或迁走")]
    assert gone not in {one.unit_id for one in office.assignments()}


def test_substitutes_stay_sealed_until_the_manager_opens_the_next_one(drawn: Office, now: datetime) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    one = office.assignments()[0]
    code = office.code(one.unit_id)
    with pytest.raises(CampaignError, match="只有关门"), transaction(office.engine) as session:
        open_substitute(session, MONTH, code, actor=MANAGER, now=later)
    with pytest.raises(CampaignError, match="照片"), transaction(office.engine) as session:
        note_state(session, one.id or 0, AssignmentState.CLOSED_DOOR, actor=MANAGER, now=later)
    note(office, one, AssignmentState.CLOSED_DOOR, later)
    with transaction(office.engine) as session:
        opened = open_substitute(session, MONTH, code, actor=MANAGER, now=later)
    rows = office.assignments()
    assert office.code(rows[-1].unit_id) == opened
    assert rows[-1].stratum == one.stratum
    assert rows[-1].is_substitute
    assert rows[-1].release_on == civil_day(later)
    assert rows[0].state is AssignmentState.SUBSTITUTED
    told = f"这家已由{MANAGER}在 .* 打开过递补"
    with pytest.raises(CampaignError, match=told), transaction(office.engine) as session:
        open_substitute(session, MONTH, code, actor=MANAGER, now=later)


def test_used_up_substitutes_are_said(office: Office, now: datetime) -> None:
    plan(office, now, substitutes=0)
    commit_now(office, now)
    draw_now(office, now)
    later = now + VALUE_AFTER + 2 * HOUR
    one = office.assignments()[0]
    note(office, one, AssignmentState.CLOSED_DOOR, later)
    with pytest.raises(CampaignError, match="已经用完"), transaction(office.engine) as session:
        open_substitute(session, MONTH, office.code(one.unit_id), actor=MANAGER, now=later)


def test_a_redraw_needs_a_new_commitment_and_value_and_keeps_the_old_draw_whole(
    drawn: Office, now: datetime, tmp_path: Path
) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    done, *others = office.assignments()
    note(office, done, AssignmentState.DONE, later)
    before = office.certificate()["draws"][0]
    with transaction(office.engine) as session:
        redraw(session, MONTH, "公开值录入有误", announce(later), actor=MANAGER, now=later)
    states = {one.id: one.state for one in office.assignments()}
    assert states[done.id] is AssignmentState.DONE
    assert {states[one.id] for one in others} == {AssignmentState.EXCLUDED}
    with pytest.raises(CampaignError, match="不能早于"), transaction(office.engine) as session:
        enter_value(session, MONTH, given(now), actor=MANAGER, now=later)
    draw_now(office, later, text="98765432109876543210")
    old, new = office.certificate()["draws"]
    assert old["selection"] == before["selection"]
    assert old["events"][:-1] == before["events"]
    assert old["events"][-1]["reason"] == "公开值录入有误"
    assert new["roster"]["draw"] == 2
    assert office.code(done.unit_id) not in {one["unit"] for one in new["roster"]["units"]}
    finish(office, later + 4 * HOUR)
    assert reveal_finished(office.engine, later + 5 * HOUR) == 1
    code, said = said_by_the_file(office.certificate(), tmp_path)
    assert code == 0, said


def test_a_redraw_says_why(drawn: Office, now: datetime) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    with pytest.raises(CampaignError, match="理由"), transaction(office.engine) as session:
        redraw(session, MONTH, " ", announce(later), actor=MANAGER, now=later)


def test_a_redraw_never_lengthens_the_secret_of_results_that_are_there(drawn: Office, now: datetime) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    note(office, office.assignments()[0], AssignmentState.DONE, later)
    reveal_by = campaign(office).reveal_by
    with transaction(office.engine) as session:
        next_week = Announcement("掷骰", later + timedelta(days=7))
        redraw(session, MONTH, "抽取程序中断", next_week, actor=MANAGER, now=later)
    assert campaign(office).reveal_by == reveal_by
    much_later = later + timedelta(days=1)
    too_late = Announcement("掷骰", later + timedelta(days=30))
    with pytest.raises(CampaignError, match="排在它之后"), transaction(office.engine) as session:
        redraw(session, MONTH, "抽取程序中断", too_late, actor=MANAGER, now=much_later)


def test_nothing_is_revealed_while_a_visit_is_open_and_all_of_it_when_the_last_is_closed(
    drawn: Office, now: datetime
) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    *others, last = office.assignments()
    for one in others:
        note(office, one, AssignmentState.DONE, later)
    assert reveal_finished(office.engine, later) == 0
    with pytest.raises(CampaignError, match="还有 1 家没有查完"), transaction(office.engine) as session:
        reveal(session, MONTH, actor=MANAGER, now=later)
    with read_only(office.engine) as session:
        ids = [one.id or 0 for one in office.assignments()]
        assert held_back(session, ids) == frozenset(ids)
    note(office, last, AssignmentState.DONE, later)
    assert reveal_finished(office.engine, later) == 1
    with read_only(office.engine) as session:
        assert held_back(session, ids) == frozenset()


def test_a_gap_waits_for_a_person_to_open_a_substitute_or_to_reveal_without(
    drawn: Office, now: datetime
) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    shut, *others = office.assignments()
    for one in others:
        note(office, one, AssignmentState.DONE, later)
    note(office, shut, AssignmentState.CLOSED_DOOR, later)
    assert reveal_finished(office.engine, later) == 0
    with transaction(office.engine) as session:
        reveal(session, MONTH, actor=MANAGER, now=later)
    assert campaign(office).state is CampaignState.REVEALED


def test_on_its_last_day_a_draw_is_revealed_whatever_is_open(drawn: Office, now: datetime) -> None:
    office = drawn
    reveal_by = campaign(office).reveal_by or date.max
    assert reveal_by == civil_day(now + VALUE_AFTER) + timedelta(days=20)
    eve = now + (reveal_by - civil_day(now) - timedelta(days=1))
    assert reveal_finished(office.engine, eve) == 0
    assert reveal_finished(office.engine, eve + timedelta(days=1)) == 1


def test_a_campaign_that_was_never_drawn_is_revealed_too_and_says_so(
    office: Office, now: datetime, tmp_path: Path
) -> None:
    plan(office, now)
    commit_now(office, now)
    assert reveal_finished(office.engine, now + timedelta(days=21)) == 1
    draw = office.certificate()["draws"][0]
    assert (draw["value"], draw["seed"], draw["selection"]) == (None, None, [])
    code, said = said_by_the_file(office.certificate(), tmp_path)
    assert code == 0, said


@pytest.mark.parametrize(
    ("key", "value", "refused"),
    [("reveal_days", "21", True), ("reveal_days", "20", False), ("result_working_days", "19", True)],
)
def test_a_setting_that_could_break_the_twenty_working_days_is_refused(
    office: Office, now: datetime, key: str, value: str, refused: bool
) -> None:
    day = civil_day(now)
    if not refused:
        with transaction(office.engine) as session:
            set_setting(session, key=key, value=value, from_on=day, actor=ADMINISTRATOR, now=now)
        return
    with (
        pytest.raises(SettingError, match="抽取名单最迟……多少天"),
        transaction(office.engine) as session,
    ):
        set_setting(session, key=key, value=value, from_on=day, actor=ADMINISTRATOR, now=now)


def test_a_setting_is_held_against_those_that_take_effect_later(office: Office, now: datetime) -> None:
    day = civil_day(now)
    with transaction(office.engine) as session:
        for key in ("reveal_days", "result_working_days"):
            later = day + timedelta(days=30)
            set_setting(session, key=key, value="10", from_on=later, actor=ADMINISTRATOR, now=now)
    after = day + timedelta(days=40)
    with pytest.raises(SettingError, match="15 天"), transaction(office.engine) as session:
        set_setting(session, key="reveal_days", value="15", from_on=after, actor=ADMINISTRATOR, now=now)
    with transaction(office.engine) as session:
        set_setting(session, key="reveal_days", value="15", from_on=day, actor=ADMINISTRATOR, now=now)


def test_without_the_terms_nothing_is_committed(office: Office, now: datetime) -> None:
    with transaction(office.engine) as session:
        for row in session.exec(select(SettingValue).where(SettingValue.key == "reveal_days")):
            session.delete(row)
    plan(office, now)
    with pytest.raises(SettingError, match="settings set reveal_days"):
        commit_now(office, now)


def test_the_audit_chain_binds_what_happened_and_tells_nobody_which_unit(
    drawn: Office, now: datetime
) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    one = office.assignments()[0]
    note(office, one, AssignmentState.CLOSED_DOOR, later)
    with transaction(office.engine) as session:
        open_substitute(session, MONTH, office.code(one.unit_id), actor=MANAGER, now=later)
    with read_only(office.engine) as session:
        audit = {row.event: row.fields for row in session.exec(select(AuditEvent))}
        codes = [office.code(row.unit_id) for row in office.assignments()]
        assert not any(code in text for text in audit.values() for code in codes)
        opened = session.exec(select(DrawEvent).where(DrawEvent.kind == "substitute_opened")).one()
    event = next(one for one in office.certificate()["draws"][0]["events"] if one["n"] == opened.number)
    assert sha256_text(canonical(event)) in audit["draw_substitute_opened"]


def test_every_deciding_act_is_in_the_audit_chain(drawn: Office, now: datetime) -> None:
    office = drawn
    finish(office, now + VALUE_AFTER + 2 * HOUR)
    reveal_finished(office.engine, now + VALUE_AFTER + 3 * HOUR)
    with read_only(office.engine) as session:
        events = [row.event for row in session.exec(select(AuditEvent))]
        assert list(verify_audit(session)) == []
    for event in ("campaign_made", "draw_committed", "draw_value_entered", "draw_run", "draw_revealed"):
        assert events.count(event) == 1, event


def test_a_clock_set_back_does_not_put_events_out_of_order(
    drawn: Office, now: datetime, tmp_path: Path
) -> None:
    office = drawn
    one = office.assignments()[0]
    with transaction(office.engine) as session:
        exclude_unit(session, MONTH, office.code(one.unit_id), "ended", actor=MANAGER, now=now - HOUR)
    found = office.certificate()
    found["revealed_at"] = "2026-12-01T00:00:00Z"
    code, said = said_by_the_file(found, tmp_path)
    assert code == 0, said


@pytest.mark.parametrize("was", [AssignmentState.WAITING, AssignmentState.ON_SITE])
def test_a_replaced_inspector_leaves_what_was_begun_to_itself_heard_of_or_not(
    drawn: Office, now: datetime, was: AssignmentState
) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    one = office.assignments()[0]
    if was is AssignmentState.ON_SITE:
        note(office, one, was, later)
    with transaction(office.engine) as session:
        replace_inspector(
            session,
            MONTH,
            office.code(one.unit_id),
            one.second_account_id or 0,
            "recusal",
            actor=MANAGER,
            now=later,
        )
    after = office.assignments()[0]
    assert after.public_id != one.public_id
    assert after.state is AssignmentState.WAITING
    assert after.lead_account_id == one.lead_account_id
    assert after.second_account_id not in (one.second_account_id, one.lead_account_id)
    with read_only(office.engine) as session:
        former = session.exec(select(FormerTask)).one()
    assert (former.public_id, former.assignment_id) == (one.public_id, one.id)
    assert (former.lead_account_id, former.second_account_id) == (one.lead_account_id, one.second_account_id)
    assert (former.reason, former.ended_at) == ("回避", later)


def test_the_board_says_who_waits_what_is_missing_and_by_when(drawn: Office, now: datetime) -> None:
    office = drawn
    later = now + VALUE_AFTER + 2 * HOUR
    done, shut, gone, *_ = office.assignments()
    note(office, done, AssignmentState.DONE, later)
    note(office, shut, AssignmentState.CLOSED_DOOR, later)
    with transaction(office.engine) as session:
        session.get_one(CateringUnit, gone.unit_id).until_on = civil_day(now) - timedelta(days=1)
    with read_only(office.engine) as session:
        board = board_of(session, campaign(office), civil_day(later))
    rows = {row.assignment_id: row for row in board.rows}
    assert (board.still_open, board.gaps) == (4, 1)
    assert rows[shut.id or 0].substitutes_left
    assert rows[gone.id or 0].gone == "已停业或迁走"
    assert board.first_closed_on == date(2026, 11, 24)
    assert board.results_due is not None
    assert board.results_due.on == date(2026, 12, 22), "twenty working days later"
    assert sum(line.units for line in board.inspectors) == 12


def test_the_board_says_who_has_not_synced_and_since_when(drawn: Office, now: datetime) -> None:
    office, seen = drawn, now + HOUR
    with transaction(office.engine) as session:
        for place, name in enumerate(INSPECTORS[:2]):
            tablet = Tablet(
                public_id=f"t{place}", label=f"平板{place}", registered_at=now, registered_by=ADMINISTRATOR,
                last_seen_at=seen, unsent=place * 3,
            )  # fmt: skip
            session.add(tablet)
            session.flush()
            start_session(
                session,
                account_id=office.accounts[name],
                kind=SessionKind.TABLET,
                now=now,
                tablet_id=tablet.id,
            )
    with read_only(office.engine) as session:
        first, *others = board_of(session, campaign(office), civil_day(now)).inspectors
    assert (first.name, first.tablet, first.unsent, first.last_seen_at) == (INSPECTORS[1], "平板1", 3, seen)
    assert {(line.tablet, line.unsent) for line in others} == {("平板0", 0), (None, 0)}


def test_of_two_managers_who_open_a_substitute_at_once_one_does(engine: Engine, now: datetime) -> None:
    office = drawn_office(engine, now)
    later = now + VALUE_AFTER + 2 * HOUR
    one = office.assignments()[0]
    note(office, one, AssignmentState.CLOSED_DOOR, later)
    code, start = office.code(one.unit_id), Barrier(2)

    def open_one(_: int) -> str | None:
        start.wait()
        try:
            with transaction(engine) as session:
                return open_substitute(session, MONTH, code, actor=MANAGER, now=later)
        except CampaignError:
            return None

    with ThreadPoolExecutor(2) as managers:
        opened = list(managers.map(open_one, range(2)))
    assert sum(one is not None for one in opened) == 1
    assert len(office.assignments()) == PLAN.draw_count + 1


def test_a_release_day_can_be_moved_while_a_unit_waits(drawn: Office, now: datetime) -> None:
    office = drawn
    one = office.assignments()[0]
    tomorrow = civil_day(now) + timedelta(days=1)
    with transaction(office.engine) as session:
        move_release(session, one.id or 0, tomorrow, actor=MANAGER, now=now)
    assert office.assignments()[0].release_on == tomorrow
    note(office, one, AssignmentState.DONE, now + VALUE_AFTER + 2 * HOUR)
    with pytest.raises(CampaignError, match="待检查"), transaction(office.engine) as session:
        move_release(session, one.id or 0, tomorrow, actor=MANAGER, now=now)


def test_one_month_has_one_campaign(office: Office, now: datetime) -> None:
    plan(office, now)
    with pytest.raises(CampaignError, match="已经有一期"):
        plan(office, now)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"key": "2026-13"}, "不是月份"),
        ({"theme": " "}, "主题"),
        ({"draw_count": 0}, "正整数"),
        ({"strata": StrataRule(StrataBy.UNIT_TYPE, {"餐馆": 0})}, "权重"),
        ({"strata": StrataRule(StrataBy.NOTHING, {}, nominated_apart=True)}, "票"),
        ({"pool": PoolRule(unit_types=("palace",))}, "业态"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(
    office: Office, now: datetime, changes: dict[str, object], why: str
) -> None:
    made = replace(PLAN, **changes)  # type: ignore[arg-type]  # one key, one field
    with pytest.raises(CampaignError, match=why), transaction(office.engine) as session:
        make_campaign(session, made, actor=MANAGER, now=now)


def test_two_runs_with_the_same_chance_commit_to_the_same_and_others_to_others(
    office: Office, now: datetime, tmp_path: Path
) -> None:
    plan(office, now)
    with transaction(office.engine) as session:
        first = _committed(session, now, "same")
        session.rollback()
    with transaction(office.engine) as session:
        second = _committed(session, now, "same")
        session.rollback()
    with transaction(office.engine) as session:
        third = _committed(session, now, "other")
    assert first == second
    assert first[0] != third[0]
    assert first[1] != third[1]


def _committed(session: Session, now: datetime, seed: str) -> tuple[str, str]:
    made = commit(session, MONTH, announce(now), actor=MANAGER, now=now, random_bytes=seeded(seed))
    return made.roster_sha256, made.nonce_sha256
