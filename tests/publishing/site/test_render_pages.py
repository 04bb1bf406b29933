"""Promises of every public page, in every state of the gallery."""

import gzip
import re
import string
from dataclasses import fields, is_dataclass, replace

import brotli  # type: ignore[import-untyped]  # the package ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError

from publishing import public_facts
from publishing.public_facts import Words
from publishing.site.environment import TEMPLATE_FOLDER, TemplateError, open_environment, without_line_breaks
from publishing.site.labels import LABELS
from publishing.site.render import Renderer
from tests.publishing.site import sample_facts as made_up
from tests.publishing.site.gallery import gallery
from tests.publishing.site.page_checks import chinese, faults, parsed

PAGES = gallery()
MARKED = {
    "演示数据，不是真实单位": gallery(made_up.DEMONSTRATION),
    "预览，截至2026年10月31日": gallery(made_up.PREVIEW),
}
RENDERER = Renderer(made_up.SITE)
NAMES_OF_ENTRIES = [
    text
    for entry in made_up.ENTRIES
    for text in (entry.name, entry.address, entry.holder, *entry.reasons)
    if text
]
ONE_TRIP = 14 * 1024


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_valid_and_keeps_the_rules_of_the_house(name: str) -> None:
    assert faults(PAGES[name]) == []


def test_the_checks_see_a_bad_page() -> None:
    bad = PAGES["not found"].replace(b"</main>", b"<h1 id=q>x</h1><p onclick=x>&bogus;</p></main>")
    said = " ".join(faults(bad))
    assert "2 first headings" in said
    assert "id q stands 2 times" in said
    assert "inline onclick" in said
    assert "not HTML" in said


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_of_any_page_says_who_publishes(name: str) -> None:
    header = parsed(PAGES[name]).select_one("header")
    assert header is not None
    assert made_up.SITE.authority in header.get_text()
    assert made_up.SITE.title in header.get_text()


@pytest.mark.parametrize("name", PAGES)
def test_no_page_praises_recommends_or_borrows_the_name_of_the_credit_list(name: str) -> None:
    text = parsed(PAGES[name]).get_text()
    for word in ("推荐", "放心", "黑名单", "永久"):
        assert word not in text


@pytest.mark.parametrize("name", PAGES)
def test_no_page_carries_needless_space(name: str) -> None:
    text = PAGES[name].decode()
    assert "\n" not in text
    assert not re.search(r">\s+<(?!/)(?!span|a|b|time)", text.replace(" · ", ""))


@pytest.mark.parametrize("name", PAGES)
def test_every_fixed_text_stands_in_both_languages_marked_as_what_it_is(name: str) -> None:
    soup = parsed(PAGES[name])
    assert soup.html is not None
    assert soup.html["lang"] == "zh-CN"
    for english in soup.select(".e"):
        assert english.get("lang") == "en" or english.get_text() == "中文"
    latin = set(string.ascii_lowercase)
    for fixed in soup.select(".z"):
        assert not latin & set(fixed.get_text()) or fixed.get("lang") == "en"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("words", MARKED)
def test_demonstration_and_preview_say_so_on_every_page_and_are_not_indexed(words: str, name: str) -> None:
    soup = parsed(MARKED[words][name])
    banner = soup.select_one(".banner")
    assert banner is not None
    assert words in chinese(banner)
    assert soup.select_one("meta[name=robots][content=noindex]") is not None


def test_a_real_site_shows_no_banner_and_may_be_indexed() -> None:
    soup = parsed(PAGES["storefront: usual"])
    assert soup.select_one(".banner") is None
    assert soup.select_one("meta[name=robots]") is None


@pytest.mark.parametrize("state", made_up.STOREFRONTS)
def test_a_storefront_needs_one_request_of_at_most_fourteen_kilobytes(state: str) -> None:
    page = PAGES[f"storefront: {state}"]
    assert len(gzip.compress(page, 6)) <= ONE_TRIP
    assert len(brotli.compress(page, quality=5)) <= ONE_TRIP
    soup = parsed(page)
    assert soup.select("link[rel=stylesheet], img, iframe, script, video, [srcset]") == []


