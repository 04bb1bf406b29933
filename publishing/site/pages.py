"""One page to be: where it stands, what it is about, the facts it is rendered from, and until when."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import Any

from publishing.public_facts import SearchRow
from publishing.site.render import Renderer
from publishing.site.writer import PAGE


class Kind(StrEnum):
    """The kinds of pages; each is a method of the renderer, or a file as it stands."""

    STOREFRONT = "storefront"
    HOME = "home"
    ARCHIVE = "archive"
    EDITION = "edition"
    ENTRY = "entry"
    ENDED_ENTRY = "ended_entry"
    RULES = "rules"
    ABOUT = "about"
    DRAW = "draw"
    NOT_FOUND = "not_found"
    FILE = "file"


@dataclass(frozen=True)
class PageFacts:
    """What a page shows. `facts` are the arguments of its kind's method of the renderer."""

    path: str
    subject: str
    subject_id: int
    kind: Kind
    facts: tuple[Any, ...]
    changes_on: date | None = None
    rows: tuple[tuple[int, SearchRow], ...] = field(default=())

    def digest(self, fingerprint: str) -> str:
        """SHA-256 of what the page and its search rows would say under a fingerprint."""
        said = _WRITTEN.encode((fingerprint, self.kind, self.facts, self.rows))
        return hashlib.sha256(said.encode()).hexdigest()

    def render(self, renderer: Renderer) -> bytes:
        """The page's bytes."""
        if self.kind is Kind.FILE:
            content: bytes = self.facts[0]
            return content
        method: Callable[..., bytes] = getattr(renderer, self.kind.value)
        return method(*self.facts)


# How the fields of facts are read, by their class.
_READERS: dict[type, Callable[[Any], Any]] = {}


def _inside(value: Any) -> Any:
    """What stands for a value that JSON does not know: the fields of facts, else its text in Python."""
    kind = type(value)
    if kind not in _READERS:
        names = [one.name for one in fields(kind)] if is_dataclass(kind) else []
        _READERS[kind] = attrgetter(*names) if names else repr
    return _READERS[kind](value)


# A hundred thousand times: one encoder, and no search for circles among facts.
_WRITTEN = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_inside)


def page_path(address: str) -> str:
    """The file of a page's address: `/s/7K3M-92QF/` is `s/7K3M-92QF/index.html`."""
    return address.strip("/") + f"/{PAGE}" if address.strip("/") else PAGE


def earliest(*days: date | None) -> date | None:
    """The first of some days, none where there is none."""
    known = [day for day in days if day is not None]
    return min(known) if known else None
