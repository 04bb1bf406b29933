"""Promises of photos: pieces in any order, one hash for the whole, nothing hidden in them or told."""

import hashlib
import struct
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlmodel import select

from inspections.record.database import read_only
from inspections.record.evidence import place_of
from inspections.record.house import House
from inspections.surface.pictures import MOST_PIXELS, PictureError, redrawn
from inspections.visits.sync.photos import PIECE_BYTES
from inspections.visits.sync.tables import VisitPhoto
from tests.tablets import (
    OUTSIDER,
    Draft,
    FieldBureau,
    TabletClient,
    announcement,
    drawing,
    photo,
    signed_in_tablet,
)


@pytest.fixture
def opened(lead: TabletClient, draft: Draft) -> str:
    """A visit that has begun; its id."""
    lead.send([draft.open()])
    return draft.visit


def _row(bureau: FieldBureau, sha256: str) -> VisitPhoto:
    with read_only(bureau.engine) as session:
        return session.exec(select(VisitPhoto).where(VisitPhoto.sha256 == sha256)).one()


def _large() -> bytes:
    """A photo of more than two pieces."""
    content = photo(1600, 1200)
    while len(content) < 2 * PIECE_BYTES:
        content = photo(2400, 1800)
    return content


def test_pieces_in_any_order_make_the_whole_and_the_original_is_kept_by_its_hash(
    lead: TabletClient, opened: str, bureau: FieldBureau, house: House
) -> None:
    content = _large()
    (row,) = lead.send(photos=[announcement(opened, content)])["photos"]
    assert (row["pieces"], row["complete"]) == ([], False)
    count = -(-len(content) // PIECE_BYTES)
    for number in reversed(range(count)):
        part = content[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]
        answer = lead.put_piece(row["sha256"], number, part).json
        assert answer is not None
        assert answer["complete"] == (number == 0)
    kept = place_of(house.configuration.evidence_directory, row["sha256"])
    assert kept.read_bytes() == content
    assert not list((house.configuration.data / "uploads").iterdir())
    assert _row(bureau, row["sha256"]).complete_at is not None
    assert lead.get(f"/photos/{row['sha256']}/pieces")["complete"] is True


def test_an_interrupted_upload_knows_which_pieces_are_there(lead: TabletClient, opened: str) -> None:
    content = _large()
    (row,) = lead.send(photos=[announcement(opened, content)])["photos"]
    lead.put_piece(row["sha256"], 1, content[PIECE_BYTES : 2 * PIECE_BYTES])
    assert lead.get(f"/photos/{row['sha256']}/pieces")["pieces"] == [1]
    (again,) = lead.send(photos=[announcement(opened, content)])["photos"]
    assert again["pieces"] == [1]


def test_a_piece_sent_twice_and_a_whole_announced_twice_change_nothing(
    lead: TabletClient, opened: str, bureau: FieldBureau
) -> None:
    content = photo()
    sha256 = lead.upload(opened, content)
    first = _row(bureau, sha256)
    assert lead.upload(opened, content) == sha256
    assert _row(bureau, sha256).complete_at == first.complete_at


def test_a_piece_of_another_length_or_place_is_refused(lead: TabletClient, opened: str) -> None:
    content = photo()
    (row,) = lead.send(photos=[announcement(opened, content)])["photos"]
    for number, part in ((0, content[:-1]), (1, content), (0, b"")):
        answer = lead.put_piece(row["sha256"], number, part)
        assert (answer.status_code, answer.json and answer.json["word"]) == (422, "invalid")
    assert lead.put_piece(row["sha256"], 0, content + b"x" * PIECE_BYTES).status_code == 413
    assert lead.get(f"/photos/{row['sha256']}/pieces")["pieces"] == []


def test_bytes_that_are_not_those_announced_are_thrown_away_and_may_be_sent_again(
    lead: TabletClient, opened: str, bureau: FieldBureau
) -> None:
    content = photo()
    (row,) = lead.send(photos=[announcement(opened, content)])["photos"]
    forged = bytes([content[0] ^ 1]) + content[1:]
    answer = lead.put_piece(row["sha256"], 0, forged)
    assert answer.status_code == 422
    assert answer.json is not None
    assert "校验值不符" in answer.json["error"]
    assert _row(bureau, row["sha256"]).complete_at is None
    assert lead.put_piece(row["sha256"], 0, content).json["complete"] is True  # type: ignore[index]  # a JSON answer


def test_a_photo_of_anothers_visit_can_be_neither_announced_sent_nor_seen(
    application: Flask, lead: TabletClient, opened: str, bureau: FieldBureau
) -> None:
    content = photo()
    outsider = signed_in_tablet(application, bureau.engine, OUTSIDER)
    (refusal,) = outsider.send(photos=[announcement(opened, content)])["refusals"]
    assert (refusal["word"], refusal["status"]) == ("other_visit", 403)
    sha256 = lead.upload(opened, content)
    assert outsider.put_piece(sha256, 0, content).status_code == 404
    assert outsider.client.get(f"/api/v1/photos/{sha256}/pieces").status_code == 404
    assert outsider.client.get(f"/api/v1/photos/{sha256}").status_code == 404
    assert lead.client.get(f"/api/v1/photos/{sha256}").status_code == 200


def test_a_shown_picture_is_drawn_anew_upright_and_tells_nothing_of_its_origin(
    lead: TabletClient, opened: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a maker of cameras"
    exif[0x8825] = {1: "N", 2: (39.0, 8.0, 1.0)}
    sha256 = lead.upload(opened, photo(640, 480, exif=exif))
    answer = lead.client.get(f"/api/v1/photos/{sha256}")
    assert answer.mimetype == "image/jpeg"
    assert b"maker" not in answer.data
    with Image.open(BytesIO(answer.data)) as shown:
        assert shown.size == (480, 640)
        assert not dict(shown.getexif())
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_signature_keeps_its_transparent_ground(lead: TabletClient, opened: str) -> None:
    sha256 = lead.upload(opened, drawing(), "image/png")
    with Image.open(BytesIO(lead.client.get(f"/api/v1/photos/{sha256}").data)) as shown:
        assert (shown.format, shown.mode) == ("PNG", "RGBA")


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _bomb(side: int) -> bytes:
    """A black picture of enormous sides in few bytes."""
    row = bytes(1 + side // 8)
    squeezed = zlib.compressobj(9)
    data = b"".join(squeezed.compress(row) for _ in range(side)) + squeezed.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = (_png_chunk(b"IHDR", head), _png_chunk(b"IDAT", data), _png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _with_png_note(content: bytes, kind: bytes, body: bytes) -> bytes:
    return content[:33] + _png_chunk(kind, body) + content[33:]


def _with_jpeg_note(content: bytes, marker: int, body: bytes) -> bytes:
    return content[:2] + struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body + content[2:]


def _webp(*, frames: int = 1) -> bytes:
    file = BytesIO()
    pictures = [Image.new("RGB", (32, 32), (place * 40, 80, 90)) for place in range(frames)]
    pictures[0].save(file, "WEBP", save_all=frames > 1, append_images=pictures[1:])
    return file.getvalue()


def _gif() -> bytes:
    file = BytesIO()
    Image.new("P", (16, 16)).save(file, "GIF")
    return file.getvalue()


ZIP = b"PK\x03\x04" + bytes(40) + b"PK\x05\x06" + bytes(18)
HOSTILE = {
    "a picture cut off": (photo()[:-300], "image/jpeg"),
    "a picture cut off before its data": (photo()[:40], "image/jpeg"),
    "a picture with a ZIP behind it": (photo() + ZIP, "image/jpeg"),
    "a picture with a page behind it": (photo() + b"<html><script>1</script></html>", "image/jpeg"),
    "a picture with a comment": (_with_jpeg_note(photo(), 0xFE, b"<script>1</script>"), "image/jpeg"),
    "a picture with a PDF in its notes": (
        _with_jpeg_note(photo(), 0xE1, b"Exif\0\0%PDF-1.7"), "image/jpeg"
    ),
    "a page that calls itself a picture": (b"<html><script>1</script></html>", "image/jpeg"),
    "a drawing with scripts": (b"<svg xmlns='x'><script/></svg>", "image/png"),
    "another kind of picture": (_gif(), "image/png"),
    "a PNG that calls itself a JPEG": (drawing(), "image/jpeg"),
    "a PNG with text": (_with_png_note(drawing(), b"tEXt", b"Comment\0<?php 1"), "image/png"),
    "a PNG with a ZIP behind it": (drawing() + ZIP, "image/png"),
    "a PNG without an end": (drawing()[:-12], "image/png"),
    "a PNG whose data does not unpack": (
        _with_png_note(drawing(), b"IDAT", b"not deflated at all"), "image/png"
    ),
    "a picture of enormous sides": (_bomb(30_000), "image/png"),
    "a picture just too large": (_bomb(5_008), "image/png"),
    "a moving picture": (_webp(frames=3), "image/webp"),
    "a WEBP with something behind it": (_webp() + ZIP, "image/webp"),
    "no recording at all": (b"\x00\x00\x00\x18nope" + bytes(40), "video/mp4"),
    "a page that calls itself a recording": (b"<html></html>", "audio/webm"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_forged_truncated_and_overlarge_files_are_refused_with_a_sentence(name: str) -> None:
    content, media_type = HOSTILE[name]
    with pytest.raises(PictureError, match="请重新"):
        redrawn(content, media_type)


def test_a_picture_at_the_limit_is_taken() -> None:
    assert 4_992 * 4_992 <= MOST_PIXELS < 5_008 * 5_008
    assert redrawn(_bomb(4_992), "image/png") is not None


def test_honest_files_of_every_kind_are_taken() -> None:
    assert redrawn(photo(progressive=True), "image/jpeg") is not None
    assert redrawn(_webp(), "image/webp") is not None
    assert redrawn(b"\x1a\x45\xdf\xa3" + bytes(64), "video/webm") is None
    assert redrawn(b"\x00\x00\x00\x18ftypisom" + bytes(64), "audio/mp4") is None
    assert redrawn(b"OggS" + bytes(64), "audio/ogg") is None


def test_a_refused_picture_keeps_its_sentence_and_the_visit_goes_on(
    lead: TabletClient, opened: str, bureau: FieldBureau, house: House
) -> None:
    content = photo() + ZIP
    (row,) = lead.send(photos=[announcement(opened, content)])["photos"]
    answer = lead.put_piece(row["sha256"], 0, content)
    assert answer.status_code == 422
    stored = _row(bureau, row["sha256"])
    assert stored.refused is not None
    assert answer.json is not None
    assert answer.json["error"] == stored.refused
    assert stored.complete_at is None
    told = lead.send(visits={opened: 0})["visits"][opened]["photos"]
    assert told[0]["refused"] == stored.refused
    assert not place_of(house.configuration.evidence_directory, row["sha256"]).exists()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"size_bytes": 8 * 1024 * 1024 + 1}, "size_bytes"),
        ({"size_bytes": 0}, "photos/0/size_bytes"),
        ({"media_type": "image/svg+xml"}, "photos/0/media_type"),
        ({"sha256": "ABC"}, "photos/0/sha256"),
        ({"place": "kitchen"}, "photos/0/place"),
    ],
)
def test_an_announcement_outside_its_form_is_refused(
    lead: TabletClient, opened: str, fields: dict[str, object], where: str
) -> None:
    answer = lead.post({"photos": [announcement(opened, photo()) | fields]}).json
    assert answer is not None
    (refusal,) = answer["refusals"]
    assert refusal["errors"][0]["where"] == where


def test_a_recording_is_kept_and_never_shown(lead: TabletClient, opened: str, house: House) -> None:
    content = b"\x1a\x45\xdf\xa3" + bytes(PIECE_BYTES)
    sha256 = lead.upload(opened, content, "video/webm")
    assert place_of(house.configuration.evidence_directory, sha256).read_bytes() == content
    assert lead.client.get(f"/api/v1/photos/{sha256}").status_code == 404


def test_what_was_stored_of_evidence_is_what_its_name_says(
    lead: TabletClient, opened: str, house: House
) -> None:
    lead.upload(opened, photo())
    directory: Path = house.configuration.evidence_directory
    for path in directory.glob("*/*"):
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
