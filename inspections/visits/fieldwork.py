"""Words of fieldwork kept as data: the walk, measured values, remarks, closed lists; questions of the exam.

`fieldwork()` is what a tablet is given of it, as plain values; a fault names file, entry and cure.
"""

import hashlib
import re
import tomllib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.errors import HouseError
from inspections.record.own_files import OwnKind, declare_own_kind, former_files, own_or_shipped
from inspections.units.words import unit_types

SEEDS = PACKAGE_ROOT / "seeds" / "fieldwork"

EXAM = "exam.toml"
_QUESTION = {"id": str, "text": str, "choices": list, "right": int, "source": str}
MOST_ASKED, MOST_CHOICES = 100, 21
"""What the result of an exam can hold; a file whose results could not arrive is refused."""
_LINE = re.compile(r"line (\d+)")
_EXAM_ID = re.compile(r"[0-9A-Za-z_.-]{1,60}")
_LISTS = ("obstruction_grounds", "handlings", "na_reasons", "guest_roles", "told_ways")
_MEASURE_KEYS = frozenset({"items", "label", "unit", "at_least", "at_most", "basis", "reference"})
_BASES = frozenset({"stated", "secondary", "assumed", "local", "unknown"})


class FieldworkError(HouseError):
    """A file of `seeds/fieldwork` says something that no tablet could work with."""


