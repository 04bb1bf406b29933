"""Chance that repeats: the same seed gives the same choices on every machine and Python."""

# The one place that draws predictable numbers: nothing that must be secret comes from here.
import random  # noqa: TID251  # a seeded generator of its own, as demonstration data needs
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """A seeded sequence of choices; only `Random.random` is used, whose sequence Python guarantees."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(str(part) for part in seed)
        self._draw = random.Random(self._seed).random  # noqa: S311  # repeats on purpose

    def child(self, *name: object) -> "Chance":
        """A sequence of its own for a part, untouched by what other parts draw."""
        return Chance(self._seed, *name)

    def below(self, count: int) -> int:
        """A number from 0 to `count` - 1."""
        return int(self._draw() * count)

    def between(self, least: int, most: int) -> int:
        """A number from `least` to `most`, both included."""
        return least + int(self._draw() * (most - least + 1))

    def percent(self, share: int) -> bool:
        """Yes in `share` of a hundred cases."""
        return self._draw() * 100 < share

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely as the others."""
        return choices[int(self._draw() * len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[int]) -> T:
        """One of the choices, as likely as its weight says."""
        left = self._draw() * sum(weights)
        for choice, weight in zip(choices, weights, strict=True):
            left -= weight
            if left < 0:
                return choice
        return choices[-1]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """All choices in some order."""
        rest = list(choices)
        for last in range(len(rest) - 1, 0, -1):
            other = int(self._draw() * (last + 1))
            rest[last], rest[other] = rest[other], rest[last]
        return rest

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different choices (all where there are fewer)."""
        return self.shuffled(choices)[:count]

    def octets(self, count: int) -> bytes:
        """`count` bytes, for whoever wants a source of random bytes."""
        return bytes(int(self._draw() * 256) for _ in range(count))
