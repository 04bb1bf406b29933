"""San Francisco's published scores, all 18,109 of them, computed again by the engine."""

import gzip
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

from grading.checklist import bare_description, finding_code
from tests.grading.shipped import TODAY, checklist, rules

EXTRACT = Path(__file__).parent / "lives-visits.txt.gz"


class _Scored(NamedTuple):
    day: date
    published: int
    computed: object


def _scored() -> list[_Scored]:
    engine, table = rules("san-francisco-lives", TODAY), checklist("lives-sf")
    blank = "-" * len(table.items)
    rows: list[_Scored] = []
    for line in gzip.decompress(EXTRACT.read_bytes()).decode("ascii").splitlines()[1:]:
        day, score, places = line.split(" ")
        codes = [table.items[int(place)].code for place in places.split(",") if place]
        computed = engine.suggest(table, blank, codes).score
        rows.append(_Scored(date.fromisoformat(day), int(score), computed))
    return rows


def test_at_least_97_of_100_published_scores_are_computed_and_every_exception_is_known() -> None:
    rows = _scored()
    later = [row for row in rows if row.day >= date(2015, 1, 1)]
    assert (len(rows), len(later)) == (18109, 2732)
    fit = [row for row in rows if row.computed == row.published]
    fit_later = [row for row in later if row.computed == row.published]
    assert len(fit_later) / len(later) >= 0.97
    assert len(fit) / len(rows) >= 0.97
    assert (len(fit), len(fit_later)) == (17677, 2677)
    exceptions = [row for row in rows if row.computed != row.published]
    assert len(fit) + len(exceptions) == len(rows)
    assert all(isinstance(row.computed, int) for row in exceptions)


def test_every_finding_costs_two_four_or_seven_points_and_is_assumed() -> None:
    book = rules("san-francisco-lives", TODAY).rulebook
    entry = book.cells["finding_points"].on(TODAY)
    assert entry is not None
    assert isinstance(entry.value, dict)
    assert set(Counter(entry.value.values())) == {2, 4, 7}
    assert entry.basis == "assumed"
    assert set(entry.value) == {item.code for item in checklist("lives-sf").items}


def test_a_finding_is_known_by_its_wording_without_the_note_of_its_correction() -> None:
    table = checklist("lives-sf")
    code = "unclean-hands-or-improper-use-of-gloves"
    for text in (
        "Unclean hands or improper use of gloves",
        "Unclean hands or improper use of gloves  [ date violation corrected: 8/7/2014 ]",
        "  unclean hands  or improper use of gloves ",
    ):
        assert finding_code(table, text) == code
    assert finding_code(table, "[ date violation corrected: 8/7/2014 ]") == "not-worded"
    assert finding_code(table, "") == "not-worded"
    assert finding_code(table, "A wording nobody used") is None
    assert bare_description("Non service animal [ sic ]") == "Non service animal [ sic ]"
