"""RFC 3797: choosing a few people out of a numbered list from several public numbers, for committees.

Its digest is MD5 and one late removal shifts everybody after it: units are drawn by tickets, not by this.
"""

import hashlib
from collections.abc import Iterable, Sequence

from inspections.campaigns.drawing.canonical import DrawError

LARGEST_POOL = 65_535


def key_string(sources: Iterable[Sequence[int]]) -> str:
    """The key of the announced sources: each one's numbers ascending, `.` after each, `/` after the last."""
    return "".join("".join(f"{number}." for number in sorted(source)) + "/" for source in sources)


def choose(key: str, pool: int, wanted: int) -> list[int]:
    """The numbers chosen out of 1 to `pool`, in the order in which they were chosen."""
    if not 1 <= wanted <= pool <= LARGEST_POOL:
        raise DrawError(
            f"要从 {pool} 人里选 {wanted} 人；人数应在 1 到 {LARGEST_POOL} 之间，且不少于要选的人数。"
        )
    left = list(range(1, pool + 1))
    return [left.pop(digest_of(key, turn) % len(left)) for turn in range(wanted)]


def digest_of(key: str, turn: int) -> int:
    """The 128-bit number of one turn, counted from 0."""
    around = turn.to_bytes(2, "big")
    digest = hashlib.md5(around + key.encode("ascii") + around, usedforsecurity=False).digest()
    return int.from_bytes(digest, "big")
