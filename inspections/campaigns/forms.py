"""Reading what was typed into the desk's forms of this room: each fault is a sentence with its cure."""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from flask import Request
from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from inspections.campaigns.errors import CampaignError
from inspections.campaigns.rules import PoolRule, StrataBy, StrataRule, read_weights
from inspections.campaigns.service import CampaignPlan
from inspections.record.clock import PEOPLE_ZONE
from inspections.record.evidence import keep_bytes
from inspections.surface.pictures import PictureError, redrawn

LARGEST_UPLOAD = 20 * 1024 * 1024
_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}
_SEPARATORS = re.compile(r"[、,，;；\s]+")
_COUNT = re.compile(r"[0-9]{1,5}")
_ROW_ID = re.compile(r"[0-9]{1,9}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FIRST_YEAR, LAST_YEAR = 2000, 2100

T = TypeVar("T")
Form = Mapping[str, str]


def required_text(form: Form, name: str, label: str, longest: int = 200) -> str:
    """A text that must not be empty."""
    value = optional_text(form, name, label, longest)
    if not value:
        raise CampaignError(f"“{label}”没有填；请填写。")
    return value


def optional_text(form: Form, name: str, label: str, longest: int = 200) -> str:
    """A text that may be empty."""
    value = form.get(name, "").strip()
    if len(value) > longest:
        raise CampaignError(f"“{label}”超过 {longest} 个字符；请写短一些。")
    if _CONTROLS.search(value):
        raise CampaignError(f"“{label}”里有看不见的控制字符；请重新输入，不要从别处粘贴。")
    return value


def row_id(form: Form, name: str, label: str) -> int:
    """The number of a row that the page offered."""
    value = form.get(name, "").strip()
    if not _ROW_ID.fullmatch(value):
        raise CampaignError(f"没有选“{label}”，或页面已经过期；请刷新后再选。")
    return int(value)


def row_ids(values: Iterable[str]) -> list[int]:
    """Those of some ticked boxes that can be numbers of rows."""
    return [int(value) for value in values if _ROW_ID.fullmatch(value)]


def year_of(form: Form, name: str, label: str) -> int:
    """A year that people plan for."""
    year = count(form, name, label)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CampaignError(f"“{label}”应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间，例如 2026。")
    return year


def count(form: Form, name: str, label: str) -> int:
    """A whole number from 0 on."""
    value = form.get(name, "").strip()
    if not _COUNT.fullmatch(value):
        raise CampaignError(f"“{label}”要写 0 或更大的整数，例如 12。")
    return int(value)


def optional(read: Callable[[Form, str, str], T], form: Form, name: str, label: str) -> T | None:
    """A value that may be left empty."""
    return read(form, name, label) if form.get(name, "").strip() else None


def civil_date(form: Form, name: str, label: str) -> date:
    """A day as the browser's field writes it, `2026-11-24`."""
    try:
        found = date.fromisoformat(form.get(name, "").strip())
    except ValueError as fault:
        raise CampaignError(f"“{label}”要写日期，例如 2026-11-24。") from fault
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CampaignError(f"“{label}”的年份 {found.year} 不对；请核对日期，例如 2026-11-24。")
    return found


def instant(form: Form, name: str, label: str) -> datetime:
    """An instant as the browser's field writes it, by the clock on the wall here."""
    try:
        read = datetime.fromisoformat(form.get(name, "").strip())
    except ValueError as fault:
        raise CampaignError(f"“{label}”要写日期和时间，例如 2026-11-24T20:00。") from fault
    if not FIRST_YEAR <= read.year <= LAST_YEAR:
        raise CampaignError(f"“{label}”的年份 {read.year} 不对；请核对，例如 2026-11-24T20:00。")
    return read.replace(tzinfo=PEOPLE_ZONE) if read.tzinfo is None else read


def words(form: Form, name: str) -> tuple[str, ...]:
    """Words with a comma, a dot or a space between them."""
    return tuple(word for word in _SEPARATORS.split(_CONTROLS.sub(" ", form.get(name, ""))) if word)


def campaign_plan(request: Request, key: str | None = None) -> CampaignPlan:
    """What a manager wrote into the form of a campaign."""
    form = request.form
    said = optional_text(form, "guests", "参加人员", 500)
    guests = [line.split() for line in said.splitlines() if line.strip()]
    if any(len(line) != 2 or not _COUNT.fullmatch(line[1]) for line in guests):
        raise CampaignError("“参加人员”每行写一个身份和人数，例如：人大代表 2；不写姓名。")
    return CampaignPlan(
        key=key or required_text(form, "key", "月份", 7),
        issue_no=count(form, "issue_no", "期号"),
        theme=required_text(form, "theme", "主题", 60),
        draw_count=count(form, "draw_count", "抽取家数"),
        substitutes=count(form, "substitutes", "每层递补家数"),
        load_limit=count(form, "load_limit", "每人最多家数"),
        pool=PoolRule(
            streets=tuple(form.getlist("streets")),
            unit_types=tuple(form.getlist("unit_types")),
            chains=words(form, "chains"),
            grades=tuple(form.getlist("grades")),
            online_ordering={"yes": True, "no": False}.get(form.get("online_ordering", "")),
            due_by=optional(civil_date, form, "due_by", "应检日期"),
            nominated_from=optional(count, form, "nominated_from", "点检票数"),
        ),
        strata=StrataRule(
            by=_strata_by(form.get("strata_by", "")),
            weights=read_weights(optional_text(form, "weights", "权重", 2_000)),
            nominated_apart=form.get("nominated_apart") == "yes",
        ),
        guests=tuple((role, int(number)) for role, number in guests),
        theme_items=words(form, "theme_items"),
    )


def _strata_by(value: str) -> StrataBy:
    try:
        return StrataBy(value)
    except ValueError as fault:
        raise CampaignError("请选择怎样分层。") from fault


def picture_type(content: bytes) -> str | None:
    """The kind of a picture by how it begins; none where it is none."""
    return next((kind for head, kind in _PICTURES.items() if content.startswith(head)), None)


def kept_picture(upload: FileStorage | None, evidence: Path) -> str | None:
    """The SHA-256 of an uploaded picture, kept as drawn anew without metadata; none where none was sent."""
    if upload is None or not upload.filename:
        return None
    with kept_upload(upload) as path:
        content = path.read_bytes()
    kind = picture_type(content)
    if kind is None:
        raise CampaignError("照片要用 JPEG、PNG 或 WebP 文件；请重新选择。")
    try:
        return keep_bytes(evidence, redrawn(content, kind) or content)
    except PictureError as error:
        raise CampaignError(str(error)) from error


@contextmanager
def kept_upload(upload: FileStorage) -> Iterator[Path]:
    """An uploaded file on disk for as long as it is read; one that is too large is refused."""
    if upload.stream.seek(0, os.SEEK_END) > LARGEST_UPLOAD:
        raise CampaignError("文件超过 20 MB；请换成较小的文件。")
    upload.stream.seek(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (secure_filename(upload.filename or "") or "upload")
        upload.save(path)
        yield path
