"""Which doors a print is for: by street, unit type, list or code, or those whose plate is out of date."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from inspections.record.errors import HouseError
from inspections.units.codes import parse_code, suggest_code
from inspections.units.queries import UnitOnDoor
from inspections.units.words import unit_type_words, unit_types
from publishing.plates.lists import DoorList
from publishing.plates.queries import (
    doors_by_code,
    existing_codes,
    outdated_plates,
    premises_in_order,
    streets,
)


class PlateError(HouseError):
    """A plate may not or cannot be made, or what was said of it cannot be recorded."""


@dataclass(frozen=True)
class Selection:
    """Which doors; several conditions hold together. A list's doors keep the order of its rows."""

    street: str | None = None
    code: str | None = None
    only_outdated: bool = False
    unit_type: str | None = None
    listed: DoorList | None = None

    @property
    def words(self) -> str:
        """What was asked for, as people say it."""
        parts = [
            self.street,
            self.unit_type,
            f"门店码 {self.code}" if self.code else None,
            f"名单 {self.listed.name}" if self.listed else None,
            "只制印着旧网址的" if self.only_outdated else None,
        ]
        return "；".join(part for part in parts if part) or "全部门店"


@dataclass(frozen=True)
class ChosenDoors:
    """The doors in the order of printing, and a sentence for each row of a list that names none."""

    premises_ids: list[int]
    faults: tuple[str, ...] = ()


def chosen_doors(session: Session, selection: Selection, address: str) -> ChosenDoors:
    """The doors that a selection means under the public address in force."""
    listed, faults = _listed(session, selection.listed) if selection.listed else ([], [])
    code = known_code(session, selection.code) if selection.code is not None else None
    chosen = premises_in_order(session, street=selection.street, code=code)
    if not chosen and selection.street is not None:
        known = "、".join(streets(session)) or "（名册是空的）"
        raise PlateError(f"名册里没有街道（镇）“{selection.street}”；名册里有：{known}。")
    if selection.listed is not None:
        inside = set(chosen)
        chosen = [premises_id for premises_id in listed if premises_id in inside]
    if selection.only_outdated:
        outdated = {plate.premises_id for plate in outdated_plates(session, address)}
        chosen = [premises_id for premises_id in chosen if premises_id in outdated]
    return ChosenDoors(chosen, tuple(faults))


def _listed(session: Session, listed: DoorList) -> tuple[list[int], list[str]]:
    """A list's doors, each once, and what is wrong with the other rows."""
    faults = list(listed.faults)
    typed = [(row, parse_code(row.code)) for row in listed.doors]
    doors = doors_by_code(session, sorted({code for _, code in typed if code}))
    found: dict[int, None] = {}
    for row, code in typed:
        if code in doors:
            found[doors[code]] = None
        else:
            faults.append(f"{listed.name} 第 {row.number} 行：{unknown_code(session, row.code)}")
    return list(found), faults


def known_code(session: Session, typed: str) -> str:
    """The code as printed of a door that is there; a refusal names the likely one."""
    code = parse_code(typed)
    if code is not None and existing_codes(session, [code]):
        return code
    raise PlateError(unknown_code(session, typed))


def unknown_code(session: Session, typed: str) -> str:
    """What is said of a code that leads nowhere."""
    near = suggest_code(typed, lambda codes: existing_codes(session, codes))
    cure = f"是不是 {near}？" if near else "请照公示牌或名册核对。"
    return f"没有门店码“{typed}”；{cure}"


def type_test(typed: str | None) -> tuple[str, str | None] | None:
    """A unit type, and a size class where the words name one; none where any type will do."""
    if typed is None:
        return None
    wanted = typed.strip()
    for kind, words in unit_types().items():
        if wanted in {kind, words["zh"]}:
            return kind, None
        for size in words.get("sizes", ()):
            if wanted == size["zh"]:
                return kind, str(size["word"])
    known = "、".join(words["zh"] for words in unit_types().values())
    raise PlateError(f"没有业态“{typed}”；可以写：{known}（餐馆也可以带规模，如“小型餐馆”）。")


def is_of_type(unit: UnitOnDoor, wanted: tuple[str, str | None] | None) -> bool:
    """Whether a unit is of a type as `type_test` read it."""
    if wanted is None:
        return True
    kind, size = wanted
    return unit.version.unit_type == kind and size in {None, unit.version.size_class}


def type_labels() -> Sequence[str]:
    """The unit types as people name them."""
    return [unit_type_words(kind)[0] for kind in unit_types()]
