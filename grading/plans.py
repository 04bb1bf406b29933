"""Working through a procedure for very many subjects: each step is remembered by what it reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeVar

from grading.canonical import encode
from grading.cells import Entry
from grading.evaluation import Evaluation, Worked
from grading.facts import UNIT_FACTS
from grading.program import Procedure
from grading.scales import Scale

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """A step of the grade procedure; its value is remembered by what it reads."""

    name: str
    inputs: Callable[[Mapping[str, object]], object]
    known: dict[object, Worked] | None
    """None for a step that reads visits: there are too many to remember."""


def remember(known: dict[K, V], key: K, value: V) -> None:
    """Remember a value; start afresh when there are so many that memory would suffer."""
    if len(known) >= REMEMBERED:
        known.clear()
    known[key] = value


class Planner:
    """A procedure over unit facts whose steps are worked out in order, none of them twice.

    One object stands for each content of a step, so that its identity can be part of a key.
    """

    def __init__(
        self,
        procedure: Procedure,
        cells: Mapping[str, Entry | None],
        scales: Mapping[str, Scale],
    ) -> None:
        """Plan the steps that the outputs need."""
        self._procedure = procedure
        self._cells = cells
        self._scales = scales
        self._plans = _plans(procedure)
        self._interned: dict[tuple[object, ...], Worked] = {}

    def evaluation(self, facts: Mapping[str, object], worked: dict[str, Worked]) -> Evaluation:
        """Return a run over facts in which these steps are already worked out."""
        return Evaluation(self._procedure, self._cells, self._scales, facts, worked)

    def work_through(self, facts: Mapping[str, object]) -> dict[str, Worked]:
        """Return the value of every step that the outputs need."""
        worked: dict[str, Worked] = {}
        values: dict[str, object] = dict(facts)
        for plan in self._plans:
            key = plan.inputs(values)
            found = None if plan.known is None else plan.known.get(key)
            if found is None:
                step = self.evaluation(facts, worked).step(plan.name)
                found = self._one_object(plan.name, step)
                if plan.known is not None:
                    remember(plan.known, key, found)
            worked[plan.name] = found
            values[plan.name] = found
        return worked

    def _one_object(self, name: str, worked: Worked) -> Worked:
        rests = worked.missing, worked.cells, worked.facts, worked.steps
        key = (name, _frozen(worked.value), *rests)
        if key not in self._interned:
            remember(self._interned, key, worked)
        return self._interned[key]


def _plans(procedure: Procedure) -> tuple[_Plan, ...]:
    needed = set(procedure.needed())
    plans: list[_Plan] = []
    for step in procedure.steps.values():
        reads = [name for name in step.reads if name in procedure.steps or name in UNIT_FACTS]
        inputs = itemgetter(*reads) if reads else _nothing
        if step.name in needed:
            plans.append(_Plan(step.name, inputs, None if "visits" in reads else {}))
    return tuple(plans)


def _nothing(values: Mapping[str, object]) -> object:
    return ()


def _frozen(value: object) -> object:
    """Return something hashable that stands for a value; tables stand as their text."""
    table = isinstance(value, Mapping) or (
        isinstance(value, tuple) and bool(value) and isinstance(value[0], Mapping)
    )
    return encode(value) if table else value
