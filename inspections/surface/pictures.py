"""Pictures from outside: verified whole, drawn anew upright and without metadata."""

import struct
from io import BytesIO

from PIL import Image, ImageOps

from inspections.record.errors import HouseError
from inspections.surface.containers import StrangeFileError, require_form

MOST_PIXELS = 25_000_000
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_QUALITY = 85


class PictureError(HouseError):
    """A picture or recording that cannot be taken as evidence."""


def is_picture(media_type: str) -> bool:
    """Whether it can be shown as a picture; recordings are kept as they are."""
    return media_type in _FORMATS


def redrawn(content: bytes, media_type: str) -> bytes | None:
    """The picture drawn anew, to be shown; none for a recording. A sentence says why bytes are refused."""
    try:
        require_form(content, media_type)
    except StrangeFileError as error:
        raise PictureError("文件不完整，或夹带了别的内容，不能作为证据；请重新拍摄或录制。") from error
    return _drawn_anew(content, media_type) if is_picture(media_type) else None


def _drawn_anew(content: bytes, media_type: str) -> bytes:
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[media_type]]) as picture:
            # Only the header has been read: what is too large is refused before a pixel is decoded.
            if picture.width * picture.height > MOST_PIXELS or getattr(picture, "n_frames", 1) != 1:
                raise PictureError(_too_large())
            picture.load()
            ImageOps.exif_transpose(picture, in_place=True)
            return _saved(picture, media_type)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(_too_large()) from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise PictureError("照片不完整，读不出来；请重新拍摄。") from error


def _saved(picture: Image.Image, media_type: str) -> bytes:
    target = BytesIO()
    if media_type == "image/png":
        _without_notes(picture, "RGBA" if _has_alpha(picture) else "RGB").save(target, "PNG")
    else:
        _without_notes(picture, "RGB").save(target, "JPEG", quality=_QUALITY)
    return target.getvalue()


def _too_large() -> str:
    return f"照片超过 {MOST_PIXELS // 10_000} 万像素，或不是单张照片；请重新拍摄。"


def _has_alpha(picture: Image.Image) -> bool:
    return picture.mode in {"RGBA", "LA"} or "transparency" in picture.info


def _without_notes(picture: Image.Image, mode: str) -> Image.Image:
    """The pixels alone."""
    plain = picture if picture.mode == mode else picture.convert(mode)
    plain.info = {}
    return plain
