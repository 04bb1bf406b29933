"""Names and values of a rulebook as Chinese people read them; what is missing as a phrase."""

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext

from grading.checklist import MARKS_ZH
from grading.facts import CONDITIONS_ZH, FACTS_ZH
from grading.operations.tables import NO_ROW, key_of
from grading.scales import Scale
from grading.vocabulary import FAILED, Answer, FoodCategory, SizeClass, SpecialGroup, UnitType, VisitKind

WORDS: Mapping[str, str] = {
    "yes": "是",
    "no": "否",
    "True": "是",
    "False": "否",
    "never": "从未检查",
    "area": "按面积",
    "persons": "按人数",
    **CONDITIONS_ZH,
    **{
        word.value: word.zh
        for words in (VisitKind, UnitType, SizeClass, FoodCategory, SpecialGroup)
        for word in words
    },
}
ANSWER_WORDS: Mapping[str, str] = {letter: Answer(letter).zh for letter in FAILED}
"""How the letter of a failed answer is said beside the mark of its item."""
TESTS: Mapping[str, str] = {"from": "不少于 ", "above": "多于 ", "to": "不多于 ", "below": "少于 "}
WHY: Mapping[str, str] = {"repealed": "已废止", "not_yet": "当日尚未施行"}
LACKING: Mapping[str, str] = {"visits": "没有已定结果的检查", "answers": "没有可以计算的检查项目"}
"""Facts whose absence is said in words of its own."""
UNITS: Mapping[str, str] = {
    "points": "分",
    "visits": "次",
    "visits/year": "次/年",
    "months": "个月",
    "days": "天",
    "years": "年",
    "levels": "级",
    "m2": "平方米",
}
"""Units of rule values that are said with the value; the others are words and go without saying."""

PHRASES: Mapping[str, str] = {
    "unknown_cell": "规则值“{cell}”未知",
    "no_row": "规则值“{cell}”没有一行适用",
    "no_band": "规则值“{cell}”没有包含 {given} 的一段",
    "no_value_then": "规则值“{cell}”{why}",
    "not_registered": "{fact}未登记",
    "about": "约 {number}",
    "unknown": "未知",
    "none": "无",
    "between": "、",
    "pair": "（{parts}）",
}
"""Sentences that are said in more than one place, also by the portable rules."""
REASONS: Mapping[str, str] = {
    "suggested": "建议结果：{value}",
    "not_suggested": "不能建议结果：{missing}",
    "step": "{label}：{value}",
    "step_by_rows": "{label}：{value}（{rows}）",
    "step_unknown": "{label}：无法确定（{missing}）",
    "rows_between": "；",
    "item": "{code} {text}（{mark}{answer}）：{handling}",
    "item_only": "{code} {text}（{mark}{answer}）",
    "item_unjudged": "{code} {text}（{mark}{answer}）：先判定是否影响食品安全，才能定处理方式",
    "item_unsettled": "{code} {text}（{mark}{answer}）：没有规定怎样处理，由检查人员决定（{missing}）",
    "provisional": "所查项目里有暂代项目：非演示环境不公示由此得出的结果",
}
"""How the reasons of a suggested result are said."""
PLACES_SHOWN = 4
"""A number with more decimal places is said rounded, with "about"."""
_DIGITS = 100

_MISSING = re.compile(r"(?P<cell>[^.:(]+)(?:\((?P<given>.*)\)|:(?P<why>\w+)|\.(?P<path>.*))?", re.DOTALL)


def words_of(scales: Iterable[Scale]) -> dict[str, str]:
    """Return the words of the trade and of some scales."""
    levels = (level for scale in scales for level in (*scale.levels, *scale.outside))
    return {**WORDS, **{level.id: level.zh for level in levels}}


def number_in_words(value: Decimal) -> str:
    """Return a number without needless zeros; one with very many decimal places is rounded."""
    with localcontext() as context:
        context.prec = _DIGITS
        rounded = value.quantize(Decimal(1).scaleb(-PLACES_SHOWN), ROUND_HALF_UP)
    text = key_of(rounded)
    return text if rounded == value else PHRASES["about"].format(number=text)


