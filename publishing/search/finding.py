"""Reads the search file: which units a search finds, how they can be narrowed, what is shown of them.

The file is never written in place (a new version is renamed over it), so it is opened as immutable:
no locks, and a search sees one version from its first query to its last.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from publishing.public_facts import (
    FacetChoice,
    FacetFacts,
    LevelFacts,
    OrderChoice,
    SearchFacts,
    SearchRow,
    SiteFacts,
    Words,
)
from publishing.search.language import FILTERS, UNGRADED, Search

ROWS_PER_PAGE = 20
_MAPPED_BYTES = 1 << 30
_ROW_FIELDS = tuple(field.name for field in fields(SearchRow))
_LISTS = {"red": Words("红榜", "Red list"), "black": Words("黑榜", "Black list")}
_FACETS = {
    "street": Words("街镇", "Street or town"),
    "type": Words("业态", "Type"),
    "grade": Words("风险等级", "Risk grade"),
    "list": Words("红黑榜", "Red and black lists"),
}
_ORDERS = {"name": Words("店名", "name"), "visit": Words("最近检查", "latest inspection")}
_RESULTS = {"符合": "compliant", "基本符合": "basically compliant", "不符合": "non-compliant"}
_UNGRADED_WORDS = Words("暂未评定", "Not determined")


class NotPublishedError(Exception):
    """There is no search file: nothing has been published yet."""


@dataclass(frozen=True)
class About:
    """The publication that the search file belongs to."""

    site: SiteFacts
    levels: tuple[LevelFacts, ...]
    type_words: Mapping[str, str]
    grade_is_public: bool


@dataclass(frozen=True)
class _Traits:
    street: str
    type: str
    grade: str
    lists: tuple[str, ...]
    units: int

    def has(self, name: str, value: str) -> bool:
        """Whether these units stay when the search is narrowed to the value."""
        return value in self.values(name)

    def values(self, name: str) -> tuple[str, ...]:
        """The values of one property; a unit may stand on both lists."""
        if name == "list":
            return self.lists
        value = {"street": self.street, "type": self.type, "grade": self.grade or UNGRADED}[name]
        return (value,) if value else ()


@contextmanager
def open_published(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the version of the search file that is live now; it can only read."""
    try:
        uri = f"{file.resolve(strict=True).as_uri()}?mode=ro&immutable=1"
    except FileNotFoundError as error:
        raise NotPublishedError from error
    database = sqlite3.connect(uri, uri=True)
    try:
        database.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")
        yield database
    finally:
        database.close()


def read_about(database: sqlite3.Connection) -> About:
    """What the file says of its publication."""
    row = database.execute("SELECT facts FROM about").fetchone()
    if row is None:
        raise NotPublishedError
    return _about(row[0])


@lru_cache(maxsize=4)
def _about(text: str) -> About:
    known = json.loads(text)
    levels = tuple(LevelFacts(level["code"], Words(**level["meaning"])) for level in known["levels"])
    site: SiteFacts = _revived(SiteFacts, known["site"])
    return About(site, levels, known["type_words"], known["grade_is_public"])


def _revived(shape: type[Any], values: Mapping[str, Any]) -> Any:
    """A flat dataclass from its JSON: fields that end in `_on` and `as_of` are days."""
    known = {field.name for field in fields(shape)}
    return shape(**{name: _value(name, value) for name, value in values.items() if name in known})


def _value(name: str, value: Any) -> Any:
    is_day = name.endswith("_on") or name == "as_of"
    return date.fromisoformat(value) if is_day and value else value


