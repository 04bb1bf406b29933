"""`serve`: the web server and the schedule as two processes under one parent."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from inspections.record.errors import HouseError

SURFACES = ("all", "public")


class ServingError(HouseError):
    """The server cannot run, or one of its processes ended."""


def web_command(bind: str, *, certificate: str | None, key: str | None) -> list[str]:
    """The gunicorn command of the web server."""
    command = [sys.executable, "-m", "gunicorn", "app:create_app()", "--bind", bind]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    command += ["--no-control-socket", "--access-logfile", "-", "--log-level", "warning"]
    if certificate and key:
        command += ["--certfile", certificate, "--keyfile", key]
    return command


def scheduler_command() -> list[str]:
    """The command of the schedule's own process."""
    return [sys.executable, "-m", "flask", "--app", "app", "scheduler"]


def supervise(commands: Sequence[Sequence[str]]) -> None:
    """Run the processes until one ends or a signal asks to stop; then end all of them."""
    processes = [subprocess.Popen(command) for command in commands]  # noqa: S603  # our own commands
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping and all(process.poll() is None for process in processes):
        time.sleep(0.2)
    ended = [process for process in processes if process.poll() is not None]
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        process.wait()
    if ended and not stopping:
        raise ServingError(
            "网站或定时任务的进程停止了；原因见上面的日志，常见的是端口已被占用（换 --bind）。"
        )
