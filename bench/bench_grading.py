"""Grading 100,000 units with 500,000 visits of 30 answers, against one bare reading of the same answers.

Ours is the real grading run on a fresh copy of a real database: units, visits and rules are read, and
suggested results, proposals, verdicts, standings, their derivations and the change feed are stored and
committed. The peer is Python's sqlite3 and one SELECT over 15,000,000 rows, one per answer, in visit
order, fetched row by row, failed answers counted, nothing stored. Both run in processes of their own, in
turn; 2 % of the visits belong to campaigns (a district draws a few dozen of its units each month).
Stated beside it: the same with a leaner peer, which fetches the letter alone, and the memory of the run.
"""

import argparse
import json
import random  # noqa: TID251  # a seeded generator: every run grades the same data
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from bench.apart import memory_mib, run_apart
from bench.profiling import where_time_goes
from inspections.record.database import insert_rows, open_database, table_of, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.migrate import migrate
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from inspections.visits.grading_run import grade_units
from inspections.visits.tables import Visit, VisitBatch, VisitKind
from inspections.visits.workers import processes_for

SCRATCH = Path(__file__).parent / "scratch"
CHECKLIST = "cn-catering-2016-1-3"
SEED = 20261124
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
ON = date(2026, 11, 24)
VISITS_EACH = 5
_MODULE = "bench.bench_grading"
GOAL = 2.0
GOAL_MIB = 1024
WHOLE = 100_000
WORDS = {
    "peer": "at most 2 times one bare sqlite3 SELECT over the same answers, one row each",
    "lean": "stated beside it: the SELECT fetches the answer's letter alone",
}
LETTERS, WEIGHTS = "PNFSH-", (840, 70, 25, 20, 25, 20)
RESULTS = ("compliant", "basically_compliant", "non_compliant")
TYPES = ("restaurant", "fast_food", "snack_shop", "drink_shop", "canteen", "school_canteen")
SIZES = ("large", "medium", "small", "micro")
FOODS = ("hot", "cold", "raw", "pastry", "drinks", "other")


def _units(count: int, rng: random.Random) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    for id_ in range(1, count + 1):
        first = date(2019, 1, 1) + timedelta(days=rng.randrange(2000))
        door = {
            "id": id_,
            "code": f"B{id_:07}",
            "address": f"测试路{id_}号",
            "door_label": "",
            "door_key": f"测试路{id_}号",
            "street": f"街{id_ % 16}",
        }
        unit = {"id": id_, "premises_id": id_, "from_on": first}
        version = {
            "unit_id": id_,
            "from_on": first,
            "recorded_at": NOW,
            "row_hash": str(id_),
            "licence_name": f"测试店{id_}",
            "unit_type": rng.choice(TYPES),
            "size_class": rng.choice(SIZES),
            "area_m2": rng.randrange(10, 3000),
            "seats": rng.randrange(0, 300),
            "persons_served": rng.randrange(0, 900),
            "licence_from_on": first,
            "food_categories": ",".join(sorted(rng.sample(FOODS, rng.randrange(1, 5)))),
        }
        yield door, unit, version


