"""GET /search: reads the address, asks the search file once, renders. It can reach nothing else."""

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from inspections.surface.headers import public_headers
from inspections.units.codes import parse_code, storefront_path
from publishing.public_facts import SiteFacts
from publishing.search.finding import NotPublishedError, find, open_published, read_about
from publishing.search.language import read_search
from publishing.site.render import Renderer
from publishing.site.styles import style_hashes

search = Blueprint("search", __name__)

NOT_PUBLISHED = "网站还没有发布，请稍后再来。\nThis site has not been published yet.\n"


@lru_cache(maxsize=2)
def renderer_for(site: SiteFacts) -> Renderer:
    """The renderer of a publication; its templates are compiled once in a process."""
    return Renderer(site)


def site_of(search_file: Path) -> SiteFacts:
    """What the live publication says of the site; raises where there is none."""
    with open_published(search_file) as database:
        return read_about(database).site


def not_published() -> Response:
    """The answer before the first publication."""
    headers = {**public_headers(style_hashes(), https=request.is_secure), "Retry-After": "60"}
    return Response(NOT_PUBLISHED, 503, headers, mimetype="text/plain")


def page(content: bytes, status: int = 200) -> Response:
    """A rendered page with the headers of every public response."""
    headers = public_headers(style_hashes(), https=request.is_secure)
    return Response(content, status, headers, mimetype="text/html")


def moved(path: str, code: int = 308) -> AnyResponse:
    """The way to another address, with the headers of every public response."""
    response = redirect(path, code=code)
    response.headers.update(public_headers(style_hashes(), https=request.is_secure))
    return response


@search.get("/search", provide_automatic_options=False)
def results() -> AnyResponse:
    """The hits of the search in the address; a storefront code leads straight to its page."""
    code = parse_code(request.args.get("q", ""))
    if code is not None and _has_page(code):
        return moved(storefront_path(code), 303)
    try:
        with open_published(current_app.config["SEARCH_FILE"]) as database:
            site = read_about(database).site
            _, facts = find(database, read_search(request.args))
    except NotPublishedError:
        return not_published()
    return page(renderer_for(site).search(facts))


def _has_page(code: str) -> bool:
    root: Path = current_app.config["SITE_DIRECTORY"]
    return (root / "s" / code / "index.html").is_file()
