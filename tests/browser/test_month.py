"""A month's campaign as people meet it: announced, nominated, drawn, visited without a network, published.

At the desk by keyboard alone, on the telephone and the tablet by finger.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Browser, Page, Playwright, expect
from sqlalchemy import Engine
from sqlmodel import col, select

from inspections.campaigns.tables import Assignment, Campaign
from inspections.people.service import add_account
from inspections.people.tables import Account, Role
from inspections.people.tablets import make_enrolment
from inspections.record.clock import PEOPLE_ZONE, civil_day, utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, read_only, transaction
from inspections.record.house import House
from inspections.units.tables import Premises
from publishing.jobs import run_job
from tests.browser.keyboard import Keyboard
from tests.bureau import (
    ADMINISTRATOR,
    APPROVER,
    DUMPLINGS,
    EDITOR,
    PASSWORD,
    SECOND_APPROVER,
    add_units,
)
from tests.tablet.conftest import served
from tests.tablet.driving import PHONE, Tablet
from tests.tablets import LEAD, OUTSIDER, REVIEWER, SECOND, open_field_bureau

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MANAGER = "孙敏"
SIGNS = ("福满源饺子馆", "老街坊面馆", "柳口早点铺")
# The story begins so long ago and is told up to now: what a commitment needs of time has passed by then.
TOLD_IN = timedelta(minutes=80)
NOODLES = replace(
    DUMPLINGS,
    licence_name="天津市老街坊餐饮有限公司",
    sign_name=SIGNS[1],
    address="柳口路30号",
    licence_number="JY21201119900024",
    credit_code="91120111MA9A00001W",
)
BREAKFAST = replace(
    DUMPLINGS,
    licence_name="天津市柳口早点有限公司",
    sign_name=SIGNS[2],
    address="柳口路32号",
    unit_type="snack_shop",
    licence_number="JY21201119900032",
    credit_code="91120111MA9A00002U",
)


@dataclass
class Month:
    """A bureau at its address, with a clock that can be put forward and its scheduled work run by hand."""

    address: str
    house: House
    browser: Browser
    clock: time_machine.Traveller
    key: str
    open_windows: ExitStack

    def at_desk(self, name: str) -> Page:
        """The window of somebody who has signed in."""
        context = self.open_windows.enter_context(self.browser.new_context(base_url=self.address))
        page = context.new_page()
        page.goto("/desk/sign-in")
        keys = Keyboard(page)
        keys.write("姓名", name)
        keys.write("密码", PASSWORD)
        keys.press("登录")
        expect(page.locator(".who")).to_contain_text(name)
        return page

    def citizen(self) -> Page:
        """A telephone on the street."""
        width, height = PHONE
        context = self.browser.new_context(base_url=self.address, viewport={"width": width, "height": height})
        return self.open_windows.enter_context(context).new_page()

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.clock.shift(timedelta(**by))

    def run(self, *jobs: str) -> None:
        """The scheduled work, now."""
        for job in jobs:
            assert run_job(self.house, job, by_hand=True) is not None

    @property
    def page(self) -> str:
        """The campaign's page on the desk."""
        return f"/desk/campaigns/{self.key}"


def wall(after: timedelta) -> datetime:
    """A time from now on, by the clock on the wall."""
    return (utc_now() + after).astimezone(PEOPLE_ZONE)


@pytest.fixture
def engine(data_directory: Path) -> Iterator[Engine]:
    """The bureau's database."""
    found = open_database(f"sqlite:///{data_directory / 'honghei.sqlite'}")
    yield found
    found.dispose()


@pytest.fixture
def month(engine: Engine, data_directory: Path, browser: Browser) -> Iterator[Month]:
    """A served bureau with three units, three inspectors and everybody else that a month needs."""
    arrives = utc_now()
    began = arrives - TOLD_IN
    with time_machine.travel(began, tick=True) as clock, ExitStack() as windows:
        # A list whose wording is settled: what rests on a provisional item cannot be published.
        open_field_bureau(
            engine, reveal_days="20", result_working_days="20", visit_checklist="cn-catering-2016-1-3"
        )
        with transaction(engine) as session:
            add_units(session, [NOODLES, BREAKFAST], began)
            add_account(
                session, name=MANAGER, password=PASSWORD, roles=[Role.CAMPAIGN_MANAGER],
                actor=ADMINISTRATOR, now=began,
            )  # fmt: skip
        key = f"{civil_day(arrives):%Y-%m}"
        house = House(Configuration(data=data_directory), engine)
        with served(data_directory) as server:
            yield Month(server.address, house, browser, clock, key, windows)


