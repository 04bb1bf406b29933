"""Gathers the pages that are not storefronts: home, editions, entries, rules, about, and what robots read."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlmodel import Session

from inspections.units.words import unit_types
from publishing.editions.queries import EntryAddress, PublicEdition, public_editions
from publishing.public_facts import (
    AboutFacts,
    ArchiveFacts,
    ArchiveLine,
    CountFacts,
    DrawLink,
    EditionFacts,
    EntryFacts,
    HomeFacts,
    LevelFacts,
    NominationLink,
    SearchRow,
    Words,
)
from publishing.search.language import UNGRADED, Search
from publishing.search.writing import TraitCount
from publishing.site.pages import Kind, PageFacts, page_path
from publishing.site.terms import Terms

ENTRIES_APART = 10_000
_NOT_GRADED = Words("暂未评定", "Not determined")


def editions_on(session: Session, terms: Terms) -> list[PublicEdition]:
    """Every edition that is public on the day, newest first, as its pages show it."""
    return public_editions(session, on=terms.on, is_preview=terms.is_preview)


def edition_pages(edition: PublicEdition) -> list[PageFacts]:
    """The page of an edition and the pages of its entries: shown, ended and withdrawn."""
    facts = edition.facts
    bare = replace(facts, entries=())
    shown = [(entry.path, Kind.ENTRY, (bare, entry)) for entry in facts.entries]
    addresses = {entry.path for entry in facts.entries}
    lapsed = [_lapsed(bare, entry) for entry in edition.lapsed if entry.path not in addresses]
    own = PageFacts(
        path=page_path(facts.path),
        subject="edition",
        subject_id=edition.edition_id,
        kind=Kind.EDITION,
        facts=(facts,),
        changes_on=edition.changes_on,
        rows=tuple(_entry_rows(edition.edition_id, facts)),
    )
    return [own] + [
        PageFacts(page_path(path), "edition", edition.edition_id, kind, arguments, edition.changes_on)
        for path, kind, arguments in (*shown, *lapsed)
    ]


def _lapsed(bare: EditionFacts, address: EntryAddress) -> tuple[str, Kind, tuple[object, ...]]:
    """What stands for an entry that is shown no more: that it ended, or was withdrawn, and nothing of it."""
    if not address.is_withdrawn:
        return address.path, Kind.ENDED_ENTRY, (bare,)
    note = EntryFacts(number=address.number, path=address.path, list_word=None, name=None, is_withdrawn=True)
    return address.path, Kind.ENTRY, (bare, note)


def _entry_rows(edition_id: int, facts: EditionFacts) -> Iterable[tuple[int, SearchRow]]:
    """Search rows of entries that lead to no door: they are found by the names they were published with."""
    for entry in facts.entries:
        if entry.storefront_code is None and not entry.is_withdrawn and entry.name:
            yield -(edition_id * ENTRIES_APART + entry.number), _entry_row(facts, entry, entry.name)


def entry_row_ids(edition_id: int) -> tuple[int, int]:
    """The lowest and highest id of search rows of an edition's entries: below zero, where no door's is."""
    return -(edition_id * ENTRIES_APART + ENTRIES_APART - 1), -(edition_id * ENTRIES_APART)


def _entry_row(edition: EditionFacts, entry: EntryFacts, name: str) -> SearchRow:
    return SearchRow(
        code="",
        name=name,
        holder=entry.holder,
        address=entry.address or edition.title,
        street="",
        unit_type="",
        grade=None,
        listed=entry.list_word,
        licence_number=None,
        pinyin="",
        initials="",
        state="entry",
        last_visit_on=entry.inspected_on,
        last_result=None,
        path=entry.path,
    )


def front_pages(
    editions: Iterable[EditionFacts],
    counts: Sequence[TraitCount],
    levels: Sequence[LevelFacts],
    draws: Sequence[DrawLink],
    terms: Terms,
    *,
    nomination: NominationLink | None = None,
    rests_on_assumed: bool = False,
) -> list[PageFacts]:
    """The home page and the archive."""
    newest_first = list(editions)
    own = (facts for facts in newest_first if not facts.is_historical and not facts.is_withdrawn)
    edition = next(own, None)
    newest = draws[0] if draws else None
    home = HomeFacts(
        edition=edition,
        draw=newest if newest is not None and (edition is None or edition.draw_path != newest.path) else None,
        units=sum(count.units for count in counts if count.street),
        by_street=_by_street(counts),
        by_type=_by_type(counts),
        by_grade=_by_grade(counts, levels) if terms.grade_is_public else (),
        nomination=nomination,
        rests_on_assumed=rests_on_assumed,
    )
    lines = tuple(line for line in map(_archive_line, newest_first) if line is not None)
    return [
        PageFacts(page_path("/"), "site", 0, Kind.HOME, (home,)),
        PageFacts(page_path("/editions/"), "site", 0, Kind.ARCHIVE, (ArchiveFacts(lines),)),
    ]


def _archive_line(facts: EditionFacts) -> ArchiveLine | None:
    if facts.published_on is None:
        return None
    return ArchiveLine(
        path=facts.path,
        title=facts.title,
        theme=facts.theme,
        authority=facts.authority,
        published_on=facts.published_on,
        red=_listed(facts, "red", facts.red_count),
        black=_listed(facts, "black", facts.black_count),
        ended=facts.ended,
        is_historical=facts.is_historical,
    )


def _listed(facts: EditionFacts, word: str, stated: int | None) -> int | None:
    """How many a list shows; a source that gives numbers without names is taken at its word."""
    shown = sum(entry.list_word == word and not entry.is_withdrawn for entry in facts.entries)
    if facts.is_historical and not facts.ended:
        return stated if stated is not None else shown or None
    return shown


def _by_street(counts: Sequence[TraitCount]) -> tuple[CountFacts, ...]:
    totals: Counter[str] = Counter()
    for count in counts:
        totals[count.street] += count.units
    return tuple(
        CountFacts(Words(street, street), units, _narrowed("street", street))
        for street, units in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        if street
    )


def _by_type(counts: Sequence[TraitCount]) -> tuple[CountFacts, ...]:
    totals: Counter[str] = Counter()
    for count in counts:
        totals[count.unit_type] += count.units
    english = type_words()
    return tuple(
        CountFacts(Words(word, english.get(word, word)), units, _narrowed("type", word))
        for word, units in sorted(totals.items(), key=lambda item: (-item[1], item[0]))
        if word
    )


def _by_grade(counts: Sequence[TraitCount], levels: Sequence[LevelFacts]) -> tuple[CountFacts, ...]:
    totals: Counter[str] = Counter()
    for count in counts:
        if count.street:
            totals[count.grade] += count.units
    graded = tuple(
        CountFacts(
            Words(f"{level.code} 级，{level.meaning.zh}", f"{level.code}, {level.meaning.en}"),
            totals[level.code],
            _narrowed("grade", level.code),
        )
        for level in levels
    )
    return (*graded, CountFacts(_NOT_GRADED, totals[""], _narrowed("grade", UNGRADED)))


def _narrowed(name: str, value: str) -> str:
    return Search().narrowed(name, value).path()


def type_words() -> dict[str, str]:
    """The English word of every unit type, by its Chinese one."""
    return {str(words["zh"]): str(words["en"]) for words in unit_types().values()}


def fixed_pages(terms: Terms) -> list[PageFacts]:
    """The pages that only the settings change: about, not found, and what robots may read."""
    about = AboutFacts(terms.red_term_days, terms.black_term_days, terms.results_shown_days)
    robots = "User-agent: *\nDisallow: /\n"
    if terms.may_be_indexed:
        sitemap = f"Sitemap: {terms.site.public_address}/sitemap.xml\n"
        robots = f"User-agent: *\nDisallow: /search\n\n{sitemap}"
    return [
        PageFacts(page_path("/about/"), "site", 0, Kind.ABOUT, (about,)),
        PageFacts("404.html", "site", 0, Kind.NOT_FOUND, ()),
        PageFacts("robots.txt", "site", 0, Kind.FILE, (robots.encode(),)),
    ]
