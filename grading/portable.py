"""A result procedure as plain data, for a device that judges visits without this program.

`portable_result_rules` exports what `grading.judging.judge` needs for one checklist and one day: the steps,
the rule values in force, and every word of the reasons. `static/tablet/engine.js` evaluates it and gives the
same judgement, word for word; the format is described in `docs/engine.md`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from grading.cells import Cell, Entry
from grading.checklist import MARKS_ZH, Checklist
from grading.errors import GradingError
from grading.judging import needed_cells, scales_of, source_of, wording_for
from grading.operations import OPERATIONS
from grading.operations.tables import NO_ROW, key_of
from grading.program import Step
from grading.rulebook import Rulebook
from grading.scales import Scale
from grading.vocabulary import FAILED, LETTERS, Answer, Basis
from grading.wording import ANSWER_WORDS, LACKING, PHRASES, PLACES_SHOWN, REASONS, WHY, Wording

FORM = 1
NUMBER = "#"
"""The only key of an object that stands for an exact number."""
PORTABLE = frozenset(name for name, op in OPERATIONS.items() if not op.reads)
"""Operations that read nothing but what their step names: no earlier visits, no calendar."""


def portable_result_rules(rulebook: Rulebook, checklist: Checklist, day: date) -> dict[str, object]:
    """Return the rules by which visits of a day with this checklist are judged, as data for JSON.

    `until` is the last day on which they hold (None while no change is known). A procedure that needs what
    a device does not have, such as earlier visits, is refused.
    """
    if "result" not in rulebook.procedures:
        raise GradingError(f"规则 {rulebook.scheme} 没有检查结果的程序：换用有它的规则")
    procedure = rulebook.procedures["result"]
    needed = set(procedure.needed())
    steps = [step for step in procedure.steps.values() if step.name in needed]
    foreign = sorted({step.op for step in steps} - PORTABLE)
    if foreign:
        names = "、".join(foreign)
        raise GradingError(f"规则 {rulebook.scheme} 的检查结果要用 {names}，离线推算不了：改用别的步骤")
    cells = needed_cells(rulebook, "result")
    said = wording_for(rulebook, "result")
    return {
        "form": FORM,
        "scheme": rulebook.scheme,
        "title": rulebook.title_zh,
        "rulebook": rulebook.digest,
        "day": day.isoformat(),
        "until": _until(cells, day),
        "checklist": _checklist(checklist),
        "letters": LETTERS,
        "failed": FAILED,
        "not_looked_at": f"{Answer.NOT_APPLICABLE}{Answer.NOT_CHECKED}",
        "conforming": str(Answer.PASS),
        "effect_not_judged": str(Answer.FAIL),
        "scale": procedure.scale,
        "steps": [_step(step) for step in steps],
        "outputs": dict(procedure.outputs),
        "cells": {name: _cell(cell, cell.on(day), said) for name, cell in sorted(cells.items())},
        "scales": {name: _scale(rulebook.scales[name]) for name in scales_of(rulebook, procedure)},
        "wording": _wording(said),
    }


def _until(cells: Mapping[str, Cell], day: date) -> str | None:
    later = [entry.first_day for cell in cells.values() for entry in cell.entries if entry.first_day > day]
    return (min(later) - timedelta(days=1)).isoformat() if later else None


def _checklist(checklist: Checklist) -> dict[str, object]:
    return {
        "id": checklist.id,
        "title": checklist.title_zh,
        "sha256": checklist.digest,
        "items": [
            {
                "code": item.code,
                "mark": item.mark,
                "text": item.text or item.text_en,
                "provisional": item.provisional,
            }
            for item in checklist.items
        ],
    }


def _step(step: Step) -> dict[str, object]:
    return {"name": step.name, "op": step.op, "with": plain(step.parameters)}


def _scale(scale: Scale) -> dict[str, object]:
    return {
        "label": scale.label,
        "levels": [level.id for level in scale.levels],
        "outside": [level.id for level in scale.outside],
    }


def _cell(cell: Cell, entry: Entry | None, said: Wording) -> dict[str, object]:
    state = "not_yet" if entry is None else "repealed" if entry.repealed else None
    value = None if entry is None else entry.value
    has_rows = cell.form.kind in ("rules", "bands") and isinstance(value, tuple)
    return {
        "state": state,
        "value": plain(value),
        "rows": [said.row(row) for row in value] if has_rows and isinstance(value, tuple) else None,
        "assumed": _assumed(entry),
        "source": source_of(cell, entry),
    }


def _assumed(entry: Entry | None) -> dict[str, object]:
    """Return whether the whole value, an entry of it by default, or the entry of a path is assumed."""
    if entry is None:
        return {"whole": False, "default": False, "paths": {}}
    bases = entry.bases or {}
    return {
        "whole": Basis.ASSUMED in (entry.basis, *bases.values()),
        "default": entry.basis is Basis.ASSUMED,
        "paths": {path: basis is Basis.ASSUMED for path, basis in bases.items()},
    }


def _wording(said: Wording) -> dict[str, object]:
    return {
        "labels": dict(said.labels),
        "words": dict(said.words),
        "marks": dict(MARKS_ZH),
        "answers": dict(ANSWER_WORDS),
        "lacking": dict(LACKING),
        "why": dict(WHY),
        "phrases": dict(PHRASES),
        "reasons": dict(REASONS),
        "no_row": NO_ROW,
        "places_shown": PLACES_SHOWN,
    }


def plain(value: object) -> object:
    """Return a value as JSON can hold it: numbers exact, as `{"#": "0.5"}`."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (int, Decimal)):
        return {NUMBER: key_of(value)}
    if isinstance(value, (tuple, list)):
        return [plain(row) for row in value]
    if isinstance(value, Mapping) and NUMBER not in value:
        return {str(key): plain(row) for key, row in value.items()}
    raise GradingError(f"规则值里有不能带走的内容（{type(value).__name__}）：改正规则文件")
