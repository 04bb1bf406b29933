"""The forms in which plates are printed: the paper, how many lie on a sheet and where, where it is cut.

Lengths in millimetres from the paper's upper left corner. All plates of a form have one size, so that a
stack is cut along straight lines; between neighbours one cut serves both.
"""

from dataclasses import dataclass
from typing import NamedTuple

from publishing.plates.layout import PAGE_HEIGHT, PAGE_WIDTH, Bar

# Four fill a sheet, and two; every file begins with a new sheet.
PER_FILE = 500

_MARK_GAP = 2.0
_MARK_LENGTH = 5.0
_MARK_WIDTH = 0.1


class Spot(NamedTuple):
    """Where one plate of a sheet has its upper left corner, and how people call the place."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class PrintForm:
    """One form: `scale` is the plate's size against A5."""

    key: str
    label: str
    width: float
    height: float
    scale: float
    spots: tuple[Spot, ...]
    is_cut: bool = True

    @property
    def per_sheet(self) -> int:
        """How many plates lie on a sheet."""
        return len(self.spots)

    @property
    def size_words(self) -> str:
        """The size of one plate, as a printer needs it."""
        return f"{PAGE_WIDTH * self.scale:.1f} × {PAGE_HEIGHT * self.scale:.1f} mm"

    @property
    def crop_marks(self) -> tuple[Bar, ...]:
        """Marks outside the plates at each line of cutting; none where the paper is the plate."""
        if not self.is_cut:
            return ()
        columns = sorted({x for spot in self.spots for x in (spot.x, spot.x + PAGE_WIDTH * self.scale)})
        rows = sorted({y for spot in self.spots for y in (spot.y, spot.y + PAGE_HEIGHT * self.scale)})
        ends = (-_MARK_GAP - _MARK_LENGTH, _MARK_GAP)
        across = [
            Bar(x - _MARK_WIDTH / 2, edge + end, _MARK_WIDTH, _MARK_LENGTH)
            for x in _merged(columns)
            for edge, end in zip((rows[0], rows[-1]), ends, strict=True)
        ]
        down = [
            Bar(edge + end, y - _MARK_WIDTH / 2, _MARK_LENGTH, _MARK_WIDTH)
            for y in _merged(rows)
            for edge, end in zip((columns[0], columns[-1]), ends, strict=True)
        ]
        return (*across, *down)


class Position(NamedTuple):
    """Where a plate of a print is found: file, page in it, place on the page; all count from 1."""

    file: int
    page: int
    spot: Spot


def position_of(form: PrintForm, place: int, per_file: int = PER_FILE) -> Position:
    """Where the plate with this number (from 1) in a print lies."""
    file, inside = divmod(place - 1, per_file)
    page, spot = divmod(inside, form.per_sheet)
    return Position(file + 1, page + 1, form.spots[spot])


def _merged(lines: list[float]) -> list[float]:
    """Lines of cutting without those that only differ by rounding."""
    return [line for n, line in enumerate(lines) if n == 0 or line - lines[n - 1] > 0.01]


def _form(
    key: str,
    label: str,
    paper: tuple[float, float],
    scale: float,
    spots: tuple[tuple[int, int, str], ...],
    *,
    is_cut: bool = True,
) -> PrintForm:
    """A form whose plates lie side by side in the middle of the paper; spots by column and row."""
    width, height = PAGE_WIDTH * scale, PAGE_HEIGHT * scale
    columns, rows = max(spot[0] for spot in spots) + 1, max(spot[1] for spot in spots) + 1
    left, top = (paper[0] - columns * width) / 2, (paper[1] - rows * height) / 2
    placed = tuple(Spot(left + column * width, top + row * height, name) for column, row, name in spots)
    return PrintForm(key, label, paper[0], paper[1], scale, placed, is_cut)


_HALVES = ((0, 0, "左"), (1, 0, "右"))
_QUARTERS = ((0, 0, "左上"), (1, 0, "右上"), (0, 1, "左下"), (1, 1, "右下"))
_WHOLE = ((0, 0, "整页"),)

# The paper as large as the plate: for a printer in the office, and for pictures.
TRIMMED = _form("a5-plain", "A5 纸，每页一块，不裁", (PAGE_WIDTH, PAGE_HEIGHT), 1, _WHOLE, is_cut=False)

FORMS = {
    form.key: form
    for form in (
        _form("a5", "单块 A5，四角裁切线", (PAGE_WIDTH + 24, PAGE_HEIGHT + 24), 1, _WHOLE),
        _form("a4-2", "A4 横放，每张两块", (297, 210), 0.88, _HALVES),
        _form("a4-4", "A4 竖放，每张四块", (210, 297), 0.62, _QUARTERS),
        TRIMMED,
    )
}
