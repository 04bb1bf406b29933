"""Until the reveal nobody outside can tell who was drawn: by no page, no header, and nothing that changes."""

import gzip
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app import create_app  # noqa: TID251  # the answers are those of the real application
from inspections.campaigns.assigning import note_state
from inspections.campaigns.draw_changes import open_substitute
from inspections.campaigns.planning import make_plan
from inspections.campaigns.queries import held_back
from inspections.campaigns.revealing import reveal_finished
from inspections.campaigns.tables import AssignmentState
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, read_only, transaction
from inspections.record.evidence import keep_bytes
from inspections.record.house import House
from inspections.visits.batch_queries import batch_lines, premises_of_batch
from inspections.visits.grading_run import grade_units
from inspections.visits.service import VisitError, release_batch
from inspections.visits.tables import VisitBatch
from publishing.site.service import publish
from tests.bureau import APPROVER, add_visit
from tests.campaigns.office import (
    MANAGER,
    MONTH,
    VALUE_AFTER,
    Office,
    commit_now,
    draw_now,
    jpeg,
    office_of,
    plan,
    seeded,
)
from tests.conftest import NOW

HOUR = timedelta(hours=1)
# Nothing yet, committed, drawn, arrived, one door shut, its substitute, visits closed, the day after.
STEPS = 8
SEARCHES = ("/search?q=", "/search?q=号店", "/search?q=测试路3号", "/search?street=杨柳镇", "/search?q=zzz")
NOWHERE = (
    "/draws/",
    "/draws/2026-12/",
    "/draws/2026-11/draw.jsonx",
    "/s/2222-2222/",
    "/nowhere",
    "/draws/verify.py",
)
ENCODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "br": brotli.decompress,
}
# Only these name the hash of the nonce, which is the one thing that differs in public.
COMMITMENTS = ("/draws/2026-11/", "/draws/2026-11/draw.json")


