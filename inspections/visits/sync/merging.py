"""How changes of one visit merge: values in, states out; no database, no clock, no order of arrival."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

# Two inspectors who opened one visit without a network do not contradict each other about the minute.
_INSTANTS = ("at", "opened_at")


@dataclass(frozen=True)
class FieldChange:
    """One change of one field: what it became, and which changes of that field its author had seen."""

    id: str
    key: str
    value: object
    replaces: frozenset[str] = frozenset()

    @cached_property
    def essence(self) -> str:
        """The value without the instants at its top, as canonical text: what two changes may agree in."""
        if isinstance(self.value, dict):
            return canonical({key: part for key, part in self.value.items() if key not in _INSTANTS})
        return canonical(self.value)

    @cached_property
    def _precedence(self) -> tuple[str, str]:
        instants = [self.value.get(name) for name in _INSTANTS] if isinstance(self.value, dict) else []
        return next((str(instant) for instant in instants if instant is not None), ""), self.id


@dataclass(frozen=True)
class FieldState:
    """A field after merging: its value, or the values that contradict each other."""

    key: str
    current: tuple[FieldChange, ...] = field(default_factory=tuple)
    """The changes that nothing replaces, by id."""

    @cached_property
    def alternatives(self) -> tuple[FieldChange, ...]:
        """One change for each different value: of the same values the earliest, then the smallest id."""
        found: dict[str, FieldChange] = {}
        for change in sorted(self.current, key=lambda one: one._precedence):
            found.setdefault(change.essence, change)
        return tuple(found[essence] for essence in sorted(found))

    @property
    def is_conflict(self) -> bool:
        """Whether authors who had not seen each other said different things."""
        return len(self.alternatives) > 1

    @property
    def value(self) -> object:
        """The value all agree in; none while they contradict each other, or where it was taken back."""
        return self.alternatives[0].value if len(self.alternatives) == 1 else None


def merge(changes: Iterable[FieldChange]) -> dict[str, FieldState]:
    """The state of every field; the same for any order and any repetition of the changes."""
    by_key: defaultdict[str, dict[str, FieldChange]] = defaultdict(dict)
    for change in changes:
        by_key[change.key][change.id] = change
    return {key: FieldState(key, _current(by_key[key])) for key in sorted(by_key)}


def _current(changes: Mapping[str, FieldChange]) -> tuple[FieldChange, ...]:
    replaced = {
        id_ for change in changes.values() for id_ in change.replaces if id_ in changes and id_ != change.id
    }
    current = [changes[id_] for id_ in sorted(changes) if id_ not in replaced]
    # Only changes that replace each other in a circle leave nothing: then all of them are said at once.
    return tuple(current or (changes[id_] for id_ in sorted(changes)))


def values_of(fields: Mapping[str, FieldState]) -> dict[str, object]:
    """The value of every field on which all agree and which was not taken back."""
    return {key: state.value for key, state in fields.items() if state.value is not None}


def conflicts_of(fields: Mapping[str, FieldState]) -> list[str]:
    """The fields whose authors contradict each other, in order."""
    return [key for key, state in fields.items() if state.is_conflict]


def canonical(value: object) -> str:
    """A JSON value as the one text that stands for it; 1.0 is 1, as it is in a browser."""
    return json.dumps(_whole(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _whole(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_whole(part) for part in value]
    return value
