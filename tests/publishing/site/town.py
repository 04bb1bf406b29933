"""A small town whose site is published in tests: doors in every state, visits, and two editions."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.units.queries import premises_of_units
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.grading_run import grade_units
from publishing.editions.tables import Edition, EditionEntry, EditionKind
from publishing.site.service import PublicationSummary, publish
from tests.bureau import DUMPLINGS, add_units, add_visit, open_bureau

NAMES = ("dumplings", "noodles", "tea")
NOODLES = replace(
    DUMPLINGS,
    licence_name="李小红",
    sign_name="小红面馆",
    address="柳霞路3号",
    licence_number=None,
    credit_code=None,
    holder_is_natural_person=True,
    unit_type="snack_shop",
    street="中北镇",
)
TEA = replace(
    DUMPLINGS,
    licence_name="天津市清心饮品有限公司",
    sign_name=None,
    address="万卉路77号",
    licence_number=None,
    credit_code=None,
    unit_type="drink_shop",
    street="中北镇",
)


@dataclass(frozen=True)
class Town:
    """A house with its units by name."""

    house: House
    units: dict[str, int]
    codes: dict[str, str]

    @property
    def site(self) -> Path:
        """The web root."""
        return self.house.configuration.site_directory

    @property
    def search_file(self) -> Path:
        """The search file."""
        return self.house.configuration.search_file

    def publish(self, now: datetime, *, full: bool = False) -> PublicationSummary:
        """Publish in this process."""
        return publish(self.house, now=now, full=full, workers=1)

    def page(self, path: str) -> str:
        """A published page."""
        return (self.site / path.strip("/") / "index.html").read_text(encoding="utf-8")

    def storefront(self, name: str) -> str:
        """The storefront page of one of the units."""
        return self.page(f"s/{self.codes[name]}")


def settle(engine: Engine, now: datetime) -> None:
    """A bureau with three units, two of them visited once, graded, nothing published yet."""
    open_bureau(engine, now)
    with transaction(engine) as session:
        ids = add_units(session, (DUMPLINGS, NOODLES, TEA), now)
        for unit_id in ids[:2]:
            add_visit(session, unit_id, date(2026, 10, 10), now, failed=["2"], result="basically_compliant")
    grade_units(engine, on=civil_day(now), now=now)


def town_of(house: House) -> Town:
    """The town in a database that was settled."""
    with read_only(house.engine) as session:
        ids = list(session.exec(select(CateringUnit.id).order_by(col(CateringUnit.id))))
        units = dict(zip(NAMES, (unit_id or 0 for unit_id in ids), strict=True))
        doors = premises_of_units(session, list(units.values()))
        codes = {name: session.get_one(Premises, doors[unit_id]).code for name, unit_id in units.items()}
    return Town(house, units, codes)


def add_edition(
    session: Session,
    key: str,
    published_on: date,
    *entries: tuple[str, str, int | None],
    kind: EditionKind = EditionKind.OWN,
) -> int:
    """A published edition with entries of list, name and unit."""
    edition = Edition(
        kind=kind,
        key=key,
        month=key[:7],
        authority="某区市场监督管理局",
        published_on=published_on,
        issue_no=10,
    )
    session.add(edition)
    session.flush()
    units = [unit_id for _, _, unit_id in entries if unit_id is not None]
    doors = premises_of_units(session, units)
    for number, (list_word, name, unit_id) in enumerate(entries, start=1):
        session.add(
            EditionEntry(
                edition_id=edition.id or 0,
                number=number,
                list_word=list_word,
                unit_id=unit_id,
                premises_id=doors.get(unit_id) if unit_id else None,
                sign_name=name,
                holder_shown=f"{name}的经营者",
                address="某路某号",
                inspected_on=published_on - timedelta(days=20),
                reasons=json.dumps(["操作间地面有积水"], ensure_ascii=False),
            )
        )
    note_changes(session, Subject.EDITION, [edition.id or 0])
    note_changes(session, Subject.PREMISES, doors.values())
    return edition.id or 0


def published_bytes(town: Town) -> Iterator[tuple[Path, bytes]]:
    """All that the public can reach: every file of the site, siblings decompressed, and the search file."""
    for path in sorted(town.site.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            elif path.suffix == ".br":
                content = brotli.decompress(content)
            yield path, content
    for path in town.search_file.parent.iterdir():
        yield path, path.read_bytes()


def places_of(town: Town, text: str) -> list[str]:
    """The published files that contain a text."""
    return [path.name for path, content in published_bytes(town) if text.encode() in content]


def assert_whole(town: Town) -> None:
    """Every page is whole and every sibling says what its page says."""
    for path in town.site.rglob("*.html"):
        content = path.read_bytes()
        assert content.rstrip().endswith(b"</html>"), path
        for suffix, unpack in ((".gz", gzip.decompress), (".br", brotli.decompress)):
            sibling = path.with_name(path.name + suffix)
            if sibling.exists():
                assert unpack(sibling.read_bytes()) == content, sibling
