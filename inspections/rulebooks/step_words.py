"""The steps of a procedure as sentences: what each of them is worked out from, by the names people know."""

from collections.abc import Callable, Mapping

from grading.program import Procedure, Step
from grading.vocabulary import FAILED, Answer
from inspections.rulebooks.rule_words import Row, RuleWords

PROCEDURES_ZH = {"result": "检查结果", "grade": "等级", "listing": "红黑榜建议"}
_OUTPUTS = {
    "score": "分数",
    "handling": "处理方式",
    "points": "分值",
    "static": "静态分",
    "dynamic": "动态分",
    "tier": "静态档",
    "frequency": "每年检查次数",
    "due_months": "几个月内再查",
}
_FIELDS = {
    "day": "日期",
    "result": "结果",
    "score": "分数",
    "kind": "类型",
    "is_recheck": "是否复查",
    "provisional": "是否依据暂代项目",
}
_RECHECKS = {"only": "只取复查", "exclude": "不算复查", "all": ""}
_LAST_DAY = {"counted": "满期那一天仍算在期内", "over": "满期那一天已不在期内"}


class StepWords:
    """Says the steps of one rulebook's procedures in Chinese."""

    def __init__(self, words: RuleWords) -> None:
        self._words = words

    def rows(self, procedure: Procedure) -> tuple[Row, ...]:
        """A procedure's steps in their order, each as its name and its sentence; then what it gives."""
        steps = [
            (step.label or step.name, self.sentence(step, procedure.scale))
            for step in procedure.steps.values()
        ]
        given = [(_gives(key), self._words.name(name)) for key, name in procedure.outputs.items()]
        return (*steps, *given)

    def sentence(self, step: Step, scale: str) -> str:
        """How a step is worked out; its words are of its own scale, else of the procedure's."""
        return SENTENCES[step.op](_Said(step, self._words, str(step.parameters.get("scale", scale))))


def _gives(output: str) -> str:
    return "结论" if output == "value" else f"附带结果：{_OUTPUTS.get(output, output)}"


class _Said:
    """The parameters of one step in words."""

    def __init__(self, step: Step, words: RuleWords, scale: str) -> None:
        self._parameters = step.parameters
        self._words = words
        self._scale = scale

    def __getitem__(self, key: str) -> str:
        """A name, or several."""
        return "、".join(self.each(key))

    def each(self, key: str) -> list[str]:
        """Several names, each in quotation marks."""
        value = self._parameters[key]
        names = value if isinstance(value, tuple) else (value,)
        return [f"“{self._words.name(str(name))}”" for name in names]

    def word(self, key: str) -> str:
        """A word of a scale or of the trade."""
        value = self._parameters[key]
        words = value if isinstance(value, tuple) else (value,)
        return "、".join(self._words.word(one, self._scale) for one in words)

    def raw(self, key: str) -> str:
        """A parameter as it is written; empty where it is not."""
        return str(self._parameters.get(key, ""))

    def cases(self) -> list[tuple[str, str]]:
        """Each word of a choice with the name that is taken for it."""
        cases = self._parameters["cases"]
        rows = cases.items() if isinstance(cases, Mapping) else ()
        return [(self._words.word(word), f"“{self._words.name(str(name))}”") for word, name in rows]

    def when(self, key: str, sentence: Callable[[], str]) -> str:
        """A further phrase where a parameter is written."""
        return sentence() if key in self._parameters else ""


def _marked(s: _Said) -> str:
    """Which items are looked at."""
    marks = s.when("marks", lambda: f"{s.word('marks')}中")
    return s.when("items", lambda: f"{s['items']}所列项目中") or marks or "全部项目中"


def _count(s: _Said) -> str:
    letters = s.raw("answers")
    failed = ["不符合"] if set(FAILED) <= set(letters) else []
    said = [Answer(letter).zh for letter in letters if not (failed and letter in FAILED)]
    return f"{_marked(s)}，答案为{'、'.join((*said, *failed))}的有几项"


