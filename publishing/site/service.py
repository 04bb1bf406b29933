"""Publishing: the database's public facts become files, each page written only when its facts changed.

What is due comes from the change feed and from the days on which pages read differently; when something
that all pages share has changed (settings in force, templates), every page is due. The order of one run:
note in the record that the due files are about to change; write them; put the search file in its place;
record what the files now hold and take the notes out of the feed. Killed anywhere in between, the next
run finds the notes and the marks, and writes those pages again.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from os import cpu_count
from pathlib import Path

from sqlalchemy import Engine

from inspections.record.changes import Subject
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from publishing.editions.queries import editions_of_months, editions_of_premises
from publishing.public_facts import LevelFacts, PublicationFacts
from publishing.search.finding import open_published, read_about
from publishing.search.writing import SearchAbout, SearchUpdate, is_usable
from publishing.site import queries
from publishing.site.batches import (
    DOORS_WORTH_WORKERS,
    Batch,
    Press,
    Workshop,
    batches_of,
    put_with_workers,
)
from publishing.site.draws import draw_links, draw_pages, draws_on, nomination_link, verifier_pages
from publishing.site.overview import (
    edition_pages,
    editions_on,
    entry_row_ids,
    fixed_pages,
    front_pages,
    type_words,
)
from publishing.site.publisher_lease import PublisherLease, publisher_lease
from publishing.site.queries import Noted, Recorded
from publishing.site.rules import rules_page
from publishing.site.sitemaps import site_maps
from publishing.site.terms import terms_on
from publishing.site.writer import PAGE, SiteWriter, sweep

Progress = Callable[[int, int], None]
PUBLICATION = "publication.json"
# So many pages are recorded in one transaction: each commit waits for the disk.
_RECORDED_AT_ONCE = 5_000


@dataclass(frozen=True)
class PublicationSummary:
    """What a publication did."""

    written: int
    removed: int
    unchanged: int
    pages: int
    was_full: bool


@dataclass(frozen=True)
class _Plan:
    """What is due in this run; `editions` and `draws` are none where all are. A full run writes all again."""

    noted: Noted
    doors: Sequence[int]
    editions: frozenset[int] | None
    draws: frozenset[int] | None
    rules: bool
    is_full: bool = False
    is_new_day: bool = False


def publish(
    house: House,
    *,
    now: datetime,
    full: bool = False,
    workers: int | None = None,
    progress: Progress | None = None,
) -> PublicationSummary:
    """Bring the site up to date with the database; `full` writes every page, whatever is recorded."""
    with publisher_lease(house.engine, now) as lease:
        return _Publication(house, now, lease, workers or cpu_count() or 1, progress).run(full=full)


def scratch_of(site: Path) -> Path:
    """Where files are written before they are renamed into a web root: beside it, never in it."""
    return site.with_name(site.name + ".part")


class _Publication:
    """One run of the publisher."""

    def __init__(
        self, house: House, now: datetime, lease: PublisherLease, workers: int, progress: Progress | None
    ) -> None:
        self._engine: Engine = house.engine
        self._configuration = house.configuration
        self._now, self._lease, self._workers, self._progress = now, lease, workers, progress
        with read_only(self._engine) as session:
            self._terms = terms_on(session, civil_day(now))
        site = house.configuration.site_directory
        self._workshop = Workshop(
            house.configuration.effective_database_url, site, scratch_of(site), self._terms
        )
        sweep(self._workshop.scratch)
        self._press = Press(self._workshop)
        self._known: dict[str, str] = {}
        self._written = self._removed = self._put = 0
        self._unrecorded: list[Recorded] = []

    def run(self, *, full: bool) -> PublicationSummary:
        plan = self._plan(full=full)
        search = SearchUpdate(self._configuration.search_file, fresh=plan.is_full)
        try:
            self._mark(plan)
            self._storefronts(plan, search)
            self._overview(plan, search)
            self._lease.renew()
            search.place(pack=plan.is_new_day)
        except BaseException:
            search.abandon()
            raise
        return self._finish(plan)

    def _plan(self, *, full: bool) -> _Plan:
        on = self._terms.on
        with read_only(self._engine) as session:
            noted = queries.noted_changes(session)
            state = queries.site_state(session)
            if full or state is None or state.fingerprint != self._terms.fingerprint or not self._is_there():
                return _Plan(noted, queries.premises_ids(session), None, None, rules=True, is_full=True)
            is_new_day = state.as_of != on
            if noted.of(Subject.SITE):
                # A setting of another day may change what single pages say, such as when a term ended.
                all_doors = queries.premises_ids(session)
                return _Plan(noted, all_doors, None, None, rules=True, is_new_day=is_new_day)
            doors = noted.of(Subject.PREMISES) | queries.due_subjects(session, "premises", on)
            editions = noted.of(Subject.EDITION) | queries.due_subjects(session, "edition", on)
            # An entry links to its door only while its unit is still the one behind it.
            editions |= set(editions_of_premises(session, noted.of(Subject.PREMISES)))
            editions |= set(editions_of_months(session, noted.of(Subject.DRAW)))
            draws = noted.of(Subject.DRAW) | queries.due_subjects(session, "draw", on)
        rules = is_new_day or bool(noted.of(Subject.RULES))
        due = frozenset(editions), frozenset(draws)
        return _Plan(noted, sorted(doors), *due, rules=rules, is_new_day=is_new_day)

    def _is_there(self) -> bool:
        return (self._workshop.root / PAGE).exists() and is_usable(self._configuration.search_file)

    def _mark(self, plan: _Plan) -> None:
        """Note what is about to change; what was recorded before is only remembered in this process."""
        with transaction(self._engine) as session:
            if plan.is_full:
                queries.set_site_state(session, fingerprint="", as_of=self._terms.on, now=self._now)
                queries.mark_all_written(session)
                return
            self._known |= queries.known_pages(session, "premises", plan.doors)
            self._known |= queries.known_pages(session, "edition", plan.editions)
            self._known |= queries.known_pages(session, "draw", plan.draws)
            queries.mark_written(session, list(self._known))
            for subject in ("site", "rules"):
                self._known |= queries.known_pages(session, subject, [0])

    def _storefronts(self, plan: _Plan, search: SearchUpdate) -> None:
        done = 0
        for batch in self._batches(plan.doors):
            search.put(batch.rows)
            search.drop(batch.without_row)
            self._account(plan, batch)
            done += len(batch.pages)
            if self._progress:
                self._progress(done, len(plan.doors))

    def _batches(self, doors: Sequence[int]) -> Iterator[Batch]:
        if self._workers > 1 and len(doors) >= DOORS_WORTH_WORKERS:
            yield from put_with_workers(self._workshop, doors, self._known, self._workers)
            return
        for ids in batches_of(doors):
            yield self._press.put_storefronts(self._engine, ids, self._known)

    def _account(self, plan: _Plan, batch: Batch) -> None:
        self._lease.renew()
        self._written += batch.written
        self._put += len(batch.pages)
        self._unrecorded += batch.pages
        # A full run may be recorded as it goes: until it ends, the empty fingerprint asks for another.
        if plan.is_full and len(self._unrecorded) >= _RECORDED_AT_ONCE:
            with transaction(self._engine) as session:
                queries.record_pages(session, self._unrecorded, self._now)
            self._unrecorded = []

    def _overview(self, plan: _Plan, search: SearchUpdate) -> None:
        """Every page that is not a storefront's, as far as it is due."""
        with read_only(self._engine) as session:
            editions = editions_on(session, self._terms)
            shown = {edition.edition_id for edition in editions}
            due = shown if plan.editions is None else plan.editions
            pages = [
                page for edition in editions if edition.edition_id in due for page in edition_pages(edition)
            ]
            campaigns = draws_on(session, self._terms)
            draws, nomination = draw_links(campaigns), nomination_link(session, self._now)
            wanted = [one for one in campaigns if plan.draws is None or one.campaign_id in plan.draws]
            evidence = self._configuration.evidence_directory
            pages += draw_pages(session, wanted, self._terms, evidence) + verifier_pages(campaigns)
            levels = self._levels()
            if plan.rules:
                rules, levels = rules_page(session, self._terms)
                pages.append(rules)
            facts = [edition.facts for edition in editions]
            pages += site_maps(session, self._new_doors(plan), facts, draws, self._terms)
        for edition_id in due:
            search.drop_between(*entry_row_ids(edition_id))
        search.put(row for page in pages for row in page.rows)
        search.describe(SearchAbout(self._terms.site, levels, type_words(), self._terms.grade_is_public))
        pages += front_pages(
            facts,
            search.counts(),
            levels,
            draws,
            self._terms,
            nomination=nomination,
            rests_on_assumed=search.rests_on_assumed(),
        )
        pages += fixed_pages(self._terms)
        self._account(plan, self._press.put(pages, self._known))

    def _levels(self) -> tuple[LevelFacts, ...]:
        """The levels that the last publication showed; the rules page brings newer ones."""
        if not is_usable(self._configuration.search_file):
            return ()
        with open_published(self._configuration.search_file) as database:
            return read_about(database).levels

    def _new_doors(self, plan: _Plan) -> list[int] | None:
        if plan.is_full:
            return None
        doors = (page for page in self._unrecorded if page.subject == "premises")
        return [page.subject_id for page in doors if page.path not in self._known]

    def _finish(self, plan: _Plan) -> PublicationSummary:
        self._remove_lapsed(plan)
        with transaction(self._engine) as session:
            queries.record_pages(session, self._unrecorded, self._now)
            queries.consume(session, plan.noted)
            queries.set_site_state(
                session, fingerprint=self._terms.fingerprint, as_of=self._terms.on, now=self._now
            )
            pages = queries.page_count(session)
        facts = PublicationFacts(self._now, self._terms.on, self._written, self._removed, pages)
        self._press.writer.write(PUBLICATION, _as_json(asdict(facts)))
        sweep(self._workshop.scratch)
        unchanged = self._put - self._written
        return PublicationSummary(self._written, self._removed, unchanged, pages, plan.is_full)

    def _remove_lapsed(self, plan: _Plan) -> None:
        """Take away pages that were recorded once and are no part of the site any more."""
        if plan.is_full:
            with transaction(self._engine) as session:
                queries.record_pages(session, self._unrecorded, self._now)
                lapsed = queries.unfinished_pages(session)
            self._unrecorded = []
        else:
            current = {page.path for page in self._unrecorded}
            with read_only(self._engine) as session:
                due = queries.known_pages(session, "edition", plan.editions)
            lapsed = [path for path in due if path not in current]
        for path in lapsed:
            self._press.writer.remove(path)
        self._removed += len(lapsed)
        with transaction(self._engine) as session:
            queries.forget_pages(session, lapsed)
            recorded = queries.paths_below(session, "") if plan.is_full else set()
        if plan.is_full:
            self._removed += remove_strangers(self._press.writer, recorded)


def remove_strangers(writer: SiteWriter, recorded: set[str]) -> int:
    """Take away folders that no recorded page lies in: left by an older state of the database."""
    removed = 0
    for parent in ("s", "editions", "draws"):
        expected = {path.split("/")[1] for path in recorded if path.startswith(f"{parent}/")}
        for name in writer.folders(parent) - expected:
            writer.remove_folder(f"{parent}/{name}")
            removed += 1
    for edition in writer.folders("editions"):
        prefix = f"editions/{edition}/"
        expected = {path.split("/")[2] for path in recorded if path.startswith(prefix)}
        for name in writer.folders(f"editions/{edition}") - expected:
            writer.remove_folder(f"{prefix}{name}")
            removed += 1
    return removed


def _as_json(facts: Mapping[str, object]) -> bytes:
    text = {name: str(value) if hasattr(value, "isoformat") else value for name, value in facts.items()}
    return (json.dumps(text, ensure_ascii=False, indent=1) + "\n").encode()
