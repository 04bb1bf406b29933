"""The rules as they are, and the same with a draft in the place of what it would replace from a day on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from grading.bundles import digest
from grading.holdings import PURPOSES, Holding, Holdings
from grading.rulebook import Rulebook
from grading.vocabulary import UnitType
from inspections.rulebooks.queries import RulesError, Shelf, parsed_rulebook, shelf_of
from inspections.rulebooks.tables import RulebookVersion

# No stored version has this number.
DRAFT_VERSION = -1
# What a draft can take over by itself; full coverage stays with whoever orders it.
_TAKEN_OVER = tuple(purpose for purpose in PURPOSES if purpose != "coverage")


@dataclass(frozen=True)
class Replaced:
    """What a draft takes the place of: for a purpose, from which schemes (none where nothing held)."""

    purpose: str
    schemes: tuple[str, ...]


@dataclass(frozen=True)
class TwoShelves:
    """The rules in force, the rules with the draft, and what the draft takes over."""

    before: Shelf
    after: Shelf
    replaced: tuple[Replaced, ...]


def two_shelves(session: Session, text: str, on: date, purposes: Collection[str] = ()) -> TwoShelves:
    """The shelves for a draft's canonical text from a day on.

    A draft of a scheme that holds on the day is a new text of it. Any other takes over, for all types, the
    `purposes` that are named; else those of the scheme that it is laid over; else what its procedures can do.
    """
    before, draft = shelf_of(session), parsed_rulebook(text)
    holds = _holding_on(before, on)
    if not purposes and draft.scheme in {row.scheme for row in holds}:
        rows = before.holdings.rows
        replaced = tuple(
            Replaced(purpose, (draft.scheme,))
            for purpose in PURPOSES
            if any((row.scheme, row.purpose) == (draft.scheme, purpose) for row in holds)
        )
    else:
        base = {row.purpose for row in holds if row.scheme == draft.overlay_of}
        replaced = tuple(_replaced(draft, holds, purposes or base or _TAKEN_OVER))
        rows = tuple(_rows(before, draft.scheme, [one.purpose for one in replaced], on))
    if not replaced:
        raise RulesError(f"规则 {draft.scheme} 没有所要用途的程序，看不出影响；请补上程序，或换用途。")
    after = Shelf(
        setting=before.setting,
        holdings=Holdings(rows, before.holdings.digest),
        texts=_texts(before.texts, draft, text),
        key=f"{before.key} {draft.digest}",
    )
    return TwoShelves(before, after, replaced)


def _holding_on(shelf: Shelf, on: date) -> list[Holding]:
    return [
        row
        for row in shelf.holdings.rows
        if row.setting == shelf.setting and row.first_day <= on and (row.until is None or on <= row.until)
    ]


def _replaced(draft: Rulebook, holds: list[Holding], purposes: Collection[str]) -> list[Replaced]:
    found = []
    for purpose in PURPOSES:
        if purpose in purposes and PURPOSES[purpose] in draft.procedures:
            schemes = dict.fromkeys(row.scheme for row in holds if row.purpose == purpose)
            found.append(Replaced(purpose, tuple(schemes)))
    return found


def _rows(shelf: Shelf, scheme: str, purposes: list[str], on: date) -> list[Holding]:
    """Every reign, those of the purposes taken over ending on the day before."""
    types = tuple(kind.value for kind in UnitType)
    rows = [Holding(shelf.setting, purpose, types, scheme, on, None, "草稿") for purpose in purposes]
    for row in shelf.holdings.rows:
        is_over = row.setting == shelf.setting and row.purpose in purposes
        if not is_over or row.first_day < on:
            ends = on - timedelta(days=1)
            until = ends if row.until is None or row.until > ends else row.until
            rows.append(replace(row, until=until) if is_over else row)
    return rows


def _texts(texts: Mapping[str, RulebookVersion], draft: Rulebook, text: str) -> Mapping[str, RulebookVersion]:
    row = RulebookVersion(
        id=DRAFT_VERSION,
        scheme=draft.scheme,
        sha256=digest(text),
        text=text,
        loaded_at=datetime.min.replace(tzinfo=UTC),
        loaded_by="草稿",
    )
    return {**texts, draft.scheme: row}
