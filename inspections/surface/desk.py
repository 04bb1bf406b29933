"""The desk's first page: what waits for whom. Each room declares its duties; this file knows none of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session


@dataclass(frozen=True)
class Waiting:
    """How much of a duty waits, and how much of it is late."""

    count: int
    late: int = 0
    note: str = ""


@dataclass(frozen=True)
class Duty:
    """Something that waits for people with a role: counted by its room, worked at its endpoint."""

    label: str
    endpoint: str
    roles: frozenset[str]
    count: Callable[[Session, str, datetime], Waiting]
    """Given a session, the name of who asks, and the present instant."""


_DUTIES: list[Duty] = []


def declare_duty(duty: Duty) -> None:
    """Have a duty counted on the desk's first page; declared once, at import of the room's pages."""
    _DUTIES.append(duty)


def duties_of(roles: Iterable[str]) -> list[Duty]:
    """The duties of somebody with these roles, in the order of the rooms."""
    held = set(roles)
    return [duty for duty in _DUTIES if duty.roles & held]
