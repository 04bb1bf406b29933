"""Promises of checking photos: old, withdrawn, false or on another door is named; no photo, a sentence."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import shake_256
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image, ImageFilter
from sqlalchemy import Engine

from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.surface.terminal import for_people
from inspections.units.codes import new_codes
from publishing.plates.checking import Photo, PlateFault, Verdict, judge_photos
from publishing.plates.choosing import Selection
from publishing.plates.commands import plates
from publishing.plates.life import withdraw_plate
from publishing.plates.picture import draw_plate_png
from publishing.plates.plate import PlateFacts
from publishing.plates.qr import qr_image
from publishing.plates.reading import PhotoRead, photos_below, read_photo
from tests.publishing.plates.register import (
    ADDRESS,
    CODES,
    FONTS,
    NEW_ADDRESS,
    change_address,
    fill_register,
    issue,
)

FIRST, LATER = date(2026, 11, 1), date(2026, 11, 20)


def _on_a_wall(plate: Image.Image, angle: float = 7) -> Image.Image:
    """A plate as a telephone sees it: small on a grey wall, tilted, a little out of focus, unevenly lit."""
    wall = Image.new("RGB", (2000, 1500), (150, 140, 130))
    small = plate.convert("RGBA").resize((560, 795))
    tilted = small.rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    wall.paste(tilted, (620, 300), tilted)
    light = Image.linear_gradient("L").resize(wall.size).point(lambda level: 130 + level // 2)
    lit = Image.composite(wall, Image.new("RGB", wall.size, (40, 40, 40)), light)
    return lit.filter(ImageFilter.GaussianBlur(1.2))


def _photo(facts: PlateFacts, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    plate = Image.open(BytesIO(draw_plate_png(facts, FONTS)))
    _on_a_wall(plate).save(path, "JPEG", quality=70)
    return path


@pytest.fixture
def printed(database: Engine, now: datetime) -> tuple[Engine, dict[str, PlateFacts]]:
    """Three doors with their first plates, and what each plate says."""
    fill_register(database, now)
    return database, {facts.code: facts for facts in issue(database, now, on=FIRST).plates}


def _judge(database: Engine, path: Path, door: str | None = None, on: date = LATER) -> Verdict:
    with read_only(database) as session:
        (verdict,) = judge_photos(session, [Photo(read_photo(path), door)], on)
    return verdict


def _faults(verdict: Verdict) -> list[PlateFault]:
    return [finding.fault for finding in verdict.findings]


Printed = tuple[Engine, dict[str, PlateFacts]]


def test_a_plate_in_order_is_read_from_a_photo_of_its_door(printed: Printed, tmp_path: Path) -> None:
    database, facts = printed
    verdict = _judge(database, _photo(facts[CODES[0]], tmp_path / "door.jpg"), CODES[0])
    assert (verdict.code, verdict.issue_no, verdict.findings, verdict.words) == (CODES[0], 1, (), "正常")


def test_a_turned_photo_from_a_telephone_reads(printed: Printed, tmp_path: Path) -> None:
    database, facts = printed
    plate = Image.open(BytesIO(draw_plate_png(facts[CODES[0]], FONTS)))
    exif = Image.Exif()
    exif[0x0112] = 6
    _on_a_wall(plate).rotate(90, expand=True).save(tmp_path / "turned.jpg", "JPEG", exif=exif)
    assert _judge(database, tmp_path / "turned.jpg").code == CODES[0]


def test_a_plate_on_another_units_door_is_named_with_both(printed: Printed, tmp_path: Path) -> None:
    database, facts = printed
    verdict = _judge(database, _photo(facts[CODES[0]], tmp_path / "door.jpg"), CODES[1])
    assert _faults(verdict) == [PlateFault.OTHER_DOOR]
    assert verdict.findings[0].sentence == (
        f"这是 {CODES[0]}（老灶台0号店）的公示牌，却贴在 {CODES[1]}（柳荫1号餐饮店）的门口；"
        "请取下并换上这家自己的。"
    )


def test_a_plate_under_a_former_address_is_old(printed: Printed, now: datetime, tmp_path: Path) -> None:
    database, facts = printed
    change_address(database, now, from_on=date(2026, 11, 10))
    photo = _photo(facts[CODES[0]], tmp_path / "door.jpg")
    assert _faults(_judge(database, photo)) == [PlateFault.OLD_ADDRESS]
    issue(database, now, Selection(only_outdated=True), on=LATER)
    verdict = _judge(database, photo)
    assert _faults(verdict) == [PlateFault.OLD_ADDRESS, PlateFault.REPLACED]
    assert f"印的是旧网址 {ADDRESS}，现在是 {NEW_ADDRESS}" in verdict.findings[0].sentence


def test_a_withdrawn_plate_is_told_from_the_one_that_followed_it(
    printed: Printed, now: datetime, tmp_path: Path
) -> None:
    database, facts = printed
    old = _photo(facts[CODES[0]], tmp_path / "old.jpg")
    with transaction(database) as session:
        withdraw_plate(session, CODES[0], reason="被冒用", on=LATER, actor="王芳", now=now)
    (new,) = issue(database, now, Selection(code=CODES[0]), on=LATER).plates
    verdict = _judge(database, old)
    assert _faults(verdict) == [PlateFault.WITHDRAWN]
    assert "第 1 次制发的公示牌已于 2026-11-20 作废（被冒用）；请取下。" in verdict.findings[0].sentence
    assert _faults(_judge(database, _photo(new, tmp_path / "new.jpg"))) == []


def _qr_photo(text: str, path: Path) -> Path:
    qr_image(text, 8).save(path)
    return path


def test_a_plate_printed_without_its_number_asks_for_a_look_where_there_were_several(
    printed: Printed, now: datetime, tmp_path: Path
) -> None:
    database, _ = printed
    photo = _qr_photo(f"{ADDRESS}/s/{CODES[0]}/", tmp_path / "plain.png")
    assert _faults(_judge(database, photo)) == []
    issue(database, now, Selection(code=CODES[0]), on=LATER, anew=True)
    verdict = _judge(database, photo)
    assert _faults(verdict) == [PlateFault.NUMBER_UNREAD]
    assert "第 2 次就有效，第 1 次的已换新或作废" in verdict.findings[0].sentence
    with transaction(database) as session:
        withdraw_plate(session, CODES[0], reason="遗失", on=LATER, actor="王芳", now=now)
    assert _faults(_judge(database, photo)) == [PlateFault.WITHDRAWN]


def _unknown_code() -> str:
    # The same in every process: it stands in the test's name.
    drawn = new_codes(50, random_bytes=lambda size: shake_256(b"unknown").digest(size))
    return next(code for code in drawn if code not in CODES)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"https://spgs.example.com/s/{CODES[0]}/#p1", PlateFault.FALSE_ADDRESS),
        (f"{ADDRESS}.evil.example/s/{CODES[0]}/", PlateFault.FALSE_ADDRESS),
        (f"{ADDRESS}/s/{_unknown_code()}/#p1", PlateFault.UNKNOWN_CODE),
        (f"{ADDRESS}/s/{CODES[0]}/#p9", PlateFault.NOT_ISSUED),
        (f"{ADDRESS}/s/{CODES[5]}/#p1", PlateFault.NOT_ISSUED),
        ("wxp://f2f0-pay-here", PlateFault.NOT_A_PLATE),
        ("https://pay.example/s/hello/", PlateFault.NOT_A_PLATE),
    ],
)
def test_a_code_that_is_not_ours_is_named(
    printed: Printed, tmp_path: Path, text: str, fault: PlateFault
) -> None:
    assert _faults(_judge(printed[0], _qr_photo(text, tmp_path / "code.png"))) == [fault]


def test_a_code_for_payment_beside_the_plate_changes_nothing(printed: Printed, tmp_path: Path) -> None:
    database, facts = printed
    both = Image.new("L", (1100, 520), 255)
    both.paste(qr_image("wxp://f2f0-pay-here", 10), (20, 20))
    both.paste(qr_image(facts[CODES[0]].url, 10), (560, 20))
    both.save(tmp_path / "both.png")
    assert _judge(database, tmp_path / "both.png").findings == ()


def _bomb() -> bytes:
    file = BytesIO()
    Image.new("1", (9000, 9000)).save(file, "PNG")
    return file.getvalue()


def _jpeg() -> bytes:
    file = BytesIO()
    Image.effect_noise((400, 400), 60).save(file, "JPEG")
    return file.getvalue()


NO_PHOTOS = {
    "text.jpg": (b"hello", "不是照片，或是认不出的格式"),
    "empty.jpg": (b"", "是空文件"),
    "paper.jpg": (b"%PDF-1.7 ...", "是 PDF 文件"),
    "book.jpg": (b"PK\x03\x04rest", "是压缩包或 Office 文件"),
    "iphone.heic": (b"\x00\x00\x00\x18ftypheic\x00\x00", "是HEIC 或 AVIF 格式"),
    "film.jpg": (b"\x00\x00\x00\x18ftypisom\x00\x00", "是视频"),
    "page.png": (b"<svg xmlns='x'/>", "是网页或 SVG 文件"),
    "cut.jpg": (_jpeg()[:900], "不完整"),
    "bomb.png": (_bomb(), "超过 6000 万像素"),
}


@pytest.mark.parametrize("name", NO_PHOTOS)
def test_a_file_that_is_no_photo_gives_a_sentence_with_a_cure(
    printed: Printed, tmp_path: Path, name: str
) -> None:
    content, said = NO_PHOTOS[name]
    (tmp_path / name).write_bytes(content)
    verdict = _judge(printed[0], tmp_path / name)
    assert _faults(verdict) == [PlateFault.NOT_A_PHOTO]
    assert said in verdict.findings[0].sentence
    assert name in verdict.findings[0].sentence
    assert "请" in verdict.findings[0].sentence


def test_a_photo_without_a_code_asks_for_another(printed: Printed, tmp_path: Path) -> None:
    Image.new("RGB", (800, 600), "grey").save(tmp_path / "wall.jpg")
    assert _faults(_judge(printed[0], tmp_path / "wall.jpg")) == [PlateFault.NO_CODE]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "找不到文件" in read_photo(tmp_path / "nowhere.jpg").fault
    assert photos_below(tmp_path / "nowhere.jpg") == [tmp_path / "nowhere.jpg"]


@pytest.fixture
def house(printed: Printed, data_directory: Path) -> House:
    """The printed plates as a command finds them."""
    return House(Configuration(data=data_directory, public_url=None), printed[0])


def _run(house: House, *arguments: str) -> Result:
    return CliRunner().invoke(for_people(plates), ["check", *arguments], obj=house)


def test_the_command_takes_the_door_from_the_photos_folder(
    house: House, printed: Printed, tmp_path: Path
) -> None:
    _, facts = printed
    right = _photo(facts[CODES[0]], tmp_path / "round" / CODES[0] / "a.jpg")
    wrong = _photo(facts[CODES[0]], tmp_path / "round" / f"{CODES[1]}（柳荫1号）" / "b.jpg")
    (tmp_path / "round" / "notes.txt").write_text("x")
    result = _run(house, str(tmp_path / "round"), "--json")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert f"{right}\t{CODES[0]} 第 1 次制发 正常" in lines
    assert f"{wrong}\t{CODES[0]} 第 1 次制发 贴错了门" in lines
    counts = json.loads(lines[-1])
    assert (counts["photos"], counts["in_order"], counts["other_door"]) == (2, 1, 1)
    assert counts["summary"] == "看了 2 张照片：正常 1，贴错了门 1。"


def test_the_command_takes_the_door_from_an_option_or_a_list(
    house: House, printed: Printed, tmp_path: Path
) -> None:
    _, facts = printed
    photo = _photo(facts[CODES[0]], tmp_path / "a.jpg")
    well = _run(house, str(photo), "--at", CODES[0])
    assert (well.exit_code, well.stdout.splitlines()[-1]) == (0, "看了 1 张照片：正常 1。")
    assert "没有门店码“老王”" in _run(house, str(photo), "--at", "老王").output
    listed = tmp_path / "round.csv"
    listed.write_text(f"照片,门店码\na.jpg,{CODES[2]}\n", encoding="utf-8")
    out = tmp_path / "result.csv"
    result = _run(house, str(photo), "--list", str(listed), "--out", str(out))
    assert "贴错了门" in result.output
    assert f"{photo},{CODES[2]},{CODES[0]},1,贴错了门," in out.read_text(encoding="utf-8-sig")
    other = _photo(facts[CODES[0]], tmp_path / "b.jpg")
    assert "没有这些照片：b.jpg" in _run(house, str(photo), str(other), "--list", str(listed)).output


def test_a_folder_without_photos_and_a_mistyped_folder_are_refused(
    house: House, printed: Printed, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    assert "没有照片" in _run(house, str(tmp_path / "empty")).output
    folder = tmp_path / _unknown_code()
    _photo(printed[1][CODES[0]], folder / "a.jpg")
    assert f"没有门店码“{folder.name}”" in _run(house, str(folder)).output


def test_many_verdicts_of_one_photo_stay_apart(printed: Printed) -> None:
    database, facts = printed
    texts = tuple(facts[code].url for code in CODES[:2])
    with read_only(database) as session:
        found = judge_photos(session, [Photo(PhotoRead(Path("a.jpg"), texts), CODES[0])], LATER)
    assert [(verdict.code, _faults(verdict)) for verdict in found] == [
        (CODES[0], []),
        (CODES[1], [PlateFault.OTHER_DOOR]),
    ]


def test_a_day_before_the_change_the_address_is_not_old_yet(printed: Printed, now: datetime) -> None:
    database, facts = printed
    day = date(2026, 11, 10)
    change_address(database, now, from_on=day)
    photo = Photo(PhotoRead(Path("a.jpg"), (replace(facts[CODES[0]]).url,)))
    with read_only(database) as session:
        (before,) = judge_photos(session, [photo], day - timedelta(days=1))
        (after,) = judge_photos(session, [photo], day)
    assert (_faults(before), _faults(after)) == ([], [PlateFault.OLD_ADDRESS])
