"""Promises of the sheets for a printer: plates where the list says, cut along marks, and nothing else."""

import csv
import io
import subprocess
from dataclasses import replace
from hashlib import shake_128
from pathlib import Path

import openpyxl
import pytest
import zxingcpp
from PIL import Image, ImageChops

from inspections.surface.fonts import print_fonts
from inspections.units.codes import new_codes
from publishing.plates.contents import HEADERS, contents_rows, write_contents, write_table
from publishing.plates.forms import FORMS, PER_FILE, TRIMMED, PrintForm, position_of
from publishing.plates.layout import PAGE_HEIGHT, PAGE_WIDTH, lay_out
from publishing.plates.pdf import files_of, plates_pdf
from publishing.plates.plate import PlateFacts
from publishing.plates.printing import write_print

FONTS = print_fonts()
DOTS = 150
SHEETS = [form for form in FORMS.values() if form.is_cut]


def _many(plain: PlateFacts, count: int) -> list[PlateFacts]:
    codes = new_codes(count, random_bytes=lambda size: shake_128(b"plates").digest(size))
    return [replace(plain, code=code, sign_name=f"第{number}面馆") for number, code in enumerate(codes)]


def _pages(pdf: Path) -> list[Image.Image]:
    target = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-gray", "-r", str(DOTS), pdf, target], check=True)
    return [Image.open(path) for path in sorted(pdf.parent.glob(f"{target.name}-*.pgm"))]


def _dots(mm: float) -> int:
    return round(mm * DOTS / 25.4)


def _plate_of(page: Image.Image, form: PrintForm, spot: int) -> Image.Image:
    x, y, _ = form.spots[spot]
    width, height = PAGE_WIDTH * form.scale, PAGE_HEIGHT * form.scale
    return page.crop((_dots(x), _dots(y), _dots(x + width), _dots(y + height)))


@pytest.fixture(params=FORMS.values(), ids=list(FORMS))
def form(request: pytest.FixtureRequest) -> PrintForm:
    """Each form in turn."""
    found: PrintForm = request.param
    return found


@pytest.mark.packages
def test_every_plate_lies_where_the_list_says_and_its_code_reads(
    form: PrintForm, plain: PlateFacts, tmp_path: Path
) -> None:
    plates = _many(plain, form.per_sheet * 2 + 1)
    written = write_print(plates, tmp_path / "sheet.pdf", form=form, batch_id=12)
    pages = _pages(written[0])
    assert len(pages) == 3
    for page in pages:
        # Poppler rounds a page up to whole dots.
        assert abs(page.width - form.width * DOTS / 25.4) < 1.1
        assert abs(page.height - form.height * DOTS / 25.4) < 1.1
    spots = {spot.label: number for number, spot in enumerate(form.spots)}
    for row in contents_rows(plates, form, written[:1]):
        cells = dict(zip(HEADERS, row, strict=True))
        plate = _plate_of(pages[int(cells["页"]) - 1], form, spots[cells["位置"]])
        assert [code.text for code in zxingcpp.read_barcodes(plate)] == [cells["二维码网址"]]
        assert cells["门店码"] in cells["二维码网址"]


@pytest.mark.packages
@pytest.mark.parametrize("form", SHEETS, ids=[form.key for form in SHEETS])
def test_outside_the_plates_are_the_crop_marks_and_one_small_line(
    form: PrintForm, plain: PlateFacts, tmp_path: Path
) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(plates_pdf(_many(plain, form.per_sheet), FONTS, form, "公示牌第 12 批"))
    (page,) = _pages(path)
    for mark in form.crop_marks:
        x, y = mark.x + mark.width / 2, mark.y + mark.height / 2
        around = page.crop((_dots(x) - 2, _dots(y) - 2, _dots(x) + 3, _dots(y) + 3))
        assert min(around.tobytes()) < 128, mark
        assert 0 < mark.x < mark.x + mark.width < form.width
        assert 0 < mark.y < mark.y + mark.height < form.height
        page.paste(
            255,
            (
                _dots(mark.x) - 2,
                _dots(mark.y) - 2,
                _dots(mark.x + mark.width) + 3,
                _dots(mark.y + mark.height) + 3,
            ),
        )
    for spot in form.spots:
        width, height = PAGE_WIDTH * form.scale, PAGE_HEIGHT * form.scale
        page.paste(255, (_dots(spot.x), _dots(spot.y), _dots(spot.x + width), _dots(spot.y + height)))
    left, top, right, bottom = ImageChops.invert(page).getbbox() or (0, 0, 0, 0)
    assert top > _dots(form.height - 6), "something else is printed outside the plates"
    assert bottom < page.height
    assert (left + right) // 2 in range(page.width // 2 - 4, page.width // 2 + 5)


