"""Pinyin and initials of names, filled by a job of its own and correctable by people."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from sqlalchemy import update
from sqlmodel import Session, col, select

from inspections.record.changes import Subject, note_changes
from inspections.record.database import insert_rows, table_of
from inspections.units.holders import shown_holder
from inspections.units.queries import known_units
from inspections.units.tables import CateringUnit, SearchKey, UnitVersion


@lru_cache(maxsize=65_536)
def pinyin_keys(name: str) -> tuple[str, str]:
    """Pinyin without tones and its initials: `重庆小面` gives `chongqingxiaomian`, `cqxm`.

    Latin letters lose their accents: `CAFÉ` is found as `cafe`.
    """
    syllables = lazy_pinyin(name, style=Style.NORMAL, errors=_kept_letters)
    plain = [syllable.lower() for syllable in syllables if syllable]
    return "".join(plain), "".join(syllable[0] for syllable in plain)


def _kept_letters(part: str) -> str:
    # Taken apart, an accent is a character of its own, and no letter.
    return "".join(letter for letter in unicodedata.normalize("NFKD", part) if letter.isalnum())


def fill_search_keys(session: Session) -> int:
    """Make keys for units whose names have none yet or have changed; keys corrected by people stay."""
    names = dict(_names(session))
    present = {row.unit_id: row for row in session.exec(select(SearchKey))}
    fresh, changed, touched = [], [], []
    for unit in known_units(session):
        source = names[unit.unit_id]
        key = present.get(unit.unit_id)
        if key is not None and (key.source == source or key.corrected_by):
            continue
        pairs = [pinyin_keys(name) for name in source.split("\n")]
        values = {
            "source": source,
            "pinyin": " ".join(pair[0] for pair in pairs),
            "initials": " ".join(pair[1] for pair in pairs),
        }
        if key is None:
            fresh.append({"unit_id": unit.unit_id, **values})
        else:
            changed.append({"unit_id": unit.unit_id, **values})
        touched.append(unit.premises_id)
    insert_rows(session, table_of(SearchKey), fresh)
    table = table_of(SearchKey)
    for row in changed:
        session.connection().execute(update(table).where(table.c.unit_id == row["unit_id"]).values(row))
    note_changes(session, Subject.PREMISES, touched)
    return len(touched)


def correct_keys(session: Session, unit_id: int, *, pinyin: str, initials: str, actor: str) -> None:
    """Replace a unit's keys by those a person knows to be right."""
    names = dict(_names(session, unit_id))
    key = session.get(SearchKey, unit_id)
    if key is None:
        key = SearchKey(unit_id=unit_id, source=names[unit_id], pinyin="", initials="")
    key.pinyin, key.initials, key.corrected_by = pinyin.lower(), initials.lower(), actor
    session.add(key)


def _names(session: Session, unit_id: int | None = None) -> Iterator[tuple[int, str]]:
    query = select(UnitVersion, CateringUnit.credit_code).join(
        CateringUnit, col(CateringUnit.id) == col(UnitVersion.unit_id)
    )
    if unit_id is not None:
        query = query.where(UnitVersion.unit_id == unit_id)
    ordered = query.order_by(col(UnitVersion.unit_id), col(UnitVersion.from_on), col(UnitVersion.id))
    for version, credit_code in session.exec(ordered):
        # Search keys are public: a natural person's name must not be found by its pinyin.
        holder = shown_holder(
            version.licence_name,
            holder_is_natural_person=version.holder_is_natural_person,
            credit_code=credit_code,
        )
        sign = version.sign_name
        # Later versions come later: a dictionary keeps the newest.
        yield version.unit_id, f"{sign}\n{holder}" if sign and sign != holder else holder
