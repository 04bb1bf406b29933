"""Promises of the print: each page reads, its text comes out unbroken, many plates take bounded memory."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from inspections.surface.fonts import UncoveredCharacterError, print_fonts
from inspections.units.codes import new_codes
from publishing.plates.pdf import PlatePrint, plates_pdf, write_plate_pdfs
from publishing.plates.plate import PlateFacts

FONTS = print_fonts()


def _pages(pdf: Path, dots: int = 100) -> list[Image.Image]:
    target = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-gray", "-r", str(dots), pdf, target], check=True)
    return [Image.open(path) for path in sorted(pdf.parent.glob(f"{target.name}-*.pgm"))]


def _text(pdf: Path) -> list[str]:
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", pdf, "-"], check=True, capture_output=True)
    return done.stdout.decode("utf-8").split("\f")[:-1]


def _many(plain: PlateFacts, count: int) -> list[PlateFacts]:
    codes = new_codes(count, random_bytes=lambda size: bytes(n * 37 % 251 for n in range(size)))
    return [replace(plain, code=code, sign_name=f"第{number}面馆") for number, code in enumerate(codes)]


@pytest.fixture
def printed(tmp_path: Path, difficult: list[PlateFacts]) -> Path:
    """All difficult plates in one print."""
    path = tmp_path / "plates.pdf"
    path.write_bytes(plates_pdf(difficult, FONTS))
    return path


@pytest.mark.packages
def test_every_page_is_a5_and_its_code_reads(printed: Path, difficult: list[PlateFacts]) -> None:
    pages = _pages(printed)
    assert [round(page.width / 100 * 25.4) for page in pages] == [148] * len(difficult)
    assert [round(page.height / 100 * 25.4) for page in pages] == [210] * len(difficult)
    read = [[found.text for found in zxingcpp.read_barcodes(page)] for page in pages]
    assert read == [[facts.url] for facts in difficult]


@pytest.mark.packages
def test_name_and_code_come_out_unbroken_when_the_text_is_extracted(
    printed: Path, difficult: list[PlateFacts]
) -> None:
    for text, facts in zip(_text(printed), difficult, strict=True):
        lines = text.splitlines()
        assert facts.code in lines
        assert f"网址应以 {facts.public_url}/s/ 开头" in text.replace("\n", "")
        for words in (facts.sign_name, facts.address, facts.authority):
            assert words.replace(" ", "") in text.replace("\n", "").replace(" ", "")
        assert ("演示：" in text) == facts.is_demonstration
    assert "老灶台重庆小面" in _text(printed)[0].splitlines()
    assert "M·Stand咖啡（7号店）Since1998" in _text(printed)[7].replace("\n", "")


@pytest.mark.packages
def test_the_code_is_drawn_as_shapes_and_all_fonts_are_embedded(printed: Path) -> None:
    images = subprocess.run(["pdfimages", "-list", printed], check=True, capture_output=True, text=True)
    assert len(images.stdout.splitlines()) == 2
    fonts = subprocess.run(["pdffonts", printed], check=True, capture_output=True, text=True)
    rows = fonts.stdout.splitlines()[2:]
    assert rows
    assert all(row.split()[-5:-2] == ["yes", "yes", "yes"] for row in rows)


def test_the_same_plates_give_the_same_bytes(plain: PlateFacts) -> None:
    assert plates_pdf([plain], FONTS) == plates_pdf([plain], FONTS)


def test_an_uncovered_character_stops_the_print_before_a_file_is_written(
    tmp_path: Path, plain: PlateFacts
) -> None:
    with pytest.raises(UncoveredCharacterError):
        write_plate_pdfs([replace(plain, sign_name="面🍜馆")], tmp_path / "plates.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.packages
def test_more_than_one_batch_becomes_numbered_files_with_every_plate_in_order(
    tmp_path: Path, plain: PlateFacts
) -> None:
    plates = _many(plain, 25)
    done: list[int] = []
    target, printed = tmp_path / "out" / "street.pdf", PlatePrint(per_file=10)
    files = write_plate_pdfs(plates, target, progress=done.append, printed=printed)
    assert [path.name for path in files] == ["street-001.pdf", "street-002.pdf", "street-003.pdf"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [path.name for path in files]
    assert sorted(done) == [5, 10, 10]
    texts = [text for path in files for text in _text(path)]
    assert [facts.code in text for text, facts in zip(texts, plates, strict=True)] == [True] * 25


@pytest.mark.packages
def test_hundreds_of_printed_codes_read(tmp_path: Path, plain: PlateFacts) -> None:
    plates = _many(plain, 200)
    (path,) = write_plate_pdfs(plates, tmp_path / "many.pdf")
    read = [[found.text for found in zxingcpp.read_barcodes(page)] for page in _pages(path, 60)]
    assert read == [[facts.url] for facts in plates]
