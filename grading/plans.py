"""Working through the grade procedure for very many units: nothing that repeats is worked out twice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
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
_words_text = lru_cache(maxsize=4096)(encode)
_PLACES = {name: place for place, name in enumerate(_LASTING)}
_by_day = attrgetter("day")


class Subject(NamedTuple):
    """A unit as it was on the day: nothing in it happened later, and its oldest visit comes first."""

    lasting: tuple[object, ...]
    """What is known of it besides visits, in the order of `_LASTING`."""
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
class _Group:
    """Steps that rest on the same of a unit's lasting facts; remembered together by these."""

    names: tuple[str, ...]
    facts: Callable[[Sequence[object]], object]
    known: dict[object, Steps]


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
        # Equal scores may be written differently, 90 and 90.00: each visit keeps its own.
        if visit.score is None:
            remember(self, visit, note)
        return note


class Planner:
    """A procedure over unit facts in three parts: what reads no visits, what reads them, and the rest.

    The first part (the ground) is remembered in groups by the unit's lasting facts, the second (the movement)
    by what the visits found, the rest (an outcome) by the other two: most units cost a few look-ups.
    """

    def __init__(
        self,
        procedure: Procedure,
        cells: Mapping[str, Entry | None],
        scales: Mapping[str, Scale],
        day: date,
        other: "Planner | None" = None,
    ) -> None:
        """Sort the steps that the outputs need into the three parts.

        What the same steps of the `other`, under other rules of the same day, have worked out is shared.
        """
        alike = frozenset() if other is None else other.same_steps(procedure, cells, scales)
        self._known = {} if other is None else other.known_by_step(alike)
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
        self._groups = _groups([step for step in steps if step.name not in moved])
        self._look_ups = [(group.known.get, group.facts) for group in self._groups]
        later = {name for step in steps if step.name in moved for name in step.reads}
        later.update(procedure.outputs.values())
        self._pins = [place for place, name in enumerate(_LASTING) if name in later]
        self._pinned = _picker(self._pins)
        beside = {name for step in steps if step.name in moving for name in step.reads} - moving
        own_or_still = {*_LASTING, *(plan.name for plan in self._still)}
        self._beside = sorted(beside & own_or_still)
        self._grounds: dict[object, Steps] = {}
        self._movements: dict[object, Steps] = {}
        # One object stands for a content, whatever rules it comes from.
        self._interned: dict[tuple[object, ...], Worked] = {} if other is None else other._interned
        self._steps: dict[object, Steps] = {} if other is None else other._steps
        self._notes: _Notes = _Notes() if other is None else other._notes
        self._day_text = encode(day)
        if other is not None:
            self._share_ground(other, alike)

    def _share_ground(self, other: "Planner", alike: frozenset[str]) -> None:
        """Share the whole ground where its every step is the same in the other."""
        still, others = ({plan.name for plan in planner._still} for planner in (self, other))
        if still == others and alike.issuperset(still) and self._pins == other._pins:
            self._groups, self._look_ups = other._groups, other._look_ups
            self._grounds = other._grounds

    def same_steps(
        self, procedure: Procedure, cells: Mapping[str, Entry | None], scales: Mapping[str, Scale]
    ) -> frozenset[str]:
        """Return the steps of another procedure that always give what they give here."""
        same: set[str] = set()
        for name, step in procedure.steps.items():
            own = self._procedure.steps.get(name)
            if own is None or (own.op, own.parameters) != (step.op, step.parameters):
                continue
            scale = str(step.parameters.get("scale", ""))
            reads = (read in same or self._says_the_same(read, procedure, cells) for read in step.reads)
            if self._scales.get(scale) == scales.get(scale) and all(reads):
                same.add(name)
        return frozenset(same)

    def _says_the_same(self, name: str, procedure: Procedure, cells: Mapping[str, Entry | None]) -> bool:
        """Tell whether a name that is no step is the same fact, or a cell of the same value."""
        if (
            name in procedure.steps
            or name in self._procedure.steps
            or (name in cells) != (name in self._cells)
        ):
            return False
        one, other = self._cells.get(name), cells.get(name)
        if one is None or other is None:
            return one is other
        return (one.value, one.repealed) == (other.value, other.repealed)

    def known_by_step(self, names: frozenset[str]) -> Mapping[str, dict[object, Worked]]:
        """Return what is remembered of some steps."""
        plans = (*self._still, *self._moving)
        return {plan.name: plan.known for plan in plans if plan.known is not None and plan.name in names}

    def subject(
        self, unit: UnitFacts, visits: Sequence[DecidedVisit], adjustments: Sequence[Adjustment]
    ) -> Subject:
        """Return the unit as it was on the day."""
        day, notes = self._day, self._notes
        past = sorted(visits, key=_by_day)
        while past and past[-1].day > day:
            past.pop()
        so_far = tuple([row for row in adjustments if row.occurred_on <= day]) if adjustments else ()
        return Subject((*unit, so_far), past, [notes[visit] for visit in past])

    def ground(self, subject: Subject) -> Steps:
        """Return the steps that hold of a unit whatever its visits say."""
        lasting = subject.lasting
        parts = [known(facts(lasting)) for known, facts in self._look_ups]
        found = None if None in parts else self._grounds.get((*parts, self._pinned(lasting)))
        return self._new_ground(subject) if found is None else found

    def _new_ground(self, subject: Subject) -> Steps:
        lasting = subject.lasting
        found = self._work_through(self._still, self._facts(subject), {}, self._pinned(lasting))
        parts: list[Steps] = []
        for group in self._groups:
            parts.append(self._one_of({name: found.worked[name] for name in group.names}))
            remember(group.known, group.facts(lasting), parts[-1])
        remember(self._grounds, (*parts, self._pinned(lasting)), found)
        return found

    def movement(self, subject: Subject, ground: Steps) -> Steps:
        """Return the steps that read visits, remembered by what the visits found but not when."""
        if self._looks_at_days:
            return self._work_through(self._moving, self._facts(subject), ground.worked)
        beside = {**self._facts(subject), **ground.worked} if self._beside else {}
        key = (*[beside[name] for name in self._beside], *[note.found for note in subject.notes])
        found = self._movements.get(key)
        if found is None:
            found = self._work_through(self._moving, self._facts(subject), ground.worked)
            remember(self._movements, key, found)
        return found

    def evaluation(self, subject: Subject, ground: Steps, movement: Steps) -> Evaluation:
        """Return a run over a unit's facts in which two of the three parts are already worked out."""
        return self._evaluation(self._facts(subject), {**ground.worked, **movement.worked})

    def facts_text(self, names: Sequence[str], subject: Subject) -> str:
        """Return the facts of these names as canonical text."""
        parts: list[str] = []
        for name in names:
            if name == "visits":
                parts.append(f'"visits":[{",".join([note.text for note in subject.notes])}]')
            elif name == "on":
                parts.append(f'"on":{self._day_text}')
            else:
                value = subject.lasting[_PLACES[name]]
                parts.append(f'"{name}":{_words_text(value) if type(value) is tuple else encode(value)}')
        return "{" + ",".join(parts) + "}"

    def _facts(self, subject: Subject) -> dict[str, object]:
        lasting = dict(zip(_LASTING, subject.lasting, strict=True))
        return {**lasting, "visits": tuple(subject.visits), "on": self._day}

    def _evaluation(self, facts: Mapping[str, object], worked: dict[str, Worked]) -> Evaluation:
        return Evaluation(self._procedure, self._cells, self._scales, facts, worked)

    def _plans(self, steps: Iterable[Step]) -> list[_Plan]:
        plans: list[_Plan] = []
        for step in steps:
            reads = [name for name in step.reads if name in self._procedure.steps or name in UNIT_FACTS]
            known = None if "visits" in reads else self._known.get(step.name, {})
            plans.append(_Plan(step.name, _picker(reads), known))
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
        return self._one_of(own, *pins)

    def _one_of(self, own: dict[str, Worked], *pins: object) -> Steps:
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


def _groups(steps: Sequence[Step]) -> list[_Group]:
    """Return steps in groups that rest on the same facts or on some of these, directly or not."""
    rests: dict[str, frozenset[str]] = {}
    for step in steps:
        direct = frozenset(step.reads).intersection(_LASTING)
        rests[step.name] = direct.union(*(rests[name] for name in step.reads if name in rests))
    groups: dict[frozenset[str], list[str]] = {}
    for name, facts in sorted(rests.items(), key=lambda row: -len(row[1])):
        wider = next((known for known in groups if facts <= known), facts)
        groups.setdefault(wider, []).append(name)
    return [
        _Group(tuple(names), _picker([_PLACES[fact] for fact in sorted(facts)]), {})
        for facts, names in groups.items()
    ]


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
