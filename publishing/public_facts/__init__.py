"""The allow-list: every field that may reach a public page, with what it means. Nothing else leaves.

Each page is rendered from one frozen dataclass of this file and from nothing else. A field that is not
here cannot be published. Words for people come in pairs of Chinese and English (`Words`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from publishing.public_facts.draws import CampaignDrawFacts as CampaignDrawFacts
from publishing.public_facts.draws import DrawEventFacts as DrawEventFacts
from publishing.public_facts.draws import DrawFacts as DrawFacts
from publishing.public_facts.draws import DrawLink as DrawLink
from publishing.public_facts.draws import DrawnUnitFacts as DrawnUnitFacts
from publishing.public_facts.draws import NominationLink as NominationLink
from publishing.public_facts.draws import OpenedDrawFacts as OpenedDrawFacts
from publishing.public_facts.draws import StratumFacts as StratumFacts
from publishing.public_facts.rules import LevelFacts as LevelFacts
from publishing.public_facts.rules import ProcedureFacts as ProcedureFacts
from publishing.public_facts.rules import RulebookFacts as RulebookFacts
from publishing.public_facts.rules import RuleCellFacts as RuleCellFacts
from publishing.public_facts.rules import RulesFacts as RulesFacts
from publishing.public_facts.words import Words as Words
from publishing.public_facts.words import means


@dataclass(frozen=True)
class SiteFacts:
    """What every page shows of the publisher and of this publication."""

    title: str = field(metadata=means("name of the site"))
    authority: str = field(metadata=means("the authority that publishes and answers"))
    contact: str = field(metadata=means("how to reach the authority"))
    complaint_line: str = field(metadata=means("the complaint line, 12315"))
    public_address: str = field(metadata=means("the address that printed codes lead to"))
    organiser: str | None = field(default=None, metadata=means("organiser of the site, 主办单位"))
    site_identifier: str | None = field(default=None, metadata=means("government site identifier"))
    website_filing: str | None = field(default=None, metadata=means("ICP filing number"))
    police_filing: str | None = field(default=None, metadata=means("public security filing number"))
    is_demonstration: bool = field(default=False, metadata=means("all facts are fictional"))
    preview_on: date | None = field(default=None, metadata=means("this is a preview as of that day"))
    as_of: date | None = field(default=None, metadata=means("the day these facts were put together"))


@dataclass(frozen=True)
class GradeFacts:
    """A unit's risk grade, or why there is none."""

    level: str | None = field(metadata=means("the level, none while undetermined"))
    meaning: Words | None = field(metadata=means("the level in words"))
    graded_on: date | None = field(metadata=means("day of the grading"))
    levels: tuple[LevelFacts, ...] = field(metadata=means("all levels, lowest risk first"))
    missing: tuple[str, ...] = field(default=(), metadata=means("what is missing for a grade, in words"))
    rests_on_assumed: bool = field(default=False, metadata=means("some rule value is only assumed"))
    steps: tuple[str, ...] = field(default=(), metadata=means("how the grade came about, in plain words"))
    rulebook_title: str | None = field(default=None, metadata=means("title of the rulebook that was used"))


@dataclass(frozen=True)
class FindingFacts:
    """One failed item of a visit."""

    text: str = field(metadata=means("the finding, or the item's wording where no note was published"))
    state: Words | None = field(
        metadata=means("corrected on the spot, being rectified until, rectified; none where nobody wrote it")
    )
    is_settled: bool = field(metadata=means("the fault is corrected"))
    is_requirement: bool = field(
        default=False, metadata=means("the text says what is required, and it was not met")
    )


@dataclass(frozen=True)
class VisitFacts:
    """One inspection as the public may see it."""

    visited_on: date = field(metadata=means("day of the visit"))
    kind: Words = field(metadata=means("kind of visit"))
    result: Words | None = field(metadata=means("the result the inspectors decided"))
    findings: tuple[FindingFacts, ...] = field(default=(), metadata=means("what failed"))
    score: str | None = field(default=None, metadata=means("the published score, where the scheme has one"))
    rechecked_on: date | None = field(default=None, metadata=means("day of the re-check of this visit"))
    recheck_result: Words | None = field(default=None, metadata=means("result of that re-check"))
    provisional: bool = field(default=False, metadata=means("rests on provisional items"))
    recheck_provisional: bool = field(
        default=False, metadata=means("the re-check rests on provisional items")
    )
    awaits_grading: bool = field(
        default=False, metadata=means("a result is withheld until the next grading shows what it rests on")
    )


