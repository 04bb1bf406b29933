"""A publisher killed at any instant leaves a site that reads whole, and the next publication repairs it."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random  # noqa: TID251  # a fixed seed: the instants are the same in every run

import pytest
from sqlmodel import select

from inspections.record.changes import Subject, note_changes
from inspections.record.database import open_database, read_only, transaction
from inspections.record.house import House
from inspections.record.tables import Change
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from publishing.site import batches, service
from publishing.site.queries import unfinished_pages
from publishing.site.service import publish, scratch_of
from tests.bureau import DUMPLINGS, add_units
from tests.publishing.site.town import Town, assert_whole, places_of

SEED = 20261124
DOORS = 60
WITH_WORKERS = 5


def name_of(unit_id: int, round_number: int) -> str:
    return f"第{round_number}轮{unit_id}号店"


def rename_all(town: Town, round_number: int) -> None:
    """Give every unit a new sign."""
    with transaction(town.house.engine) as session:
        for version in session.exec(select(UnitVersion)):
            version.sign_name = name_of(version.unit_id, round_number)
            session.add(version)
        note_changes(
            session, Subject.PREMISES, [unit.premises_id for unit in session.exec(select(CateringUnit))]
        )


def publish_and_be_killed(town: Town, now: datetime, after: float, **options: object) -> None:
    """Publish in a process of its own and kill it after so many seconds."""
    town.house.engine.dispose()
    child = os.fork()
    if child == 0:
        engine = open_database(town.house.configuration.effective_database_url)
        publish(House(town.house.configuration, engine), now=now, **options)  # type: ignore[arg-type]
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def took(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def assert_readable(town: Town, round_number: int) -> None:
    """Whatever a reader opens is one version of a page, old or new, and the search file is one version."""
    assert_whole(town)
    for page in (town.site / "s").glob("*/index.html"):
        text = page.read_text(encoding="utf-8")
        assert (f"第{round_number}轮" in text) != (f"第{round_number - 1}轮" in text), page
    database = sqlite3.connect(f"{town.search_file.as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        assert database.execute("PRAGMA quick_check").fetchone() == ("ok",)
        names = {row[0].partition("轮")[0] for row in database.execute("SELECT text FROM found")}
    finally:
        database.close()
    assert names <= {f"第{round_number}", f"第{round_number - 1}"}
    assert len(names) == 1


@pytest.mark.faults
@pytest.mark.slow
def test_a_publication_killed_at_any_instant_is_repaired_by_the_next(
    town: Town, now: datetime, fault_rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(town.house.engine) as session:
        rows = [
            replace(DUMPLINGS, address=f"新路{place}号", licence_number=None, credit_code=None)
            for place in range(DOORS)
        ]
        add_units(session, rows, now)
    rename_all(town, 0)
    whole = took(lambda: town.publish(now, full=True))
    instants = Random(SEED)  # noqa: S311  # instants, not secrets
    for round_number in range(1, fault_rounds + 1):
        rename_all(town, round_number)
        full, workers = round_number % 3 == 0, 1
        if round_number % WITH_WORKERS == 0:
            monkeypatch.setattr(service, "DOORS_WORTH_WORKERS", 1)
            monkeypatch.setattr(batches, "DOORS_PER_BATCH", 10)
            full, workers = True, 2
        span = whole * 1.2 if workers == 1 else whole * 1.2 + 2
        publish_and_be_killed(town, now, span * instants.random(), full=full, workers=workers)
        assert_readable(town, round_number)
        monkeypatch.undo()
        town.publish(now)
        assert_readable(town, round_number)
        assert places_of(town, f"第{round_number - 1}轮") == []
        with read_only(town.house.engine) as session:
            assert session.exec(select(Change)).all() == []
            assert unfinished_pages(session) == []
            doors = len(session.exec(select(Premises)).all())
        assert len(list((town.site / "s").iterdir())) == doors
    assert not scratch_of(town.site).exists()
