"""What campaigns ask of the room of visits, which stands above them and says so at start."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlmodel import Session


@dataclass(frozen=True)
class VisitsRoom:
    """The questions that only the room of visits can answer."""

    records_of: Callable[[Session, int], Collection[str]]
    """The numbers of a unit's records, given its id."""
    unreviewed: Callable[[Session, Collection[int]], Collection[int]]
    """Those of some assignments whose visit nobody has confirmed yet."""


_ROOM: list[VisitsRoom] = []


def declare_visits_room(room: VisitsRoom) -> None:
    """Say who answers; declared once, at import of that room."""
    _ROOM[:] = [room]


def visits_room() -> VisitsRoom | None:
    """Who answers; none where the room of visits is not there."""
    return _ROOM[0] if _ROOM else None
