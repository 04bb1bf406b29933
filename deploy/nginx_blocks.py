"""Writes nginx's blocks from the one place that holds the header sets: nginx answers as the program does.

`python -m deploy.nginx_blocks --choices /etc/honghei/honghei.conf --out FILE`
"""

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from string import Template

from deploy.choices import Choices, read_choices, require_addresses
from inspections.record.errors import HouseError
from inspections.surface.headers import draw_headers, public_headers, staff_headers
from publishing.site.styles import style_hashes

_PARTS = Path(__file__).with_name("nginx")
_POLICY = "Content-Security-Policy"
LARGEST_REQUEST = "64m"
_HTTPS = 443
_UNWRITABLE = re.compile(r'["\\\n]')


class _Blocks(Template):
    """nginx writes its own variables with `$`; ours stand as `@{name}`."""

    delimiter = "@"
    # Named locations begin with `@`, too: only what stands in braces is ours.
    pattern = r"@(?:(?P<escaped>@)|\{(?P<braced>[a-z_]+)\}|(?P<named>(?!))|(?P<invalid>(?!)))"  # type: ignore[assignment]  # the class variable is a string here


@dataclass(frozen=True)
class Places:
    """Where things lie and listen on this machine; only tests and measurements differ from the defaults."""

    site: Path = Path("/var/lib/honghei/site")
    sockets: Path = Path("/run/honghei")
    logs: Path = Path("/var/log/nginx/honghei")
    certificates: Path | None = Path("/etc/honghei/tls")
    """The folder of `public.crt`, `public.key`, `inside.crt`, `inside.key`; none: without encryption."""
    https_port: int = 443
    http_port: int = 80


def blocks(choices: Choices, places: Places) -> str:
    """Everything that nginx needs to serve one of a bureau's servers."""
    hashes = style_hashes()
    shared = {"page_policy": public_headers(hashes)[_POLICY], "draw_policy": draw_headers(hashes)[_POLICY]}
    parts = [_filled("shared", shared)]
    if choices.serves_public:
        parts.append(_public(choices, places))
    if choices.serves_inside:
        parts.append(_inside(choices, places))
    return "".join(parts)


def _public(choices: Choices, places: Places) -> str:
    is_https = places.certificates is not None
    headers = public_headers(style_hashes(), https=is_https) | {_POLICY: "$honghei_policy"}
    values = _server(choices.public_name, choices.public_address, "public", places) | {
        "site": str(places.site),
        "headers": _header_lines(headers),
        "published": _filled("published", {}),
        "ask_public": _filled("asking", {"upstream": "honghei_public"}),
        "ask_inbox": _filled("asking", {"upstream": "honghei_inbox"}),
    }
    return _filled("public", values)


def _inside(choices: Choices, places: Places) -> str:
    networks = [*(f"allow {network};" for network in choices.inside_networks), "deny all;"]
    values = _server(choices.inside_name, choices.inside_address, "inside", places) | {
        "headers": _header_lines(staff_headers(https=places.certificates is not None)),
        "networks": "\n".join(networks),
        "ask_staff": _filled("asking", {"upstream": "honghei_staff"}),
    }
    return _filled("inside", values)


def _server(name: str, address: str, kind: str, places: Places) -> dict[str, str]:
    """What the blocks of both servers share."""
    host = f"[{address}]" if ip_address(address).version == 6 else address
    common = {
        "name": name,
        "sockets": str(places.sockets),
        "logs": str(places.logs),
        "largest": LARGEST_REQUEST,
        "proxy": _filled("proxy", {}),
        "sentences": _filled("sentences", {}),
    }
    if places.certificates is None:
        return common | {"listen": f"{host}:{places.http_port}", "tls": "", "to_https": ""}
    pair = places.certificates / kind
    port = "" if places.https_port == _HTTPS else f":{places.https_port}"
    to_https = {
        "plain_listen": f"{host}:{places.http_port}",
        "name": name,
        "host": f"{name}{port}",
        "headers": _header_lines(_plain_headers(kind)),
    }
    return common | {
        "listen": f"{host}:{places.https_port} ssl http2",
        "tls": _filled("tls", {"certificate": f"{pair}.crt", "key": f"{pair}.key"}),
        "to_https": _filled("to_https", to_https),
    }


def _plain_headers(kind: str) -> Mapping[str, str]:
    return staff_headers(https=False) if kind == "inside" else public_headers(style_hashes())


def _header_lines(headers: Mapping[str, str]) -> str:
    for value in headers.values():
        if _UNWRITABLE.search(value):
            raise HouseError(f"响应头里有 nginx 写不了的字符：{value}。")
    return "\n".join(f'add_header {name} "{value}" always;' for name, value in headers.items())


def _filled(part: str, values: Mapping[str, str]) -> str:
    """A part with its values in place; lines of a value stand as far in as the place for it."""
    lines = []
    for line in (_PARTS / f"{part}.conf").read_text(encoding="utf-8").splitlines():
        inset = line[: len(line) - len(line.lstrip())]
        filled = _Blocks(line).substitute(values)
        # A place alone on its line may stay empty.
        if filled.strip() or not line.strip():
            lines.append(filled.rstrip("\n").replace("\n", f"\n{inset}"))
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Write the blocks of this machine's choices; what is wrong with them is a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choices", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--here", action="store_true", help="refuse addresses this machine does not have")
    asked = parser.parse_args(arguments)
    try:
        choices = read_choices(asked.choices)
        if asked.here:
            require_addresses(choices)
        text = blocks(choices, Places())
    except HouseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    asked.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
