"""Readings of stored verdicts: a unit's grade, in words, with what is missing and how it came about."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Row, func, select
from sqlmodel import Session

from inspections.record.database import table_of
from inspections.rulebooks.queries import StoredRulebook, rulebook_version
from inspections.visits.ids import in_parts
from inspections.visits.tables import Derivation, Verdict
from inspections.visits.wording import LevelWords, level_words, missing_words, public_steps

_Versions = Callable[[int | None], tuple[StoredRulebook | None, tuple[LevelWords, ...]]]


@dataclass(frozen=True)
class UnitGrade:
    """A unit's newest verdict up to a day; without level it is undetermined, and `missing` says why."""

    unit_id: int
    as_of: date
    level: str | None
    meaning_zh: str | None
    meaning_en: str | None
    missing: tuple[str, ...]
    rests_on_assumed: bool
    provisional: bool
    scheme: str | None
    rulebook_version_id: int | None
    rulebook_title: str | None
    levels: tuple[LevelWords, ...]
    derivation_sha256: str | None
    facts: str
    steps: tuple[str, ...] = ()


def grades_of(
    session: Session, unit_ids: Collection[int], on: date, *, with_steps: bool = False
) -> dict[int, UnitGrade]:
    """The newest verdict of each unit up to a day; units never graded are absent."""
    table, derivations = table_of(Verdict), table_of(Derivation)
    found: dict[int, UnitGrade] = {}
    versions = _versions(session)
    for part in in_parts(unit_ids):
        newest = (
            select(func.max(table.c.id))
            .where(table.c.unit_id.in_(part), table.c.as_of <= on)
            .group_by(table.c.unit_id)
        )
        query = (
            select(table, derivations.c.sha256, derivations.c.text)
            .join_from(table, derivations, derivations.c.id == table.c.derivation_id, isouter=True)
            .where(table.c.id.in_(newest))
        )
        for row in session.execute(query):
            found[row.unit_id] = _grade(versions, row, with_steps=with_steps)
    return found


def _versions(session: Session) -> _Versions:
    """Rulebooks with the levels of their grades by the id of their version, each looked up once."""

    def read(version_id: int | None) -> tuple[StoredRulebook | None, tuple[LevelWords, ...]]:
        stored = None if version_id is None else rulebook_version(session, version_id)
        return stored, () if stored is None else level_words(stored.rulebook)

    return cache(read)


def _grade(versions: _Versions, row: Row[Any], *, with_steps: bool) -> UnitGrade:
    stored, levels = versions(row.rulebook_version_id)
    mine = next((level for level in levels if level.code == row.grade), None)
    missing = row.missing.splitlines() if row.grade is None else []
    steps = public_steps(row.text, row.facts) if with_steps and row.text is not None else ()
    return UnitGrade(
        unit_id=row.unit_id,
        as_of=row.as_of,
        level=row.grade,
        meaning_zh=mine.meaning_zh if mine else None,
        meaning_en=mine.meaning_en if mine else None,
        missing=missing_words(stored.rulebook if stored else None, missing),
        rests_on_assumed=row.rests_on_assumed,
        provisional=row.provisional,
        scheme=stored.scheme if stored else None,
        rulebook_version_id=row.rulebook_version_id,
        rulebook_title=stored.rulebook.title_zh if stored else None,
        levels=levels,
        derivation_sha256=row.sha256,
        facts=row.facts,
        steps=steps,
    )


def steps_of(session: Session, derivation_sha256: str, facts: str) -> tuple[str, ...]:
    """A stored derivation in plain Chinese sentences, as the public may read it."""
    table = table_of(Derivation).c
    text = session.execute(select(table.text).where(table.sha256 == derivation_sha256)).scalar()
    return () if text is None else public_steps(text, facts)
