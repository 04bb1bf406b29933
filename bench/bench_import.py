"""Importing a register of 100,000 rows, against csv.reader and executemany into one table.

Ours is the real import: detection, conversion and checks of 26 columns, matching against the register,
premises, units and dated versions with their indexes, the change feed and the audit row, committed. The
peer is Python's csv.reader and sqlite3's executemany into one table without an index, committed, on the
same file with the same write-ahead logging. Both run in processes of their own, in turn.
"""

import argparse
import csv
import json
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from bench.profiling import where_time_goes
from inspections.record.database import open_database, transaction
from inspections.record.migrate import migrate
from inspections.units.numbers import credit_check_character, licence_check_digit
from inspections.units.register_columns import unit_columns
from inspections.units.search_keys import fill_search_keys
from inspections.units.service import import_units

SCRATCH = Path(__file__).parent / "scratch"
ON = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
GOAL = 8.0
GOAL_MIB = 1024
LEAST_SERIAL, SERIALS, FIRST_REGION = 990_000, 10_000, 120190
TRADES = ("饺子馆", "面馆", "快餐店", "小吃店", "火锅店", "包子铺", "餐厅", "奶茶店", "烧烤店", "早点铺")
SIGNS = ("福满", "春来", "老街", "好味", "同乐", "顺意", "喜客", "丰年", "百味", "金穗", "和顺", "聚友")
TYPES = ("餐馆", "快餐店", "小吃店", "饮品店", "单位食堂")


def _row(index: int) -> list[str]:
    region, serial = FIRST_REGION + index // SERIALS, LEAST_SERIAL + index % SERIALS
    digits = f"2{region}{serial}"
    body = f"92{region}DEM{index:06}"
    sign = f"{SIGNS[index % 12]}{SIGNS[index // 12 % 12]}{TRADES[index % 10]}"
    year, month, day = 2020 + index % 6, 1 + index % 12, 1 + index % 28
    online = index % 3 == 0
    return [
        f"示范区{sign}{index}号店", sign, f"JY{digits}{licence_check_digit(digits)}",
        body + credit_check_character(body), f"文明路{index // 7}号{index % 7}门", "",
        f"{SIGNS[index % 12]}街道", TYPES[index % 5], ("是", "否", "")[index % 3],
        f"{20 + index % 700}.{index % 10}", str(index % 300), "", "热食类、冷食类" if index % 2 else "热食类",
        f"{year}-{month:02}-{day:02}", f"{year + 5}-{month:02}-{day:02}",
        "", "是" if online else "否", f"{sign}（网店{index}）" if online else "", "透明式",
        f"2026-{1 + index % 10:02}-{day:02}", "", "在营", "", f"39.{index:06}", f"117.{index:06}", "",
    ]  # fmt: skip


def _rows(count: int) -> Iterator[list[str]]:
    yield [column.header for column in unit_columns(ON)]
    for index in range(count):
        yield _row(index)


