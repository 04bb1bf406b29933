"""Rendering: the facts of one page in, the page's bytes out. No database, no clock, no path."""

from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Template
from markupsafe import Markup, escape

from inspections.surface.headers import draw_page_policy, page_policy
from publishing.public_draw_facts import CampaignDrawFacts
from publishing.public_facts import (
    AboutFacts,
    ArchiveFacts,
    ArchiveLine,
    EditionFacts,
    EntryFacts,
    HomeFacts,
    RulesFacts,
    SearchFacts,
    SearchRow,
    SiteFacts,
    StorefrontFacts,
    UnknownCodeFacts,
    VisitFacts,
)
from publishing.site.environment import open_environment
from publishing.site.labels import LABELS
from publishing.site.plain import plain_steps, scale_of
from publishing.site.styles import style
from publishing.site.words import both, pair, with_telephones

_LIST_LABELS = {"red": "red", "black": "black", "yellow": "yellow", "other": "unlisted"}
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


@dataclass(frozen=True)
class EntryGroup:
    """The entries of one list within an edition; `count` is what the edition states."""

    word: str
    count: int | None
    entries: tuple[EntryFacts, ...]


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
        environment.filters.update(
            list_name=list_name,
            plain_steps=plain_steps,
            scale_of=scale_of,
            tally=tally,
            sentence=sentence,
            groups=groups,
            others=others,
            lists_of=lists_of,
            archive_counts=archive_counts,
        )
        environment.globals["opening"] = Markup(environment.get_template("shells/opening.html").render())  # noqa: S704  # rendered with escaping
        environment.globals["closing"] = Markup(environment.get_template("shells/closing.html").render())  # noqa: S704  # rendered with escaping
        self._templates: dict[str, Template] = {
            page: environment.get_template(f"public/{page}.html", globals={"style": _page_style(bundle)})
            for page, bundle in _PAGES.items()
        }

    def storefront(self, facts: StorefrontFacts) -> bytes:
        """The page behind a plate's code."""
        where = facts.address if facts.street in facts.address else f"{facts.street}{facts.address}"
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


def list_name(word: str | None) -> Markup:
    """The name of a list in both languages; a colour that has no word here is said as it came."""
    label = _LIST_LABELS.get(word or "other")
    return pair(LABELS[label]) if label else escape(word)


def tally(visit: VisitFacts) -> Markup:
    """How much a visit found, and its score where the scheme has one: `2项问题`."""
    found = _found(len(visit.findings))
    if visit.score is None:
        return found
    return pair(LABELS["score"]) + visit.score + pair(LABELS["comma"]) + found


@lru_cache(maxsize=256)
def _found(count: int) -> Markup:
    if count == 0:
        return pair(LABELS["no_problem"])
    return escape(count) + pair(LABELS["one_problem" if count == 1 else "problems"])


def sentence(parts: tuple[str, ...]) -> str:
    """Several facts as one sentence: `原料过期；后厨地面积水。`"""
    text = "；".join(part.strip().rstrip("；;。") for part in parts)
    return f"{text}。" if text and text[-1] not in "！？!?…" else text


def groups(edition: EditionFacts) -> list[EntryGroup]:
    """An edition's entries list by list: black and red first, always named for an edition of its own."""
    stated = {"black": edition.black_count, "red": edition.red_count}
    words = ["black", "red"] if not edition.is_historical else []
    words += [word for word, count in stated.items() if count is not None and word not in words]
    words += [entry.list_word or "other" for entry in edition.entries]
    found = []
    for word in dict.fromkeys(sorted(words, key=_list_order)):
        entries = tuple(entry for entry in edition.entries if (entry.list_word or "other") == word)
        found.append(EntryGroup(word=word, count=stated.get(word, len(entries)), entries=entries))
    return found


def _list_order(word: str) -> int:
    order = ("black", "red", "yellow")
    return order.index(word) if word in order else len(order) + (word == "other")


def others(edition: EditionFacts) -> int:
    """Units that were checked and are on neither list; none where the counts do not say so."""
    total = edition.checked if edition.checked is not None else edition.drawn
    if total is None or edition.is_historical:
        return 0
    return max(0, total - (edition.red_count or 0) - (edition.black_count or 0))


def lists_of(row: SearchRow) -> Markup:
    """The lists that a hit is on, in words."""
    words = row.listed.split(",") if row.listed else []
    return Markup().join(
        Markup(" <span class='list {}'>{}</span>").format(word, list_name(word)) for word in words
    )


def archive_counts(line: ArchiveLine) -> Markup:
    """What an edition still shows: `黑榜 2家，红榜 6家`, and how many have ended."""
    shops = pair(LABELS["shops"])
    counted = [("black_list_count", line.black), ("red_list_count", line.red)]
    parts = [pair(LABELS[key]) + f"{count}" + shops for key, count in counted if count is not None]
    if line.ended:
        parts.append(pair(LABELS["ended_short"]) + f"{line.ended}" + both("条", ""))
    return pair(LABELS["comma"]).join(parts)


def _filings(site: SiteFacts) -> Markup:
    parts: list[Markup] = []
    if site.site_identifier:
        parts.append(pair(LABELS["site_identifier"]) + site.site_identifier)
    parts += [escape(text) for text in (site.website_filing, site.police_filing) if text]
    return Markup(" · ").join(parts)


def _page_style(bundle: str) -> PageStyle:
    sheet = style(bundle)
    policy = (draw_page_policy if bundle == "draw" else page_policy)([sheet.source_hash])
    return PageStyle(text=Markup(sheet.text), policy=Markup(policy))  # noqa: S704  # our own style sheet
