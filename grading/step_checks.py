"""Faults of steps that can be read one by one and yet never give what is asked of them."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise

from grading.cells import Cell, Entry
from grading.errors import Fault
from grading.forms import is_number
from grading.operations.registry import NUMBER, ROWS, names_in
from grading.operations.tables import LIMITS, key_of
from grading.program import Procedure
from grading.rulebook import Rulebook
from grading.step_bounds import Bounds, bounds_of
from grading.step_values import WORD, Values, values_of

Place = Callable[..., tuple[str, int]]
"""The file and line where the rulebook says what a path of keys leads to."""
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_KINDS_ZH = {NUMBER: "一个数", ROWS: "一列"}


def impossible_steps(rulebook: Rulebook, place: Place) -> Iterator[Fault]:
    """Find outcomes that are no words of their scale, and words that what is compared can never give."""
    for procedure in rulebook.procedures.values():
        values = values_of(rulebook, procedure)
        yield from _outcome(rulebook, procedure, values, place)
        yield from _cases(procedure, values, place)
        for cell in _cells_read(rulebook, procedure, "match", "rules"):
            yield from _conditions(cell, values)


def gaps_for_fractions(rulebook: Rulebook, place: Place) -> Iterator[Fault]:
    """Find means and ratios that may fall between two bands which meet only in their scores."""
    for procedure in rulebook.procedures.values():
        values = values_of(rulebook, procedure)
        for step in procedure.steps.values():
            of, table = (str(step.parameters.get(key)) for key in ("of", "table"))
            if step.op != "band" or of not in values or not values[of].is_fraction:
                continue
            gap = _gap(rulebook.cells.get(table))
            if gap is not None:
                where = place("procedures", procedure.name, "steps", step.name)
                what = f"步骤 {step.name} 的 {of} 没有取整，落在分段表 {table} 的 {gap} 之间就没有结论"
                yield Fault(*where, what, "给求平均或比率的一步写 round_to，或让两段用 below、from 相接")


def ends_without_a_band(rulebook: Rulebook, place: Place) -> Iterator[Fault]:
    """Find numbers that can be lower than the lowest or higher than the highest band of a table."""
    days = sorted({entry.first_day for cell in rulebook.cells.values() for entry in cell.entries})
    found: dict[Fault, None] = {}
    for procedure in rulebook.procedures.values():
        banded = [step for step in procedure.steps.values() if step.op == "band"]
        for day in days if banded else ():
            bounds = bounds_of(rulebook, procedure, day)
            for step in banded:
                of, table = (str(step.parameters.get(key)) for key in ("of", "table"))
                cell = rulebook.cells.get(table)
                for can in _beyond(bounds[of], cell.on(day)) if of in bounds and cell is not None else ():
                    where = place("procedures", procedure.name, "steps", step.name)
                    what = f"步骤 {step.name} 的 {of} {can}，分段表 {table} 里没有这一段，那时没有结论"
                    cure = "补上这一段；最高和最低的一段可以只写一头，如 {from: 90, is: …}"
                    found[Fault(*where, what, cure)] = None
    yield from found


def _beyond(bounds: Bounds, entry: Entry | None) -> Iterator[str]:
    """Say how a number can lie below or above all bands; nothing where one of them is open or unknown.

    Nothing either where nothing limits the number: codes may add up for ever, and in life they do not.
    """
    value = entry.value if entry is not None and isinstance(entry.value, tuple) else ()
    rows = [row for row in value if isinstance(row, Mapping)]
    lows = [limit for row in rows if (limit := _limit(row, "from", "above")) is not None]
    highs = [limit for row in rows if (limit := _limit(row, "to", "below")) is not None]
    if rows and len(lows) == len(rows) and bounds.low.is_finite():
        low, is_left_out = min(lows)
        if bounds.low < low or (bounds.low == low and is_left_out):
            yield f"可以是 {key_of(bounds.low)}"
    if rows and len(highs) == len(rows) and bounds.high.is_finite():
        high, is_taken_in = max(highs)
        if bounds.high > high or (bounds.high == high and not is_taken_in):
            yield f"可以是 {key_of(bounds.high)}"


def _limit(row: Mapping[str, object], at: str, beyond: str) -> tuple[Decimal, bool] | None:
    """Return a band's limit, and for the lower one whether it is left out, for the upper whether taken in."""
    for word, flag in ((at, at == "to"), (beyond, beyond == "above")):
        if is_number(row.get(word)):
            return Decimal(str(row[word])), flag
    return None


def words_without_a_row(rulebook: Rulebook, place: Place) -> Iterator[Fault]:
    """Find words that a step writes, that its table has no row for, and that nothing else knows.

    A word of a scale may well have no row: whoever was not inspected yet has no frequency.
    """
    words = {word for scale in rulebook.scales.values() for word in scale.words}
    for procedure in rulebook.procedures.values():
        values, handled = values_of(rulebook, procedure), _handled(rulebook, procedure)
        for step in procedure.steps.values():
            cell = rulebook.cells.get(str(step.parameters.get("table")))
            form = cell.form if step.op == "lookup" and cell is not None else None
            for name in names_in("refs", step.parameters.get("keys", ())):
                keys, form = (form.keys, form.of) if form is not None else ((), None)
                written = values[name].written if name in values and keys else ()
                for word in written:
                    if word not in keys and word not in words and (name, word) not in handled:
                        where = place("procedures", procedure.name, "steps", step.name)
                        what = f"步骤 {step.name} 查的表没有“{word}”这一格，而 {name} 会是它"
                        yield Fault(*where, what, f"改用 {'、'.join(keys)}，或在序列里加上这个词")


