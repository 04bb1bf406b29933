"""Judging what photos of doors show: which plates are old, withdrawn, not ours, or on another unit's door."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from sqlalchemy import select
from sqlmodel import Session, col

from inspections.record.settings import setting_history, settings_on
from inspections.units.codes import parse_code
from publishing.plates.history import PlateLife, lives_of_door
from publishing.plates.queries import doors_by_code
from publishing.plates.reading import PhotoRead
from publishing.plates.standing import door_names
from publishing.plates.tables import Plate, PlateEventKind

_STOREFRONT = re.compile(
    r"(?P<address>https?://[^\s?#]+?)/s/(?P<code>[^/?#\s]+)/?(?:\?[^#]*)?(?:#p(?P<issue>[0-9]{1,6}))?(?:#.*)?",
    re.IGNORECASE,
)


class PlateFault(StrEnum):
    """What is wrong with a photo or with the plate on it."""

    NOT_A_PHOTO = "not_a_photo"
    NO_CODE = "no_code"
    NOT_A_PLATE = "not_a_plate"
    FALSE_ADDRESS = "false_address"
    UNKNOWN_CODE = "unknown_code"
    NOT_ISSUED = "not_issued"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    OLD_ADDRESS = "old_address"
    OTHER_DOOR = "other_door"
    NUMBER_UNREAD = "number_unread"


FAULT_WORDS = {
    PlateFault.NOT_A_PHOTO: "不是照片",
    PlateFault.NO_CODE: "没有读出码",
    PlateFault.NOT_A_PLATE: "不是公示牌的码",
    PlateFault.FALSE_ADDRESS: "网址不是本局的",
    PlateFault.UNKNOWN_CODE: "没有这个门店码",
    PlateFault.NOT_ISSUED: "没有制发过",
    PlateFault.WITHDRAWN: "已作废",
    PlateFault.REPLACED: "已换新",
    PlateFault.OLD_ADDRESS: "印着旧网址",
    PlateFault.OTHER_DOOR: "贴错了门",
    PlateFault.NUMBER_UNREAD: "要核对制发次数",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, as a sentence with what to do."""

    fault: PlateFault
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What one code in one photo is; without findings the plate is in order."""

    path: Path
    door: str
    code: str
    issue_no: int | None
    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """The findings in short; 正常 where there is none."""
        return "、".join(FAULT_WORDS[one.fault] for one in self.findings) or "正常"


@dataclass(frozen=True)
class Photo:
    """A photo as it was read, and at which door it was taken, where that is known."""

    read: PhotoRead
    door: str | None = None


@dataclass(frozen=True)
class _ReadPlate:
    address: str
    code: str
    issue_no: int | None


@dataclass(frozen=True)
class _Register:
    """What the house knows of the doors that photos name."""

    address: str
    former: frozenset[str]
    doors: Mapping[str, int]
    lives: Mapping[int, Sequence[PlateLife]]
    names: Mapping[int, str]

    def called(self, code: str) -> str:
        """A door's code with what the unit is called."""
        name = self.names.get(self.doors.get(code, 0))
        return f"{code}（{name}）" if name else f"{code} "


def judge_photos(session: Session, photos: Sequence[Photo], on: date) -> list[Verdict]:
    """A verdict for each plate in each photo, or the one that says why there is none."""
    plates = {text: _plate_in(text) for photo in photos for text in photo.read.texts}
    codes = {plate.code for plate in plates.values() if plate} | {
        photo.door for photo in photos if photo.door
    }
    known = _register(session, sorted(codes), on)
    return [verdict for photo in photos for verdict in _verdicts(photo, plates, known)]


def _register(session: Session, codes: Sequence[str], on: date) -> _Register:
    found = doors_by_code(session, codes)
    settings = [row.value for row in setting_history(session) if row.key == "public_address"]
    printed = session.scalars(select(col(Plate.public_url)).distinct())
    address = settings_on(session, on, or_earliest=True).optional_text("public_address") or ""
    return _Register(
        address=address,
        former=frozenset({*map(str, settings), *printed}) - {address},
        doors=found,
        lives={premises_id: lives_of_door(session, premises_id) for premises_id in found.values()},
        names=door_names(session, list(found.values()), on),
    )


def _plate_in(text: str) -> _ReadPlate | None:
    """The plate that a code's text means; none where it is no storefront's address."""
    found = _STOREFRONT.fullmatch(text.strip())
    code = parse_code(found["code"]) if found else None
    if found is None or code is None:
        return None
    return _ReadPlate(found["address"], code, int(found["issue"]) if found["issue"] else None)


