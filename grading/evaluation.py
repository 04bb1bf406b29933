"""Running a procedure: each name is worked out when it is asked for, and what it used is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from grading.cells import Entry, step_into
from grading.operations.registry import UnknownValueError
from grading.program import Procedure
from grading.scales import Scale

PROVISIONAL = "provisional visits"
"""Stands among the facts that a value rests on when a visit with provisional items counted for it."""

Use = tuple[str, tuple[str, ...]]
"""A cell's name and the path inside its table that was read; an empty path is the whole cell."""


@dataclass(frozen=True, eq=False)
class Worked:
    """A value, or what is missing for it, with the cells, facts and steps it rests on.

    Compared by identity: `Rules` keeps one object for each content and uses it as a key.
    """

    value: object
    missing: frozenset[str] | None
    cells: frozenset[Use]
    facts: frozenset[str]
    steps: frozenset[str]

    def get(self) -> object:
        """Return the value or raise with what is missing."""
        if self.missing is not None:
            raise UnknownValueError(self.missing)
        return self.value


@dataclass
class _Trail:
    """What the step being worked out has used so far."""

    cells: set[Use]
    facts: set[str]
    steps: set[str]

    def take(self, worked: Worked) -> None:
        self.cells |= worked.cells
        self.facts |= worked.facts
        self.steps |= worked.steps


class Evaluation:
    """One run of a procedure over facts and the cells in force; the environment of its steps."""

    def __init__(
        self,
        procedure: Procedure,
        cells: Mapping[str, Entry | None],
        scales: Mapping[str, Scale],
        facts: Mapping[str, object],
        worked: dict[str, Worked] | None = None,
    ) -> None:
        """Take a procedure and what its names stand for; `worked` is added to, not copied."""
        self.procedure = procedure
        self.cells = cells
        self.scales = scales
        self.facts = facts
        self.worked: dict[str, Worked] = {} if worked is None else worked
        self._trail = _Trail(set(), set(), set())

    def work_out(self, name: str) -> Worked:
        """Return the value of a name with everything it rests on."""
        before, self._trail = self._trail, _Trail(set(), set(), set())
        value: object = None
        missing: frozenset[str] | None = None
        try:
            value = self.get(name)
        except UnknownValueError as unknown:
            missing = unknown.missing
        trail, self._trail = self._trail, before
        used = frozenset(trail.cells), frozenset(trail.facts), frozenset(trail.steps)
        return Worked(value, missing, *used)

    def get(self, name: str) -> object:
        """Return a step, a cell or a fact; raise when it is unknown."""
        if name in self.procedure.steps:
            worked = self.step(name)
            self._trail.take(worked)
            return worked.get()
        if name in self.cells:
            return self._cell(name, ())
        return self._fact(name)

    def at(self, name: str, path: tuple[str, ...]) -> object:
        """Return one entry of a table that is a cell or a step's value."""
        if name in self.cells:
            return self._cell(name, path)
        value, walked = step_into(self.get(name), path)
        if value is None:
            raise UnknownValueError({".".join((name, *walked))})
        return value

    def holds(self, name: str, key: str) -> bool:
        """Tell whether a table that is a cell has a key, remembering only that key."""
        table = self._entry(name, (key,)).value
        if table is None:
            raise UnknownValueError({name})
        return isinstance(table, Mapping) and key in table

    def note_provisional(self) -> None:
        """Note that what is being worked out rests on provisional items."""
        self._trail.facts.add(PROVISIONAL)

    def scale(self, name: str) -> Scale:
        """Return a declared scale."""
        return self.scales[name]

    def step(self, name: str) -> Worked:
        """Return a step's value with everything it rests on, worked out once."""
        worked = self.worked.get(name)
        if worked is None:
            worked = self._run(name)
            self.worked[name] = worked
        return worked

    def _run(self, name: str) -> Worked:
        step = self.procedure.steps[name]
        before, self._trail = self._trail, _Trail(set(), set(), {name})
        value: object = None
        missing: frozenset[str] | None = None
        try:
            value = self._tally(name) if step.operation.tally else step.operation.run(self, step.parameters)
        except UnknownValueError as unknown:
            missing = unknown.missing
        trail, self._trail = self._trail, before
        used = frozenset(trail.cells), frozenset(trail.facts), frozenset(trail.steps)
        return Worked(value, missing, *used)

    def _tally(self, name: str) -> object:
        """Return what was counted beforehand; the items counted may rest on a cell."""
        items = self.procedure.steps[name].parameters.get("items")
        if items is not None:
            self.at(str(items), (str(self._fact("checklist")),))
        return self._fact(name)

    def _fact(self, name: str) -> object:
        self._trail.facts.add(name)
        value = self.facts.get(name)
        if value is None:
            raise UnknownValueError({f"fact.{name}"})
        return value

    def _cell(self, name: str, path: tuple[str, ...]) -> object:
        value, walked = step_into(self._entry(name, path).value, path)
        if value is None:
            raise UnknownValueError({".".join((name, *walked))})
        return value

    def _entry(self, name: str, path: tuple[str, ...]) -> Entry:
        """Return what a cell says, noting its use; raise where it says nothing on the day."""
        entry = self.cells[name]
        self._trail.cells.add((name, path))
        if entry is None:
            raise UnknownValueError({f"{name}:not_yet"})
        if entry.repealed:
            raise UnknownValueError({f"{name}:repealed"})
        return entry
