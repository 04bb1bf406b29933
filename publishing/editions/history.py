"""A really published edition, read from one record of whatever shape; its own words stay as they are."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from inspections.surface.sheets.columns import day
from inspections.surface.sheets.faults import CellError
from inspections.units.holders import shown_holder
from inspections.units.words import may_be_personal
from publishing.editions.history_fields import (
    EDITION_LABELS,
    EDITION_PLACES,
    ENTRY_LABELS,
    ENTRY_PLACES,
    SOURCE_ONLY,
    edition_more,
    entry_more,
    words_of,
)
from publishing.editions.history_names import without_person, without_persons
from publishing.editions.history_records import HistoricalEdition as HistoricalEdition
from publishing.editions.history_records import HistoricalEntry as HistoricalEntry

EARLIEST = date(1990, 1, 1)
_LISTS = {
    "红榜": "red", "红": "red", "黑榜": "black", "黑": "black", "黄榜": "yellow", "黄": "yellow",
    "red": "red", "black": "black", "yellow": "yellow",
}  # fmt: skip
_TEXTS = ("period", "source_title", "theme", "district", "city", "notes", "format")
_ENTRY_TEXTS = ("shop_sign", "licence_name", "address", "measures")
_SAFE_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,59}")
_KEPT = "原样保存在来源记录里，没有上页面"


@dataclass(frozen=True)
class Problem:
    """Something about a record that a person should look at; a warning does not keep it out."""

    place: str
    value: str
    what: str
    cure: str
    is_warning: bool = True


@dataclass
class _Desk:
    """Collects what is found on the way."""

    problems: list[Problem] = field(default_factory=list)

    def warn(self, place: str, value: object, what: str, cure: str) -> None:
        self.problems.append(Problem(place, words_of(value)[:40], what, cure))

    def refuse(self, place: str, value: object, what: str, cure: str) -> None:
        self.problems.append(Problem(place, words_of(value)[:40], what, cure, is_warning=False))


def parse_json(text: str) -> Any:
    """JSON with its decimal numbers as they are written (`89.30` stays `89.30`)."""
    return json.loads(text, parse_float=Decimal, parse_constant=str)


def canonical(record: object) -> str:
    """One text for one content, whatever its spaces and order of fields."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def read_record(record: object, *, today: date) -> tuple[HistoricalEdition | None, list[Problem]]:
    """The edition behind a record, with everything about it that a person should look at.

    None where it cannot be an edition: it names no authority, or it is no record at all.
    """
    desk = _Desk()
    if not isinstance(record, Mapping):
        desk.refuse("", record, "不是一条榜单记录", "应是写有 authority 和 entries 的对象")
        return None, desk.problems
    authority = words_of(record.get("authority"))
    if not authority:
        desk.refuse("authority", "", "没有发布机关", "请写明是哪个机关公示的")
        return None, desk.problems
    _note_unknown(desk, "", record, {*EDITION_PLACES, *EDITION_LABELS})
    _note_shapes(desk, "", record, _TEXTS)
    counts = _counts(desk, record.get("counts"))
    edition = HistoricalEdition(
        key=edition_key(record),
        authority=authority,
        period=words_of(record.get("period")) or None,
        issue_no=_issue_no(desk, record.get("issue_no")),
        title=words_of(record.get("source_title")) or None,
        theme=words_of(record.get("theme")) or None,
        published_on=_published_on(desk, record.get("published_on"), today),
        red_count=counts.get("red"),
        black_count=counts.get("black"),
        checked=counts.get("inspected"),
        entries=tuple(_entries(desk, record)),
        more=edition_more(record),
    )
    if not record.get("id"):
        desk.warn("id", "", "没有编号，用内容的校验值代替", "请给每条记录一个不重复的 id")
    told = without_persons(edition)
    if told != edition:
        desk.warn(
            "source_title",
            "",
            "标题、主题或说明里有像自然人的经营者姓名，没有公开",
            "已换成“个体经营者”；请核对",
        )
    return told, desk.problems


def edition_key(record: Mapping[str, object]) -> str:
    """The key of a historical edition: its own id where that fits an address, else a short hash."""
    own = words_of(record.get("id"))
    if _SAFE_ID.fullmatch(own):
        return f"h-{own}"
    identity = own or canonical({name: value for name, value in record.items() if name != "entries"})
    return f"h-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"


def _note_unknown(desk: _Desk, place: str, record: Mapping[str, object], known: set[str]) -> None:
    for key in record:
        if key not in known and key not in SOURCE_ONLY:
            desk.warn(f"{place}{key}", record[key], "不认识的字段", f"{_KEPT}；写错了请改成已知的字段名")


def _note_shapes(desk: _Desk, place: str, record: Mapping[str, object], keys: tuple[str, ...]) -> None:
    for key in keys:
        value = record.get(key)
        if value is not None and not isinstance(value, str):
            desk.warn(f"{place}{key}", value, "应是文字", "已按文字显示，请核对")


