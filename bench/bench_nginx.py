"""100,000 distinct storefront pages fetched once each through nginx, against nginx serving bare files.

Ours: the blocks that `deploy/nginx_blocks.py` writes, whole, over pages with compressed siblings as the
publication writes them; each answer is the page's brotli sibling with every header. The peer: nginx as its
package configures it but without its gzip, over plain files of the same size as those siblings, and nothing
else. Both are two workers of the same nginx without encryption on loopback; wrk (Debian's package) asks for
each page once, over connections that are kept, and counts what was not a 200. Pages are real: rendered from
a few hundred units of a synthetic town and written under as many codes as are asked for. wrk shares the
machine: what nginx itself used of the CPU for a page is told beside the rate.
"""

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.publish_town import NOW, fill
from deploy.choices import Choices
from deploy.nginx_blocks import Places, blocks
from inspections.record.configuration import Configuration
from inspections.record.house import open_house
from inspections.units.codes import new_codes
from publishing.site.service import publish
from publishing.site.writer import SiteWriter

GOAL = 0.9
_NAME, _ADDRESS = "canyin.example.cn", "127.0.0.1"
_RENDERED = 300
_CONNECTIONS = 32
_PEER = """server {{
    listen {address}:{port};
    root {root};
    index index.html;
    gzip off;
}}
"""
# It asks for each page once, in the order of the file, and for what is nowhere until the last answer comes.
# wrk itself would go on until its time is over: the script says what it saw, and ends.
# Before it begins, wrk calls `request` once to look at what it gives, and sends nothing: that is not one of
# the pages.
_ASK = """
local ffi = require("ffi")
ffi.cdef[[ typedef struct { long s; long ns; } moment; int clock_gettime(int, moment *); ]]
local function now()
  local moment = ffi.new("moment")
  ffi.C.clock_gettime(1, moment)
  return tonumber(moment.s) + tonumber(moment.ns) / 1e9
end
local requests, at, left, wrong, bytes, began, nowhere, is_looked_at = {}, 0, 0, 0, 0, nil, nil, false
function init(args)
  local headers = {["Accept-Encoding"] = "br, gzip", ["Host"] = args[2]}
  for line in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", "/s/" .. line .. "/", headers)
  end
  left = #requests
  nowhere = wrk.format("GET", "/nowhere.json", headers)
end
function request()
  if not is_looked_at then
    is_looked_at = true
    return nowhere
  end
  began = began or now()
  if at == #requests then return nowhere end
  at = at + 1
  return requests[at]
end
function response(status, headers, body)
  if status == 200 then
    bytes, left = bytes + #body, left - 1
  elseif at < #requests then
    wrong = wrong + 1
  end
  if left == 0 or wrong > 0 then
    io.write(string.format("told %d %f %d %d\\n", #requests, now() - began, wrong, bytes))
    io.flush()
    os.exit(0)
  end
end
"""


@dataclass(frozen=True)
class Fetched:
    """One run: pages a second, how many bytes of bodies came, and nginx's CPU seconds for all of it."""

    rate: float
    body_bytes: int
    cpu: float


def main() -> None:
    """Measure, print one JSON line, then delete what was written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    # On the file system of the scratch folder of the other benches; nginx runs as whoever runs this.
    folder = Path(tempfile.mkdtemp(prefix="hhb-bench-nginx-"))
    folder.chmod(0o755)
    try:
        _measure(folder, asked.pages, asked.runs)
    finally:
        shutil.rmtree(folder)


def _measure(folder: Path, pages: int, runs: int) -> None:
    codes = _write_pages(folder, pages)
    (folder / "codes").write_text("\n".join(codes) + "\n", encoding="utf-8")
    (folder / "ask.lua").write_text(_ASK, encoding="utf-8")
    runs_of: dict[str, list[Fetched]] = {"ours": [], "bare": []}
    with _serving(folder, "ours", _ours(folder)) as ours, _serving(folder, "bare", _bare(folder)) as bare:
        for number in range(runs + 1):
            for name, server in (("ours", ours), ("bare", bare)):
                fetched = _fetch(folder, server)
                # The first round warms the file system's cache for both.
                if number:
                    runs_of[name].append(fetched)
    _say(pages, runs_of["ours"], runs_of["bare"])


def _write_pages(folder: Path, pages: int) -> list[str]:
    """Our pages with their siblings, and the peer's files; the codes of both."""
    data = folder / "town"
    data.mkdir()
    fill(data / "honghei.sqlite", _RENDERED)
    house = open_house(Configuration(data=data))
    publish(house, now=NOW, full=True, workers=1)
    house.engine.dispose()
    shells = sorted((data / "site" / "s").glob("*/index.html"))
    texts = [(path.parent.name.encode(), path.read_bytes()) for path in shells]
    writer = SiteWriter(folder / "ours" / "site", folder / "ours" / "scratch")
    codes = list(new_codes(pages))
    for number, code in enumerate(codes):
        own, text = texts[number % len(texts)]
        writer.write(f"s/{code}/index.html", text.replace(own, code.encode()))
        sibling = folder / "ours" / "site" / "s" / code / "index.html.br"
        plain = folder / "bare" / "site" / "s" / code / "index.html"
        plain.parent.mkdir(parents=True)
        plain.write_bytes(sibling.read_bytes())
    return codes