@dataclass(frozen=True)
class Answer:
    """What somebody outside gets."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Run:
    """A campaign with one nonce, and everything the public was answered after each step."""

    office: Office
    house: House
    client: FlaskClient
    answers: list[dict[tuple[str, str], Answer]] = field(default_factory=list)

    def publish(self, now: datetime) -> None:
        """Publish at an instant: what is written now is as old as that instant, in both runs."""
        before = {path: path.stat().st_mtime_ns for path in self._files()}
        publish(self.house, now=now, workers=1)
        for path in self._files():
            if before.get(path) != path.stat().st_mtime_ns:
                os.utime(path, (now.timestamp(), now.timestamp()))
        self.answers.append(dict(self._all_answers()))

    def _files(self) -> list[Path]:
        site = self.house.configuration.site_directory
        return [path for path in site.rglob("*") if path.is_file()]

    def _all_answers(self) -> Iterator[tuple[tuple[str, str], Answer]]:
        site = self.house.configuration.site_directory
        published = {
            "/" + path.relative_to(site).as_posix().removesuffix("index.html")
            for path in self._files()
            if path.suffix not in (".gz", ".br")
        }
        for address in sorted({*published, *SEARCHES, *NOWHERE}):
            for encoding, unpack in ENCODINGS.items():
                answer = self.client.get(address, headers={"Accept-Encoding": encoding})
                headers = {name: value for name, value in answer.headers.items() if name != "Date"}
                packed = headers.get("Content-Encoding") == encoding
                body = self._without_commitment(unpack(answer.data) if packed else answer.data)
                if packed and address in COMMITMENTS:
                    # How far a page is packed depends on the commitment that stands in it.
                    del headers["Content-Length"], headers["ETag"]
                yield (address, encoding), Answer(answer.status_code, headers, body)

    def _without_commitment(self, body: bytes) -> bytes:
        for draw in self.office.draws():
            body = body.replace(draw.nonce_sha256.encode(), b"nonce")
        return body


def run(source: Path, folder: Path, nonce: bytes, now: datetime) -> Run:
    """A month until all but one visit are closed, with a publication and a grading after every step."""
    folder.mkdir()
    shutil.copyfile(source, folder / "honghei.sqlite")
    engine = open_database(f"sqlite:///{folder / 'honghei.sqlite'}")
    office = office_of(engine)
    application = create_app(Configuration(data=folder, surface="public"))
    one = Run(office, House(Configuration(data=folder), engine), application.test_client())
    one.publish(now)
    plan(office, now)
    commit_now(office, now, seeded("roster", nonce=nonce))
    one.publish(now + HOUR / 4)
    draw_now(office, now)
    later = now + VALUE_AFTER + 2 * HOUR
    one.publish(later)
    for hours, act in enumerate((_arrive, _shut, _substitute, _visit), start=1):
        act(one, later + hours * HOUR)
        one.publish(later + hours * HOUR + HOUR / 2)
    tomorrow = later + timedelta(days=1)
    grade_units(engine, on=civil_day(tomorrow), now=tomorrow, everything=True)
    with transaction(engine) as session:
        make_plan(session, tomorrow.year, actor="job", now=tomorrow)
    assert reveal_finished(engine, tomorrow) == 0
    one.publish(tomorrow)
    return one


def _arrive(one: Run, now: datetime) -> None:
    for assignment in one.office.assignments()[1:]:
        _note(one, assignment.id, AssignmentState.ON_SITE, now)


def _shut(one: Run, now: datetime) -> None:
    _note(one, one.office.assignments()[0].id, AssignmentState.CLOSED_DOOR, now, photo="ab" * 32)


def _substitute(one: Run, now: datetime) -> None:
    first = one.office.assignments()[0]
    with transaction(one.office.engine) as session:
        open_substitute(session, MONTH, one.office.code(first.unit_id), actor=MANAGER, now=now)


def _visit(one: Run, now: datetime) -> None:
    """Visits come in and are held back, as the review holds them: stored, and not released."""
    for assignment in one.office.assignments()[1:-1]:
        with transaction(one.office.engine) as session:
            assert held_back(session, [assignment.id or 0])
            day = civil_day(now)
            add_visit(
                session,
                assignment.unit_id,
                day,
                now,
                failed=["2"],
                result="basically_compliant",
                release=False,
            )
        _note(one, assignment.id, AssignmentState.DONE, now)


def _note(
    one: Run, assignment_id: int | None, state: AssignmentState, now: datetime, photo: str | None = None
) -> None:
    with transaction(one.office.engine) as session:
        note_state(session, assignment_id or 0, state, actor=MANAGER, now=now, photo_sha256=photo)


@pytest.fixture(scope="module")
def runs(office_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Run, Run]]:
    """Two runs that differ in nothing but the nonce; what a test adds to them comes after these answers."""
    folder = tmp_path_factory.mktemp("runs")
    pair = tuple(run(office_file, folder / name, name.encode() * 32, NOW) for name in ("a", "b"))
    yield pair[0], pair[1]
    for one in pair:
        one.office.engine.dispose()


def test_two_runs_that_differ_only_in_the_nonce_answer_the_same_until_the_reveal(
    runs: tuple[Run, Run],
) -> None:
    first, second = runs
    drawn = [{one.office.code(row.unit_id) for row in one.office.assignments()} for one in runs]
    assert drawn[0] != drawn[1], "the nonces led to the same draw: nothing is tested"
    assert first.office.draws()[0].nonce_sha256 != second.office.draws()[0].nonce_sha256
    for mine, theirs in zip(first.answers[:STEPS], second.answers[:STEPS], strict=True):
        assert mine.keys() == theirs.keys()
        assert [key for key in mine if mine[key] != theirs[key]] == []
    kinds = {address.split("/")[1].split("?")[0] for address, _ in first.answers[STEPS - 1]}
    assert {"", "s", "draws", "search", "publication.json", "editions"} <= kinds
    answered = first.answers[STEPS - 1]["/draws/2026-11/", "identity"]
    assert answered.status == 200
    assert "ETag" in answered.headers


def test_the_comparison_sees_a_result_that_is_not_held_back(runs: tuple[Run, Run], now: datetime) -> None:
    for one in runs:
        with transaction(one.office.engine) as session:
            found = batch_lines(session)[0]
            # No use case would release it: the leak that the comparison must see is planted by hand.
            with pytest.raises(VisitError, match="名单公布之前不能公开"):
                release_batch(session, found.id, actor=APPROVER, now=now + timedelta(days=2))
            batch = session.get_one(VisitBatch, found.id)
            batch.released_at, batch.released_by = now + timedelta(days=2), APPROVER
            note_changes(session, Subject.PREMISES, premises_of_batch(session, found.id))
        one.publish(now + timedelta(days=2))
    mine, theirs = (one.answers[-1] for one in runs)
    assert any(mine[key] != theirs[key] for key in mine)


def test_at_the_reveal_everything_becomes_public_at_once(
    office_file: Path, tmp_path: Path, now: datetime
) -> None:
    one = run(office_file, tmp_path / "month", b"n" * 32, now)
    later = now + timedelta(days=2)
    sealed = json.loads(one.answers[-1]["/draws/2026-11/draw.json", "identity"].body)
    assert [set(draw) for draw in sealed["draws"]] == [{"number", "commitment"}]
    picture = _keep_a_picture(one)
    one.publish(later)
    assert not [address for address, _ in one.answers[-1] if address.endswith(".jpg")]
    _note(one, one.office.assignments()[-1].id, AssignmentState.DONE, later)
    assert reveal_finished(one.office.engine, later) == 1
    one.publish(later)
    revealed = json.loads(one.answers[-1]["/draws/2026-11/draw.json", "identity"].body)
    assert {"roster", "nonce", "value", "seed", "selection", "events"} <= set(revealed["draws"][0])
    shown = one.answers[-1]["/draws/2026-11/value-1.jpg", "identity"]
    assert (shown.body, shown.headers["Content-Type"]) == (picture, "image/jpeg")
    assert hashlib.sha256(shown.body).hexdigest() == revealed["draws"][0]["value"]["photo_sha256"]
    page = one.answers[-1]["/draws/2026-11/", "identity"].body.decode()
    assert 'href="/draws/2026-11/value-1.jpg"' in page
    for row in one.office.assignments():
        assert one.office.code(row.unit_id) in page
    with read_only(one.office.engine) as session:
        assert not held_back(session, [one.office.assignments()[0].id or 0])
    one.office.engine.dispose()


def _keep_a_picture(one: Run) -> bytes:
    picture = jpeg()
    with transaction(one.office.engine) as session:
        draw = session.merge(one.office.draws()[0])
        draw.value_photo_sha256 = keep_bytes(one.house.configuration.evidence_directory, picture)
    return picture


def test_an_overdue_reveal_shows_by_itself(office_file: Path, tmp_path: Path, now: datetime) -> None:
    folder = tmp_path / "late"
    one = run(office_file, folder, b"late" * 8, now)
    eve, day_after = now + timedelta(days=20), now + timedelta(days=21)
    one.publish(eve)
    before = one.answers[-1]["/draws/2026-11/", "identity"].body.decode()
    sentence = BeautifulSoup(before, "html.parser").select_one("[data-last-day]")
    assert sentence is not None
    assert (sentence["data-last-day"], sentence.has_attr("hidden")) == ("2026-12-14", True)
    one.publish(day_after)
    after = one.answers[-1]["/draws/2026-11/", "identity"]
    assert "2026年12月14日" in after.body.decode()
    assert "现在已经逾期" in after.body.decode()
    assert "hidden" not in after.body.decode()
    one.office.engine.dispose()
