"""Procedures: small pipelines of operations, written as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from grading import shapes
from grading.cells import Cell
from grading.facts import FACTS_OF
from grading.fields import Faults, Fields, mapping, shown
from grading.operations import OPERATIONS
from grading.operations.registry import (
    ANSWERS,
    CASES,
    CHOICES,
    PARAMETERS_ZH,
    REF,
    REFS,
    SCALE,
    SELECTIONS,
    WORD,
    Operation,
    parameter_names,
)
from grading.scales import Scale
from grading.vocabulary import LETTERS
from grading.yaml_reader import Node

_CELL_FORMS = {
    ("band", "table"): "bands",
    ("match", "rules"): "rules",
    ("lookup", "table"): "table",
    ("points", "table"): "table",
    ("highest_points", "table"): "table",
    ("worst_of_each", "table"): "table",
    ("adjustment", "raise"): "table",
    ("adjustment", "lower"): "table",
}


@dataclass(frozen=True)
class Step:
    """One operation with its parameters."""

    name: str
    label: str
    op: str
    parameters: Mapping[str, object]

    @property
    def operation(self) -> Operation:
        """Return the operation of this step."""
        return OPERATIONS[self.op]

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Return every name that this step may read."""
        return (*parameter_names(self.operation, self.parameters), *self.operation.reads)

    @property
    def looks_at_days(self) -> bool:
        """Tell whether the days of visits matter to this step, and not only their order."""
        return self.operation.looks_at_days(self.parameters)


@dataclass(frozen=True)
class Procedure:
    """The steps from facts to an outcome, each written before it is used."""

    name: str
    label: str
    scale: str
    steps: Mapping[str, Step]
    outputs: Mapping[str, str]

    @property
    def tallies(self) -> tuple[Step, ...]:
        """Return the steps that read packed answers."""
        return tuple(step for step in self.steps.values() if step.operation.tally)

    def needed(self) -> Iterator[str]:
        """Yield every name that the outputs rest on, directly or not."""
        waiting, seen = list(self.outputs.values()), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            yield name
            if name in self.steps:
                waiting.extend(self.steps[name].reads)


