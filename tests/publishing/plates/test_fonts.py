"""Promises of the plates' fonts: shipped unmodified, complete for GB 18030 level 2, never an empty box."""

import hashlib
import tomllib
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from inspections.surface.fonts import (
    FONT_DIRECTORY,
    FontFile,
    UncoveredCharacterError,
    composed,
    print_fonts,
)

LEVEL_2 = Path(__file__).with_name("gb18030_level2.txt")
RARE = "𠮷"


@pytest.fixture
def rare_directory(tmp_path: Path) -> Path:
    """A directory with a font that draws one character of Extension B, under the name of Hanazono's file."""
    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    pen.lineTo((900, 0))
    pen.lineTo((900, 800))
    pen.closePath()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "rare"])
    builder.setupCharacterMap({ord(RARE): "rare"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "rare": pen.glyph()})
    builder.setupHorizontalMetrics({".notdef": (500, 0), "rare": (1000, 100)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "HanaMinB", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "HanaMinB.ttf")
    return tmp_path


def level_2() -> set[int]:
    """The code points of the list."""
    points: set[int] = set()
    for line in LEVEL_2.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, _, last = line.partition("-")
            points.update(range(int(first, 16), int(last or first, 16) + 1))
    return points


def test_every_shipped_font_is_the_one_that_the_manifest_names() -> None:
    listed = tomllib.loads((FONT_DIRECTORY / "MANIFEST.toml").read_text(encoding="utf-8"))["font"]
    assert {entry["file"] for entry in listed} == {path.name for path in FONT_DIRECTORY.glob("*.ttf")}
    for entry in listed:
        content = (FONT_DIRECTORY / entry["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert entry["licence"] == "OFL-1.1"
        assert "SIL Open Font License" in (FONT_DIRECTORY / entry["licence_file"]).read_text(encoding="utf-8")
        assert {"name", "version", "source"} <= entry.keys()


def test_the_list_of_level_2_is_complete() -> None:
    points = level_2()
    assert len(points) == 27_782
    gb2312 = {
        bytes([a, b]).decode("gb2312") for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF - 5 * (a == 0xD7))
    }
    assert len(gb2312) == 6_763
    assert {ord(character) for character in gb2312} <= points


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_the_shipped_font_draws_every_character_of_level_2(weight: str) -> None:
    font = getattr(print_fonts(Path("/nowhere")), weight).fonts[0]
    assert [f"U+{point:04X}" for point in sorted(level_2()) if not font.covers(chr(point))] == []
    with TTFont(font.path, lazy=True) as tables:
        offsets, numbers, glyphs = tables["loca"], tables.getReverseGlyphMap(), tables.getBestCmap()
        starts = {point: numbers[glyphs[point]] for point in level_2()}
        blank = [f"U+{point:04X}" for point, start in starts.items() if offsets[start] == offsets[start + 1]]
    assert blank == []


def test_punctuation_figures_and_latin_of_the_standard_are_covered() -> None:
    fonts = print_fonts(Path("/nowhere"))
    both = "".join(
        bytes([a, b]).decode("gb2312", "ignore") for a in range(0xA1, 0xA9) for b in range(0xA1, 0xFF)
    )
    for typeface in (fonts.regular, fonts.bold):
        assert {character for character in both if typeface.font_for(character) is None} <= {"≒"}
        typeface.require("The Coffee Bean & Tea Leaf · Café №5（一）#3-102、①")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"{RARE}野家", "“𠮷”（U+20BB7）"),
        ("面馆🍜", "“🍜”（U+1F35C）"),
        ("面\u200b馆", "看不见的字符 U+200B"),
        ("面\ufeff馆", "看不见的字符 U+FEFF"),
        ("面\ue000馆", "看不见的字符 U+E000"),
        ("葛\U000e0100", "看不见的字符 U+E0100"),
    ],
)
def test_an_uncovered_character_is_named_with_its_code_point(text: str, named: str) -> None:
    fonts = print_fonts(Path("/nowhere"))
    with pytest.raises(UncoveredCharacterError) as refusal:
        fonts.bold.require(text)
    assert named in str(refusal.value)
    assert "fonts-hanazono" in str(refusal.value)


def test_a_rarer_character_is_drawn_by_the_further_font_and_by_no_other(rare_directory: Path) -> None:
    bold = print_fonts(rare_directory).bold
    bold.require(f"新{RARE}野家")
    assert [(font.family, text) for font, text in bold.runs(f"新{RARE}{RARE}野家")] == [
        ("Noto Sans SC", "新"),
        ("HanaMinB", RARE * 2),
        ("Noto Sans SC", "野家"),
    ]
    assert bold.width(f"新{RARE}野家") == 4


def test_a_glyph_that_is_the_missing_one_counts_as_missing(rare_directory: Path) -> None:
    path, broken = rare_directory / "HanaMinB.ttf", rare_directory / "broken.ttf"
    with TTFont(path) as font:
        table = DefaultTable("cmap")
        # The last four bytes of the table are the first glyph of its only group: glyph 0 draws a missing one.
        table.data = font.reader["cmap"][:-4] + bytes(4)
        font["cmap"] = table
        font.save(broken)
    assert FontFile(path, "HanaMinB", 400).covers(RARE)
    assert not FontFile(broken, "HanaMinB", 400).covers(RARE)


def test_accents_join_their_letters_and_compatibility_ideographs_stay_themselves() -> None:
    assert composed("Cafe\u0301 \uf92c") == "Café \uf92c"
