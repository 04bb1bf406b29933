"""A real nginx with our blocks before the program's processes: loopback, unprivileged, its own folder."""

import os
import pwd
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse, HTTPSConnection
from itertools import takewhile
from pathlib import Path

from deploy.choices import Choices
from deploy.nginx_blocks import Places, blocks
from inspections.people.certificates import make_certificates
from inspections.record.clock import utc_now
from inspections.record.configuration import PACKAGE_ROOT

PUBLIC_NAME, INSIDE_NAME = "canyin.example.cn", "honghei.inside.example"
CHOICES = Choices("one", PUBLIC_NAME, "127.0.0.2", INSIDE_NAME, "127.0.0.3", ("127.0.0.0/8",))
_NGINX = Path("/usr/sbin/nginx")
_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
# As Debian's own file has it, without what only a system's service needs.
_MAIN = """
{load}
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log {folder}/logs/error.log warn;
events {{ worker_connections 1024; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    gzip on;
    access_log {folder}/logs/other.log;
    client_body_temp_path {folder}/temporary/body;
    proxy_temp_path {folder}/temporary/proxy;
    fastcgi_temp_path {folder}/temporary/fastcgi;
    uwsgi_temp_path {folder}/temporary/uwsgi;
    scgi_temp_path {folder}/temporary/scgi;
{blocks}
}}
"""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Front:
    """A running nginx."""

    folder: Path
    https_port: int
    http_port: int

    def ask(
        self,
        path: str,
        *,
        name: str = PUBLIC_NAME,
        address: str = CHOICES.public_address,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """Ask over TLS, trusting nothing but the certificates of this front."""
        trusted = ssl.create_default_context(cafile=self.folder / "tls" / "authority.crt")
        connection = _Named(address, self.https_port, name, trusted)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", name)
        for key, value in (headers or {}).items():
            connection.putheader(key, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer: HTTPResponse = connection.getresponse()
        told = Answer(
            answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
        )
        connection.close()
        return told

    def log(self, name: str) -> str:
        """What was written to one of the logs."""
        path = self.folder / "logs" / name
        return path.read_text(encoding="utf-8") if path.exists() else ""


class _Named(HTTPSConnection):
    """A connection to an address under the name that its certificate must have."""

    def __init__(self, address: str, port: int, name: str, trusted: ssl.SSLContext) -> None:
        super().__init__(name, port, timeout=30, context=trusted)
        self._address, self._trusted = address, trusted

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self.port), 30)
        self.sock = self._trusted.wrap_socket(plain, server_hostname=self.host)


def open_to_others(folder: Path) -> None:
    """Let nginx's own user read a folder of a test: all above it, up to the place for such folders."""
    temporary = Path(tempfile.gettempdir())
    for one in takewhile(lambda one: one != temporary, (folder, *folder.parents)):
        one.chmod(0o755)


def free_port(address: str) -> int:
    """A port of an address of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def front(site: Path, choices: Choices = CHOICES) -> Iterator[Front]:
    """nginx before the sockets in its folder; who listens on them is the caller's."""
    folder = Path(tempfile.mkdtemp(prefix="hhb-front-"))
    running = None
    try:
        for name in ("logs", "temporary", "tls", "sockets"):
            (folder / name).mkdir()
        _make_keys(folder / "tls")
        ports = free_port(choices.public_address), free_port(choices.public_address)
        places = Places(site, folder / "sockets", folder / "logs", folder / "tls", *ports)
        write_main(folder, blocks(choices, places))
        _give_away(folder)
        running = start_nginx(folder)
        _await(choices.public_address, ports[0], running, folder)
        yield Front(folder, *ports)
    finally:
        if running is not None:
            running.terminate()
            running.wait(30)
        shutil.rmtree(folder)


def write_main(folder: Path, http: str) -> None:
    """nginx's main file around some blocks."""
    text = _MAIN.format(load=f"load_module {_MODULE};", folder=folder, blocks=http)
    (folder / "nginx.conf").write_text(text, encoding="utf-8")


def start_nginx(folder: Path) -> "subprocess.Popen[bytes]":
    """Start nginx as an unprivileged user with the main file of a folder."""
    if not (_NGINX.exists() and _MODULE.exists()):
        raise RuntimeError("没有找到 nginx；请先运行 make packages。")
    command = [str(_NGINX), "-e", f"{folder}/logs/error.log", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
    return subprocess.Popen(as_nobody(command), cwd="/")


def as_nobody(command: list[str]) -> list[str]:
    """A command as a user who may do nothing special; as whom we are, where that is not root."""
    return ["setpriv", "--reuid=nobody", "--clear-groups", "--", *command] if os.geteuid() == 0 else command


def _make_keys(folder: Path) -> None:
    for kind, name in (("public", PUBLIC_NAME), ("inside", INSIDE_NAME)):
        made = make_certificates(folder, [name], organisation="某局", now=utc_now())
        made.certificate.rename(folder / f"{kind}.crt")
        made.key.rename(folder / f"{kind}.key")


def _give_away(folder: Path) -> None:
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody").pw_uid
        for path in (folder, *folder.rglob("*")):
            os.chown(path, nobody, -1)


def _await(address: str, port: int, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError((folder / "logs" / "error.log").read_text(encoding="utf-8"))


@contextmanager
def program(surface: str, data: Path, place: Path) -> Iterator[None]:
    """The program's own process for one surface, behind a Unix socket, as its unit starts it."""
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1"]
    command += ["--threads", "4", "--no-control-socket", "--log-level", "warning"]
    command += ["--umask", "0", "--bind", f"unix:{place}", "app:create_app()"]
    environment = {**os.environ, "HHB_SURFACE": surface, "HHB_DATA": str(data)}
    for name in ("HHB_PUBLIC_URL", "HHB_DATABASE_URL", "HHB_INBOX_URL"):
        environment.pop(name, None)
    running = subprocess.Popen(command, cwd=PACKAGE_ROOT, env=environment)
    try:
        while not place.exists():
            if running.poll() is not None:
                raise RuntimeError("gunicorn ended")
            time.sleep(0.05)
        yield
    finally:
        running.terminate()
        running.wait(30)
