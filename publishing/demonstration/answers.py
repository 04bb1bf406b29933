"""What inspectors answered and noted at one visit: a letter per item, a sentence per failed one."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from grading.checklist import Item
from grading.vocabulary import Answer
from inspections.units.register_file import UnitRow
from publishing.demonstration.chance import Chance
from publishing.demonstration.words import FindingWords, checklist, finding_words

_TEXT_UNKNOWN = "3.2"
_COLD_WORK = "P3.05"
_FRYING = "P3.07"
_NO_DINING_ROOM = "P9.02"
_COLD = {"cold", "raw", "pastry"}


class Level(StrEnum):
    """How a visit went: nothing found, one to three slight things, more of them, something grave."""

    CLEAN = "clean"
    SLIGHT = "slight"
    SEVERAL = "several"
    GRAVE = "grave"


@dataclass(frozen=True)
class Note:
    """One failed item as written down."""

    code: str
    text: str
    letter: str
    corrected_on_spot: bool
    deadline_on: date | None = None
    corrected_on: date | None = None


@dataclass(frozen=True)
class Sheet:
    """A filled checklist."""

    answers: str
    notes: tuple[Note, ...]


class Inspector:
    """Fills the checklist at one unit."""

    def __init__(self, chance: Chance, row: UnitRow) -> None:
        self._chance = chance
        self._away = frozenset(item.code for item in checklist().items if not _applies(item, row))
        self._pool = [words for words in finding_words() if words.code not in self._away]

    def fill(
        self,
        level: Level,
        day: date,
        *,
        theme: tuple[str, ...] = (),
        theme_fails: bool = False,
        only_part: bool = False,
        deadline_on: date | None = None,
    ) -> Sheet:
        """Answers of one visit; `theme` items fail only where asked, grave ones always may.

        `deadline_on` is set for what affects safety.
        """
        found = self._slight(level, theme, theme_fails=theme_fails)
        if level is Level.GRAVE:
            found = [(self._grave(), Answer.FAIL_SAFETY.value), *found]
        notes = tuple(self._note(words, letter, day, deadline_on) for words, letter in found)
        return Sheet(self._letters(notes, only_part=only_part), notes)

    def after(self, notes: tuple[Note, ...], day: date, *, passed: bool) -> Sheet:
        """The re-check of what was found: all mended, or the worst of it not."""
        left = () if passed else (_again(notes[0], day),)
        return Sheet(self._letters(left, only_part=False), left)

    def _slight(
        self, level: Level, theme: tuple[str, ...], *, theme_fails: bool
    ) -> list[tuple[FindingWords, str]]:
        least, most = {"clean": (0, 0), "slight": (1, 3), "several": (4, 7), "grave": (1, 4)}[level.value]
        count = self._chance.between(least, most)
        mild = [words for words in self._pool if words.H and not words.grave]
        outside = [words for words in mild if words.code not in theme]
        inside = [words for words in mild if words.code in theme]
        chosen = [self._chance.pick(inside)] if theme_fails and inside else []
        while len(chosen) < count:
            words = self._chance.weighted(outside, [one.often for one in outside])
            if words not in chosen:
                chosen.append(words)
        return [(words, self._letter(words)) for words in chosen]

    def _letter(self, words: FindingWords) -> str:
        mark = checklist().items[checklist().position[words.code]].mark
        matters = mark != "key" and words.S and self._chance.percent(12)
        return Answer.FAIL_SAFETY.value if matters else Answer.FAIL_SLIGHT.value

    def _grave(self) -> FindingWords:
        grave = [words for words in self._pool if words.grave]
        return self._chance.weighted(grave, [words.often for words in grave])

    def _note(self, words: FindingWords, letter: str, day: date, deadline_on: date | None) -> Note:
        if letter == Answer.FAIL_SAFETY.value:
            until = deadline_on or day + timedelta(days=self._chance.between(7, 14))
            return Note(words.code, self._chance.pick(words.S), letter, False, until)
        text = self._chance.pick(words.H)
        if self._chance.percent(60):
            return Note(words.code, text, letter, True)
        until = day + timedelta(days=self._chance.between(5, 10))
        return Note(
            words.code, text, letter, False, until, until - timedelta(days=self._chance.between(0, 3))
        )

    def _letters(self, notes: tuple[Note, ...], *, only_part: bool) -> str:
        failed = {note.code: note.letter for note in notes}
        letters = []
        for item in checklist().items:
            letter = Answer.NOT_APPLICABLE.value if item.code in self._away else Answer.PASS.value
            if only_part and self._chance.percent(45):
                letter = Answer.NOT_CHECKED.value
            letters.append(failed.get(item.code, letter))
        return "".join(letters)


def _again(note: Note, day: date) -> Note:
    return Note(
        note.code, f"上次检查的问题没有改正：{note.text}", note.letter, False, day + timedelta(days=7)
    )


def _applies(item: Item, row: UnitRow) -> bool:
    if item.code in _absent(row):
        return False
    return not item.applies_to or bool(_who(row) & set(item.applies_to))


@cache
def _absent(row: UnitRow) -> frozenset[str]:
    """Items that have no object at this unit, whatever the checklist says of whom they are for."""
    made = set(row.food_categories.split(","))
    absent = {_TEXT_UNKNOWN}
    if not made & _COLD:
        absent.add(_COLD_WORK)
    if "hot" not in made:
        absent.add(_FRYING)
    if row.seats:
        absent.add(_NO_DINING_ROOM)
    return frozenset(absent)


@cache
def _who(row: UnitRow) -> frozenset[str]:
    """Under which words of the checklist's `applies_to` a unit falls."""
    kinds = {
        "school_canteen": {"学校食堂", "中小学食堂", "特定餐饮服务提供者"},
        "kindergarten_canteen": {"托幼食堂", "幼儿园食堂", "特定餐饮服务提供者"},
        "central_kitchen": {"中央厨房", "特定餐饮服务提供者"},
        "collective_delivery": {"集体用餐配送", "特定餐饮服务提供者"},
    }
    words = set(kinds.get(row.unit_type, set()))
    if "elderly" in row.special_groups:
        words.add("养老食堂")
    if row.online_ordering:
        words.add("网络餐饮")
    return frozenset(words)
