"""Real browsers and a real server, killed and cut off: nothing that was kept is lost or stored twice."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Playwright, expect
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.database import open_database, read_only
from inspections.visits.sync.merging import canonical, merge
from inspections.visits.sync.queries import (
    StoredChange,
    changes_of,
    find_field_visit,
    is_outside_signature,
    photos_of,
)
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitChange
from tests.bureau import PASSWORD
from tests.tablet.conftest import FieldServer
from tests.tablet.driving import PIN, Tablet
from tests.tablet.unreliable import Network, Server, Trouble
from tests.tablets import LEAD, SECOND, FieldBureau, assign, open_field_bureau

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.faults]

SEED = 20261125
ROUNDS_OF_A_VISIT = 5
_MOST_TRIES = 200
_TAKE_PHOTO = """async (running, [visit, number]) => {
  const canvas = new OffscreenCanvas(640, 480);
  const pen = canvas.getContext('2d');
  for (let at = 0; at < 400; at += 1) {
    pen.fillStyle = `hsl(${(at * 37 + number * 11) % 360} 70% 50%)`;
    pen.fillRect((at % 20) * 32, Math.floor(at / 20) * 24, 32, 24);
  }
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 });
  const digest = await running.work.keepPhoto(visit, await blob.arrayBuffer(), 'image/jpeg');
  const value = running.work.view(visit).answers.get('2.7');
  await running.work.say(visit, 'item/2.7', { answer: 'fail', photos: [...(value.photos ?? []), digest] });
}"""
# Everything that a visit needs before its lead can sign it, said at once on the lead's tablet.
_FILL = """async (running, visit) => {
  const { work } = running;
  const at = new Date().toISOString();
  const signature = async (mark) => {
    const canvas = new OffscreenCanvas(300, 100);
    canvas.getContext('2d').fillRect(10 + mark, 40, 200, 4);
    const bytes = await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer();
    return { drawing: await work.keepPhoto(visit, bytes, 'image/png'), name: '张三', at };
  };
  const signed = [];
  for (const [mark, who] of ['operator', 'lead', 'second'].entries()) {
    signed.push([`signature/notice_${who}`, await signature(mark)]);
    signed.push([`signature/${who}`, await signature(mark + 10)]);
  }
  const link = await work.linkOf(visit);
  const view = work.view(visit);
  const decided = view.conflicts.map((key) => [key, view.fields.get(key).alternatives[0].value]);
  await work.sayAll(visit, [
    ...decided,
    ['certificates', { shown: true, at }],
    ['notice', { recusal: 'asked', note: '', place: '', at }],
    ...signed,
    ['told', { how: 'electronic', at }],
    ['link', { token_hash: link.token_hash }],
  ]);
  const finding = { safety: false, corrected_on_spot: true, deadline_on: null, words: [], remark: '已改正' };
  const { items, answers } = work.view(visit);
  await work.sayAll(visit, items.map(({ code }) => {
    const value = answers.get(code);
    if (value.answer === 'fail') return [`item/${code}`, { ...value, ...finding }];
    if (value.answer === 'na') return [`item/${code}`, { answer: 'na', na_reason: '没有这一环节' }];
    return [`item/${code}`, { answer: 'pass' }];
  }));
  await work.say(visit, 'decision', {
    result: 'basically_compliant',
    handling: 'correct_on_spot',
    reason: '两人当场认定',
    suggested: work.suggestion(visit).result,
  });
  running.go(`#/visit/${visit}/closing`);
}"""
_IS_LOCKED = "(running, visit) => running.work.view(visit).isLocked"
_SAY_LATE = """(running, visit) =>
  running.work.say(visit, 'item/P5.02', { answer: 'pass', remark: '签名之后才到' })"""
_MERGED = """(running, visit) => [...running.work.view(visit).fields]
  .map(([key, field]) => [key, field.alternatives.map((one) => one.value)])"""
# What may happen while the lead signs, one after the other.
_WHILE_SIGNING = (
    "server",
    Trouble.TWICE,
    "reload",
    Trouble.LOSE_ANSWER,
    "browser",
    Trouble.CUT_ANSWER,
    "offline",
)


class Day:
    """Two inspectors with their tablets on a bad day."""

    def __init__(self, playwright: Playwright, folder: Path, server: Server, network: Network) -> None:
        self.server, self.network = server, network
        self.random = Random(SEED)  # noqa: S311  # a fixed seed: the same day every time
        self.tablets = {
            name: Tablet(playwright, folder / name, network.address).start() for name in (LEAD, SECOND)
        }
        self.kept: dict[str, set[str]] = {}
        self.acknowledged: dict[str, set[str]] = {}
        self.late: dict[str, str] = {}

    def begin(self, field: FieldServer) -> None:
        """Sign in on both, once, before anything goes wrong."""
        for name, tablet in self.tablets.items():
            tablet.open()
            tablet.sign_in(name, field.enrolment(name))
            tablet.set_pin(PIN)
            tablet.wait_until_kept()

    def open_visit(self, visit: str) -> None:
        """Both tablets open the same visit."""
        for tablet in self.tablets.values():
            tablet.ask(
                """async ({ work, go }, visit) => {
                  const one = work.assignment(visit);
                  await work.begin({ ...one, assignment: one, unit: work.unit(one.unit) });
                  await work.setMeta(visit, { noticeElsewhere: true });
                  go(`#/visit/${visit}/items`);
                }""",
                visit,
            )

    def round(self, number: int, visit: str) -> None:
        """Some answers on one tablet while something goes wrong."""
        tablet = self.tablets[self.random.choice((LEAD, SECOND))]
        tablet.station("库房")
        trouble = self.random.choice(("server", "network", "reload", "browser", "offline", "nothing"))
        if trouble == "network":
            self.network.waiting = self.random.choices(list(Trouble), k=self.random.randint(1, 4))
        if trouble == "offline":
            tablet.offline()
        for _ in range(self.random.randint(1, 3)):
            self._say_something(tablet)
        if self.random.random() < 0.4:
            tablet.ask(_TAKE_PHOTO, [visit, number])
        tablet.wait_for("(running) => running.work.unsaved.size === 0")
        self.kept.setdefault(visit, set()).update(_own(tablet, visit))
        tablet.page.evaluate(
            "import('/static/tablet/main.js').then(({ running }) => { running.sync.run(); })"
        )
        tablet.page.wait_for_timeout(self.random.randrange(300))
        self._go_wrong(trouble, tablet, visit)
        self.acknowledged.setdefault(visit, set()).update(_own(tablet, visit, "received"))

    def sign(self, visit: str) -> None:
        """The lead signs while something goes wrong; of one answer of the second the lead knows nothing."""
        lead, second = self.tablets[LEAD], self.tablets[SECOND]
        self.settle()
        lead.ask("(running) => running.sync.run({ fetchBundle: true })")
        second.offline()
        second.ask(_SAY_LATE, visit)
        self.late[visit] = next(one["id"] for one in second.changes(visit) if one["state"] == "unsent")
        lead.ask(_FILL, visit)
        trouble = _WHILE_SIGNING[len(self.late) % len(_WHILE_SIGNING) - 1]
        self._press_sign(trouble, visit)
        lead.changes(visit)
        if trouble in {"reload", "browser"} and not lead.ask(_IS_LOCKED, visit):
            # The signature was not on the disk yet: the visit is as it was, and the lead presses again.
            lead.ask("(running, visit) => running.go(`#/visit/${visit}/closing`)", visit)
            lead.page.get_by_role("button", name="签名完成，结束检查").click()
        lead.wait_for(_IS_LOCKED, visit)
        self.network.waiting = []
        self._send_all(LEAD, lead)
        second.offline(False)
        self.settle()

    def _press_sign(self, trouble: str, visit: str) -> None:
        lead = self.tablets[LEAD]
        if isinstance(trouble, Trouble):
            # The call of the signature and those around it.
            self.network.waiting = [trouble] * 3
        if trouble == "offline":
            lead.offline()
        lead.page.get_by_role("button", name="签名完成，结束检查").click()
        lead.page.wait_for_timeout(self.random.randrange(250))
        self._go_wrong(trouble, lead, visit)

    def _say_something(self, tablet: Tablet) -> None:
        """A tap: on an answer, or the lead's word where two tablets contradict each other."""
        contradiction = tablet.page.locator(".conflict").get_by_role("button", name="用这个")
        if contradiction.count() and self.random.random() < 0.5:
            contradiction.first.click()
            return
        rows = tablet.page.locator(".item:not(:has(.conflict))")
        row = rows.nth(self.random.randrange(rows.count()))
        # A finger does not wait: a row that was contradicted since it was chosen takes no answer any more.
        row.get_by_role("button", name=self.random.choice(("符合", "不适用")), exact=True).click(force=True)

    def _go_wrong(self, trouble: str, tablet: Tablet, visit: str) -> None:
        if trouble == "server":
            self.server.kill()
            self.server.start()
        if trouble == "browser":
            tablet.kill()
            tablet.start()
            tablet.page.goto(f"{tablet.address}/tablet#/visit/{visit}/items")
        if trouble == "reload":
            tablet.page.reload()
        if trouble in {"reload", "browser"}:
            tablet.page.locator(".person").click()
            tablet.unlock(PIN)
            tablet.page.locator(".frame").wait_for()
        if trouble == "offline":
            tablet.offline(False)

    def settle(self) -> None:
        """The sun comes out: everything is sent, and each tablet hears of the other."""
        self.network.waiting = []
        for _ in range(2):
            for name, tablet in self.tablets.items():
                self._send_all(name, tablet)

    def _send_all(self, name: str, tablet: Tablet) -> None:
        for _ in range(_MOST_TRIES):
            if tablet.ask("(running) => running.sync.run()"):
                return
            # A killed browser may have forgotten the cookie of a sign-in that was seconds old.
            if tablet.ask("(running) => running.sync.net.state") == "signed_out":
                tablet.ask("(running, body) => running.signIn(body)", {"name": name, "password": PASSWORD})
            tablet.page.wait_for_timeout(200)
        raise AssertionError(tablet.status().inner_text())


