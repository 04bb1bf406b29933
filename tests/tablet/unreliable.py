"""What a tablet meets on a bad day: a server that is killed, and a network that loses answers."""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from inspections.record.configuration import PACKAGE_ROOT
from publishing.serving import Bind, web_command
from tests.browser.test_served_demonstration import _free_port

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding"}


class Trouble(StrEnum):
    """What may happen to a call on its way."""

    NONE = "none"
    LOSE_REQUEST = "lose_request"
    LOSE_ANSWER = "lose_answer"
    TWICE = "twice"
    CUT_ANSWER = "cut_answer"


class Server:
    """The real server in processes of its own, which can be killed at any instant and started again."""

    def __init__(self, data: Path, environment: Mapping[str, str]) -> None:
        self.port = _free_port()
        self.log = data / "server.log"
        self.environment = {**os.environ, "HHB_DATA": str(data), **environment}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = web_command(Bind("127.0.0.1", self.port), certificate=None, key=None, surface="staff")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=self.environment,
                cwd=PACKAGE_ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-2000:]
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/tablet/manifest.webmanifest")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """SIGKILL to the server and everything it has started."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


class Network:
    """A port that hands every call on to the server; the next calls of the tablets may meet trouble."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.waiting: list[Trouble] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Line", (_Line,), {"network": self}))
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever)
        self._thread.start()

    def next_trouble(self) -> Trouble:
        """Take the next trouble that waits for a call."""
        with self._lock:
            return self.waiting.pop(0) if self.waiting else Trouble.NONE

    def close(self) -> None:
        """Hand on no more calls."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Line(BaseHTTPRequestHandler):
    """One call, handed on with whatever happens to it."""

    protocol_version = "HTTP/1.1"

    network: Network

    def do_GET(self) -> None:
        """Hand on."""
        self._hand_on()

    def do_POST(self) -> None:
        """Hand on."""
        self._hand_on()

    def do_PUT(self) -> None:
        """Hand on."""
        self._hand_on()

    def log_message(self, format: str, *args: object) -> None:  # the name that the base class gave
        """Say nothing."""

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        trouble = self.network.next_trouble() if self.path.startswith("/api/") else Trouble.NONE
        if trouble is Trouble.LOSE_REQUEST:
            self.close_connection = True
            return
        answer = self._asked(body)
        if trouble is Trouble.TWICE and answer is not None:
            answer = self._asked(body)
        if answer is None or trouble is Trouble.LOSE_ANSWER:
            self.close_connection = True
            return
        self._give(*answer, cut=trouble is Trouble.CUT_ANSWER)

    def _asked(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.network.server.port, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _give(self, status: int, headers: list[tuple[str, str]], content: bytes, *, cut: bool) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content[: len(content) // 2] if cut else content)
        except OSError:
            self.close_connection = True
        if cut:
            self.close_connection = True
