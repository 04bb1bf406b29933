"""Words for people on the public pages: dates, pairs of languages, telephone numbers."""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from markupsafe import Markup, escape

from inspections.record.clock import PEOPLE_ZONE
from publishing.public_facts import Words

_TELEPHONE = re.compile(r"(?<![\d-])(0\d{2,3}-\d{7,8}|1\d{4}|400-\d{3}-\d{4})(?![\d-])")


@lru_cache(maxsize=8192)
def day(on: date) -> Markup:
    """A day with its year in Chinese; English shows the `datetime` itself, so that the fact stands once."""
    return _time(on, f"{on.year}年{on.month}月{on.day}日")


@lru_cache(maxsize=8192)
def day_in(on: date, year: int) -> Markup:
    """A day beside another date: the year is said only where it is not the other date's year."""
    if on.year != year:
        return day(on)
    return _time(on, f"{on.month}月{on.day}日")


def _time(on: date, zh: str) -> Markup:
    return Markup(f"<time datetime={on.isoformat()}><span class=z>{zh}</span></time>")  # noqa: S704  # digits only


@lru_cache(maxsize=1024)
def moment(at: datetime) -> Markup:
    """An instant with its day and year, as the clock on the wall shows it here."""
    here = at.astimezone(PEOPLE_ZONE)
    shown = f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"
    return Markup(f"<time datetime={here.isoformat(timespec='minutes')}>{shown}</time>")  # noqa: S704  # digits only


@lru_cache(maxsize=4096)
def pair(words: Words) -> Markup:
    """Both languages of a fixed text; the reader's switch shows one of them."""
    return both(words.zh, words.en)


def both(zh: str, en: str) -> Markup:
    """The two languages side by side; a language without a text of its own stands for both or for none."""
    if zh == en:
        return escape(zh)
    parts = []
    if zh:
        parts.append(f"<span class=z>{escape(zh)}</span>")
    if en:
        parts.append(f"<span class=e lang=en>{escape(en)}</span>")
    return Markup("".join(parts))  # noqa: S704  # both parts are escaped above


def with_telephones(text: str) -> Markup:
    """A contact as the bureau words it, with its telephone numbers as links."""
    pieces: list[Markup] = []
    end = 0
    for found in _TELEPHONE.finditer(text):
        pieces.append(escape(text[end : found.start()]))
        pieces.append(Markup("<a href='tel:{0}'>{0}</a>").format(found.group()))
        end = found.end()
    pieces.append(escape(text[end:]))
    return Markup().join(pieces)


FORMATTERS: dict[str, Callable[..., object]] = {
    "day": day,
    "day_in": day_in,
    "moment": moment,
    "pair": pair,
}
