"""Derivations and what is missing, in plain Chinese."""

from collections.abc import Iterable, Mapping

from grading.derivation import restored
from grading.facts import FACTS_ZH
from grading.rulebook import Rulebook
from grading.vocabulary import (
    Basis,
    FoodCategory,
    SizeClass,
    SpecialGroup,
    UnitType,
    VisitKind,
)

_WORDS: Mapping[str, str] = {
    "yes": "是",
    "no": "否",
    "True": "是",
    "False": "否",
    **{
        word.value: word.zh
        for words in (VisitKind, UnitType, SizeClass, FoodCategory, SpecialGroup)
        for word in words
    },
}
_TESTS = {"from": "不少于 ", "above": "多于 ", "to": "不多于 ", "below": "少于 "}
_WHY = {"repealed": "已废止", "not_yet": "当日尚未施行"}


def explain(derivation: str, facts: str) -> list[str]:
    """Return a stored derivation as lines: facts, steps, rule values with source, outcome."""
    evaluation, content = restored(derivation, facts)
    rows = {key: _mapping(row) for key, row in _mapping(content["cells"]).items()}
    labels = {key: str(row["label"]) for key, row in rows.items()}
    labels |= {step.name: step.label or step.name for step in evaluation.procedure.steps.values()}
    labels |= {key: str(label) for key, label in _mapping(content["names"]).items()}
    words = {
        level.id: level.zh
        for scale in evaluation.scales.values()
        for level in (*scale.levels, *scale.outside)
    }
    said = _Wording({**FACTS_ZH, **labels}, {**_WORDS, **words})
    version = str(content["rulebook"])[:12]
    lines = [f"规则：{content['title']}（{content['scheme']}，版本 {version}）"]
    for key, value in sorted(evaluation.facts.items()):
        lines.append(f"事实：{said.name(key)} = {said.value(value)}")
    for step in _rows(content["steps"]):
        lines += said.step(_mapping(step))
    lines += [said.cell(key, row) for key, row in rows.items()]
    return [*lines, said.outcome(content)]


def missing_in_words(missing: Iterable[str], rulebook: Rulebook) -> list[str]:
    """Return what an undetermined outcome lacks, one short Chinese phrase for each."""
    labels = {name: cell.label for name, cell in rulebook.cells.items()}
    said = _Wording({**FACTS_ZH, **labels}, _WORDS)
    return [said.missing(name) for name in missing]


class _Wording:
    """Words for names and values."""

    def __init__(self, labels: Mapping[str, str], words: Mapping[str, str]) -> None:
        self.labels = labels
        self.words = words

    def name(self, name: str) -> str:
        return self.labels.get(name, name)

    def missing(self, name: str) -> str:
        head, _, rest = name.partition(".")
        if head == "fact":
            return f"{self.name(rest)}未登记"
        if head == "case":
            return rest
        cell, _, why = name.partition(":")
        if why in _WHY:
            return f"规则值“{self.name(cell)}”{_WHY[why]}"
        cell, _, path = name.partition(".")
        place = "".join(f" {self.words.get(part, part)}" for part in path.split(".") if part)
        return f"规则值“{self.name(cell)}{place}”未知"

    def value(self, value: object) -> str:
        if value is None:
            return "未知"
        if isinstance(value, Mapping):
            return self._table(value)
        if isinstance(value, tuple):
            between = "；" if any(isinstance(row, (Mapping, tuple)) for row in value) else "、"
            return between.join(self.value(row) for row in value) if value else "无"
        return self.words.get(str(value), str(value))

    def _table(self, table: Mapping[str, object]) -> str:
        if "is" in table or "undetermined" in table:
            return self._row(table)
        rows = (f"{self.words.get(k, self.name(k))}：{self.value(v)}" for k, v in table.items())
        return "{" + "，".join(rows) + "}"

    def _row(self, row: Mapping[str, object]) -> str:
        result = f"不定（{row['undetermined']}）" if "undetermined" in row else self.value(row["is"])
        if "when" in row:
            return f"{self.condition(row['when'])} → {result}"
        limits = self._limits(row)
        return f"{limits} → {result}" if limits else f"其余 → {result}"

    def _limits(self, row: Mapping[str, object]) -> str:
        return "且".join(f"{_TESTS[key]}{self.value(row[key])}" for key in _TESTS if key in row)

    def condition(self, condition: object) -> str:
        parts: list[str] = []
        for key, test in _mapping(condition).items():
            if key in ("any", "all"):
                joined = ("或" if key == "any" else "且").join(map(self.condition, _rows(test)))
                parts.append(f"（{joined}）")
            else:
                parts.append(f"{self.name(key)}{self._test(test)}")
        return "且".join(parts)

    def _test(self, test: object) -> str:
        if not isinstance(test, Mapping):
            return f"为 {self.value(test)}"
        parts = [self._limits(test)] if self._limits(test) else []
        for key, before, after in (("is", "为 ", ""), ("in", "为 ", " 之一"), ("has", "含 ", " 之一")):
            if key in test:
                parts.append(f"{before}{self.value(test[key])}{after}")
        return "且".join(parts)

    def step(self, row: Mapping[str, object]) -> list[str]:
        name = str(row["label"] or row["name"])
        if "missing" in row:
            lacking = "、".join(self.missing(str(part)) for part in _rows(row["missing"]))
            return [f"步骤：{name} 无法确定（{lacking}）"]
        return [f"步骤：{name} = {self.value(row['gives'])}"] if "gives" in row else []

    def cell(self, name: str, row: Mapping[str, object]) -> str:
        head = f"规则值：{row['label']}（{name}）"
        if "not_yet" in row:
            return f"{head} 当日尚未施行"
        article = f" 第{row['article']}条" if row["article"] else ""
        source = f"出处 {row['title']}{article}，自 {row['from']} 起"
        if "repealed" in row:
            return f"{head} 已废止，{source}"
        basis = "未知" if row["basis"] is None else Basis(str(row["basis"])).zh
        return f"{head} = {self.value(row['value'])}，{source}，依据：{basis}"

    def outcome(self, content: Mapping[str, object]) -> str:
        value = _mapping(content["gives"])["value"]
        if value is None:
            lacking = _rows(_mapping(content["missing"])["value"])
            return f"结论：暂未评定（{'；'.join(self.missing(str(name)) for name in lacking)}）"
        return f"结论：{self.value(value)}"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
