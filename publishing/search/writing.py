"""Writes the search file: a copy beside the live one is brought up to date and renamed into its place.

A reader keeps the version it has opened, so it never waits and never sees half of an update; a killed
update leaves a copy that nobody reads. `secure_delete` blanks what is deleted, but pages that were
rearranged before may still hold older copies of a row. When a row leaves, and on the first publication of
a day, the file is therefore written anew; a name that another replaces on the same door waits for that.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from publishing.public_facts import LevelFacts, SearchRow, SiteFacts
from publishing.search.language import plain, searched_text

VERSION = 3
_SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE about (id INTEGER PRIMARY KEY CHECK (id = 1), facts TEXT NOT NULL);
CREATE TABLE traits (
    id INTEGER PRIMARY KEY, street TEXT NOT NULL, unit_type TEXT NOT NULL,
    grade TEXT NOT NULL, listed TEXT NOT NULL, units INTEGER NOT NULL,
    UNIQUE (street, unit_type, grade, listed)
);
CREATE TABLE found (
    id INTEGER PRIMARY KEY, traits INTEGER NOT NULL, last_visit TEXT NOT NULL,
    ordering TEXT NOT NULL, name_length INTEGER NOT NULL, text TEXT NOT NULL, assumed INTEGER NOT NULL
);
CREATE TABLE shown (id INTEGER PRIMARY KEY, facts TEXT NOT NULL);
"""
_PUT_TRAITS = (
    "INSERT INTO traits (street, unit_type, grade, listed, units) VALUES (?, ?, ?, ?, 1) "
    "ON CONFLICT (street, unit_type, grade, listed) DO UPDATE SET units = units + 1 RETURNING id"
)
Traits = tuple[str, str, str, str]


@dataclass(frozen=True)
class TraitCount:
    """How many units share a street, a type, a grade and a place on the lists."""

    street: str
    unit_type: str
    grade: str
    listed: str
    units: int


@dataclass(frozen=True)
class SearchAbout:
    """What the search says of the publication it belongs to."""

    site: SiteFacts
    levels: tuple[LevelFacts, ...]
    type_words: Mapping[str, str]
    grade_is_public: bool


class SearchUpdate:
    """One new version of the search file; nobody sees it before `place`."""

    def __init__(self, live: Path, *, fresh: bool = False) -> None:
        self._live = live
        self._aside = live.with_name(live.name + ".part")
        self._packed = live.with_name(live.name + ".packed")
        self._a_row_left = False
        self._fresh = fresh
        live.parent.mkdir(parents=True, exist_ok=True)
        self._sweep()
        if not fresh:
            _copy(live, self._aside)
        self._database = sqlite3.connect(self._aside, isolation_level=None)
        # Nobody reads the copy, and a killed one is thrown away: no journal, no waiting for the disk.
        for pragma in ("secure_delete = ON", "journal_mode = OFF", "synchronous = OFF"):
            self._database.execute(f"PRAGMA {pragma}")
        if fresh:
            self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")

    def _sweep(self) -> None:
        for path in (self._aside, self._packed):
            path.unlink(missing_ok=True)

    def put(self, rows: Iterable[tuple[int, SearchRow]]) -> None:
        """Add units or replace what the file says of them; into a fresh file each comes once."""
        for row_id, row in rows:
            text = searched_text(
                row.name, row.holder, row.address, row.licence_number, row.pinyin, row.initials
            )
            if not self._fresh:
                self._forget(row_id)
            traits_id = self._database.execute(_PUT_TRAITS, _traits(row)).fetchone()[0]
            visit = row.last_visit_on.isoformat() if row.last_visit_on else ""
            ordering = row.pinyin or row.name
            self._database.execute(
                "INSERT INTO found VALUES (?, ?, ?, ?, ?, ?, ?)",
                (row_id, traits_id, visit, ordering, len(plain(row.name)), text, row.rests_on_assumed),
            )
            self._database.execute(
                "INSERT INTO shown VALUES (?, ?)", (row_id, _as_json(list(vars(row).values())))
            )

    def drop(self, row_ids: Iterable[int]) -> None:
        """Take units out of the file."""
        for row_id in row_ids:
            self._a_row_left = self._forget(row_id) or self._a_row_left

    def _forget(self, row_id: int) -> bool:
        old = self._database.execute("SELECT traits FROM found WHERE id = ?", (row_id,)).fetchone()
        if old is None:
            return False
        self._database.execute("UPDATE traits SET units = units - 1 WHERE id = ?", (old[0],))
        self._database.execute("DELETE FROM found WHERE id = ?", (row_id,))
        self._database.execute("DELETE FROM shown WHERE id = ?", (row_id,))
        return True

    def drop_between(self, lowest: int, highest: int) -> None:
        """Take out every row with an id in a range, both ends included."""
        query = "SELECT id FROM found WHERE id BETWEEN ? AND ?"
        self.drop([row_id for (row_id,) in self._database.execute(query, (lowest, highest)).fetchall()])

    def describe(self, about: SearchAbout) -> None:
        """Say which publication the file belongs to."""
        self._database.execute("INSERT OR REPLACE INTO about VALUES (1, ?)", (_as_json(asdict(about)),))

    def counts(self) -> list[TraitCount]:
        """How many units share which traits, as the file stands now."""
        query = "SELECT street, unit_type, grade, listed, units FROM traits WHERE units > 0"
        return [TraitCount(*row) for row in self._database.execute(query)]

    def rests_on_assumed(self) -> bool:
        """Whether the grade or latest result of any unit rests on assumed values, as the file stands now."""
        return bool(self._database.execute("SELECT EXISTS (SELECT 1 FROM found WHERE assumed)").fetchone()[0])

    def place(self, *, pack: bool = False) -> None:
        """Make this version the live one; `pack` writes it anew even where no row has left."""
        self._database.execute("DELETE FROM traits WHERE units = 0")
        self._database.execute("COMMIT")
        finished = self._aside
        if pack or self._a_row_left:
            self._database.execute("VACUUM INTO ?", (os.fspath(self._packed),))
            finished = self._packed
        self._database.close()
        finished.replace(self._live)
        self._sweep()

    def abandon(self) -> None:
        """Throw this version away; the live one stays."""
        self._database.close()
        self._sweep()


def is_usable(live: Path) -> bool:
    """Whether the live file exists and has the form that this version writes."""
    if not live.exists():
        return False
    database = sqlite3.connect(f"{live.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        return bool(database.execute("PRAGMA user_version").fetchone()[0] == VERSION)
    except sqlite3.DatabaseError:
        return False
    finally:
        database.close()


def _traits(row: SearchRow) -> Traits:
    return row.street, row.unit_type, row.grade or "", row.listed or ""


def _as_json(facts: Mapping[str, object] | list[object]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"), default=_as_text)


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} has no place in the search file")


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