def _write_inputs(folder: Path, count: int) -> None:
    with (folder / "register.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(_rows(count))
    book = xlsxwriter.Workbook(str(folder / "register.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet("名册")
    for line, cells in enumerate(_rows(count)):
        for place, cell in enumerate(cells):
            if cell:
                sheet.write_string(line, place, cell)
    book.close()


def peer(folder: Path, source: Path) -> dict[str, float]:
    """The bare import."""
    started = time.perf_counter()
    connection = sqlite3.connect(folder / "peer.sqlite")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    with source.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        width = len(next(reader))
        connection.execute(f"CREATE TABLE register ({', '.join(f'c{place}' for place in range(width))})")
        marks = ", ".join(["?"] * width)
        connection.executemany(f"INSERT INTO register VALUES ({marks})", reader)  # noqa: S608  # marks only
    connection.commit()
    return {"seconds": time.perf_counter() - started}


def ours(folder: Path, source: Path, count: int) -> dict[str, float]:
    """The real import into a migrated, empty database, then the search keys as the later step they are."""
    engine = open_database(f"sqlite:///{folder / 'ours.sqlite'}")
    migrate(engine)
    started = time.perf_counter()
    with transaction(engine) as session:
        done = import_units(session, source, on=ON, now=NOW, actor="bench", reports=folder)
    seconds = time.perf_counter() - started
    assert (done.new, done.bad) == (count, 0), done
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if source.suffix != ".csv":
        return {"seconds": seconds, "memory_mib": peak}
    started = time.perf_counter()
    with transaction(engine) as session:
        fill_search_keys(session)
    return {"seconds": seconds, "memory_mib": peak, "keys": time.perf_counter() - started}


def profile(folder: Path, source: Path) -> dict[str, str]:
    """One import, and where its time went."""
    engine = open_database(f"sqlite:///{folder / 'ours.sqlite'}")
    migrate(engine)
    with transaction(engine) as session:
        told = where_time_goes(
            lambda: import_units(session, source, on=ON, now=NOW, actor="bench", reports=folder)
        )
    return {"note": told}


def _measured(which: str, scratch: Path, source: Path, count: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix=f"{which}-", dir=scratch))
    command = [sys.executable, "-m", "bench.bench_import", "--child", which, str(folder), str(source)]
    done = subprocess.run(
        [*command, "--rows", str(count)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=SCRATCH.parents[1],
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure in turn and print one JSON line per figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--child", nargs=3, metavar=("WHICH", "FOLDER", "SOURCE"))
    options = parser.parse_args()
    if options.child:
        folder, source = Path(options.child[1]), Path(options.child[2])
        sides: dict[str, Callable[[], Mapping[str, object]]] = {
            "peer": lambda: peer(folder, source),
            "profile": lambda: profile(folder, source),
        }
        result = sides.get(options.child[0], lambda: ours(folder, source, options.rows))()
        print(json.dumps(result, ensure_ascii=False))
        return
    SCRATCH.mkdir(exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="import-", dir=SCRATCH))
    _write_inputs(scratch, options.rows)
    plain, book = scratch / "register.csv", scratch / "register.xlsx"
    runs: dict[str, list[dict[str, float]]] = {"peer": [], "csv": [], "xlsx": []}
    for _ in range(options.runs):
        for which, source in (("peer", plain), ("csv", plain), ("xlsx", book)):
            runs[which].append(_measured(which, scratch, source, options.rows))
    note = str(_measured("profile", scratch, plain, options.rows)["note"])
    shutil.rmtree(scratch)
    _print(runs, options.rows, note)


def _print(runs: dict[str, list[dict[str, float]]], rows: int, note: str) -> None:
    bare = statistics.median(run["seconds"] for run in runs["peer"])
    for which, goal in (("csv", GOAL), ("xlsx", None)):
        seconds = statistics.median(run["seconds"] for run in runs[which])
        ratio = statistics.median(
            mine["seconds"] / other["seconds"] for mine, other in zip(runs[which], runs["peer"], strict=True)
        )
        _line(
            name=f"import_{which}",
            what=f"import of {rows:,} register rows from {which.upper()}, against csv + executemany",
            ours=seconds,
            peer=bare,
            ratio=ratio,
            goal=goal,
            goal_words="at most 8 times" if goal else "stated beside it",
            runs=len(runs[which]),
            note=note if goal else "",
        )
    memory = max(run["memory_mib"] for which in ("csv", "xlsx") for run in runs[which])
    memory_line = {
        "name": "import_memory",
        "what": f"memory of an import of {rows:,} rows, CSV or XLSX",
        "ours": round(memory),
        "unit": "MiB",
        "goal": GOAL_MIB,
        "goal_words": "under 1 GiB",
        "met": memory < GOAL_MIB,
        "runs": len(runs["csv"]),
    }
    print(json.dumps(memory_line, ensure_ascii=False), flush=True)
    keys = statistics.median(run["keys"] for run in runs["csv"])
    _line(
        name="import_search_keys",
        what=f"pinyin and initials of {rows:,} units, the later step of an import",
        ours=keys,
        peer=None,
        ratio=None,
        goal=None,
        goal_words="its own cost is stated",
        runs=len(runs["csv"]),
    )


def _line(
    *, ours: float, peer: float | None, ratio: float | None, goal: float | None, **words: object
) -> None:
    figures = {
        "ours": round(ours, 3),
        "peer": None if peer is None else round(peer, 3),
        "unit": "s",
        "ratio": None if ratio is None else round(ratio, 2),
        "goal": goal,
        "met": None if goal is None or ratio is None else ratio <= goal,
    }
    print(json.dumps({**words, **figures}, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
