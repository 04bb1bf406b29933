"""Grading spans of units in processes of their own; the caller stores what comes back, in order."""

import gc
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context

from sqlalchemy import Engine

from inspections.record.database import open_database
from inspections.record.errors import HouseError
from inspections.visits.run_queries import Span
from inspections.visits.span_work import SpanOutcome, Worker

# Below this many units one process is done before others have started.
WORTH_PROCESSES = 20_000
MOST_PROCESSES = 4

_worker: list[Worker] = []


class WorkersError(HouseError):
    """A process that was grading stopped."""


def processes_for(units: int) -> int:
    """How many processes are worth starting for so many units; 0 means the caller's own."""
    return 0 if units < WORTH_PROCESSES else min(MOST_PROCESSES, max(2, os.cpu_count() or 1))


@contextmanager
def span_outcomes(
    engine: Engine, on: date, spans: Sequence[Span], processes: int
) -> Iterator[Iterator[SpanOutcome]]:
    """The outcomes of spans in their order, worked out here or in `processes` others."""
    if not processes:
        yield map(Worker(engine, on), spans)
        return
    url = engine.url.render_as_string(hide_password=False)
    # Spawned, not forked: a forked child would share the parent's database connections and threads.
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (url, on)) as pool:
        try:
            yield _in_order(pool, spans, processes)
        except BrokenProcessPool as error:
            raise WorkersError(
                "评定的子进程意外停止（可能是内存不足）；已存的结果都有效，请再运行一次 grade。"
            ) from error


def _in_order(pool: ProcessPoolExecutor, spans: Sequence[Span], processes: int) -> Iterator[SpanOutcome]:
    """At most two spans a process are under way, so that memory stays bounded."""
    waiting: deque[Future[SpanOutcome]] = deque()
    coming = iter(spans)
    for span in coming:
        waiting.append(pool.submit(_work, span))
        if len(waiting) > 2 * processes:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _start(url: str, on: date) -> None:
    # This process makes millions of small values and no cycles worth looking for.
    gc.disable()
    _worker.append(Worker(open_database(url), on))


def _work(span: Span) -> SpanOutcome:
    return _worker[0](span)
