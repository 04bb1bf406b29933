"""Really published editions of other authorities, read from JSON in whatever shape they have.

Nothing is dropped and nothing invented: the record is stored whole; every field stands on a page or in
`SOURCE_ONLY`, with the reason.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.surface.sheets.faults import Fault, SheetError
from inspections.units.holders import shown_holder
from inspections.units.tables import RegisterImport
from publishing.editions.tables import Edition, EditionEntry, EditionKind
from publishing.editions.wording import mask_numbers

EDITIONS_IMPORTED = declare_event("editions_imported", "file_name", "file_sha256", "editions", "entries")

# Fields of an edition that stand in a place of their own.
_EDITION_PLACES = frozenset(
    {"id", "authority", "district", "period", "issue_no", "theme", "published_on", "source_title", "entries"}
)
# Fields that stand as label and text, in this order.
_EDITION_LABELS = {
    "kind": "形式",
    "city": "城市",
    "district": "地区",
    "period_basis": "月份依据",
    "counts": "数量",
    "complete": "名单",
    "title_as_published": "标题",
    "text_normalised": "文字",
}
_ENTRY_PLACES = frozenset(
    {"list", "shop_sign", "licence_name", "address", "reasons", "measures", "excerpt_truncated"}
)
_ENTRY_LABELS = {
    "rectified": "整改",
    "rectification_note": "整改说明",
    "moved_from_black": "变动",
    "district": "所在区",
    "area": "路段",
    "premises_type": "业态",
    "online_name": "网店名称",
    "online_platforms": "上线平台",
    "published_string": "原文名称",
    "score": "得分",
    "public_score": "公众打分",
    "grade": "公布的等级",
    "grade_before": "原等级",
    "recheck_on": "复查日期",
    "legal_basis": "依据",
    "entry_note": "说明",
}
SOURCE_ONLY = {
    "source_url": "many addresses are mirrors of the original page, which must not be linked",
    "source_kind": "says how good the copy is, for the staff",
    "format": "the collector's description of the page's layout",
    "notes": "the collector's remarks, not the authority's words",
    "name_contains_person": "a flag for checking the masking of names",
}

_KINDS = {
    "red_black_list": "红黑榜",
    "graded_inspection": "量化等级检查",
    "exposure": "曝光",
    "penalty_notice": "查处通报",
    "plaque": "门口挂牌",
}
_COUNTS = {"red": "红榜", "black": "黑榜", "yellow": "黄榜", "inspected": "检查"}
_PERSON_LENGTH = 4


@dataclass
class HistoryLoaded:
    """What became of a file of historical editions."""

    editions: int = 0
    entries: int = 0
    unchanged: int = 0
    without_publication_day: int = 0
    faults: list[Fault] = field(default_factory=list)


def import_history(session: Session, path: Path, *, actor: str, now: datetime) -> HistoryLoaded:
    """Load a JSON file of published editions; good records load, bad ones are named with their cure."""
    content = path.read_bytes() if path.is_file() else b""
    records = _records(path, content)
    sha256 = hashlib.sha256(content).hexdigest()
    loaded = HistoryLoaded()
    ids: list[int] = []
    for place, record in enumerate(records, start=1):
        faults = list(_faults(place, record))
        loaded.faults += faults
        if any(not fault.is_warning for fault in faults):
            continue
        ids += _load(session, place, record, loaded)
    session.add(
        RegisterImport(
            kind="editions",
            file_name=path.name,
            file_sha256=sha256,
            imported_at=now,
            imported_by=actor,
            counts=json.dumps({"editions": loaded.editions, "entries": loaded.entries}),
        )
    )
    fields = {
        "file_name": path.name,
        "file_sha256": sha256,
        "editions": loaded.editions,
        "entries": loaded.entries,
    }
    write_audit(session, EDITIONS_IMPORTED, actor=actor, now=now, fields=fields)
    note_changes(session, Subject.EDITION, ids)
    return loaded


def _records(path: Path, content: bytes) -> list[Any]:
    if not content.strip():
        raise SheetError(f"{path.name} 是空文件或不存在；请检查路径。")
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SheetError(
            f"{path.name} 不是 UTF-8 文字（第 {error.start} 个字节起）；请另存为 UTF-8。"
        ) from error
    except json.JSONDecodeError as error:
        raise SheetError(
            f"{path.name} 第 {error.lineno} 行第 {error.colno} 列起不是完整的 JSON；请重新取得完整的文件。"
        ) from error
    if isinstance(read, dict):
        read = read.get("editions", [read])
    if not isinstance(read, list):
        raise SheetError(f"{path.name} 的内容应是一列榜单记录（JSON 数组）。")
    return read


def _faults(place: int, record: Any) -> Iterator[Fault]:
    if not isinstance(record, dict):
        yield Fault(place, "", str(record)[:40], "不是一条榜单记录", "应是带有 authority 和 entries 的对象")
        return
    authority = record.get("authority")
    if not isinstance(authority, str) or not authority.strip():
        yield Fault(place, "authority", "", "没有发布机关", "请写明是哪个机关公示的")
    published_on = record.get("published_on")
    if published_on is not None and _day(published_on) is None:
        yield Fault(
            place, "published_on", str(published_on), "不是日期", "请写成 2024-11-29，不知道就写 null"
        )
    issue_no = record.get("issue_no")
    if issue_no is not None and (not isinstance(issue_no, int) or isinstance(issue_no, bool)):
        yield Fault(place, "issue_no", str(issue_no), "不是整数", "请写期号的数字，不知道就写 null")
    for key in sorted(set(record) - _EDITION_PLACES - set(_EDITION_LABELS) - set(SOURCE_ONLY)):
        yield Fault(place, key, "", "不认识的字段", "原样保存在记录里，不上页面", is_warning=True)
    entries = record.get("entries")
    if not isinstance(entries, list):
        yield Fault(place, "entries", "", "没有条目列表", "没有公布名单时请写空列表 []")
        return
    for number, entry in enumerate(entries, start=1):
        yield from _entry_faults(place, number, entry)


def _entry_faults(place: int, number: int, entry: Any) -> Iterator[Fault]:
    where = f"entries[{number}]"
    if not isinstance(entry, dict):
        yield Fault(place, where, str(entry)[:40], "不是一个条目", "应是带有 list、shop_sign 等字段的对象")
        return
    for key in ("list", "shop_sign", "licence_name", "address", "measures"):
        if entry.get(key) is not None and not isinstance(entry[key], str):
            yield Fault(place, f"{where}.{key}", str(entry[key])[:40], "不是文字", "请写成文字或 null")
    reasons = entry.get("reasons")
    if reasons is not None and not (
        isinstance(reasons, list) and all(isinstance(reason, str) for reason in reasons)
    ):
        yield Fault(place, f"{where}.reasons", str(reasons)[:40], "不是理由的列表", "请写成文字的列表")
    for key in sorted(set(entry) - _ENTRY_PLACES - set(_ENTRY_LABELS) - set(SOURCE_ONLY)):
        yield Fault(
            place, f"{where}.{key}", "", "不认识的字段", "原样保存在记录里，不上页面", is_warning=True
        )


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def edition_key(record: Mapping[str, Any]) -> str:
    """The key of a historical edition's page: its own id, else the hash of its content."""
    own = re.sub(r"[^0-9a-z]+", "-", str(record.get("id") or "").lower()).strip("-")
    return f"h-{own}" if own else f"h-{hashlib.sha256(_canonical(record).encode()).hexdigest()[:12]}"


