"""Rendering: the facts of one page in, the page's bytes out. No database, no clock, no path."""

from dataclasses import dataclass

from jinja2 import Template
from markupsafe import Markup, escape

from inspections.surface.headers import draw_page_policy, page_policy
from publishing.public_facts import (
    AboutFacts,
    ArchiveFacts,
    CampaignDrawFacts,
    EditionFacts,
    EntryFacts,
    HomeFacts,
    RulesFacts,
    SearchFacts,
    SiteFacts,
    StorefrontFacts,
    UnknownCodeFacts,
)
from publishing.site.environment import open_environment
from publishing.site.labels import LABELS
from publishing.site.render_filters import FILTERS
from publishing.site.styles import style
from publishing.site.words import pair, with_telephones

_PAGES = {
    "storefront": "storefront",
    "home": "home",
    "archive": "edition",
    "edition": "edition",
    "entry": "edition",
    "ended_entry": "edition",
    "search": "search",
    "unknown_code": "search",
    "not_found": "search",
    "about": "text",
    "rules": "text",
    "draw": "draw",
}


@dataclass(frozen=True)
class PageStyle:
    """What the head of a page carries: its style sheet and the policy that allows it."""

    text: Markup
    policy: Markup


class Renderer:
    """Renders every kind of page of one publication; make it once and keep it."""

    def __init__(self, site: SiteFacts) -> None:
        environment = open_environment()
        environment.globals.update(
            site=site,
            hidden_site=site.is_demonstration or site.preview_on is not None,
            contact=with_telephones(site.contact),
            filings=_filings(site),
        )
        environment.filters.update(FILTERS)
        environment.globals["opening"] = Markup(environment.get_template("shells/opening.html").render())  # noqa: S704  # rendered with escaping
        environment.globals["closing"] = Markup(environment.get_template("shells/closing.html").render())  # noqa: S704  # rendered with escaping
        self._templates: dict[str, Template] = {
            page: environment.get_template(f"public/{page}.html", globals={"style": _page_style(bundle)})
            for page, bundle in _PAGES.items()
        }

    def storefront(self, facts: StorefrontFacts) -> bytes:
        """The page behind a plate's code."""
        where = where_of(facts)
        return self._page("storefront", f=facts, name=facts.name or where, where=where)

    def home(self, facts: HomeFacts) -> bytes:
        """The current edition, the search field, and ways into the register."""
        ways = [
            (pair(LABELS[key]), rows)
            for key, rows in (
                ("by_street", facts.by_street),
                ("by_type", facts.by_type),
                ("by_grade", facts.by_grade),
            )
            if rows
        ]
        return self._page("home", f=facts, e=facts.edition, ways=ways, query="", kept=())

    def archive(self, facts: ArchiveFacts) -> bytes:
        """All editions, this authority's own before the historical ones of others."""
        parts = [
            (pair(LABELS["own_editions"]), [line for line in facts.lines if not line.is_historical]),
            (pair(LABELS["historical_editions"]), [line for line in facts.lines if line.is_historical]),
        ]
        return self._page("archive", f=facts, parts=parts)

    def edition(self, facts: EditionFacts) -> bytes:
        """One edition; printed, it is an A4 notice."""
        nothing_shown = facts.is_withdrawn or (not facts.entries and facts.ended + facts.withdrawn > 0)
        return self._page("edition", e=facts, nothing_shown=nothing_shown)

    def entry(self, edition: EditionFacts, entry: EntryFacts) -> bytes:
        """An entry's own page; of a withdrawn entry only a neutral note."""
        return self._page("entry", e=edition, n=entry)

    def ended_entry(self, edition: EditionFacts) -> bytes:
        """What stands at an entry's address after its term: how many have ended, no name."""
        return self._page("ended_entry", e=edition)

    def rules(self, facts: RulesFacts) -> bytes:
        """The rulebooks in force, value by value, with what is only assumed said openly."""
        assumed = sum(cell.is_assumed for book in facts.rulebooks for cell in book.cells)
        return self._page("rules", f=facts, assumed=assumed)

    def about(self, facts: AboutFacts) -> bytes:
        """What the list is and is not, terms, contact, and how to have facts corrected."""
        return self._page("about", f=facts)

    def draw(self, facts: CampaignDrawFacts) -> bytes:
        """The announcement of a draw, or after the reveal its certificate with the script that checks it."""
        return self._page("draw", f=facts)

    def search(self, facts: SearchFacts) -> bytes:
        """One page of hits; everything about the search stands in its address."""
        chosen = [choice for facet in facts.facets for choice in facet.choices if choice.is_chosen]
        return self._page(
            "search",
            f=facts,
            query=facts.query,
            kept=facts.kept,
            chosen=chosen,
            facets=[facet for facet in facts.facets if facet.choices],
            meanings={level.code: level.meaning for level in facts.levels},
        )

    def unknown_code(self, facts: UnknownCodeFacts) -> bytes:
        """The answer to a code that leads nowhere, with the likely one where it is mistyped."""
        return self._page("unknown_code", f=facts, query="", kept=())

    def not_found(self) -> bytes:
        """The answer to any other address that leads nowhere."""
        return self._page("not_found", query="", kept=())

    def _page(self, page: str, **context: object) -> bytes:
        return self._templates[page].render(context).encode()


def where_of(facts: StorefrontFacts) -> str:
    """The address with its street or town once, in the order of its own writing."""
    if facts.street in facts.address:
        return facts.address
    is_latin = facts.street.isascii() and facts.address.isascii()
    return f"{facts.address}, {facts.street}" if is_latin else f"{facts.street}{facts.address}"


def _filings(site: SiteFacts) -> Markup:
    parts: list[Markup] = []
    if site.site_identifier:
        parts.append(pair(LABELS["site_identifier"]) + site.site_identifier)
    parts += [escape(text) for text in (site.website_filing, site.police_filing) if text]
    return Markup(" · ").join(Markup("<span class=whole>{}</span>").format(part) for part in parts)


def _page_style(bundle: str) -> PageStyle:
    sheet = style(bundle)
    policy = (draw_page_policy if bundle == "draw" else page_policy)([sheet.source_hash])
    return PageStyle(text=Markup(sheet.text), policy=Markup(policy))  # noqa: S704  # our own style sheet