class ProcedureReader:
    """Reads the procedures of a rulebook, with its cells and scales in view."""

    def __init__(self, cells: Mapping[str, Cell], scales: Mapping[str, Scale], faults: Faults):
        """Take what steps may refer to."""
        self.cells = cells
        self.scales = scales
        self.faults = faults

    def read(self, name: str, node: Node) -> Procedure:
        """Return one procedure; every fault is noted with its line."""
        if name not in FACTS_OF:
            self.faults.add(node, f"没有“{name}”这种程序", f"可用：{'、'.join(FACTS_OF)}")
        read = Fields(node, f"程序 {name}", self.faults, shapes.PROCEDURE)
        scale = read.text("scale")
        if scale and scale not in self.scales:
            self.faults.lacking(node, scale, f"没有声明等级序列“{scale}”", "在 scales 里声明，或改名")
        facts = FACTS_OF.get(name, frozenset())
        steps: dict[str, Step] = {}
        for step_name, row in mapping(read.need("steps"), self.faults, "steps").items():
            if step_name in self.cells or step_name in facts:
                self.faults.add(row, f"步骤“{step_name}”与规则值或事实同名", "给步骤换一个名字")
            step = self._step(step_name, row, {*steps, *self.cells, *facts})
            if step is not None:
                steps[step_name] = step
        outputs = self._outputs(read, {*steps, *self.cells, *facts})
        return Procedure(name, read.text("label", ""), scale, steps, outputs)

    def _outputs(self, read: Fields, known: set[str]) -> dict[str, str]:
        outputs: dict[str, str] = {}
        rows = mapping(read.need("outputs"), self.faults, "outputs")
        for key, row in rows.items():
            outputs[key] = str(row.value)
            self._known(row, str(row.value), known)
        if read.get("outputs") is not None and "value" not in rows:
            self.faults.add(read.node, "outputs 缺少 value", "写明哪一步是结论：value: 步骤名")
        return outputs

    def _step(self, name: str, row: Node, known: set[str]) -> Step | None:
        entries = mapping(row, self.faults, f"步骤 {name}")
        op_node = entries.get("op")
        op = OPERATIONS.get(str(op_node.value)) if op_node is not None else None
        if op is None:
            what = shown(op_node.value) if op_node is not None else "空"
            cure = f"可用的操作：{'、'.join(sorted(OPERATIONS))}"
            self.faults.add(row, f"步骤 {name} 的操作“{what}”不认识", cure)
            return None
        kinds = {**op.required, **op.optional}
        read = Fields(row, f"步骤 {name}（{op.name}）", self.faults, (*shapes.STEP, *kinds))
        for key in op.required:
            read.need(key)
        parameters = {
            key: self._parameter(entries[key], kind, known) for key, kind in kinds.items() if key in entries
        }
        self._cell_forms(op.name, parameters, row)
        self._if_none(name, parameters, row)
        return Step(name, read.text("label", ""), op.name, parameters)

    def _parameter(self, node: Node, kind: str, known: set[str]) -> object:
        value = node.plain()
        if not _fits(kind, value):
            cure = f"应是{PARAMETERS_ZH[kind]}"
            self.faults.add(node, f"参数的值不对（{shown(node.value)}）", cure)
            return value
        if kind == REF:
            self._known(node, str(value), known)
        elif kind == REFS and isinstance(node.value, list):
            for row in node.value:
                self._known(row, str(row.value), known)
        elif kind == CASES and isinstance(node.value, dict):
            for row in node.value.values():
                self._known(row, str(row.value), known)
        elif kind == SCALE and value not in self.scales:
            said = f"没有声明等级序列“{value}”"
            self.faults.lacking(node, str(value), said, "在 scales 里声明，或改名")
        return value

    def _cell_forms(self, op: str, parameters: Mapping[str, object], row: Node) -> None:
        """Note cells whose form does not suit the operation that reads them."""
        for key, name in parameters.items():
            cell = self.cells.get(name) if isinstance(name, str) else None
            kind = _CELL_FORMS.get((op, key))
            if cell is None or kind is None:
                continue
            if cell.form.kind != kind:
                what = f"操作 {op} 的 {key} 用了规则值“{name}”，它的形式是 {cell.form.kind}"
                self.faults.add(row, what, f"换成形式为 {kind} 的规则值")
            inputs = parameters.get("inputs", ())
            absent = set(cell.form.inputs) - {
                str(row) for row in (inputs if isinstance(inputs, tuple) else ())
            }
            if kind == "rules" and absent:
                what = f"判定表“{name}”要用的 {'、'.join(sorted(absent))} 不在 inputs 里"
                self.faults.add(row, what, "把它们加进这一步的 inputs")

    def _if_none(self, name: str, parameters: Mapping[str, object], row: Node) -> None:
        """Note a word for "there is none" that the step's own scale does not have."""
        scale, word = self.scales.get(str(parameters.get("scale"))), parameters.get("if_none")
        if scale is not None and word is not None and word not in scale.words:
            what = f"步骤 {name} 的 if_none“{word}”不是等级序列“{scale.name}”的词"
            self.faults.add(row, what, f"可用：{'、'.join(scale.words)}")

    def _known(self, node: Node, name: str, known: set[str]) -> None:
        if name not in known:
            cure = "写前面步骤、规则值或事实的名字；步骤须写在用到它的步骤之前"
            self.faults.lacking(node, name, f"没有名为“{name}”的步骤、规则值或事实", cure)


def _fits(kind: str, value: object) -> bool:
    if kind == REFS or kind in SELECTIONS:
        words = SELECTIONS.get(kind, ())
        rows = value if isinstance(value, tuple) else (None,)
        return all(isinstance(row, str) and (row in words or not words) for row in rows)
    if kind == CASES:
        return isinstance(value, Mapping) and all(isinstance(v, str) for v in value.values())
    if kind in CHOICES:
        return value in CHOICES[kind]
    if kind == ANSWERS:
        return isinstance(value, str) and not value.strip(LETTERS) and bool(value)
    return isinstance(value, str) if kind in (REF, WORD, SCALE) else False
