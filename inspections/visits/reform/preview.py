"""The use case: what a draft would change from a day on, unit by unit and in counts; nothing is stored."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher
from functools import partial
from typing import NamedTuple

from sqlalchemy import Engine, select
from sqlmodel import Session

from grading.explaining import explain
from grading.rulebook import Rulebook
from grading.wording import words_of
from inspections.record.database import read_only, table_of
from inspections.rulebooks.queries import Shelf, parsed_rulebook
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from inspections.units.words import unit_type_words
from inspections.visits.ids import in_parts
from inspections.visits.reform.shelves import Replaced, two_shelves
from inspections.visits.reform.span import (
    FREQUENCY,
    KINDS,
    ChangeExample,
    Derived,
    Kind,
    ReformWorker,
    UnitChange,
)
from inspections.visits.run_queries import all_unit_ids, spans_of
from inspections.visits.workers import no_collector, processes_for, span_outcomes

SPAN = 10_000
KIND_NAMES = {"result": "检查结果", "grade": "等级", "frequency": "每年检查次数", "listing": "红黑榜建议"}
PURPOSE_NAMES = {
    "result": "检查结果",
    "grade": "等级",
    "listing": "红黑榜建议",
    "coverage": "全面检查期限",
}
DIMENSIONS = ("业态", "街道", "连锁")
NO_CHAIN = "（不是连锁）"
NO_OUTCOME = {"result": "不能建议", "grade": "暂未评定", "frequency": "未知", "listing": "没有建议"}

Progress = Callable[[int, int], None]


class UnitPlace(NamedTuple):
    """Which unit it is, and by what it is counted."""

    code: str
    name: str
    address: str
    street: str
    chain: str


class ChangedUnit(NamedTuple):
    """One thing that would be otherwise for one unit, in words."""

    place: UnitPlace
    unit_type: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True)
class Aligned:
    """One line of two derivations beside each other; `same` where both say the same."""

    before: str
    after: str

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return self.before == self.after


@dataclass(frozen=True)
class Example:
    """One unit with a kind of change: both derivations, line by line."""

    kind: str
    before: str
    after: str
    count: int
    place: UnitPlace
    lines: tuple[Aligned, ...]


@dataclass(frozen=True)
class Preview:
    """What a draft would change."""

    draft: Rulebook
    on: date
    units: int
    replaced: tuple[tuple[str, str], ...]
    """Purpose and what held for it, in words."""
    changes: tuple[ChangedUnit, ...]
    examples: tuple[Example, ...]
    counts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """How many units, by what changes, from what, to what."""

    def of_kind(self, kind: str) -> list[tuple[str, str, int]]:
        """The changes of one kind, the most frequent first."""
        rows = [(before, after, n) for (name, before, after), n in self.counts.items() if name == kind]
        return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))

    def total(self, kind: str) -> int:
        """How many units have a change of a kind."""
        return sum(n for _, _, n in self.of_kind(kind))

    def by(self, dimension: str) -> list[tuple[str, tuple[int, ...]]]:
        """The numbers of changes of every kind by type, street or chain, the most first."""
        counted: dict[str, Counter[str]] = {}
        for change in self.changes:
            counted.setdefault(_value_of(change, dimension), Counter())[change.kind] += 1
        rows = [(value, tuple(counts[kind] for kind in KINDS)) for value, counts in counted.items()]
        return sorted(rows, key=lambda row: (-sum(row[1]), row[0]))


def _value_of(change: ChangedUnit, dimension: str) -> str:
    values = (change.unit_type, change.place.street, change.place.chain or NO_CHAIN)
    return values[DIMENSIONS.index(dimension)]


def preview(
    engine: Engine,
    *,
    text: str,
    on: date,
    purposes: Sequence[str] = (),
    progress: Progress | None = None,
    processes: int | None = None,
) -> Preview:
    """What would be otherwise on a day if a draft (its canonical text) held from then on."""
    with read_only(engine) as session:
        shelves = two_shelves(session, text, on, purposes)
        ids = all_unit_ids(session)
    spans = list(spans_of(ids, SPAN, everything=True))
    worker = partial(ReformWorker, on=on, text=text, purposes=tuple(purposes))
    changes: list[UnitChange] = []
    examples: dict[Kind, ChangeExample] = {}
    units = 0
    wanted = processes_for(len(ids)) if processes is None else processes
    with no_collector(), span_outcomes(engine, worker, spans, wanted) as outcomes:
        for span, found in zip(spans, outcomes, strict=True):
            units += found.units
            changes += found.changes
            examples = {**found.examples, **examples}
            if progress is not None:
                progress(ids.index(span.last) + 1, len(ids))
    with read_only(engine) as session:
        places = _places(session, sorted({change.unit_id for change in changes}), on)
    said = _Saying(shelves.before, shelves.after)
    told = tuple(said.change(change, places) for change in changes)
    counts = Counter((one.kind, one.before, one.after) for one in told)
    return Preview(
        draft=parsed_rulebook(text),
        on=on,
        units=units,
        replaced=tuple(_replaced(shelves.before, one) for one in shelves.replaced),
        changes=told,
        examples=tuple(said.examples(examples, counts, places)),
        counts=dict(counts),
    )


def _replaced(shelf: Shelf, one: Replaced) -> tuple[str, str]:
    titles = [shelf.rulebook(scheme).title_zh for scheme in one.schemes]
    return one.purpose, "、".join(titles) or "（没有规则）"


class _Saying:
    """Words of both sets of rules; where they differ, each side has its own."""

    def __init__(self, before: Shelf, after: Shelf) -> None:
        self._words = tuple(self._of(shelf) for shelf in (before, after))

    def _of(self, shelf: Shelf) -> dict[str, str]:
        books = [shelf.rulebook(scheme) for scheme in sorted(_schemes(shelf))]
        return words_of(scale for book in books for scale in book.scales.values())

    def _word(self, side: int, kind: str, value: str | None) -> str:
        if value is None:
            return NO_OUTCOME[kind]
        return f"{value} 次" if kind == FREQUENCY else self._words[side].get(value, value)

    def change(self, change: UnitChange, places: dict[int, UnitPlace]) -> ChangedUnit:
        """A change in words."""
        kind, before, after = change.kind
        return ChangedUnit(
            places[change.unit_id],
            unit_type_words(change.unit_type, None)[0],
            kind,
            self._word(0, kind, before),
            self._word(1, kind, after),
        )

    def examples(
        self,
        found: dict[Kind, ChangeExample],
        counts: Counter[tuple[str, str, str]],
        places: dict[int, UnitPlace],
    ) -> Iterator[Example]:
        """One unit for each kind of change, the most frequent first."""
        rows = []
        for (kind, before, after), one in found.items():
            old, new = self._word(0, kind, before), self._word(1, kind, after)
            lines = aligned(_lines(one.before), _lines(one.after))
            rows.append(Example(kind, old, new, counts[kind, old, new], places[one.unit_id], lines))
        yield from sorted(rows, key=lambda row: (KINDS.index(row.kind), -row.count, row.before, row.after))


def _schemes(shelf: Shelf) -> set[str]:
    return {row.scheme for row in shelf.holdings.rows if row.setting == shelf.setting}


def _lines(one: Derived) -> list[str]:
    if one.derivation:
        return explain(one.derivation, one.facts)
    return [one.why or "没有规则适用，或没有检查可依"]


def aligned(before: Sequence[str], after: Sequence[str]) -> tuple[Aligned, ...]:
    """Two derivations beside each other: equal lines meet, others stand beside what took their place."""
    rows: list[Aligned] = []
    for _, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        left, right = list(before[a:b]), list(after[c:d])
        size = max(len(left), len(right))
        left += [""] * (size - len(left))
        right += [""] * (size - len(right))
        rows += [Aligned(*pair) for pair in zip(left, right, strict=True)]
    return tuple(rows)


def _places(session: Session, unit_ids: Sequence[int], on: date) -> dict[int, UnitPlace]:
    """Code, sign, address, street and chain of units, as the register describes them for the day."""
    units, versions, doors = table_of(CateringUnit).c, table_of(UnitVersion).c, table_of(Premises).c
    found: dict[int, UnitPlace] = {}
    for part in in_parts(unit_ids):
        query = (
            select(
                units.id,
                doors.code,
                versions.sign_name,
                versions.licence_name,
                doors.address,
                doors.street,
                versions.chain_headquarters,
            )
            .join_from(table_of(CateringUnit), table_of(UnitVersion), versions.unit_id == units.id)
            .join(table_of(Premises), doors.id == units.premises_id)
            .where(units.id.in_(part), versions.from_on <= on)
            .order_by(units.id, versions.from_on, versions.id)
        )
        for id_, code, sign, licence, address, street, chain in session.execute(query):
            found[id_] = UnitPlace(code, sign or licence, address, street, chain or "")
    return found