@dataclass(frozen=True)
class ListingFacts:
    """One entry of a unit on a list, newest state first."""

    list_word: str = field(metadata=means("`red` or `black`"))
    edition_title: str = field(metadata=means("`2026年第10期“冬日里的饺子馆”`"))
    entry_path: str = field(metadata=means("path of the entry's own page"))
    published_on: date = field(metadata=means("day of publication"))
    states: tuple[Words, ...] = field(metadata=means("what has happened since, newest first"))


@dataclass(frozen=True)
class KitchenFacts:
    """The form of the open kitchen as a person last saw it; never a live state without evidence."""

    form: Words = field(metadata=means("transparent, partition, video, internet, or none"))
    checked_on: date | None = field(metadata=means("day it was checked on site"))
    note: Words | None = field(default=None, metadata=means("says that no video signal is connected"))


@dataclass(frozen=True)
class EndedPlate:
    """A plate of a door that is not in force any more; nothing of why or of whoever held it."""

    issue_no: int = field(metadata=means("which issue, as printed on the plate"))
    is_withdrawn: bool = field(metadata=means("withdrawn; else replaced by a newer one"))
    ended_on: date = field(metadata=means("since when"))


@dataclass(frozen=True)
class DoorPlateFacts:
    """Which plate of a door is in force, said only where one has ended."""

    ended: tuple[EndedPlate, ...] = field(metadata=means("at most the newest five, newest first"))
    valid_issue_no: int | None = field(metadata=means("the issue in force, none where it was withdrawn"))
    valid_printed_on: date | None = field(metadata=means("day of that issue"))


@dataclass(frozen=True)
class StorefrontFacts:
    """Everything a storefront page shows of one door."""

    code: str = field(metadata=means("storefront code as printed, `7K3M-92QF`"))
    name: str = field(metadata=means("the sign name, else the holder as it may be shown"))
    address: str = field(metadata=means("address of the door"))
    street: str = field(metadata=means("street or town"))
    state: str = field(metadata=means("`open`, `closed`, `moved` or `vacant`"))
    state_on: date | None = field(default=None, metadata=means("since when, for closed and moved"))
    former_name: str | None = field(default=None, metadata=means("the name before a renaming"))
    moved_to_code: str | None = field(default=None, metadata=means("code of the new door"))
    moved_to_address: str | None = field(default=None, metadata=means("address of the new door"))
    holder: str | None = field(default=None, metadata=means("licence holder as it may be shown"))
    unit_type: Words | None = field(default=None, metadata=means("unit type with its size class"))
    licence_number: str | None = field(default=None, metadata=means("food operation licence number"))
    licence_until_on: date | None = field(default=None, metadata=means("last day of the licence"))
    licence_has_ended: bool = field(default=False, metadata=means("the licence in the register has ended"))
    online_name: str | None = field(default=None, metadata=means("name in online ordering"))
    grade: GradeFacts | None = field(default=None, metadata=means("none where grades are not public"))
    visits: tuple[VisitFacts, ...] = field(default=(), metadata=means("at most four, newest first"))
    visits_hidden: int = field(default=0, metadata=means("older visits whose term of display has ended"))
    listings: tuple[ListingFacts, ...] = field(default=(), metadata=means("entries on lists, newest first"))
    kitchen: KitchenFacts | None = field(default=None, metadata=means("form of the open kitchen"))
    plate: DoorPlateFacts | None = field(
        default=None, metadata=means("none while no plate of the door has ended")
    )


