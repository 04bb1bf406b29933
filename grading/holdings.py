"""Holdings: which rulebook holds for which unit type from which day, as dated data."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from grading import shapes
from grading.bundles import digest, layers
from grading.errors import RulebookError
from grading.fields import Faults, Fields, each
from grading.vocabulary import UnitType
from grading.yaml_reader import Node, read_yaml

_SHOWN = 3
PURPOSES = {"result": "result", "grade": "grade", "listing": "listing", "coverage": "grade"}
"""What a scheme may hold for, and the procedure that answers it; `coverage` is when all items are due."""


@dataclass(frozen=True)
class Holding:
    """A rulebook's reign over some unit types; `until` is its last day, None while it lasts."""

    setting: str
    purpose: str
    unit_types: tuple[str, ...]
    scheme: str
    first_day: date
    until: date | None
    text: str


@dataclass(frozen=True)
class Holdings:
    """Every reign, without overlap or gap."""

    rows: tuple[Holding, ...]
    digest: str

    def scheme_for(self, setting: str, purpose: str, unit_type: str, on: date) -> str | None:
        """Return the scheme that holds on a day, or None when none does."""
        for row in self.rows:
            if (
                row.setting == setting
                and row.purpose == purpose
                and unit_type in row.unit_types
                and row.first_day <= on
                and (row.until is None or on <= row.until)
            ):
                return row.scheme
        return None


def read_holdings(text: str, procedures: Mapping[str, Collection[str]] | None = None) -> Holdings:
    """Return the holdings of a canonical text, or of a plain YAML text; raise with every fault.

    `procedures` are those of each known scheme; a scheme that is unknown, or has not the procedure for its
    purpose, is a fault.
    """
    files = dict(layers(text)[-1].files) if text.startswith("{") else {"holdings.yaml": text}
    faults = Faults()
    rows: list[tuple[Node, Holding]] = []
    for name, content in sorted(files.items()):
        node, found = read_yaml(name, content)
        faults.rows.extend(found)
        if node is not None:
            top = Fields(node, "文件", faults, shapes.HOLDINGS_FILE)
            read = each(top.need("holdings"), faults, "holdings", lambda row: _row(row, faults))
            rows.extend(pair for pair in read if pair is not None)
    _reigns(rows, faults)
    for node, row in rows if procedures is not None else ():
        _able(node, row, procedures or {}, faults)
    if faults.rows:
        raise RulebookError(faults.rows)
    return Holdings(tuple(row for _, row in rows), digest(text))


def _able(node: Node, row: Holding, procedures: Mapping[str, Collection[str]], faults: Faults) -> None:
    """Note a scheme that is not there, or cannot do what it holds for."""
    if row.scheme not in procedures:
        faults.add(node, f"没有叫“{row.scheme}”的规则", f"可用：{'、'.join(sorted(procedures))}")
    elif row.purpose in PURPOSES and PURPOSES[row.purpose] not in procedures[row.scheme]:
        cure = f"换一部有它的规则；{row.scheme} 有：{'、'.join(procedures[row.scheme]) or '（无）'}"
        faults.add(node, f"规则 {row.scheme} 没有 {PURPOSES[row.purpose]} 这一程序", cure)


def _row(node: Node, faults: Faults) -> tuple[Node, Holding] | None:
    read = Fields(node, "行", faults, shapes.HOLDING)
    purpose = read.text("purpose")
    if purpose and purpose not in PURPOSES:
        faults.add(node, f"purpose “{purpose}”不认识", f"可用：{'、'.join(PURPOSES)}")
    first_day, until = read.day("from"), read.day("until")
    if first_day is None:
        faults.add(node, "缺少 from", "写明从哪天起，如 from: 2022-03-15")
        return None
    if until is not None and until < first_day:
        faults.add(node, "until 早于 from", "until 是最后一天（含）")
    types = _unit_types(read, faults)
    row = Holding(
        read.text("setting"), purpose, types, read.text("scheme"), first_day, until, read.text("text")
    )
    return node, row


def _unit_types(read: Fields, faults: Faults) -> tuple[str, ...]:
    node = read.need("unit_types")
    if node is None or node.value == "all":
        return tuple(kind.value for kind in UnitType)
    types = read.words("unit_types")
    for kind in types:
        if kind not in tuple(UnitType):
            faults.add(node, f"业态“{kind}”不认识", f"写 all，或用：{'、'.join(UnitType)}")
    return types


def _reigns(rows: Sequence[tuple[Node, Holding]], faults: Faults) -> None:
    """Note overlaps and gaps between the reigns over each unit type."""
    over: dict[tuple[str, str, str], list[tuple[Node, Holding]]] = {}
    for node, row in rows:
        for kind in row.unit_types:
            over.setdefault((row.setting, row.purpose, kind), []).append((node, row))
    # Two rows are at odds once, however many unit types they are about.
    odd: dict[tuple[str, int, int], list[str]] = {}
    for (_, purpose, kind), reigns in over.items():
        reigns.sort(key=lambda pair: pair[1].first_day)
        for (first, before), (second, after) in itertools.pairwise(reigns):
            if before.until is None or before.until != after.first_day - timedelta(days=1):
                name = UnitType(kind).zh if kind in tuple(UnitType) else kind
                places = (rows.index((first, before)), rows.index((second, after)))
                odd.setdefault((purpose, *places), []).append(name)
    for (purpose, first_at, second_at), names in odd.items():
        (first, before), (_, after) = rows[first_at], rows[second_at]
        whose = "、".join(names[:_SHOWN]) + (f" 等 {len(names)} 种业态" if len(names) > _SHOWN else "")
        both = (
            f"{whose}的 {purpose}：{before.scheme}（{before.first_day} 起）"
            f"与 {after.scheme}（{after.first_day} 起）"
        )
        ends = after.first_day - timedelta(days=1)
        if before.until is None or before.until >= after.first_day:
            same = before.first_day == after.first_day
            cure = (
                "删去其中一行，或改一行的 from"
                if same
                else f"给从 {before.first_day} 起的这一行写 until: {ends}"
            )
            faults.add(first, f"{both} 的日期重叠", cure)
        else:
            missing = before.until + timedelta(days=1)
            cure = f"把 until 或 from 改到首尾相接（空缺从 {missing} 起）"
            faults.add(first, f"{both} 之间有空缺", cure)
