"""A rulebook as the tables an officer knows: one rendering for commands, desk and public page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from grading.cells import Cell, Entry, says_anything
from grading.rulebook import Rulebook
from grading.scales import Level, Scale
from grading.vocabulary import Basis
from grading.wording import UNITS
from inspections.rulebooks.rule_words import BETWEEN, UNKNOWN, Row, RuleWords
from inspections.rulebooks.step_words import PROCEDURES_ZH, StepWords

REPEALED = "已废止"
# Wider tables would need a sideways scroll on a phone.
_MOST_COLUMNS = 4
_LONGEST_IN_CELL = 6


@dataclass(frozen=True)
class ShownCell:
    """A value on a day: its rows, on what it rests, where it stands, since when."""

    name: str
    label: str
    rows: tuple[Row, ...]
    unit: str
    basis: Basis | None
    is_assumed: bool
    reference: str
    from_on: date
    changes_on: date | None
    """The next day on which it says something else."""

    @property
    def source(self) -> str:
        """Basis, reference and first day in one line."""
        basis = self.basis.zh if self.basis is not None else "依据未知"
        return " · ".join(part for part in (basis, self.reference, f"{self.from_on} 起") if part)


@dataclass(frozen=True)
class ShownScale:
    """The words of an outcome, best first, and those outside the order."""

    label: str
    levels: tuple[Level, ...]
    outside: tuple[Level, ...]


@dataclass(frozen=True)
class ShownProcedure:
    """How an outcome is worked out: each step with its sentence, in order, and what they give."""

    name: str
    label: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class ShownRulebook:
    """A rulebook on a day."""

    scheme: str
    title: str
    notes: str
    version: str
    on: date
    scales: tuple[ShownScale, ...]
    cells: tuple[ShownCell, ...]
    procedures: tuple[ShownProcedure, ...]
    later: tuple[tuple[str, date], ...]
    """Labels of values that say nothing yet, with their first day."""


@dataclass(frozen=True)
class Matrix:
    """Values that depend on two things, as a table: the second across, the first down."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def shown(rulebook: Rulebook, on: date) -> ShownRulebook:
    """What a rulebook says on a day."""
    words = RuleWords(rulebook)
    dated = [(cell, cell.on(on)) for cell in rulebook.cells.values()]
    return ShownRulebook(
        scheme=rulebook.scheme,
        title=rulebook.title_zh,
        notes=rulebook.notes,
        version=rulebook.digest,
        on=on,
        scales=tuple(_scale(scale) for scale in _scales_of_outcomes(rulebook)),
        cells=tuple(_cell(cell, entry, words, on) for cell, entry in dated if entry is not None),
        procedures=_procedures(rulebook, words),
        later=tuple((cell.label, cell.entries[0].first_day) for cell, entry in dated if entry is None),
    )


def _procedures(rulebook: Rulebook, words: RuleWords) -> tuple[ShownProcedure, ...]:
    said = StepWords(words)
    return tuple(
        ShownProcedure(PROCEDURES_ZH.get(found.name, found.name), found.label, said.rows(found))
        for found in rulebook.procedures.values()
    )


def _scales_of_outcomes(rulebook: Rulebook) -> Sequence[Scale]:
    names = dict.fromkeys(procedure.scale for procedure in rulebook.procedures.values())
    return [rulebook.scales[name] for name in names if name in rulebook.scales]


def _scale(scale: Scale) -> ShownScale:
    return ShownScale(scale.label, scale.levels, scale.outside)


def _cell(cell: Cell, entry: Entry, words: RuleWords, on: date) -> ShownCell:
    is_known = not entry.repealed and says_anything(entry.value)
    return ShownCell(
        name=cell.name,
        label=cell.label or cell.name,
        rows=_rows(entry, words),
        unit=UNITS.get(cell.unit, "") if is_known else "",
        basis=entry.basis,
        is_assumed=is_known and Basis.ASSUMED in {entry.basis, *(entry.bases or {}).values()},
        reference=f"{entry.title}第{entry.article}条" if entry.article else entry.title,
        from_on=entry.first_day,
        changes_on=min((later.first_day for later in cell.entries if later.first_day > on), default=None),
    )


def _rows(entry: Entry, words: RuleWords) -> tuple[Row, ...]:
    if entry.repealed:
        return (("", REPEALED),)
    if not says_anything(entry.value):
        return (("", UNKNOWN),)
    return tuple(
        (label, _with_basis(entry, text, path)) for label, text, path in words.rows_with_paths(entry.value)
    )


def _with_basis(entry: Entry, text: str, path: tuple[str, ...]) -> str:
    """The text of one row, with its basis where that differs from the rest of the table."""
    basis = entry.basis_at(path)
    return text if basis is entry.basis or basis is None or text == UNKNOWN else f"{text}（{basis.zh}）"


@lru_cache(maxsize=64)
def matrix_of(rows: tuple[Row, ...]) -> Matrix | None:
    """Rows that are labelled `Ⅰ档 · 符合` as a table; none where they are no full, narrow one."""
    labels = [label.split(BETWEEN) for label, _ in rows]
    if len(rows) < _MOST_COLUMNS or any(len(parts) != 2 for parts in labels):
        return None
    down = tuple(dict.fromkeys(first for first, _ in labels))
    across = tuple(dict.fromkeys(second for _, second in labels))
    values = {(first, second): value for (first, second), (_, value) in zip(labels, rows, strict=True)}
    is_full = len(values) == len(rows) == len(down) * len(across)
    texts = (*across, *(value for _, value in rows))
    if not is_full or len(across) > _MOST_COLUMNS or max(map(len, texts)) > _LONGEST_IN_CELL:
        return None
    return Matrix(across, tuple((first, tuple(values[first, second] for second in across)) for first in down))
