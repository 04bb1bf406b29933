"""What every public page promises of its HTML, whatever it shows."""

import base64
import hashlib
import itertools
import re
from collections import Counter
from copy import copy

import html5lib
from bs4 import BeautifulSoup, Tag

_ALLOWED_TARGETS = ("/", "#", "tel:", "data:,")


def parsed(page: bytes) -> BeautifulSoup:
    """The page as a browser reads it."""
    return BeautifulSoup(page.decode(), "html5lib")


def chinese(element: Tag) -> str:
    """The text of an element as it reads before the reader switches to English."""
    bare = copy(element)
    for english in bare.select(".e"):
        english.decompose()
    return bare.get_text()


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in the text one after the other."""
    return bool(re.search(".*".join(re.escape(part) for part in parts), text, re.DOTALL))


def faults(page: bytes) -> list[str]:
    """Everything in which a page breaks the house's rules; empty for a good page."""
    soup = parsed(page)
    return [
        *_html_faults(page),
        *_heading_faults(soup),
        *_reference_faults(soup),
        *_policy_faults(soup),
    ]


def _html_faults(page: bytes) -> list[str]:
    parser = html5lib.HTMLParser()
    parser.parse(page, transport_encoding="utf-8")
    return [f"not HTML: {code} at {position} {data}" for position, code, data in parser.errors]


def _heading_faults(soup: BeautifulSoup) -> list[str]:
    headings = soup.select("h1")
    if len(headings) != 1:
        return [f"{len(headings)} first headings"]
    title = soup.title.get_text() if soup.title else ""
    heading = chinese(headings[0]).strip()
    found = [] if heading and title.startswith(heading) else [f"title {title!r} starts not with {heading!r}"]
    levels = [int(tag.name[1]) for tag in soup.select("h1, h2, h3, h4")]
    found += [f"heading level {b} after {a}" for a, b in itertools.pairwise(levels) if b > a + 1]
    return found


def _reference_faults(soup: BeautifulSoup) -> list[str]:
    ids = Counter(str(tag["id"]) for tag in soup.select("[id]"))
    found = [f"id {name} stands {count} times" for name, count in ids.items() if count > 1]
    labels = soup.select("label[for]")
    found += [f"label for nothing: {tag['for']}" for tag in labels if tag["for"] not in ids]
    found += [f"form without an address: {tag}" for tag in soup.select("form") if not tag.get("action")]
    for tag in soup.select("[href], [src]"):
        target = str(tag.get("href") or tag.get("src"))
        if not target.startswith(_ALLOWED_TARGETS) or target.startswith("//"):
            found.append(f"leads away: {target}")
        if target.startswith("#") and target[1:] not in ids:
            found.append(f"leads nowhere: {target}")
    return found


def _may_run(script: Tag, policy: str) -> bool:
    """The scripts of the public pages belong to draws, and only the draws' own policy lets them run."""
    is_named = script.get("src") in {"/draws/verify.mjs", "/draws/overdue.mjs"} and not script.get_text()
    return is_named and "script-src 'self'" in policy


def _policy_faults(soup: BeautifulSoup) -> list[str]:
    policy = str(soup.select_one("meta[http-equiv=Content-Security-Policy]"))
    found = [f"script: {tag}" for tag in soup.select("script") if not _may_run(tag, policy)]
    found += [
        f"inline {name} on {tag.name}"
        for tag in soup.find_all(True)
        for name in tag.attrs
        if name == "style" or name.startswith("on")
    ]
    for sheet in soup.select("style"):
        digest = base64.b64encode(hashlib.sha256(str(sheet.string).encode()).digest()).decode()
        if f"'sha256-{digest}'" not in policy:
            found.append("a style sheet that the page's own policy refuses")
    return found