def _handled(rulebook: Rulebook, procedure: Procedure) -> set[tuple[str, str]]:
    """Return the names with their words that a step or a condition tells apart."""
    found = {pair for cell in _cells_read(rulebook, procedure, "match", "rules") for pair in _compared(cell)}
    for step in procedure.steps.values():
        cases = step.parameters.get("cases")
        for word in cases if isinstance(cases, Mapping) else ():
            found.add((str(step.parameters.get("by")), str(word)))
    return found


def _outcome(
    rulebook: Rulebook, procedure: Procedure, values: Mapping[str, Values], place: Place
) -> Iterator[Fault]:
    name, scale = procedure.outputs.get("value", ""), rulebook.scales.get(procedure.scale)
    found = values.get(name)
    if found is None or scale is None:
        return
    where, said = place("procedures", procedure.name, "outputs", "value"), f"{procedure.name} 的结论 {name}"
    if found.kind in _KINDS_ZH:
        what = f"程序 {said} 是{_KINDS_ZH[found.kind]}，不是等级序列“{scale.name}”的词"
        yield Fault(*where, what, "用 band、match 等步骤由它得出一个词，把那一步写成 value")
        return
    certain = found.written if set(found.words) & set(scale.words) else found.words
    strange = [word for word in certain if word not in scale.words]
    if strange:
        what = f"程序 {said} 可能是“{'、'.join(strange)}”，不是等级序列“{scale.name}”的词"
        yield Fault(*where, what, f"改用 {'、'.join(scale.words)}，或在序列里加上这个词")


def _cases(procedure: Procedure, values: Mapping[str, Values], place: Place) -> Iterator[Fault]:
    for step in procedure.steps.values():
        cases, by = step.parameters.get("cases"), str(step.parameters.get("by"))
        possible = values[by].words if by in values else ()
        for word in cases if isinstance(cases, Mapping) and possible else ():
            if word not in possible:
                where = place("procedures", procedure.name, "steps", step.name)
                what = f"步骤 {step.name} 的 cases 写了“{word}”，{by} 得不出这个词"
                yield Fault(*where, what, f"可用：{'、'.join(possible)}")


def _conditions(cell: Cell, values: Mapping[str, Values]) -> Iterator[Fault]:
    for name, word in sorted(_compared(cell)):
        found = values.get(name)
        if found is None or not _is_strange(found, word):
            continue
        what = f"规则值 {cell.name} 的条件把 {name} 与“{word}”相比，它得不出这个词"
        cure = f"可用：{'、'.join(found.words)}" if found.words else "它是一个数：与数比，或写 from、to"
        yield Fault(cell.file, cell.line, what, cure)


def _is_strange(found: Values, word: str) -> bool:
    if found.kind == NUMBER:
        return not _NUMBER.fullmatch(word)
    return found.kind == WORD and bool(found.words) and word not in found.words


def _cells_read(rulebook: Rulebook, procedure: Procedure, op: str, key: str) -> Iterator[Cell]:
    names = {str(step.parameters.get(key)) for step in procedure.steps.values() if step.op == op}
    return (rulebook.cells[name] for name in sorted(names) if name in rulebook.cells)


def _compared(cell: Cell) -> set[tuple[str, str]]:
    """Return the names in a cell's conditions with the words they are compared with."""
    return {(name, word) for name, test in tests_of(cell) for word in _words_in(test)}


def tests_of(cell: Cell) -> Iterator[tuple[str, object]]:
    """Yield each name in a cell's conditions with its test."""
    rows = (row for entry in cell.entries if isinstance(entry.value, tuple) for row in entry.value)
    for row in rows:
        yield from _tests_in(row.get("when") if isinstance(row, Mapping) else None)


def _tests_in(condition: object) -> Iterator[tuple[str, object]]:
    for name, test in condition.items() if isinstance(condition, Mapping) else ():
        if isinstance(test, tuple):
            for part in test:
                yield from _tests_in(part)
        else:
            yield str(name), test


def _words_in(test: object) -> Iterator[str]:
    if isinstance(test, str):
        yield test
    elif isinstance(test, Mapping):
        for value in (test.get("is"), *(test.get("in") or ())):
            if isinstance(value, str):
                yield value


def _gap(cell: Cell | None) -> str | None:
    """Return the first two limits of a table between which no band holds, as `89 与 90`."""
    for entry in cell.entries if cell is not None else ():
        value = entry.value if isinstance(entry.value, tuple) else ()
        rows = [row for row in value if isinstance(row, Mapping)]
        limits = [
            (row[word], word in ("from", "above"), word)
            for row in rows
            for word in LIMITS
            if is_number(row.get(word))
        ]
        for (end, _, closes), (start, _, opens) in pairwise(sorted(limits)):
            if (closes, opens) == ("to", "from") and end < start:
                return f"{key_of(end)} 与 {key_of(start)}"
    return None
