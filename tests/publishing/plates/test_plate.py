"""Promises of the plate: everything it must say, inside its edges, readable, the code free of all else."""

from dataclasses import replace
from io import BytesIO
from itertools import pairwise

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from inspections.surface.fonts import UncoveredCharacterError, print_fonts
from inspections.surface.qr import QUIET_ZONE
from publishing.plates.layout import PAGE_HEIGHT, PAGE_WIDTH, Layout, lay_out
from publishing.plates.lines import MM_PER_PT, Step, TooLongError, fit
from publishing.plates.picture import draw_plate_png
from publishing.plates.plate import PlateFacts

FONTS = print_fonts()
MARGIN = 12
SIGNS = "老王家重庆小面馆（一）、·3号The Tea "


def _lines(layout: Layout) -> dict[float, str]:
    lines: dict[float, str] = {}
    for run in layout.runs:
        lines[run.baseline] = lines.get(run.baseline, "") + run.text
    return lines


def _words(layout: Layout) -> str:
    return "".join(_lines(layout).values()).replace(" ", "")


def test_a_plate_says_all_that_it_must(facts: PlateFacts) -> None:
    words = _words(lay_out(facts, FONTS))
    for text in (facts.sign_name, facts.address, facts.authority, facts.code):
        assert text.replace(" ", "") in words
    assert f"扫码看检查结果；网址应以{facts.public_url}/s/开头" in words
    day = facts.printed_on
    assert f"第{facts.issue_no}次制发·{day.year}年{day.month}月{day.day}日" in words
    assert ("演示：" in words) == facts.is_demonstration


def test_nothing_leaves_the_margins_and_no_two_lines_touch(facts: PlateFacts) -> None:
    layout = lay_out(facts, FONTS)
    spans = {}
    for run in layout.runs:
        em = run.size_pt * MM_PER_PT
        assert run.x >= MARGIN - 0.8 * em
        assert run.x + run.font.width(run.text.rstrip("；")) * em <= PAGE_WIDTH - MARGIN + 0.01
        spans[run.baseline] = (run.baseline - 0.88 * em, run.baseline + 0.12 * em)
    ordered = sorted(spans.values())
    assert ordered[0][0] >= 5
    assert ordered[-1][1] <= PAGE_HEIGHT - 5
    # Characters leave air inside their squares: squares may overlap by a hair, ink does not.
    assert all(lower[0] - upper[1] > -0.2 for upper, lower in pairwise(ordered))


def test_the_code_is_at_least_30_mm_and_stands_in_large_type_under_the_qr(facts: PlateFacts) -> None:
    layout = lay_out(facts, FONTS)
    side = layout.module * len(layout.qr)
    assert side >= 60
    (code,) = [run for run in layout.runs if run.text == facts.code]
    assert code.size_pt >= 40
    assert layout.qr_y + side < code.baseline - 0.73 * code.size_pt * MM_PER_PT


def test_the_picture_reads_as_the_address_and_its_quiet_zone_is_white(facts: PlateFacts) -> None:
    picture = Image.open(BytesIO(draw_plate_png(facts, FONTS)))
    assert picture.size == (1748, 2480)
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [facts.url]
    layout = lay_out(facts, FONTS)
    dots = 300 / 25.4
    side, quiet = layout.module * len(layout.qr) * dots, QUIET_ZONE * layout.module * dots
    left, top = layout.qr_x * dots, layout.qr_y * dots
    box = (left - quiet + 1, top - quiet + 1, left + side + quiet - 1, top + side + quiet - 1)
    zone = picture.crop(tuple(round(edge) for edge in box))  # type: ignore[arg-type]  # four whole numbers
    dark = zone.point(lambda grey: 255 - grey).getbbox()
    assert dark is not None
    assert min(dark[0], dark[1], zone.width - dark[2], zone.height - dark[3]) >= quiet - 3


def test_the_picture_is_the_same_on_each_run(plain: PlateFacts) -> None:
    assert draw_plate_png(plain, FONTS) == draw_plate_png(plain, FONTS)


def test_only_black_white_and_their_edges_are_drawn_and_the_demonstration_says_so_in_a_black_band(
    plain: PlateFacts,
) -> None:
    band = (160, 80, 1580, 165)
    marked = Image.open(BytesIO(draw_plate_png(replace(plain, is_demonstration=True), FONTS)))
    assert marked.mode == "L"
    assert sum(marked.crop(band).histogram()[:64]) > 0.6 * 1420 * 85
    unmarked = Image.open(BytesIO(draw_plate_png(plain, FONTS)))
    assert unmarked.crop(band).getextrema() == (255, 255)


@pytest.mark.parametrize("field", ["sign_name", "address", "authority"])
def test_an_uncovered_character_stops_the_plate(plain: PlateFacts, field: str) -> None:
    facts = replace(plain, **{field: "面🍜馆"})  # type: ignore[arg-type]  # a text field by name
    with pytest.raises(UncoveredCharacterError, match=r"U\+1F35C"):
        draw_plate_png(facts, FONTS)


def test_a_name_that_cannot_fit_is_refused_with_its_length(plain: PlateFacts) -> None:
    with pytest.raises(TooLongError, match="300 个字"):
        lay_out(replace(plain, sign_name="面" * 300), FONTS)


@settings(max_examples=100, deadline=None)
@given(st.text(SIGNS, min_size=1, max_size=60).filter(lambda text: text.strip() != ""), st.integers(20, 120))
def test_lines_keep_all_characters_and_stay_within_the_width(text: str, width: int) -> None:
    steps = [Step(20, 2), Step(6, 60)]
    size, lines = fit(text, FONTS.bold, width, steps)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(FONTS.bold.width(line) * size * MM_PER_PT <= width + 1e-6 for line in lines)
    assert all(line for line in lines)


def test_words_are_kept_whole_and_punctuation_stays_with_what_it_belongs_to() -> None:
    _, lines = fit("The Coffee Bean and Tea Leaf", FONTS.bold, 60, [Step(24, 4)])
    words = [word for line in lines for word in line.split()]
    assert words == ["The", "Coffee", "Bean", "and", "Tea", "Leaf"]
    _, lines = fit("海鲜大排档（北河镇店）、旗舰", FONTS.bold, 45, [Step(24, 4)])
    assert len(lines) > 1
    assert not any(line[0] in "）、" or line[-1] == "（" for line in lines)


def test_lines_are_about_equally_long() -> None:
    _, lines = fit("一二三四五六七八九十一二", FONTS.bold, 11 * 24 * MM_PER_PT, [Step(24, 2)])
    assert lines == ["一二三四五六", "七八九十一二"]
