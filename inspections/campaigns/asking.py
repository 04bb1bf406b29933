"""What campaigns ask of the room of visits, which stands above them and says so at start."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session


@dataclass(frozen=True)
class VisitsRoom:
    """The questions that only the room of visits can answer."""

    records_of: Callable[[Session, int], Collection[str]]
    """The numbers of a unit's records, given its id."""
    begun: Callable[[Session, Collection[int]], Collection[int]]
    """Those of some assignments of which a tablet has told anything."""
    unreviewed: Callable[[Session, Collection[int]], Collection[int]]
    """Those of some assignments whose visit nobody has confirmed yet."""
    sent_back: Callable[[Session, Collection[int]], Mapping[int, datetime]]
    """Those of some assignments whose visit a reviewer sent back, since when."""
    full_checks: Callable[[Session, date], Mapping[int, date]]
    """The day on which each unit was last checked in full, as of a day."""


_ROOM: list[VisitsRoom] = []


def declare_visits_room(room: VisitsRoom) -> None:
    """Say who answers; declared once, at import of that room."""
    _ROOM[:] = [room]


def visits_room() -> VisitsRoom:
    """Who answers: a program without the room of visits has no plan to make and no city to tell."""
    return _ROOM[0]
