"""What the rules of a day say about a visit's answers: `judge`, for a screen, a sheet or a tablet."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from grading.cells import Cell, Entry, says_anything
from grading.checklist import MARKS_ZH, Checklist
from grading.evaluation import Evaluation
from grading.operations.tables import band_around, key_of, rows_in_question
from grading.outcomes import ItemHandling, Suggestion
from grading.program import Procedure, Step
from grading.rulebook import Rulebook
from grading.rules import Rules
from grading.vocabulary import Answer
from grading.wording import ANSWER_WORDS, REASONS, WHY, Wording, words_of


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """One failed item: what is to be done about it, or what is missing to say so."""

    code: str
    answer: str
    handling: str | None
    handling_zh: str | None
    missing: tuple[str, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The suggested result of a visit with all that a person needs to decide; inspectors decide.

    `result` and `handling` are words of the rulebook's scales, None where undetermined; numbers are text
    with their shortest digits. `missing` names what is lacking for the result, `missing_zh` says it.
    `reasons` are lines to be read from top to bottom: the conclusion, the steps, the rule values.
    """

    scheme: str
    rulebook_sha256: str
    checklist_sha256: str
    day: str
    result: str | None
    result_zh: str | None
    outputs: Mapping[str, object]
    handling: str | None
    handling_zh: str | None
    items: tuple[JudgedItem, ...]
    missing: tuple[str, ...]
    missing_zh: tuple[str, ...]
    rests_on_assumed: tuple[str, ...]
    provisional: bool
    reasons: tuple[str, ...]

    def as_data(self) -> dict[str, object]:
        """Return the judgement as plain data for JSON."""
        return asdict(self)


def judge(
    rules: Rules,
    checklist: Checklist,
    answers: str,
    findings: Sequence[str] = (),
    unit_class: str | None = None,
) -> Judgement:
    """Return what a rulebook on a day (`rulebook.on(day)`) says about a visit's packed answers.

    `findings` and `unit_class` are for the few schemes that count findings one by one, or keep item points
    by class; other schemes ignore them.
    """
    suggestion = rules.suggest(checklist, answers, findings, unit_class)
    said = wording_for(rules.rulebook, "result")
    evaluation = rules.result_run(checklist, answers, findings, unit_class)
    missing_zh = tuple(said.missing(name) for name in suggestion.missing)
    handling = suggestion.word("handling")
    return Judgement(
        scheme=rules.rulebook.scheme,
        rulebook_sha256=rules.rulebook.digest,
        checklist_sha256=checklist.digest,
        day=rules.day.isoformat(),
        result=suggestion.value,
        result_zh=None if suggestion.value is None else said.value(suggestion.value),
        outputs={name: as_text(value) for name, value in sorted(suggestion.extras.items())},
        handling=handling,
        handling_zh=None if handling is None else said.value(handling),
        items=tuple(_item(row, said) for row in rules.handling(checklist, answers, unit_class)),
        missing=suggestion.missing,
        missing_zh=missing_zh,
        rests_on_assumed=suggestion.rests_on_assumed,
        provisional=suggestion.provisional,
        reasons=(
            _conclusion(suggestion, missing_zh, said),
            *_steps(evaluation, said),
            *((REASONS["provisional"],) if suggestion.provisional else ()),
            *_sources(rules, evaluation),
        ),
    )


def wording_for(rulebook: Rulebook, procedure: str) -> Wording:
    """Return the words of one procedure: its own labels, and the scales that it gives or reads."""
    found = rulebook.procedures[procedure]
    cells = needed_cells(rulebook, procedure)
    labels = {name: cell.label for name, cell in cells.items()}
    labels |= {step.name: step.label for step in found.steps.values() if step.label}
    return Wording(labels, words_of(rulebook.scales[name] for name in scales_of(rulebook, found)))


def scales_of(rulebook: Rulebook, procedure: Procedure) -> list[str]:
    """Return the names of the scales that a procedure gives, or whose words its cells hold."""
    named = {procedure.scale}
    named |= {
        str(step.parameters["scale"]) for step in procedure.steps.values() if "scale" in step.parameters
    }
    for cell in needed_cells(rulebook, procedure.name).values():
        named |= cell.form.scales()
    return sorted(named & set(rulebook.scales))


def needed_cells(rulebook: Rulebook, procedure: str) -> dict[str, Cell]:
    """Return the cells that a procedure's outputs rest on."""
    names = set(rulebook.procedures[procedure].needed())
    return {name: cell for name, cell in rulebook.cells.items() if name in names}


