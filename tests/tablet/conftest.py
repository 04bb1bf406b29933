"""A server for tablets: the real application on 127.0.0.1, on a database of its own."""

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from werkzeug.serving import make_server

from app import create_app
from inspections.people.recovery import make_recovery_key
from inspections.people.tablets import make_enrolment
from inspections.record.clock import civil_day, utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, transaction
from inspections.record.house import House
from inspections.rulebooks.queries import newest_checklist
from inspections.visits.service import NewFinding, NewVisit, release_batch, store_visits
from inspections.visits.tables import VisitKind
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD
from tests.staff import signed_in
from tests.tablet.driving import LANDSCAPE, Tablet
from tests.tablets import CHECKLIST, PASSPHRASE, FieldBureau, open_field_bureau

FAILED_LAST_TIME = {"2.3": "冷藏柜内生熟食品混放", "P5.02": "消毒后的餐具没有放入保洁柜"}


@dataclass(frozen=True)
class TabletServer:
    """Where the application answers, and the data directory behind it."""

    address: str
    data: Path


@contextmanager
def served(data: Path, port: int = 0) -> Iterator[TabletServer]:
    """The real application on a data directory, answering from threads of this process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", port, create_app(Configuration(data=data)), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield TabletServer(f"http://127.0.0.1:{server.server_port}", data)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def empty_server(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[TabletServer]:
    """The application on a migrated, empty database: enough for its shell."""
    directory = tmp_path_factory.mktemp("shell")
    shutil.copyfile(migrated_file, directory / "honghei.sqlite")
    with served(directory) as server:
        yield server


@dataclass(frozen=True)
class FieldServer:
    """The application over a bureau with inspectors, one unit, and what its tests prepared."""

    address: str
    data: Path
    bureau: FieldBureau

    def enrolment(self, label: str = "执法平板01") -> str:
        """A one-time code for a new tablet, as the administrator makes it."""
        with transaction(self.bureau.engine) as session:
            return make_enrolment(session, label=label, actor=ADMINISTRATOR, now=utc_now())

    def recovery_key(self, folder: Path) -> Path:
        """A new recovery key, in the file that the administrator keeps."""
        key = folder / "recovery.pem"
        with transaction(self.bureau.engine) as session:
            private = make_recovery_key(session, passphrase=PASSPHRASE, actor=ADMINISTRATOR, now=utc_now())
        key.write_bytes(private)
        return key

    def open_at_the_desk(self, export: Path, key: Path) -> str:
        """What the administrator reads who opens a tablet's export at the desk."""
        application = create_app(Configuration(data=self.data))
        page, client = "/desk/tablets/exports", signed_in(application, ADMINISTRATOR, PASSWORD)
        client.get(page)
        with export.open("rb") as exported, key.open("rb") as secret:
            fields = {"passphrase": PASSPHRASE, "reason": "PIN 遗忘", "export": exported, "key": secret}
            told = client.act(page, fields)
        house: House = application.extensions["house"]
        house.engine.dispose()
        return told


def add_earlier_visit(bureau: FieldBureau) -> None:
    """A released visit half a year ago with two findings, of which one was put right at once."""
    day = civil_day(bureau.now) - timedelta(days=160)
    with transaction(bureau.engine) as session:
        stored = newest_checklist(session, CHECKLIST)
        answers = {item.code: "P" for item in stored.checklist.items} | dict.fromkeys(FAILED_LAST_TIME, "H")
        findings = [
            NewFinding(code, note=note, corrected_on=day if code == "2.3" else None)
            for code, note in FAILED_LAST_TIME.items()
        ]
        visit = NewVisit(
            record_key="食检〔2026〕000007号",
            unit_id=bureau.unit_id,
            visited_on=day,
            kind=VisitKind.DAILY,
            checklist_version_id=stored.version_id,
            answers=stored.checklist.pack(answers),
            decided_result="basically_compliant",
            findings=tuple(findings),
        )
        batch = store_visits(session, [visit], actor=EDITOR, now=bureau.now)
        release_batch(session, batch.batch_id or 0, actor=APPROVER, now=bureau.now)


@pytest.fixture
def field_server(data_directory: Path) -> Iterator[FieldServer]:
    """A served bureau: settings, three inspectors, a recovery key, one unit with an earlier visit."""
    engine = open_database(f"sqlite:///{data_directory / 'honghei.sqlite'}")
    bureau = open_field_bureau(engine)
    add_earlier_visit(bureau)
    with served(data_directory) as server:
        yield FieldServer(server.address, data_directory, bureau)
    engine.dispose()


@pytest.fixture
def make_tablet(
    playwright: Playwright, field_server: FieldServer, tmp_path: Path
) -> Iterator[Callable[..., Tablet]]:
    """Switched-on tablets, each with a profile of its own; no script may fail in any of them."""
    made: list[Tablet] = []

    def make(size: tuple[int, int] = LANDSCAPE) -> Tablet:
        tablet = Tablet(playwright, tmp_path / f"tablet-{len(made)}", field_server.address, size)
        made.append(tablet)
        return tablet.start()

    yield make
    for tablet in made:
        tablet.close()
    assert [fault for tablet in made for fault in tablet.faults] == []