def test_a_page_never_shows_a_place_that_nobody_filled() -> None:
    with pytest.raises(UndefinedError):
        open_environment().from_string("{{ nobody }}").render()


def test_a_fixed_text_that_does_not_exist_stops_the_template() -> None:
    with pytest.raises(TemplateError, match="no_such_text"):
        open_environment().from_string("<p>[[no_such_text]]</p>")


def test_every_fixed_text_is_used_somewhere() -> None:
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATE_FOLDER.glob("*/*.html"))
    words = {word for pair in re.findall(r"\[\[(\w+)\]\]|labels\.(\w+)", templates) for word in pair}
    begun = tuple(re.findall(r'labels\["(\w+)" ~', templates))
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (TEMPLATE_FOLDER.parent / "publishing" / "site").glob("render*.py")
    )
    unused = [key for key in LABELS if key not in words and f'"{key}"' not in source]
    unused = [key for key in unused if not key.startswith(begun)]
    assert unused == []


def test_lines_of_a_template_are_joined_without_gluing_words_together() -> None:
    assert without_line_breaks("<p>\n  a\n  b\n</p>\n<p>") == "<p>a b</p><p>"


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_whatever_a_name_contains_it_is_shown_as_text(name: str) -> None:
    shown = "".join(character for character in name if character.isprintable()).strip() or "名"
    shown = f"<b>&{shown}"
    page = RENDERER.storefront(replace(made_up.USUAL, name=shown))
    heading = parsed(page).select_one("h1")
    assert heading is not None
    assert heading.get_text() == shown
    assert heading.find("b") is None


def test_words_typed_into_the_search_stay_words() -> None:
    soup = parsed(PAGES["search: hostile words"])
    field = soup.select_one("#q")
    assert field is not None
    assert field["value"] == made_up.SEARCHES["hostile words"].query


def test_each_fact_of_a_storefront_stands_once_whatever_the_language() -> None:
    body = parsed(PAGES["storefront: usual"]).body
    assert body is not None
    text = (
        body.get_text()
        .replace(str(made_up.USUAL.online_name), "", 1)
        .replace(str(made_up.USUAL.holder), "", 1)
    )
    facts = made_up.USUAL
    findings = [finding.text for visit in facts.visits for finding in visit.findings]
    for fact in (facts.name, facts.address, facts.licence_number, *findings, *made_up.GRADE_B.steps):
        assert text.count(str(fact)) == 1
    for gone in (facts.online_name, facts.holder):
        assert str(gone) not in text


@pytest.mark.parametrize("state", ["all ended", "withdrawn"])
def test_an_edition_that_shows_nothing_names_nobody_and_is_not_indexed(state: str) -> None:
    page = PAGES[f"edition: {state}"]
    assert parsed(page).select_one("meta[name=robots][content=noindex]") is not None
    assert not any(name.encode() in page for name in NAMES_OF_ENTRIES)


@pytest.mark.parametrize("name", ["entry: ended", "entry: withdrawn"])
def test_an_entry_that_is_over_leaves_a_neutral_note_and_is_not_indexed(name: str) -> None:
    page = PAGES[name]
    assert parsed(page).select_one("meta[name=robots][content=noindex]") is not None
    assert not any(text.encode() in page for text in NAMES_OF_ENTRIES)
    assert "家" not in chinese(parsed(page).select("main")[0])


def test_every_field_that_may_be_published_says_what_it_means() -> None:
    silent = [
        f"{name}.{field.name}"
        for name, thing in vars(public_facts).items()
        if isinstance(thing, type) and is_dataclass(thing)
        for field in fields(thing)
        if not field.metadata.get("help")
    ]
    assert silent == []


def test_both_languages_of_a_fixed_text_are_present() -> None:
    one_sided = {key for key, words in LABELS.items() if not words.zh and not words.en}
    assert one_sided == set()
    assert all(isinstance(words, Words) for words in LABELS.values())
