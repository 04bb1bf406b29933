"""Reading a rulebook's layers: sections are gathered from every file, faults from all at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from grading.bundles import Layer, digest, layers
from grading.cells import Cell, Entry, Form, says_anything
from grading.errors import Fault
from grading.facts import FACTS_OF
from grading.fields import Faults, Fields, each, mapping
from grading.forms import check_value, read_form
from grading.program import ProcedureReader
from grading.rulebook import Counterexample, Rulebook, SourceText
from grading.scales import Level, Scale
from grading.vocabulary import Basis
from grading.yaml_reader import Node, read_yaml

SECTIONS = ("scheme", "texts", "scales", "cells", "procedures", "counterexamples")
_CELL = ("label", "unit", "form", "checked_on", "notes", "values")
_ENTRY = (
    "value", "patch", "basis", "text", "article", "repealed", "bases",
    "document", "document_sha256", "account",
)  # fmt: skip
_SCHEME = ("id", "title_zh", "title_en", "notes", "step", "checklists", "overlay_of")


@dataclass
class _Draft:
    """What has been read of a rulebook so far."""

    faults: Faults = field(default_factory=Faults)
    scheme: Node | None = None
    texts: dict[str, SourceText] = field(default_factory=dict)
    scales: dict[str, Scale] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)
    procedures: dict[str, Node] = field(default_factory=dict)
    counterexamples: tuple[Counterexample, ...] = ()
    step: object = None


def read_layers(text: str) -> tuple[Rulebook | None, list[Fault]]:
    """Return the rulebook of a canonical text and every fault found on the way."""
    draft = _Draft()
    for place, layer in enumerate(layers(text)):
        _layer(draft, layer, first=place == 0)
    return _finished(draft, digest(text)), sorted(set(draft.faults.rows))


def _layer(draft: _Draft, layer: Layer, *, first: bool) -> None:
    sections: dict[str, list[Node]] = {name: [] for name in SECTIONS}
    for name, text in sorted(layer.files.items()):
        node, faults = read_yaml(name, text)
        draft.faults.rows.extend(faults)
        if node is None:
            continue
        top = Fields(node, "文件", draft.faults, SECTIONS)
        for key in SECTIONS:
            section = top.get(key)
            if section is not None:
                sections[key].append(section)
    for extra in sections["scheme"][1:]:
        draft.faults.add(extra, "scheme 写了两次", "一个规则包只留一处 scheme")
    if sections["scheme"]:
        draft.scheme = sections["scheme"][0]
        step = mapping(draft.scheme, draft.faults, "scheme").get("step")
        draft.step = step.value if step is not None else draft.step
    _layer_contents(draft, sections, first=first)


def _layer_contents(draft: _Draft, sections: Mapping[str, list[Node]], *, first: bool) -> None:
    for name, node in _named(draft, sections["texts"], "texts"):
        draft.texts[name] = _text(draft, name, node)
    for name, node in _named(draft, sections["scales"], "scales"):
        draft.scales[name] = _scale(draft, name, node)
    for name, node in _named(draft, sections["cells"], "cells"):
        cell = _CellReader(draft, name, node, None if first else draft.cells.get(name)).read()
        if cell is not None:
            draft.cells[name] = cell
    draft.procedures.update(_named(draft, sections["procedures"], "procedures"))
    for section in sections["counterexamples"]:
        rows = each(section, draft.faults, "counterexamples", lambda row: _counter(draft, row))
        draft.counterexamples = (*draft.counterexamples, *rows)


def _named(draft: _Draft, sections: Iterable[Node], what: str) -> Iterator[tuple[str, Node]]:
    """Yield the entries of a section over all files; a name written twice is a fault."""
    seen: dict[str, Node] = {}
    for section in sections:
        for name, node in mapping(section, draft.faults, what).items():
            if name in seen:
                where = f"{seen[name].file} 第 {seen[name].line} 行"
                draft.faults.add(node, f"“{name}”已在 {where} 写过", "只留一处")
                continue
            seen[name] = node
            yield name, node


def _text(draft: _Draft, name: str, node: Node) -> SourceText:
    read = Fields(node, f"texts.{name}", draft.faults, ("title", "issued_on", "notes"))
    return SourceText(name, read.text("title"), read.day("issued_on"), read.text("notes", ""))


def _scale(draft: _Draft, name: str, node: Node) -> Scale:
    read = Fields(node, f"scales.{name}", draft.faults, ("label", "levels", "outside"))

    def level(row: Node) -> Level:
        keys = ("id", "zh", "en", "meaning_zh", "meaning_en")
        one = Fields(row, "等级", draft.faults, keys)
        meaning = one.text("meaning_zh", ""), one.text("meaning_en", "")
        return Level(one.text("id"), one.text("zh"), one.text("en"), *meaning)

    levels = each(read.need("levels"), draft.faults, "levels", level)
    scale = Scale(name, read.text("label"), levels, each(read.get("outside"), draft.faults, "", level))
    if len(set(scale.words)) != len(scale.words):
        draft.faults.add(node, f"等级序列“{name}”里有重复的 id", "每个 id 只用一次")
    return scale


def _counter(draft: _Draft, row: Node) -> Counterexample:
    keys = ("procedure", "better_visits", "worse_visits", "better_gives", "worse_gives", "why")
    read = Fields(row, "反例", draft.faults, keys)
    return Counterexample(
        procedure=read.text("procedure"),
        better_visits=read.words("better_visits"),
        worse_visits=read.words("worse_visits"),
        better_gives=read.text("better_gives"),
        worse_gives=read.text("worse_gives"),
        why=read.text("why", ""),
    )


class _CellReader:
    """Reads one cell; over a base cell it may change only what it names."""

    def __init__(self, draft: _Draft, name: str, node: Node, base: Cell | None) -> None:
        self.draft = draft
        self.faults = draft.faults
        self.name = name
        self.node = node
        self.base = base
        self.fields = Fields(node, f"规则值 {name}", self.faults, _CELL)

    def read(self) -> Cell | None:
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
        )

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
        return None if node is None else read_form(node, self.draft.scales, self.faults)

    def _day(self, key: str, row: Node) -> date | None:
        try:
            return date.fromisoformat(key)
        except ValueError:
            what = f"规则值 {self.name} 的施行日“{key}”不是日期"
            self.faults.add(row, what, "写成 2022-03-15 的样子")
            return None

    def _entry(self, day: date, row: Node, form: Form) -> Entry:
        what = f"规则值 {self.name} 自 {day} 起的值"
        read = Fields(row, what, self.faults, _ENTRY)
        value = self._value(day, read, form, what)
        basis = self._basis(read, row, value, what)
        text = read.text("text", "")
        source = self.draft.texts.get(text)
        if source is None and read.get("document") is None:
            cure = f"写 text: {' 或 '.join(self.draft.texts) or '（先在 texts 里登记出处）'}"
            self.faults.add(row, f"{what}没有出处", cure)
        title = source.title if source is not None else read.text("document", "")
        article = read.get("article")
        return Entry(
            first_day=day,
            value=value,
            basis=basis,
            title=title,
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
        if patch is not None:
            merged = _patched(self._before(day), patch)
            check_value(_as_node(merged, patch), form, self.faults, what, self.draft.step)
            return merged
        node = read.entries.get("value")
        if node is None:
            if isinstance(read.node.value, dict):
                self.faults.add(read.node, f"{what}缺少 value", "未知写 value: null，废止写 repealed: true")
            return None
        check_value(node, form, self.faults, what, self.draft.step)
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
            self.faults.add(row, f"{what}的依据类别 basis “{text or '空'}”不认识", f"可用：{words}")
        return None

    def _bases(self, day: date, read: Fields, basis: Basis | None) -> Mapping[str, Basis] | None:
        found: dict[str, Basis] = {}
        before = self.base.on(day) if self.base is not None else None
        patch = read.get("patch")
        if patch is not None and before is not None and before.basis is not None:
            found.update({key: before.basis for key in _keys(before.value)})
            found.update(before.bases or {})
            found.update({path: basis for path in _leaves(patch) if basis is not None})
        for path, node in mapping(read.get("bases"), self.faults, "bases").items():
            if node.value in tuple(Basis):
                found[path] = Basis(str(node.value))
            else:
                self.faults.add(node, f"bases 的“{node.value}”不认识", f"可用：{'、'.join(Basis)}")
        return found or None


def _keys(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, Mapping) else ()


def _leaves(node: Node, path: str = "") -> Iterator[str]:
    if isinstance(node.value, dict):
        for key, value in node.value.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    else:
        yield path


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


def _finished(draft: _Draft, sha: str) -> Rulebook | None:
    if draft.scheme is None:
        cure = "在 scheme.yaml 里写 scheme: {id: …, title_zh: …, title_en: …}"
        draft.faults.rows.append(Fault("(全文)", 1, "没有 scheme", cure))
        return None
    read = Fields(draft.scheme, "scheme", draft.faults, _SCHEME)
    clash = set(draft.cells) & {name for facts in FACTS_OF.values() for name in facts}
    for name in sorted(clash):
        cell = draft.cells[name]
        what = f"规则值“{name}”与事实同名"
        draft.faults.rows.append(Fault(cell.file, cell.line, what, "给规则值换一个名字"))
    reader = ProcedureReader(draft.cells, draft.scales, draft.faults)
    procedures = {name: reader.read(name, node) for name, node in draft.procedures.items()}
    return Rulebook(
        scheme=read.text("id"),
        title_zh=read.text("title_zh"),
        title_en=read.text("title_en"),
        notes=read.text("notes", ""),
        overlay_of=read.text("overlay_of", ""),
        step=draft.step,
        checklists=read.words("checklists"),
        texts=draft.texts,
        scales=draft.scales,
        cells=draft.cells,
        procedures=procedures,
        counterexamples=draft.counterexamples,
        digest=sha,
    )
