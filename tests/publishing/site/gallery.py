"""Every public page in every state, rendered from the made-up facts."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from publishing.public_facts import SiteFacts
from publishing.site.render import Renderer
from tests.publishing.site import sample_facts as made_up
from tests.publishing.site.sample_draws import DRAWS

T = TypeVar("T")


def gallery(site: SiteFacts = made_up.SITE) -> dict[str, bytes]:
    """All pages by a name that says page and state: `storefront: never visited`."""
    return dict(_pages(Renderer(site)))


def _pages(renderer: Renderer) -> Iterator[tuple[str, bytes]]:
    yield from _named("storefront", renderer.storefront, made_up.STOREFRONTS)
    yield from _named("home", renderer.home, made_up.HOMES)
    yield from _named("edition", renderer.edition, made_up.EDITIONS)
    yield from _named("archive", renderer.archive, made_up.ARCHIVES)
    yield from _named("search", renderer.search, made_up.SEARCHES)
    yield from _named("code", renderer.unknown_code, made_up.UNKNOWN_CODES)
    yield from _named("rules", renderer.rules, made_up.RULE_PAGES)
    yield from _named("about", renderer.about, made_up.ABOUTS)
    yield from _named("draw", renderer.draw, DRAWS)
    for state, (edition, entry) in made_up.ENTRY_PAGES.items():
        yield f"entry: {state}", renderer.entry(edition, entry)
    yield "entry: ended", renderer.ended_entry(made_up.EDITIONS["all ended"])
    yield "not found", renderer.not_found()


def _named(page: str, render: Callable[[T], bytes], states: Mapping[str, T]) -> Iterator[tuple[str, bytes]]:
    for state, facts in states.items():
        yield f"{page}: {state}", render(facts)
