"""Errors of the engine; each message lets the person who typed the data repair it alone."""

from collections.abc import Iterable
from dataclasses import dataclass


class GradingError(Exception):
    """Base of everything the engine refuses."""


class AnswersError(GradingError):
    """Facts that do not fit the checklist or the rulebook."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a data file: where, what, and how to mend it."""

    file: str
    line: int
    what: str
    cure: str

    def __str__(self) -> str:
        """Return the fault as one Chinese line."""
        return f"{self.file} 第 {self.line} 行：{self.what}。改法：{self.cure}。"


class RulebookError(GradingError):
    """Every fault of a rulebook, checklist or holdings file, found in one run."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep the faults in the order of file and line."""
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))
