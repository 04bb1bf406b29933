"""What an operation is: its name, its parameters, and a pure function over an environment."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from grading.checklist import MARKS
from grading.facts import DecidedVisit
from grading.scales import Scale
from grading.vocabulary import VisitKind

REF = "ref"
REFS = "refs"
CASES = "cases"
WORD = "word"
SCALE = "scale"
ANSWERS = "answers"
FIELD = "field"
KINDS = "kinds"
MARKS_OF = "marks"
RECHECKS = "rechecks"
LAST_DAY = "last_day"
CHOICES: Mapping[str, tuple[str, ...]] = {
    FIELD: DecidedVisit._fields,
    RECHECKS: ("all", "only", "exclude"),
    LAST_DAY: ("counted", "over"),
}
"""One word out of a closed list."""
SELECTIONS: Mapping[str, tuple[str, ...]] = {KINDS: tuple(VisitKind), MARKS_OF: MARKS}
"""Some words out of a closed list."""
PARAMETERS_ZH = {
    REF: "一个名字（事实、前面的步骤或规则值）",
    REFS: "若干个名字的列表",
    CASES: "“词: 名字”的对照",
    WORD: "一个词",
    SCALE: "scheme 里声明的一个等级序列",
    ANSWERS: "答案字母，如 FSH",
    **{kind: f"其中一个词：{'、'.join(words)}" for kind, words in CHOICES.items()},
    **{kind: f"其中若干个词的列表：{'、'.join(filter(None, words))}" for kind, words in SELECTIONS.items()},
}


NUMBER, YES_NO, LEVEL, ROWS, HELD = "number", "yes_no", "level", "rows", "held"
"""What an operation gives: a number, yes or no, a word of its scale, a list, or what it reads holds."""


class UnknownValueError(Exception):
    """A value rests on something nobody has said; it names what is missing."""

    def __init__(self, missing: Iterable[str]) -> None:
        """Keep the names of what is missing."""
        self.missing = frozenset(missing)
        super().__init__("、".join(sorted(self.missing)))


class Environment(Protocol):
    """Where an operation reads its inputs; every reading is remembered for the derivation."""

    def get(self, name: str) -> object:
        """Return a fact, an earlier step or a cell, or raise when it is unknown."""

    def at(self, name: str, path: tuple[str, ...]) -> object:
        """Return one entry of a table, remembering only that entry."""

    def holds(self, name: str, key: str) -> bool:
        """Tell whether a table that is a cell has a key, remembering only that key."""

    def note_provisional(self) -> None:
        """Note that what is being worked out rests on provisional items."""

    def scale(self, name: str) -> Scale:
        """Return a declared scale."""


Parameters = Mapping[str, object]
Run = Callable[[Environment, Parameters], object]


@dataclass(frozen=True)
class Operation:
    """A generic pure function that rulebooks combine into procedures."""

    name: str
    required: Mapping[str, str]
    optional: Mapping[str, str]
    run: Run
    gives: str
    tally: bool = False
    summary: str = ""
    reads: tuple[str, ...] = ()
    """Facts that it reads without being told."""
    looks_at_days: Callable[[Parameters], bool] = lambda parameters: True
    """Whether the days of the visits it reads matter to it, and not only their order."""


OPERATIONS: dict[str, Operation] = {}


def operation(
    name: str,
    required: Mapping[str, str],
    optional: Mapping[str, str] | None = None,
    *,
    gives: str,
    tally: bool = False,
    reads: tuple[str, ...] = (),
    looks_at_days: Callable[[Parameters], bool] = lambda parameters: True,
) -> Callable[[Run], Run]:
    """Register a function as the operation of this name."""

    def register(run: Run) -> Run:
        summary = (run.__doc__ or "").splitlines()[0]
        kinds = required, optional or {}
        OPERATIONS[name] = Operation(name, *kinds, run, gives, tally, summary, reads, looks_at_days)
        return run

    return register


def gather(env: Environment, names: Iterable[object]) -> list[object]:
    """Return all values, or raise once with everything that is missing."""
    values: list[object] = []
    missing: set[str] = set()
    for name in names:
        try:
            values.append(env.get(str(name)))
        except UnknownValueError as unknown:
            missing |= unknown.missing
    if missing:
        raise UnknownValueError(missing)
    return values


def names_in(kind: str, value: object) -> tuple[str, ...]:
    """Return the names that a parameter of this kind refers to."""
    if kind == REF:
        return (str(value),)
    if kind == REFS and isinstance(value, tuple):
        return tuple(str(name) for name in value)
    if kind == CASES and isinstance(value, Mapping):
        return tuple(str(name) for name in value.values())
    return ()


def parameter_names(op: Operation, parameters: Parameters) -> tuple[str, ...]:
    """Return every name that a step refers to."""
    kinds = {**op.required, **op.optional}
    found = [names_in(kinds[key], value) for key, value in parameters.items() if key in kinds]
    return tuple(name for names in found for name in names)
