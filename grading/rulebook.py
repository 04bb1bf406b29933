"""A rulebook: scales, dated cells and procedures, read from one canonical text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from grading.cells import Cell
from grading.errors import RulebookError
from grading.program import Procedure
from grading.scales import Scale

if TYPE_CHECKING:
    from grading.rules import Rules


@dataclass(frozen=True)
class SourceText:
    """A legal text or report that cells refer to."""

    id: str
    title: str
    issued_on: date | None
    notes: str


TO_BE_WRITTEN = "写明原因"
"""What stands for the reason in a row of counterexamples as the check offers it."""


@dataclass(frozen=True)
class Counterexample:
    """A case, listed by the rulebook itself, in which a worse visit gives a better outcome."""

    procedure: str
    better_visits: tuple[str, ...]
    worse_visits: tuple[str, ...]
    better_gives: str
    worse_gives: str
    why: str = ""


@dataclass(frozen=True)
class Rulebook:
    """One scheme with everything it says on every day."""

    scheme: str
    title_zh: str
    title_en: str
    notes: str
    overlay_of: str
    step: object
    checklists: tuple[str, ...]
    texts: Mapping[str, SourceText]
    scales: Mapping[str, Scale]
    cells: Mapping[str, Cell]
    procedures: Mapping[str, Procedure]
    counterexamples: tuple[Counterexample, ...]
    digest: str

    def on(self, day: date) -> "Rules":
        """Return the rules in force on a day; keep the object, it remembers what it computed."""
        from grading.rules import Rules  # the engine needs the rulebook's type first

        return Rules(self, day)


def read_rulebook(text: str) -> Rulebook:
    """Return the rulebook of a canonical text, or raise with every fault in it."""
    from grading.reading import read_layers

    rulebook, faults = read_layers(text)
    if rulebook is None or faults:
        raise RulebookError(faults)
    return rulebook
