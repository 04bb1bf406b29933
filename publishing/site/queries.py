"""Readings and writings of the publisher's own record, of the change feed, and of the doors there are."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Table, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from inspections.record.database import table_of
from inspections.record.tables import Change
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from publishing.site.tables import SitePage, SiteState

# SQLite takes at most 32,766 values in one statement.
_MOST_VALUES = 10_000


@dataclass(frozen=True)
class Recorded:
    """A page that is in place, as it is to be recorded."""

    path: str
    subject: str
    subject_id: int
    facts_sha256: str
    changes_on: date | None


@dataclass(frozen=True)
class Noted:
    """What the change feed holds: the ids of its rows, and of the subjects they name."""

    rows: tuple[int, ...]
    subjects: Mapping[str, frozenset[int]]

    def of(self, subject: str) -> frozenset[int]:
        """The ids noted for a subject."""
        return self.subjects.get(subject, frozenset())


def noted_changes(session: Session) -> Noted:
    """Everything that the change feed holds now."""
    table = table_of(Change)
    rows: list[int] = []
    subjects: dict[str, set[int]] = {}
    for row_id, subject, subject_id in session.execute(
        select(table.c.id, table.c.subject, table.c.subject_id)
    ):
        rows.append(row_id)
        subjects.setdefault(subject, set()).add(subject_id)
    return Noted(tuple(rows), {name: frozenset(ids) for name, ids in subjects.items()})


def consume(session: Session, noted: Noted) -> None:
    """Take these rows, and no later ones, out of the change feed."""
    table = table_of(Change)
    for part in _parts(noted.rows):
        session.execute(delete(table).where(table.c.id.in_(part)))


def site_state(session: Session) -> SiteState | None:
    """The last publication."""
    return session.get(SiteState, 1)


def set_site_state(session: Session, *, fingerprint: str, as_of: date, now: datetime) -> None:
    """Record what all pages share now; an empty fingerprint says that they do not yet."""
    session.merge(SiteState(id=1, fingerprint=fingerprint, as_of=as_of, finished_at=now))
    session.flush()


def publish_everything_next(session: Session) -> None:
    """Have the next publication write every page again: what lies on the site is of another state."""
    # One column alone: the form of a restored database may be an older one.
    session.execute(update(table_of(SiteState)).values(fingerprint=""))


def premises_ids(session: Session) -> list[int]:
    """Every door, in the order of the ids."""
    table = table_of(Premises)
    return list(session.scalars(select(table.c.id).order_by(table.c.id)))


def codes_between(session: Session, first: int, end: int) -> list[str]:
    """The storefront codes of the doors with an id from `first` to before `end`."""
    table = table_of(Premises)
    wanted = (table.c.id >= first) & (table.c.id < end)
    return list(session.scalars(select(table.c.code).where(wanted).order_by(table.c.id)))


def last_premises_id(session: Session) -> int:
    """The highest id of a door, 0 without any."""
    return session.scalar(select(func.max(table_of(Premises).c.id))) or 0


def register_changes(session: Session, premises_ids: Collection[int], on: date) -> dict[int, date]:
    """The first later day on which the register says something else of a door."""
    units, versions = table_of(CateringUnit), table_of(UnitVersion)
    found: dict[int, date] = {}
    for part in _parts(sorted(premises_ids)):
        here = units.c.premises_id.in_(part)
        arrivals = select(units.c.premises_id, func.min(units.c.from_on)).where(here, units.c.from_on > on)
        renewals = (
            select(units.c.premises_id, func.min(versions.c.from_on))
            .join(versions, versions.c.unit_id == units.c.id)
            .where(here, versions.c.from_on > on)
        )
        for query in (arrivals, renewals):
            for premises_id, day in session.execute(query.group_by(units.c.premises_id)):
                found[premises_id] = min(day, found.get(premises_id, day))
    return found


def due_subjects(session: Session, subject: str, on: date) -> set[int]:
    """Subjects whose page reads differently from a day that has come, or whose writing was cut short."""
    table = table_of(SitePage)
    has_come = table.c.changes_on <= on
    query = select(table.c.subject_id).where(table.c.subject == subject, has_come)
    return set(session.scalars(query))


def known_pages(session: Session, subject: str, subject_ids: Collection[int] | None) -> dict[str, str]:
    """The recorded hash of each page of some subjects, or of all of one kind, by path."""
    table = table_of(SitePage)
    query = select(table.c.path, table.c.facts_sha256).where(table.c.subject == subject)
    if subject_ids is None:
        return {row.path: row.facts_sha256 for row in session.execute(query)}
    found: dict[str, str] = {}
    for part in _parts(sorted(subject_ids)):
        rows = session.execute(query.where(table.c.subject_id.in_(part)))
        found.update((path, digest) for path, digest in rows)
    return found


def mark_written(session: Session, paths: Sequence[str]) -> None:
    """Note that these files are about to change; until they are recorded again their content is unknown."""
    table = table_of(SitePage)
    statement = update(table).where(table.c.path == bindparam("page")).values(facts_sha256="")
    if paths:
        session.connection().execute(statement, [{"page": path} for path in paths])


def mark_all_written(session: Session) -> None:
    """Note that every page is about to change."""
    session.execute(update(table_of(SitePage)).values(facts_sha256=""))


def record_pages(session: Session, pages: Iterable[Recorded], now: datetime) -> None:
    """Record which facts these pages hold now that they are in place."""
    rows = [
        {
            "path": page.path,
            "subject": page.subject,
            "subject_id": page.subject_id,
            "facts_sha256": page.facts_sha256,
            "changes_on": page.changes_on,
            "written_at": now,
        }
        for page in pages
    ]
    if not rows:
        return
    table = table_of(SitePage)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(table)
    replaced = {name: statement.excluded[name] for name in rows[0] if name != "path"}
    statement = statement.on_conflict_do_update(index_elements=["path"], set_=replaced)
    session.connection().execute(statement, rows)


def unfinished_pages(session: Session) -> list[str]:
    """Pages that were marked and not recorded again."""
    table = table_of(SitePage)
    return list(session.scalars(select(table.c.path).where(table.c.facts_sha256 == "")))


def forget_pages(session: Session, paths: Sequence[str]) -> None:
    """Take pages out of the record."""
    table = table_of(SitePage)
    for part in _parts(paths):
        session.execute(delete(table).where(table.c.path.in_(part)))


def paths_below(session: Session, folder: str) -> set[str]:
    """The recorded pages in a folder of the site."""
    table: Table = table_of(SitePage)
    return set(session.scalars(select(table.c.path).where(table.c.path.startswith(folder, autoescape=True))))


def page_count(session: Session) -> int:
    """How many pages the site has."""
    return session.scalar(select(func.count()).select_from(table_of(SitePage))) or 0


def _parts(values: Sequence[int] | Sequence[str]) -> Iterator[Sequence[int] | Sequence[str]]:
    for start in range(0, len(values), _MOST_VALUES):
        yield values[start : start + _MOST_VALUES]
