"""Troubles on the way keep everything and say so in plain words: server, queue, pieces, recordings."""

import json
import re
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect
from sqlmodel import select

from inspections.record.database import read_only
from inspections.visits.sync.photos import PIECE_BYTES
from inspections.visits.sync.queries import changes_of, find_field_visit, photos_of
from inspections.visits.sync.tables import VisitPhoto
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import Tablet
from tests.tablets import LEAD, assign

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PIECES = 5
# A recording as the browser makes one, long enough for several pieces.
_KEEP_RECORDING = """async (running, [visit, size]) => {
  const bytes = new Uint8Array(size).map((_, at) => (at * 31) % 251);
  bytes.set([0x1a, 0x45, 0xdf, 0xa3]);
  return running.work.keepPhoto(visit, bytes.buffer, 'audio/webm');
}"""
# More answers than one call takes, and then some.
_SAY_MANY = """async (running, [visit, count]) => {
  const { items } = running.work.view(visit);
  for (let number = 0; number < count; number += 1) {
    const remark = `第${number}次`;
    await running.work.say(visit, `item/${items[number % items.length].code}`, { answer: 'pass', remark });
  }
}"""


def _begin(server: FieldServer, tablet: Tablet) -> str:
    visit = assign(server.bureau)
    tablet.start_day(LEAD, server.enrolment())
    tablet.wait_until_kept()
    tablet.begin("福满源")
    expect(tablet.page.get_by_role("button", name="已向对方出示两人的执法证")).to_be_visible()
    tablet.wait_until_sent()
    return visit


def _ids(server: FieldServer, visit: str) -> list[str]:
    with read_only(server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        return [one.change.id for one in changes_of(session, row.id or 0)]


@pytest.mark.parametrize(
    ("status", "network", "words"),
    [
        (503, "服务器忙", "服务器忙，暂时收不下。1条记录都加密存在本机，不会丢失。稍后自动再传。"),
        (507, "服务器忙", "服务器忙，暂时收不下。1条记录都加密存在本机，不会丢失。稍后自动再传。"),
        (500, "上传出错", "服务器没有收下：出了意外。1条记录都加密存在本机，不会丢失。稍后自动再传。"),
    ],
)
def test_a_server_that_fails_or_is_full_keeps_everything_on_the_tablet_and_says_so(
    field_server: FieldServer, make_tablet: Callable[..., Tablet], status: int, network: str, words: str
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)

    def refuse(route: Route) -> None:
        body = {"ok": False, "status": status, "word": "failed", "error": "出了意外。", "errors": []}
        route.fulfill(status=status, body=json.dumps(body), content_type="application/json")

    tablet.page.route("**/api/v1/changes", refuse)
    tablet.show_papers()
    expect(tablet.status()).to_contain_text(network)
    expect(tablet.status()).to_contain_text("1条已存本机，待上传")
    expect(tablet.page.locator(".notices")).to_contain_text(words)
    tablet.page.unroute("**/api/v1/changes")
    tablet.status().click()
    tablet.wait_until_sent()
    assert set(_ids(field_server, visit)) == {change["id"] for change in tablet.changes(visit)}


def test_a_queue_longer_than_one_call_is_counted_on_the_screen_and_arrives_whole(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.offline()
    tablet.ask(_SAY_MANY, [visit, 450])
    expect(tablet.status()).to_contain_text("450条已存本机，待上传")
    tablet.offline(False)
    tablet.wait_until_sent()
    ids = _ids(field_server, visit)
    assert len(ids) == len(set(ids)) == 451
    assert set(ids) == {change["id"] for change in tablet.changes(visit)}


def test_an_interrupted_upload_sends_at_most_one_piece_again(
    field_server: FieldServer, make_tablet: Callable[..., Tablet]
) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    sent: Counter[int] = Counter()

    def pass_or_lose(route: Route) -> None:
        """Every piece is counted; the third one is taken by the server, and its answer is lost."""
        sent[int(route.request.url.rsplit("/", 1)[1])] += 1
        if sum(sent.values()) == 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    tablet.page.route("**/api/v1/photos/*/pieces/*", pass_or_lose)
    sha256 = tablet.ask(_KEEP_RECORDING, [visit, PIECE_BYTES * (_PIECES - 1) + 10])
    expect(tablet.status()).to_contain_text("连不上服务器")
    tablet.status().click()
    tablet.wait_until_sent()
    assert set(sent) == set(range(_PIECES))
    assert sum(sent.values()) <= _PIECES + 1
    with read_only(field_server.bureau.engine) as session:
        photo = session.exec(select(VisitPhoto).where(VisitPhoto.sha256 == sha256)).one()
    assert photo.complete_at is not None


def test_a_refusal_may_be_filmed(field_server: FieldServer, make_tablet: Callable[..., Tablet]) -> None:
    tablet = make_tablet()
    visit = _begin(field_server, tablet)
    tablet.show_papers()
    tablet.go("告知")
    operator = tablet.page.locator(".signature").first
    operator.get_by_role("button", name="对方拒绝签名").click()
    operator.get_by_role("button", name="录像", exact=True).click()
    expect(operator.locator("video")).to_be_visible()
    expect(operator.get_by_text(re.compile("结束录像（[1-9]秒）"))).to_be_visible()
    operator.get_by_role("button", name="结束录像").click()
    expect(operator.get_by_text("✓ 已有录像")).to_be_visible()
    expect(operator.get_by_text("拒绝签名；已录像")).to_be_visible()
    expect(operator.locator("h3")).to_have_text("✓ 被检查单位")
    tablet.wait_until_sent()
    with read_only(field_server.bureau.engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        (film,) = photos_of(session, row.id or 0)
    assert (film.media_type, film.complete_at is not None) == ("video/webm", True)
