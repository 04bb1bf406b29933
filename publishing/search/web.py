"""GET /search: reads the address, asks the search file once, renders. It can reach nothing else."""

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request

from inspections.surface.headers import public_headers
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


@search.get("/search")
def results() -> Response:
    """The hits of the search in the address."""
    try:
        with open_published(current_app.config["SEARCH_FILE"]) as database:
            site = read_about(database).site
            _, facts = find(database, read_search(request.args))
    except NotPublishedError:
        return not_published()
    return page(renderer_for(site).search(facts))
