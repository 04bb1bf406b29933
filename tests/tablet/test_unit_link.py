"""The unit link: leased in advance, printed without a network, says nothing until the visit has arrived."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlmodel import col, select

from inspections.inbox.exchange.service import exchange
from inspections.inbox.store import INBOX, open_inbox
from inspections.record.clock import civil_day, utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.migrate import migrate
from inspections.record.settings import set_setting
from inspections.units.links import hash_of_link
from inspections.units.tables import UnitLink, UnitLinkAct
from tests.bureau import ADMINISTRATOR, FIRST_DAY
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_SHOWS_NOTHING = "这个链接现在不显示内容"
_DAYS = 45


@pytest.fixture
def inbox(data_directory: Path, field_server: FieldServer) -> Iterator[Engine]:
    """The Inbox beside the served bureau, with what its pages say of the bureau."""
    engine = open_inbox(Configuration(data=data_directory).effective_inbox_url)
    migrate(engine, schema=INBOX)
    _exchange(field_server, engine)
    yield engine
    engine.dispose()


def _exchange(server: FieldServer, inbox: Engine) -> None:
    exchange(server.bureau.engine, inbox, Configuration(data=server.data), utc_now())


def _scanned(tablet: Tablet, folder: Path) -> str:
    """What a telephone reads from the slip that the press of a button prints."""
    tablet.page.locator(".print", has_text="单位链接条").get_by_role("button", name="打印80毫米").click()
    expect(tablet.page.locator("#paper h1")).to_have_text("单位链接")
    expect(tablet.page.get_by_text("正在排版…")).to_have_count(0)
    (folder / "slip.pdf").write_bytes(tablet.page.pdf(prefer_css_page_size=True))
    subprocess.run(
        ["pdftoppm", "-r", "200", "-png", "-singlefile", "slip.pdf", "slip"], cwd=folder, check=True
    )
    with Image.open(folder / "slip.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


def test_a_link_that_nobody_printed_or_showed_is_not_said_to_be_handed_over(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.sign_notice()
    tablet.go("检查")
    tablet.answer_rest()
    tablet.decide("符合", "通过，无须处理")
    page = tablet.page
    tablet.go("签名")
    expect(page.get_by_text("打印或在屏幕上出示之后，才能记为已交付")).to_be_visible()
    page.get_by_role("button", name="当场出示全文，并用单位链接送达").click()
    expect(page.get_by_text("先交付单位链接")).to_be_visible()
    page.get_by_role("button", name="当场打印，交给被检查单位").click()
    expect(page.get_by_text("先交付单位链接")).to_have_count(0)
    page.get_by_role("button", name="屏幕出示").click()
    expect(page.get_by_text("记下交没交给现场负责人")).to_be_visible()
    page.get_by_role("button", name="没有交付").click()
    expect(page.get_by_text("记下交没交给现场负责人")).to_have_count(0)
    for place in range(3):
        tablet.draw(page.locator(".signature").nth(place))
    page.get_by_role("button", name="签名完成，结束检查").click()
    expect(page.get_by_text("这次检查已经签名，内容不再改变")).to_be_visible()
    expect(page.locator(".print", has_text="单位链接条")).to_have_count(0)
    tablet.wait_until_sent()
    assert "link" not in {change["key"] for change in tablet.changes(visit)}
    with read_only(field_server.bureau.engine) as session:
        bound = session.exec(select(UnitLink).where(col(UnitLink.unit_id).is_not(None))).all()
    assert bound == []


def test_a_link_shown_on_the_screen_is_read_by_a_telephone_and_can_be_taken_back(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.start_day(LEAD, field_server.enrolment())
    tablet.begin("福满源")
    tablet.show_papers()
    tablet.go("告知")
    page = tablet.page
    page.get_by_role("button", name="屏幕出示").click()
    page.locator(".shown-link").screenshot(path=tmp_path / "shown.png")
    with Image.open(tmp_path / "shown.png") as picture:
        (code,) = zxingcpp.read_barcodes(picture)
    link = tablet.ask("(running, visit) => running.work.view(visit).meta.link", visit)
    assert code.text == link["address"]
    handed = page.get_by_role("button", name="已交给现场负责人")
    handed.click()
    page.get_by_role("button", name="已交给现场负责人", pressed=True).click()
    expect(page.get_by_role("button", name="已交给现场负责人", pressed=False)).to_be_visible()
    said = [change["value"] for change in tablet.changes(visit) if change["key"] == "link"]
    assert said == [{"token_hash": link["token_hash"]}, None]


def test_the_slip_is_printed_with_the_notice_page_and_opens_once_the_visit_has_arrived(
    field_server: FieldServer, inbox: Engine, make_tablet: Callable[..., Tablet], tmp_path: Path
) -> None:
    engine = field_server.bureau.engine
    with transaction(engine) as session:
        set_setting(
            session,
            key="unit_link_days",
            value=str(_DAYS),
            from_on=FIRST_DAY,
            actor=ADMINISTRATOR,
            now=utc_now(),
        )
    visit = assign(field_server.bureau)
    tablet = make_tablet()
    tablet.page.add_init_script("window.print = () => {}")
    tablet.begin_offline(LEAD, field_server.enrolment())
    tablet.show_papers()
    tablet.sign_notice()
    address = _scanned(tablet, tmp_path)
    assert _scanned(tablet, tmp_path) == address, "another print is the same slip"
    tablet.page.get_by_role("button", name="已交给现场负责人").click()
    token = address.removeprefix("https://canyin.example.cn/in/u/")
    assert len(token) == 26

    def shown() -> str:
        assert tablet.context is not None
        return tablet.context.request.get(f"{field_server.address}/in/u/{token}").text()

    tablet.offline(False)
    tablet.wait_until_sent()
    _exchange(field_server, inbox)
    assert _SHOWS_NOTHING in shown(), "the visit is not signed yet"
    tablet.offline()
    tablet.go("检查")
    tablet.answer("2.3", "fail")
    tablet.describe("2.3", remark="上层有生鸡肉")
    tablet.answer_rest()
    tablet.decide()
    tablet.close_visit()
    _exchange(field_server, inbox)
    assert _SHOWS_NOTHING in shown(), "the visit has not arrived yet"

    tablet.offline(False)
    tablet.wait_until_sent()
    assert _scanned(tablet, tmp_path) == address, "the link that was handed over is the one that is signed"
    with read_only(engine) as session:
        (link,) = session.exec(select(UnitLink).where(col(UnitLink.unit_id).is_not(None))).all()
        acts = session.exec(select(UnitLinkAct.act).where(UnitLinkAct.link_id == link.id)).all()
    number = tablet.ask("(running, visit) => running.work.view(visit).signed.record_number", visit)
    assert (link.token_hash, link.record_key) == (hash_of_link(token), number)
    assert link.bound_at is not None
    assert link.expires_on == civil_day(link.bound_at) + timedelta(days=_DAYS)
    assert list(acts) == ["handed_over"]
    _exchange(field_server, inbox)
    text = shown()
    assert "福满源饺子馆" in text
    assert "上层有生鸡肉" in text
    assert number in text
