"""What templates make of facts: lists in order, counts as phrases, findings with the rest folded away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from inspections.rulebooks.showing import matrix_of
from publishing.public_facts import (
    ArchiveLine,
    EditionFacts,
    EntryFacts,
    FindingFacts,
    SearchRow,
    VisitFacts,
    Words,
)
from publishing.site.labels import LABELS
from publishing.site.plain import one_source, plain_steps, scale_of
from publishing.site.words import both, pair

_LIST_LABELS = {"red": "red", "black": "black", "yellow": "yellow", "other": "unlisted"}
# So many findings stand open: more would push the next blocks off the first screen of a phone.
FINDINGS_OPEN = 3


@dataclass(frozen=True)
class EntryGroup:
    """The entries of one list within an edition; `count` is what the edition states."""

    word: str
    count: int | None
    entries: tuple[EntryFacts, ...]


def list_name(word: str | None) -> Markup:
    """The name of a list in both languages; a colour that has no word here is said as it came."""
    label = _LIST_LABELS.get(word or "other")
    return pair(LABELS[label]) if label else escape(word)


def tally(visit: VisitFacts) -> Markup:
    """How much a visit found, and its score where the scheme has one: `2项问题`."""
    found = _found(len(visit.findings))
    if visit.score is None:
        return found
    return pair(LABELS["score"]) + visit.score + pair(LABELS["comma"]) + found


@lru_cache(maxsize=256)
def _found(count: int) -> Markup:
    if count == 0:
        return pair(LABELS["no_problem"])
    return escape(count) + pair(LABELS["one_problem" if count == 1 else "problems"])


def outcome(visit: VisitFacts) -> Markup:
    """The decided result; where it is withheld or was not decided, that in words."""
    if visit.result is not None:
        return pair(visit.result)
    return pair(LABELS["result_withheld" if visit.provisional or visit.awaits_grading else "result_open"])


def outcome_again(visit: VisitFacts) -> Markup:
    """The result of the re-check; where it is withheld or was not decided, that in words."""
    if visit.recheck_result is not None:
        return pair(visit.recheck_result)
    withheld = visit.recheck_provisional or visit.awaits_grading
    return pair(LABELS["result_withheld" if withheld else "result_open"])


def folded(visit: VisitFacts) -> tuple[tuple[FindingFacts, ...], ...]:
    """The findings that stand open, and the others to fold away: at least two, one alone stays open."""
    findings = visit.findings
    if not findings:
        return ()
    # The first result and that of the re-check take a line each.
    most = FINDINGS_OPEN - 1 if visit.rechecked_on else FINDINGS_OPEN
    return (findings,) if len(findings) <= most else (findings[: most - 1], findings[most - 1 :])


def sentence(parts: tuple[str, ...]) -> str:
    """Several facts as one sentence: `原料过期；后厨地面积水。`"""
    text = "；".join(part.strip().rstrip("；;。") for part in parts)
    return f"{text}。" if text and text[-1] not in "！？!?…" else text


def groups(edition: EditionFacts) -> list[EntryGroup]:
    """An edition's entries list by list: black and red first, always named for an edition of its own."""
    stated = {"black": edition.black_count, "red": edition.red_count}
    words = ["black", "red"] if not edition.is_historical else []
    words += [word for word, count in stated.items() if count is not None and word not in words]
    words += [entry.list_word or "other" for entry in edition.entries]
    found = []
    for word in dict.fromkeys(sorted(words, key=_list_order)):
        entries = tuple(entry for entry in edition.entries if (entry.list_word or "other") == word)
        found.append(EntryGroup(word=word, count=stated.get(word, len(entries)), entries=entries))
    return found


def _list_order(word: str) -> int:
    order = ("black", "red", "yellow")
    return order.index(word) if word in order else len(order) + (word == "other")


def others(edition: EditionFacts) -> int:
    """Units that were checked and are on neither list; none where the counts do not say so."""
    total = edition.checked if edition.checked is not None else edition.drawn
    if total is None or edition.is_historical:
        return 0
    listed = (edition.red_count or 0) + (edition.black_count or 0) + edition.withdrawn
    return max(0, total - listed)


def counted(edition: EditionFacts) -> list[tuple[Words, int, Markup]]:
    """What the edition counts, as pieces that no line breaks: a label, a number, what follows it."""
    shops, stop = pair(LABELS["shops"]), pair(LABELS["stop"])
    chosen = [("drawn_before", edition.drawn), ("checked_before", edition.checked)]
    listed = [("red_list_count", edition.red_count), ("black_list_count", edition.black_count)]
    first = [(LABELS[key], count, shops) for key, count in chosen if count is not None]
    second = [(LABELS[key], count, shops) for key, count in listed if count is not None]
    if second and others(edition):
        second.append((LABELS["others_before"], others(edition), pair(LABELS["others_after"])))
    pieces = []
    for part, end in ((first, pair(LABELS["colon"]) if second else stop), (second, stop)):
        between = [pair(LABELS["comma"])] * (len(part) - 1) + [end]
        pieces += [
            (words, count, after + mark) for (words, count, after), mark in zip(part, between, strict=False)
        ]
    return pieces


def lists_of(row: SearchRow) -> Markup:
    """The lists that a hit is on, in words."""
    words = row.listed.split(",") if row.listed else []
    return Markup().join(
        Markup(" <span class='list {}'>{}</span>").format(word, list_name(word)) for word in words
    )


def in_both(text: str, english: Mapping[str, str]) -> Markup:
    """A fixed word that a hit carries in Chinese, with its English where that is known."""
    return pair(Words(text, english.get(text, text)))


def archive_counts(line: ArchiveLine) -> Markup:
    """What an edition still shows, `黑榜2家，红榜6家`, and how many entries have ended."""
    shops = pair(LABELS["shops"])
    counted = [("black_list_count", line.black), ("red_list_count", line.red)]
    # A list that is empty because its entries have ended is no list without entries.
    shown = [(key, count) for key, count in counted if count or (count is not None and not line.ended)]
    parts = [pair(LABELS[key]) + f"{count}" + shops for key, count in shown]
    if line.ended:
        parts.append(pair(LABELS["ended_short"]) + f"{line.ended}" + both("条", ""))
    return pair(LABELS["comma"]).join(parts)


def year_in_title(edition: EditionFacts) -> int:
    """The year that the title of an own edition says, 0 where it says none."""
    year = edition.title[:4]
    return int(year) if year.isascii() and year.isdigit() else 0


FILTERS: dict[str, Callable[..., object]] = {
    "list_name": list_name,
    "plain_steps": plain_steps,
    "scale_of": scale_of,
    "tally": tally,
    "outcome": outcome,
    "outcome_again": outcome_again,
    "folded": folded,
    "sentence": sentence,
    "groups": groups,
    "counted": counted,
    "in_both": in_both,
    "lists_of": lists_of,
    "archive_counts": archive_counts,
    "year_in_title": year_in_title,
    "one_source": one_source,
    "matrix_of": matrix_of,
}
