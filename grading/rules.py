"""The rules of one day: visits, units and proposals in, outcomes out; work is never done twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from grading.canonical import digest, encode
from grading.cells import Entry
from grading.checklist import Checklist
from grading.days import add_months
from grading.derivation import derivation_of, missing_for
from grading.errors import AnswersError
from grading.evaluation import PROVISIONAL, Evaluation, Worked
from grading.facts import Adjustment, DecidedVisit, ListingFacts, UnitFacts
from grading.operations.tallies import AnswerSums, Tally, answered, compile_tally, nothing_to_count
from grading.outcomes import ItemHandling, Outlook, Proposal, Suggestion, Verdict, frequency_of
from grading.plans import Planner, Steps, Subject, remember
from grading.program import Procedure, Step
from grading.rulebook import Rulebook
from grading.vocabulary import FAILED, LETTERS, Answer, Basis

# The answers by which an item was looked at: a result rests on a provisional item only then.
_GIVEN = "".join(set(LETTERS) - {Answer.NOT_APPLICABLE, Answer.NOT_CHECKED})


@dataclass(frozen=True, slots=True)
class _Core:
    """All of an outcome but the subject's own facts."""

    value: str | None
    missing: tuple[str, ...]
    assumed: tuple[str, ...]
    derivation: str
    sha: str
    extras: Mapping[str, object]
    fact_names: tuple[str, ...]
    provisional: bool


@dataclass(slots=True)
class _VisitReader:
    """How the answers of one checklist become the facts of the result procedure."""

    checklist: Checklist
    names: tuple[str, ...]
    sums: AnswerSums
    known: dict[tuple[object, ...], Suggestion] = field(default_factory=dict)
    """By what the tallies, the findings and the unit's class say."""


class _ByAnswers(dict[int, Suggestion]):
    """Suggestions by the number of the answers alone, where no finding is counted by itself."""

    def __init__(self, make: Callable[[int], Suggestion]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, number: int) -> Suggestion:
        found = self._make(number)
        remember(self, number, found)
        return found


