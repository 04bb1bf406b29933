"""A file of editions as people send it: any encoding, one record or many, cut in the middle or not."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from inspections.surface.sheets.faults import Fault, SheetError

_SPACE = re.compile(r"[\s,]*")
_GROUP = re.compile(r'"(?:editions|data|items|records)"\s*:\s*\[')


@dataclass(frozen=True)
class Record:
    """One record with its text exactly as it stands in the file."""

    place: int
    text: str
    value: object


@dataclass
class EditionsFile:
    """The records of a file, and what is wrong with the file itself."""

    name: str
    records: list[Record] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_editions_file(path: Path) -> EditionsFile:
    """Read a JSON array, one object, an object with `editions`, or one record per line."""
    if not path.is_file():
        raise SheetError(f"找不到文件 {path}；请检查路径。")
    content = path.read_bytes()
    if not content.strip():
        raise SheetError(f"{path.name} 是空文件；请换成有内容的文件。")
    found = EditionsFile(path.name)
    text = _decode(content, found)
    start = _SPACE.match(text.removeprefix("\ufeff"))
    body = text.removeprefix("\ufeff")[start.end() if start else 0 :]
    if not body.startswith(("[", "{")):
        raise SheetError(f"{path.name} 不是 JSON 文件；榜单记录应写成 JSON 数组。")
    try:
        found.records = list(_records(body, found))
    except RecursionError as error:
        raise SheetError(f"{path.name} 嵌套得太深，读不出来；请换成正常的榜单记录。") from error
    if not found.records and not found.faults:
        raise SheetError(f"{path.name} 里没有榜单记录；请换成有内容的文件。")
    return found


def _decode(content: bytes, found: EditionsFile) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        line = content.count(b"\n", 0, at) + 1
        what = f"第 {line} 行有不是 UTF-8 的字节，显示为“\ufffd”"
        found.faults.append(Fault(0, "", "", what, "请改用 UTF-8 的原文件重新导入", is_warning=True))
        return content.decode("utf-8", errors="replace")


def _records(body: str, found: EditionsFile) -> Iterator[Record]:
    if body.startswith("["):
        yield from _sequence(body, 1, found, closed_by="]")
        return
    group = _GROUP.search(body)
    if group is not None and '"entries"' not in body[: group.start()]:
        yield from _sequence(body, group.end(), found, closed_by="]")
    else:
        yield from _sequence(body, 0, found, closed_by="")


def _sequence(body: str, position: int, found: EditionsFile, *, closed_by: str) -> Iterator[Record]:
    """Records one after the other, so that a file cut in the middle still gives the whole ones."""
    decoder = json.JSONDecoder(
        parse_float=Decimal,
        parse_constant=str,
        object_pairs_hook=lambda pairs: _pairs(pairs, found, place),
    )
    place = 0
    while True:
        space = _SPACE.match(body, position)
        position = space.end() if space else position
        if position >= len(body):
            if closed_by:
                _cut(found, place, "文件在这里断开，后面的内容没有读到")
            return
        if closed_by and body.startswith(closed_by, position):
            return
        place += 1
        try:
            value, end = decoder.raw_decode(body, position)
        except json.JSONDecodeError as error:
            line = body.count("\n", 0, error.pos) + 1
            _cut(found, place, f"第 {line} 行起不是完整的 JSON，从这条起没有读到")
            return
        yield Record(place, body[position:end], value)
        position = end


def _cut(found: EditionsFile, place: int, what: str) -> None:
    found.faults.append(Fault(place, "", "", what, "请取得完整的文件重新导入；以前的记录已照常读取"))


def _pairs(pairs: list[tuple[str, Any]], found: EditionsFile, place: int) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        names = [name for name, _ in pairs]
        twice = "、".join(sorted({name for name in names if names.count(name) > 1}))
        what, cure = "同一个字段写了两次，用的是后一次的值", "请删去重复的字段"
        found.faults.append(Fault(place, twice, "", what, cure, is_warning=True))
    return values