@pytest.mark.parametrize("form", SHEETS, ids=[form.key for form in SHEETS])
def test_every_line_of_cutting_has_a_mark_at_both_ends_and_no_plates_overlap(
    form: PrintForm,
) -> None:
    width, height = PAGE_WIDTH * form.scale, PAGE_HEIGHT * form.scale
    upright = [mark.x + mark.width / 2 for mark in form.crop_marks if mark.height > mark.width]
    level = [mark.y + mark.height / 2 for mark in form.crop_marks if mark.width > mark.height]
    for spot in form.spots:
        for x in (spot.x, spot.x + width):
            assert sum(abs(x - mark) < 0.01 for mark in upright) == 2
        for y in (spot.y, spot.y + height):
            assert sum(abs(y - mark) < 0.01 for mark in level) == 2
    for number, one in enumerate(form.spots):
        for other in form.spots[number + 1 :]:
            assert abs(one.x - other.x) >= width - 0.01 or abs(one.y - other.y) >= height - 0.01


def test_in_every_form_the_code_is_at_least_30_mm_and_all_type_can_be_read(
    form: PrintForm, plain: PlateFacts
) -> None:
    layout = lay_out(plain, FONTS)
    assert layout.module * len(layout.qr) * form.scale >= 30
    assert min(run.size_pt for run in layout.runs) * form.scale >= 6


@pytest.mark.packages
def test_the_small_line_says_print_sheet_and_finished_size(plain: PlateFacts, tmp_path: Path) -> None:
    written = write_print(_many(plain, 5), tmp_path / "sheet.pdf", form=FORMS["a4-4"], batch_id=12)
    done = subprocess.run(["pdftotext", "-enc", "UTF-8", written[0], "-"], check=True, capture_output=True)
    first, second = ["".join(page.split()) for page in done.stdout.decode().split("\f")[:2]]
    assert first.endswith("公示牌第12批第1张，共2张成品91.8×130.2mm")
    assert "第2张，共2张" in second


def test_a_print_of_several_files_fills_each_before_the_next(plain: PlateFacts) -> None:
    form = FORMS["a4-4"]
    assert PER_FILE % form.per_sheet == 0
    assert PER_FILE % FORMS["a4-2"].per_sheet == 0
    last, first = position_of(form, PER_FILE), position_of(form, PER_FILE + 1)
    assert (last.file, last.page, last.spot.label) == (1, PER_FILE // 4, "右下")
    assert (first.file, first.page, first.spot.label) == (2, 1, "左上")
    files = files_of(Path("street.pdf"), 1001)
    assert [path.name for path in files] == ["street-001.pdf", "street-002.pdf", "street-003.pdf"]
    rows = list(contents_rows(_many(plain, PER_FILE + 1), form, files))
    assert rows[-1][4:7] == ("street-002.pdf", "1", "左上")


def test_the_list_is_a_csv_and_a_workbook_that_say_the_same(plain: PlateFacts, tmp_path: Path) -> None:
    plates = _many(plain, 3)
    csv_file, workbook = write_contents(plates, TRIMMED, [tmp_path / "street.pdf"])
    assert [csv_file.name, workbook.name] == ["street-list.csv", "street-list.xlsx"]
    text = csv_file.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf"), "a table program would show Chinese as nonsense"
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert rows[0] == list(HEADERS)
    assert [row[1] for row in rows[1:]] == [facts.code for facts in plates]
    sheet = openpyxl.load_workbook(workbook).active
    assert sheet is not None
    assert [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)] == rows
    assert sorted(path.name for path in tmp_path.iterdir()) == ["street-list.csv", "street-list.xlsx"]


def test_a_name_that_looks_like_a_formula_stays_a_name(tmp_path: Path) -> None:
    write_table(tmp_path / "list.csv", ["单位"], [["=1+1"], ["@面馆"]])
    assert tmp_path.joinpath("list.csv").read_text(encoding="utf-8-sig").split() == [
        "单位",
        "'=1+1",
        "'@面馆",
    ]
    write_table(tmp_path / "list.xlsx", ["单位"], [["=1+1"]])
    sheet = openpyxl.load_workbook(tmp_path / "list.xlsx").active
    assert sheet is not None
    assert sheet["A2"].data_type == "s"


def test_the_same_sheets_give_the_same_bytes(form: PrintForm, plain: PlateFacts) -> None:
    plates = _many(plain, 3)
    assert plates_pdf(plates, FONTS, form, "批") == plates_pdf(plates, FONTS, form, "批")
