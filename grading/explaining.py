"""Derivations and what is missing, in plain Chinese."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from grading.derivation import restored
from grading.facts import Adjustment, DecidedVisit
from grading.operations.tables import key_of
from grading.rulebook import Rulebook
from grading.vocabulary import Basis
from grading.wording import Wording, words_of


def explain(derivation: str, facts: str) -> list[str]:
    """Return a stored derivation as lines: facts, steps, rule values with source, outcome."""
    evaluation, _ = restored(derivation, facts)
    said, head, tail = _told(derivation)
    rows = sorted(evaluation.facts.items())
    return [head, *[f"事实：{said.name(key)} = {said.fact(key, value)}" for key, value in rows], *tail]


# Many subjects share a derivation: all but their own facts is told once.
@lru_cache(maxsize=1024)
def _told(derivation: str) -> tuple["_Telling", str, tuple[str, ...]]:
    """Return who tells a derivation, its first line, and the lines that follow the facts."""
    evaluation, content = restored(derivation, "{}")
    rows = {key: _mapping(row) for key, row in _mapping(content["cells"]).items()}
    labels = {key: str(row["label"]) for key, row in rows.items()}
    labels |= {step.name: step.label or step.name for step in evaluation.procedure.steps.values()}
    labels |= {key: str(label) for key, label in _mapping(content["names"]).items()}
    said = _Telling(labels, words_of(evaluation.scales.values()))
    version = str(content["rulebook"])[:12]
    steps = [line for step in _rows(content["steps"]) for line in said.step(_mapping(step))]
    cells = [said.cell(key, row) for key, row in rows.items()]
    head = f"规则：{content['title']}（{content['scheme']}，版本 {version}）"
    return said, head, (*steps, *cells, said.outcome(content))


def missing_in_words(missing: Iterable[str], rulebook: Rulebook) -> list[str]:
    """Return what an undetermined outcome lacks, one short Chinese phrase for each."""
    said = wording_of(rulebook)
    return [said.missing(name) for name in missing]


def wording_of(rulebook: Rulebook) -> Wording:
    """Return the words for a rulebook's names and values."""
    labels = {s.name: s.label for p in rulebook.procedures.values() for s in p.steps.values() if s.label}
    labels |= {name: cell.label for name, cell in rulebook.cells.items()}
    return Wording(labels, words_of(rulebook.scales.values()))


class _Telling(Wording):
    """Lines of a derivation."""

    def fact(self, name: str, value: object) -> str:
        """Return a fact in words; visits and adjustments as people speak of them."""
        if name == "visits" and isinstance(value, tuple):
            return "；".join(self._visit(DecidedVisit(*row)) for row in value) or "无"
        if name == "adjustments" and isinstance(value, tuple):
            return "；".join(self._adjustment(Adjustment(*row)) for row in value) or "无"
        return self.value(value)

    def _visit(self, visit: DecidedVisit) -> str:
        result = "结果未定" if visit.result is None else self.value(visit.result)
        score = "" if visit.score is None else f"，得分 {key_of(visit.score)}"
        recheck = "（复查）" if visit.is_recheck and visit.kind != "recheck" else ""
        return f"{visit.day} {self.value(visit.kind)} {result}{score}{recheck}" + (
            "（依据暂代项目）" if visit.provisional else ""
        )

    def _adjustment(self, row: Adjustment) -> str:
        who = f"{row.decided_by}：{row.why}" if row.why else row.decided_by
        return f"{row.occurred_on} {self.value(row.condition)} {row.levels} 级（{row.document}，{who}）"

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
