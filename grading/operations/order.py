"""Operations on words of a scale: worst, best, shifts."""

from grading.errors import AnswersError
from grading.operations.numbers import number
from grading.operations.registry import (
    LEVEL,
    REF,
    REFS,
    SCALE,
    WORD,
    Environment,
    Parameters,
    UnknownValueError,
    operation,
)
from grading.operations.tables import key_of
from grading.scales import Scale


def _ranked(scale: Scale, word: object) -> tuple[int, str]:
    text = key_of(word)
    if text not in scale.ranks:
        raise AnswersError(f"“{text}”不是{scale.label}的用词：可用 {'、'.join(scale.words)}")
    return scale.ranks[text], text


@operation("worst", {"of": REFS, "scale": SCALE}, {"if_none": WORD}, gives=LEVEL)
def worst(env: Environment, p: Parameters) -> object:
    """取最差：各词（或各列词）中最差的一个；有未知时，只有已到最差一级才有结果。"""
    scale = env.scale(str(p["scale"]))
    found: list[tuple[int, str]] = []
    missing: set[str] = set()
    names = p["of"]
    for name in names if isinstance(names, tuple) else (names,):
        try:
            value = env.get(str(name))
        except UnknownValueError as unknown:
            missing |= unknown.missing
            continue
        found.extend(_ranked(scale, row) for row in (value if isinstance(value, tuple) else (value,)))
    return _worst(scale, found, missing, p)


@operation("worst_of_each", {"of": REF, "table": REF, "scale": SCALE}, {"if_none": WORD}, gives=LEVEL)
def worst_of_each(env: Environment, p: Parameters) -> object:
    """逐项取最差：每个编号（用点分层）按表取词，取其中最差的。"""
    scale = env.scale(str(p["scale"]))
    codes = env.get(str(p["of"]))
    found: list[tuple[int, str]] = []
    missing: set[str] = set()
    for code in codes if isinstance(codes, tuple) else (codes,):
        path = code if isinstance(code, tuple) else (code,)
        try:
            word = env.at(str(p["table"]), tuple(key_of(part) for part in path))
        except UnknownValueError as unknown:
            missing |= unknown.missing
            continue
        found.append(_ranked(scale, word))
    return _worst(scale, found, missing, p)


def _worst(scale: Scale, found: list[tuple[int, str]], missing: set[str], p: Parameters) -> object:
    if found and max(found)[0] >= len(scale.levels) - 1:
        return max(found)[1]
    if missing:
        raise UnknownValueError(missing)
    if found:
        return max(found)[1]
    if "if_none" in p:
        return str(p["if_none"])
    raise UnknownValueError({"fact.visits"})


@operation("shift", {"of": REF, "by": REF, "scale": SCALE}, gives=LEVEL)
def shift(env: Environment, p: Parameters) -> object:
    """升降级：按 by 升（正数，更差）或降（负数，更好），不越过两端。"""
    scale = env.scale(str(p["scale"]))
    _, word = _ranked(scale, env.get(str(p["of"])))
    by = number(env.get(str(p["by"])))
    return scale.shifted(word, int(by))
