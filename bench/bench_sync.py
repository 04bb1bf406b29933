"""Fifty tablets that come back to the network at the same moment, each with five finished visits.

Every visit has all items of the longest Chinese checklist, its six drawn signatures and six photos of
300 KB; fifty clients send them at once to the real server (gunicorn, loopback) as the application does: a
token, changes and announcements in batches, then the pieces of each photo. Everything must end with a
receipt. The peer writes the same payload into one SQLite file: the rows of each batch in one durable commit,
each photo in one more, one after the other.
"""

import argparse
import http.client
import json
import os
import resource
import sqlite3
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlmodel import select

from bench.sync_bureau import PHOTOS, SIGNERS, TABLETS, VISITS, Load, Shot, make_bureau
from inspections.record.database import open_database, read_only
from inspections.visits.sync.tables import FieldVisit, VisitPhoto
from publishing.serving import Bind, web_command

SCRATCH = Path(__file__).parent / "scratch"
CHANGES_IN_A_BATCH, PHOTOS_IN_A_BATCH = 200, 50
GOAL = 60.0
PORT = 8317


class _Client(threading.Thread):
    """One tablet: waits for the moment, sends everything, and counts what it got receipts for."""

    def __init__(self, load: Load, start: threading.Barrier) -> None:
        super().__init__()
        self.load, self.start_line = load, start
        self.receipts = self.whole = 0
        self.failure: str | None = None

    def run(self) -> None:
        self.start_line.wait()
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        self.cookies = {"hhb_staff": self.load.cookie}
        self.token = self._call("GET", "/token")["token"]
        pieces: list[tuple[Shot, int]] = []
        changes, shots = list(self.load.changes), list(self.load.shots)
        while changes or shots:
            batch, changes = changes[:CHANGES_IN_A_BATCH], changes[CHANGES_IN_A_BATCH:]
            named = {change["visit"] for change in batch} | {shot.visit for shot in shots if not changes}
            announced = [shot for shot in shots if shot.visit in named][:PHOTOS_IN_A_BATCH]
            shots = [shot for shot in shots if shot not in announced]
            body = {"changes": batch, "photos": [_row(shot) for shot in announced]}
            answer = self._call("POST", "/changes", json.dumps(body).encode(), "application/json")
            if answer["refusals"]:
                raise RuntimeError(answer["refusals"][0])
            self.receipts += len(answer["receipts"])
            sizes = {row["sha256"]: row["piece_bytes"] for row in answer["photos"]}
            pieces += [(shot, sizes[shot.sha256]) for shot in announced]
        for shot, size in pieces:
            state: dict[str, Any] = {}
            for number in range(-(-len(shot.content) // size)):
                part = shot.content[number * size : (number + 1) * size]
                path = f"/photos/{shot.sha256}/pieces/{number}"
                state = self._call("PUT", path, part, "application/octet-stream")
            self.whole += bool(state["complete"])

    def _call(self, method: str, path: str, body: bytes = b"", kind: str = "") -> Any:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body:
            headers |= {"X-CSRFToken": self.token, "Content-Type": kind}
        self.connection.request(method, f"/api/v1{path}", body or None, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return json.loads(content)


def _row(shot: Shot) -> dict[str, Any]:
    return {
        "sha256": shot.sha256,
        "visit": shot.visit,
        "media_type": shot.media_type,
        "size_bytes": len(shot.content),
    }


def ours(folder: Path, loads: Sequence[Load]) -> tuple[float, float]:
    """Seconds from the start of all tablets to the last receipt, and the server's own processor seconds."""
    before = _children_cpu()
    command = web_command(Bind("127.0.0.1", PORT), certificate=None, key=None)
    environment = {**os.environ, "HHB_DATA": str(folder), "HHB_SURFACE": "staff"}  # noqa: TID251  # a process of its own
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=SCRATCH.parents[1])
    try:
        _wait_for_server()
        start = threading.Barrier(TABLETS + 1)
        clients = [_Client(load, start) for load in loads]
        for client in clients:
            client.start()
        start.wait()
        started = time.perf_counter()
        for client in clients:
            client.join()
        seconds = time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()
    assert sum(client.receipts for client in clients) == sum(len(load.changes) for load in loads)
    assert sum(client.whole for client in clients) == sum(len(load.shots) for load in loads)
    _require_all(folder)
    return seconds, _children_cpu() - before


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _wait_for_server() -> None:
    for _ in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/api/v1/token")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def _require_all(folder: Path) -> None:
    engine = open_database(f"sqlite:///{folder / 'honghei.sqlite'}")
    with read_only(engine) as session:
        signed = session.exec(select(FieldVisit).where(FieldVisit.state == "signed")).all()
        photos = session.exec(select(VisitPhoto)).all()
    engine.dispose()
    assert len(signed) == TABLETS * VISITS
    assert len(photos) == TABLETS * VISITS * (PHOTOS + len(SIGNERS))
    assert all(photo.complete_at is not None for photo in photos)


def peer(folder: Path, loads: Sequence[Load]) -> float:
    """Bare durable commits of the same payload."""
    connection = sqlite3.connect(folder / "peer.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE changes (id TEXT PRIMARY KEY, visit TEXT, key TEXT, value TEXT)")
    connection.execute("CREATE TABLE photos (sha256 TEXT PRIMARY KEY, content BLOB)")
    started = time.perf_counter()
    for load in loads:
        for place in range(0, len(load.changes), CHANGES_IN_A_BATCH):
            rows = [
                (change["id"], change["visit"], change["key"], json.dumps(change["value"]))
                for change in load.changes[place : place + CHANGES_IN_A_BATCH]
            ]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO changes VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
        for shot in load.shots:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO photos VALUES (?, ?)", (shot.sha256, shot.content))
            connection.execute("COMMIT")
    seconds = time.perf_counter() - started
    connection.close()
    return seconds


def main() -> None:
    """Measure in turn and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    SCRATCH.mkdir(exist_ok=True)
    runs: list[tuple[float, float, float]] = []
    for _ in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="sync-", dir=SCRATCH) as name:
            folder = Path(name)
            loads = make_bureau(folder)
            runs.append((*ours(folder, loads), peer(folder, loads)))
    seconds = statistics.median(run[0] for run in runs)
    figure = {
        "name": "sync_of_fifty_tablets",
        "what": f"{TABLETS} tablets bring {VISITS} visits each with {PHOTOS} photos of 300 KB, at once",
        "ours": round(seconds, 1),
        "peer": round(statistics.median(run[2] for run in runs), 1),
        "unit": "s",
        "ratio": round(statistics.median(run[0] / run[2] for run in runs), 1),
        "goal": GOAL,
        "goal_words": "under 60 s in all; the ratio to bare durable commits is stated",
        "met": seconds < GOAL,
        "server_processor_seconds": round(statistics.median(run[1] for run in runs), 1),
        "runs": len(runs),
    }
    print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
