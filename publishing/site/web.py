"""Serves the published files in the embedded default; any web server can take its place.

It opens files and nothing else. The compressed sibling of a page is always the page's own (see the
writer), so the choice among them is the reader's encoding alone.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Response, current_app, request
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as AnyResponse

from inspections.surface.headers import draw_headers, public_headers
from inspections.units.codes import parse_code, storefront_path, suggest_code
from publishing.public_facts import UnknownCodeFacts
from publishing.search.finding import NotPublishedError
from publishing.search.web import moved, not_published, page, renderer_for, site_of
from publishing.site.styles import style_hashes

site = Blueprint("site", __name__)

_PAGE = "index.html"
# Written for servers that want a file for it; asked for by its own address, it is no page of the site.
_NO_PAGE = {_PAGE, "404.html"}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_DRAWS = "draws/"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".py": "text/plain; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}
_LONGEST_TYPED_CODE = 40
# Far below what file systems take for one name, far above any published path.
_LONGEST_PATH = 200


@dataclass(frozen=True)
class _File:
    """A file as it was when it was opened: bytes and times belong together."""

    content: bytes
    changed_ns: int
    encoding: str | None


@site.get("/s/<typed>", provide_automatic_options=False)
@site.get("/s/<typed>/", provide_automatic_options=False)
def storefront(typed: str) -> AnyResponse:
    """A storefront page; a code typed otherwise than printed leads to it, a mistyped one to a likely one."""
    code = parse_code(typed)
    if code is not None and _exists(code):
        if request.path != storefront_path(code):
            return moved(storefront_path(code))
        return _file(f"s/{code}/{_PAGE}") or _unknown(typed)
    return _unknown(typed)


@site.get("/", provide_automatic_options=False)
@site.get("/<path:path>", provide_automatic_options=False)
def published(path: str = "") -> AnyResponse:
    """Any other published file; a folder without its slash leads to the one with it."""
    if path == "" or path.endswith("/"):
        return _file(path + _PAGE) or _nowhere()
    if Path(path).suffix in _TYPES and Path(path).name not in _NO_PAGE:
        return _file(path) or _nowhere()
    if _path_of(f"{path}/{_PAGE}").is_file():
        return moved(f"/{path}/")
    return _nowhere()


def _root() -> Path:
    root: Path = current_app.config["SITE_DIRECTORY"]
    return root.absolute()


def _path_of(path: str) -> Path:
    """A path below the web root; one that leads out of it leads nowhere."""
    joined = safe_join(os.fspath(_root()), path)
    return Path(joined) if joined is not None and not _is_odd(path) else _root() / ".nowhere"


def _is_odd(path: str) -> bool:
    """Whether no published file can have the path: hidden, empty or overlong names, a zero byte."""
    size = len(path.encode(errors="replace"))
    names = path.split("/")
    return "\0" in path or size > _LONGEST_PATH or any(name == "" or name.startswith(".") for name in names)


def _exists(code: str) -> bool:
    return (_root() / "s" / code / _PAGE).is_file()


def _file(path: str) -> Response | None:
    """A published file in the best encoding that the reader takes; none where there is no such file."""
    found = _opened(_path_of(path))
    if found is None:
        return None
    headers_of = draw_headers if path.startswith(_DRAWS) else public_headers
    response = Response(found.content, headers=headers_of(style_hashes(), https=request.is_secure))
    response.headers["Content-Type"] = _TYPES[Path(path).suffix]
    response.headers["Vary"] = "Accept-Encoding"
    if found.encoding is not None:
        response.headers["Content-Encoding"] = found.encoding
    response.set_etag(f"{found.changed_ns:x}-{len(found.content):x}-{found.encoding or 'plain'}")
    # No Last-Modified: it knows whole seconds, and within one a name may have been withdrawn.
    response.make_conditional(request)
    return response


def _opened(path: Path) -> _File | None:
    accepted = request.accept_encodings
    for encoding, suffix in _ENCODINGS:
        if accepted.quality(encoding) > 0:
            found = _read(path.with_name(path.name + suffix), encoding)
            if found is not None:
                return found
    return _read(path, None)


def _read(path: Path, encoding: str | None) -> _File | None:
    try:
        with path.open("rb") as file:
            content = file.read()
            return _File(content, os.fstat(file.fileno()).st_mtime_ns, encoding)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _unknown(typed: str) -> AnyResponse:
    """The page for a code that leads nowhere, with the one existing code it is a slip away from."""
    suggestion = suggest_code(typed, lambda codes: [code for code in codes if _exists(code)])
    facts = UnknownCodeFacts(typed=typed[:_LONGEST_TYPED_CODE], suggestion=suggestion)
    try:
        renderer = renderer_for(site_of(current_app.config["SEARCH_FILE"]))
    except NotPublishedError:
        return not_published()
    return page(renderer.unknown_code(facts), 404)


def _nowhere() -> Response:
    """The page for any other address that leads nowhere."""
    try:
        renderer = renderer_for(site_of(current_app.config["SEARCH_FILE"]))
    except NotPublishedError:
        return not_published()
    return page(renderer.not_found(), 404)
