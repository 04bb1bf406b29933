"""A preview of the site on any day: settings, editions and facts of that day, in a folder of its own.

It reads and never records: the live site, the publisher's record and the change feed stay as they are.
"""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from inspections.record.database import read_only
from inspections.record.house import House
from publishing.search.writing import SearchAbout, SearchUpdate
from publishing.site.batches import (
    DOORS_WORTH_WORKERS,
    Press,
    PublicationError,
    Workshop,
    batches_of,
    put_with_workers,
)
from publishing.site.draws import draw_links, draw_pages, draws_on, verifier_pages
from publishing.site.overview import edition_pages, editions_on, fixed_pages, front_pages, type_words
from publishing.site.queries import premises_ids
from publishing.site.rules import rules_page
from publishing.site.service import Progress, scratch_of
from publishing.site.terms import terms_on
from publishing.site.writer import sweep


@dataclass(frozen=True)
class PreviewSummary:
    """What a preview wrote, and where its web root is."""

    pages: int
    on: date
    root: Path


def preview(house: House, *, on: date, out: Path, progress: Progress | None = None) -> PreviewSummary:
    """Write the site as of a day to `out/site` and its search file to `out/search`, marked on every page."""
    _refuse(out, house.configuration.data)
    with read_only(house.engine) as session:
        terms = terms_on(session, on, is_preview=True)
        doors = premises_ids(session)
    root = out / "site"
    workshop = Workshop(house.configuration.effective_database_url, root, scratch_of(root), terms)
    press = Press(workshop)
    search = SearchUpdate(out / "search" / "site.sqlite", fresh=True)
    pages = 0
    if len(doors) >= DOORS_WORTH_WORKERS:
        batches = put_with_workers(workshop, doors, {}, os.cpu_count() or 1)
    else:
        batches = (press.put_storefronts(house.engine, ids, {}) for ids in batches_of(doors))
    for batch in batches:
        search.put(batch.rows)
        pages += batch.written
        if progress:
            progress(pages, len(doors))
    with read_only(house.engine) as session:
        editions = editions_on(session, terms)
        rules, levels = rules_page(session, terms)
        campaigns = draws_on(session, terms)
        evidence = house.configuration.evidence_directory
        rest = [rules, *draw_pages(session, campaigns, terms, evidence), *verifier_pages(campaigns)]
    rest += [page for edition in editions for page in edition_pages(edition)]
    search.put(row for page in rest for row in page.rows)
    search.describe(SearchAbout(terms.site, levels, type_words(), terms.grade_is_public))
    facts = [edition.facts for edition in editions]
    assumed = search.rests_on_assumed()
    rest += front_pages(
        facts, search.counts(), levels, draw_links(campaigns), terms, rests_on_assumed=assumed
    )
    rest += fixed_pages(terms)
    pages += press.put(rest, {}).written
    search.place()
    sweep(workshop.scratch)
    return PreviewSummary(pages, on, root)


def _refuse(out: Path, data: Path) -> None:
    """A preview goes into an empty folder outside the data directory: it can never be the live site."""
    if out.resolve().is_relative_to(data.resolve()) or data.resolve().is_relative_to(out.resolve()):
        raise PublicationError(
            f"{out} 与数据目录 {data} 重叠，预览不能写进那里；请用 --out 指定别处的空目录。"
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise PublicationError(f"{out} 已经有内容；请用 --out 指定一个空目录或还不存在的目录。")
