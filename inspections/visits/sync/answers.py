"""A visit's answers from its merged fields: letters, what is still open, findings; values in, values out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from grading.checklist import Checklist
from grading.vocabulary import Answer

Values = Mapping[str, object]


@dataclass(frozen=True)
class FailedItem:
    """One item that was found not to conform, as the inspectors took it down."""

    code: str
    safety: bool | None
    corrected_on_spot: bool | None
    deadline_on: date | None
    words: tuple[str, ...]
    remark: str
    photos: tuple[str, ...]


def item_values(values: Values) -> dict[str, Mapping[str, object]]:
    """The answered items by code."""
    found: dict[str, Mapping[str, object]] = {}
    for key, value in values.items():
        if key.startswith("item/") and isinstance(value, Mapping):
            found[key.removeprefix("item/")] = value
    return found


def letter_of(value: Mapping[str, object]) -> Answer:
    """The letter that an item's answer is packed as."""
    match value.get("answer"), value.get("safety"):
        case "pass", _:
            return Answer.PASS
        case "na", _:
            return Answer.NOT_APPLICABLE
        case "fail", True:
            return Answer.FAIL_SAFETY
        case "fail", False:
            return Answer.FAIL_SLIGHT
        case "fail", _:
            return Answer.FAIL
    return Answer.NOT_CHECKED


def packed(checklist: Checklist, values: Values) -> str:
    """One letter for each item of the checklist; what nobody looked at is not checked."""
    items = item_values(values)
    return checklist.pack(
        {code: letter_of(items[code]).value for code in items if code in checklist.position}
    )


def unanswered(checklist: Checklist, values: Values, codes: Iterable[str] = ()) -> list[str]:
    """The items without an answer, of all or of those that a flying visit looks at."""
    wanted = set(codes) or set(checklist.position)
    letters = packed(checklist, values)
    return [
        item.code
        for item, letter in zip(checklist.items, letters, strict=True)
        if item.code in wanted and letter == Answer.NOT_CHECKED.value
    ]


def failed_items(checklist: Checklist, values: Values) -> list[FailedItem]:
    """The failed items in checklist order."""
    items = item_values(values)
    return [
        _failed(item.code, items[item.code])
        for item in checklist.items
        if items.get(item.code, {}).get("answer") == "fail"
    ]


def _failed(code: str, value: Mapping[str, object]) -> FailedItem:
    return FailedItem(
        code=code,
        safety=_flag(value.get("safety")),
        corrected_on_spot=_flag(value.get("corrected_on_spot")),
        deadline_on=day_of(value.get("deadline_on")),
        words=texts_of(value.get("words")),
        remark=str(value.get("remark") or ""),
        photos=texts_of(value.get("photos")),
    )


def obstruction_of(values: Values) -> Mapping[str, object] | None:
    """Why the unit could not be inspected; none for a visit that took place."""
    value = values.get("obstruction")
    return value if isinstance(value, Mapping) else None


def mapping_of(values: Values, key: str) -> Mapping[str, object]:
    """A field whose value is an object; empty where nobody said anything."""
    value = values.get(key)
    return value if isinstance(value, Mapping) else {}


def rows_of(values: Values, key: str) -> list[Mapping[str, object]]:
    """A field whose value is a list of objects."""
    value = values.get(key)
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def day_of(value: object) -> date | None:
    """A day as it travels, or none."""
    return date.fromisoformat(value) if isinstance(value, str) else None


def texts_of(value: object) -> tuple[str, ...]:
    """A list of texts as it travels."""
    return tuple(str(part) for part in value) if isinstance(value, list) else ()


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None
