"""Operations on what happened over time: past visits, months, adjustments."""

from collections.abc import Mapping
from datetime import date
from operator import attrgetter

from grading.days import add_months, full_months
from grading.errors import AnswersError
from grading.facts import Adjustment, DecidedVisit
from grading.operations.numbers import number
from grading.operations.registry import (
    FIELD,
    HELD,
    KINDS,
    LAST_DAY,
    NUMBER,
    RECHECKS,
    REF,
    ROWS,
    WORD,
    YES_NO,
    Environment,
    Parameters,
    UnknownValueError,
    operation,
)
from grading.operations.tables import key_of

_by_day = attrgetter("day")
_SELECT = {"kinds": KINDS, "results": REF, "within_months": REF, "last": REF, "rechecks": RECHECKS}


def _visits(env: Environment) -> list[DecidedVisit]:
    rows = env.get("visits")
    if not isinstance(rows, tuple):
        return []
    visits = [row if isinstance(row, DecidedVisit) else DecidedVisit(*row) for row in rows]
    on = _day(env, "on")
    return sorted((visit for visit in visits if visit.day <= on), key=_by_day)


def _day(env: Environment, name: str) -> date:
    value = env.get(name)
    if not isinstance(value, date):
        raise AnswersError(f"“{name}”应是日期，收到“{value}”：核对这一步用的名字")
    return value


def _selects_by_day(p: Parameters) -> bool:
    return "within_months" in p or p["field"] == "day"


@operation(
    "select", {"field": FIELD}, _SELECT, reads=("visits", "on"), looks_at_days=_selects_by_day, gives=ROWS
)
def select(env: Environment, p: Parameters) -> object:
    """选取检查：按类型、结果、月数、复查与否选出已定结果的检查，取其 field，旧的在前。"""
    rows = _visits(env)
    if "kinds" in p:
        rows = [row for row in rows if row.kind in _words(p["kinds"])]
    if p.get("rechecks", "all") != "all":
        rows = [row for row in rows if row.is_recheck == (p["rechecks"] == "only")]
    if "within_months" in p:
        months = int(number(env.get(str(p["within_months"]))))
        rows = [row for row in rows if add_months(row.day, months) > _day(env, "on")]
    if "results" in p:
        rows = [row for row in rows if row.result in _words(env.get(str(p["results"])))]
    if "last" in p:
        rows = rows[-int(number(env.get(str(p["last"])))) :]
    if any(row.provisional for row in rows):
        env.note_provisional()
    return tuple(getattr(row, str(p["field"])) for row in rows)


def _words(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, (tuple, Mapping)) else (value,)


@operation("latest", {"of": REF}, {"if_none": WORD}, gives=HELD)
def latest(env: Environment, p: Parameters) -> object:
    """最近一个：一列中的最后一个；没有时取 if_none，未写 if_none 则无法确定。"""
    rows = env.get(str(p["of"]))
    if isinstance(rows, tuple) and rows and rows[-1] is not None:
        return rows[-1]
    if "if_none" in p and not rows:
        return str(p["if_none"])
    raise UnknownValueError({"fact.visits"})


@operation("size", {"of": REF}, gives=NUMBER)
def size(env: Environment, p: Parameters) -> object:
    """个数：一列有几个。"""
    rows = env.get(str(p["of"]))
    return len(rows) if isinstance(rows, tuple) else 1


@operation("months_since", {"day": REF}, reads=("on",), gives=NUMBER)
def months_since(env: Environment, p: Parameters) -> object:
    """满几个月：从某天到评定日的整月数。"""
    return full_months(_day(env, str(p["day"])), _day(env, "on"))


@operation("within_months", {"day": REF, "months": REF}, {"last_day": LAST_DAY}, reads=("on",), gives=YES_NO)
def within_months(env: Environment, p: Parameters) -> object:
    """是否仍在期内：从某天起若干个月内为 yes，否则 no；满期那一天只在 last_day 写 counted 时算在期内。"""
    months = int(number(env.get(str(p["months"]))))
    ends, on = add_months(_day(env, str(p["day"])), months), _day(env, "on")
    return "yes" if ends > on or (ends == on and p.get("last_day") == "counted") else "no"


@operation(
    "happened_within",
    {"condition": WORD, "months": REF},
    reads=("adjustments", "on"),
    gives=YES_NO,
)
def happened_within(env: Environment, p: Parameters) -> object:
    """期内是否发生：若干个月内有这一事项为 yes，否则 no。"""
    on = _day(env, "on")
    days = [row.occurred_on for row in _adjustments(env) if row.condition == p["condition"]]
    days = [day for day in days if day <= on]
    if not days:
        return "no"
    months = int(number(env.get(str(p["months"]))))
    return "yes" if any(add_months(day, months) > on for day in days) else "no"


@operation(
    "adjustment",
    {"raise": REF, "lower": REF, "years_later": REF},
    reads=("adjustments", "on"),
    gives=NUMBER,
)
def adjustment(env: Environment, p: Parameters) -> object:
    """年度调整：所涉年度的事项中，有调高的取最多的级数（正数），否则有调低的取其级数（负数）。"""
    rows = _adjustments(env)
    if not rows:
        return 0
    year = _day(env, "on").year - int(number(env.get(str(p["years_later"]))))
    rows = [row for row in rows if row.occurred_on.year == year]
    raised = [_levels(env, str(p["raise"]), row) for row in rows if _is_raise(env, p, row)]
    lowered = [_levels(env, str(p["lower"]), row) for row in rows if not _is_raise(env, p, row)]
    if raised:
        return max(raised)
    return -max(lowered) if lowered else 0


def _adjustments(env: Environment) -> list[Adjustment]:
    rows = env.get("adjustments")
    return [Adjustment(*row) for row in rows] if isinstance(rows, tuple) else []


def _is_raise(env: Environment, p: Parameters, row: Adjustment) -> bool:
    if env.holds(str(p["raise"]), row.condition):
        return True
    if env.holds(str(p["lower"]), row.condition):
        return False
    known = [str(key) for name in ("raise", "lower") for key in _words(env.get(str(p[name])))]
    raise AnswersError(f"等级调整事项“{row.condition}”不在规则列出的情形里：可用 {'、'.join(known)}")


def _levels(env: Environment, table: str, row: Adjustment) -> int:
    allowed = [key_of(level) for level in _words(env.at(table, (row.condition,)))]
    if str(row.levels) not in allowed or row.levels < 1:
        choice = "、".join(allowed)
        raise AnswersError(
            f"等级调整事项“{row.condition}”（{row.document}）定为 {row.levels} 级："
            f"规则只许 {choice} 级，改正后重录"
        )
    return row.levels
