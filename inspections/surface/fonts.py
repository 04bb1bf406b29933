"""The fonts of everything printed: which characters they cover, how wide each is, and which draws it.

A missing glyph would be printed as an empty box without any warning, so that coverage is read from
the fonts' own tables before anything is drawn.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.errors import HouseError

FONT_DIRECTORY = PACKAGE_ROOT / "static" / "fonts"
# Debian's fonts-hanazono: the rarer characters of CJK extensions B to F, where the package is installed.
RARE_DIRECTORY = Path("/usr/share/fonts/truetype/hanazono")

# Controls, format characters, combining marks, private and unassigned ones: nothing that can be drawn alone.
_UNDRAWABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zl", "Zp"}
_ACCENTED = re.compile(r"[A-Za-z][\u0300-\u036f]+")


class UncoveredCharacterError(HouseError):
    """A text holds characters that no font at hand can draw."""

    def __init__(self, text: str, characters: Sequence[str]) -> None:
        named = "、".join(
            f"“{character}”（U+{ord(character):04X}）"
            if unicodedata.category(character) not in _UNDRAWABLE
            else f"看不见的字符 U+{ord(character):04X}"
            for character in characters
        )
        super().__init__(
            f"“{text}”里有字体画不出的字符：{named}。"
            "请核对名册里的写法；确是生僻字的，安装 Debian 软件包 fonts-hanazono 后再试。"
        )
        self.characters = tuple(characters)


@dataclass(frozen=True)
class FontFile:
    """One font file, as the painters name it; its tables are read when first asked for."""

    path: Path
    family: str
    weight: int

    @cached_property
    def _widths(self) -> dict[int, float]:
        with TTFont(self.path, lazy=True) as font:
            em = font["head"].unitsPerEm
            metrics = font["hmtx"].metrics
            # The reader leaves out characters that the table sends to the glyph of missing ones.
            return {point: metrics[glyph][0] / em for point, glyph in font.getBestCmap().items()}

    def covers(self, character: str) -> bool:
        """Whether the font has a glyph of its own for the character."""
        return ord(character) in self._widths and unicodedata.category(character) not in _UNDRAWABLE

    def width(self, text: str) -> float:
        """The width of a text in the font, in units of the type size."""
        return sum(self._widths[ord(character)] for character in text)


@dataclass(frozen=True)
class Typeface:
    """Fonts in the order in which they are asked for a character: the shipped one, then rarer ones."""

    fonts: tuple[FontFile, ...]

    @cached_property
    def _known(self) -> dict[str, tuple[FontFile | None, float]]:
        return {}

    def _look_up(self, character: str) -> tuple[FontFile | None, float]:
        known = self._known.get(character)
        if known is None:
            font = next((font for font in self.fonts if font.covers(character)), None)
            known = self._known[character] = (font, font.width(character) if font else 0.0)
        return known

    def font_for(self, character: str) -> FontFile | None:
        """The first font that can draw the character."""
        return self._look_up(character)[0]

    def require(self, text: str) -> None:
        """Stop where a character of the text cannot be drawn."""
        missing = [character for character in dict.fromkeys(text) if self.font_for(character) is None]
        if missing:
            raise UncoveredCharacterError(text, missing)

    def runs(self, text: str) -> list[tuple[FontFile, str]]:
        """The text split into stretches of one font; every character must be covered."""
        chosen = []
        for character in text:
            font = self.font_for(character)
            if font is None:
                raise UncoveredCharacterError(text, [character])
            chosen.append((font, character))
        return [
            (font, "".join(character for _, character in stretch))
            for font, stretch in groupby(chosen, key=lambda pair: pair[0])
        ]

    def width(self, text: str) -> float:
        """The width of a text, in units of the type size; every character must be covered."""
        return sum(self._look_up(character)[1] for character in text)


@dataclass(frozen=True)
class PrintFonts:
    """The two weights that plates and papers are set in."""

    regular: Typeface
    bold: Typeface

    @property
    def directories(self) -> tuple[Path, ...]:
        """Where the files lie, for a painter that looks fonts up by family."""
        fonts = self.regular.fonts + self.bold.fonts
        return tuple(dict.fromkeys(font.path.parent for font in fonts))


@cache
def print_fonts(rare_directory: Path = RARE_DIRECTORY) -> PrintFonts:
    """The shipped fonts, followed by those for rarer characters that this machine has."""
    rare = tuple(
        FontFile(path, path.stem, 400)
        for path in (rare_directory / "HanaMinA.ttf", rare_directory / "HanaMinB.ttf")
        if path.exists()
    )
    regular = FontFile(FONT_DIRECTORY / "NotoSansSC_400Regular.ttf", "Noto Sans SC", 400)
    bold = FontFile(FONT_DIRECTORY / "NotoSansSC_700Bold.ttf", "Noto Sans SC", 700)
    return PrintFonts(Typeface((regular, *rare)), Typeface((bold, *rare)))


def composed(text: str) -> str:
    """Letters and their accents as one character each; nothing else is touched.

    A full normalisation would replace compatibility ideographs that GB 18030 keeps apart.
    """
    return _ACCENTED.sub(lambda found: unicodedata.normalize("NFC", found.group()), text)
