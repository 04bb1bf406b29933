"""What each name in a procedure can give: a number, a word out of some, a list; told without any facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grading.cells import Form
from grading.facts import FACTS_OF
from grading.operations.registry import LEVEL, NUMBER, ROWS, YES_NO, names_in
from grading.program import Procedure, Step
from grading.rulebook import Rulebook
from grading.vocabulary import SizeClass, UnitType, VisitKind

WORD, ANYTHING = "word", "anything"
_FACTS_IN_NUMBERS = (
    *("area_m2", "seats", "persons_served", "facilities_points"),
    *("failed", "theme_failed", "safety_failed", "key_safety_failed"),
)
_BOTH = ("yes", "no")


@dataclass(frozen=True)
class Values:
    """What a name can give: of what kind, which words (none where any), whether a fraction of any length."""

    kind: str
    words: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    """Those of the words that a step itself writes, and so gives; a table need not use all it may."""
    is_fraction: bool = False


_ANYTHING = Values(ANYTHING)
_OF_FACTS = {
    **{name: Values(NUMBER) for name in _FACTS_IN_NUMBERS},
    "unit_type": Values(WORD, tuple(UnitType)),
    "size_class": Values(WORD, tuple(SizeClass)),
    "kind": Values(WORD, tuple(VisitKind)),
    **{name: Values(WORD, _BOTH) for name in ("themed", "complete", "provisional")},
    **{name: Values(ROWS) for name in ("findings", "food_categories", "special_groups")},
}


def values_of(rulebook: Rulebook, procedure: Procedure) -> Mapping[str, Values]:
    """Return what every fact, rule value and step of a procedure can give."""
    facts = FACTS_OF.get(procedure.name, ())
    known = {name: _of_form(cell.form) for name, cell in rulebook.cells.items()}
    known |= {name: _OF_FACTS.get(name, _ANYTHING) for name in facts}
    for step in procedure.steps.values():
        known[step.name] = _of_step(rulebook, step, known)
    return known


def _of_step(rulebook: Rulebook, step: Step, known: Mapping[str, Values]) -> Values:
    parameters, gives = step.parameters, step.operation.gives
    if not set(step.operation.required) <= set(parameters):
        # That has been told, and nothing more can be said of the step.
        return _ANYTHING
    if gives == NUMBER:
        return Values(NUMBER, is_fraction=_may_be_a_fraction(step, known))
    if gives == YES_NO:
        words = tuple(str(parameters.get(word, word)) for word in _BOTH)
        return Values(WORD, words, words)
    if gives == LEVEL:
        scale = rulebook.scales.get(str(parameters["scale"]))
        return Values(WORD, scale.words if scale is not None else ())
    if gives == ROWS:
        return Values(ROWS, _results(rulebook) if parameters.get("field") == "result" else ())
    return _held(rulebook, step, known)


def _held(rulebook: Rulebook, step: Step, known: Mapping[str, Values]) -> Values:
    """Return what a step takes out of a table, a list, or the names that it chooses from."""
    parameters = step.parameters
    if step.op == "choose":
        return _chosen(parameters, known)
    if step.op == "latest":
        words = known.get(str(parameters["of"]), _ANYTHING).words
        beside = (str(parameters["if_none"]),) if "if_none" in parameters else ()
        return Values(WORD, (*words, *beside), beside) if words else _ANYTHING
    cell = rulebook.cells.get(str(parameters.get("table", parameters.get("rules"))))
    if cell is None:
        return _ANYTHING
    if step.op == "lookup":
        return _at_depth(cell.form, len(names_in("refs", parameters["keys"])))
    return Values(WORD, cell.form.words) if cell.form.of is None else _of_form(cell.form.of)


def _chosen(parameters: Mapping[str, object], known: Mapping[str, Values]) -> Values:
    cases, name_of_by = _cases(parameters), str(parameters["by"])
    by = known.get(name_of_by, _ANYTHING)
    chosen = [
        # Whoever looks at the word itself and takes it as it is gets that word and no other.
        Values(WORD, (word,)) if name == name_of_by else known.get(name, _ANYTHING)
        for word, name in cases.items()
    ]
    if "otherwise" in parameters:
        chosen.append(known.get(str(parameters["otherwise"]), _ANYTHING))
    elif not (by.words and set(by.words) <= set(cases)):
        left = tuple(word for word in by.words if word not in cases)
        chosen.append(Values(by.kind, left, is_fraction=by.is_fraction))
    return _either(chosen)


def _cases(parameters: Mapping[str, object]) -> dict[str, str]:
    cases = parameters["cases"]
    return {str(word): str(name) for word, name in cases.items()} if isinstance(cases, Mapping) else {}


def _either(chosen: Iterable[Values]) -> Values:
    """Return what one of several can give; anything where they are of different kinds."""
    rows = list(chosen)
    kinds = {one.kind for one in rows}
    if len(kinds) != 1 or (kinds == {WORD} and not all(one.words for one in rows)):
        return _ANYTHING
    words = dict.fromkeys(word for one in rows for word in one.words)
    return Values(kinds.pop(), tuple(words), is_fraction=any(one.is_fraction for one in rows))


def _may_be_a_fraction(step: Step, known: Mapping[str, Values]) -> bool:
    if step.op == "round" or "round_to" in step.parameters:
        return False
    if step.op in ("ratio", "mean"):
        return True
    return any(known.get(name, _ANYTHING).is_fraction for name in step.reads)


def _at_depth(form: Form, keys: int) -> Values:
    inner: Form | None = form
    for _ in range(keys):
        inner = inner.of if inner is not None else None
    return _ANYTHING if inner is None else _of_form(inner)


def _of_form(form: Form) -> Values:
    if form.kind == "word":
        return Values(WORD, form.words)
    return Values({"number": NUMBER, "words": ROWS}.get(form.kind, ANYTHING))


def _results(rulebook: Rulebook) -> tuple[str, ...]:
    """Return the words of results, as far as the rulebook says them itself."""
    procedure = rulebook.procedures.get("result")
    scale = rulebook.scales.get(procedure.scale if procedure is not None else "result")
    return scale.words if scale is not None else ()