@cache
def fieldwork(folder: Path = SEEDS) -> dict[str, Any]:
    """Everything of `seeds/fieldwork`, checked, in the shape of the tablets' bundle."""
    walk, procedure = _read(folder, "walk.toml"), _read(folder, "procedure.toml")
    remarks = _read(folder, "remarks.toml")
    lists = {name: _entries(procedure, name, "procedure.toml") for name in _LISTS}
    return {
        "places": _entries(walk, "places", "walk.toml"),
        "items": _items_of_places(walk),
        "applies_to": _applies_to(walk),
        "measures": [_measure(row) for row in walk.get("measures", [])],
        "words": [_remark(row) for row in remarks["words"]],
        "deadlines": procedure["deadlines"],
        "refusal": procedure["refusal"],
        **lists,
    }


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        # Notepad writes a mark before the first letter.
        return tomllib.loads((folder / name).read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise FieldworkError(f"{name} 不是 UTF-8 文本；请在记事本里“另存为”，编码选 UTF-8。") from fault
    except tomllib.TOMLDecodeError as fault:
        line = _LINE.search(str(fault))
        where = f"第 {line.group(1)} 行" if line else "末尾"
        raise FieldworkError(f"{name} 的{where}不合 TOML 的写法；请照样例改正。") from fault


def _entries(data: dict[str, Any], name: str, file: str) -> list[dict[str, str]]:
    """A closed list: ids that are used once, each with its words."""
    rows: list[dict[str, str]] = data.get(name, [])
    if not rows:
        raise FieldworkError(f"{file} 里没有 {name}；请至少写一条。")
    ids = [row.get("id", "") for row in rows]
    if len(set(ids)) != len(ids) or not all(row.get("id") and row.get("zh") for row in rows):
        raise FieldworkError(f"{file} 的 {name} 里有缺少 id 或 zh 的条目，或 id 重复；请逐条核对。")
    return rows


def _items_of_places(walk: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Of each checklist, the place of every item; an item stands in one place."""
    known = {row["id"] for row in walk["places"]}
    found: dict[str, dict[str, str]] = {}
    for checklist, places in walk["items"].items():
        found[checklist] = {}
        for place, codes in places.items():
            if place not in known:
                raise FieldworkError(f"walk.toml：{checklist} 的地点“{place}”没有在 places 里；请先加上。")
            for code in codes:
                if code in found[checklist]:
                    raise FieldworkError(f"walk.toml：{checklist} 的 {code} 出现了两次；请只留一处。")
                found[checklist][code] = place
    return found


def _applies_to(walk: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rules: dict[str, dict[str, Any]] = walk["applies_to"]
    for word, rule in rules.items():
        unknown = set(rule.get("unit_types", ())) - set(unit_types())
        if unknown or not rule.keys() <= {"unit_types", "online_ordering"}:
            raise FieldworkError(f"walk.toml：applies_to “{word}”里有不认识的业态或字段；请核对名册的业态。")
    return rules


def _measure(row: dict[str, Any]) -> dict[str, Any]:
    if not row.keys() <= _MEASURE_KEYS or row.get("basis") not in _BASES or not row.get("unit"):
        raise FieldworkError(f"walk.toml：测量值 {row.get('label')} 的字段、单位或依据不对；请照其他条目改。")
    return row


def _remark(row: dict[str, Any]) -> dict[str, Any]:
    if row.keys() != {"id", "text", "items"} or not all("/" in item for item in row["items"]):
        raise FieldworkError(f"remarks.toml：{row.get('id')} 应有 id、text 和 items（检查表/项目）；请改正。")
    return row


def exam() -> dict[str, Any]:
    """The question file in force: the bureau's own, else the shipped sample; with its hash."""
    path = own_or_shipped(EXAM, SEEDS / EXAM)
    return _exam_at(path, path.stat().st_mtime_ns)


def exam_by_sha256(sha256: str) -> dict[str, Any] | None:
    """A question file by its hash, also one that was replaced: tablets may be out with it."""
    for path in (own_or_shipped(EXAM, SEEDS / EXAM), SEEDS / EXAM, *former_files(EXAM)):
        found = _exam_at(path, path.stat().st_mtime_ns)
        if found["sha256"] == sha256:
            return found
    return None


@lru_cache(maxsize=32)
def _exam_at(path: Path, _changed_at: int) -> dict[str, Any]:
    return read_exam(path)


def read_exam(path: Path) -> dict[str, Any]:
    """A question file with its hash, which the result names."""
    found = _read(path.parent, path.name)
    title, questions, asked = found.get("title"), found.get("questions"), found.get("asked")
    if not isinstance(questions, list) or not all(isinstance(one, dict) for one in questions):
        raise FieldworkError(f"{path.name} 要有题目，每题写在一个 [[questions]] 下；请照样例写。")
    if not isinstance(title, str) or not isinstance(asked, int) or not 1 <= asked <= len(questions):
        raise FieldworkError(f"{path.name} 要有 title、asked 和至少 asked 道题；请照样例写。")
    if asked > MOST_ASKED:
        raise FieldworkError(f"{path.name} 的 asked 是 {asked}，一次最多考 {MOST_ASKED} 题；请改小。")
    for question in questions:
        _require_question(path.name, question)
    if len({question["id"] for question in questions}) != len(questions):
        raise FieldworkError(f"{path.name} 里有编号相同的题；请改成不同的编号。")
    found["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _require_question(file: str, question: dict[str, Any]) -> None:
    """A question whose answer a tablet can send."""
    wrong = [name for name, kind in _QUESTION.items() if type(question.get(name)) is not kind]
    if wrong or not all(isinstance(one, str) for one in question["choices"]):
        name = question.get("id", "有一题")
        raise FieldworkError(f"{file}：{name} 的 {'、'.join(wrong) or 'choices'} 缺少或写法不对。")
    id_ = question["id"]
    if not _EXAM_ID.fullmatch(id_):
        raise FieldworkError(f"{file}：题目编号“{id_}”只能用英文字母、数字、点和横线，最多 60 个字符。")
    if len(question["choices"]) > MOST_CHOICES:
        raise FieldworkError(f"{file}：{id_} 的选项超过 {MOST_CHOICES} 个；请减少。")
    if not 0 <= question["right"] < len(question["choices"]):
        raise FieldworkError(f"{file}：{id_} 的正确答案不在选项里；序号从 0 数起。")


def _name_of_exam(path: Path) -> str:
    read_exam(path)
    return EXAM


declare_own_kind(
    OwnKind(
        "exam",
        "人员考核题库",
        "照样例写的 TOML 文件；放入以前用的是样例题，结果只作演示",
        _name_of_exam,
        lambda: SEEDS / EXAM,
    )
)
