"""Backup, verify and restore in the middle of a running sync: after an older backup nothing is missing."""

import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.people.tablets import make_enrolment
from inspections.record.clock import utc_now
from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import open_database, read_only, transaction
from inspections.visits.sync.tables import FieldVisit, FieldVisitState, VisitChange, VisitPhoto
from tests.bureau import ADMINISTRATOR
from tests.postgres_server import run_on_server
from tests.tablet.unreliable import Server
from tests.tablets import LEAD, SECOND, Draft, FieldBureau, assign, fresh_id, open_field_bureau
from tests.visits.sync.wire import WireTablet

pytestmark = pytest.mark.slow

_EVERY = 0.15
_MOST_LOOKS = 2_000
_ITEMS = 4
_MOST_VISITS = 8


@dataclass
class Place:
    """A data directory with its database, and what processes must be told of both."""

    data: Path
    engine: Engine
    environment: dict[str, str]

    def flask(self, *args: object) -> str:
        """Run a command of the house in a process of its own; it must end well."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *map(str, args)],
            env={**os.environ, "HHB_DATA": str(self.data), **self.environment},
            cwd=PACKAGE_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def backup(self, target: Path) -> Path:
        """Back up; the folder that was made."""
        known = set(target.glob("backup-*Z"))
        self.flask("backup", target)
        (made,) = set(target.glob("backup-*Z")) - known
        return made

    def change_ids(self) -> list[str]:
        """Every stored change, as often as it is stored."""
        with read_only(self.engine) as session:
            return list(session.exec(select(VisitChange.client_id)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def places(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path
) -> Iterator[tuple[Place, Place]]:
    """Where the house lives, and the empty place to which a backup is restored, on either database."""
    here, new = tmp_path / "here", tmp_path / "new"
    here.mkdir()
    new.mkdir()
    if request.param == "sqlite":
        shutil.copyfile(migrated_file, here / "honghei.sqlite")
        found = [Place(data, _embedded(data), {}) for data in (here, new)]
    else:
        engine: Engine = request.getfixturevalue("postgres")
        server: str = request.getfixturevalue("migrated_postgres")
        name = f"restored_{secrets.token_hex(6)}"
        run_on_server(server, f"CREATE DATABASE {name}")
        engines = {here: engine, new: open_database(f"{server}&dbname={name}")}
        found = [Place(data, engine, _told_of(engine)) for data, engine in engines.items()]
    yield found[0], found[1]
    for place in found:
        place.engine.dispose()


def _embedded(data: Path) -> Engine:
    return open_database(f"sqlite:///{data / 'honghei.sqlite'}")


def _told_of(engine: Engine) -> dict[str, str]:
    return {"HHB_DATABASE_URL": engine.url.render_as_string(hide_password=False)}


class Writers:
    """Tablets that go on making visits and sending them, whatever happens to the server."""

    def __init__(self, tablets: Sequence[WireTablet], bureau: FieldBureau, tasks: list[str]) -> None:
        self.tablets, self.bureau, self.tasks = list(tablets), bureau, tasks
        self.most = _MOST_VISITS
        self.stop, self.lock = threading.Event(), threading.Lock()
        self.threads: list[threading.Thread] = []

    def allow_more(self) -> None:
        """So many visits for each part of the day: a slow machine must not drown in what is sent again."""
        self.most += _MOST_VISITS

    def begin(self, tablet: WireTablet) -> None:
        """One more tablet at work."""
        thread = threading.Thread(target=self._work, args=(tablet,))
        self.threads.append(thread)
        thread.start()

    def _work(self, tablet: WireTablet) -> None:
        while not self.stop.wait(_EVERY):
            if len(tablet.drafts) < self.most:
                tablet.drafts.append(self._visit(tablet))
            tablet.sync()

    def _visit(self, tablet: WireTablet) -> Draft:
        """A visit with a photo: whole and signed by the lead while numbers last, else just begun."""
        task = self._task() if tablet.name == LEAD else None
        visit = task or fresh_id("visit")
        draft = Draft(self.bureau, visit, utc_now(), assignment=task is not None)
        draft.open()
        sha256 = tablet.photograph(draft, shade=len(tablet.drafts) % 256)
        failed = {"2.3": {"answer": "fail", "safety": False, "remark": "生熟混放", "photos": [sha256]}}
        if tablet.name == LEAD and tablet.numbers:
            draft.fill(failed, result="basically_compliant")
            draft.sign(tablet.numbers.pop())
            return draft
        for code in self.bureau.codes[:_ITEMS]:
            draft.say(f"item/{code}", failed.get(code, {"answer": "pass"}))
        return draft

    def _task(self) -> str | None:
        """A task that nobody has begun, as long as there are any."""
        with self.lock:
            return self.tasks.pop() if self.tasks else None

    def rest(self) -> None:
        """Nobody writes any more."""
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def end(self) -> None:
        """Nobody writes any more, and everything that was written is sent."""
        self.rest()
        for tablet in self.tablets:
            _look(tablet.sends_the_rest)


def _look(is_so: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    for _ in range(_MOST_LOOKS):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to be so")


@contextmanager
def _serving(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.kill()


def _enrol(place: Place) -> str:
    with transaction(place.engine) as session:
        return make_enrolment(session, label=fresh_id("平板"), actor=ADMINISTRATOR, now=utc_now())


def test_backup_verify_and_restore_in_the_middle_of_a_sync_end_with_nothing_missing(
    places: tuple[Place, Place], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    here, new = places
    bureau = open_field_bureau(here.engine)
    living = [here]
    first = Server(here.data, here.environment)
    tablets = [
        WireTablet(first.port, fresh_id("tablet"), name, lambda: _enrol(living[-1]))
        for name in (LEAD, SECOND, SECOND, LEAD)
    ]
    writers = Writers(tablets, bureau, [assign(bureau) for _ in range(6)])
    request.addfinalizer(writers.rest)
    with _serving(first):
        for tablet in tablets[:3]:
            tablet.sign_in()
            tablet.fetch_bundle()
            writers.begin(tablet)
        _look(lambda: all(tablet.ever_received and tablet.whole for tablet in tablets[:3]))
        older = here.backup(tmp_path / "kept")

        # After that backup: new tasks, new numbers, a tablet that it has never heard of.
        writers.allow_more()
        writers.tasks += [assign(bureau) for _ in range(6)]
        tablets[3].sign_in()
        tablets[3].fetch_bundle()
        writers.begin(tablets[3])
        _look(lambda: bool(tablets[3].whole) and not writers.tasks)
        assert "全部完好" in here.flask("verify")
        here.backup(tmp_path / "kept")
    acknowledged = {id_ for tablet in tablets for id_ in tablet.ever_received}

    writers.allow_more()

    # The server is gone, the older backup takes its place, and nobody has stopped writing.
    new.flask("restore", older)
    lost = acknowledged - set(new.change_ids())
    assert lost, "the backup is not older than what had a receipt"
    living.append(replace(new))
    second = Server(new.data, new.environment)
    second.port = first.port
    with _serving(second):
        _look(lambda: all(len(tablet.epochs) > 1 for tablet in tablets))
        assert "全部完好" in new.flask("verify")
        new.backup(tmp_path / "kept later")
        writers.end()
    _require_everything(new, tablets, acknowledged)
    assert "全部完好" in new.flask("verify")


def _require_everything(place: Place, tablets: Sequence[WireTablet], acknowledged: set[str]) -> None:
    assert [tablet.refusals for tablet in tablets] == [[], [], [], []]
    ids = place.change_ids()
    assert len(ids) == len(set(ids)), "something was stored twice"
    assert set(ids) == {change["id"] for tablet in tablets for change in tablet.changes}
    assert acknowledged <= set(ids)
    signed = {
        draft.visit
        for tablet in tablets
        for draft in tablet.drafts
        if any(change["key"] == "signed" for change in draft.changes)
    }
    with read_only(place.engine) as session:
        visits = session.exec(select(FieldVisit)).all()
        photos = session.exec(select(VisitPhoto)).all()
    assert signed
    assert {visit.client_id for visit in visits if visit.state == FieldVisitState.SIGNED} == signed
    assert sum(len(tablet.photos) for tablet in tablets) == len(photos)
    assert [photo.id for photo in photos if photo.complete_at is None] == []
