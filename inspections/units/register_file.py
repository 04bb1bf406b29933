"""Rows of a register: one unit each, single (`UnitRow`) or many at once, column by column (`UnitTable`)."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from inspections.units.tables import OpenKitchenForm, UnitState


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One row of the register: the door, and who trades there. Words are those of the tables."""

    licence_name: str
    address: str
    street: str
    unit_type: str
    licence_number: str | None = None
    credit_code: str | None = None
    sign_name: str | None = None
    door_label: str = ""
    code: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    holder_is_natural_person: bool | None = None
    area_m2: Decimal | None = None
    seats: int | None = None
    persons_served: int | None = None
    food_categories: str = ""
    licence_from_on: date | None = None
    licence_until_on: date | None = None
    chain_headquarters: str | None = None
    online_ordering: bool | None = None
    online_name: str | None = None
    open_kitchen: OpenKitchenForm = OpenKitchenForm.NONE
    open_kitchen_checked_on: date | None = None
    special_groups: str = ""
    state: UnitState = UnitState.OPEN
    from_on: date | None = None

    @property
    def row_hash(self) -> str:
        """SHA-256 of what a version holds; facts of the door and of the unit itself are not part of it."""
        return UnitTable.of([self]).hashes()[0]


FIELDS = tuple(field.name for field in fields(UnitRow))
DOOR_FIELDS = ("address", "street", "door_label", "code", "latitude", "longitude")
VERSION_FIELDS = tuple(name for name in FIELDS if name not in (*DOOR_FIELDS, "credit_code", "from_on"))
_EMPTY: Mapping[str, Any] = {
    "door_label": "",
    "food_categories": "",
    "special_groups": "",
    "open_kitchen": OpenKitchenForm.NONE,
    "state": UnitState.OPEN,
}
_NOISE = re.compile(r"[^\S\n]+|[,，。、·\-—_()（）#]+")


@dataclass(frozen=True)
class UnitTable:
    """Many rows as columns of equal length; `numbers` are the rows' places in their file."""

    columns: dict[str, list[Any]]
    numbers: list[int]

    @classmethod
    def of(cls, rows: Iterable[UnitRow]) -> "UnitTable":
        """The table of single rows, numbered from one."""
        listed = list(rows)
        columns = {name: [getattr(row, name) for row in listed] for name in FIELDS}
        return cls(columns, list(range(1, len(listed) + 1)))

    @classmethod
    def empty(cls) -> "UnitTable":
        """A table without rows."""
        return cls({name: [] for name in FIELDS}, [])

    def __len__(self) -> int:
        return len(self.numbers)

    def extend(self, columns: Mapping[str, Sequence[Any]], numbers: Sequence[int]) -> None:
        """Add rows as a file gave them: an empty cell takes the field's own empty value."""
        for name in FIELDS:
            read = columns[name]
            if name in _EMPTY:
                empty = _EMPTY[name]
                read = [empty if value is None else value for value in read]
            self.columns[name].extend(read)
        self.numbers.extend(numbers)

    def take(self, places: Sequence[int]) -> "UnitTable":
        """The rows at these places, in this order."""
        if list(places) == list(range(len(self))):
            return self
        columns = {name: gather(values, places) for name, values in self.columns.items()}
        return UnitTable(columns, gather(self.numbers, places))

    def row(self, place: int) -> UnitRow:
        """One row."""
        return UnitRow(**{name: values[place] for name, values in self.columns.items()})

    def door_keys(self) -> list[str]:
        """Address and label of each row, normalised so that spelling does not make another door."""
        keys = door_keys(self.columns["address"])
        labels = self.columns["door_label"]
        if not any(labels):
            return keys
        return [f"{a}|{b}" if b else a for a, b in zip(keys, door_keys(labels), strict=True)]

    def hashes(self) -> list[str]:
        """SHA-256 of each row's unit values, so that a changed row is seen."""
        texts = [_canonical(self.columns[name]) for name in VERSION_FIELDS]
        sha = hashlib.sha256
        return [sha("\x1f".join(row).encode()).hexdigest() for row in zip(*texts, strict=True)]


def gather(values: Sequence[Any], places: Sequence[int]) -> list[Any]:
    """The values at these places."""
    return [values[place] for place in places]


def door_keys(texts: Sequence[str]) -> list[str]:
    """Texts without spaces, punctuation and width differences; all at once, which is many times faster."""
    if not texts:
        return []
    joined = unicodedata.normalize("NFKC", "\n".join(texts))
    if joined.count("\n") != len(texts) - 1:
        return [door_keys([text.replace("\n", " ")])[0] for text in texts]
    return _NOISE.sub("", joined).upper().split("\n")


def door_key(address: str, label: str) -> str:
    """The key by which a door is recognised."""
    first, second = door_keys([address, label])
    return f"{first}|{second}" if label else first


def _canonical(values: Sequence[Any]) -> Sequence[str]:
    distinct = set(values)
    if all(type(value) is str for value in distinct):
        return values
    known = {value: _canonical_text(value) for value in distinct}
    return [known[value] for value in values]


def _canonical_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, StrEnum):
        return value.value
    return str(value)


def row_to_json(row: UnitRow) -> str:
    """A row as text, for a proposal that waits for a person."""
    return json.dumps({name: _canonical_text(getattr(row, name)) for name in FIELDS}, ensure_ascii=False)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "latitude": Decimal,
    "longitude": Decimal,
    "area_m2": Decimal,
    "seats": int,
    "persons_served": int,
    "holder_is_natural_person": "True".__eq__,
    "online_ordering": "True".__eq__,
    "licence_from_on": date.fromisoformat,
    "licence_until_on": date.fromisoformat,
    "open_kitchen_checked_on": date.fromisoformat,
    "from_on": date.fromisoformat,
    "open_kitchen": OpenKitchenForm,
    "state": UnitState,
}


def row_from_json(text: str) -> UnitRow:
    """The row that `row_to_json` kept."""
    kept: dict[str, str] = json.loads(text)
    values = {name: _READERS.get(name, str)(value) for name, value in kept.items() if value}
    return UnitRow(**values)