def find(database: sqlite3.Connection, search: Search) -> tuple[Search, SearchFacts]:
    """The hits of a search; the search comes back with a page number that exists."""
    about = read_about(database)
    traits = _all_traits(database)
    counts = _counts(database, search, traits)
    wanted = _wanted(search, traits)
    total = sum(count for key, count in counts.items() if key in wanted)
    pages = max(1, -(-total // ROWS_PER_PAGE))
    search = replace(search, page=min(search.page, pages))
    facets = FILTERS if about.grade_is_public else tuple(name for name in FILTERS if name != "grade")
    return search, SearchFacts(
        query=search.typed,
        total=total,
        rows=tuple(_rows(database, search, wanted, len(traits))) if total else (),
        facets=tuple(_facet(name, search, traits, counts, about) for name in facets),
        kept=search.kept,
        orders=tuple(
            OrderChoice(words, replace(search, order=order, page=1).path(), search.order == order)
            for order, words in _ORDERS.items()
        ),
        clear_path=Search(typed=search.typed, order=search.order).path(),
        page=search.page,
        pages=pages,
        previous_path=replace(search, page=search.page - 1).path() if search.page > 1 else None,
        next_path=replace(search, page=search.page + 1).path() if search.page < pages else None,
        levels=about.levels if about.grade_is_public else (),
        english={**about.type_words, **_RESULTS},
    )


def _all_traits(database: sqlite3.Connection) -> dict[int, _Traits]:
    query = "SELECT id, street, unit_type, grade, listed, units FROM traits"
    return {
        row[0]: _Traits(row[1], row[2], row[3], tuple(row[4].split(",")) if row[4] else (), row[5])
        for row in database.execute(query)
    }


def _matching(search: Search) -> tuple[str, list[object]]:
    """The condition that every word occurs, with its values."""
    condition = " AND ".join("instr(text, ?)" for _ in search.terms)
    return condition or "1", list(search.terms)


def _counts(database: sqlite3.Connection, search: Search, traits: Mapping[int, _Traits]) -> Mapping[int, int]:
    if not search.terms:
        return {key: trait.units for key, trait in traits.items()}
    condition, values = _matching(search)
    query = f"SELECT traits, count(*) FROM found WHERE {condition} GROUP BY traits"  # noqa: S608  # only marks
    return dict(database.execute(query, values).fetchall())


def _wanted(search: Search, traits: Mapping[int, _Traits], *, without: str | None = None) -> set[int]:
    chosen = [(name, value) for name, value in search.filters if name != without]
    return {key for key, trait in traits.items() if all(trait.has(name, value) for name, value in chosen)}


def _rows(database: sqlite3.Connection, search: Search, wanted: set[int], kinds: int) -> Iterator[SearchRow]:
    condition, values = _matching(search)
    if len(wanted) < kinds:
        # The ids are our own integers; as text they need no variable each.
        condition += f" AND traits IN ({','.join(map(str, sorted(wanted)))})"
    order = "last_visit DESC, ordering, id" if search.order == "visit" else "ordering, id"
    if search.terms:
        # What is found in the name itself comes before what is found in the rest.
        order = f"instr(text, ?) > name_length, {order}"
        values.append(search.terms[0])
    query = f"SELECT id FROM found WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?"  # noqa: S608  # see above
    values += [ROWS_PER_PAGE, (search.page - 1) * ROWS_PER_PAGE]
    for (row_id,) in database.execute(query, values).fetchall():
        facts = database.execute("SELECT facts FROM shown WHERE id = ?", (row_id,)).fetchone()[0]
        row: SearchRow = _revived(SearchRow, dict(zip(_ROW_FIELDS, json.loads(facts), strict=True)))
        yield row


def _facet(
    name: str,
    search: Search,
    traits: Mapping[int, _Traits],
    counts: Mapping[int, int],
    about: About,
) -> FacetFacts:
    """The values of one property among the hits of all other filters."""
    totals: Counter[str] = Counter()
    for key in _wanted(search, traits, without=name):
        for value in traits[key].values(name):
            totals[value] += counts.get(key, 0)
    chosen = search.value_of(name)
    values = [value for value, count in totals.items() if count or value == chosen]
    if chosen and chosen not in values:
        values.append(chosen)
    return FacetFacts(
        label=_FACETS[name],
        choices=tuple(
            FacetChoice(
                label=_label(name, value, about),
                count=totals[value],
                path=search.narrowed(name, None if value == chosen else value).path(),
                is_chosen=value == chosen,
            )
            for value in sorted(values, key=_order(name, totals))
        ),
    )


def _order(name: str, totals: Counter[str]) -> Callable[[str], tuple[object, ...]]:
    if name == "grade":
        return lambda value: (value == UNGRADED, value)
    if name == "list":
        return lambda value: (value != "red", value)
    return lambda value: (-totals[value], value)


def _label(name: str, value: str, about: About) -> Words:
    if name == "list":
        return _LISTS.get(value, Words(value, value))
    if name == "type":
        return Words(value, about.type_words.get(value, value))
    if name == "grade":
        return _grade_label(value, about)
    return Words(value, value)


def _grade_label(value: str, about: About) -> Words:
    if value == UNGRADED:
        return _UNGRADED_WORDS
    for level in about.levels:
        if level.code == value:
            return Words(f"{value} 级，{level.meaning.zh}", f"{value}, {level.meaning.en}")
    return Words(value, value)