def _canonical(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _load(session: Session, place: int, record: dict[str, Any], loaded: HistoryLoaded) -> list[int]:
    key = edition_key(record)
    heading = _canonical({name: value for name, value in record.items() if name != "entries"})
    present = session.exec(select(Edition).where(Edition.key == key)).first()
    sources = [_canonical(entry) for entry in record["entries"]]
    if present is not None:
        _compare(session, present, heading, sources, place, loaded)
        return []
    counts = record.get("counts") if isinstance(record.get("counts"), dict) else {}
    published_on = _day(record.get("published_on"))
    edition = Edition(
        kind=EditionKind.HISTORICAL,
        key=key,
        period=_text(record.get("period")),
        issue_no=record.get("issue_no"),
        authority=record["authority"].strip(),
        district=_text(record.get("district")),
        title=_text(record.get("source_title")),
        theme=_text(record.get("theme")),
        red_count=_whole(counts or {}, "red"),
        black_count=_whole(counts or {}, "black"),
        checked=_whole(counts or {}, "inspected"),
        published_on=published_on,
        source=heading,
    )
    session.add(edition)
    session.flush()
    for number, (entry, source) in enumerate(zip(record["entries"], sources, strict=True), start=1):
        session.add(_entry(edition.id or 0, number, entry, source))
    session.flush()
    loaded.editions += 1
    loaded.entries += len(sources)
    loaded.without_publication_day += published_on is None
    return [edition.id or 0]


def _compare(
    session: Session, present: Edition, heading: str, sources: list[str], place: int, loaded: HistoryLoaded
) -> None:
    query = select(EditionEntry.source).where(EditionEntry.edition_id == present.id)
    stored = list(session.exec(query.order_by("number")))
    if present.source == heading and stored == sources:
        loaded.unchanged += 1
        return
    what = f"已有同号记录 {present.key}，内容不同，没有覆盖"
    loaded.faults.append(Fault(place, "id", present.key, what, "请改用新的 id，或核对哪一份是对的"))


def _entry(edition_id: int, number: int, entry: Mapping[str, Any], source: str) -> EditionEntry:
    return EditionEntry(
        edition_id=edition_id,
        number=number,
        list_word=_text(entry.get("list")),
        sign_name=_shown(entry.get("shop_sign")),
        holder_shown=_holder(_text(entry.get("licence_name"))),
        address=_shown(entry.get("address")),
        reasons=json.dumps([mask_numbers(text) for text in entry.get("reasons") or []], ensure_ascii=False),
        measures=_shown(entry.get("measures")),
        is_truncated=entry.get("excerpt_truncated") is True,
        source=source,
    )


def _holder(name: str | None) -> str | None:
    if name is None:
        return None
    # The source tells no credit code: only what can be a person's name alone is masked.
    if len(name) > _PERSON_LENGTH:
        return mask_numbers(name)
    return shown_holder(name, holder_is_natural_person=None, credit_code=None)


def _text(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    return text or None


def _shown(value: object) -> str | None:
    text = _text(value)
    return None if text is None else mask_numbers(text)


def _whole(counts: Mapping[str, Any], key: str) -> int | None:
    value = counts.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def edition_more(source: str | None) -> tuple[tuple[str, str], ...]:
    """Label and text of the fields of a historical edition that have no place of their own."""
    if source is None:
        return ()
    record = json.loads(source)
    found = [(label, _edition_word(key, record.get(key))) for key, label in _EDITION_LABELS.items()]
    return tuple((label, mask_numbers(text)) for label, text in found if text)


def _edition_word(key: str, value: Any) -> str:
    match key:
        case "kind":
            return _KINDS.get(str(value), str(value or ""))
        case "counts":
            return _count_words(value)
        case "complete":
            return "来源未登出全部条目" if value is False else ""
        case "title_as_published":
            return "来源没有标题，此为说明性标题" if value is False else ""
        case "text_normalised":
            return "来源为繁体转录，已写回简体" if value is True else ""
        case "period_basis":
            return "由来源推定" if value == "inferred" else ""
        case _:
            return str(value) if value else ""


def _count_words(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    words = [f"{_COUNTS.get(key, key)} {count}" for key, count in value.items() if isinstance(count, int)]
    for district, counts in (value.get("by_district") or {}).items():
        words.append(f"{district}：{_count_words(counts)}")
    return "；".join(words)


def entry_more(source: str | None) -> tuple[tuple[str, str], ...]:
    """Label and text of the fields of a historical entry that have no place of their own."""
    if source is None:
        return ()
    entry = json.loads(source)
    found = [(label, _entry_word(key, entry.get(key))) for key, label in _ENTRY_LABELS.items()]
    return tuple((label, mask_numbers(text)) for label, text in found if text)


def _entry_word(key: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if key == "rectified":
        return "已整改" if value is True else "未整改" if value is False else str(value)
    if key == "moved_from_black":
        return "由黑榜转入" if value is True else ""
    return "、".join(str(part) for part in value) if isinstance(value, list) else str(value)
