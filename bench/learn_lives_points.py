"""Learn the points of each kind of finding from a LIVES feed, and say how well they fit.

The feed tells which findings a visit had and its score, but not what each finding costs. This
tool finds the points (2, 4 or 7) that reproduce the scores of visits before a day, prints them as
the two data files of the scheme, and reports the share of scores they reproduce. It is
deterministic: the same feed gives the same bytes.
"""

import argparse
import csv
import io
import re
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from grading.checklist import bare_description

CHOICES = (2, 4, 7)
FULL = 100


@dataclass(frozen=True)
class ScoredVisit:
    """One visit of the feed with its published score."""

    unit: str
    day: str
    score: int
    findings: tuple[str, ...]


def rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file that may hold bytes that are not UTF-8."""
    text = path.read_bytes().decode("utf-8", errors="surrogateescape")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_feed(folder: Path) -> tuple[list[ScoredVisit], Counter[str]]:
    """Return every scored visit with its findings, and how often each wording occurs at all."""
    wordings: Counter[str] = Counter()
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows(folder / "violations.csv"):
        wording = bare_description(row["description"])
        wordings[wording] += 1
        found[row["business_id"], row["date"]].append(wording)
    visits = [
        ScoredVisit(
            row["business_id"],
            row["date"],
            int(row["score"]),
            tuple(found.get((row["business_id"], row["date"]), ())),
        )
        for row in rows(folder / "inspections.csv")
    ]
    return visits, wordings


def computed(visit: ScoredVisit, points: dict[str, int]) -> int:
    """Return the score that the points give."""
    return max(0, FULL - sum(points[wording] for wording in visit.findings))


def learn(visits: list[ScoredVisit], wordings: Counter[str]) -> dict[str, int]:
    """Return the points that reproduce most scores: start from visits with one kind of finding,
    then change one kind at a time as long as more scores fit."""
    points = dict.fromkeys(wordings, CHOICES[0])
    alone: dict[str, Counter[int]] = defaultdict(Counter)
    having: dict[str, list[ScoredVisit]] = defaultdict(list)
    for visit in visits:
        for wording in set(visit.findings):
            having[wording].append(visit)
        if len(set(visit.findings)) == 1 and (FULL - visit.score) % len(visit.findings) == 0:
            alone[visit.findings[0]][(FULL - visit.score) // len(visit.findings)] += 1
    for wording, seen in alone.items():
        points[wording] = max(CHOICES, key=lambda choice: seen[choice])
    while _improved(points, having):
        pass
    return points


def _improved(points: dict[str, int], having: dict[str, list[ScoredVisit]]) -> bool:
    changed = False
    for wording in sorted(having):
        fits = {
            choice: sum(
                computed(visit, {**points, wording: choice}) == visit.score for visit in having[wording]
            )
            for choice in CHOICES
        }
        best = max(CHOICES, key=lambda choice: (fits[choice], choice == points[wording]))
        if best != points[wording]:
            points[wording] = best
            changed = True
    return changed


def codes(wordings: Counter[str]) -> dict[str, str]:
    """Return a readable, stable code for each wording."""
    found: dict[str, str] = {}
    for wording in sorted(wordings):
        words = re.findall(r"[a-z0-9]+", wording.casefold())
        found[wording] = "-".join(words) or "not-worded"
    if len(set(found.values())) != len(found):
        raise SystemExit("two wordings share one code; make codes() tell them apart")
    return found


def share(visits: list[ScoredVisit], points: dict[str, int]) -> str:
    """Return how many published scores the points reproduce, in words."""
    fit = sum(computed(visit, points) == visit.score for visit in visits)
    return f"{fit} of {len(visits)} ({100 * fit / len(visits):.2f} %)"


def main() -> None:
    """Print the checklist or the points as data, or the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("feed", type=Path)
    parser.add_argument("--before", default="20150101")
    parser.add_argument("--print", choices=("report", "checklist", "points"), default="report")
    options = parser.parse_args()
    visits, wordings = read_feed(options.feed)
    earlier = [visit for visit in visits if visit.day < options.before]
    points = learn(earlier, wordings)
    named = codes(wordings)
    if options.print == "checklist":
        for wording, code in named.items():
            text = f'"{wording}"' if wording else '"(no wording in the feed)"'
            sys.stdout.write(
                f"  - {{code: {code}, section: LIVES, text: {text}, text_en: {text},"
                f' published: "{wording}"}}\n'
            )
    elif options.print == "points":
        for wording, code in named.items():
            sys.stdout.write(f"          {code}: {points[wording]}\n")
    else:
        later = [visit for visit in visits if visit.day >= options.before]
        for name, group in (("learnt from", earlier), ("later", later), ("all", visits)):
            sys.stdout.write(f"{name}: {share(group, points)}\n")


if __name__ == "__main__":
    main()
