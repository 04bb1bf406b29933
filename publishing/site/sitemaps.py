"""Site maps for search engines: one file for so many doors, so that a new door costs one small file."""

from collections.abc import Collection, Iterable
from xml.sax.saxutils import escape

from sqlmodel import Session

from inspections.units.codes import storefront_path
from publishing.public_facts import DrawLink, EditionFacts
from publishing.site.pages import Kind, PageFacts
from publishing.site.queries import codes_between, last_premises_id
from publishing.site.terms import Terms

DOORS_PER_MAP = 5_000
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


def site_maps(
    session: Session,
    new_doors: Collection[int] | None,
    editions: Iterable[EditionFacts],
    draws: Iterable[DrawLink],
    terms: Terms,
) -> list[PageFacts]:
    """The maps that new doors change, or all of them; none where the site must not be indexed."""
    if not terms.may_be_indexed:
        return []
    numbers = range(last_premises_id(session) // DOORS_PER_MAP + 1)
    due = numbers if new_doors is None else sorted({door // DOORS_PER_MAP for door in new_doors})
    maps = [_file(_name(number), _map(_doors(session, number), terms)) for number in due]
    paths = ["/", "/editions/", "/rules/", "/about/"]
    for facts in editions:
        paths += [facts.path, *(entry.path for entry in facts.entries if not entry.is_withdrawn)]
    paths += [draw.path for draw in draws]
    names = ["sitemap-editions.xml", *map(_name, numbers)]
    return [
        *maps,
        _file("sitemap-editions.xml", _map(paths, terms)),
        _file("sitemap.xml", _index(names, terms)),
    ]


def _name(number: int) -> str:
    return f"sitemap-doors-{number}.xml"


def _doors(session: Session, number: int) -> list[str]:
    first = number * DOORS_PER_MAP
    return [storefront_path(code) for code in codes_between(session, first, first + DOORS_PER_MAP)]


def _map(paths: Iterable[str], terms: Terms) -> str:
    address = escape(terms.site.public_address)
    lines = "".join(f"<url><loc>{address}{escape(path)}</loc></url>\n" for path in paths)
    return _document("urlset", lines)


def _index(names: Iterable[str], terms: Terms) -> str:
    address = escape(terms.site.public_address)
    lines = "".join(f"<sitemap><loc>{address}/{name}</loc></sitemap>\n" for name in names)
    return _document("sitemapindex", lines)


def _document(name: str, lines: str) -> str:
    opening = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{_NAMESPACE}">\n'
    return f"{opening}{lines}</{name}>\n"


def _file(path: str, text: str) -> PageFacts:
    return PageFacts(path, "site", 0, Kind.FILE, (text.encode(),))