@dataclass(frozen=True)
class EntryFacts:
    """One entry of an edition: the line in the edition and the entry's own page."""

    number: int = field(metadata=means("number within the edition"))
    path: str = field(metadata=means("path of the entry's own page"))
    list_word: str | None = field(metadata=means("`red`, `black`, `yellow`, or none"))
    name: str | None = field(metadata=means("sign name, none where the source gives none"))
    states: tuple[Words, ...] = field(default=(), metadata=means("newest state first"))
    is_withdrawn: bool = field(default=False, metadata=means("replaced by a neutral note"))
    holder: str | None = field(default=None, metadata=means("licence holder as it may be shown"))
    address: str | None = field(default=None, metadata=means("address as published"))
    storefront_code: str | None = field(default=None, metadata=means("code of the door, own editions"))
    inspected_on: date | None = field(default=None, metadata=means("day of the inspection"))
    reasons: tuple[str, ...] = field(default=(), metadata=means("reasons, as facts of the inspection"))
    measures: str | None = field(default=None, metadata=means("measures taken"))
    more: tuple[tuple[str, str], ...] = field(
        default=(), metadata=means("further fields of a historical entry: label and text")
    )
    is_truncated: bool = field(default=False, metadata=means("the source was cut off here"))


@dataclass(frozen=True)
class EditionFacts:
    """One edition: its heading, and its entries while they are shown."""

    key: str = field(metadata=means("`2026-10`, or the id of a historical edition"))
    path: str = field(metadata=means("path of the edition's page"))
    title: str = field(metadata=means("`2026年第10期`, or the source's own title"))
    theme: str | None = field(metadata=means("theme of the month"))
    authority: str = field(metadata=means("authority of this edition"))
    period: str | None = field(metadata=means("month or period as the source words it"))
    published_on: date | None = field(metadata=means("day of publication"))
    chosen_how: str = field(default="", metadata=means("how the units were chosen"))
    draw_path: str | None = field(default=None, metadata=means("page of its draw, where there is one"))
    drawn: int | None = field(default=None, metadata=means("units drawn"))
    checked: int | None = field(default=None, metadata=means("units checked"))
    red_count: int | None = field(default=None, metadata=means("entries on the red list"))
    black_count: int | None = field(default=None, metadata=means("entries on the black list"))
    entries: tuple[EntryFacts, ...] = field(default=(), metadata=means("entries within their term"))
    ended: int = field(default=0, metadata=means("entries whose term has ended"))
    withdrawn: int = field(default=0, metadata=means("entries that were withdrawn"))
    is_historical: bool = field(default=False, metadata=means("published elsewhere, by its own authority"))
    is_withdrawn: bool = field(default=False, metadata=means("the whole edition was withdrawn"))
    withdrawn_on: date | None = field(default=None, metadata=means("day of withdrawal"))
    more: tuple[tuple[str, str], ...] = field(
        default=(), metadata=means("further fields of a historical edition: label and text")
    )


@dataclass(frozen=True)
class CountFacts:
    """A word with a count and where it leads."""

    label: Words = field(metadata=means("what is counted"))
    count: int = field(metadata=means("how many"))
    path: str = field(metadata=means("the search that lists them"))


@dataclass(frozen=True)
class HomeFacts:
    """The home page: the current edition and ways into the register."""

    edition: EditionFacts | None = field(metadata=means("the newest published edition"))
    units: int = field(metadata=means("units with a storefront page"))
    by_street: tuple[CountFacts, ...] = field(default=(), metadata=means("units by street or town"))
    by_type: tuple[CountFacts, ...] = field(default=(), metadata=means("units by type"))
    by_grade: tuple[CountFacts, ...] = field(default=(), metadata=means("units by risk grade"))
    draw: DrawLink | None = field(default=None, metadata=means("the newest draw without an edition yet"))
    nomination: NominationLink | None = field(default=None, metadata=means("where the public is asked now"))
    rests_on_assumed: bool = field(
        default=False, metadata=means("some grade or result of the register rests on assumed values")
    )


@dataclass(frozen=True)
class ArchiveLine:
    """One edition in the archive."""

    path: str = field(metadata=means("path of the edition's page"))
    title: str = field(metadata=means("title"))
    theme: str | None = field(metadata=means("theme"))
    authority: str = field(metadata=means("authority"))
    published_on: date = field(metadata=means("day of publication"))
    red: int | None = field(metadata=means("red entries still shown"))
    black: int | None = field(metadata=means("black entries still shown"))
    ended: int = field(metadata=means("entries whose term has ended"))
    is_historical: bool = field(metadata=means("of another authority"))


@dataclass(frozen=True)
class ArchiveFacts:
    """All published editions, newest first."""

    lines: tuple[ArchiveLine, ...] = field(metadata=means("editions, newest first"))


