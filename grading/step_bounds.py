"""How low and how high each number of a procedure can be, told without any facts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from grading.cells import Cell
from grading.facts import FACTS_OF
from grading.forms import is_number
from grading.operations.registry import names_in
from grading.program import Procedure, Step
from grading.rulebook import Rulebook

_COUNTS = frozenset({"failed", "theme_failed", "safety_failed", "key_safety_failed"})


@dataclass(frozen=True)
class Bounds:
    """The lowest and the highest that a number can be; infinite where nothing limits it."""

    low: Decimal
    high: Decimal


_ZERO, _NO_LIMIT = Decimal(0), Decimal("Infinity")
_FROM_ZERO = Bounds(_ZERO, _NO_LIMIT)


def bounds_of(rulebook: Rulebook, procedure: Procedure, on: date) -> Mapping[str, Bounds]:
    """Return what every number of a procedure lies between on a day; nothing for what cannot be told."""
    facts = FACTS_OF.get(procedure.name, ())
    known = {name: _FROM_ZERO for name in facts if name in _COUNTS}
    tables = {
        name: found for name, cell in rulebook.cells.items() if (found := _of_cell(cell, on)) is not None
    }
    known |= {name: found for name, found in tables.items() if rulebook.cells[name].form.kind == "number"}
    for step in procedure.steps.values():
        if set(step.operation.required) <= set(step.parameters):
            try:
                found = _of_step(step, known, tables)
            except InvalidOperation:
                # No limit less no limit: nothing can be said.
                continue
            if found is not None:
                known[step.name] = found
    return known


def _of_cell(cell: Cell, on: date) -> Bounds | None:
    """Return the least and the greatest number of a value or of a table; none where one is unknown."""
    entry = cell.on(on)
    found = list(_numbers_in(entry.value)) if entry is not None and not entry.repealed else []
    numbers = [one for one in found if one is not None]
    return Bounds(min(numbers), max(numbers)) if numbers and len(numbers) == len(found) else None


def _numbers_in(value: object) -> Iterator[Decimal | None]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers_in(inner)
    elif is_number(value):
        yield Decimal(str(value))
    else:
        yield None


def _of_step(step: Step, known: Mapping[str, Bounds], tables: Mapping[str, Bounds]) -> Bounds | None:
    parameters = step.parameters
    table = tables.get(str(parameters.get("table")))
    if step.op in ("count", "size"):
        return _FROM_ZERO
    if step.op == "points" and table is not None:
        return Bounds(_ZERO if table.low >= 0 else -_NO_LIMIT, _NO_LIMIT if table.high > 0 else _ZERO)
    if step.op == "highest_points" and table is not None:
        return Bounds(min(_ZERO, table.low), max(_ZERO, table.high))
    if step.op == "lookup":
        return table
    if step.op == "round":
        return known.get(str(parameters["of"]))
    if step.op == "difference":
        start, minus = known.get(str(parameters["from"])), known.get(str(parameters["minus"]))
        return Bounds(start.low - minus.high, start.high - minus.low) if start and minus else None
    return _of_several(step, [known.get(name) for name in names_in("refs", parameters.get("of", ()))])


def _of_several(step: Step, parts: list[Bounds | None]) -> Bounds | None:
    sure = [part for part in parts if part is not None]
    if not sure or len(sure) != len(parts):
        return None
    lows, highs = [part.low for part in sure], [part.high for part in sure]
    if step.op == "sum":
        return Bounds(sum(lows, _ZERO), sum(highs, _ZERO))
    if step.op == "highest":
        return Bounds(max(lows), max(highs))
    if step.op == "lowest":
        return Bounds(min(lows), min(highs))
    return None