class Wording:
    """Words for names and values."""

    def __init__(self, labels: Mapping[str, str], words: Mapping[str, str]) -> None:
        """Take the labels of cells and steps, and the words of values."""
        self.labels = {**FACTS_ZH, **labels}
        self.words = words

    def name(self, name: str) -> str:
        """Return a fact, step or cell as people call it."""
        return self.labels.get(name) or name

    def missing(self, name: str) -> str:
        """Return what is missing as a short phrase."""
        head, _, rest = name.partition(".")
        if head == "case":
            return rest
        if head == "fact":
            return LACKING.get(rest) or PHRASES["not_registered"].format(fact=self.name(rest))
        found = _MISSING.fullmatch(name)
        if found is None:
            return name
        cell, given, why = self.name(found["cell"]), found["given"], found["why"]
        if given is not None:
            return PHRASES["no_row" if given == NO_ROW else "no_band"].format(cell=cell, given=given)
        if why is not None:
            return PHRASES["no_value_then"].format(cell=cell, why=WHY.get(why, why))
        return PHRASES["unknown_cell"].format(cell=" ".join((cell, *self.path(found["path"]))))

    def path(self, path: str | None) -> list[str]:
        """Return the parts of a path into a table; an answer's letter is one beside an item's mark."""
        said: list[str] = []
        before = ""
        for part in path.split(".") if path else ():
            said.append(self._part(part, before))
            before = part
        return said

    def _part(self, part: str, before: str) -> str:
        if before and before in MARKS_ZH and part in ANSWER_WORDS:
            return ANSWER_WORDS[part]
        return MARKS_ZH[part] if part in MARKS_ZH else self.words.get(part, part)

    def value(self, value: object) -> str:
        """Return a value in words."""
        if value is None:
            return PHRASES["unknown"]
        if isinstance(value, Mapping):
            return self._table(value)
        if isinstance(value, tuple):
            if any(isinstance(row, Mapping) for row in value):
                return "；".join(self.value(row) for row in value)
            return PHRASES["between"].join(self._item(row) for row in value) if value else PHRASES["none"]
        if isinstance(value, Decimal):
            return number_in_words(value)
        if isinstance(value, int) and not isinstance(value, bool):
            # A number stays a number, also where a scale has a word of the same digits.
            return str(value)
        return self.words.get(str(value), str(value))

    def _item(self, row: object) -> str:
        """Return one of several values; a pair may be the mark of an item and the letter of its answer."""
        if not isinstance(row, tuple):
            return self.value(row)
        parts = [str(part) for part in row]
        if len(parts) == 2 and parts[0] in MARKS_ZH and parts[1] in ANSWER_WORDS:
            return MARKS_ZH[parts[0]] + ANSWER_WORDS[parts[1]]
        return PHRASES["pair"].format(parts=self.value(row))

    def _table(self, table: Mapping[str, object], before: str = "") -> str:
        if "is" in table or "undetermined" in table:
            return self.row(table)
        rows = (f"{self._key(key, before)}：{self._below(row, key)}" for key, row in table.items())
        return "{" + "，".join(rows) + "}"

    def _below(self, value: object, key: str) -> str:
        return self._table(value, key) if isinstance(value, Mapping) else self.value(value)

    def _key(self, key: str, before: str) -> str:
        said = self._part(key, before)
        return self.name(key) if said == key else said

    def row(self, row: Mapping[str, object]) -> str:
        """Return a row of bands or rules: when it applies, and what it says."""
        result = f"不定（{row['undetermined']}）" if "undetermined" in row else self.value(row["is"])
        if "when" in row:
            return f"{self.condition(row['when'])} → {result}"
        limits = self._limits(row)
        return f"{limits} → {result}" if limits else f"其余 → {result}"

    def _limits(self, row: Mapping[str, object]) -> str:
        return " 且 ".join(f"{TESTS[key]}{self.value(row[key])}" for key in TESTS if key in row)

    def condition(self, condition: object) -> str:
        """Return the condition of a rule."""
        parts: list[str] = []
        for key, test in condition.items() if isinstance(condition, Mapping) else ():
            if key in ("any", "all"):
                rows = test if isinstance(test, tuple) else ()
                joined = (" 或 " if key == "any" else " 且 ").join(map(self.condition, rows))
                parts.append(f"（{joined}）")
            else:
                parts.append(f"{self.name(key)}{self._test(test)}")
        return " 且 ".join(parts)

    def _test(self, test: object) -> str:
        if not isinstance(test, Mapping):
            return f"为 {self.value(test)}"
        parts = [self._limits(test)] if self._limits(test) else []
        for key, before, after in (("is", "为 ", ""), ("in", "为 ", " 之一"), ("has", "含 ", " 之一")):
            if key in test:
                parts.append(f"{before}{self.value(test[key])}{after}")
        return "且".join(parts)
