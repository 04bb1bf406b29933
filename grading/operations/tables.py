"""Operations that read a table: bands, look-ups, rules and choices."""

from collections.abc import Mapping
from decimal import Decimal
from operator import ge, gt, le, lt

from grading.canonical import shortest_digits
from grading.errors import AnswersError
from grading.operations.numbers import number
from grading.operations.registry import (
    CASES,
    HELD,
    REF,
    REFS,
    WORD,
    YES_NO,
    Environment,
    Parameters,
    UnknownValueError,
    gather,
    operation,
)
from grading.shapes import LIMITS as LIMITS

_COMPARE = {"from": ge, "above": gt, "to": le, "below": lt}
TESTS = (*LIMITS, "is", "in", "has")
NO_ROW = "没有一行成立"


def key_of(value: object) -> str:
    """Return the key under which a table holds a value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return shortest_digits(value) if isinstance(value, Decimal) else str(value)


def within(value: object, limits: Mapping[str, object]) -> bool:
    """Tell whether a number lies inside the limits of a band."""
    what = number(value)
    for word, holds in _COMPARE.items():
        if word in limits and not holds(what, number(limits[word])):
            return False
    return True


@operation("band", {"of": REF, "table": REF}, gives=HELD)
def band(env: Environment, p: Parameters) -> object:
    """分段：数落在哪一段，就取那一段的 is。"""
    table = str(p["table"])
    value, rows = gather(env, (p["of"], table))
    row = band_around(value, rows, table)
    if row["is"] is None:
        raise UnknownValueError({table})
    return row["is"]


def band_around(value: object, rows: object, table: str) -> Mapping[str, object]:
    """Return the band that a number falls in, or raise when there is none or its limits are unknown."""
    unknown = False
    for row in rows if isinstance(rows, tuple) else ():
        if not isinstance(row, Mapping) or "is" not in row:
            raise AnswersError(f"“{table}”不是分段表：核对这一步用的名字")
        if None in map(row.get, row.keys() & _COMPARE.keys()):
            unknown = True
        elif within(value, row):
            return row
    raise UnknownValueError({table if unknown else f"{table}({key_of(value)})"})


@operation("lookup", {"table": REF, "keys": REFS}, gives=HELD)
def lookup(env: Environment, p: Parameters) -> object:
    """查表：按 keys 逐层查表。"""
    names = p["keys"]
    keys = gather(env, names if isinstance(names, tuple) else (names,))
    return env.at(str(p["table"]), tuple(key_of(key) for key in keys))


@operation("choose", {"by": REF, "cases": CASES}, {"otherwise": REF}, gives=HELD)
def choose(env: Environment, p: Parameters) -> object:
    """选择：by 的词在 cases 里指向哪个名字，就取它；没有写到的取 otherwise，再没有就取 by 本身。"""
    word = env.get(str(p["by"]))
    cases = p["cases"]
    if isinstance(cases, Mapping) and key_of(word) in cases:
        return env.get(str(cases[key_of(word)]))
    return env.get(str(p["otherwise"])) if "otherwise" in p else word


@operation("known", {"of": REF}, {"yes": WORD, "no": WORD}, gives=YES_NO)
def known(env: Environment, p: Parameters) -> object:
    """是否已知：已知为 yes，未知为 no。"""
    try:
        env.get(str(p["of"]))
    except UnknownValueError:
        return str(p.get("no", "no"))
    return str(p.get("yes", "yes"))


@operation("same", {"of": REFS}, gives=YES_NO)
def same(env: Environment, p: Parameters) -> object:
    """是否相同：几个值都相同为 yes，否则 no。"""
    names = p["of"]
    values = gather(env, names if isinstance(names, tuple) else (names,))
    return "yes" if len(set(map(key_of, values))) == 1 else "no"


@operation("match", {"rules": REF, "inputs": REFS}, gives=HELD)
def match(env: Environment, p: Parameters) -> object:
    """判定：自上而下第一行成立的 is；某行因未知而不能判定时，只有各种可能都相同才有结果。"""
    name = str(p["rules"])
    rows, missing = rows_in_question(env, name)
    return _settled([_outcome(name, row) for row in rows], missing)


def rows_in_question(env: Environment, name: str) -> tuple[list[Mapping[str, object]], set[str]]:
    """Return the rows that may decide, the last of them surely, and what is missing to tell which."""
    rows = env.get(name)
    found: list[Mapping[str, object]] = []
    missing: set[str] = set()
    for row in rows if isinstance(rows, tuple) else ():
        try:
            holds = _holds(env, name, row.get("when") or {})
        except UnknownValueError as unknown:
            missing |= unknown.missing
            found.append(row)
            continue
        if holds:
            return [*found, row], missing
    return found, {*missing, f"{name}({NO_ROW})"}


def _outcome(name: str, row: Mapping[str, object]) -> object:
    if "undetermined" in row:
        return UnknownValueError({f"case.{row['undetermined']}"})
    return UnknownValueError({name}) if row.get("is") is None else row["is"]


def _settled(outcomes: list[object], missing: set[str]) -> object:
    words = [word for word in outcomes if not isinstance(word, UnknownValueError)]
    for word in outcomes:
        if isinstance(word, UnknownValueError):
            missing |= word.missing
    agreed = len(words) == len(outcomes) and len(set(words)) == 1
    if agreed and not any(NO_ROW in name for name in missing):
        return words[0]
    raise UnknownValueError(missing)


def _holds(env: Environment, name: str, condition: object) -> bool:
    """Evaluate a condition of input tests, `any` and `all`; unknown only where it decides."""
    if not isinstance(condition, Mapping):
        raise AnswersError(f"判定表 {name} 的 when 不是键和值：检查规则文件")
    missing: set[str] = set()
    for key, test in condition.items():
        try:
            if not _part(env, name, key, test):
                return False
        except UnknownValueError as unknown:
            missing |= unknown.missing
    if missing:
        raise UnknownValueError(missing)
    return True


def _part(env: Environment, name: str, key: str, test: object) -> bool:
    if key == "all" and isinstance(test, tuple):
        return _holds_all(env, name, test)
    if key == "any" and isinstance(test, tuple):
        return _holds_any(env, name, test)
    return passes(env.get(key), test, name)


def _holds_all(env: Environment, name: str, parts: tuple[object, ...]) -> bool:
    missing: set[str] = set()
    for part in parts:
        try:
            if not _holds(env, name, part):
                return False
        except UnknownValueError as unknown:
            missing |= unknown.missing
    if missing:
        raise UnknownValueError(missing)
    return True


def _holds_any(env: Environment, name: str, parts: tuple[object, ...]) -> bool:
    missing: set[str] = set()
    for part in parts:
        try:
            if _holds(env, name, part):
                return True
        except UnknownValueError as unknown:
            missing |= unknown.missing
    if missing:
        raise UnknownValueError(missing)
    return False


def passes(value: object, test: object, name: str) -> bool:
    """Tell whether a value passes one test; a test with an unknown limit is unknown."""
    if test is None or (isinstance(test, Mapping) and None in test.values()):
        raise UnknownValueError({name})
    if not isinstance(test, Mapping):
        return key_of(value) == key_of(test)
    limits = {word: test[word] for word in LIMITS if word in test}
    if limits and not within(value, limits):
        return False
    if "is" in test and key_of(value) != key_of(test["is"]):
        return False
    if "in" in test and key_of(value) not in _keys(test["in"]):
        return False
    return "has" not in test or bool(_keys(value) & _keys(test["has"]))


def _keys(value: object) -> set[str]:
    return {key_of(row) for row in value} if isinstance(value, tuple) else {key_of(value)}
