"""Scales: the words of a scheme's outcomes from best to worst, with their meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Level:
    """One word of a scale, as people read it."""

    id: str
    zh: str
    en: str
    meaning_zh: str = ""
    meaning_en: str = ""


@dataclass(frozen=True)
class Scale:
    """Levels from best to worst, and words outside the order such as "not graded"."""

    name: str
    label: str
    levels: tuple[Level, ...]
    outside: tuple[Level, ...] = ()

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Return each word's rank, 0 best; a word outside the order ranks below the worst."""
        inside = {level.id: rank for rank, level in enumerate(self.levels)}
        return {**{level.id: len(inside) for level in self.outside}, **inside}

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Return every word of the scale."""
        return tuple(level.id for level in (*self.levels, *self.outside))

    def level(self, word: str) -> Level:
        """Return the level of a word; raises KeyError for a word the scale does not have."""
        for level in (*self.levels, *self.outside):
            if level.id == word:
                return level
        raise KeyError(word)

    def shifted(self, word: str, steps: int) -> str:
        """Return the word so many steps worse (negative: better), never beyond either end."""
        rank = self.ranks[word]
        if rank >= len(self.levels):
            return word
        return self.levels[max(0, min(len(self.levels) - 1, rank + steps))].id
