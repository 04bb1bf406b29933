"""Operations on numbers: exact, in whole numbers and decimals."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext

from grading.errors import AnswersError
from grading.operations.registry import (
    NUMBER,
    REF,
    REFS,
    Environment,
    Parameters,
    UnknownValueError,
    gather,
    operation,
)

Number = int | Decimal
_DIGITS = 40


def number(value: object, what: str = "数") -> Number:
    """Return a value as a number; anything else is refused."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        raise AnswersError(f"{what}应是一个数，收到“{value}”：核对这一步用的名字")
    return value


def rounded(value: Number, step: Number) -> Number:
    """Round half away from zero to a multiple of the step."""
    if step <= 0:
        raise AnswersError(f"取整的单位是 {step}，应大于 0：改正这一规则值")
    with localcontext() as context:
        context.prec = _DIGITS
        times = (Decimal(value) / Decimal(step)).quantize(Decimal(1), ROUND_HALF_UP)
        result = times * Decimal(step)
    return int(result) if isinstance(step, int) else result


def exact(value: Decimal) -> Number:
    """Return a whole decimal as int, so that equal numbers have one text."""
    whole = value.to_integral_value()
    return int(whole) if whole == value else value.normalize()


def _numbers(values: Iterable[object]) -> list[Number]:
    return [number(value) for value in values]


def _refs(p: Parameters) -> Iterable[object]:
    names = p["of"]
    return names if isinstance(names, tuple) else (names,)


@operation("sum", {"of": REFS}, gives=NUMBER)
def total(env: Environment, p: Parameters) -> object:
    """求和：各项相加。"""
    return sum(_numbers(gather(env, _refs(p))))


@operation("product", {"of": REFS}, gives=NUMBER)
def product(env: Environment, p: Parameters) -> object:
    """求积：各项相乘。"""
    result: Number = 1
    for value in _numbers(gather(env, _refs(p))):
        result = result * value
    return exact(Decimal(result))


@operation("difference", {"from": REF, "minus": REF}, gives=NUMBER)
def difference(env: Environment, p: Parameters) -> object:
    """相减：from 减 minus。"""
    start, minus = _numbers(gather(env, (p["from"], p["minus"])))
    return start - minus


@operation("ratio", {"of": REF, "among": REF}, {"times": REF, "round_to": REF}, gives=NUMBER)
def ratio(env: Environment, p: Parameters) -> object:
    """比率：of × times ÷ among；among 为 0 时无法确定。"""
    names = [p["of"], p["among"], *([p["times"]] if "times" in p else [])]
    part, whole, *times = _numbers(gather(env, names))
    if whole == 0:
        raise UnknownValueError({"fact.answers"})
    with localcontext() as context:
        context.prec = _DIGITS
        value = exact(Decimal(part) * (times[0] if times else 1) / Decimal(whole))
    return rounded(value, number(env.get(str(p["round_to"])))) if "round_to" in p else value


@operation("round", {"of": REF, "to": REF}, gives=NUMBER)
def round_to(env: Environment, p: Parameters) -> object:
    """取整：四舍五入到 to 的整数倍。"""
    value, step = _numbers(gather(env, (p["of"], p["to"])))
    return rounded(value, step)


@operation("highest", {"of": REFS}, gives=NUMBER)
def highest(env: Environment, p: Parameters) -> object:
    """最大：各项中最大的数。"""
    return max(_numbers(gather(env, _refs(p))))


@operation("lowest", {"of": REFS}, gives=NUMBER)
def lowest(env: Environment, p: Parameters) -> object:
    """最小：各项中最小的数。"""
    return min(_numbers(gather(env, _refs(p))))


@operation("mean", {"of": REF}, {"round_to": REF}, gives=NUMBER)
def mean(env: Environment, p: Parameters) -> object:
    """平均：一列数的平均值；一个数也没有时无法确定。"""
    values = env.get(str(p["of"]))
    if not isinstance(values, tuple) or not values or None in values:
        raise UnknownValueError({"fact.visits"})
    with localcontext() as context:
        context.prec = _DIGITS
        value = exact(sum((Decimal(number(row)) for row in values), Decimal(0)) / len(values))
    return rounded(value, number(env.get(str(p["round_to"])))) if "round_to" in p else value


@operation("points", {"of": REF, "table": REF}, gives=NUMBER)
def points(env: Environment, p: Parameters) -> object:
    """计分：每个编号按表取分后相加，重复的重复计。"""
    return sum(_points(env, p), 0)


@operation("highest_points", {"of": REF, "table": REF}, gives=NUMBER)
def highest_points(env: Environment, p: Parameters) -> object:
    """最高单项分：每个编号按表取分，取最大；没有编号时为 0。"""
    return max(_points(env, p), default=0)


def _points(env: Environment, p: Parameters) -> list[Number]:
    codes = env.get(str(p["of"]))
    found: list[Number] = []
    missing: set[str] = set()
    for code in codes if isinstance(codes, tuple) else (codes,):
        try:
            found.append(number(env.at(str(p["table"]), (str(code),))))
        except UnknownValueError as unknown:
            missing |= unknown.missing
    if missing:
        raise UnknownValueError(missing)
    return found
