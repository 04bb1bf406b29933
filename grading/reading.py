"""Reading a rulebook's layers: sections are gathered from every file, faults from all at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from grading import shapes
from grading.bundles import Layer, digest, layers
from grading.cell_reading import CellReader
from grading.cells import Cell
from grading.errors import Fault
from grading.facts import FACTS_OF
from grading.fields import Faults, Fields, each, mapping
from grading.program import Procedure, ProcedureReader
from grading.rulebook import Counterexample, Rulebook, SourceText
from grading.scales import Level, Scale
from grading.yaml_reader import Node, read_yaml

SECTIONS = tuple(shapes.RULEBOOK_FILE)


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


def read_layers(text: str, unread: str = "") -> tuple[Rulebook | None, list[Fault]]:
    """Return the rulebook of a canonical text and every fault found on the way.

    `unread` is the text of files beside it that are no text: what is lacking may stand there.
    """
    draft = _Draft()
    draft.faults.unread = unread
    rows = layers(text)
    for place, layer in enumerate(rows):
        above = place == len(rows) - 1
        _layer(draft, layer, first=place == 0, folder="" if above else f"{layer.name}/")
    return _finished(draft, digest(text)), sorted(set(draft.faults.rows))


def _layer(draft: _Draft, layer: Layer, *, first: bool, folder: str) -> None:
    """Read one layer; files of a layer below another are named with their folder."""
    sections: dict[str, list[Node]] = {name: [] for name in SECTIONS}
    for name, text in sorted(layer.files.items()):
        node, faults = read_yaml(f"{folder}{name}", text)
        draft.faults.rows.extend(faults)
        if node is None:
            draft.faults.unread += text
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
        base = None if first else draft.cells.get(name)
        titles = {key: text.title for key, text in draft.texts.items()}
        refers = draft.scales, titles, draft.step, draft.faults
        cell = CellReader(name, node, base, *refers).read()
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
    read = Fields(node, f"texts.{name}", draft.faults, shapes.SOURCE_TEXT)
    return SourceText(name, read.text("title"), read.day("issued_on"), read.text("notes", ""))


def _scale(draft: _Draft, name: str, node: Node) -> Scale:
    read = Fields(node, f"scales.{name}", draft.faults, shapes.SCALE)

    def level(row: Node) -> Level:
        one = Fields(row, "等级", draft.faults, shapes.LEVEL)
        meaning = one.text("meaning_zh", ""), one.text("meaning_en", "")
        return Level(one.text("id"), one.text("zh"), one.text("en"), *meaning)

    levels = each(read.need("levels"), draft.faults, "levels", level)
    scale = Scale(name, read.text("label"), levels, each(read.get("outside"), draft.faults, "", level))
    if len(set(scale.words)) != len(scale.words):
        draft.faults.add(node, f"等级序列“{name}”里有重复的 id", "每个 id 只用一次")
    return scale


def _counter(draft: _Draft, row: Node) -> Counterexample:
    read = Fields(row, "反例", draft.faults, shapes.COUNTEREXAMPLE)
    return Counterexample(
        procedure=read.text("procedure"),
        better_visits=read.words("better_visits", may_repeat=True),
        worse_visits=read.words("worse_visits", may_repeat=True),
        better_gives=read.text("better_gives"),
        worse_gives=read.text("worse_gives"),
        why=read.text("why", ""),
    )


def _procedures(draft: _Draft) -> dict[str, Procedure]:
    reader = ProcedureReader(draft.cells, draft.scales, draft.faults)
    return {name: reader.read(name, node) for name, node in draft.procedures.items()}


def _finished(draft: _Draft, sha: str) -> Rulebook | None:
    if draft.scheme is None:
        cure = "写 scheme: {id: …, title_zh: …, title_en: …}；若只给了其中一个文件，改为检查整个文件夹"
        if not draft.faults.unread:
            draft.faults.rows.append(Fault("(全文)", 1, "没有 scheme", cure))
        _procedures(draft)
        return None
    read = Fields(draft.scheme, "scheme", draft.faults, shapes.SCHEME)
    clash = set(draft.cells) & {name for facts in FACTS_OF.values() for name in facts}
    for name in sorted(clash):
        cell = draft.cells[name]
        what = f"规则值“{name}”与事实同名"
        draft.faults.rows.append(Fault(cell.file, cell.line, what, "给规则值换一个名字"))
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
        procedures=_procedures(draft),
        counterexamples=draft.counterexamples,
        digest=sha,
    )
