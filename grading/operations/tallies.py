"""Operations that read a visit's packed answers: they become the compact facts of a visit."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter

from grading.checklist import Checklist
from grading.operations.registry import (
    ANSWERS,
    MARKS_OF,
    NUMBER,
    REF,
    ROWS,
    Environment,
    Parameters,
    operation,
)
from grading.vocabulary import FAILED, LETTERS

# So many letters are looked up at once: at most 6 ** 5 sums a part, and few of them ever occur.
_PART = 5

Weights = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a step counts: every letter weighs something at its place, and the sum tells the value."""

    weights: Sequence[Weights]
    greatest: int
    value: Callable[[int], object]


class _Part(dict[str, int]):
    """The sums of some neighbouring letters, each worked out when it first occurs."""

    def __init__(self, weights: Sequence[Weights]) -> None:
        super().__init__()
        self._weights = weights

    def __missing__(self, letters: str) -> int:
        pairs = zip(self._weights, letters, strict=True)
        found = self[letters] = sum(weights[letter] for weights, letter in pairs)
        return found


class AnswerSums:
    """The answers of one checklist as one number that holds every tally: equal numbers, equal values.

    Half a million visits hardly repeat as a whole, but their parts of a few letters do.
    """

    def __init__(self, checklist: Checklist, tallies: Sequence[Tally]) -> None:
        """Give each tally bits of its own in the number."""
        self._checklist = checklist
        self._size = len(checklist.items)
        self._fields: list[tuple[Tally, int, int]] = []
        weights: list[dict[str, int]] = [dict.fromkeys(LETTERS, 0) for _ in checklist.items]
        shift = 0
        for tally in tallies:
            for here, more in zip(weights, tally.weights, strict=True):
                for letter, weight in more.items():
                    here[letter] += weight << shift
            bits = tally.greatest.bit_length()
            self._fields.append((tally, shift, (1 << bits) - 1))
            shift += bits
        cuts = [slice(start, start + _PART) for start in range(0, self._size, _PART)]
        self._parts = [(cut, _Part(weights[cut])) for cut in cuts]

    def of(self, many: Sequence[str]) -> list[int]:
        """Return the number of each of these answers; refuse what the checklist refuses."""
        if set(map(len, many)) <= {self._size}:
            # Each part of all answers in one go: no line of Python runs for one visit alone.
            columns = [map(part.__getitem__, map(itemgetter(cut), many)) for cut, part in self._parts]
            with suppress(KeyError):
                return list(map(sum, zip(*columns, strict=True)))
        for answers in many:
            self._checklist.verify(answers)
        raise AssertionError("answers that the checklist takes have a number")

    def values(self, number: int) -> tuple[object, ...]:
        """Return the value of each tally."""
        return tuple(tally.value(number >> shift & mask) for tally, shift, mask in self._fields)


def _stored(env: Environment, p: Parameters) -> object:
    """Stand for a tally whose value was counted from the answers beforehand."""
    raise AssertionError("a tally is a fact by the time it is read")


COUNT = operation("count", {"answers": ANSWERS}, {"marks": MARKS_OF, "items": REF}, tally=True, gives=NUMBER)
FAILED_KINDS = operation("failed_kinds", {}, tally=True, gives=ROWS)
FAILED_ITEMS = operation("failed_items", {}, {"marks": MARKS_OF}, tally=True, gives=ROWS)


@COUNT
def count(env: Environment, p: Parameters) -> object:
    """计数：某类项目（marks）或指定项目（items）中，答案属于这些字母的有几项。"""
    return _stored(env, p)


@FAILED_KINDS
def failed_kinds(env: Environment, p: Parameters) -> object:
    """不符合的种类：出现了哪些“项目类别 + 答案字母”。"""
    return _stored(env, p)


@FAILED_ITEMS
def failed_items(env: Environment, p: Parameters) -> object:
    """不符合的项目：不符合项目的编号。"""
    return _stored(env, p)


def compile_tally(
    op: str, parameters: Parameters, checklist: Checklist, codes: tuple[str, ...] | None
) -> Tally:
    """Return how a step counts the answers of one checklist."""
    marks = parameters.get("marks")
    places = [
        place
        for place, item in enumerate(checklist.items)
        if (not isinstance(marks, tuple) or item.mark in marks) and (codes is None or item.code in codes)
    ]
    if op == "count":
        return answered(checklist, places, str(parameters["answers"]))
    return _kinds(checklist, places) if op == "failed_kinds" else _codes(checklist, places)


def nothing_to_count(checklist: Checklist) -> Tally:
    """Return the tally of a step that does not say what it counts in this checklist."""
    return Tally([{} for _ in checklist.items], 0, lambda _: None)


def answered(checklist: Checklist, places: Sequence[int], letters: str) -> Tally:
    """Return the tally of how many of these places have one of these letters."""
    chosen = set(places)
    one = dict.fromkeys(letters, 1)
    weights = [one if place in chosen else {} for place in range(len(checklist.items))]
    return Tally(weights, len(chosen), lambda total: total)


def _kinds(checklist: Checklist, places: Sequence[int]) -> Tally:
    """Count each kind by itself, so that none runs over into the next."""
    chosen = set(places)
    bits = len(chosen).bit_length()
    kinds = sorted({(checklist.items[place].mark, letter) for place in chosen for letter in FAILED})
    shifts = {kind: number * bits for number, kind in enumerate(kinds)}
    weights = [
        {letter: 1 << shifts[item.mark, letter] for letter in FAILED} if place in chosen else {}
        for place, item in enumerate(checklist.items)
    ]

    def found(total: int) -> object:
        return tuple(kind for kind in kinds if total >> shifts[kind] & ((1 << bits) - 1))

    return Tally(weights, (1 << len(kinds) * bits) - 1, found)


def _codes(checklist: Checklist, places: Sequence[int]) -> Tally:
    bits = {place: 1 << number for number, place in enumerate(places)}
    weights = [
        dict.fromkeys(FAILED, bits[place]) if place in bits else {} for place in range(len(checklist.items))
    ]

    def found(total: int) -> object:
        return tuple(checklist.items[place].code for place, bit in bits.items() if total & bit)

    return Tally(weights, (1 << len(places)) - 1, found)
