"""Words of the register kept as data: unit types with their size classes, and trade words."""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from inspections.record.configuration import PACKAGE_ROOT

_SEEDS = PACKAGE_ROOT / "seeds" / "register"


@cache
def unit_types() -> dict[str, Any]:
    """Every unit type with its words and sizes, as `seeds/register/unit_types.toml` gives them."""
    return tomllib.loads((_SEEDS / "unit_types.toml").read_text(encoding="utf-8"))


@cache
def _naming() -> dict[str, Any]:
    return tomllib.loads((_SEEDS / "trade_words.toml").read_text(encoding="utf-8"))


def without_legal_form(name: str) -> str:
    """A licence name without `（个体工商户）` behind it."""
    for form in _naming()["legal_forms"]:
        name = name.removesuffix(form)
    return name.strip()


def may_be_personal(name: str) -> bool:
    """Whether a name is no longer than a person's; one with a middle dot may be longer and yet be one."""
    return len(without_legal_form(name)) <= _naming()["longest_personal_name"] or "·" in name


def is_trade_name(name: str) -> bool:
    """Whether a licence name shows by its words that it is a trade name and not a person's."""
    words, plain = _naming(), without_legal_form(name)
    if any(word in plain for word in words["trade_words"]):
        return True
    is_longer = len(plain) > words["longest_personal_name"]
    return is_longer and any(word in plain for word in words["trade_words_of_longer_names"])


def size_class(unit_type: str, area_m2: Decimal | None, seats: int | None) -> str | None:
    """The size class by area or seats, the larger one; none without classes or with both unknown."""
    if area_m2 is None and seats is None:
        return None
    for size in _sizes(unit_type):
        by_area = area_m2 is not None and area_m2 > size["area_above_m2"]
        if by_area or (seats is not None and seats > size["seats_above"]):
            return str(size["word"])
    return None


def size_classes(
    unit_types: Sequence[str], areas_m2: Sequence[Decimal | None], seats: Sequence[int | None]
) -> list[str | None]:
    """The size class of many units, each combination worked out once."""
    known: dict[tuple[str, Decimal | None, int | None], str | None] = {}
    found = []
    for unit in zip(unit_types, areas_m2, seats, strict=True):
        if unit not in known:
            known[unit] = size_class(*unit)
        found.append(known[unit])
    return found


def _sizes(unit_type: str) -> list[dict[str, Any]]:
    sizes: list[dict[str, Any]] = unit_types().get(unit_type, {}).get("sizes", [])
    return sizes


@cache
def unit_type_words(unit_type: str, size: str | None = None) -> tuple[str, str]:
    """The unit type in Chinese and English, with its size class where known."""
    kind = unit_types().get(unit_type)
    if kind is None:
        return unit_type, unit_type
    for one in _sizes(unit_type):
        if one["word"] == size:
            return one["zh"], one["en"]
    return kind["zh"], kind["en"]
