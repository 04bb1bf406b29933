"""What happens to a draw, in the order in which it happened; a certificate shows every one of these."""

from dataclasses import dataclass
from enum import StrEnum


class DrawEventKind(StrEnum):
    """What happened to a draw; every one of these stands in its certificate."""

    COMMITTED = "committed"
    VALUE_ENTERED = "value_entered"
    DRAWN = "drawn"
    EXCLUDED = "excluded"
    SUBSTITUTE_OPENED = "substitute_opened"
    INSPECTOR_REPLACED = "inspector_replaced"
    REDRAWN = "redrawn"
    REVEALED = "revealed"


@dataclass(frozen=True)
class DrawStep:
    """One event as far as it decides who is visited by whom."""

    kind: DrawEventKind
    unit: str | None = None
    replaces: str | None = None
    inspector: str | None = None
