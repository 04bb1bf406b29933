"""What a rulebook does not know yet: the cells a bureau must decide before units get grades."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from grading.cells import Cell, Form, null_paths
from grading.explaining import wording_of
from grading.rulebook import Rulebook
from grading.wording import Wording


@dataclass(frozen=True)
class MissingCell:
    """An unknown value: where it stands, its unit, the shape it must have, who needs it."""

    path: str
    label: str
    unit: str
    shape: str
    needed_by: tuple[str, ...]


def missing(rulebook: Rulebook, on: date) -> list[MissingCell]:
    """Return every unknown cell that a procedure needs on a day, in the rulebook's order.

    A cell that is repealed or not yet in force is not unknown, and is not listed.
    """
    said = wording_of(rulebook)
    needed = {name: set(procedure.needed()) for name, procedure in rulebook.procedures.items()}
    found: list[MissingCell] = []
    for cell in rulebook.cells.values():
        users = tuple(
            rulebook.procedures[name].label or name for name, names in needed.items() if cell.name in names
        )
        if users:
            found.extend(_missing(cell, on, users, said))
    return found


def _missing(cell: Cell, on: date, users: tuple[str, ...], said: Wording) -> list[MissingCell]:
    entry = cell.on(on)
    if entry is None or entry.repealed:
        return []
    return [
        MissingCell(
            path=".".join((cell.name, *path)),
            label=" ".join((cell.label, *said.path(".".join(path)))),
            unit=cell.unit,
            shape=form.shape(),
            needed_by=users,
        )
        for path, form in _unknown(entry.value, cell.form, ())
    ]


def _unknown(value: object, form: Form, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Form]]:
    if value is None:
        return [(path, form)]
    if isinstance(value, Mapping) and form.kind == "table" and form.of is not None:
        inner = form.of
        return [row for key in value for row in _unknown(value[key], inner, (*path, str(key)))]
    return [(path, form)] if null_paths(value, "") else []