def _visits(units: int, checklist_version_id: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    for id_ in range(1, units * VISITS_EACH + 1):
        yield {
            "id": id_,
            "record_key": f"b{id_}",
            "version": 1,
            "unit_id": rng.randrange(1, units + 1),
            "visited_on": ON - timedelta(days=730 - id_ * 730 // (units * VISITS_EACH)),
            "kind": VisitKind.CAMPAIGN if rng.random() < 0.02 else VisitKind.DAILY,
            "checklist_version_id": checklist_version_id,
            "answers": "".join(rng.choices(LETTERS, WEIGHTS, k=30)),
            "decided_result": rng.choices(RESULTS, (70, 24, 6))[0],
            "inspectors": "",
            "theme_items": "",
            "is_current": True,
            "batch_id": 1,
            "row_hash": str(id_),
        }


def build_ours(path: Path, units: int) -> None:
    """A migrated database with the shipped rules and a synthetic register, not graded."""
    rng = random.Random(SEED)  # noqa: S311  # data, not a secret
    engine = open_database(f"sqlite:///{path}")
    migrate(engine)
    with transaction(engine) as session:
        set_mark(session, DEMONSTRATION, now=NOW)
        load_seeds(session, actor="bench", now=NOW)
        rows = _units(units, rng)
        tables = (table_of(Premises), table_of(CateringUnit), table_of(UnitVersion))
        while chunk := list(islice(rows, 5000)):
            for table, part in zip(tables, zip(*chunk, strict=True), strict=True):
                insert_rows(session, table, part)
        batch = {
            "id": 1,
            "received_at": NOW,
            "visits": units * VISITS_EACH,
            "released_at": NOW,
            "released_by": "bench",
            "file_name": "",
            "file_sha256": "",
        }
        insert_rows(session, table_of(VisitBatch), [batch])
        visits = _visits(units, newest_checklist(session, CHECKLIST).version_id, rng)
        while part := list(islice(visits, 5000)):
            insert_rows(session, table_of(Visit), part)
    _settle(engine)


def _settle(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def build_peer(path: Path, ours: Path) -> None:
    """The same answers, one row each."""
    target = sqlite3.connect(path)
    target.execute(
        "CREATE TABLE answers (visit INTEGER, item INTEGER, answer TEXT, PRIMARY KEY (visit, item))"
        " WITHOUT ROWID"
    )
    source = sqlite3.connect(ours)
    for visit, answers in source.execute("SELECT id, answers FROM visits ORDER BY id"):
        rows = [(visit, item, answer) for item, answer in enumerate(answers, 1)]
        target.executemany("INSERT INTO answers VALUES (?, ?, ?)", rows)
    target.commit()
    source.close()
    target.close()


def run_ours(path: Path) -> dict[str, float]:
    """One grading run, timed from an open process to the last commit."""
    engine = open_database(f"sqlite:///{path}")
    start = time.perf_counter()
    summary = grade_units(engine, on=ON, now=NOW, everything=True)
    seconds = time.perf_counter() - start
    engine.dispose()
    return {
        "seconds": seconds,
        "units": summary.units,
        "visits": summary.visits,
        "memory_mib": memory_mib(processes_for(WHOLE)),
    }


def run_profile(path: Path) -> dict[str, str]:
    """One grading run without further processes, and where its time went."""
    engine = open_database(f"sqlite:///{path}")
    told = where_time_goes(lambda: grade_units(engine, on=ON, now=NOW, everything=True, processes=0))
    engine.dispose()
    return {"note": told}


def run_peer(path: Path) -> dict[str, float]:
    """One pass over all answers."""
    connection = sqlite3.connect(path)
    start = time.perf_counter()
    failed = 0
    query = "SELECT visit, item, answer FROM answers ORDER BY visit, item"
    for _visit, _item, answer in connection.execute(query):
        if answer in "FSH":
            failed += 1
    seconds = time.perf_counter() - start
    connection.close()
    return {"seconds": seconds, "failed": failed}


def run_lean(path: Path) -> dict[str, float]:
    """The same pass, the letters alone."""
    connection = sqlite3.connect(path)
    start = time.perf_counter()
    failed = 0
    for (answer,) in connection.execute("SELECT answer FROM answers ORDER BY visit, item"):
        if answer in "FSH":
            failed += 1
    seconds = time.perf_counter() - start
    connection.close()
    return {"seconds": seconds, "failed": failed}


def measure(units: int, runs: int) -> Iterator[dict[str, object]]:
    """Build once, then run all sides in turn, ours each time on a fresh copy."""
    SCRATCH.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="grading-", dir=SCRATCH))
    ours, peer = folder / "ours.sqlite", folder / "peer.sqlite"
    build_ours(ours, units)
    build_peer(peer, ours)
    seconds: dict[str, list[float]] = {"ours": [], "peer": [], "lean": []}
    memory = 0.0
    for run in range(runs):
        copy = _copy(ours, run)
        graded = run_apart(_MODULE, "ours", copy)
        assert graded["units"] == units
        assert graded["visits"] == units * VISITS_EACH
        memory = max(memory, graded["memory_mib"])
        seconds["ours"].append(graded["seconds"])
        counts = {side: run_apart(_MODULE, side, peer) for side in ("peer", "lean")}
        assert counts["peer"]["failed"] == counts["lean"]["failed"] > 0
        for side, found in counts.items():
            seconds[side].append(found["seconds"])
    note = run_apart(_MODULE, "profile", _copy(ours, runs))["note"]
    note += f" Processes besides the caller's own in the measured runs: {processes_for(units)}."
    shutil.rmtree(folder)
    what = (
        f"grade {units:,} units with {units * VISITS_EACH:,} visits of 30 answers, results and traces stored"
    )
    medians = {side: round(statistics.median(values), 3) for side, values in seconds.items()}
    for side, name, goal in (("peer", "grading", GOAL), ("lean", "grading_letters", None)):
        ratio = statistics.median(a / b for a, b in zip(seconds["ours"], seconds[side], strict=True))
        yield {
            "name": name,
            "what": what,
            "ours": medians["ours"],
            "peer": medians[side],
            "unit": "s",
            "ratio": round(ratio, 2),
            "goal": goal,
            "goal_words": WORDS[side],
            "met": None if goal is None else ratio <= goal,
            "runs": runs,
            **(
                {"note": f"{note} {processes_for(units)} further process(es) shared the work."}
                if goal
                else {}
            ),
        }
    yield {
        "name": "grading_memory",
        "what": f"memory of the same run at {units:,} units, all processes",
        "ours": round(memory),
        "unit": "MiB",
        "goal": GOAL_MIB,
        "goal_words": "under 1 GiB",
        "met": memory < GOAL_MIB,
        "runs": runs,
    }


def _copy(database: Path, run: int) -> Path:
    return Path(shutil.copyfile(database, database.with_name(f"ours-{run}.sqlite")))


def one(which: str, path: str) -> None:
    """One run of one side, in this process; prints what it measured."""
    sides: dict[str, Callable[[Path], Mapping[str, object]]] = {
        "ours": run_ours,
        "peer": run_peer,
        "lean": run_lean,
        "profile": run_profile,
    }
    print(json.dumps(sides[which](Path(path)), ensure_ascii=False))


def main() -> None:
    """Measure and print one JSON line per figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=WHOLE)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    for figure in measure(options.units, options.runs):
        print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
