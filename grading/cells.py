"""A rulebook's cells: a legal value, every day on which it changed, and on what it rests."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from grading.vocabulary import Basis


@dataclass(frozen=True)
class Form:
    """The shape a cell's value must have; `of` is the form of each entry of a table."""

    kind: str
    scale: str = ""
    words: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    keys_label: str = ""
    keys_scale: str = ""
    of: "Form | None" = None
    step: object = None
    inputs: tuple[str, ...] = ()
    whole: bool = False
    limits: Mapping[str, object] = field(default_factory=dict)
    """What a number must be: `from`, `above`, `to`, `below`."""

    def scales(self) -> frozenset[str]:
        """Return the names of the scales whose words the value uses."""
        own = {name for name in (self.scale, self.keys_scale) if name}
        return frozenset(own | (self.of.scales() if self.of is not None else set()))

    def shape(self) -> str:
        """Return the shape in Chinese, for a person who is to enter a value."""
        if self.kind == "table" and self.of is not None:
            keys = "、".join(self.keys) if self.keys else self.keys_label or "编号"
            return f"表 {{{keys}: {self.of.shape()}}}"
        return {
            "number": f"一个{self._number()}",
            "range": f"两个{self._number()} [最少, 最多]",
            "word": f"其中一个词：{'、'.join(self.words)}",
            "words": f"一列词 [{'、'.join(self.words)}]" if self.words else "一列词 [甲, 乙]",
            "bands": f"分段表 [{{to: 上限, is: …}}, {{above: 上限, is: …}}]，is 写{self._result()}",
            "rules": f"判定表 [{{is: …, when: {{条件}}}}, {{is: …}}]，is 写{self._result()}，"
            f"条件可用 {'、'.join(self.inputs)}",
        }.get(self.kind, self.kind)

    def _number(self) -> str:
        words = {"from": "不小于", "above": "大于", "to": "不大于", "below": "小于"}
        limits = "、".join(f"{words[name]} {limit}" for name, limit in self.limits.items())
        return ("整数" if self.whole else "数") + (f"（{limits}）" if limits else "")

    def _result(self) -> str:
        return self.of.shape() if self.of is not None else f"其中一个词：{'、'.join(self.words)}"


@dataclass(frozen=True)
class Entry:
    """What a cell says from one day on."""

    first_day: date
    value: object
    basis: Basis | None
    title: str
    article: str
    repealed: bool = False
    document_sha256: str = ""
    account: str = ""
    bases: Mapping[str, Basis] | None = None
    """The basis of entries inside a table where it differs from the rest."""

    def basis_at(self, path: tuple[str, ...]) -> Basis | None:
        """Return the basis of one entry of a table, the nearest one named for it."""
        for size in range(len(path), 0, -1):
            found = (self.bases or {}).get(".".join(path[:size]))
            if found is not None:
                return found
        return self.basis


@dataclass(frozen=True)
class Cell:
    """A dated value of a rulebook."""

    name: str
    label: str
    unit: str
    form: Form
    entries: tuple[Entry, ...]
    checked_on: date | None
    notes: str
    file: str
    line: int
    read_by: str = ""
    """Who reads the value besides procedures, such as the plan of visits."""

    def on(self, day: date) -> Entry | None:
        """Return what the cell says on a day, or None before its first day."""
        index = bisect_right([entry.first_day for entry in self.entries], day) - 1
        return self.entries[index] if index >= 0 else None


def step_into(value: object, path: tuple[str, ...]) -> tuple[object, tuple[str, ...]]:
    """Follow a path into a table; return where it ends and the part of the path walked."""
    for place, key in enumerate(path):
        if not isinstance(value, Mapping) or key not in value:
            return None, path[: place + 1]
        value = value[key]
        if value is None:
            return None, path[: place + 1]
    return value, path


def null_paths(value: object, path: str) -> list[str]:
    """Return the path of every unknown inside a value."""
    if value is None:
        return [path]
    if isinstance(value, Mapping):
        return [found for key in value for found in null_paths(value[key], f"{path}.{key}")]
    if isinstance(value, tuple) and any(isinstance(row, Mapping) for row in value):
        return [path] if any(null_paths(row, path) for row in value) else []
    return []


def says_anything(value: object) -> bool:
    """Tell whether any part of a value is known."""
    if isinstance(value, Mapping):
        return any(says_anything(row) for row in value.values())
    return value is not None
