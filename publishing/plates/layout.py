"""Where everything on a plate stands, by measure: one layout for the picture and for the print.

A5 portrait, lengths in millimetres from the upper left corner.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from inspections.surface.fonts import FontFile, PrintFonts, Typeface
from inspections.surface.qr import QUIET_ZONE, Rows, qr_rows
from publishing.plates.lines import MM_PER_PT, Step, fit
from publishing.plates.plate import PlateFacts

PAGE_WIDTH = 148.0
PAGE_HEIGHT = 210.0
DOTS_PER_MM = 300 / 25.4

_MARGIN = 12.0
_WIDTH = PAGE_WIDTH - 2 * _MARGIN
_MIDDLE = PAGE_WIDTH / 2

_BAND_TOP, _BAND_HEIGHT = 6.0, 8.5
_AUTHORITY_BASELINE = 23.0
_UPPER_RULE = 28.0
_NAMES_TOP, _NAMES_BOTTOM = 29.5, 72.0
_QR_TOP, _QR_LARGEST = 71.0, 85.0
_CODE_BASELINE = 168.5
_SENTENCE_BASELINE = 180.3
_LOWER_RULE = 194.0
_FOOT_BASELINE = 200.0
_RULE = 0.3

_AUTHORITY = (Step(15, 1), Step(13, 1), Step(11, 1), Step(10, 2), Step(8.5, 2))
_SIGN = (Step(42, 1), Step(38, 1), Step(34, 1), Step(30, 2), Step(26, 2), Step(22, 3), Step(17, 4))
_ADDRESS = (Step(14, 1), Step(13, 1), Step(12, 2), Step(10.5, 3), Step(9, 3))
_CODE = (Step(46, 1),)
_SENTENCE = (Step(16, 1),)
_PREFIX = (Step(13, 1), Step(12, 1), Step(11, 1), Step(10, 1), Step(10, 2), Step(8, 2), Step(7, 3))
_FOOT = (Step(10.5, 1), Step(9, 1), Step(8, 1))
_NAME_LEADING = 1.22
_TEXT_LEADING = 1.35
_GAP = 3.0
# How much thicker a regular glyph is drawn where its line is bold, in units of the type size.
_EMBOLDENING = 0.03


@dataclass(frozen=True)
class Run:
    """A stretch of text in one font: its left end, baseline and size in points."""

    text: str
    font: FontFile
    x: float
    baseline: float
    size_pt: float
    is_white: bool = False
    stroke_pt: float = 0.0


@dataclass(frozen=True)
class Bar:
    """A black rectangle: a rule or a band."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """All that is drawn on one plate; `qr_x` and `qr_y` are the corner of the code without quiet zone."""

    runs: tuple[Run, ...]
    bars: tuple[Bar, ...]
    qr: Rows
    qr_x: float
    qr_y: float
    module: float


def check(facts: PlateFacts, fonts: PrintFonts) -> tuple[Run, ...]:
    """Stop where a character is not covered or a text does not fit; the text of the plate otherwise."""
    for text in facts.texts:
        fonts.regular.require(text)
        fonts.bold.require(text)
    return tuple(_runs(facts, fonts))


def lay_out(facts: PlateFacts, fonts: PrintFonts) -> Layout:
    """The plate's layout; stops where `check` does."""
    runs = check(facts, fonts)
    qr = qr_rows(facts.url)
    modules = len(qr) + 2 * QUIET_ZONE
    # Whole dots at 300 dpi, so that picture and print have the same edges.
    module = int(_QR_LARGEST * DOTS_PER_MM / modules) / DOTS_PER_MM
    return Layout(
        runs=runs,
        bars=tuple(_bars(facts)),
        qr=qr,
        qr_x=_MIDDLE - module * len(qr) / 2,
        qr_y=_QR_TOP + (_QR_LARGEST - module * len(qr)) / 2,
        module=module,
    )


def _bars(facts: PlateFacts) -> Iterator[Bar]:
    yield Bar(_MARGIN, _UPPER_RULE, _WIDTH, _RULE)
    yield Bar(_MARGIN, _LOWER_RULE, _WIDTH, _RULE)
    if facts.is_demonstration:
        yield Bar(_MARGIN, _BAND_TOP, _WIDTH, _BAND_HEIGHT)


def _runs(facts: PlateFacts, fonts: PrintFonts) -> Iterator[Run]:
    if facts.is_demonstration:
        band = _BAND_TOP + _BAND_HEIGHT / 2 + 0.38 * 14 * MM_PER_PT
        yield from _centred(facts.demonstration_words, fonts.bold, 14, band, is_white=True)
    size, lines = fit(facts.authority, fonts.bold, _WIDTH, _AUTHORITY)
    yield from _block(lines, fonts.bold, size, _AUTHORITY_BASELINE - (len(lines) - 1) * size * 0.42)
    yield from _names(facts, fonts)
    size, lines = fit(facts.code, fonts.bold, _WIDTH, _CODE)
    yield from _block(lines, fonts.bold, size, _CODE_BASELINE)
    first, second = facts.sentence
    size, lines = fit(first, fonts.bold, _WIDTH, _SENTENCE)
    yield from _block(lines, fonts.bold, size, _SENTENCE_BASELINE)
    size, lines = fit(second, fonts.regular, _WIDTH, _PREFIX)
    yield from _block(lines, fonts.regular, size, _SENTENCE_BASELINE + 2.6 + size * MM_PER_PT)
    size, lines = fit(facts.issue_words, fonts.regular, _WIDTH, _FOOT)
    yield from _block(lines, fonts.regular, size, _FOOT_BASELINE)


def _names(facts: PlateFacts, fonts: PrintFonts) -> Iterator[Run]:
    """Sign name and address, together in the middle of their field."""
    sign_size, sign = fit(facts.sign_name, fonts.bold, _WIDTH, _SIGN)
    size, address = fit(facts.address, fonts.regular, _WIDTH, _ADDRESS)
    sign_line = sign_size * MM_PER_PT * _NAME_LEADING
    line = size * MM_PER_PT * _TEXT_LEADING
    height = len(sign) * sign_line + _GAP + len(address) * line
    top = _NAMES_TOP + (_NAMES_BOTTOM - _NAMES_TOP - height) / 2
    # Chinese characters stand from 0.88 above the baseline to 0.12 below it.
    baseline = top + sign_line / 2 + 0.38 * sign_size * MM_PER_PT
    yield from _block(sign, fonts.bold, sign_size, baseline, _NAME_LEADING)
    baseline = top + len(sign) * sign_line + _GAP + line / 2 + 0.38 * size * MM_PER_PT
    yield from _block(address, fonts.regular, size, baseline)


def _block(
    lines: list[str], typeface: Typeface, size_pt: float, baseline: float, leading: float = _TEXT_LEADING
) -> Iterator[Run]:
    for number, line in enumerate(lines):
        yield from _centred(line, typeface, size_pt, baseline + number * size_pt * MM_PER_PT * leading)


def _centred(
    line: str, typeface: Typeface, size_pt: float, baseline: float, *, is_white: bool = False
) -> Iterator[Run]:
    em = size_pt * MM_PER_PT
    # Punctuation at a line's end hangs out: the words stand in the middle.
    x = _MIDDLE - typeface.width(line.rstrip("；，。")) * em / 2
    for font, stretch in typeface.runs(line):
        thin = font.weight < typeface.fonts[0].weight
        yield Run(stretch, font, x, baseline, size_pt, is_white, size_pt * _EMBOLDENING if thin else 0.0)
        x += font.width(stretch) * em