def test_a_month_from_its_announcement_to_the_published_edition(
    month: Month, playwright: Playwright, tmp_path: Path
) -> None:
    manager = month.at_desk(MANAGER)
    _announce(month, manager)
    _nominate(month)
    _commit(month, manager)
    _draw(month, manager)
    # From here on the clock is the one that the browsers have.
    month.clock.move_to(time_machine.escape_hatch.datetime.datetime.now(UTC))
    name, lead = _drawn(month)
    _visit(month, Tablet(playwright, tmp_path / "tablet", month.address), name, lead)
    _review(month, name)
    _reveal(month, manager)
    _publish(month)
    _read(month, name)


def _announce(month: Month, manager: Page) -> None:
    """One unit of the restaurants, and of whatever the public nominates."""
    manager.goto("/desk/campaigns/new")
    keys = Keyboard(manager)
    keys.write_month("#key", month.key)
    for field, value in (
        ("issue_no", "1"), ("theme", "家门口的餐馆"), ("draw_count", "1"),
        ("substitutes", "1"), ("load_limit", "4"), ("nominated_from", "1"), ("guests", "人大代表 1"),
    ):  # fmt: skip
        keys.write(f"#{field}", value)
    keys.tick("餐馆")
    keys.press("保存")
    expect(manager.get_by_role("status")).to_contain_text("已建立")
    keys.write_moment("#until", wall(timedelta(minutes=20)))
    keys.press("开放征集")
    expect(manager.get_by_text("征集截止、票数收齐以后才能承诺")).to_be_visible()
    month.run("inbox", "site")


def _nominate(month: Month) -> None:
    """From the public home page to one vote."""
    page = month.citizen()
    page.goto("/")
    page.get_by_role("link", name="您想让我们检查哪一家？").click()
    page.get_by_label("店名、地址或门店码").fill("早点")
    page.get_by_role("button", name="查找").click()
    page.get_by_role("button", name=f"提名{SIGNS[2]}").first.click()
    expect(page.get_by_role("status")).to_contain_text(f"您已提名 {SIGNS[2]}")
    expect(page.get_by_role("button", name="提名")).to_have_count(0)


def _commit(month: Month, manager: Page) -> None:
    """The pool closes with the vote in it, and the commitment stands on the public site."""
    month.later(minutes=25)
    manager.goto(month.page)
    expect(manager.get_by_text("票还没有收齐")).to_be_visible()
    month.run("inbox")
    manager.reload()
    expect(manager.get_by_role("link", name="3 家")).to_be_visible()
    keys = Keyboard(manager)
    keys.write("#source", "公证处现场掷十面骰子二十次")
    keys.write_moment("#value_at", wall(timedelta(minutes=35)))
    keys.press("承诺")
    expect(manager.get_by_role("status")).to_contain_text("名单里有 3 家单位")
    month.run("site")
    page = month.citizen()
    page.goto(f"/draws/{month.key}/")
    expect(page.locator(".hash").first).to_have_text(manager.locator(".draw .hash").first.inner_text())
    expect(page.locator("#verify")).to_have_count(0)


def _draw(month: Month, manager: Page) -> None:
    month.later(minutes=40)
    manager.goto(month.page)
    keys = Keyboard(manager)
    for field in ("value", "again"):
        keys.write(f"#{field}", "63454660390103169462")
    keys.write("#link", "https://live.example.cn/11")
    keys.press("录入公开值")
    expect(manager.get_by_role("button", name="抽取", exact=True)).to_be_visible()
    keys.press("抽取")
    expect(manager.get_by_role("status")).to_contain_text("已抽取 1 家")


