"""An SMS gateway on this machine: remembers what it was handed, and answers as a test tells it to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class HeardGateway:
    """What came in, and what is answered: a status with a body, none for a cut connection."""

    address: str = ""
    answers: list[int | None] = field(default_factory=list)
    body: str = "OK"
    heard: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)
    is_asked: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)


SILENCE = 0


@contextmanager
def running_gateway() -> Iterator[HeardGateway]:
    """A gateway that accepts everything until it is told otherwise."""
    gateway = HeardGateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Remember what came, and answer as told."""
            length = int(self.headers["Content-Length"])
            gateway.heard.append(json.loads(self.rfile.read(length)))
            gateway.secrets.append(self.headers["Authorization"])
            status = gateway.answers.pop(0) if gateway.answers else 200
            gateway.is_asked.set()
            if status == SILENCE:
                gateway.goes_on.wait()
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Location", f"{gateway.address}/elsewhere")
            self.end_headers()
            self.wfile.write(gateway.body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway.address = f"http://127.0.0.1:{server.server_port}/send"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.goes_on.set()
        server.shutdown()
        thread.join()
        server.server_close()
