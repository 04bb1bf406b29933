"""Promises of the rarest characters: drawn by Debian's font where it is, refused where it is not."""

import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from inspections.surface.fonts import RARE_DIRECTORY, PrintFonts, UncoveredCharacterError, print_fonts
from publishing.plates.pdf import plates_pdf
from publishing.plates.picture import draw_plate_png
from publishing.plates.plate import PlateFacts

# Of CJK extensions B and D (U+20BB7, U+20BB8, U+2B740); the shipped fonts have none of them.
RARE = ("𠮷", "𠮸", "𫝀")


@pytest.fixture
def with_package() -> PrintFonts:
    """The fonts of a machine that has Debian's fonts-hanazono."""
    if not (RARE_DIRECTORY / "HanaMinB.ttf").exists():
        pytest.fail("缺少 Debian 软件包 fonts-hanazono：请先运行 make packages。")
    return print_fonts()


def _picture(facts: PlateFacts, fonts: PrintFonts) -> Image.Image:
    return Image.open(BytesIO(draw_plate_png(facts, fonts))).convert("L")


@pytest.mark.packages
def test_with_the_package_rare_characters_are_drawn_each_as_itself(
    plain: PlateFacts, with_package: PrintFonts
) -> None:
    pictures = [_picture(replace(plain, sign_name=f"{sign}野家"), with_package) for sign in RARE]
    for one in range(len(pictures)):
        for other in range(one):
            assert ImageChops.difference(pictures[one], pictures[other]).getbbox() is not None


@pytest.mark.packages
def test_with_the_package_the_print_embeds_its_font_and_keeps_the_text(
    plain: PlateFacts, with_package: PrintFonts, tmp_path: Path
) -> None:
    printed = tmp_path / "rare.pdf"
    printed.write_bytes(plates_pdf([replace(plain, sign_name=f"{RARE[0]}野家")], with_package))
    text = subprocess.run(["pdftotext", "-enc", "UTF-8", printed, "-"], check=True, capture_output=True)
    assert f"{RARE[0]}野家" in text.stdout.decode("utf-8").replace("\n", "")
    fonts = subprocess.run(["pdffonts", printed], check=True, capture_output=True, text=True).stdout
    (rare,) = [line for line in fonts.splitlines() if "HanaMin" in line]
    assert rare.split()[-5:-2] == ["yes", "yes", "yes"]


@pytest.mark.parametrize("sign", RARE)
def test_without_the_package_the_plate_is_refused_and_the_package_named(plain: PlateFacts, sign: str) -> None:
    without = print_fonts(Path("/nowhere"))
    facts = replace(plain, sign_name=f"{sign}野家")
    with pytest.raises(UncoveredCharacterError, match="fonts-hanazono"):
        plates_pdf([facts], without)
    with pytest.raises(UncoveredCharacterError, match="fonts-hanazono"):
        draw_plate_png(facts, without)
