"""Words for people: levels of a scale, decided results, what is missing, and how a grade came about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from grading.canonical import decode, encode
from grading.explaining import explain, missing_in_words
from grading.rulebook import Rulebook
from inspections.rulebooks.queries import Shelf, shelf_of

# What a public explanation leaves out: every visit ever paid, and who decided an adjustment and why.
_STAFF_FACTS = frozenset({"visits", "adjustments"})


@dataclass(frozen=True)
class LevelWords:
    """One level of a scale: its code, and what it means in both languages."""

    code: str
    meaning_zh: str
    meaning_en: str


def level_words(rulebook: Rulebook, procedure: str = "grade") -> tuple[LevelWords, ...]:
    """The levels that a procedure of a rulebook may give, best first; none where it has no such procedure."""
    found = rulebook.procedures.get(procedure)
    if found is None:
        return ()
    return tuple(
        LevelWords(level.id, level.meaning_zh or level.zh, level.meaning_en or level.en)
        for level in rulebook.scales[found.scale].levels
    )


def result_level(shelf: Shelf, unit_type: str, on: date, word: str | None) -> LevelWords | None:
    """A decided result in the words of the rules that held for the visit, else of any rules that know it."""
    scheme = shelf.scheme_for("result", unit_type, on)
    for name in ([scheme] if scheme else []) + sorted(shelf.texts):
        found = _level(shelf.rulebook(name), word)
        if found is not None:
            return found
    return None


def result_name(session: Session, word: str | None) -> str:
    """A stored result in Chinese, by whatever rules of this house know the word."""
    if word is None:
        return "（无）"
    shelf = shelf_of(session)
    for name in sorted(shelf.schemes_holding("result")):
        found = _level(shelf.rulebook(name), word)
        if found is not None:
            return found.meaning_zh
    return word


def result_words(shelf: Shelf, unit_type: str, on: date) -> dict[str, str]:
    """Every word by which a result of that day may be written, with the word that is stored.

    The rules that hold then decide; where none holds, any result rules of this house.
    """
    scheme = shelf.scheme_for("result", unit_type, on)
    schemes = [scheme] if scheme else sorted(shelf.schemes_holding("result"))
    found: dict[str, str] = {}
    for rulebook in map(shelf.rulebook, schemes):
        procedure = rulebook.procedures.get("result")
        for level in rulebook.scales[procedure.scale].levels if procedure else ():
            found |= {level.zh: level.id, level.id: level.id}
    return found


def _level(rulebook: Rulebook, word: str | None) -> LevelWords | None:
    procedure = rulebook.procedures.get("result")
    if procedure is None:
        return None
    scale = rulebook.scales[procedure.scale]
    for level in (*scale.levels, *scale.outside):
        if level.id == word:
            return LevelWords(level.id, level.zh, level.en)
    return None


def missing_words(rulebook: Rulebook | None, names: Iterable[str]) -> tuple[str, ...]:
    """What is missing for an outcome, for a reader."""
    if rulebook is None:
        return ("没有确定适用的分级规则",)
    return tuple(missing_in_words(tuple(names), rulebook))


def public_steps(derivation: str, facts: str) -> tuple[str, ...]:
    """How an outcome came about, without what is for the staff: frequency, day due, names of deciders."""
    text, needed = _public_part(derivation)
    shown = {name: value for name, value in _mapping(decode(facts)).items() if name in needed - _STAFF_FACTS}
    return tuple(explain(text, encode(shown)))


# Derivations are shared by all units that were graded in the same way: a publication reads few of them.
@lru_cache(maxsize=1024)
def _public_part(derivation: str) -> tuple[str, frozenset[str]]:
    """A derivation cut down to what its value rests on, and the names in it."""
    content = _mapping(decode(derivation))
    outputs = {"value": _mapping(content["outputs"])["value"]}
    steps = {row["name"]: row for row in content["steps"]}
    needed = _needed(outputs["value"], steps)
    shortened = {
        **content,
        "outputs": outputs,
        "steps": [row for row in content["steps"] if row["name"] in needed],
        "cells": {name: row for name, row in _mapping(content["cells"]).items() if name in needed},
    }
    return encode(shortened), needed


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _needed(first: str, steps: Mapping[str, Any]) -> frozenset[str]:
    """Every name that a step rests on, directly or not."""
    waiting, seen = [first], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(_names(steps[name]["with"]) if name in steps else ())
    return frozenset(seen)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _names(part)
