"""The plate as a picture: A5 at 300 dots per inch, black on white."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from inspections.surface.fonts import FontFile, PrintFonts
from publishing.plates.layout import DOTS_PER_MM, PAGE_HEIGHT, PAGE_WIDTH, Bar, Layout, Run, lay_out
from publishing.plates.plate import PlateFacts

_BLACK, _WHITE = 0, 255


def draw_plate_png(facts: PlateFacts, fonts: PrintFonts) -> bytes:
    """The plate as a PNG, the same bytes on each run."""
    layout = lay_out(facts, fonts)
    picture = Image.new("L", (_dots(PAGE_WIDTH), _dots(PAGE_HEIGHT)), _WHITE)
    draw = ImageDraw.Draw(picture)
    for bar in layout.bars:
        _draw_bar(draw, bar)
    for run in layout.runs:
        _draw_run(draw, run)
    _draw_qr(draw, layout)
    file = BytesIO()
    picture.save(file, "PNG", dpi=(300, 300))
    return file.getvalue()


def _dots(mm: float) -> int:
    return round(mm * DOTS_PER_MM)


@cache
def _font(font: FontFile, dots: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font.path, dots, layout_engine=ImageFont.Layout.BASIC)


def _draw_bar(draw: ImageDraw.ImageDraw, bar: Bar) -> None:
    left, top = _dots(bar.x), _dots(bar.y)
    right, bottom = _dots(bar.x + bar.width), _dots(bar.y + bar.height)
    draw.rectangle((left, top, right - 1, bottom - 1), fill=_BLACK)


def _draw_run(draw: ImageDraw.ImageDraw, run: Run) -> None:
    em = run.size_pt * 300 / 72
    font = _font(run.font, em)
    x, baseline = run.x * DOTS_PER_MM, run.baseline * DOTS_PER_MM
    # One character at a time: a whole line would drift from the measure by the rounding of each advance.
    for character in run.text:
        draw.text(
            (x, baseline),
            character,
            fill=_WHITE if run.is_white else _BLACK,
            font=font,
            anchor="ls",
            # Typst's stroke lies half inside the outline, Pillow's wholly outside.
            stroke_width=run.stroke_pt / 2 * 300 / 72,
        )
        x += run.font.width(character) * em


def _draw_qr(draw: ImageDraw.ImageDraw, layout: Layout) -> None:
    left, top, size = _dots(layout.qr_x), _dots(layout.qr_y), _dots(layout.module)
    for row, modules in enumerate(layout.qr):
        for column, dark in enumerate(modules):
            if dark:
                x, y = left + column * size, top + row * size
                draw.rectangle((x, y, x + size - 1, y + size - 1), fill=_BLACK)
