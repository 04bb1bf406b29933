"""Plain words for readers: how a grade came about, levels by what tells them apart, one source said once."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile

from markupsafe import Markup

from publishing.public_facts import LevelFacts, RulebookFacts
from publishing.site.words import both

_FACT = re.compile(r"事实：(?P<name>.+?) = (?P<value>.+)")
_STEP = re.compile(r"步骤：(?P<name>.+?) = (?P<value>.+)")
# What the rules page prints with its source, what the page says already, what could not be computed.
_ELSEWHERE = re.compile(r"(规则|规则值|结论)：|步骤：.*无法确定")
_SAYS_NOTHING = {"未知", "无", "是", "否"}
_TABLE_OR_CODE = re.compile(r"→|^[a-z_]+$")


@lru_cache(maxsize=4096)
def plain_steps(lines: tuple[str, ...]) -> tuple[str, ...]:
    """An explanation as a diner can read it: what the unit is, then each value that was reached from it.

    Whatever is not recognised as a fact or a step stays as it came.
    """
    facts: list[str] = []
    steps: list[str] = []
    for line in lines:
        known = _FACT.fullmatch(line) or _STEP.fullmatch(line)
        if known is None:
            if not _ELSEWHERE.match(line):
                steps.append(line)
        elif known["value"] not in _SAYS_NOTHING and not _TABLE_OR_CODE.search(known["value"]):
            (facts if known.re is _FACT else steps).append(f"{known['name']}：{known['value']}")
    return (*(["；".join(facts)] if facts else []), *_without_repetition(steps))


def _without_repetition(steps: Iterable[str]) -> list[str]:
    """Steps that hand a value on under a longer or shorter name are said once."""
    kept: list[str] = []
    for step in steps:
        if kept and (kept[-1].endswith(step) or step.endswith(kept[-1])):
            kept.pop()
        kept.append(step)
    return kept


@lru_cache(maxsize=64)
def scale_of(levels: tuple[LevelFacts, ...]) -> tuple[tuple[str, Markup], ...]:
    """All levels, best first, each by what tells it from the others: `最低`, `较低`, `较高`, `最高`."""
    shorter_zh = _what_differs([level.meaning.zh for level in levels])
    shorter_en = _what_differs([level.meaning.en for level in levels], between=" ")
    return tuple(
        (level.code if len(level.code) == 1 else "", both(zh, en))
        for level, zh, en in zip(levels, shorter_zh, shorter_en, strict=True)
    )


def _what_differs(texts: list[str], between: str = "") -> list[str]:
    """The texts without the beginning and the end that all of them share; whole where one would vanish."""
    start = _shared(texts)
    end = _shared([text[start:][::-1] for text in texts])
    if between and texts:
        start = texts[0].rfind(between, 0, start) + 1
        tail = texts[0][len(texts[0]) - end :]
        end = len(tail) - tail.find(between) if between in tail else 0
    shorter = [text[start : len(text) - end] for text in texts]
    return shorter if all(shorter) else texts


def _shared(texts: list[str]) -> int:
    """With how many equal characters all texts begin."""
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, zip(*texts, strict=False)))


def one_source(book: RulebookFacts) -> bool:
    """Whether all values of a rulebook come from one place and day, so that it is said once."""
    return len({(cell.basis, cell.reference, cell.from_on) for cell in book.cells}) == 1 < len(book.cells)
