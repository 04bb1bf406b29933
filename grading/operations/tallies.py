"""Operations that read a visit's packed answers: they become the compact facts of a visit."""

from collections.abc import Callable
from operator import itemgetter

from grading.checklist import Checklist
from grading.operations.registry import (
    ANSWERS,
    REF,
    WORDS,
    Environment,
    Parameters,
    operation,
)
from grading.vocabulary import FAILED

Tally = Callable[[str], object]


def _stored(env: Environment, p: Parameters) -> object:
    """Stand for a tally whose value was counted from the answers beforehand."""
    raise AssertionError("a tally is a fact by the time it is read")


COUNT = operation("count", {"answers": ANSWERS}, {"marks": WORDS, "items": REF}, tally=True)
FAILED_KINDS = operation("failed_kinds", {}, tally=True)
FAILED_ITEMS = operation("failed_items", {}, {"marks": WORDS}, tally=True)


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
    """Return the function from packed answers to the tally's value for one checklist."""
    marks = parameters.get("marks")
    places = [
        place
        for place, item in enumerate(checklist.items)
        if (not isinstance(marks, tuple) or item.mark in marks) and (codes is None or item.code in codes)
    ]
    if op == "count":
        return _counter(places, str(parameters["answers"]), len(checklist.items))
    if op == "failed_kinds":
        return _kinds([(place, checklist.items[place].mark) for place in places])
    return _codes([(place, checklist.items[place].code) for place in places])


def _counter(places: list[int], letters: str, size: int) -> Tally:
    if not places:
        return lambda answers: 0
    if len(places) == size:
        return lambda answers: sum(map(answers.count, letters))
    pick = itemgetter(*places)
    if len(places) == 1:
        return lambda answers: int(str(pick(answers)) in letters)

    def counted(answers: str) -> int:
        chosen: tuple[str, ...] = pick(answers)
        return sum(map(chosen.count, letters))

    return counted


def _kinds(rows: list[tuple[int, str]]) -> Tally:
    def kinds(answers: str) -> object:
        if not any(letter in answers for letter in FAILED):
            return ()
        found = {(mark, answers[place]) for place, mark in rows if answers[place] in FAILED}
        return tuple(sorted(found))

    return kinds


def _codes(rows: list[tuple[int, str]]) -> Tally:
    def codes(answers: str) -> object:
        if not any(letter in answers for letter in FAILED):
            return ()
        return tuple(code for place, code in rows if answers[place] in FAILED)

    return codes
