"""Promises of what visits find at a door that papers must settle: a new operator, a missing licence."""

import io
import re
from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlmodel import select

from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.units.links import hash_of_link
from inspections.units.messages.tables import OutgoingMessage
from inspections.units.tables import UnitLink
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.returning import send_back
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, Order, RegisterFinding
from inspections.visits.tables import Visit
from tests.bureau import EDITOR, PASSWORD
from tests.staff import StaffClient, signed_in
from tests.tablets import LEAD, REVIEWER, Draft, FieldBureau, TabletClient, add_campaign, assign

TASKS = "/desk/register"
NEXT = "新来顺火锅"


@pytest.fixture
def reviewer(application: Flask, lead: TabletClient) -> StaffClient:
    """The reviewer at the desk; the tablets are signed in before."""
    return signed_in(application, REVIEWER, PASSWORD)


@pytest.fixture
def editor(application: Flask, lead: TabletClient) -> StaffClient:
    """The editor at the desk."""
    return signed_in(application, EDITOR, PASSWORD)


def _sign(lead: TabletClient, draft: Draft, kind: str, value: Mapping[str, object]) -> int:
    """A signed visit with an order, a link that was handed over, and a finding about the register."""
    bundle = lead.get("/bundle")
    draft.open()
    draft.fill(failed={"2.6": {"answer": "fail", "remark": "酱料两瓶过期"}}, result="basically_compliant")
    draft.say("link", {"token_hash": hash_of_link(bundle["unit_links"][0]["token"])})
    draft.say(f"register/{kind}", value)
    draft.sign(bundle["record_numbers"][0])
    assert lead.send(draft.changes)["refusals"] == []
    return _visit(draft.bureau, draft.visit).id or 0


def _visit(bureau: FieldBureau, visit: str) -> FieldVisit:
    with read_only(bureau.engine) as session:
        found = find_field_visit(session, visit)
        assert found is not None
        return found


def _decide(reviewer: StaffClient, id_: int, act: str) -> str:
    page = reviewer.get(f"/desk/review/{id_}")
    fields = {"act": act, "seen": _found(r'name="seen" value="([0-9a-f]{64})"', page)}
    if act == "confirm":
        return reviewer.act(f"/desk/review/{id_}", fields)
    fields["finding"] = _found(r'name="finding" value="(\d+)"', page)
    return reviewer.act(f"/desk/review/{id_}/register", fields)


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found is not None, pattern
    return found.group(1)


def _settle(editor: StaffClient, settlement: str, note: str) -> str:
    page = editor.get(TASKS)
    address = _found(rf'action="({TASKS}/\d+)"', page)
    return editor.act(address, {"settlement": settlement, "note": note})


