"""Reading one cell: its form, its dated values, and what an overlay changes of them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from grading import shapes
from grading.cells import Cell, Entry, Form, says_anything, step_into
from grading.fields import Faults, Fields, mapping
from grading.forms import check_value, read_form
from grading.scales import Scale
from grading.vocabulary import Basis
from grading.yaml_reader import Node


class CellReader:
    """Reads one cell; over a base cell it may change only what it names."""

    def __init__(
        self,
        name: str,
        node: Node,
        base: Cell | None,
        scales: Mapping[str, Scale],
        titles: Mapping[str, str],
        step: object,
        faults: Faults,
    ) -> None:
        """Take a cell's node, the cell below it in the layers, and what it may refer to."""
        self.scales = scales
        self.titles = titles
        self.step = step
        self.faults = faults
        self.name = name
        self.node = node
        self.base = base
        self.fields = Fields(node, f"规则值 {name}", self.faults, shapes.CELL)

    def read(self) -> Cell | None:
        """Return the cell, or None when it has no form; every fault is noted."""
        form = self._form()
        if form is None:
            return None
        base = self.base
        entries = {entry.first_day: entry for entry in base.entries} if base is not None else {}
        rows = mapping(self.fields.need("values"), self.faults, f"{self.name} 的 values")
        if self.fields.get("values") is not None and not rows:
            self.faults.add(self.node, f"规则值 {self.name} 没有任何日期", "至少写一个施行日")
        for key, row in rows.items():
            day = self._day(key, row)
            if day is not None:
                entries[day] = self._entry(day, row, form)
                self._carry_on(entries, day, row)
        label, unit, notes = self._words(base)
        return Cell(
            name=self.name,
            label=label,
            unit=unit,
            form=form,
            entries=tuple(entries[day] for day in sorted(entries)),
            checked_on=self.fields.day("checked_on") or (base.checked_on if base else None),
            notes=notes,
            file=self.node.file,
            line=self.node.line,
            read_by=self.fields.text("read_by", base.read_by if base else ""),
        )

    def _carry_on(self, entries: dict[date, Entry], day: date, row: Node) -> None:
        """Put entries of a table that a layer adds also where later values leave them unknown."""
        patch = row.value.get("patch") if isinstance(row.value, dict) else None
        basis = entries[day].basis
        if patch is None or basis is None:
            return
        for later in sorted(entries):
            entry = entries[later]
            if later <= day or entry.repealed:
                continue
            paths = [path for path in _leaves(patch) if _is_unknown(entry.value, path)]
            bases = {**(entry.bases or {}), **{".".join(path): basis for path in paths}}
            value = entry.value
            for path in paths:
                value = _put(value, path, _found(entries[day].value, path))
            entries[later] = replace(entry, value=value, bases=bases or None)

    def _words(self, base: Cell | None) -> tuple[str, str, str]:
        if base is None:
            return self.fields.text("label"), self.fields.text("unit"), self.fields.text("notes", "")
        return (
            self.fields.text("label", base.label),
            self.fields.text("unit", base.unit),
            self.fields.text("notes", base.notes),
        )

    def _form(self) -> Form | None:
        if self.base is not None and self.fields.get("form") is None:
            return self.base.form
        node = self.fields.need("form")
        return None if node is None else read_form(node, self.scales, self.faults)

    def _day(self, key: str, row: Node) -> date | None:
        try:
            return date.fromisoformat(key)
        except ValueError:
            what = f"规则值 {self.name} 的施行日“{key}”不是日期"
            self.faults.add(row, what, "写成 2022-03-15 的样子")
            return None

    def _entry(self, day: date, row: Node, form: Form) -> Entry:
        what = f"规则值 {self.name} 自 {day} 起的值"
        read = Fields(row, what, self.faults, shapes.ENTRY)
        value = self._value(day, read, form, what)
        basis = self._basis(read, row, value, what)
        text = read.text("text", "")
        title = self.titles.get(text)
        if title is None and read.get("document") is None:
            cure = f"写 text: {' 或 '.join(self.titles) or '（先在 texts 里登记出处）'}"
            if text:
                self.faults.lacking(row, text, f"{what}的出处“{text}”没有登记在 texts 里", cure)
            else:
                self.faults.add(row, f"{what}没有出处", cure)
        article = read.get("article")
        return Entry(
            first_day=day,
            value=value,
            basis=basis,
            title=read.text("document", "") if title is None else title,
            article="" if article is None else str(article.value),
            repealed=read.flag("repealed"),
            document_sha256=read.text("document_sha256", ""),
            account=read.text("account", ""),
            bases=self._bases(day, read, basis),
        )

    def _value(self, day: date, read: Fields, form: Form, what: str) -> object:
        patch = read.get("patch")
        if read.flag("repealed"):
            if "value" in read.entries or patch is not None:
                self.faults.add(read.node, f"{what}既已废止又有值", "废止时不写 value")
            return None
        if patch is not None and self.base is None:
            cure = "写完整的 value；要只补几格，用 overlay_of 叠加在有这个规则值的规则上"
            self.faults.add(patch, f"{what}用了 patch，但没有可以补的表", cure)
            return None
        if patch is not None:
            merged = _patched(self._before(day), patch)
            check_value(_as_node(merged, patch), form, self.faults, what, self.step)
            return merged
        node = read.entries.get("value")
        if node is None:
            if isinstance(read.node.value, dict):
                self.faults.add(read.node, f"{what}缺少 value", "未知写 value: null，废止写 repealed: true")
            return None
        check_value(node, form, self.faults, what, self.step)
        return node.plain()

    def _before(self, day: date) -> object:
        entry = self.base.on(day) if self.base is not None else None
        return entry.value if entry is not None else None

    def _basis(self, read: Fields, row: Node, value: object, what: str) -> Basis | None:
        text = read.text("basis", "")
        if text in tuple(Basis):
            return Basis(text)
        if text or says_anything(value):
            words = "、".join(f"{basis.value}（{basis.zh}）" for basis in Basis)
            if text:
                self.faults.add(row, f"{what}的依据类别 basis “{text}”不认识", f"可用：{words}")
            else:
                self.faults.add(row, f"{what}缺少依据类别 basis", f"写上，可用：{words}")
        return None

    def _bases(self, day: date, read: Fields, basis: Basis | None) -> Mapping[str, Basis] | None:
        found: dict[str, Basis] = {}
        before = self.base.on(day) if self.base is not None else None
        patch = read.get("patch")
        if patch is not None and before is not None and before.basis is not None:
            found.update(dict.fromkeys(_keys(before.value), before.basis))
            found.update(before.bases or {})
            found.update({".".join(p): basis for p in _leaves(patch) if basis is not None})
        for path, node in mapping(read.get("bases"), self.faults, "bases").items():
            if node.value in tuple(Basis):
                found[path] = Basis(str(node.value))
            else:
                self.faults.add(node, f"bases 的“{node.value}”不认识", f"可用：{'、'.join(Basis)}")
        return found or None


