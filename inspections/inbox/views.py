"""What one unit's own page shows through its link: plain values that travel into the Inbox as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter


@dataclass(frozen=True)
class OrderView:
    """One order as its unit sees it."""

    order_id: int
    text: str
    items: Sequence[str]
    deadline_on: date | None
    state: str
    may_answer: bool
    said: Sequence[str]


@dataclass(frozen=True)
class VisitView:
    """One visit as its unit sees it."""

    record_number: str
    visited_on: date
    kind: str
    result: str
    findings: Sequence[str]


@dataclass(frozen=True)
class UnitView:
    """A unit's own view: its visit, and what it owes."""

    name: str
    address: str
    code: str
    visits: Sequence[VisitView]
    orders: Sequence[OrderView]


_ADAPTER = TypeAdapter(UnitView)


def view_as_text(view: UnitView) -> str:
    """The view as it is stored in the Inbox."""
    return _ADAPTER.dump_json(view).decode()


def view_from_text(text: str) -> UnitView:
    """The view behind its stored text."""
    return _ADAPTER.validate_json(text)
