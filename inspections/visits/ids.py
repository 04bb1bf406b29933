"""Many ids in parts that one query can take."""

from collections.abc import Iterable, Iterator

IN_ONE_QUERY = 1000


def in_parts(ids: Iterable[int]) -> Iterator[list[int]]:
    """The distinct ids in order, so many at a time."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), IN_ONE_QUERY):
        yield wanted[start : start + IN_ONE_QUERY]
