"""Promises of `serve`: everything is checked first, and its processes live and end together."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from inspections.record.clock import utc_now
from inspections.record.configuration import PACKAGE_ROOT, Configuration
from inspections.record.house import House
from publishing.commands import scheduler, serve
from publishing.serving import (
    Bind,
    ServingError,
    read_bind,
    require_free,
    require_key_pair,
    web_command,
)
from tests.bureau import SETTINGS, open_bureau

# A process as `serve` starts them: it listens, and ends at once when it is told to.
LISTENER = (
    "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(600)"
)
PARENT = """
import sys
from publishing.serving import read_bind, supervise
supervise([[sys.executable, "-c", sys.argv[2], sys.argv[1]]] * int(sys.argv[3]) + [[sys.executable, "-c",
"import time; time.sleep(600)"]], read_bind("127.0.0.1:" + sys.argv[1]), lambda: print("up", flush=True))
print("stopped", flush=True)
"""


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("127.0.0.1:8000", Bind("127.0.0.1", 8000)),
        ("0.0.0.0:80", Bind("0.0.0.0", 80)),  # noqa: S104  # read, not bound
        ("[::1]:8443", Bind("::1", 8443)),
        ("localhost:65535", Bind("localhost", 65_535)),
    ],
)
def test_an_address_to_listen_on_is_read_and_written_alike(text: str, bind: Bind) -> None:
    assert read_bind(text) == bind
    assert str(bind) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "foo",
        ":8000",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:８０",
        "a:b",
    ],
)
def test_what_is_no_address_to_listen_on_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ServingError, match=r"127\.0\.0\.1:8000 的形式"):
        read_bind(text)


def test_an_address_that_is_taken_or_not_this_machines_is_refused_with_another() -> None:
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as taken,
        pytest.raises(ServingError, match="--bind"),
    ):
        require_free(Bind("127.0.0.1", taken.getsockname()[1]))
    with pytest.raises(ServingError, match=r"不能在 192\.0\.2\.1:8000 上监听"):
        require_free(Bind("192.0.2.1", 8000))
    require_free(Bind("127.0.0.1", _free_port()))


def test_a_certificate_without_its_key_is_refused_and_never_served_without_encryption(tmp_path: Path) -> None:
    text = tmp_path / "server.pem"
    text.write_text("no certificate", encoding="utf-8")
    require_key_pair(None, None)
    for certificate, key in ((str(text), None), (None, str(text))):
        with pytest.raises(ServingError, match="同时给出"):
            require_key_pair(certificate, key)
    with pytest.raises(ServingError, match=r"server\.pem"):
        require_key_pair(str(text), str(text))
    command = web_command(
        Bind("127.0.0.1", 1), certificate="c.pem", key="k.pem", trusted_proxies=["10.0.0.2"]
    )
    assert command[command.index("--certfile") :] == ["--certfile", "c.pem", "--keyfile", "k.pem"]
    assert command[command.index("--forwarded-allow-ips") + 1] == "10.0.0.2"


@pytest.fixture
def parent() -> Iterator[Callable[[int, int], "subprocess.Popen[str]"]]:
    """Starts a process that supervises; whatever the test leaves running is ended."""
    started: list[subprocess.Popen[str]] = []

    def start(port: int, listeners: int) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(port), LISTENER, str(listeners)],
            cwd=PACKAGE_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _nobody_listens(port: int) -> bool:
    """Whether the port is given up within a while; each look takes one place in the listener's queue."""
    for _ in range(100):
        with closing(socket.socket()) as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED:
                return True
        time.sleep(0.2)
    return False


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_answers_and_a_signal_ends_everything_cleanly(
    parent: Callable[[int, int], "subprocess.Popen[str]"], asked: signal.Signals
) -> None:
    port = _free_port()
    process = parent(port, 1)
    assert _line(process) == "up"
    process.send_signal(asked)
    assert _line(process) == "stopped"
    assert process.wait(30) == 0
    assert _nobody_listens(port)


def test_when_one_process_ends_the_others_are_ended_and_the_command_fails(
    parent: Callable[[int, int], "subprocess.Popen[str]"],
) -> None:
    port = _free_port()
    # Two want the same port: the second one fails.
    process = parent(port, 2)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "进程停止了" in errors
    assert _nobody_listens(port)


def test_a_killed_parent_leaves_nothing_running(
    parent: Callable[[int, int], "subprocess.Popen[str]"],
) -> None:
    port = _free_port()
    process = parent(port, 1)
    assert _line(process) == "up"
    process.kill()
    process.wait(30)
    assert _nobody_listens(port)


def test_serve_and_scheduler_refuse_another_public_address_before_anything_is_done(
    database: Engine, data_directory: Path
) -> None:
    open_bureau(database, utc_now())
    elsewhere = Configuration(data=data_directory, public_url="https://other.example.cn")
    for command in (serve, scheduler):
        ran = CliRunner().invoke(command, [], obj=House(elsewhere, database))
        assert "settings set public_address" in str(ran.exception)
        assert SETTINGS["public_address"] in str(ran.exception)
    assert not (data_directory / "site").exists()


def test_serve_refuses_a_taken_address_before_anything_is_done(
    database: Engine, data_directory: Path
) -> None:
    open_bureau(database, utc_now())
    house = House(Configuration(data=data_directory), database)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        ran = CliRunner().invoke(serve, ["--bind", place], obj=house)
    assert place in str(ran.exception)
    assert ran.output == ""
    assert not (data_directory / "site").exists()


def test_a_directory_that_nobody_opened_is_told_to_begin_with_init(
    database: Engine, data_directory: Path
) -> None:
    ran = CliRunner().invoke(serve, [], obj=House(Configuration(data=data_directory), database))
    assert "flask --app app init" in str(ran.exception)
