"""QR codes of storefront addresses as pictures: the same bytes on each run."""

from io import BytesIO

from PIL import Image

from inspections.surface.qr import QUIET_ZONE, qr_rows


def qr_image(url: str, module_px: int) -> Image.Image:
    """The code with its quiet zone as a grey picture, each module a square of `module_px` pixels."""
    rows = qr_rows(url)
    size = len(rows) + 2 * QUIET_ZONE
    picture = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows, QUIET_ZONE):
        for x, dark in enumerate(row, QUIET_ZONE):
            if dark:
                picture.putpixel((x, y), 0)
    return picture.resize((size * module_px, size * module_px), Image.Resampling.NEAREST)


def qr_png(url: str, module_px: int = 12) -> bytes:
    """The code with its quiet zone as a PNG in black and white."""
    file = BytesIO()
    qr_image(url, module_px).convert("1").save(file, "PNG", optimize=True)
    return file.getvalue()
