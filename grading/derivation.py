"""Derivations: how an outcome came about, as a text that recomputes it without its rulebook."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from grading.canonical import decode, encode
from grading.cells import Entry, step_into
from grading.errors import GradingError
from grading.evaluation import Evaluation, Use, Worked
from grading.program import Procedure, Step
from grading.rulebook import Rulebook
from grading.scales import Level, Scale
from grading.vocabulary import Basis

FORM = 1


def derivation_of(rulebook: Rulebook, evaluation: Evaluation, outputs: Mapping[str, Worked]) -> str:
    """Return the canonical text of a run: its steps, the cells it used, what it gives."""
    procedure = evaluation.procedure
    uses = {use for worked in outputs.values() for use in worked.cells}
    names = {name for worked in outputs.values() for name in worked.steps}
    steps = [step for step in procedure.steps.values() if step.name in names]
    return encode(
        {
            "form": FORM,
            "scheme": rulebook.scheme,
            "title": rulebook.title_zh,
            "rulebook": rulebook.digest,
            "procedure": procedure.name,
            "label": procedure.label,
            "scale": procedure.scale,
            "scales": _scales(rulebook, procedure, steps, {name for name, _ in uses}),
            "names": _names(procedure, steps),
            "steps": [_step(step, evaluation.worked[step.name]) for step in steps],
            "cells": _cells(rulebook, evaluation, uses),
            "outputs": dict(procedure.outputs),
            "gives": {name: _given(worked) for name, worked in outputs.items()},
            "missing": {
                name: sorted(worked.missing) for name, worked in outputs.items() if worked.missing is not None
            },
        }
    )


def missing_for(derivation: str, output: str) -> tuple[str, ...]:
    """Return the names of what an output lacks, by a derivation's text; none where it has a value."""
    content = decode(derivation)
    missing = content.get("missing", {}) if isinstance(content, dict) else {}
    found = missing.get(output, ()) if isinstance(missing, dict) else ()
    return found if isinstance(found, tuple) else ()


def _given(worked: Worked) -> object:
    return None if worked.missing is not None else worked.value


def _scales(
    rulebook: Rulebook, procedure: Procedure, steps: Iterable[Step], cells: Iterable[str]
) -> Mapping[str, object]:
    """Return the scales that the steps use or whose words the cells hold."""
    named = {procedure.scale}
    named |= {str(step.parameters.get("scale", procedure.scale)) for step in steps}
    named |= {name for cell in cells for name in rulebook.cells[cell].form.scales()}
    scales = (rulebook.scales[name] for name in sorted(named) if name in rulebook.scales)
    return {
        scale.name: {
            "label": scale.label,
            "levels": [[level.id, level.zh] for level in scale.levels],
            "outside": [[level.id, level.zh] for level in scale.outside],
        }
        for scale in scales
    }


def _names(procedure: Procedure, steps: Iterable[Step]) -> Mapping[str, str]:
    """Return the labels of steps that rules speak of although nothing asked for their value."""
    worked = {step.name for step in steps}
    read = {name for step in steps for name in step.reads if name in procedure.steps}
    return {name: procedure.steps[name].label for name in read - worked}


def _step(step: Step, worked: Worked) -> Mapping[str, object]:
    row: dict[str, object] = {
        "name": step.name,
        "label": step.label,
        "op": step.op,
        "with": step.parameters,
    }
    if worked.missing is not None:
        row["missing"] = sorted(worked.missing)
    elif not step.operation.tally:
        row["gives"] = worked.value
    return row


def _cells(rulebook: Rulebook, evaluation: Evaluation, uses: Iterable[Use]) -> Mapping[str, object]:
    paths: dict[str, list[tuple[str, ...]]] = {}
    for name, path in sorted(uses):
        paths.setdefault(name, []).append(path)
    return {name: _cell(rulebook, name, evaluation.cells[name], found) for name, found in paths.items()}


