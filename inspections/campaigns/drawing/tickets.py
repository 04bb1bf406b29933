"""A ticket per identifier, and the order by tickets: whoever leaves or joins changes nobody else's place.

The ticket is a fraction: the decimal digits of SHA-256(SHA-256(seed) in hex + identifier), zero-padded to 64
and reversed, so that the evenly distributed low digits come first. Published as `consistent_sampler`.
"""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

_SHOWN_DIGITS = 10


class Ticket(NamedTuple):
    """A number between 0 and 1 as text, and whose it is; tickets sort in the order of the draw."""

    number: str
    id: str

    @property
    def shown(self) -> str:
        """The number as people compare it, cut and not rounded."""
        return self.number[: 2 + _SHOWN_DIGITS]


def tickets(seed: str, ids: Iterable[str]) -> list[Ticket]:
    """The ticket of each identifier, in the order given."""
    start = hashlib.sha256(hashlib.sha256(seed.encode()).hexdigest().encode())
    drawn = []
    for one in ids:
        digest = start.copy()
        digest.update(one.encode())
        drawn.append(Ticket("0." + f"{int.from_bytes(digest.digest(), 'big'):064d}"[::-1], one))
    return drawn


def in_order(seed: str, ids: Iterable[str]) -> list[Ticket]:
    """The tickets in the order of the draw."""
    return sorted(tickets(seed, ids))
