"""The shipped rulebooks and checklists, read once for all tests of the engine."""

from datetime import date
from functools import cache
from pathlib import Path

from grading.bundles import base_of, bundle, overlay
from grading.checklist import Checklist, checklist_text, read_checklist
from grading.entering import LocalEntry, entered
from grading.rulebook import Rulebook, read_rulebook
from grading.rules import Rules

SEEDS = Path(__file__).parents[2] / "seeds"
SCHEMES = tuple(sorted(path.parent.name for path in SEEDS.glob("rulebooks/*/scheme.yaml")))
CHECKLISTS = tuple(sorted(path.stem for path in SEEDS.glob("checklists/*.yaml")))
TODAY = date(2026, 11, 24)


def scheme_files(scheme: str) -> dict[str, str]:
    """Return the files of a scheme by name."""
    folder = SEEDS / "rulebooks" / scheme
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.yaml"))}


@cache
def scheme_text(scheme: str) -> str:
    """Return a scheme's canonical text, its base below it."""
    files = scheme_files(scheme)
    base = base_of(files)
    return bundle(files, scheme) if base is None else overlay(scheme_text(base), files, scheme)


@cache
def rulebook(scheme: str) -> Rulebook:
    """Return a shipped rulebook."""
    return read_rulebook(scheme_text(scheme))


@cache
def rules(scheme: str, day: date, local: tuple[tuple[str, str], ...] = ()) -> Rules:
    """Return the rules of a day, with values entered by a bureau on top."""
    text = scheme_text(scheme)
    for cell, value in local:
        first_day = rulebook(scheme).cells[cell.partition(".")[0]].entries[0].first_day
        text = entered(text, LocalEntry(cell, value, first_day, "会议纪要", "0" * 64, "li"))
    return read_rulebook(text).on(day)


@cache
def checklist(name: str) -> Checklist:
    """Return a shipped checklist."""
    content = (SEEDS / "checklists" / f"{name}.yaml").read_text("utf-8")
    return read_checklist(checklist_text(f"{name}.yaml", content))


def answers(table: Checklist, **failed: int) -> str:
    """Return answers in which so many items of each mark fail: `key=1, general=3`."""
    left = dict(failed)
    letters = []
    for item in table.items:
        fails = left.get(item.mark, 0) > 0
        left[item.mark] = left.get(item.mark, 0) - 1
        letters.append("F" if fails else "P")
    return "".join(letters)
