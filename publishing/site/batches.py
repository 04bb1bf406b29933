"""Batches of storefront pages: gathered, rendered and written here, or by worker processes side by side."""

import gc
import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from sqlalchemy import Engine

from inspections.record.database import open_database, read_only
from inspections.record.errors import HouseError
from publishing.public_facts import SearchRow
from publishing.site.gather import storefront_pages
from publishing.site.pages import PageFacts
from publishing.site.queries import Recorded
from publishing.site.render import Renderer
from publishing.site.terms import Terms
from publishing.site.writer import SiteWriter

DOORS_PER_BATCH = 250
# Below this a second process costs more to start than it saves.
DOORS_WORTH_WORKERS = 4_000


class PublicationError(HouseError):
    """The site could not be published; what is there stays as it is."""


@dataclass(frozen=True)
class Workshop:
    """What a process needs to make pages of one publication."""

    database_url: str
    root: Path
    scratch: Path
    terms: Terms


@dataclass(frozen=True)
class Batch:
    """Some pages that are in place: their record, and what the search file must say of them."""

    pages: list[Recorded] = field(default_factory=list)
    written: int = 0
    rows: list[tuple[int, SearchRow]] = field(default_factory=list)
    without_row: list[int] = field(default_factory=list)


class Press:
    """Renders and writes pages of one publication in this process."""

    def __init__(self, workshop: Workshop, *, name: str = "main", parent: int | None = None) -> None:
        self.terms = workshop.terms
        self.writer = SiteWriter(workshop.root, workshop.scratch, name=name)
        self._renderer = Renderer(workshop.terms.site)
        self._fingerprint = workshop.terms.fingerprint
        self._parent = parent

    def put(self, pages: Sequence[PageFacts], known: Mapping[str, str]) -> Batch:
        """Write those pages whose facts are not the known ones; all are accounted for."""
        batch = Batch()
        written = 0
        for page in pages:
            digest = page.digest(self._fingerprint)
            if known.get(page.path) != digest:
                if self._parent is not None:
                    stop_without(self._parent)
                self.writer.write(page.path, page.render(self._renderer))
                written += 1
            batch.pages.append(Recorded(page.path, page.subject, page.subject_id, digest, page.changes_on))
            batch.rows.extend(page.rows)
            if page.subject == "premises" and not page.rows:
                batch.without_row.append(page.subject_id)
        return Batch(batch.pages, written, batch.rows, batch.without_row)

    def put_storefronts(self, engine: Engine, ids: Sequence[int], known: Mapping[str, str]) -> Batch:
        """Write the storefront pages of some doors."""
        with read_only(engine) as session:
            pages = storefront_pages(session, ids, self.terms)
        return self.put(pages, known)


def batches_of(ids: Sequence[int]) -> list[Sequence[int]]:
    """The doors in batches of a size that bounds the memory of one."""
    return [ids[start : start + DOORS_PER_BATCH] for start in range(0, len(ids), DOORS_PER_BATCH)]


def put_with_workers(
    workshop: Workshop, ids: Sequence[int], known: Mapping[str, str], workers: int
) -> Iterator[Batch]:
    """Write storefront pages in several processes; batches come back in any order."""
    # A forked copy of a process that runs threads (the schedule does) may hang; a spawned one cannot.
    context = multiprocessing.get_context("spawn")
    waiting = iter(batches_of(ids))
    team: dict[Connection, SpawnProcess] = {}
    try:
        for number in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(theirs, workshop, known, number, os.getpid()))
            process.daemon = True
            process.start()
            theirs.close()
            team[ours] = process
            _send_next(ours, waiting)
        yield from _results(team, waiting)
    finally:
        for connection, process in team.items():
            connection.close()
            process.terminate()
            process.join()


def _results(team: Mapping[Connection, SpawnProcess], waiting: Iterator[Sequence[int]]) -> Iterator[Batch]:
    busy = set(team)
    while busy:
        for connection in wait(list(busy)):
            if not isinstance(connection, Connection):
                continue
            batch = _received(connection)
            if batch is None:
                busy.discard(connection)
                continue
            _send_next(connection, waiting)
            yield batch


def _send_next(connection: Connection, waiting: Iterator[Sequence[int]]) -> None:
    connection.send(next(waiting, None))


def _received(connection: Connection) -> Batch | None:
    try:
        answer = connection.recv()
    except EOFError as error:
        raise PublicationError(
            "写页面的进程意外停止（原因见上面的输出）；已有的页面不受影响，请再运行一次 publish。"
        ) from error
    if isinstance(answer, HouseError):
        raise answer
    result: Batch | None = answer
    return result


def work(
    connection: Connection, workshop: Workshop, known: Mapping[str, str], number: int, parent: int
) -> None:
    """A worker process: one batch after the other until there is none, or until its parent is gone."""
    stop_without(parent)
    press = Press(workshop, name=f"worker-{number}", parent=parent)
    engine = open_database(workshop.database_url)
    # What is loaded by now stays for good: the collector need not walk it again with every batch.
    gc.freeze()
    try:
        while (ids := connection.recv()) is not None:
            connection.send(press.put_storefronts(engine, ids, known))
        connection.send(None)
    except HouseError as error:
        connection.send(error)
    except (EOFError, BrokenPipeError):
        os._exit(1)
    finally:
        engine.dispose()


def stop_without(parent: int) -> None:
    """End this worker when its parent is gone: a killed publisher must not be outlived by its workers."""
    if os.getppid() != parent:
        os._exit(1)
