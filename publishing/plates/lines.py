"""Breaking a text into lines by measure: Chinese between characters, Latin words whole where they fit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inspections.record.errors import HouseError
from inspections.surface.fonts import Typeface

MM_PER_PT = 25.4 / 72

# A line neither begins with closing nor ends with opening punctuation.
_CLOSING = "，。、；：？！）》〉」』】〕”’…·,.;:?!)]}%~～—"
_OPENING = "（《〈「『【〔“‘([{#"
_UNITS = re.compile(r"[^\s⺀-鿿豈-﫿＀-￯\U00020000-\U0003ffff、-〿]+|\s+|.", re.DOTALL)
_PARTS = re.compile(r"[^./\-]*[./\-]+|[^./\-]+")


class TooLongError(HouseError):
    """A text does not fit its place at the smallest size that can be read."""


@dataclass(frozen=True)
class Step:
    """A type size, and how many lines a text may take at it."""

    size_pt: float
    lines: int


def fit(text: str, typeface: Typeface, width_mm: float, steps: Iterable[Step]) -> tuple[float, list[str]]:
    """The first step at which the text fits the width, and its lines, about equally long."""
    units = [(unit, typeface.width(unit)) for unit in _units(text)]
    for step in steps:
        width = width_mm / (step.size_pt * MM_PER_PT)
        pieces = _cut(units, typeface, width)
        lines = _filled(pieces, width)
        if len(lines) <= step.lines:
            return step.size_pt, _balanced(pieces, typeface, width, lines)
    raise TooLongError(f"“{text}”有 {len(text)} 个字，公示牌上放不下；请在名册里改用较短的写法。")


def _units(text: str) -> list[str]:
    """The stretches of a text that no line end parts."""
    units: list[str] = []
    for part in _UNITS.findall(" ".join(text.split())):
        sticks = units and (part in _CLOSING or units[-1][-1] in _OPENING)
        if sticks:
            units[-1] += part
        else:
            units.append(part)
    return units


Measured = list[tuple[str, float]]


def _cut(units: Measured, typeface: Typeface, width: float) -> Measured:
    """The units, those wider than a line taken apart: after a dot or a stroke, else into characters."""
    cut: Measured = []
    for unit, unit_width in units:
        parts = [unit] if unit_width <= width else _PARTS.findall(unit)
        for part in parts:
            part_width = typeface.width(part)
            pieces = [part] if part_width <= width else part
            cut += [(piece, typeface.width(piece)) for piece in pieces]
    return cut


def _filled(units: Measured, width: float) -> list[str]:
    """Lines filled one after the other."""
    lines: list[str] = []
    line, used = "", 0.0
    for unit, unit_width in units:
        # Blanks at a line's end hang over it.
        if line and used + unit_width > width and not unit.isspace():
            lines.append(line.strip())
            line, used = "", 0.0
        line += unit
        used += unit_width
    return [*lines, line.strip()]


def _balanced(pieces: Measured, typeface: Typeface, width: float, lines: list[str]) -> list[str]:
    """As many lines, in the narrowest width that needs no more of them."""
    if len(lines) == 1:
        return lines
    narrow, wide = width / 2, width
    for _ in range(8):
        middle = (narrow + wide) / 2
        tried = _filled(pieces, middle)
        if len(tried) <= len(lines) and all(typeface.width(line) <= width for line in tried):
            lines, wide = tried, middle
        else:
            narrow = middle
    return lines