def _keys(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, Mapping) else ()


def _leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(node.value, dict):
        for key, value in node.value.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path


def _is_unknown(value: object, path: tuple[str, ...]) -> bool:
    return step_into(value, path)[0] is None


def _found(value: object, path: tuple[str, ...]) -> object:
    return step_into(value, path)[0]


def _put(value: object, path: tuple[str, ...], leaf: object) -> object:
    if not path:
        return leaf
    table = dict(value) if isinstance(value, Mapping) else {}
    table[path[0]] = _put(table.get(path[0]), path[1:], leaf)
    return table


def _patched(value: object, patch: Node) -> object:
    """Return a table with the entries that a patch names put in."""
    if not isinstance(patch.value, dict):
        return patch.plain()
    table = dict(value) if isinstance(value, Mapping) else {}
    for key, node in patch.value.items():
        table[key] = _patched(table.get(key), node)
    return table


def _as_node(value: object, at: Node) -> Node:
    if isinstance(value, Mapping):
        return Node({key: _as_node(row, at) for key, row in value.items()}, at.file, at.line)
    if isinstance(value, tuple):
        return Node([_as_node(row, at) for row in value], at.file, at.line)
    scalar = value if isinstance(value, (bool, int, Decimal, str, date)) else None
    return Node(scalar, at.file, at.line)
