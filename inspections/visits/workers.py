"""Work on spans of units here and in further processes; what comes back is in order."""

import gc
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, TypeVar

from sqlalchemy import Engine

from inspections.record.database import open_database
from inspections.record.errors import HouseError
from inspections.visits.run_queries import Span

Outcome = TypeVar("Outcome")
Work = Callable[[Span], Outcome]

# Below this many units the caller is done before others have started.
WORTH_PROCESSES = 20_000
MOST_PROCESSES = 3

_worker: list[Work[Any]] = []


class WorkersError(HouseError):
    """A process that was grading stopped."""


def processes_for(units: int) -> int:
    """How many processes are worth starting besides the caller's own for so many units."""
    return 0 if units < WORTH_PROCESSES else min(MOST_PROCESSES, (os.cpu_count() or 1) - 1)


@contextmanager
def no_collector() -> Iterator[None]:
    """Millions of small values without cycles: looking for cycles among them costs a tenth of the run."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def span_outcomes(
    engine: Engine, worker: Callable[[Engine], Work[Outcome]], spans: Sequence[Span], processes: int
) -> Iterator[Iterator[Outcome]]:
    """What `worker` makes of spans, in their order, worked out here and in `processes` others."""
    own = worker(engine)
    if not processes:
        yield map(own, spans)
        return
    url = engine.url.render_as_string(hide_password=False)
    # Spawned, not forked: a forked child would share the parent's database connections and threads.
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (url, worker)) as pool:
        try:
            yield _in_order(pool, own, spans, processes)
        except BrokenProcessPool as error:
            raise WorkersError(
                "评定的子进程意外停止（可能是内存不足）；已存的结果都有效，请再运行一次。"
            ) from error


def _in_order(
    pool: ProcessPoolExecutor, own: Work[Outcome], spans: Sequence[Span], processes: int
) -> Iterator[Outcome]:
    """The caller lends a hand whenever it would wait; few spans are under way, so memory stays bounded."""
    left, waiting = deque(spans), deque[Future[Outcome]]()
    while left or waiting:
        while left and len(waiting) < 2 * processes:
            waiting.append(pool.submit(_work, left.popleft()))
        if left and len(waiting) < 2 * processes + 2 and not waiting[0].done():
            waiting.append(_done(own(left.popleft())))
        else:
            yield waiting.popleft().result()


def _done(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future


def _start(url: str, worker: Callable[[Engine], Work[Any]]) -> None:
    # This process makes millions of small values and no cycles worth looking for.
    gc.disable()
    _worker.append(worker(open_database(url)))


def _work(span: Span) -> Any:
    return _worker[0](span)
