"""What a search is: words that must all occur, filters, an order and a page, all of it in the address."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

LONGEST_QUERY = 100
MOST_TERMS = 8
LAST_PAGE = 100_000
FILTERS = ("street", "type", "grade", "list")
ORDERS = ("name", "visit")
UNGRADED = "none"
FIELD_END = "\n"


def plain(text: str) -> str:
    """Text as it is searched: full-width as half-width, lower case, letters and digits alone."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def searched_text(*fields: str | None) -> str:
    """The fields as one text in which no term can match across two of them."""
    return FIELD_END.join(plain(field) for field in fields if field)


@dataclass(frozen=True)
class Search:
    """One search as its address says it; `typed` is kept as the person wrote it."""

    typed: str = ""
    terms: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] = ()
    order: str = ORDERS[0]
    page: int = 1

    def value_of(self, name: str) -> str | None:
        """The chosen value of a filter, none where it is not narrowed."""
        return dict(self.filters).get(name)

    def narrowed(self, name: str, value: str | None) -> "Search":
        """The same words with one filter set or given up, from its first page."""
        chosen = {**dict(self.filters), name: value}
        kept = tuple((key, chosen[key]) for key in FILTERS if chosen.get(key))
        return replace(self, filters=tuple((key, text) for key, text in kept if text), page=1)

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What stays when the words are changed: the filters, and the order where it is not the usual one."""
        return self.filters if self.order == ORDERS[0] else (*self.filters, ("sort", self.order))

    def path(self) -> str:
        """The address of this search; what is not chosen does not stand in it."""
        pairs = [("q", self.typed)] if self.typed else []
        pairs += self.kept
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return "/search" + (f"?{urlencode(pairs)}" if pairs else "")


def read_search(parameters: Mapping[str, str]) -> Search:
    """The search that an address asks for; what makes no sense in it is left out, nothing is refused."""
    typed = " ".join(parameters.get("q", "").split())[:LONGEST_QUERY]
    terms = dict.fromkeys(plain(word) for word in typed.split())
    filters = ((name, parameters.get(name, "").strip()[:LONGEST_QUERY]) for name in FILTERS)
    order = parameters.get("sort", "")
    return Search(
        typed=typed,
        terms=tuple(term for term in terms if term)[:MOST_TERMS],
        filters=tuple((name, value) for name, value in filters if value),
        order=order if order in ORDERS else ORDERS[0],
        page=_page(parameters.get("page", "")),
    )


def _page(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LAST_PAGE)) else 1
    return max(1, number)