def _ours(folder: Path) -> Callable[[int], str]:
    def write(port: int) -> str:
        choices = Choices("public", _NAME, _ADDRESS, "", "", ())
        own = folder / "ours"
        return blocks(choices, Places(own / "site", own, own, None, http_port=port))

    return write


def _bare(folder: Path) -> Callable[[int], str]:
    return lambda port: _PEER.format(address=_ADDRESS, port=port, root=folder / "bare" / "site")


@dataclass(frozen=True)
class _Server:
    """A running nginx."""

    port: int
    master: int

    def cpu_seconds(self) -> float:
        """What its workers have used of the CPU so far."""
        workers = Path(f"/proc/{self.master}/task/{self.master}/children").read_text(encoding="utf-8").split()
        used = 0
        for worker in workers:
            fields = Path(f"/proc/{worker}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            used += int(fields[11]) + int(fields[12])
        return used / os.sysconf("SC_CLK_TCK")


@contextmanager
def _serving(folder: Path, name: str, write: Callable[[int], str]) -> Iterator[_Server]:
    """nginx with some blocks, two workers, as Debian's package is set up."""
    own = folder / name
    with socket.socket() as probe:
        probe.bind((_ADDRESS, 0))
        port: int = probe.getsockname()[1]
    main_file = own / "nginx.conf"
    main_file.write_text(_MAIN.format(folder=own, blocks=write(port)), encoding="utf-8")
    running = subprocess.Popen(["/usr/sbin/nginx", "-e", f"{own}/error.log", "-p", str(own), "-c", main_file])
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((_ADDRESS, port)) == 0:
                    break
            if running.poll() is not None:
                raise RuntimeError((own / "error.log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield _Server(port, running.pid)
    finally:
        running.terminate()
        running.wait(30)


_MAIN = """load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log {folder}/access.log;
    gzip on;
    keepalive_requests 1000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{blocks}
}}
"""


def _fetch(folder: Path, server: _Server) -> Fetched:
    command = ["wrk", "-t", "1", "-c", str(_CONNECTIONS), "-d", "600", "-s", f"{folder}/ask.lua"]
    command += [f"http://{_ADDRESS}:{server.port}", "--", f"{folder}/codes", _NAME]
    used = server.cpu_seconds()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told = re.search(r"^told (\d+) ([\d.]+) (\d+) (\d+)$", said, re.MULTILINE)
    assert told is not None, said
    assert int(told.group(3)) == 0, said
    used = server.cpu_seconds() - used
    return Fetched(int(told.group(1)) / float(told.group(2)), int(told.group(4)), used)


def _say(pages: int, ours: list[Fetched], bare: list[Fetched]) -> None:
    sizes = {run.body_bytes for run in (*ours, *bare)}
    assert len(sizes) == 1, sizes
    ratio = statistics.median(one.rate / other.rate for one, other in zip(ours, bare, strict=True))
    cpu = [statistics.median(run.cpu for run in side) / pages * 1e6 for side in (ours, bare)]
    figure: dict[str, object] = {
        "name": "nginx_pages",
        "what": f"{pages:,} storefront pages fetched once each through nginx, against bare files",
        "ours": round(statistics.median(run.rate for run in ours)),
        "peer": round(statistics.median(run.rate for run in bare)),
        "unit": "pages/s",
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "goal_words": "at least 0.9 times its rate",
        "met": ratio >= GOAL,
        "runs": len(ours),
        "note": f"A compressed sibling has {sizes.pop() // pages:,} bytes; ours carries ten headers more."
        f" nginx used {cpu[0]:.1f} µs of CPU for a page, over bare files {cpu[1]:.1f} µs."
        f" {_CONNECTIONS} connections, 2 workers.",
    }
    print(json.dumps(figure, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
