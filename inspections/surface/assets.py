"""Style sheets and scripts of the staff's pages: served by path, addressed with the hash of their content."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
from flask import Blueprint, Response, abort, request, url_for

from inspections.surface.headers import with_staff_headers

STATIC_FOLDER = Path(__file__).resolve().parents[2] / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json; charset=utf-8",
    ".webmanifest": "application/manifest+json; charset=utf-8",
}

_PACKED = (".css", ".js", ".mjs", ".svg", ".json", ".webmanifest")

assets = Blueprint("assets", __name__)


@cache
def served_files() -> dict[str, Path]:
    """Every file that may be served, by its path below `static/`."""
    return {
        path.relative_to(STATIC_FOLDER).as_posix(): path
        for path in sorted(STATIC_FOLDER.rglob("*"))
        if path.is_file() and path.suffix in _TYPES
    }


@cache
def content_hash(name: str) -> str:
    """The first 16 hex digits of the file's SHA-256."""
    return hashlib.sha256(served_files()[name].read_bytes()).hexdigest()[:16]


def asset_url(name: str) -> str:
    """The address of a file, which changes with its content."""
    return url_for("assets.file", name=name, v=content_hash(name))


# The first that the browser takes; brotli is a sixth smaller, and asked for over HTTPS alone.
_TAGS = {"br": "-br", "gzip": "-gz"}


@cache
def _packed(name: str, coding: str) -> bytes:
    content = served_files()[name].read_bytes()
    if coding == "gzip":
        return gzip.compress(content, mtime=0)
    packed: bytes = brotli.compress(content, mode=brotli.MODE_TEXT)
    return packed


def _coding_for(path: Path) -> str | None:
    """How a file is packed for the browser that asks; none where it is not."""
    if path.suffix not in _PACKED:
        return None
    return next((coding for coding in _TAGS if request.accept_encodings.quality(coding) > 0), None)


@assets.get("/static/<path:name>")
def file(name: str) -> Response:
    """A file of `static/`; one that is asked for by its content's hash may be kept for ever."""
    path = served_files().get(name)
    if path is None:
        abort(404)
    coding = _coding_for(path)
    content = path.read_bytes() if coding is None else _packed(name, coding)
    response = Response(content, content_type=_TYPES[path.suffix])
    if coding is not None:
        response.headers["Content-Encoding"] = coding
    response.vary.add("Accept-Encoding")
    is_exact = request.args.get("v") == content_hash(name)
    keep = "public, max-age=31536000, immutable" if is_exact else "no-cache"
    response.set_etag(f"{content_hash(name)}{'' if coding is None else _TAGS[coding]}")
    with_staff_headers(response, {"Cache-Control": keep})
    response.make_conditional(request)
    return response