def _drawn(month: Month) -> tuple[str, str]:
    """The sign of the unit that was drawn, and the name of the lead inspector."""
    with read_only(month.house.engine) as session:
        row = session.exec(select(Assignment)).one()
        address = session.get_one(Premises, row.premises_id).address
        lead = session.get_one(Account, row.lead_account_id).name
    assert lead in (LEAD, SECOND, OUTSIDER)
    return dict(zip(("柳口路28号", "柳口路30号", "柳口路32号"), SIGNS, strict=True))[address], lead


def _visit(month: Month, tablet: Tablet, name: str, lead: str) -> None:
    """Begun with a network, done in a basement, sent from the street."""
    with transaction(month.house.engine) as session:
        enrolment = make_enrolment(session, label="执法平板01", actor=ADMINISTRATOR, now=utc_now())
    tablet.start()
    try:
        tablet.start_day(lead, enrolment)
        tablet.wait_until_kept()
        tablet.begin(name)
        tablet.show_papers()
        tablet.offline()
        tablet.sign_notice()
        tablet.go("检查")
        assert tablet.answer_rest() > 20
        tablet.decide("符合", "通过，无须处理")
        tablet.close_visit()
        expect(tablet.status()).to_contain_text("待上传")
        tablet.offline(False)
        tablet.wait_until_sent()
        assert tablet.faults == []
    finally:
        tablet.close()


def _review(month: Month, name: str) -> None:
    """Somebody who was not there confirms; it stays secret."""
    reviewer = month.at_desk(REVIEWER)
    reviewer.goto("/desk/review")
    keys = Keyboard(reviewer)
    keys.press(reviewer.get_by_role("row", name=name).get_by_role("link").first.inner_text())
    expect(reviewer.get_by_text("确认后在本期抽查揭示时公开并评定")).to_be_visible()
    keys.press("确认")
    expect(reviewer.get_by_role("status")).to_contain_text("已确认")
    month.run("site")
    page = month.citizen()
    page.goto("/search?q=" + name)
    page.locator("main a[href^='/s/']").first.click()
    expect(page.locator("main")).not_to_contain_text("随机查餐厅")


def _reveal(month: Month, manager: Page) -> None:
    """With the last visit closed everything opens, and the page computes the draw again by itself."""
    manager.goto(month.page)
    expect(manager.locator("tr[data-state=done]")).to_have_count(1)
    month.run("reveal", "site")
    manager.reload()
    expect(manager.locator(".steps [aria-current]")).to_have_text("名单已公布")
    page = month.citizen()
    page.goto(f"/draws/{month.key}/")
    expect(page.locator("[data-verdict=good]")).to_be_visible()
    assert page.locator("[data-holds=yes]").count() == page.locator("[data-check]").count() > 5
    with read_only(month.house.engine) as session:
        assert session.exec(select(Campaign)).one().revealed_at is not None


def _publish(month: Month) -> None:
    """Drafted by one, approved by two others, published."""
    editor = month.at_desk(EDITOR)
    editor.goto(f"/desk/editions/{month.key}/draft")
    keys = Keyboard(editor)
    keys.write("主题", "家门口的餐馆")
    keys.choose("上哪个榜", "红榜")
    keys.write("理由", "加工区整洁，生熟分开存放。")
    keys.tick("已核对")
    keys.press("保存草稿")
    expect(editor.get_by_role("status")).to_be_visible()
    first, second = month.at_desk(APPROVER), month.at_desk(SECOND_APPROVER)
    for approver in (first, second):
        approver.goto(f"/desk/editions/{month.key}")
        Keyboard(approver).press("审批这一稿")
        expect(approver.get_by_role("status")).to_be_visible()
    Keyboard(second).press("现在公示")
    expect(second.get_by_role("status")).to_contain_text("已公示")
    month.run("site")


def _read(month: Month, name: str) -> None:
    """The entry on the home page, the way from it to the certificate, and the visit at the storefront."""
    page = month.citizen()
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("家门口的餐馆")
    expect(page.locator("main")).to_contain_text(name)
    page.get_by_role("link", name="怎么抽的").click()
    expect(page.locator("[data-verdict=good]")).to_be_visible()
    with read_only(month.house.engine) as session:
        code = session.exec(
            select(Premises.code).join(Assignment, col(Assignment.premises_id) == col(Premises.id))
        ).one()
    page.goto(f"/s/{code}")
    expect(page.locator("main")).to_contain_text("随机查餐厅")
