"""Typed columns: how each cell's text or value becomes a value of ours, with the fault's cure."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from inspections.surface.sheets.faults import CellError

Reader = Callable[[object], Any]

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\ufeff]")
_SPACES = re.compile(r"\s+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?")
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAMAGED = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+|\d+\.0*")
_SEPARATORS = re.compile(r"[、,，;；/|\s]+")

EXCEL_DAY_ZERO = date(1899, 12, 30)
MACINTOSH_DAY_ZERO = date(1904, 1, 1)


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its headers, how a cell is read, and what the template says of it."""

    key: str
    header: str
    english: str
    read: Reader
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    note: str = ""
    width: int = 14
    is_day: bool = False
    is_list: bool = False


def plain(value: object) -> str:
    """A cell as trimmed text; whole floats lose their `.0`."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def text(longest: int = 200) -> Reader:
    """Text of at most `longest` characters, one line, without control characters."""

    def read(value: object) -> str | None:
        if isinstance(value, date | time | timedelta):
            raise CellError("被表格软件当成了日期或时间", "请把整列设为“文本”后重新输入")
        cleaned = value.strip() if type(value) is str else plain(value)
        if not cleaned:
            return None
        if not cleaned.isprintable():
            if _CONTROL.search(cleaned):
                raise CellError("含有看不见的控制字符", "请删掉这一格后重新输入文字")
            cleaned = _SPACES.sub(" ", cleaned)
        if len(cleaned) > longest:
            raise CellError(f"有 {len(cleaned)} 个字，最多 {longest} 个", "请缩短，或检查是否串列")
        return cleaned

    return read


def code_text(check: Callable[[str], str | None]) -> Reader:
    """A number written as text (licence number, credit code); `check` names what is wrong with it."""

    def read(value: object) -> str | None:
        if isinstance(value, float | int) and not isinstance(value, bool):
            raise CellError("被表格软件当成了数字，末尾几位可能已丢失", "请把整列设为“文本”后从证照重新输入")
        written = plain(value)
        if not (written.isascii() and written.isalnum() and written.isupper()):
            written = _code_as_meant(written)
        if not written:
            return None
        wrong = check(written)
        if _DAMAGED.fullmatch(written):
            raise CellError("被表格软件当成了数字，末尾几位可能已丢失", "请把整列设为“文本”后从证照重新输入")
        if wrong:
            raise CellError(wrong, "请对照证照改正")
        return written

    return read


def _code_as_meant(written: str) -> str:
    """A code without spaces, width differences, lower case, and the apostrophe that keeps it text."""
    if not written.isprintable() and _CONTROL.search(written):
        raise CellError("含有看不见的控制字符", "请删掉这一格后重新输入")
    return unicodedata.normalize("NFKC", written.lstrip("'’")).replace(" ", "").upper()


def whole(least: int, most: int) -> Reader:
    """A whole number within limits."""

    def read(value: object) -> int | None:
        number = _number(value)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise CellError("不是整数", "请写整数")
        _within(number, least, most)
        return int(number)

    return read


def decimal(least: int, most: int, places: int = 2) -> Reader:
    """A number within limits with at most `places` decimals."""

    def read(value: object) -> Decimal | None:
        number = _number(value)
        if number is None:
            return None
        _within(number, least, most)
        return round(number, places)

    return read


def _number(value: object) -> Decimal | None:
    written = value.strip() if type(value) is str else plain(value)
    if not written:
        return None
    if isinstance(value, date | time | timedelta):
        raise CellError("是日期或时间，这一列应是数字", "请检查是否串列，并把格式设为“常规”")
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(written)
    if not written.isascii():
        written = unicodedata.normalize("NFKC", written)
    if not _NUMBER.fullmatch(written):
        raise CellError("不是数字", "请只写数字，不带单位")
    return Decimal(written.replace(",", ""))


def _within(number: Decimal, least: int, most: int) -> None:
    if number < least:
        raise CellError(f"小于 {least}", "请核对；不知道就留空")
    if number > most:
        raise CellError(f"大于 {most}", "请核对单位；不知道就留空")


def day(earliest: date, latest: date) -> Reader:
    """A civil day within limits, from text in many forms or from the table program's own dates."""

    def read(value: object) -> date | None:
        found = _day(value)
        if found is None:
            return None
        if not earliest <= found <= latest:
            raise CellError(f"{found} 不在 {earliest} 至 {latest} 之间", "请核对年份")
        return found

    return read


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = unicodedata.normalize("NFKC", plain(value))
    if not written:
        return None
    match = _DAY.fullmatch(written) or _COMPACT_DAY.fullmatch(written)
    if match is None and _SERIAL.fullmatch(written):
        raise CellError("是表格软件的日期序号", "请把这一列的格式设为日期，或写成 2026-11-24 的形式")
    if match is None:
        raise CellError("看不出是哪一天", "请写成 2026-11-24 的形式")
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise CellError("没有这一天", "请写成 2026-11-24 的形式") from None


def serial_day(number: float, *, since_1904: bool) -> date:
    """The day behind a table program's day number; outside its range the number is a fault."""
    if not 1 <= number <= 120_000:
        raise CellError("这个数字不是日期", "请写成 2026-11-24 的形式")
    zero = MACINTOSH_DAY_ZERO if since_1904 else EXCEL_DAY_ZERO
    return zero + timedelta(days=int(number))


def choice(words: Mapping[str, Any], shown: Sequence[str] = ()) -> Reader:
    """One of the allowed words, or what it stands for; case and width do not matter.

    `shown` are the words that a fault names, where not all of them.
    """
    known: dict[str, Any] = {str(value).lower(): value for value in words.values()}
    known |= {word.lower(): value for word, value in words.items()}

    def read(value: object) -> Any:
        written = plain(value)
        if not written:
            return None
        found = known.get(written.lower(), known)
        if found is known:
            found = known.get(unicodedata.normalize("NFKC", written).lower(), known)
        if found is known:
            raise CellError("不是允许的值", f"请从这些里选：{'、'.join(shown or words)}")
        return found

    return read


def yes_no() -> Reader:
    """是 or 否."""
    spoken = {"是": True, "否": False}
    typed = {"yes": True, "no": False, "y": True, "n": False, "1": True, "0": False, "有": True, "无": False}
    return choice(spoken | typed, shown=tuple(spoken))


def words(allowed: Mapping[str, str]) -> Reader:
    """Several allowed words, or what they stand for, parted by commas or 、; in the vocabulary's order."""
    order = list(dict.fromkeys(allowed.values()))
    meant = {word: word for word in order} | dict(allowed)
    known: dict[str, str] = {}

    def read(value: object) -> str:
        written = plain(value)
        if written in known:
            return known[written]
        found = set()
        for word in _SEPARATORS.split(unicodedata.normalize("NFKC", written).lower()):
            if word and word not in meant:
                raise CellError(f"“{word}”不是允许的值", f"请从这些里选，用顿号分开：{'、'.join(allowed)}")
            if word:
                found.add(meant[word])
        known[written] = ",".join(word for word in order if word in found)
        return known[written]

    return read
