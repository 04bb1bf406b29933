"""Working through the grade procedure for very many units: nothing that repeats is worked out twice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple, TypeVar

from grading.canonical import encode
from grading.cells import Entry
from grading.evaluation import Evaluation, Worked
from grading.facts import UNIT_FACTS, Adjustment, DecidedVisit, UnitFacts
from grading.program import Procedure, Step
from grading.scales import Scale

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED = 50_000

_LASTING = (*UnitFacts._fields, "adjustments")
_by_day = attrgetter("day")


class Subject(NamedTuple):
    """A unit as it was on the day: nothing in it happened later, and its oldest visit comes first."""

    unit: UnitFacts
    adjustments: tuple[Adjustment, ...]
    visits: Sequence[DecidedVisit]
    notes: Sequence["_Note"]


class _Note(NamedTuple):
    """A visit as it is written down, and a number for what it found: the same one whenever it was."""

    text: str
    found: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """A step; its value is remembered by what it reads."""

    name: str
    inputs: Callable[[Mapping[str, object]], object]
    known: dict[object, Worked] | None
    """None for a step that reads visits: there are too many to remember."""


@dataclass(frozen=True, eq=False, slots=True)
class Steps:
    """Steps worked out; one object stands for each content, so that its identity can be part of a key."""

    worked: Mapping[str, Worked]


@dataclass(frozen=True, slots=True)
class Ground:
    """What holds of a unit whatever its visits say: steps, and its facts as they are written down."""

    steps: Steps
    texts: Mapping[str, str]
    beside_visits: object
    """What the steps that read visits read of it."""


def remember(known: dict[K, V], key: K, value: V) -> None:
    """Remember a value; start afresh when there are so many that memory would suffer."""
    if len(known) >= REMEMBERED:
        known.clear()
    known[key] = value


class _Notes(dict[DecidedVisit, _Note]):
    """The notes of visits; half a million of them have a few thousand."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers: dict[tuple[object, ...], int] = {}

    def __missing__(self, visit: DecidedVisit) -> _Note:
        number = self._numbers.setdefault(visit[1:], len(self._numbers))
        note = _Note(encode(visit if visit.provisional else visit[:-1]), number)
        remember(self, visit, note)
        return note