@dataclass(frozen=True)
class SearchRow:
    """One storefront in the search file: what it is found by and what the list shows."""

    code: str = field(metadata=means("storefront code"))
    name: str = field(metadata=means("name as on the storefront page"))
    holder: str | None = field(metadata=means("licence holder as it may be shown"))
    address: str = field(metadata=means("address"))
    street: str = field(metadata=means("street or town"))
    unit_type: str = field(metadata=means("unit type word in Chinese"))
    grade: str | None = field(metadata=means("level, none while undetermined or not public"))
    listed: str | None = field(metadata=means("`red`, `black` or both as `red,black` while shown"))
    licence_number: str | None = field(metadata=means("licence number"))
    pinyin: str = field(metadata=means("pinyin of the names"))
    initials: str = field(metadata=means("pinyin initials of the names"))
    state: str = field(metadata=means("`open`, `closed`, `moved` or `vacant`"))
    last_visit_on: date | None = field(metadata=means("day of the latest shown visit"))
    last_result: str | None = field(metadata=means("its decided result in Chinese"))
    path: str = field(default="", metadata=means("where a hit leads, empty for its storefront page"))
    rests_on_assumed: bool = field(
        default=False, metadata=means("its grade or latest result rests on assumed values")
    )


@dataclass(frozen=True)
class FacetChoice:
    """One value that a search can be narrowed to."""

    label: Words = field(metadata=means("the value in words"))
    count: int = field(metadata=means("hits that have it"))
    path: str = field(metadata=means("the search with this value chosen, or given up where it is chosen"))
    is_chosen: bool = field(default=False, metadata=means("the search is narrowed to it now"))


@dataclass(frozen=True)
class FacetFacts:
    """One property that a search can be narrowed by."""

    label: Words = field(metadata=means("the property, `街镇`"))
    choices: tuple[FacetChoice, ...] = field(metadata=means("its values with their counts"))


@dataclass(frozen=True)
class OrderChoice:
    """One order that hits can be read in."""

    label: Words = field(metadata=means("the order in words"))
    path: str = field(metadata=means("the same search in this order"))
    is_chosen: bool = field(default=False, metadata=means("the hits stand in this order now"))


@dataclass(frozen=True)
class SearchFacts:
    """One page of search results; all of its state is in the address."""

    query: str = field(metadata=means("what was typed"))
    total: int = field(metadata=means("hits on all pages"))
    rows: tuple[SearchRow, ...] = field(metadata=means("hits of this page"))
    facets: tuple[FacetFacts, ...] = field(metadata=means("how the hits can be narrowed"))
    kept: tuple[tuple[str, str], ...] = field(
        default=(), metadata=means("filters and order as names and values, kept when the words are changed")
    )
    orders: tuple[OrderChoice, ...] = field(default=(), metadata=means("orders the hits can be read in"))
    clear_path: str = field(default="/search", metadata=means("the same words without filters"))
    page: int = field(default=1, metadata=means("number of this page"))
    pages: int = field(default=1, metadata=means("number of pages"))
    previous_path: str | None = field(default=None, metadata=means("address of the page before"))
    next_path: str | None = field(default=None, metadata=means("address of the next page"))
    levels: tuple[LevelFacts, ...] = field(default=(), metadata=means("what the levels mean"))
    english: Mapping[str, str] = field(
        default_factory=dict, metadata=means("the English of unit types and results, by the Chinese")
    )


@dataclass(frozen=True)
class AboutFacts:
    """Terms that the page about the site states; none where the bureau has not set one."""

    red_term_days: int | None = field(default=None, metadata=means("display term of red entries"))
    black_term_days: int | None = field(default=None, metadata=means("display term of black entries"))
    results_shown_days: int | None = field(default=None, metadata=means("display term of results"))


@dataclass(frozen=True)
class UnknownCodeFacts:
    """A storefront code that leads nowhere."""

    typed: str = field(metadata=means("what stood in the address, as it may be shown"))
    suggestion: str | None = field(
        default=None, metadata=means("an existing code that differs in one character or swap")
    )


@dataclass(frozen=True)
class PublicationFacts:
    """What a finished publication says of itself."""

    finished_at: datetime = field(metadata=means("instant of its end, UTC"))
    as_of: date = field(metadata=means("the day it stands for"))
    written: int = field(metadata=means("pages written"))
    removed: int = field(metadata=means("pages removed"))
    pages: int = field(metadata=means("pages in the site now"))
