"""The words of fieldwork as visits use them: closed lists by id, findings in words, whom an item is for."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from inspections.visits.fieldwork import exam_by_sha256, fieldwork


@cache
def words_of(part: str) -> Mapping[str, str]:
    """The Chinese of one closed list by id."""
    return {row["id"]: row["zh"] for row in fieldwork()[part]}


@cache
def finding_words() -> Mapping[str, str]:
    """The Chinese of every word of the managed vocabulary by id."""
    return {row["id"]: row["text"] for row in fieldwork()["words"]}


def exam_choices(sha256: str) -> Mapping[str, int] | None:
    """The right choice of each question of a question file; none where there never was such a file."""
    found = exam_by_sha256(sha256)
    return None if found is None else {row["id"]: row["right"] for row in found["questions"]}


def place_of(checklist_id: str, code: str) -> str | None:
    """The place of the walk where an item is looked at."""
    found: str | None = fieldwork()["items"].get(checklist_id, {}).get(code)
    return found


@cache
def measures_of(checklist_id: str) -> Mapping[str, Mapping[str, Any]]:
    """The measured value that an item may carry: label, unit, limits and what they rest on."""
    found: dict[str, Mapping[str, Any]] = {}
    for measure in fieldwork()["measures"]:
        shown = {key: value for key, value in measure.items() if key != "items"}
        for name in measure["items"]:
            checklist, _, code = name.partition("/")
            if checklist == checklist_id:
                found[code] = shown
    return found


def concerns(applies_to: tuple[str, ...], unit_type: str, online_ordering: bool | None) -> bool | None:
    """Whether an item concerns a unit; none where the register cannot tell."""
    if not applies_to:
        return True
    rules = fieldwork()["applies_to"]
    answers = [_means(rules.get(word), unit_type, online_ordering) for word in applies_to]
    if True in answers:
        return True
    return None if None in answers else False


def _means(rule: Mapping[str, Any] | None, unit_type: str, online_ordering: bool | None) -> bool | None:
    if rule is None:
        return None
    return unit_type in rule["unit_types"] if "unit_types" in rule else online_ordering