class Planner:
    """A procedure over unit facts in three parts: what reads no visits, what reads them, and the rest.

    The first part is remembered by the unit's own facts, the second by what the visits found, the rest (an
    outcome) by the other two: most units cost a few look-ups.
    """

    def __init__(
        self,
        procedure: Procedure,
        cells: Mapping[str, Entry | None],
        scales: Mapping[str, Scale],
        day: date,
    ) -> None:
        """Sort the steps that the outputs need into the three parts."""
        self._procedure = procedure
        self._cells = cells
        self._scales = scales
        self._day = day
        needed = set(procedure.needed())
        steps = [step for step in procedure.steps.values() if step.name in needed]
        readers = [step for step in steps if "visits" in step.reads]
        moved = _followers(steps, readers)
        moving = moved & _forerunners(steps, readers)
        self._still = self._plans(step for step in steps if step.name not in moved)
        self._moving = self._plans(step for step in steps if step.name in moving)
        self._looks_at_days = any(step.looks_at_days for step in readers)
        self._names = tuple(name for name in _LASTING if name in needed)
        self._own = _picker([place for place, name in enumerate(_LASTING) if name in needed])
        later = {name for step in steps if step.name in moved for name in step.reads}
        later.update(procedure.outputs.values())
        self._pinned = _picker([name for name in self._names if name in later])
        beside = {name for step in steps if step.name in moving for name in step.reads} - moving
        own_or_still = {*_LASTING, *(plan.name for plan in self._still)}
        self._beside_visits = _picker(sorted(beside & own_or_still))
        self._day_text = {"on": f'"on":{encode(day)}'}
        self._grounds: dict[object, Ground] = {}
        self._movements: dict[object, Steps] = {}
        self._interned: dict[tuple[object, ...], Worked] = {}
        self._steps: dict[object, Steps] = {}
        self._notes = _Notes()

    def subject(
        self, unit: UnitFacts, visits: Sequence[DecidedVisit], adjustments: Sequence[Adjustment]
    ) -> Subject:
        """Return the unit as it was on the day."""
        day, notes = self._day, self._notes
        past = sorted(visits, key=_by_day)
        while past and past[-1].day > day:
            past.pop()
        so_far = tuple([row for row in adjustments if row.occurred_on <= day]) if adjustments else ()
        return Subject(unit, so_far, past, [notes[visit] for visit in past])

    def ground(self, subject: Subject) -> Ground:
        """Return what holds of a unit whatever its visits say."""
        key = self._own((*subject.unit, subject.adjustments))
        found = self._grounds.get(key)
        if found is None:
            facts = self._facts(subject)
            texts = {name: f'"{name}":{encode(facts[name])}' for name in self._names}
            steps = self._work_through(self._still, facts, {}, self._pinned(facts))
            beside = self._beside_visits({**facts, **steps.worked})
            found = Ground(steps, {**texts, **self._day_text}, beside)
            remember(self._grounds, key, found)
        return found

    def movement(self, subject: Subject, ground: Ground) -> Steps:
        """Return the steps that read visits, remembered by what the visits found but not when."""
        if self._looks_at_days:
            return self._work_through(self._moving, self._facts(subject), ground.steps.worked)
        key = (ground.beside_visits, *[note.found for note in subject.notes])
        found = self._movements.get(key)
        if found is None:
            found = self._work_through(self._moving, self._facts(subject), ground.steps.worked)
            remember(self._movements, key, found)
        return found

    def evaluation(self, subject: Subject, ground: Ground, movement: Steps) -> Evaluation:
        """Return a run over a unit's facts in which two of the three parts are already worked out."""
        worked = {**ground.steps.worked, **movement.worked}
        return self._evaluation(self._facts(subject), worked)

    def facts_text(self, names: Sequence[str], subject: Subject, ground: Ground) -> str:
        """Return the facts of these names as canonical text."""
        texts = ground.texts
        if "visits" in names:
            rows = ",".join([note.text for note in subject.notes])
            texts = {**texts, "visits": f'"visits":[{rows}]'}
        return "{" + ",".join([texts[name] for name in names]) + "}"

    def _facts(self, subject: Subject) -> dict[str, object]:
        lasting = dict(zip(_LASTING, (*subject.unit, subject.adjustments), strict=True))
        return {**lasting, "visits": tuple(subject.visits), "on": self._day}

    def _evaluation(self, facts: Mapping[str, object], worked: dict[str, Worked]) -> Evaluation:
        return Evaluation(self._procedure, self._cells, self._scales, facts, worked)

    def _plans(self, steps: Iterable[Step]) -> list[_Plan]:
        plans: list[_Plan] = []
        for step in steps:
            reads = [name for name in step.reads if name in self._procedure.steps or name in UNIT_FACTS]
            plans.append(_Plan(step.name, _picker(reads), None if "visits" in reads else {}))
        return plans

    def _work_through(
        self, plans: Sequence[_Plan], facts: Mapping[str, object], before: Mapping[str, Worked], *pins: object
    ) -> Steps:
        """Work out steps after those `before`; `pins` are what else must agree for two to be the same."""
        values: dict[str, object] = {**facts, **before}
        own: dict[str, Worked] = {}
        for plan in plans:
            key = plan.inputs(values)
            found = None if plan.known is None else plan.known.get(key)
            if found is None:
                step = self._evaluation(facts, {**before, **own}).step(plan.name)
                found = self._one_object(plan.name, step)
                if plan.known is not None:
                    remember(plan.known, key, found)
            own[plan.name] = values[plan.name] = found
        content = (*own.values(), *pins)
        known = self._steps.get(content)
        if known is None:
            known = Steps(own)
            remember(self._steps, content, known)
        return known

    def _one_object(self, name: str, worked: Worked) -> Worked:
        rests = worked.missing, worked.cells, worked.facts, worked.steps
        key = (name, _frozen(worked.value), *rests)
        if key not in self._interned:
            remember(self._interned, key, worked)
        return self._interned[key]


def _followers(steps: Sequence[Step], first: Sequence[Step]) -> set[str]:
    """Return the names of some steps and of all that rest on them."""
    found = {step.name for step in first}
    for step in steps:
        if found.intersection(step.reads):
            found.add(step.name)
    return found


def _forerunners(steps: Sequence[Step], last: Sequence[Step]) -> set[str]:
    """Return the names of some steps and of all that they rest on."""
    found = {step.name for step in last}
    for step in reversed(steps):
        if step.name in found:
            found.update(step.reads)
    return found


def _picker(keys: Sequence[object]) -> Callable[[Any], object]:
    return itemgetter(*keys) if keys else lambda values: ()


def _frozen(value: object) -> object:
    """Return something hashable that stands for a value; tables stand as their text."""
    table = isinstance(value, Mapping) or (
        isinstance(value, tuple) and bool(value) and isinstance(value[0], Mapping)
    )
    return encode(value) if table else value
