"""Promises of the QR code: it always reads, also dirty and small, and is the same on each run."""

from io import BytesIO

import pytest
import typst
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from inspections.surface.qr import QUIET_ZONE, qr_rows, qr_svg
from inspections.units.codes import new_codes, storefront_url
from publishing.plates.qr import qr_image, qr_png

HOSTS = [
    "https://a.cn",
    "https://spgs.example.gov.cn",
    "http://sub.area.example-district.gov.cn:8080/food",
    "https://餐饮.example.cn",
]


def seeded(seed: int, count: int) -> list[str]:
    """Codes that are the same on each run."""
    return new_codes(count, random_bytes=lambda size: _bytes(seed, size))


def _bytes(seed: int, size: int) -> bytes:
    return b"".join(
        ((seed * 1_000_003 + n) * 2_654_435_761 % 2**56).to_bytes(7, "big") for n in range(size // 7)
    )


def read(picture: Image.Image) -> list[str]:
    """What a reader sees in a picture."""
    return [found.text for found in zxingcpp.read_barcodes(picture)]


@pytest.mark.parametrize("host", HOSTS)
def test_every_code_is_read_as_exactly_its_address(host: str) -> None:
    for code in seeded(len(host), 150):
        url = storefront_url(host, code)
        assert read(qr_image(url, 3)) == [url]


def test_a_png_has_its_quiet_zone_and_reads() -> None:
    url = storefront_url(HOSTS[1], "7K3M-92QF")
    picture = Image.open(BytesIO(qr_png(url, 12)))
    assert read(picture.convert("L")) == [url]
    quiet = QUIET_ZONE * 12
    dark = picture.convert("L").point(lambda grey: 255 - grey).getbbox()
    assert dark == (quiet, quiet, picture.width - quiet, picture.height - quiet)


def test_svg_codes_read_when_something_else_draws_them() -> None:
    urls = [storefront_url(HOSTS[1], code) for code in seeded(7, 120)]
    boxes = "".join(
        f'#image(bytes(sys.inputs.at("{n}")), format: "svg", width: 40mm)\n' for n in range(len(urls))
    )
    compiler = typst.Compiler(
        b"#set page(width: 40mm, height: 40mm, margin: 0mm)\n" + boxes.encode(),
        sys_inputs={str(number): qr_svg(url) for number, url in enumerate(urls)},
        ignore_system_fonts=True,
    )
    pages = compiler.compile(format="png", ppi=150)
    assert isinstance(pages, list)
    assert [read(Image.open(BytesIO(page)).convert("L")) for page in pages] == [[url] for url in urls]


def test_svg_and_png_show_the_same_modules() -> None:
    url = storefront_url(HOSTS[1], "7K3M-92QF")
    rows = qr_rows(url)
    picture = qr_image(url, 1)
    seen = [
        [picture.getpixel((x + QUIET_ZONE, y + QUIET_ZONE)) == 0 for x in range(len(rows))]
        for y in range(len(rows))
    ]
    assert seen == rows
    drawn = Image.new("L", picture.size, 255)
    for part in qr_svg(url).split(' d="')[2].split('"')[0].split("M")[1:]:
        x, rest = part.split(" ")
        y, rest = rest.split("h")
        width = rest.split("v")[0]
        ImageDraw.Draw(drawn).line((int(x), int(y), int(x) + int(width) - 1, int(y)), fill=0)
    assert drawn.tobytes() == picture.tobytes()


def test_the_same_address_gives_the_same_bytes() -> None:
    url = storefront_url(HOSTS[1], "7K3M-92QF")
    assert qr_png(url) == qr_png(url)
    assert qr_svg(url) == qr_svg(url)


def _worn(picture: Image.Image) -> Image.Image:
    """A code on a wall for years, seen by a poor camera: a stain, askew, blurred, compressed."""
    width = picture.width
    draw = ImageDraw.Draw(picture)
    draw.ellipse((width * 0.55, width * 0.5, width * 0.7, width * 0.64), fill=128)
    turned = picture.rotate(23, expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC)
    small = turned.resize((260, 260), Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(0.8))
    file = BytesIO()
    small.save(file, "JPEG", quality=40)
    return Image.open(file)


def test_a_stained_blurred_and_tilted_code_still_reads() -> None:
    for code in seeded(3, 60):
        url = storefront_url(HOSTS[1], code)
        assert read(_worn(qr_image(url, 12))) == [url]
