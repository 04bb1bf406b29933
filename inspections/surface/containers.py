"""The outer form of picture and recording files: nothing before, behind or beside what they claim to be."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

# Beginnings of other kinds of files, which a picture has no reason to carry among its notes.
_FOREIGN = (
    b"%pdf-",
    b"pk\x03\x04",
    b"<script",
    b"<?php",
    b"<html",
    b"<svg",
    b"<!doctype",
    b"\x7felf",
    b"rar!",
)
_LARGEST_NOTES = 512 * 1024

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_PICTURE = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_PNG_NOTES = frozenset(
    {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"tIME", b"eXIf", b"hIST"}
)
_WEBP_PICTURE = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH"})
_WEBP_NOTES = frozenset({b"ICCP", b"EXIF"})
_JPEG_PICTURE = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, 0xDA})
_JPEG_NOTES = {0xE0: b"", 0xE1: b"Exif\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_SCAN, _END = 0xDA, 0xD9


class StrangeFileError(Exception):
    """The bytes are not exactly one file of the kind they claim to be."""


@dataclass(frozen=True)
class _Part:
    """One part of a container, and whether it only says something about the picture."""

    content: bytes
    is_note: bool


def require_form(content: bytes, media_type: str) -> None:
    """Refuse bytes that are not one whole file of the kind, or that carry another kind of file along."""
    walk = _WALKS.get(media_type)
    if walk is None:
        _require_recording(content, media_type)
        return
    notes = 0
    try:
        for part in walk(content):
            if part.is_note:
                notes += len(part.content)
                if notes > _LARGEST_NOTES or any(mark in part.content.lower() for mark in _FOREIGN):
                    raise StrangeFileError("notes")
    except (struct.error, IndexError) as error:
        raise StrangeFileError("cut off") from error


def _jpeg(content: bytes) -> Iterator[_Part]:
    if content[:2] != b"\xff\xd8":
        raise StrangeFileError("beginning")
    place = 2
    while True:
        if content[place] != 0xFF:
            raise StrangeFileError("marker")
        marker = content[place + 1]
        if marker == _END:
            break
        (length,) = struct.unpack_from(">H", content, place + 2)
        body = content[place + 4 : place + 2 + length]
        if length < 2 or len(body) != length - 2:  # the length counts itself
            raise StrangeFileError("length")
        yield _jpeg_part(marker, body)
        place += 2 + length
        if marker == _SCAN:
            place = _after_scan(content, place)
    if place + 2 != len(content):
        raise StrangeFileError("something behind the end")


def _jpeg_part(marker: int, body: bytes) -> _Part:
    if marker in _JPEG_PICTURE:
        return _Part(body, is_note=False)
    if marker not in _JPEG_NOTES or not body.startswith(_JPEG_NOTES[marker]):
        raise StrangeFileError("a note of a kind that no camera of ours writes")
    return _Part(body, is_note=True)


def _after_scan(content: bytes, place: int) -> int:
    """The next marker behind the data of a scan; stuffed bytes and restarts belong to the data."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0:
            raise StrangeFileError("no end")
        follows = content[place + 1]
        if follows != 0 and not 0xD0 <= follows <= 0xD7:  # the eight restart markers
            return place
        place += 2


def _png(content: bytes) -> Iterator[_Part]:
    if not content.startswith(_PNG_START):
        raise StrangeFileError("beginning")
    place, kind = len(_PNG_START), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, place)
        body = content[place + 8 : place + 8 + length]
        if len(body) != length or kind not in _PNG_PICTURE | _PNG_NOTES:
            raise StrangeFileError("chunk")
        yield _Part(body, is_note=kind in _PNG_NOTES)
        place += 12 + length
    if place != len(content):
        raise StrangeFileError("something behind the end")


def _webp(content: bytes) -> Iterator[_Part]:
    start, size, kind = struct.unpack_from("<4sI4s", content, 0)
    if (start, kind) != (b"RIFF", b"WEBP") or size + 8 != len(content):
        raise StrangeFileError("beginning or end")
    place = 12
    while place < len(content):
        kind, length = struct.unpack_from("<4sI", content, place)
        body = content[place + 8 : place + 8 + length]
        if len(body) != length or kind not in _WEBP_PICTURE | _WEBP_NOTES:
            raise StrangeFileError("chunk")
        yield _Part(body, is_note=kind in _WEBP_NOTES)
        place += 8 + length + length % 2


def _require_recording(content: bytes, media_type: str) -> None:
    kind = media_type.partition("/")[2]
    fits = {
        "webm": content.startswith(b"\x1a\x45\xdf\xa3"),
        "ogg": content.startswith(b"OggS"),
        "mp4": content[4:8] == b"ftyp",
    }[kind]
    if not fits:
        raise StrangeFileError("beginning")


_WALKS = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