def as_text(value: object) -> object:
    """Return a value as data in which every number is text with its shortest digits."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return key_of(value)
    if isinstance(value, tuple):
        return [as_text(row) for row in value]
    if isinstance(value, Mapping):
        return {str(key): as_text(row) for key, row in value.items()}
    return value


def _conclusion(suggestion: Suggestion, missing_zh: Sequence[str], said: Wording) -> str:
    if suggestion.value is None:
        return REASONS["not_suggested"].format(missing=REASONS["rows_between"].join(missing_zh))
    return REASONS["suggested"].format(value=said.value(suggestion.value))


def _steps(evaluation: Evaluation, said: Wording) -> list[str]:
    """Return one line for each step that the result rests on."""
    used = evaluation.work_out(evaluation.procedure.outputs["value"]).steps
    rows = [step for step in evaluation.procedure.steps.values() if step.name in used]
    return [line for step in rows for line in _step(evaluation, step, said)]


def _step(evaluation: Evaluation, step: Step, said: Wording) -> list[str]:
    worked = evaluation.step(step.name)
    label = said.name(step.name)
    if worked.missing is not None:
        between = REASONS["rows_between"]
        lacking = between.join(said.missing(name) for name in sorted(worked.missing))
        return [REASONS["step_unknown"].format(label=label, missing=lacking)]
    if is_table(worked.value):
        return []
    value = said.value(worked.value)
    rows = _deciding_rows(evaluation, step, said)
    if rows:
        return [REASONS["step_by_rows"].format(label=label, value=value, rows=rows)]
    return [REASONS["step"].format(label=label, value=value)]


def is_table(value: object) -> bool:
    """Tell whether a value is a table or a list of rows, which a line cannot say."""
    return isinstance(value, Mapping) or (
        isinstance(value, tuple) and any(isinstance(row, Mapping) for row in value)
    )


def _deciding_rows(evaluation: Evaluation, step: Step, said: Wording) -> str:
    """Return the rows of a rule table or of bands that decided a step, in words."""
    if step.op == "match" and str(step.parameters["rules"]) in evaluation.cells:
        rows, _ = rows_in_question(evaluation, str(step.parameters["rules"]))
        return REASONS["rows_between"].join(said.row(row) for row in rows)
    table = str(step.parameters.get("table", ""))
    if step.op == "band" and table in evaluation.cells:
        value = evaluation.get(str(step.parameters["of"]))
        return said.row(band_around(value, evaluation.get(table), table))
    return ""


def _sources(rules: Rules, evaluation: Evaluation) -> list[str]:
    """Return one line for each rule value that the result rests on."""
    used = evaluation.work_out(evaluation.procedure.outputs["value"]).cells
    cells = rules.rulebook.cells
    return [source_of(cells[name], cells[name].on(rules.day)) for name in sorted({name for name, _ in used})]


def source_of(cell: Cell, entry: Entry | None) -> str:
    """Return where a rule value stands, from when, and on what it rests."""
    label = cell.label or cell.name
    if entry is None:
        return f"{label}：{WHY['not_yet']}"
    article = f"第{entry.article}条" if entry.article else ""
    source = f"出处 {entry.title}{article}，自 {entry.first_day} 起"
    if entry.repealed:
        return f"{label}：{WHY['repealed']}，{source}"
    if not says_anything(entry.value):
        return f"{label}：未知，{source}" + (f"。{cell.notes}" if cell.notes else "")
    return f"{label}：{source}，依据：{entry.basis.zh if entry.basis is not None else '未知'}"


def _item(row: ItemHandling, said: Wording) -> JudgedItem:
    handling = None if row.handling is None else said.value(row.handling)
    lacking = REASONS["rows_between"].join(said.missing(name) for name in row.missing)
    return JudgedItem(
        code=row.item.code,
        answer=row.answer.value,
        handling=row.handling,
        handling_zh=handling,
        missing=row.missing,
        said=REASONS[phrase_for(row.handling, row.missing, row.answer)].format(
            code=row.item.code,
            text=row.item.text or row.item.text_en,
            mark=MARKS_ZH[row.item.mark],
            answer=ANSWER_WORDS[row.answer.value],
            handling=handling,
            missing=lacking,
        ),
    )


def phrase_for(handling: str | None, missing: Sequence[str], answer: Answer) -> str:
    """Return which phrase tells what is to be done about a failed item."""
    if handling is not None:
        return "item"
    if not missing:
        return "item_only"
    return "item_unjudged" if answer is Answer.FAIL else "item_unsettled"
