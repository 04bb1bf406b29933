"""Reading typed fields out of nodes, noting every fault with its cure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from grading.errors import Fault
from grading.yaml_reader import Node

T = TypeVar("T")
_COMMA = "；若这是前一段文字里逗号之后的部分，给那段文字加上引号"
_KINDS: Mapping[type, str] = {
    str: "文字",
    int: "整数",
    bool: "true 或 false",
    date: "日期（2026-01-31）",
    dict: "键和值",
    list: "列表（每项以 - 开头）",
}


@dataclass
class Faults:
    """The faults found so far in one run."""

    rows: list[Fault] = field(default_factory=list)
    unread: str = ""
    """The text of files that could not be read: what is lacking may stand there."""

    def add(self, node: Node, what: str, cure: str) -> None:
        """Note a fault at a node."""
        self.rows.append(Fault(node.file, node.line, what, cure))

    def lacking(self, node: Node, name: str, what: str, cure: str) -> None:
        """Note that nothing has a name, unless it may stand in a file that could not be read."""
        if not (name and name in self.unread):
            self.add(node, what, cure)


class Fields:
    """The keys of one mapping: unknown keys are faults, each value is read by its type."""

    def __init__(self, node: Node, what: str, faults: Faults, known: Iterable[str]) -> None:
        """Take a node that should be a mapping with keys among `known`."""
        self.node = node
        self.what = what
        self.faults = faults
        self.entries: dict[str, Node] = {}
        names = tuple(known)
        if not isinstance(node.value, dict):
            faults.add(node, f"{what}应是键和值", f"写成“键: 值”，可用的键：{'、'.join(names)}")
            return
        self.entries = node.value
        for key, value in self.entries.items():
            if key not in names:
                cure = f"可用的键：{'、'.join(names)}" + (_COMMA if value.value is None else "")
                faults.add(value, f"{what}里没有“{key}”这个键", cure)

    def get(self, key: str) -> Node | None:
        """Return the node of a key, or None when absent or null."""
        node = self.entries.get(key)
        return None if node is None or node.value is None else node

    def need(self, key: str) -> Node | None:
        """Return the node of a key; its absence is a fault."""
        node = self.get(key)
        if node is None and isinstance(self.node.value, dict):
            self.faults.add(self.node, f"{self.what}缺少“{key}”", f"补上“{key}: …”")
        return node

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a default its absence is a fault."""
        return self._typed(key, str, default, "")

    def day(self, key: str) -> date | None:
        """Return a date or None."""
        node = self.get(key)
        return None if node is None else typed(node, date, self.faults, f"“{key}”")

    def flag(self, key: str) -> bool:
        """Return true or false; absent is false."""
        return self._typed(key, bool, False, False)

    def words(self, key: str, *, may_repeat: bool = False) -> tuple[str, ...]:
        """Return a list of texts; absent is empty."""
        node = self.get(key)
        return () if node is None else word_list(node, self.faults, f"“{key}”", may_repeat=may_repeat)

    def _typed(self, key: str, kind: type[T], default: T | None, empty: T) -> T:
        node = self.need(key) if default is None else self.get(key)
        if node is None:
            return empty if default is None else default
        value = typed(node, kind, self.faults, f"“{key}”")
        if default is None and value == "":
            self.faults.add(node, f"“{key}”是空的", "写上内容")
        return empty if value is None else value


def typed(node: Node, kind: type[T], faults: Faults, what: str) -> T | None:
    """Return the value when it has the type, else note a fault and return None."""
    value = node.value
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    faults.add(node, f"{what}的值类型不对（{shown(value)}）", f"应是{_KINDS[kind]}")
    return None


def word_list(node: Node, faults: Faults, what: str, *, may_repeat: bool = False) -> tuple[str, ...]:
    """Return a list of texts; numbers that stand as codes are taken as written."""
    rows = typed(node, list, faults, what)
    words: list[str] = []
    for row in rows or []:
        if isinstance(row.value, (str, int, Decimal)) and not isinstance(row.value, bool):
            words.append(str(row.value))
        else:
            faults.add(row, f"{what}里有一项不是文字", "每项写一个词或编号")
    if not may_repeat and len(set(words)) != len(words):
        faults.add(node, f"{what}里有重复的项", "每项只写一次")
    return tuple(words)


def mapping(node: Node | None, faults: Faults, what: str) -> dict[str, Node]:
    """Return a mapping's nodes; anything else is a fault and gives an empty mapping."""
    if node is None or node.value is None:
        return {}
    value = typed(node, dict, faults, what)
    return value or {}


def each(node: Node | None, faults: Faults, what: str, read: Callable[[Node], T]) -> tuple[T, ...]:
    """Return what `read` makes of each row of a list."""
    if node is None:
        return ()
    return tuple(read(row) for row in typed(node, list, faults, what) or [])


def shown(value: object) -> str:
    """Return a value short enough for a message."""
    if isinstance(value, dict):
        return "键和值"
    if isinstance(value, list):
        return "列表"
    text = "空" if value is None else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