def _cell(
    rulebook: Rulebook, name: str, entry: Entry | None, paths: list[tuple[str, ...]]
) -> Mapping[str, object]:
    cell = rulebook.cells[name]
    row: dict[str, object] = {"label": cell.label, "unit": cell.unit}
    if entry is None:
        return {**row, "not_yet": True}
    row |= {"from": entry.first_day, "title": entry.title, "article": entry.article}
    row["basis"] = entry.basis
    if entry.document_sha256:
        row["document_sha256"] = entry.document_sha256
    if entry.repealed:
        return {**row, "repealed": True}
    if () in paths:
        row["value"] = entry.value
        if entry.bases:
            row["bases"] = dict(entry.bases)
        return row
    row["value"] = _pruned(entry.value, paths)
    bases = {".".join(path): entry.basis_at(path) for path in paths}
    if any(basis is not entry.basis for basis in bases.values()):
        row["bases"] = bases
    return row


def _pruned(value: object, paths: Iterable[tuple[str, ...]]) -> object:
    """Return a table with only the entries that were read; a key it lacks stays absent."""
    if value is None:
        return None
    table: dict[str, object] = {}
    for path in paths:
        found, walked = step_into(value, path)
        above, _ = step_into(value, walked[:-1])
        if isinstance(above, Mapping) and walked[-1] not in above:
            continue
        here = table
        for key in walked[:-1]:
            inner = here.setdefault(key, {})
            here = inner if isinstance(inner, dict) else {}
        here[walked[-1]] = found
    return table


def replay(derivation: str, facts: str) -> Mapping[str, object]:
    """Recompute the outputs of a stored derivation over stored facts, without any rulebook.

    The answer has every output by name, None where undetermined, and `missing` with the names of
    what is lacking for `value`.
    """
    evaluation, content = restored(derivation, facts)
    names = _mapping(content["outputs"])
    outputs = {key: evaluation.work_out(str(name)) for key, name in names.items()}
    missing = outputs["value"].missing
    return {
        **{key: _given(worked) for key, worked in outputs.items()},
        "missing": tuple(sorted(missing)) if missing is not None else (),
    }


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise GradingError("推导文本的形式不对：它应是引擎写下的原文")
    return value


def _rows(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def restored(derivation: str, facts: str) -> tuple[Evaluation, Mapping[str, object]]:
    """Return the run that a stored derivation and stored facts stand for, and its content."""
    procedure, cells, scales, content = _restored(derivation)
    return Evaluation(procedure, cells, scales, _mapping(decode(facts))), content


# Many subjects share a derivation, and what is restored from it is only read.
@lru_cache(maxsize=1024)
def _restored(
    derivation: str,
) -> tuple[Procedure, Mapping[str, Entry | None], Mapping[str, Scale], Mapping[str, object]]:
    content = _mapping(decode(derivation))
    if content.get("form") != FORM:
        raise GradingError("推导文本的版本不认识：用写下它的那一版程序重算")
    steps = {str(row["name"]): _restored_step(row) for row in map(_mapping, _rows(content["steps"]))}
    outputs = {key: str(name) for key, name in _mapping(content["outputs"]).items()}
    name, label, scale = (str(content[key]) for key in ("procedure", "label", "scale"))
    procedure = Procedure(name, label, scale, steps, outputs)
    cells = {key: _restored_cell(_mapping(row)) for key, row in _mapping(content["cells"]).items()}
    scales = {key: _restored_scale(key, _mapping(row)) for key, row in _mapping(content["scales"]).items()}
    return procedure, cells, scales, content


def _restored_step(row: Mapping[str, object]) -> Step:
    return Step(str(row["name"]), str(row["label"]), str(row["op"]), _mapping(row["with"]))


def _restored_cell(row: Mapping[str, object]) -> Entry | None:
    if "not_yet" in row:
        return None
    first_day = row["from"]
    if not isinstance(first_day, date):
        raise GradingError("推导文本里规则值的施行日不是日期：它应是引擎写下的原文")
    basis = None if row["basis"] is None else Basis(str(row["basis"]))
    title, article = str(row["title"]), str(row["article"])
    return Entry(first_day, row.get("value"), basis, title, article, "repealed" in row)


def _restored_scale(name: str, row: Mapping[str, object]) -> Scale:
    def levels(key: str) -> tuple[Level, ...]:
        pairs = (_rows(pair) for pair in _rows(row[key]))
        return tuple(Level(str(pair[0]), str(pair[1]), "") for pair in pairs)

    return Scale(name, str(row["label"]), levels("levels"), levels("outside"))
