"""`serve`: the web server and the schedule as two processes under one parent."""

import ctypes
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType

from inspections.record.command_line import CLI
from inspections.record.errors import HouseError

_PORTS = range(1, 65_536)
_BEAT_SECONDS = 0.2
# Linux: the signal that a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1


class ServingError(HouseError):
    """The server cannot run, or one of its processes ended."""


@dataclass(frozen=True)
class Bind:
    """Where the web server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read_bind(text: str) -> Bind:
    """`127.0.0.1:8000` as an address to listen on."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) not in _PORTS:
        raise ServingError(f"“{text}”不是监听地址；请写成 127.0.0.1:8000 的形式。")
    return Bind(host, int(port))


def require_free(bind: Bind) -> None:
    """Stop before anything is done where nobody can listen on the address."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(bind.host, bind.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise ServingError(
            f"不能在 {bind} 上监听（{error.strerror}）；"
            "请停掉占用它的程序，或换一个：serve --bind 127.0.0.1:8001（make serve BIND=127.0.0.1:8001）。"
        ) from error


def require_key_pair(certificate: str | None, key: str | None) -> None:
    """Stop where certificate and key do not make one pair: nothing is then served without encryption."""
    if certificate is None and key is None:
        return
    if certificate is None or key is None:
        raise ServingError("证书和私钥要同时给出：--certificate 文件 --key 文件。")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:
        names = f"{Path(certificate).name} 和 {Path(key).name}"
        raise ServingError(
            f"{names} 不是一对 PEM 格式的证书和私钥（{error.strerror}）；请核对文件。"
        ) from error


def web_command(
    bind: Bind,
    *,
    certificate: str | None,
    key: str | None,
    trusted_proxies: Sequence[str] = (),
    surface: str = "all",
) -> list[str]:
    """The gunicorn command of the web server, for one surface or for all of them."""
    command = [sys.executable, "-m", "gunicorn", "app:create_app()", "--bind", str(bind)]
    command += ["--env", f"HHB_SURFACE={surface}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    command += ["--no-control-socket", "--access-logfile", "-", "--log-level", "warning"]
    if trusted_proxies:
        command += ["--forwarded-allow-ips", ",".join(trusted_proxies)]
    if certificate and key:
        command += ["--certfile", certificate, "--keyfile", key]
    return command


def scheduler_command() -> list[str]:
    """The command of the schedule's own process."""
    return [sys.executable, "-m", "flask", "--app", "app", "scheduler"]


def supervise(commands: Sequence[Sequence[str]], bind: Bind, when_up: Callable[[], None]) -> None:
    """Run the processes until one ends or a signal asks to stop; then end all of them.

    `when_up` is called once, when the web server has begun to answer.
    """
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    processes = [_start(command) for command in commands]
    is_up = False
    while not stopping and all(process.poll() is None for process in processes):
        if not is_up and _answers(bind):
            is_up = True
            when_up()
        time.sleep(_BEAT_SECONDS)
    ended = [process for process in processes if process.poll() is not None]
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        process.wait()
    if ended and not stopping:
        raise ServingError(f"网站或定时任务的进程停止了；原因见上面的日志。改正后重新运行 {CLI} serve。")


def _start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """One of the processes, bound to this one's life."""
    # No thread of ours runs yet, so that code may run between fork and exec.
    return subprocess.Popen(command, preexec_fn=partial(_follow, ctypes.CDLL(None)))  # noqa: S603  # our own commands


def _follow(libc: ctypes.CDLL) -> None:
    """Stop when the parent says so, or is killed, and not at every Ctrl+C on the terminal they share."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(bind: Bind) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind.host, bind.host)  # noqa: S104  # compared, not bound
    try:
        with socket.create_connection((host, bind.port), timeout=1):
            return True
    except OSError:
        return False
