"""Types of what a tablet may send, and what is wrong with it in Chinese."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

# Whatever cannot be drawn, and what PostgreSQL cannot store; line feeds and tabs are text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_YEARS = range(2000, 2100)


class Strict(BaseModel):
    """A JSON object with exactly these fields, each of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _printable(text: str) -> str:
    if _CONTROLS.search(text):
        raise PydanticCustomError("controls", "含有看不见的控制字符；请重新输入")
    return text


def _day(value: object) -> date:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            found = date.min
        if found.year in _YEARS:
            return found
    raise PydanticCustomError("day", "不是日期；应写成 2026-01-31")


def _instant(value: object) -> datetime:
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        try:
            found = datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            found = datetime.min.replace(tzinfo=UTC)
        if found.year in _YEARS:
            return found
    raise PydanticCustomError("instant", "不是带时区的时间；应写成 2026-01-31T08:00:00Z")


Clean = AfterValidator(_printable)
Name = Annotated[str, StringConstraints(max_length=200), Clean]
Note = Annotated[str, StringConstraints(max_length=2_000), Clean]
Passage = Annotated[str, StringConstraints(max_length=20_000), Clean]
Wording = Annotated[str, StringConstraints(max_length=100_000), Clean]
Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{8,64}$")]
KeyWord = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,60}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[datetime, BeforeValidator(_instant)]
RowId = Annotated[int, Field(ge=1, le=2_147_483_647)]
Reading = Annotated[float, Field(ge=-1_000_000, le=1_000_000, allow_inf_nan=False)]

_WHAT = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个字段",
    "string_type": "应是文字",
    "string_unicode": "含有看不见的控制字符；请重新输入",
    "string_too_long": "太长，最多 {max_length} 个字符",
    "string_too_short": "太短，至少 {min_length} 个字符",
    "string_pattern_mismatch": "写法不对",
    "int_type": "应是整数",
    "int_from_float": "应是整数",
    "float_type": "应是数",
    "finite_number": "应是数",
    "bool_type": "应是 true 或 false",
    "literal_error": "不在允许的取值里：{expected}",
    "list_type": "应是列表",
    "dict_type": "应是键和值",
    "model_type": "应是键和值",
    "too_long": "太多，最多 {max_length} 项",
    "greater_than_equal": "太小，至少 {ge}",
    "less_than_equal": "太大，最多 {le}",
}
_MOST_NAMED = 20
_LONGEST_PART = 60


def faults_of(error: ValidationError, prefix: Sequence[str] = ()) -> list[dict[str, str]]:
    """What was wrong where, in Chinese; never the value itself."""
    rows = error.errors(include_url=False, include_input=False)[:_MOST_NAMED]
    return [
        {"where": "/".join([*prefix, *(_part(part) for part in row["loc"])]), "what": _what(row)}
        for row in rows
    ]


def _part(part: int | str) -> str:
    """A field's name as it may be shown again, whoever invented it."""
    return str(part)[:_LONGEST_PART].encode("utf-8", "replace").decode()


def _what(row: ErrorDetails) -> str:
    if row["type"] in {"controls", "day", "instant", "choice"}:
        return row["msg"]
    context: dict[str, Any] = {"expected": "", **row.get("ctx", {})}
    return _WHAT.get(row["type"], "格式不对").format_map(context)