def _counts(desk: _Desk, value: object) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        desk.warn("counts", value, "应是按榜写的数量", "已按文字显示，请核对")
        return {}
    found = {}
    for key in ("red", "black", "inspected"):
        number = value.get(key)
        if isinstance(number, str) and number.strip().isascii() and number.strip().isdigit():
            number = int(number)
        if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
            found[key] = number
        elif number is not None:
            desk.warn(f"counts.{key}", number, "不是数量", "只按文字显示，请核对")
    return found


def _issue_no(desk: _Desk, value: object) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if value is not None:
        desk.warn("issue_no", value, "不是期号的数字", "只按文字显示，请核对")
    return None


def _published_on(desk: _Desk, value: object, today: date) -> date | None:
    if value is None or value == "":
        return None
    written = value.split("T")[0] if isinstance(value, str) else value
    try:
        return _read_day(written, today)
    except CellError as wrong:
        cure = "没有公示日期的只留在内部资料里；请写成 2024-11-29，不知道就写 null"
        desk.warn("published_on", value, wrong.what, cure)
        return None


def _read_day(value: object, today: date) -> date | None:
    if not isinstance(value, str):
        raise CellError("不是日期", "")
    found: date | None = day(EARLIEST, today)(value)
    return found


def _entries(desk: _Desk, record: Mapping[str, object]) -> Iterator[HistoricalEntry]:
    for number, (place, entry, list_word) in enumerate(_entry_records(desk, record), start=1):
        if isinstance(entry, str) and entry.strip():
            desk.warn(place, entry, "条目只有文字", "已当作名称；请核对")
            entry = {"shop_sign": entry}
        if not isinstance(entry, Mapping):
            desk.refuse(place, entry, "不是一个条目，没有导入", "应是写有 list、shop_sign 等字段的对象")
            continue
        yield _entry(desk, place, number, {"list": list_word, **entry} if list_word else entry)


def _entry_records(desk: _Desk, record: Mapping[str, object]) -> Iterator[tuple[str, object, str | None]]:
    entries = record.get("entries")
    if isinstance(entries, Mapping):
        desk.warn("entries", "", "条目按榜分组", "已按组名读取；请核对")
        for list_word, group in entries.items():
            for place, entry in enumerate(group if isinstance(group, list) else [group], start=1):
                yield f"entries.{list_word}[{place}]", entry, str(list_word)
    elif isinstance(entries, list):
        for place, entry in enumerate(entries, start=1):
            yield f"entries[{place}]", entry, None
    else:
        desk.warn("entries", entries, "没有条目列表", "没有公布名单时请写空列表 []")


def _entry(desk: _Desk, place: str, number: int, entry: Mapping[str, object]) -> HistoricalEntry:
    _note_unknown(desk, f"{place}.", entry, {*ENTRY_PLACES, *ENTRY_LABELS})
    _note_shapes(desk, f"{place}.", entry, _ENTRY_TEXTS)
    truncated = entry.get("excerpt_truncated")
    if truncated is not None and not isinstance(truncated, bool):
        desk.warn(f"{place}.excerpt_truncated", truncated, "不是 true 或 false", "已当作不完整；请核对")
    licence_name = words_of(entry.get("licence_name"))
    read = HistoricalEntry(
        number=number,
        list_word=_list_word(desk, place, entry.get("list")),
        sign_name=words_of(entry.get("shop_sign")) or None,
        holder_shown=_holder(licence_name, entry.get("name_contains_person") is True),
        address=words_of(entry.get("address")) or None,
        reasons=tuple(_reasons(desk, place, entry.get("reasons"))),
        measures=words_of(entry.get("measures")) or None,
        is_truncated=bool(truncated),
        more=entry_more(entry),
    )
    told = without_person(read, licence_name)
    if told != replace(read, person=told.person):
        what = f"“{told.person}”像是自然人的姓名，条目的其他文字里也有，都没有公开"
        cure = "已换成“个体经营者”；若是字号，请写 name_contains_person: true"
        desk.warn(f"{place}.licence_name", licence_name, what, cure)
    return told


def _list_word(desk: _Desk, place: str, value: object) -> str | None:
    written = words_of(value)
    if not written:
        return None
    known = _LISTS.get(written.lower())
    if known is None:
        desk.warn(f"{place}.list", value, "不认识的榜", "按原文的叫法显示；请核对")
    return known or written


def _reasons(desk: _Desk, place: str, value: object) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, list):
        desk.warn(f"{place}.reasons", value, "应是理由的列表", "已当作一条理由；请核对")
    for reason in value if isinstance(value, list) else [value]:
        if not isinstance(reason, str):
            desk.warn(f"{place}.reasons", reason, "理由应是文字", "已按文字显示；请核对")
        if text := words_of(reason):
            yield text


def _holder(name: str, is_trade_name: bool) -> str | None:
    if not name:
        return None
    if is_trade_name or not may_be_personal(name):
        return name
    return shown_holder(name, holder_is_natural_person=None, credit_code=None)