def _own(tablet: Tablet, visit: str, state: str = "") -> set[str]:
    return {
        str(change["id"])
        for change in tablet.changes(visit)
        if change["tablet"] == tablet.ask("(running) => running.tablet") and change["state"].startswith(state)
    }


@pytest.fixture(params=["sqlite", "postgresql"])
def field(
    request: pytest.FixtureRequest, data_directory: Path, tmp_path: Path
) -> Iterator[tuple[Engine, FieldBureau, dict[str, str]]]:
    """A bureau on either database, and what the server's processes must be told of it."""
    if request.param == "postgresql":
        engine: Engine = request.getfixturevalue("postgres")
        yield (
            engine,
            open_field_bureau(engine),
            {"HHB_DATABASE_URL": engine.url.render_as_string(hide_password=False)},
        )
        return
    engine = open_database(f"sqlite:///{data_directory / 'honghei.sqlite'}")
    yield engine, open_field_bureau(engine), {}
    engine.dispose()


def test_after_any_fault_client_and_server_agree_item_by_item(
    field: tuple[Engine, FieldBureau, dict[str, str]],
    data_directory: Path,
    playwright: Playwright,
    tmp_path: Path,
    fault_rounds: int,
) -> None:
    engine, bureau, environment = field
    visits = [assign(bureau) for _ in range(-(-fault_rounds // ROUNDS_OF_A_VISIT))]
    server = Server(data_directory, environment)
    server.start()
    network = Network(server)
    day = Day(playwright, tmp_path, server, network)
    try:
        day.begin(FieldServer(network.address, data_directory, bureau))
        for number in range(fault_rounds):
            if number % ROUNDS_OF_A_VISIT == 0:
                day.open_visit(visits[number // ROUNDS_OF_A_VISIT])
            day.round(number, visits[number // ROUNDS_OF_A_VISIT])
            if number % ROUNDS_OF_A_VISIT == ROUNDS_OF_A_VISIT - 1:
                day.sign(visits[number // ROUNDS_OF_A_VISIT])
        day.settle()
        for visit in visits:
            _require_agreement(engine, day, visit)
        for tablet in day.tablets.values():
            expect(tablet.status()).to_contain_text("全部已送达")
            assert tablet.faults == []
            tablet.close()
    finally:
        network.close()
        server.kill()


def _require_agreement(engine: Engine, day: Day, visit: str) -> None:
    with read_only(engine) as session:
        row = find_field_visit(session, visit)
        assert row is not None
        stored = changes_of(session, row.id or 0)
        rows = session.exec(select(VisitChange.client_id).where(VisitChange.field_visit_id == row.id)).all()
        photos = photos_of(session, row.id or 0)
    if visit in day.late:
        _require_signed_once(row, stored, day.late[visit])
    ids = {one.change.id for one in stored}
    assert len(rows) == len(ids), "something was stored twice"
    assert day.kept[visit] <= ids, "something that was kept on a tablet has not arrived"
    assert day.acknowledged[visit] <= ids, "something that had a receipt is gone"
    standing = [one for one in stored if not is_outside_signature(row, one.change.key, one.id)]
    there = {
        key: {canonical(one.value) for one in state.alternatives}
        for key, state in merge(one.change for one in standing).items()
    }
    for tablet in day.tablets.values():
        held = tablet.changes(visit)
        assert {str(change["id"]) for change in held} == ids
        assert {change["state"] for change in held} == {"received"}
        assert _merged(tablet, visit) == there
    named = {sha256 for one in stored for sha256 in _photos(one.change.value)}
    assert named <= {photo.sha256 for photo in photos}
    assert [photo.sha256 for photo in photos if photo.complete_at is None] == []


def _require_signed_once(row: FieldVisit, stored: Sequence[StoredChange], late: str) -> None:
    """One signature, over exactly what the lead held, with its text; the late answer stands outside it."""
    (signed,) = [one.change.value for one in stored if one.change.key == "signed"]
    assert isinstance(signed, Mapping)
    assert (row.state, row.signed_text, row.record_number) == (
        FieldVisitState.SIGNED,
        signed["text"],
        signed["record_number"],
    )
    outside = [one.id for one in stored if is_outside_signature(row, one.change.key, one.id)]
    assert outside == [late]


def _merged(tablet: Tablet, visit: str) -> dict[str, set[str]]:
    return {key: {canonical(value) for value in values} for key, values in tablet.ask(_MERGED, visit)}


def _photos(value: object) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    drawing = value.get("drawing")
    return [*(str(sha256) for sha256 in value.get("photos", ())), *([str(drawing)] if drawing else [])]