def _register_the_new_operator(editor: StaffClient, bureau: FieldBureau, from_on: date) -> None:
    """The editor imports the licence of who trades at the door now, and confirms the change."""
    rows = (
        "门店码,许可证编号,统一社会信用代码,主体名称,牌匾名称,地址,街镇,业态,生效日期\n"
        f"{bureau.code},JY21201119900024,91120111MA0577771G,天津市{NEXT}有限公司,{NEXT},柳口路28号,杨柳镇,餐馆,{from_on}\n"
    )
    editor.get("/desk/units/imports")
    content = {"csrf_token": editor.token, "file": (io.BytesIO(rows.encode()), "one.csv")}
    answer = editor.client.post("/desk/units/imports", data=content, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text[:300]
    page = editor.get("/desk/units/proposals")
    assert NEXT in page
    editor.act(_found(r'action="(/desk/units/proposals/\d+)"', page), {"act": "confirm"})


def test_a_visit_that_found_a_new_operator_counts_for_nobody_until_the_register_knows_who(
    reviewer: StaffClient, editor: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    bureau, day = draft.bureau, civil_day(draft.bureau.now)
    id_ = _sign(lead, draft, "new_operator", {"value": NEXT, "note": "上月转让"})
    assert "不能算在原来的单位名下" in _decide(reviewer, id_, "confirm")
    assert "已采纳" in _decide(reviewer, id_, "accept")
    assert re.search(r"登记待办</a></th>\s*<td[^>]*>1<", editor.get("/desk/"))
    assert "上月转让" in editor.get(TASKS)
    assert "仍是原来的单位" in _settle(editor, "registered", "已登记")
    assert "不能算在原来的单位名下" in _decide(reviewer, id_, "confirm")
    _register_the_new_operator(editor, bureau, day - timedelta(days=20))
    assert f"名册里现在是“{NEXT}”" in editor.get(TASKS)
    assert f"在这里经营的是“{NEXT}”" in reviewer.get(f"/desk/review/{id_}")
    assert "单位已重新评定" in _decide(reviewer, id_, "confirm")
    visit = _visit(bureau, draft.visit)
    link = select(UnitLink).where(UnitLink.record_key == visit.record_number)
    with read_only(bureau.engine) as session:
        units = {
            "visit": visit.unit_id,
            "stored": session.get_one(Visit, visit.visit_id).unit_id,
            "order": session.exec(select(Order)).one().unit_id,
            "link": session.exec(link).one().unit_id,
            "letter": session.exec(select(OutgoingMessage)).one().unit_id,
        }
        finding = session.exec(select(RegisterFinding)).one()
    assert set(units.values()) == {visit.unit_id}
    assert visit.unit_id != bureau.unit_id
    assert finding.settlement == "registered"
    assert "没有登记待办" in editor.get(TASKS)
    assert "检查已记在现在的经营者名下" in editor.get(TASKS)
    assert NEXT in reviewer.get(f"/desk/review/{id_}")


def test_a_visit_that_was_booked_to_the_new_operator_is_confirmed_again_after_a_return(
    reviewer: StaffClient, editor: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft, "new_operator", {"value": NEXT, "note": ""})
    _decide(reviewer, id_, "accept")
    _register_the_new_operator(editor, draft.bureau, civil_day(draft.bureau.now) - timedelta(days=20))
    assert "单位已重新评定" in _decide(reviewer, id_, "confirm")
    booked = _visit(draft.bureau, draft.visit)
    with transaction(draft.bureau.engine) as session:
        visit = session.get_one(FieldVisit, id_)
        send_back(session, field_record(session, visit), reason="2.6项写不清", actor=REVIEWER, now=utc_now())
    remark = draft.find("2.6", safety=False, remark="酱料两瓶，过期三天")
    anew = draft.tell_and_sign_anew()
    covers = [change["id"] for change in draft.changes if change["key"] != "signed"]
    signature = draft.sign(booked.record_number or "", text="签结补充", covers=covers)
    assert lead.send([remark, *anew, signature])["refusals"] == []
    assert "已确认" in _decide(reviewer, id_, "confirm")
    assert _visit(draft.bureau, draft.visit).unit_id == booked.unit_id != draft.bureau.unit_id


@pytest.mark.parametrize("how", ["reject", "kept"])
def test_where_there_was_no_new_operator_after_all_the_visit_counts_for_the_unit(
    reviewer: StaffClient, editor: StaffClient, lead: TabletClient, draft: Draft, how: str
) -> None:
    id_ = _sign(lead, draft, "new_operator", {"value": NEXT, "note": ""})
    if how == "reject":
        _decide(reviewer, id_, "reject")
    else:
        _decide(reviewer, id_, "accept")
        assert "请写明" in _settle(editor, "kept", " ")
        assert "已办结" in _settle(editor, "kept", "只是法定代表人变更")
    assert "单位已重新评定" in _decide(reviewer, id_, "confirm")
    assert _visit(draft.bureau, draft.visit).unit_id == draft.bureau.unit_id


def test_a_missing_licence_stays_on_the_editors_list_until_it_is_said_what_was_done(
    reviewer: StaffClient, editor: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft, "unlicensed", {"value": "只有营业执照", "note": "许可证还没有办下来"})
    assert "请先确认检查" in reviewer.act(
        f"/desk/review/{id_}/register",
        {
            "act": "accept",
            "finding": _found(r'name="finding" value="(\d+)"', reviewer.get(f"/desk/review/{id_}")),
            "seen": _found(r'name="seen" value="([0-9a-f]{64})"', reviewer.get(f"/desk/review/{id_}")),
        },
    )
    assert "单位已重新评定" in _decide(reviewer, id_, "confirm")
    assert "没有登记待办" in editor.get(TASKS)
    _decide(reviewer, id_, "accept")
    assert "只有营业执照" in editor.get(TASKS)
    assert "没有这条登记待办" in editor.act(f"{TASKS}/999", {"settlement": "registered", "note": "补办"})
    address = _found(rf'action="({TASKS}/\d+)"', editor.get(TASKS))
    assert "已办结" in editor.act(
        address, {"settlement": "registered", "note": "已立案，津西市监立〔2026〕9号"}
    )
    assert "没有登记待办" in editor.get(TASKS)
    assert "津西市监立〔2026〕9号" in editor.get(TASKS)
    assert "已由" in editor.act(address, {"settlement": "kept", "note": "再办一次"})


def test_a_visit_at_a_door_that_had_changed_hands_is_booked_to_whoever_traded_there_that_day(
    reviewer: StaffClient, editor: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft, "plate_seen", {"note": ""})
    _register_the_new_operator(editor, draft.bureau, civil_day(draft.bureau.now) - timedelta(days=20))
    _decide(reviewer, id_, "confirm")
    visit = _visit(draft.bureau, draft.visit)
    assert visit.state is FieldVisitState.CONFIRMED
    assert visit.unit_id != draft.bureau.unit_id


def test_a_change_of_hands_after_the_visit_leaves_it_with_whoever_was_visited(
    reviewer: StaffClient, editor: StaffClient, lead: TabletClient, bureau: FieldBureau
) -> None:
    draft = Draft(bureau, assign(bureau), bureau.now - timedelta(days=1))
    id_ = _sign(lead, draft, "plate_seen", {"note": ""})
    _register_the_new_operator(editor, bureau, civil_day(bureau.now))
    _decide(reviewer, id_, "confirm")
    assert _visit(bureau, draft.visit).unit_id == bureau.unit_id


def test_inspectors_and_reviewers_do_not_settle_the_registers_work(
    application: Flask, reviewer: StaffClient, lead: TabletClient, draft: Draft
) -> None:
    id_ = _sign(lead, draft, "new_operator", {"value": NEXT, "note": ""})
    _decide(reviewer, id_, "accept")
    assert "等编辑办理" in reviewer.get(TASKS)
    for name in (LEAD, REVIEWER):
        client = signed_in(application, name, PASSWORD)
        client.get("/desk/")
        assert client.post(f"{TASKS}/1", {"settlement": "kept", "note": "x"}).status_code == 403


def test_a_new_operator_found_on_a_campaigns_visit_waits_for_the_roster_and_says_so(
    reviewer: StaffClient, lead: TabletClient, bureau: FieldBureau
) -> None:
    visit = assign(bureau, kind="campaign", campaign_id=add_campaign(bureau))
    draft = Draft(bureau, visit, bureau.now, kind="campaign")
    id_ = _sign(lead, draft, "new_operator", {"value": NEXT, "note": ""})
    told = _decide(reviewer, id_, "confirm")
    assert "属于 2026-11 期随机抽查" in told
    assert "公布之后先采纳" in told
    assert "名单公布之后再采纳" in _decide(reviewer, id_, "accept")
    _decide(reviewer, id_, "reject")
    assert "已确认" in _decide(reviewer, id_, "confirm")
