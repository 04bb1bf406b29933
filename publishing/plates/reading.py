"""Reading the codes in photos of doors. The only module that knows zxing-cpp."""

import struct
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from inspections.record.errors import HouseError

# A telephone of 200 megapixels writes so many as JPEG, which is read at a fraction; others are read whole.
MOST_PIXELS = 210_000_000
MOST_PIXELS_READ_WHOLE = 60_000_000
LARGEST_FILE = 100 * 1024 * 1024
# A photo is read at this size first: a plate fills a good part of it, and fine noise is smoothed away.
_COMFORTABLE = 2_400
_PICTURES = ".jpg .jpeg .jpe .png .webp .bmp"
_OTHERS = ".heic .heif .avif .tif .tiff .gif .pdf .mp4 .mov"
_ENDINGS = frozenset(f"{_PICTURES} {_OTHERS}".split())
_QR_CODES = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP")
_EXPORT = "请在手机或电脑上另存为 JPEG 后再试"
# What other files begin with, so that the sentence says what the file is.
_OTHER_FILES = {
    b"%PDF": f"是 PDF 文件；{_EXPORT}",
    b"PK\x03\x04": "是压缩包或 Office 文件；请解开后给出里面的照片",
    b"Rar!": "是压缩包；请解开后给出里面的照片",
    b"7z\xbc\xaf": "是压缩包；请解开后给出里面的照片",
    b"<": "是网页或 SVG 文件；请给出照片",
}


class PhotoError(HouseError):
    """A file that is no photo that can be read."""


@dataclass(frozen=True)
class PhotoRead:
    """The texts of the codes in one photo, or why it cannot be read."""

    path: Path
    texts: tuple[str, ...] = ()
    fault: str = ""


def photos_below(path: Path) -> list[Path]:
    """The photo itself, or the photos of a folder and its folders, by name."""
    if path.is_dir():
        found = (one for one in path.rglob("*") if one.is_file() and one.suffix.lower() in _ENDINGS)
        photos = sorted(one for one in found if not one.name.startswith("."))
        if not photos:
            raise PhotoError(f"文件夹 {path} 里没有照片（JPEG、PNG 等）；请检查路径。")
        return photos
    return [path]


def read_photo(path: Path) -> PhotoRead:
    """The texts of all QR codes in a photo; a file that is no photo gives a sentence instead."""
    try:
        return PhotoRead(path, tuple(dict.fromkeys(_texts(_picture(path)))))
    except HouseError as refusal:
        return PhotoRead(path, fault=str(refusal))


def _picture(path: Path) -> Image.Image:
    """The photo upright and in grey."""
    content = _content(path)
    try:
        with warnings.catch_warnings():
            # Telephones write more pixels than the library takes for harmless; the limit is ours, below.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            warnings.simplefilter("ignore", UserWarning)
            with Image.open(BytesIO(content), formats=_FORMATS) as picture:
                is_jpeg = picture.format in {"JPEG", "MPO"}
                most = MOST_PIXELS if is_jpeg else MOST_PIXELS_READ_WHOLE
                if picture.width * picture.height > most:
                    raise PhotoError(_too_large(path, most))
                picture.draft("L", (_COMFORTABLE, _COMFORTABLE))
                picture.load()
                return ImageOps.exif_transpose(picture).convert("L")
    except Image.DecompressionBombError as error:
        raise PhotoError(_too_large(path, MOST_PIXELS_READ_WHOLE)) from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{path.name} 不是照片，或是认不出的格式；{_EXPORT}。") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise PhotoError(f"{path.name} 的图片内容不完整，读不出来；请重新复制或重拍。") from error


def _content(path: Path) -> bytes:
    if not path.exists():
        raise PhotoError(f"找不到文件 {path}；请检查路径。")
    if not path.is_file():
        raise PhotoError(f"{path} 不是普通文件；请给出照片。")
    size = path.stat().st_size
    if size == 0:
        raise PhotoError(f"{path.name} 是空文件；请重新复制照片。")
    if size > LARGEST_FILE:
        raise PhotoError(f"{path.name} 超过 {LARGEST_FILE // 1024 // 1024} MB；{_EXPORT}。")
    content = path.read_bytes()
    if content[4:8] == b"ftyp":
        what = "视频" if content[8:12] in {b"isom", b"mp42", b"qt  ", b"M4V "} else "HEIC 或 AVIF 格式"
        raise PhotoError(f"{path.name} 是{what}，这里读不了；{_EXPORT}。")
    for beginning, what in _OTHER_FILES.items():
        if content.startswith(beginning):
            raise PhotoError(f"{path.name} {what}。")
    return content


def _too_large(path: Path, most: int) -> str:
    return f"{path.name} 超过 {most // 10_000} 万像素；{_EXPORT}，尺寸小一些。"


def _texts(picture: Image.Image) -> Iterator[str]:
    """What the codes say; where none is found at a comfortable size, every pixel is looked at."""
    small = picture.copy()
    small.thumbnail((_COMFORTABLE, _COMFORTABLE))
    found = _codes(small)
    if not found and small.size != picture.size:
        found = _codes(picture)
    return iter(found)


def _codes(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=_QR_CODES)]
