"""Rulebooks and their differences as lines for a terminal, columns under each other."""

import unicodedata
from collections.abc import Iterator, Sequence

from inspections.rulebooks.changes import Difference
from inspections.rulebooks.showing import ShownCell, ShownRulebook, ShownScale, matrix_of

_WIDE = {"W", "F"}
_GAP = "  "


def rulebook_lines(book: ShownRulebook) -> Iterator[str]:
    """A rulebook on a day: its words, each value as a table with basis and reference, the steps."""
    yield f"{book.title}（{book.scheme}），{book.on} 的规则，版本 {book.version[:12]}"
    if book.notes:
        yield book.notes
    for scale in book.scales:
        yield ""
        yield from _scale_lines(scale)
    for cell in book.cells:
        yield ""
        yield from _cell_lines(cell)
    for procedure in book.procedures:
        yield ""
        yield f"【怎样得出{procedure.name}】{procedure.label}"
        yield from columns(procedure.rows)
    if book.later:
        yield ""
        yield "当日尚未施行：" + "、".join(f"{label}（{day} 起）" for label, day in book.later)


def _scale_lines(scale: ShownScale) -> Iterator[str]:
    yield f"【{scale.label}】由好到差"
    rows = [(level.zh, level.meaning_zh) for level in scale.levels]
    rows += [(level.zh, level.meaning_zh or "不在好坏次序里") for level in scale.outside]
    yield from columns(rows)


def _cell_lines(cell: ShownCell) -> Iterator[str]:
    unit = f"（{cell.unit}）" if cell.unit else ""
    mark = "  ※假定" if cell.is_assumed else ""
    yield f"【{cell.label}】{unit}{mark}"
    matrix = matrix_of(cell.rows)
    if matrix is not None:
        yield from columns([("", *matrix.columns), *((label, *values) for label, values in matrix.rows)])
    else:
        yield from columns([(label, text) if label else (text,) for label, text in cell.rows])
    changes = f"；{cell.changes_on} 起另有规定" if cell.changes_on is not None else ""
    yield f"{_GAP}〔{cell.source}{changes}〕"


def difference_lines(found: Difference) -> Iterator[str]:
    """What differs between two rulebooks: what is gone, what is new, what says something else."""
    for which, book in (("甲", found.before), ("乙", found.after)):
        yield f"{which}：{book.title}（{book.scheme}），{book.on}，版本 {book.version[:12]}"
    for heading, rows in found.sections():
        yield ""
        yield f"【{heading}】"
        yield from columns(rows)
    yield ""
    yield found.summary()


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows as lines, every column as wide as its widest text."""
    most = max((len(row) for row in rows), default=0)
    widths = [max((width(row[n]) for row in rows if len(row) > n + 1), default=0) for n in range(most)]
    for row in rows:
        cells = [text + " " * (widths[n] - width(text)) for n, text in enumerate(row[:-1])]
        yield _GAP + _GAP.join((*cells, row[-1])).rstrip()


def width(text: str) -> int:
    """How many columns a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(letter) in _WIDE else 1 for letter in text)
