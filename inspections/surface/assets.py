"""Style sheets and scripts of the staff's pages: served by path, addressed with the hash of their content."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

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


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(served_files()[name].read_bytes(), mtime=0)


@assets.get("/static/<path:name>")
def file(name: str) -> Response:
    """A file of `static/`; one that is asked for by its content's hash may be kept for ever."""
    path = served_files().get(name)
    if path is None:
        abort(404)
    is_packed = path.suffix in _PACKED and request.accept_encodings.quality("gzip") > 0
    response = Response(_packed(name) if is_packed else path.read_bytes(), content_type=_TYPES[path.suffix])
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    is_exact = request.args.get("v") == content_hash(name)
    keep = "public, max-age=31536000, immutable" if is_exact else "no-cache"
    response.set_etag(f"{content_hash(name)}{'-gz' if is_packed else ''}")
    with_staff_headers(response, {"Cache-Control": keep})
    response.make_conditional(request)
    return response