def _verdicts(photo: Photo, plates: Mapping[str, _ReadPlate | None], known: _Register) -> list[Verdict]:
    read, door = photo.read, photo.door or ""
    if read.fault:
        return [Verdict(read.path, door, "", None, (Finding(PlateFault.NOT_A_PHOTO, read.fault),))]
    here = [plate for text in read.texts if (plate := plates[text]) is not None]
    if not here:
        return [Verdict(read.path, door, "", None, (_nothing_found(read),))]
    return [
        Verdict(read.path, door, plate.code, plate.issue_no, tuple(_findings(plate, photo.door, known)))
        for plate in here
    ]


def _nothing_found(read: PhotoRead) -> Finding:
    if read.texts:
        said = "、".join(text[:80] for text in read.texts)
        return Finding(
            PlateFault.NOT_A_PLATE, f"照片里的码不是公示牌的（{said}）；如果它贴在公示牌上，请到现场核对。"
        )
    return Finding(PlateFault.NO_CODE, "照片里没有读出二维码；请正对公示牌、不反光，再拍一张。")


def _findings(plate: _ReadPlate, door: str | None, known: _Register) -> list[Finding]:
    found = []
    if plate.address.lower() not in {one.lower() for one in (known.address, *known.former)}:
        return [_false_address(plate)]
    if plate.code not in known.doors:
        return [
            Finding(PlateFault.UNKNOWN_CODE, f"名册里没有门店码 {plate.code}；可能是仿制的，请到现场核对。")
        ]
    if plate.address.lower() != known.address.lower():
        found.append(
            Finding(
                PlateFault.OLD_ADDRESS,
                f"印的是旧网址 {plate.address}，现在是 {known.address}；请用 plates print --outdated 换新。",
            )
        )
    found += _standing_of(plate, known.lives[known.doors[plate.code]], known)
    if door is not None and door != plate.code:
        found.append(
            Finding(
                PlateFault.OTHER_DOOR,
                f"这是 {known.called(plate.code)}的公示牌，却贴在 {known.called(door)}的门口；"
                "请取下并换上这家自己的。",
            )
        )
    return found


def _false_address(plate: _ReadPlate) -> Finding:
    return Finding(
        PlateFault.FALSE_ADDRESS,
        f"码里的网址 {plate.address} 从来不是本局的公开网址；可能是仿制的公示牌，请取下并查明来历。",
    )


def _standing_of(plate: _ReadPlate, lives: Sequence[PlateLife], known: _Register) -> list[Finding]:
    """What the record says of this very plate; one printed without its number is one of those there are."""
    of_address = [life for life in lives if life.public_url.lower() == plate.address.lower()]
    if plate.issue_no is not None:
        of_address = [life for life in of_address if life.issue_no == plate.issue_no]
    name = known.called(plate.code)
    if not of_address:
        which = f"第 {plate.issue_no} 次" if plate.issue_no is not None else "过印这个网址的"
        return [
            Finding(
                PlateFault.NOT_ISSUED,
                f"{name.strip()} 没有制发{which}公示牌的记录；可能是仿制的，请到现场核对。",
            )
        ]
    ended = [life for life in of_address if not life.is_in_force]
    if len(ended) == len(of_address):
        return [_ended(name, ended[0])]
    if ended:
        return [_look_at_the_number(name, ended, of_address)]
    return []


def _ended(name: str, life: PlateLife) -> Finding:
    is_withdrawn = life.state == PlateEventKind.WITHDRAWN
    line = [one for one in life.happened if one.kind == life.state]
    when = f"{line[-1].on} " if line else ""
    why = f"（{line[-1].note}）" if line and line[-1].note else ""
    done = "作废" if is_withdrawn else "换新"
    return Finding(
        PlateFault.WITHDRAWN if is_withdrawn else PlateFault.REPLACED,
        f"{name.strip()} 第 {life.issue_no} 次制发的公示牌已于 {when}{done}{why}；请取下。",
    )


def _look_at_the_number(name: str, ended: Sequence[PlateLife], all_: Sequence[PlateLife]) -> Finding:
    valid = next(life for life in all_ if life.is_in_force)
    others = "、".join(str(life.issue_no) for life in ended)
    return Finding(
        PlateFault.NUMBER_UNREAD,
        f"{name.strip()} 的码里没有制发次数：牌上印的是第 {valid.issue_no} 次就有效，"
        f"第 {others} 次的已换新或作废；请看照片核对。",
    )


def door_of_folder(path: Path) -> str | None:
    """The door that a photo's folder is called after: `7K3M-92QF`, or with words behind the code."""
    for folder in path.resolve().parents:
        first = re.split(r"[\s_（(]", folder.name, maxsplit=1)[0]
        if re.search(r"[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}", first) and (code := parse_code(first)):
            return code
    return None
