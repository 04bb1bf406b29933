"""One publisher at a time: a lease that is renewed while it works and freed when its process is dead."""

import os
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from inspections.record.command_line import CLI
from inspections.record.database import read_only
from inspections.record.errors import BusyError
from inspections.record.jobs import release_lease, take_lease
from inspections.record.tables import Lease
from publishing.site.batches import PublicationError

LEASE = "publication"
LASTS = timedelta(minutes=5)


class PublisherBusyError(PublicationError, BusyError):
    """Another process is publishing."""


class PublisherLease:
    """The lease of this publication; `renew` at every step that changes the site."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self._engine = engine
        self._began, self._now = time.monotonic(), now
        self._renewed = self._began
        self._holder = f"{_process_name(os.getpid())} {secrets.token_hex(4)}"

    def take(self) -> None:
        """Take the lease, or say who has it."""
        if self._taken():
            return
        holder = _holder(self._engine)
        if holder is not None and _is_dead(holder):
            release_lease(self._engine, name=LEASE, holder=holder, now=self._now)
        if not self._taken():
            raise PublisherBusyError(
                f"另一个进程正在发布（{_holder(self._engine)}）；请等它结束再运行 {CLI} publish。"
                "如果那台机器已经停机，五分钟后会自动放行。"
            )

    def renew(self) -> None:
        """Prolong the lease now and then; a publisher that has lost it stops."""
        if time.monotonic() - self._renewed < LASTS.total_seconds() / 10:
            return
        self._renewed = time.monotonic()
        if not self._taken():
            raise PublicationError("发布中断太久，另一个进程已经接手；请看它的结果。")

    def release(self) -> None:
        """Give the lease back, as of the instant that this publication counts as its own."""
        release_lease(self._engine, name=LEASE, holder=self._holder, now=self._now)

    def _instant(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._began)

    def _taken(self) -> bool:
        return take_lease(self._engine, name=LEASE, holder=self._holder, now=self._instant(), lasts=LASTS)


@contextmanager
def publisher_lease(engine: Engine, now: datetime) -> Iterator[PublisherLease]:
    """Hold the lease for one publication."""
    lease = PublisherLease(engine, now)
    lease.take()
    try:
        yield lease
    finally:
        lease.release()


def _holder(engine: Engine) -> str | None:
    with read_only(engine) as session:
        lease = session.get(Lease, LEASE)
        return lease.holder if lease else None


def _process_name(pid: int) -> str:
    """`host/boot/pid/start`: a process that no other ever was, on this machine or another."""
    return f"{socket.gethostname()}/{_boot()}/{pid}/{_started(pid)}"


def _is_dead(holder: str) -> bool:
    """Whether a holder was a process of this machine that no longer runs."""
    host, _, rest = holder.partition(" ")[0].partition("/")
    boot, _, process = rest.partition("/")
    pid, _, started = process.partition("/")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    return boot != _boot() or _started(int(pid)) != started


def _boot() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else ""


def _started(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty when it does not run or nobody can tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]