def _select(s: _Said) -> str:
    parts = [
        s.when("kinds", lambda: f"只取{s.word('kinds')}"),
        _RECHECKS[s.raw("rechecks") or "all"],
        s.when("within_months", lambda: f"{s['within_months']}个月以内的"),
        s.when("results", lambda: f"结果为{s['results']}的"),
        s.when("last", lambda: f"最近{s['last']}次"),
    ]
    said = "，".join(part for part in parts if part)
    return f"历次检查的{_FIELDS[s.raw('field')]}" + (f"（{said}）" if said else "")


def _choose(s: _Said) -> str:
    cases = "，".join(f"为{word}时取{name}" for word, name in s.cases())
    otherwise = s.when("otherwise", lambda: f"其余取{s['otherwise']}") or "其余就取它本身"
    return f"看{s['by']}：{cases}，{otherwise}"


def _rounded(s: _Said) -> str:
    return s.when("round_to", lambda: f"，四舍五入到{s['round_to']}的整数倍")


def _if_none(s: _Said) -> str:
    return s.when("if_none", lambda: f"；一个也没有时取{s.word('if_none')}")


def _either(s: _Said, key: str, usual: str) -> str:
    return s.when(key, lambda: s.word(key)) or usual


SENTENCES: dict[str, Callable[[_Said], str]] = {
    "count": _count,
    "failed_kinds": lambda s: "不符合的各项是哪一类项目、哪一种不符合",
    "failed_items": lambda s: f"{_marked(s)}，不符合的是哪几项",
    "select": _select,
    "latest": lambda s: f"{s['of']}中最近的一个{_if_none(s)}",
    "size": lambda s: f"{s['of']}有几个",
    "months_since": lambda s: f"从{s['day']}到评定日满几个月",
    "within_months": lambda s: (
        f"评定日是否在{s['day']}起{s['months']}个月内（{_LAST_DAY[s.raw('last_day') or 'over']}）"
    ),
    "happened_within": lambda s: f"{s['months']}个月内是否有过“{s.word('condition')}”",
    "adjustment": lambda s: (
        f"评定年减{s['years_later']}的那一年里，有{s['raise']}中的事项，升其中最多的级数；"
        f"没有而有{s['lower']}中的事项，降其级数"
    ),
    "sum": lambda s: " ＋ ".join(s.each("of")),
    "product": lambda s: " × ".join(s.each("of")),
    "difference": lambda s: f"{s['from']} － {s['minus']}",
    "ratio": lambda s: f"{s['of']}{s.when('times', lambda: ' × ' + s['times'])} ÷ {s['among']}{_rounded(s)}",
    "round": lambda s: f"{s['of']}四舍五入到{s['to']}的整数倍",
    "highest": lambda s: f"{s['of']}中最大的数",
    "lowest": lambda s: f"{s['of']}中最小的数",
    "mean": lambda s: f"{s['of']}的平均数{_rounded(s)}",
    "points": lambda s: f"{s['of']}逐个按{s['table']}取分，相加",
    "highest_points": lambda s: f"{s['of']}逐个按{s['table']}取分，取最高的；没有就是 0",
    "worst": lambda s: f"{s['of']}中最差的{_if_none(s)}",
    "worst_of_each": lambda s: f"{s['of']}逐个按{s['table']}查出，取最差的{_if_none(s)}",
    "shift": lambda s: f"{s['of']}按{s['by']}升降（正数是升，更差），不越过两端",
    "band": lambda s: f"{s['of']}落在{s['table']}的哪一段",
    "lookup": lambda s: f"按{s['keys']}查{s['table']}",
    "choose": _choose,
    "known": lambda s: f"{s['of']}已知是{_either(s, 'yes', '是')}，未知是{_either(s, 'no', '否')}",
    "same": lambda s: f"{s['of']}是否相同",
    "match": lambda s: f"用{s['inputs']}，照{s['rules']}判定",
}
