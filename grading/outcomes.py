"""What the engine answers: a value or what is missing, and the derivation of either."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from grading.checklist import Item
from grading.vocabulary import Answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer; `value` None is undetermined, and `missing` names what is lacking.

    `derivation` is shared by every subject that took the same way and is stored once by its
    SHA-256; `facts` is this subject's own. The two texts together recompute the outcome.
    """

    value: str | None
    missing: tuple[str, ...]
    rests_on_assumed: tuple[str, ...]
    provisional: bool
    derivation: str
    derivation_sha256: str
    facts: str
    extras: Mapping[str, object]

    def number(self, name: str) -> int | Decimal | None:
        """Return a further output as a number, or None."""
        value = self.extras.get(name)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            return None
        return value

    def word(self, name: str) -> str | None:
        """Return a further output as a word, or None."""
        value = self.extras.get(name)
        return value if isinstance(value, str) else None


def frequency_of(value: object) -> tuple[int, int] | None:
    """Return a number of visits, or the least and the most, as both; None where either is unknown."""
    low, high = value if isinstance(value, tuple) and len(value) == 2 else (value, value)
    return (int(low), int(high)) if isinstance(low, int) and isinstance(high, int) else None


class Outlook(NamedTuple):
    """A grade and the visits a year that follow from it, without the way there."""

    value: object
    frequency: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Suggestion(Outcome):
    """The result that the rulebook suggests for a visit; inspectors decide."""

    @property
    def score(self) -> int | Decimal | None:
        """Return the visit's score where the scheme has one."""
        return self.number("score")


@dataclass(frozen=True, slots=True)
class Verdict(Outcome):
    """The grade of a unit on a day."""

    next_due_on: date | None = None
    """Day by which the next visit is due; for staff only."""

    @property
    def points(self) -> int | Decimal | None:
        """Return the risk points or the mean score."""
        return self.number("points")

    @property
    def static(self) -> int | Decimal | None:
        """Return the points of the nature of the business."""
        return self.number("static")

    @property
    def dynamic(self) -> int | Decimal | None:
        """Return the points of its behaviour at visits."""
        return self.number("dynamic")

    @property
    def tier(self) -> str | None:
        """Return the static tier."""
        return self.word("tier")

    @property
    def frequency(self) -> tuple[int, int] | None:
        """Return the least visits a year as (low, high); None where either is unknown."""
        return frequency_of(self.extras.get("frequency"))

    @property
    def due_months(self) -> int | None:
        """Return the months after a visit within which the next one is due."""
        months = self.number("due_months")
        return None if months is None else int(months)


@dataclass(frozen=True, slots=True)
class Proposal(Outcome):
    """The list that the rulebook proposes for a visited unit; an editor decides."""


@dataclass(frozen=True, slots=True)
class ItemHandling:
    """What the rulebook says is to be done about one failed item; None where it says nothing."""

    item: Item
    answer: Answer
    handling: str | None
    missing: tuple[str, ...]