class Rules:
    """A rulebook on one day."""

    def __init__(self, rulebook: Rulebook, day: date) -> None:
        """Take the cells in force on the day."""
        self.rulebook = rulebook
        self.day = day
        self._cells: dict[str, Entry | None] = {name: cell.on(day) for name, cell in rulebook.cells.items()}
        self._readers: dict[str, _VisitReader] = {}
        self._by_answers: dict[str, _ByAnswers] = {}
        self._planner: Planner | None = None
        self._verdicts: dict[tuple[Steps, Steps], _Core] = {}
        self._outlooks: dict[tuple[Steps, Steps], Outlook] = {}
        self._proposals: dict[ListingFacts, Proposal] = {}

    def suggest(
        self,
        checklist: Checklist,
        answers: str,
        findings: Sequence[str] = (),
        unit_class: str | None = None,
    ) -> Suggestion:
        """Return the result that the rulebook suggests for a visit's answers or findings.

        `unit_class` is the column of a table of item points that a few schemes keep by class.
        """
        if not findings and unit_class is None:
            return self.suggest_each(checklist, [answers])[0]
        reader = self._reader(checklist)
        (number,) = reader.sums.of([answers])
        return self._suggestion(reader, number, tuple(sorted(findings)), unit_class)

    def suggest_each(self, checklist: Checklist, many: Sequence[str]) -> list[Suggestion]:
        """Return the result that the rulebook suggests for each of very many visits' answers."""
        reader = self._reader(checklist)
        return list(map(self._by_answers[checklist.digest].__getitem__, reader.sums.of(many)))

    def result_run(
        self,
        checklist: Checklist,
        answers: str,
        findings: Sequence[str] = (),
        unit_class: str | None = None,
    ) -> Evaluation:
        """Return the run of the result procedure over a visit, for those who tell how it went."""
        reader = self._readers.get(checklist.digest) or self._reader(checklist)
        (number,) = reader.sums.of([answers])
        *counted, _ = reader.sums.values(number)
        return self._result_run(reader, counted, tuple(sorted(findings)), unit_class)

    def handling(
        self, checklist: Checklist, answers: str, unit_class: str | None = None
    ) -> list[ItemHandling]:
        """Return what the rulebook says is to be done about each failed item by itself."""
        rows: list[ItemHandling] = []
        places = checklist.position
        checklist.verify(answers)
        conforming = "".join("P" if letter in FAILED else letter for letter in answers)
        for item, answer in checklist.failed(answers):
            place = places[item.code]
            alone = conforming[:place] + answer.value + conforming[place + 1 :]
            suggestion = self.suggest(checklist, alone, (), unit_class)
            found = suggestion.word("handling")
            missing = () if found is not None else missing_for(suggestion.derivation, "handling")
            rows.append(ItemHandling(item, answer, found, missing))
        return rows

    def grade(
        self,
        unit: UnitFacts,
        visits: Sequence[DecidedVisit],
        adjustments: Sequence[Adjustment] = (),
    ) -> Verdict:
        """Return a unit's grade on this day from its decided visits.

        What happened after the day is left out, so that a past day gives what it gave.
        """
        planner = self._planner or self._plan()
        subject = planner.subject(unit, visits, adjustments)
        ground = planner.ground(subject)
        movement = planner.movement(subject, ground)
        core = self._verdicts.get((ground, movement))
        if core is None:
            core = self._core(planner.evaluation(subject, ground, movement))
            remember(self._verdicts, (ground, movement), core)
        return Verdict(
            value=core.value,
            missing=core.missing,
            rests_on_assumed=core.assumed,
            provisional=core.provisional,
            derivation=core.derivation,
            derivation_sha256=core.sha,
            facts=planner.facts_text(core.fact_names, subject),
            extras=core.extras,
            next_due_on=_next_due(core.extras.get("due_months"), unit, subject.visits),
        )

    def subject(
        self, unit: UnitFacts, visits: Sequence[DecidedVisit], adjustments: Sequence[Adjustment] = ()
    ) -> Subject:
        """Return a unit as its grade sees it on this day."""
        return (self._planner or self._plan()).subject(unit, visits, adjustments)

    def outlook(self, subject: Subject) -> Outlook:
        """Return a grade without its derivation, for those who compare very many and store none."""
        planner = self._planner or self._plan()
        ground = planner.ground(subject)
        movement = planner.movement(subject, ground)
        found = self._outlooks.get((ground, movement))
        if found is None:
            outputs = self._outputs(planner.evaluation(subject, ground, movement))
            found = Outlook(outputs["value"], frequency_of(outputs.get("frequency")))
            remember(self._outlooks, (ground, movement), found)
        return found

    def compare_with(self, other: "Rules") -> None:
        """Share with other rules of the same day what both work out in the same way, subjects included."""
        self._planner = self._plan(other._planner or other._plan())

    def _plan(self, beside: Planner | None = None) -> Planner:
        procedure = self._procedure("grade")
        self._planner = Planner(procedure, self._cells, self.rulebook.scales, self.day, beside)
        return self._planner

    def _outputs(self, evaluation: Evaluation) -> dict[str, object]:
        worked = {key: evaluation.work_out(name) for key, name in evaluation.procedure.outputs.items()}
        self._refuse_strange(evaluation.procedure, worked["value"])
        return {key: None if one.missing is not None else one.value for key, one in worked.items()}

    def propose(self, facts: ListingFacts) -> Proposal:
        """Return the list that the rulebook proposes for a unit after a visit."""
        known = self._proposals.get(facts)
        if known is None:
            rows = dict(zip(ListingFacts._fields, facts, strict=True))
            core = self._core(self._evaluation("listing", rows))
            text = encode({name: rows.get(name) for name in core.fact_names})
            known = Proposal(*_shared(core, provisional=facts.provisional), text, core.extras)
            remember(self._proposals, facts, known)
        return known

    def has(self, procedure: str) -> bool:
        """Tell whether the rulebook has a procedure: result, grade or listing."""
        return procedure in self.rulebook.procedures

    def _procedure(self, name: str) -> Procedure:
        procedure = self.rulebook.procedures.get(name)
        if procedure is None:
            raise AnswersError(f"规则 {self.rulebook.scheme} 没有“{name}”这一程序：换用有它的规则")
        return procedure

    def _evaluation(self, procedure: str, facts: Mapping[str, object]) -> Evaluation:
        scales = self.rulebook.scales
        return Evaluation(self._procedure(procedure), self._cells, scales, facts)

    def _reader(self, checklist: Checklist) -> _VisitReader:
        known = self._readers.get(checklist.digest)
        if known is not None:
            return known
        procedure = self._procedure("result")
        needed = set(procedure.needed())
        steps = [step for step in procedure.tallies if step.name in needed]
        tallies = [self._tally(step, checklist) for step in steps]
        tallies.append(answered(checklist, checklist.provisional_places, _GIVEN))
        names = tuple(step.name for step in steps)
        reader = _VisitReader(checklist, names, AnswerSums(checklist, tallies))
        self._readers[checklist.digest] = reader
        self._by_answers[checklist.digest] = _ByAnswers(lambda number: self._suggestion(reader, number))
        return reader

    def _tally(self, step: Step, checklist: Checklist) -> Tally:
        codes: tuple[str, ...] | None = None
        if "items" in step.parameters:
            entry = self._cells[str(step.parameters["items"])]
            table = entry.value if entry is not None and isinstance(entry.value, Mapping) else {}
            found = table.get(checklist.id)
            if not isinstance(found, tuple):
                return nothing_to_count(checklist)
            codes = tuple(str(code) for code in found)
        return compile_tally(step.op, step.parameters, checklist, codes)

    def _suggestion(
        self,
        reader: _VisitReader,
        number: int,
        findings: tuple[str, ...] = (),
        unit_class: str | None = None,
    ) -> Suggestion:
        *counted, given = reader.sums.values(number)
        said = (tuple(counted), bool(given), findings, unit_class)
        known = reader.known.get(said)
        if known is None:
            known = self._new_suggestion(reader, *said)
            remember(reader.known, said, known)
        return known

    def _new_suggestion(
        self,
        reader: _VisitReader,
        counted: Sequence[object],
        provisional: bool,
        findings: Sequence[str],
        unit_class: str | None,
    ) -> Suggestion:
        for code in findings:
            if code not in reader.checklist.position:
                name = reader.checklist.id
                raise AnswersError(f"检查表 {name} 没有编号为“{code}”的项目：核对问题编号")
        run = self._result_run(reader, counted, findings, unit_class)
        core = self._core(run)
        text = encode({name: run.facts.get(name) for name in (*core.fact_names, "checklist")})
        return Suggestion(*_shared(core, provisional=provisional), text, core.extras)

    def _result_run(
        self,
        reader: _VisitReader,
        counted: Sequence[object],
        findings: Sequence[str],
        unit_class: str | None,
    ) -> Evaluation:
        facts: dict[str, object] = dict(zip(reader.names, counted, strict=True))
        facts |= {"findings": findings, "checklist": reader.checklist.id, "unit_class": unit_class}
        return self._evaluation("result", facts)

    def _core(self, evaluation: Evaluation) -> _Core:
        outputs = {key: evaluation.work_out(name) for key, name in evaluation.procedure.outputs.items()}
        value = outputs["value"]
        self._refuse_strange(evaluation.procedure, value)
        text = derivation_of(self.rulebook, evaluation, outputs)
        return _Core(
            value=None if value.missing is not None else str(value.value),
            missing=tuple(sorted(value.missing or ())),
            assumed=self._assumed(value),
            derivation=text,
            sha=digest(text),
            extras={
                key: worked.value if worked.missing is None else None
                for key, worked in outputs.items()
                if key != "value"
            },
            fact_names=tuple(sorted({n for w in outputs.values() for n in w.facts} - {PROVISIONAL})),
            provisional=PROVISIONAL in value.facts,
        )

    def _refuse_strange(self, procedure: Procedure, worked: Worked) -> None:
        scale = self.rulebook.scales[procedure.scale]
        if worked.missing is None and worked.value not in scale.ranks:
            words = "、".join(scale.words)
            raise AnswersError(
                f"规则 {self.rulebook.scheme} 的程序 {procedure.name} 得出“{worked.value}”，"
                f"不是{scale.label}的用词（{words}）：改正 outputs 的 value 或规则值"
            )

    def _assumed(self, worked: Worked) -> tuple[str, ...]:
        return tuple(sorted({name for name, path in worked.cells if self._is_assumed(name, path)}))

    def _is_assumed(self, name: str, path: tuple[str, ...]) -> bool:
        entry = self._cells[name]
        if entry is None:
            return False
        if not path and entry.bases:
            return Basis.ASSUMED in (entry.basis, *entry.bases.values())
        return entry.basis_at(path) is Basis.ASSUMED


def _shared(
    core: _Core, *, provisional: bool
) -> tuple[str | None, tuple[str, ...], tuple[str, ...], bool, str, str]:
    return core.value, core.missing, core.assumed, provisional, core.derivation, core.sha


def _next_due(months: object, unit: UnitFacts, visits: Sequence[DecidedVisit]) -> date | None:
    """Count the months from the latest visit that is no re-check, else from the first licence."""
    if not isinstance(months, int):
        return None
    latest = next((visit.day for visit in reversed(visits) if not visit.is_recheck), None)
    start = unit.licensed_on if latest is None else latest
    return None if start is None else add_months(start, months)
