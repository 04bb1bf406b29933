"""A rulebook's values as people read them: rows of a label and a text."""

import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from grading.checklist import MARKS_ZH
from grading.facts import CONDITIONS_ZH, FACTS_ZH
from grading.rulebook import Rulebook
from grading.vocabulary import Answer, FoodCategory, SizeClass, SpecialGroup, UnitType, VisitKind
from inspections.record.configuration import PACKAGE_ROOT

UNKNOWN = "未定"
_TESTS = {"from": "不少于", "above": "多于", "to": "不多于", "below": "少于"}
_KINDS = {"is": ("为", ""), "in": ("为", "之一"), "has": ("含", "之一")}
_VOCABULARY = {
    word.value: word.zh
    for words in (Answer, UnitType, SizeClass, FoodCategory, SpecialGroup, VisitKind)
    for word in words
}
_ANSWERS = {"yes": "是", "no": "否", "True": "是", "False": "否"}

BETWEEN = " · "
"""Stands between the parts of a label that names two things."""

Row = tuple[str, str]
Path = tuple[str, ...]


@cache
def _names_of_rules() -> dict[str, str]:
    path = PACKAGE_ROOT / "seeds" / "publication" / "words.toml"
    words: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["rules"]
    return words


class RuleWords:
    """Says names and values of one rulebook in Chinese."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._names = {**FACTS_ZH, **{name: cell.label for name, cell in rulebook.cells.items()}}
        for procedure in rulebook.procedures.values():
            self._names |= {step.name: step.label for step in procedure.steps.values() if step.label}
        levels = [level for scale in rulebook.scales.values() for level in (*scale.levels, *scale.outside)]
        scales = {level.id: level.zh for level in levels}
        self._scales = {
            name: {level.id: level.zh for level in (*scale.levels, *scale.outside)}
            for name, scale in rulebook.scales.items()
        }
        self._words = {**_ANSWERS, **_VOCABULARY, **MARKS_ZH, **CONDITIONS_ZH, **_names_of_rules(), **scales}

    def name(self, name: str) -> str:
        """What a step, value or fact is called."""
        return self._names.get(name) or name

    def word(self, value: object, scale: str = "") -> str:
        """A word of this scale, of any scale, or of the trade."""
        return self._scales.get(scale, {}).get(str(value)) or self._word(value)

    def rows(self, value: object) -> tuple[Row, ...]:
        """A cell's value, row by row; a single value has one row without a label."""
        return tuple((label, text) for label, text, _ in self.rows_with_paths(value))

    def rows_with_paths(self, value: object, path: Path = ()) -> Iterator[tuple[str, str, Path]]:
        """The same rows, each with the way into the table that leads to it."""
        if isinstance(value, Mapping) and value:
            for key, part in value.items():
                for under, text, where in self.rows_with_paths(part, (*path, str(key))):
                    label = self._word(key)
                    yield (f"{label}{BETWEEN}{under}" if under else label), text, where
        elif isinstance(value, tuple) and value and all(isinstance(part, Mapping) for part in value):
            for part in value:
                yield *self._case(part), path
        else:
            yield "", self._text(value), path

    def _case(self, case: Mapping[str, object]) -> Row:
        outcome = f"不定（{case['undetermined']}）" if "undetermined" in case else self._text(case.get("is"))
        if "when" in case:
            return self._condition(case["when"]), outcome
        return self._limits(case) or "其余", outcome

    def _condition(self, condition: object) -> str:
        parts = []
        for key, test in _mapping(condition).items():
            if key in ("any", "all"):
                between = "，或" if key == "any" else "，且"
                parts.append(between.join(self._condition(one) for one in _sequence(test)))
            else:
                parts.append(f"{self._names.get(key, key)}{self._test(test)}")
        return "，且".join(parts)

    def _test(self, test: object) -> str:
        if not isinstance(test, Mapping):
            return f"为{self._text(test)}"
        parts = [self._limits(test)] if self._limits(test) else []
        for key, (before, after) in _KINDS.items():
            if key in test:
                parts.append(f"{before}{self._text(test[key])}{after}")
        return "且".join(parts)

    def _limits(self, case: Mapping[str, object]) -> str:
        return "，".join(f"{said}{self._text(case[key])}" for key, said in _TESTS.items() if key in case)

    def _text(self, value: object) -> str:
        if value is None:
            return UNKNOWN
        if isinstance(value, Mapping):
            return "；".join(f"{label}：{text}" if label else text for label, text in self.rows(value))
        if _is_range(value):
            low, high = (self._text(part) for part in _sequence(value))
            return low if low == high else f"{low}至{high}"
        if isinstance(value, tuple):
            return "、".join(self._text(part) for part in value) if value else "无"
        return self._word(value)

    def _word(self, value: object) -> str:
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            # A number stays a number, also where a scale has a word of the same digits.
            return str(value)
        return self._words.get(str(value), str(value))


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _is_range(value: object) -> bool:
    """Tell whether a value is the least and the most of something; an end that is null is not known."""
    ends = _sequence(value)
    known = [end for end in ends if end is not None]
    return len(ends) == 2 and bool(known) and all(isinstance(end, (int, Decimal)) for end in known)


def _sequence(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
