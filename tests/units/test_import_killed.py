"""An import killed at any instant has loaded everything or nothing, and the next one loads the rest."""

import csv
import os
import signal
import time
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random  # noqa: TID251  # a fixed seed: the instants are the same in every run

import pytest
from sqlalchemy import Engine, text

from inspections.record.audit import verify_audit
from inspections.record.database import open_database, read_only, transaction
from inspections.units.numbers import licence_check_digit
from inspections.units.service import UnitsImported, import_units
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from tests.units.register import count

SEED = 20261124
ROWS = 1500
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def register_of(path: Path, round_number: int) -> Path:
    """A register in which every row has changed since the round before, and some are wrong."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["主体名称", "许可证编号", "经营场所", "街镇", "业态", "餐位数"])
        for place in range(ROWS):
            body = f"2120190{990000 + place:06}"
            number = f"JY{body}{licence_check_digit(body)}"
            seats = "许多" if place % 100 == 7 else str(round_number * 10)
            writer.writerow([f"{place}号饭店", number, f"新路{place}号", "杨柳镇", "餐馆", seats])
    return path


def load(engine: Engine, path: Path) -> UnitsImported:
    with transaction(engine) as session:
        return import_units(session, path, on=DAY, now=NOW, actor="李伟", reports=path.parent / "reports")


def load_and_be_killed(database: Engine, path: Path, after: float) -> None:
    """Import in a process of its own and kill it after so many seconds."""
    url = database.url
    database.dispose()
    child = os.fork()
    if child == 0:
        load(open_database(url.render_as_string(hide_password=False)), path)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def seats_of(engine: Engine) -> set[int]:
    """The seats in the newest version of each unit."""
    newest = (
        "SELECT seats FROM unit_versions v"
        " WHERE id = (SELECT max(id) FROM unit_versions WHERE unit_id = v.unit_id)"
    )
    with read_only(engine) as session:
        return set(session.execute(text(newest)).scalars())


@pytest.mark.faults
@pytest.mark.slow
def test_an_import_killed_at_any_instant_is_whole_or_has_not_happened(
    database: Engine, tmp_path: Path, fault_rounds: int
) -> None:
    good = ROWS - ROWS // 100
    began = time.perf_counter()
    assert load(database, register_of(tmp_path / "名册.csv", 0)).new == good
    whole = time.perf_counter() - began
    instants = Random(SEED)  # noqa: S311  # instants, not secrets
    for round_number in range(1, fault_rounds + 1):
        path = register_of(tmp_path / "名册.csv", round_number)
        load_and_be_killed(database, path, whole * 1.3 * instants.random())
        assert seats_of(database) in ({round_number * 10}, {(round_number - 1) * 10})
        done = load(database, path)
        assert (done.new, done.bad, done.changed in (0, good)) == (0, ROWS // 100, True)
        assert seats_of(database) == {round_number * 10}
        assert count(database, Premises, CateringUnit) == [good, good]
        assert load(database, path).unchanged == good
    assert count(database, UnitVersion) == [good * (fault_rounds + 1)]
    with read_only(database) as session:
        assert list(verify_audit(session)) == []
