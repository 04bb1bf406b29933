"""The file that `rulebook try` reads: one published visit a row, with what its unit is."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from grading.facts import UnitFacts
from grading.vocabulary import SizeClass, UnitType, VisitKind
from inspections.surface.sheets.columns import Column, choice, day, decimal, text, whole, words, yes_no
from inspections.units.register_columns import FOOD_CATEGORIES, SPECIAL_GROUPS
from inspections.units.words import size_class, unit_types

_LONGEST = 20_000
_LARGEST_SCORE = 1_000_000
_ANY_DAY = day(date(1900, 1, 1), date(2200, 1, 1))
_KINDS = {kind.zh: kind.value for kind in VisitKind}
_TYPES = {str(row["zh"]): key for key, row in unit_types().items()}
_SIZES = {size.zh: size.value for size in SizeClass}

VISIT_COLUMNS = (
    Column("unit", "单位", "unit", text()),
    Column("day", "日期", "day", _ANY_DAY, is_day=True),
    Column("kind", "类型", "kind", choice(_KINDS)),
    Column("is_recheck", "复查", "is recheck", yes_no()),
    Column("findings", "问题", "findings", text(_LONGEST)),
    Column("answers", "答案", "answers", text(_LONGEST)),
    Column("unit_class", "业态规模类别", "unit class", text()),
    Column("score", "分数", "score", decimal(-_LARGEST_SCORE, _LARGEST_SCORE, 6)),
    Column("result", "结果", "result", text()),
    Column("grade", "等级", "grade", text()),
)
UNIT_COLUMNS = (
    Column("unit_type", "业态", "unit type", choice(_TYPES)),
    Column("size_class", "规模", "size class", choice(_SIZES)),
    Column("area_m2", "面积", "area m2", decimal(0, 200_000)),
    Column("seats", "餐位数", "seats", whole(0, 20_000)),
    Column("persons_served", "供餐人数", "persons served", whole(0, 200_000)),
    Column("food_categories", "食品类别", "food categories", words(FOOD_CATEGORIES)),
    Column("special_groups", "供餐特殊人群", "special groups", words(SPECIAL_GROUPS)),
    Column("licensed_on", "首次许可日期", "licensed on", _ANY_DAY, is_day=True),
    Column("facilities_points", "卫生设施评分", "facilities points", decimal(0, _LARGEST_SCORE, 6)),
    Column("clean_since", "无违法记录起始日", "clean since", _ANY_DAY, is_day=True),
)
COLUMNS = (*VISIT_COLUMNS, *UNIT_COLUMNS)


def kind_of(values: Mapping[str, Any]) -> tuple[str, bool]:
    """The kind of a row's visit, and whether it is a re-check; a daily visit where nothing is written."""
    kind = values["kind"] or VisitKind.DAILY.value
    return kind, bool(values["is_recheck"]) or kind == VisitKind.RECHECK.value


def unit_facts(values: Mapping[str, Any]) -> UnitFacts:
    """What a unit is by its columns; a restaurant where its type is not written."""
    unit_type = values["unit_type"] or UnitType.RESTAURANT.value
    by_itself = size_class(unit_type, values["area_m2"], values["seats"])
    return UnitFacts(
        unit_type=unit_type,
        area_m2=values["area_m2"],
        seats=values["seats"],
        persons_served=values["persons_served"],
        size_class=values["size_class"] or by_itself,
        food_categories=_words(values["food_categories"]) or None,
        special_groups=_words(values["special_groups"]),
        licensed_on=values["licensed_on"],
        facilities_points=values["facilities_points"],
        clean_since=values["clean_since"],
    )


def _words(written: str | None) -> tuple[str, ...]:
    return tuple(written.split(",")) if written else ()
