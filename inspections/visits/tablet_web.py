"""The tablet application's shell: its page, its service worker with the list of its files, its manifest.

The shell holds no data and is open to anyone; what it works with comes from `/api/v1`, behind the policy.
"""

import hashlib
import json
import posixpath
import re
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from inspections.surface.assets import STATIC_FOLDER, content_hash, served_files
from inspections.surface.headers import with_staff_headers

tablet = Blueprint("tablet", __name__, url_prefix="/tablet")

NAME = "检查平板"
_GROUND = "#0b4a63"
_STYLES = ("css/tokens.css", "css/tablet.css")
_PRINTED = "css/tablet-print.css"
_CHECK = "tablet/check.js"
_MAIN = "tablet/main.js"
_WORKER = "tablet/worker.js"
_ICONS = {"tablet/icons/icon-192.png": "192x192", "tablet/icons/icon-512.png": "512x512"}
_IMPORTED = re.compile(r"^(?:import|export)\s[^'\";]*?from\s+'([^']+)'", re.MULTILINE)
_MASKABLE = "tablet/icons/icon-maskable-512.png"


@dataclass(frozen=True)
class Shell:
    """One version of the application: its page, and every file it may ask for with the hash of its bytes."""

    version: str
    page: str
    files: dict[str, str]


@cache
def shell_files() -> tuple[str, ...]:
    """Names below `static/` of everything that makes up the application, its worker left out."""
    parts = [name for name in served_files() if name.startswith(("tablet/", "vendor/")) and name != _WORKER]
    return tuple(sorted([*_STYLES, _PRINTED, *parts]))


def current_shell() -> Shell:
    """The version on the disk; the page names it, so that both are taken up together or not at all."""
    files = {f"/static/{name}": content_hash(name) for name in shell_files()}
    stamp = json.dumps(files, sort_keys=True) + _page("")
    version = hashlib.sha256(stamp.encode()).hexdigest()[:12]
    page = _page(version)
    return Shell(version, page, {**files, "/tablet": hashlib.sha256(page.encode()).hexdigest()[:16]})


@cache
def first_modules() -> tuple[str, ...]:
    """The modules that the first screen needs, by what they import: asked for at once and not one by one."""
    found: dict[str, None] = {}
    waiting = [_MAIN]
    while waiting:
        name = waiting.pop()
        for imported in _IMPORTED.findall(served_files()[name].read_text(encoding="utf-8")):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), imported))
            if target not in found:
                found[target] = None
                waiting.append(target)
    return tuple(found)


def _page(version: str) -> str:
    return render_template(
        "tablet/shell.html",
        name=NAME,
        version=version,
        ground=_GROUND,
        styles=[f"/static/{name}" for name in _STYLES],
        printed=f"/static/{_PRINTED}",
        modules=[f"/static/{name}" for name in first_modules()],
        check=f"/static/{_CHECK}",
        main=f"/static/{_MAIN}",
        icon=f"/static/{next(iter(_ICONS))}",
    )


@tablet.get("")
def shell() -> Response:
    """The page: empty of data, the same for everybody."""
    return with_staff_headers(make_response(current_shell().page))


@tablet.get("/")
def shell_below() -> AnyResponse:
    """The address as people type it, with a stroke at its end: outside the scope of the worker."""
    return redirect(url_for("tablet.shell"), code=308)


@tablet.get("/worker.js")
def worker() -> Response:
    """The service worker, with the list of files of this version before its text."""
    now = current_shell()
    listed = json.dumps({"version": now.version, "files": now.files}, ensure_ascii=False, sort_keys=True)
    source = (STATIC_FOLDER / _WORKER).read_text(encoding="utf-8")
    response = Response(f"const SHELL = {listed};\n{source}", content_type="text/javascript; charset=utf-8")
    # The page stands at /tablet, above the folder of its worker.
    return with_staff_headers(response, {"Service-Worker-Allowed": "/tablet"})


@tablet.get("/manifest.webmanifest")
def manifest() -> Response:
    """What the system shows of the installed application."""
    icons = [{"src": f"/static/{name}", "sizes": size, "type": "image/png"} for name, size in _ICONS.items()]
    maskable = {"src": f"/static/{_MASKABLE}", "sizes": "512x512", "type": "image/png", "purpose": "maskable"}
    response = jsonify(
        name=NAME,
        short_name=NAME,
        lang="zh-CN",
        id="/tablet",
        start_url="/tablet",
        scope="/tablet",
        display="standalone",
        orientation="any",
        background_color="#ffffff",
        theme_color=_GROUND,
        icons=[*icons, maskable],
    )
    response.content_type = "application/manifest+json; charset=utf-8"
    return with_staff_headers(response)
