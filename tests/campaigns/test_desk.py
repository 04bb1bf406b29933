"""A month worked on the desk by somebody who never sees a command line; and who may not work it."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from app import create_app  # noqa: TID251  # the desk is the real application
from inspections.campaigns.assigning import note_state
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.forms import LARGEST_UPLOAD, kept_picture
from inspections.campaigns.planning import make_plan
from inspections.campaigns.tables import Assignment, AssignmentState
from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from inspections.record.evidence import place_of
from inspections.rulebooks.queries import newest_checklist
from inspections.units.tables import UnitStanding
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitReview
from tests.bureau import ADMINISTRATOR, PASSWORD
from tests.campaigns.office import INSPECTORS, MANAGER, MONTH, Office, jpeg
from tests.campaigns.test_plan import HEADER, LICENCES, with_licences

HOME = "/desk/campaigns/"
PAGE = f"/desk/campaigns/{MONTH}"
PICTURE = jpeg()


@dataclass
class Visitor:
    """Somebody at the desk: opens pages, and sends their forms as a browser does."""

    client: FlaskClient

    def page(self, address: str) -> BeautifulSoup:
        """A page that opens."""
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return BeautifulSoup(answer.text, "html5lib")

    def send(self, page: str, address: str, **fields: Any) -> BeautifulSoup:  # values of the form's fields
        """Send the form that a page has for an address, with its token; the page one comes back to.

        A refusal is the page itself, with what was typed.
        """
        answer = self.sent(page, address, **fields)
        if answer.status_code == 422:
            return BeautifulSoup(answer.text, "html.parser")
        assert answer.status_code == 303, answer.text
        return self.page(answer.headers["Location"])

    def sent(self, page: str, address: str, **fields: Any) -> TestResponse:  # values of the form's fields
        """Send it, whatever comes of it."""
        form = next(
            form
            for form in self.page(page).select("form[method=post]")
            if (form.get("action") or page) == address
        )
        token = form.select_one("[name=csrf_token]")
        assert token is not None
        data = {"csrf_token": token["value"], **_filled(form), **fields}
        return self.client.post(address, data=data)


def _filled(form: Any) -> dict[str, Any]:  # a tag of the parsed page
    """What the form holds before anybody touches it."""
    found: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name]"):
        kind, name = field.get("type", "text"), field["name"]
        if kind == "checkbox" and field.has_attr("checked"):
            found.setdefault(name, []).append(field.get("value", "on"))
        elif kind not in ("checkbox", "file"):
            found[name] = field.get("value", field.get_text())
    for field in form.select("select[name]"):
        chosen = field.select_one("option[selected]") or field.select_one("option")
        found[field["name"]] = chosen.get("value", chosen.get_text()) if chosen else ""
    return found


def told(page: BeautifulSoup) -> str:
    """What the page says of the act before it."""
    return " ".join(line.get_text(strip=True) for line in page.select(".told"))


@pytest.fixture
def desk(office: Office, tmp_path: Path) -> Iterator["Desk"]:
    """The desk of an office that has no campaign, with accounts of every role."""
    with transaction(office.engine) as session:
        for role in (Role.AUDITOR, Role.REVIEWER, Role.REPORTING_BODY):
            add_account(
                session, name=role.value, password=PASSWORD, roles=[role], actor=ADMINISTRATOR, now=START
            )
    found = Desk(office, tmp_path / "office")
    with time_machine.travel(START, tick=False) as clock:
        found.clock = clock
        yield found


START = datetime(2026, 11, 24, 10, 0, tzinfo=PEOPLE_ZONE)
TODAY = "2026-11-24"


class Desk:
    """An office with its application and a clock that stands until it is moved."""

    clock: Any

    def __init__(self, office: Office, data: Path) -> None:
        self.office = office
        self.evidence = Configuration(data=data).evidence_directory
        self.application = create_app(Configuration(data=data))

    def as_(self, name: str) -> Visitor:
        """Somebody who has signed in."""
        visitor = Visitor(self.application.test_client())
        answer = visitor.sent("/desk/sign-in", "/desk/sign-in", name=name, password=PASSWORD)
        assert answer.status_code == 303
        return visitor

    def later(self, **by: float) -> datetime:
        """Let time pass."""
        now = datetime.now(PEOPLE_ZONE) + timedelta(**by)  # noqa: TID251  # the clock that stands
        self.clock.move_to(now)
        return now


def _make(manager: Visitor, **changes: Any) -> BeautifulSoup:  # values of the form's fields
    fields = {
        "key": MONTH, "issue_no": "11", "theme": "冬日里的饺子馆", "draw_count": "6", "substitutes": "2",
        "load_limit": "4", "strata_by": "unit_type", "weights": "餐馆 2", "guests": "人大代表 1",
    }  # fmt: skip
    return manager.send("/desk/campaigns/new", "/desk/campaigns/new", **(fields | changes))


def _commit(desk: Desk, manager: Visitor) -> BeautifulSoup:
    at = (datetime.now(PEOPLE_ZONE) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")  # noqa: TID251  # as above
    return manager.send(PAGE, f"{PAGE}/commit", source="公证处现场掷骰", value_at=at)


def _draw(desk: Desk, manager: Visitor) -> BeautifulSoup:
    desk.later(hours=3)
    value = {"value": "63454660390103169462", "again": " 63454660390103169462 ", "how": "公证员掷骰"}
    manager.send(PAGE, f"{PAGE}/value", **value, photo=(io.BytesIO(PICTURE), "dice.jpg"))
    return manager.send(PAGE, f"{PAGE}/draw")


def test_a_month_is_worked_on_the_desk_from_announcement_to_reveal(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    assert "还没有建立过抽查" in manager.page(HOME).get_text()
    before = _make(manager)
    assert "60 家" not in before.get_text()
    assert [cell.get_text() for cell in before.select("tbody tr")[1].select("th, td")] == [
        "餐馆",
        "2",
        "8",
        "3",
    ]
    assert len(manager.page(f"{PAGE}/pool").select("tbody tr")) == 24
    committed = _commit(desk, manager)
    assert "已承诺" in told(committed)
    assert "到时间才能录入" in committed.get_text()
    drawn = _draw(desk, manager)
    assert "已抽取 6 家" in told(drawn)
    rows = drawn.select(".board tbody tr")
    assert len(rows) == 6
    first, second, *_ = desk.office.assignments()
    code = desk.office.code(first.unit_id)
    shut = {"assignment": str(first.id), "state": "closed_door", "photo": (io.BytesIO(PICTURE), "door.jpg")}
    assert "已记为“关门”" in told(manager.send(PAGE, f"{PAGE}/state", **shut))
    assert "已打开递补单位" in told(manager.send(PAGE, f"{PAGE}/substitute", code=code))
    changed = {"code": desk.office.code(second.unit_id), "account": str(second.lead_account_id)}
    assert "按次序由下一位接替" in told(manager.send(PAGE, f"{PAGE}/inspector", **changed, reason="recusal"))
    for one in desk.office.assignments():
        if one.state is AssignmentState.WAITING:
            manager.send(PAGE, f"{PAGE}/state", assignment=str(one.id), state="done", visited_on=TODAY)
    revealed = manager.send(PAGE, f"{PAGE}/reveal")
    assert "名单已公布" in told(revealed)
    assert "名单已公布" in manager.page(HOME).get_text()
    dice = desk.office.draws()[0].value_photo_sha256 or ""
    assert place_of(desk.evidence, dice).read_bytes().startswith(b"\xff\xd8\xff")


def test_a_visit_that_was_sent_back_is_not_called_done_until_it_is_signed_anew(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    _draw(desk, manager)
    one, other, *_ = desk.office.assignments()
    for each in (one, other):
        manager.send(PAGE, f"{PAGE}/state", assignment=str(each.id), state="done", visited_on=TODAY)
    visit = _send_back(desk, one)
    page = manager.page(PAGE)
    assert "1 家退回补正" in page.get_text()
    said = [row.select("td")[1].get_text(" ", strip=True) for row in page.select('[data-state="done"]')]
    assert said[0].startswith("退回补正 今天 13:00 等主检人补正、重新签名"), "it stands first"
    assert said[1].startswith("✓ 已完成")
    for state, words in ((FieldVisitState.SIGNED, "还没有复核"), (FieldVisitState.CONFIRMED, "已复核")):
        with transaction(desk.office.engine) as session:
            session.get_one(FieldVisit, visit).state = state
        page = manager.page(PAGE)
        assert "退回补正" not in page.get_text()
        said = [row.select("td")[1].get_text(" ", strip=True) for row in page.select('[data-state="done"]')]
        assert sorted(words in one for one in said) == [False, True], "no tablet has told of the other"


def test_a_refused_note_keeps_what_was_chosen_and_written_in_its_own_row_alone(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    _draw(desk, manager)
    one, *_ = desk.office.assignments()
    note = {"state": "done", "visited_on": "2026-11-25", "note": "纸质记录"}
    page = manager.send(PAGE, f"{PAGE}/state", assignment=str(one.id), **note)
    (opened,) = page.select(".board details[open]")
    form = opened.select('form[action$="/state"]')[0]
    assert form.select("[name=assignment]")[0]["value"] == str(one.id)
    assert [option["value"] for option in page.select(".board option[selected]")] == ["done"]
    assert [field["value"] for field in form.select("[name=visited_on], [name=note]")] == list(note.values())[
        1:
    ]
    assert len(page.select('.board [name=note][value="纸质记录"]')) == 1
    assert manager.page(PAGE).select(".board details[open]") == []


def test_a_visit_is_noted_as_done_with_a_day_that_can_be_and_a_slip_is_taken_back(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    _draw(desk, manager)
    one, *_ = desk.office.assignments()
    note = {"assignment": str(one.id), "state": "done"}
    for day, words in (
        ("", "检查日期"),
        ("2026-11-20", "检查日期 2026-11-20 早于抽取的那天（2026-11-24）"),
        ("2026-11-25", "检查日期 2026-11-25 还没有到"),
    ):
        assert words in told(manager.send(PAGE, f"{PAGE}/state", **note, visited_on=day))
        assert desk.office.assignments()[0].state is AssignmentState.WAITING
    manager.send(PAGE, f"{PAGE}/state", **note, visited_on=TODAY)
    page = manager.page(PAGE)
    back = [form for form in page.select("form") if "改回待检查" in form.get_text()]
    assert len(back) == 1
    assert "已记为“待检查”" in told(
        manager.send(PAGE, f"{PAGE}/state", assignment=str(one.id), state="waiting", note="点错了")
    )
    again = desk.office.assignments()[0]
    assert (again.state, again.visited_on) == (AssignmentState.WAITING, None)
    manager.send(PAGE, f"{PAGE}/state", **note, visited_on=TODAY)
    _send_back(desk, one)
    assert "改回待检查" not in manager.page(PAGE).get_text(), "a tablet has told of it"
    with transaction(desk.office.engine) as session, pytest.raises(CampaignError, match="平板已经送来"):
        note_state(
            session, one.id or 0, AssignmentState.WAITING, actor=MANAGER, now=START + timedelta(hours=3)
        )


def _send_back(desk: Desk, assignment: Assignment) -> int:
    now = datetime.now(PEOPLE_ZONE)  # noqa: TID251  # the clock that stands
    with transaction(desk.office.engine) as session:
        checklist = newest_checklist(session, "cn-catering-2022")
        visit = FieldVisit(
            client_id="sent-back", assignment_id=assignment.id, unit_id=assignment.unit_id, kind="campaign",
            checklist_version_id=checklist.version_id, lead_account_id=assignment.lead_account_id or 0,
            second_account_id=assignment.second_account_id or 0, state=FieldVisitState.RETURNED,
            opened_at=now, received_at=now,
        )  # fmt: skip
        session.add(visit)
        session.flush()
        review = VisitReview(
            field_visit_id=visit.id or 0, decision="returned", reason="2.7 没有写清楚", seen_sha256="",
            decided_by=Role.REVIEWER.value, decided_at=now,
        )  # fmt: skip
        session.add(review)
        return visit.id or 0


def test_what_was_typed_stays_in_a_form_that_is_refused(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    new = "/desk/campaigns/new"
    wrong = {"strata_by": "street", "weights": "中北镇 很多", "streets": ["中北镇"]}
    answer = manager.sent(new, new, key=MONTH, theme="夜市烧烤", draw_count="3", **wrong)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html5lib")
    assert "权重“中北镇 很多”看不懂" in told(page)
    theme, street = page.select_one("#theme"), page.select_one("[name=streets][checked]")
    assert theme is not None
    assert street is not None
    assert (theme["value"], street["value"]) == ("夜市烧烤", "中北镇")


def test_a_campaign_is_changed_until_it_is_committed(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    manager.send(
        f"{PAGE}/edit", f"{PAGE}/edit", theme="热气腾腾的火锅店", due_by="2026-12-31", online_ordering="no"
    )
    page = manager.page(PAGE)
    assert "热气腾腾的火锅店" in page.get_text()
    assert "没有网络订餐" in page.get_text()


def test_the_next_campaign_is_offered_its_month_and_number_and_no_number_is_given_twice(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    form = manager.page("/desk/campaigns/new")
    assert [form.select_one(f"[name={name}]")["value"] for name in ("key", "issue_no")] == ["2026-12", "12"]  # type: ignore[index]  # the fields are there
    fields = {"key": "2026-12", "issue_no": "11", "theme": "主题", "draw_count": "6", "strata_by": "nothing"}
    answer = manager.sent("/desk/campaigns/new", "/desk/campaigns/new", **fields)
    assert answer.status_code == 422
    assert "2026-11 这一期已经是第 11 期" in answer.text


def test_the_value_is_written_twice(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    desk.later(hours=3)
    value = {
        "value": "63454660390103169462",
        "again": "63454660390103169426",
        "link": "https://live.example.cn",
    }
    page = manager.send(PAGE, f"{PAGE}/value", **value)
    assert "两次写的公开值不一样" in told(page)
    for name in ("value", "again", "link"):
        field = page.select_one(f"input[name={name}]")
        assert field is not None
        assert field["value"] == value[name], "what was typed stays"
    assert desk.office.draws()[0].public_value is None


def test_a_picture_that_is_none_is_refused(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    desk.later(hours=3)
    value = {"value": "63454660390103169462", "again": "63454660390103169462"}
    page = manager.send(PAGE, f"{PAGE}/value", **value, photo=(io.BytesIO(b"<script>"), "dice.jpg"))
    assert "照片要用" in told(page)


def test_a_picture_is_kept_whole_and_without_what_a_camera_writes_beside_it(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    desk.later(hours=3)
    value = {"value": "63454660390103169462", "again": "63454660390103169462"}
    cut = (io.BytesIO(PICTURE[: len(PICTURE) // 2]), "dice.jpg")
    assert "文件不完整" in told(manager.send(PAGE, f"{PAGE}/value", **value, photo=cut))
    assert desk.office.draws()[0].public_value is None
    told_all = jpeg(camera="Kamera 7")
    manager.send(PAGE, f"{PAGE}/value", **value, photo=(io.BytesIO(told_all), "dice.jpg"))
    sha256 = desk.office.draws()[0].value_photo_sha256
    assert sha256 is not None
    assert b"Kamera 7" in told_all
    assert b"Kamera 7" not in place_of(desk.evidence, sha256).read_bytes()


def test_an_upload_that_is_too_large_is_refused(tmp_path: Path) -> None:
    with io.BytesIO(PICTURE + b"\0" * LARGEST_UPLOAD) as stream:
        upload = FileStorage(stream, "dice.jpg")
        with pytest.raises(CampaignError, match="20 MB"):
            kept_picture(upload, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_redraw_and_an_exclusion_on_the_desk(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    _draw(desk, manager)
    one = desk.office.assignments()[0]
    page = manager.send(PAGE, f"{PAGE}/exclude", code=desk.office.code(one.unit_id), reason="ended")
    assert "其余单位的次序不变" in told(page)
    assert "不在可选之列" in told(
        manager.send(PAGE, f"{PAGE}/exclude", code=desk.office.code(one.unit_id), reason="x")
    )
    at = (datetime.now(PEOPLE_ZONE) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")  # noqa: TID251  # as above
    page = manager.send(PAGE, f"{PAGE}/redraw", reason="公开值录入有误", source="重新掷骰", value_at=at)
    assert "第 2 次抽取已承诺" in told(page)
    assert "已作废" in page.get_text()


def test_the_release_day_of_a_unit_is_moved_on_the_desk(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    _draw(desk, manager)
    one = desk.office.assignments()[0]
    manager.send(PAGE, f"{PAGE}/release", assignment=str(one.id), release_on="2026-11-26")
    assert str(desk.office.assignments()[0].release_on) == "2026-11-26"


def test_nominations_close_before_the_pool(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    opened = manager.send(PAGE, f"{PAGE}/nominations", until="2026-11-25T12:00")
    assert "已开放" in told(opened)
    assert "征集截止、票数收齐以后才能承诺" in opened.get_text()
    desk.later(days=2)
    closed = desk.as_(MANAGER).page(PAGE)
    assert "票还没有收齐" in closed.get_text()
    assert closed.select_one(f"form[action='{PAGE}/commit']") is None


def test_the_plan_is_worked_on_the_desk(desk: Desk) -> None:
    manager, office = desk.as_(MANAGER), desk.office
    on = civil_day(START)
    with transaction(office.engine) as session:
        for place, unit_id in enumerate(office.units[:5]):
            session.add(
                UnitStanding(
                    unit_id=unit_id, as_of=on, grade="B", due_on=on + timedelta(days=place * 10 - 12)
                )
            )
    page = manager.send("/desk/plan/", "/desk/plan/make")
    assert "共 5 项：新增 5" in told(page)
    lines = page.select("form[action='/desk/plan/assign'] tbody tr")
    assert "逾期 12 天" in lines[0].get_text()
    task = lines[0].select_one("input")
    assert task is not None
    two = [str(office.accounts[name]) for name in INSPECTORS[:2]]
    page = manager.send(
        "/desk/plan/",
        "/desk/plan/assign",
        tasks=[task["value"]],
        lead=two[0],
        second=two[1],
        release_on="2026-11-25",
    )
    assert "已安排 1 家" in told(page)
    assert "主检" in told(manager.send("/desk/plan/", "/desk/plan/assign", lead="", second=two[1]))
    visit = {
        "code": office.code(office.units[6]),
        "kind": "special",
        "source": "complaint",
        "reason": "油烟投诉",
    }
    assert "已安排" in told(
        manager.send("/desk/plan/", "/desk/plan/visits", **visit, lead=two[0], second=two[1])
    )
    (waiting,) = [one for one in office.assignments() if one.kind == "special"]
    page = manager.send(
        "/desk/plan/", "/desk/plan/release", assignment=str(waiting.id), release_on="2026-11-30"
    )
    assert "2026-11-30" in told(page)


def test_a_higher_check_is_recorded_and_warned_of_on_the_desk(desk: Desk) -> None:
    manager, office = desk.as_(MANAGER), desk.office
    check = {
        "code": office.code(office.units[0]),
        "authority": "市市场监督管理委员会",
        "checked_on": "2026-11-01",
    }
    page = manager.send("/desk/plan/higher", "/desk/plan/higher", **check, items="2.1、2.3")
    assert "2027年2月1日" in page.get_text()
    two = {"lead": str(office.accounts[INSPECTORS[0]]), "second": str(office.accounts[INSPECTORS[1]])}
    visit = {"code": office.code(office.units[0]), "kind": "daily", "source": "own"}
    assert "不重复检查相同项目" in told(manager.send("/desk/plan/", "/desk/plan/visits", **visit, **two))


def test_the_citys_tasks_come_in_and_go_back_on_the_desk(desk: Desk) -> None:
    manager, office = desk.as_(MANAGER), desk.office
    with_licences(office)
    rows = f"K-001,第1号店,{LICENCES[0]},,2026-12-10,餐饮,\nK-002,无,JY21201119900099,,2026-12-10,餐饮,\n"
    content = (HEADER + rows).encode("gb18030")
    answer = manager.sent("/desk/plan/city", "/desk/plan/city", file=(io.BytesIO(content), "city.csv"))
    page = BeautifulSoup(answer.text, "html5lib")
    assert "新任务 1" in told(page)
    assert "名册里没有这家在营单位" in page.get_text()
    back = manager.sent("/desk/plan/city", "/desk/plan/city/results", year="2026")
    assert back.headers["Content-Type"].startswith("text/csv")
    assert "K-001" in back.data.decode("utf-8-sig")
    assert "请先导入" in told(manager.send("/desk/plan/city", "/desk/plan/city/results", year="2025"))
    nothing = manager.sent("/desk/plan/city", "/desk/plan/city")
    assert nothing.status_code == 422


PAGES = (
    HOME,
    "/desk/campaigns/new",
    PAGE,
    f"{PAGE}/pool",
    f"{PAGE}/certificate.json",
    "/desk/plan/",
    "/desk/plan/city",
)


def test_auditors_read_everything_and_change_nothing_and_others_see_nothing(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    auditor = desk.as_(Role.AUDITOR.value)
    for address in PAGES:
        assert auditor.client.get(address).status_code == 200, address
    form = auditor.page(PAGE).select_one("[name=csrf_token]")
    assert form is not None
    for act in ("commit", "value", "draw", "exclude", "substitute", "redraw", "reveal"):
        answer = auditor.client.post(f"{PAGE}/{act}", data={"csrf_token": form["value"]})
        assert answer.status_code == 403, act
    for name in (Role.REVIEWER.value, Role.REPORTING_BODY.value, INSPECTORS[0]):
        other = desk.as_(name)
        for address in PAGES:
            assert other.client.get(address).status_code == 403, (name, address)
    assert desk.as_(Role.AUDITOR.value).page(PAGE).select("main.only-reads")
    assert not desk.as_(MANAGER).page(PAGE).select("main.only-reads")


def _downloaded(visitor: Visitor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visitor.client.get(f"{PAGE}/certificate.json").get_json()["draws"]
    return found


def test_until_the_draw_nobody_at_the_desk_reads_more_than_the_commitment(desk: Desk) -> None:
    manager, auditor = desk.as_(MANAGER), desk.as_(Role.AUDITOR.value)
    _make(manager)
    _commit(desk, manager)
    sealed = {"number", "commitment"}
    for visitor in (manager, auditor):
        assert [set(draw) for draw in _downloaded(visitor)] == [sealed]
    nonce = desk.office.draws()[0].nonce_hex
    for address in (HOME, PAGE, f"{PAGE}/pool", f"{PAGE}/certificate.json"):
        assert nonce not in manager.client.get(address).text
    desk.later(hours=3)
    value = {"value": "63454660390103169462", "again": "63454660390103169462", "link": "https://x.example.cn"}
    manager.send(PAGE, f"{PAGE}/value", **value, how="公证员掷骰")
    assert [set(draw) for draw in _downloaded(manager)] == [sealed], "an exclusion is still possible"
    manager.send(PAGE, f"{PAGE}/draw")
    for visitor in (manager, auditor):
        (whole,) = _downloaded(visitor)
        assert (whole["nonce"], len(whole["selection"])) == (nonce, 6)
    at = (datetime.now(PEOPLE_ZONE) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")  # noqa: TID251  # as above
    manager.send(PAGE, f"{PAGE}/redraw", reason="抽取程序中断", source="重新掷骰", value_at=at)
    assert [set(draw) for draw in _downloaded(manager)] == [sealed, sealed]


def test_a_month_that_is_not_there_answers_404(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    for address in (
        "/desk/campaigns/2020-01",
        "/desk/campaigns/2020-01/pool",
        "/desk/campaigns/x/certificate.json",
    ):
        assert manager.client.get(address).status_code == 404


def test_what_waits_stands_on_the_first_page(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    _commit(desk, manager)
    assert _waiting(manager, "录入公开值并抽取") == "0"
    desk.later(hours=3)
    assert _waiting(manager, "录入公开值并抽取") == "1"


def _waiting(visitor: Visitor, duty: str) -> str:
    (row,) = [row for row in visitor.page("/desk/").select(".duties tbody tr") if duty in row.get_text()]
    return row.select("td")[0].get_text()


def test_the_plan_warns_of_a_calendar_that_is_missing(desk: Desk) -> None:
    desk.later(days=40)
    manager = desk.as_(MANAGER)
    with transaction(desk.office.engine) as session:
        make_plan(session, 2027, actor=MANAGER, now=desk.later())
    assert "缺少 2027 年的工作日历" in told(manager.page("/desk/plan/"))


def test_a_campaign_whose_results_are_due_in_a_year_without_a_calendar_says_so(desk: Desk) -> None:
    manager = desk.as_(MANAGER)
    _make(manager)
    assert "工作日历" not in told(manager.page(PAGE))
    desk.later(days=20)
    assert "缺少 2027 年的工作日历" in told(desk.as_(MANAGER).page(PAGE))
