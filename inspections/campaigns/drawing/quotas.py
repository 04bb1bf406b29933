"""How many are drawn in each stratum: largest remainder from published weights, in whole numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspections.campaigns.drawing.canonical import DrawError


@dataclass(frozen=True)
class Share:
    """A stratum that asks for its quota: how many it holds, and how often one of them is drawn."""

    name: str
    weight: int
    size: int


def quotas(wanted: int, strata: Sequence[Share]) -> dict[str, int]:
    """The quota of each stratum; a unit's chance grows with its stratum's weight.

    Strata share by weight times size. A quota above a stratum's size passes its surplus on: it is shared by
    the same rule among the strata that have room, until nothing is left.
    """
    _refuse(wanted, strata)
    given = {stratum.name: 0 for stratum in strata}
    left = wanted
    while left:
        with_room = [stratum for stratum in strata if given[stratum.name] < stratum.size]
        shares = largest_remainder(left, {s.name: s.weight * s.size for s in with_room})
        for stratum in with_room:
            room = stratum.size - given[stratum.name]
            given[stratum.name] += min(room, shares[stratum.name])
        left = wanted - sum(given.values())
    return given


def largest_remainder(seats: int, claims: Mapping[str, int]) -> dict[str, int]:
    """Whole seats by claims; the last ones go to the largest remainders, ties by name in code-point order."""
    total = sum(claims.values())
    given = {name: seats * claim // total for name, claim in claims.items()}
    by_remainder = sorted(claims, key=lambda name: (-(seats * claims[name] % total), name))
    for name in by_remainder[: seats - sum(given.values())]:
        given[name] += 1
    return given


def _refuse(wanted: int, strata: Sequence[Share]) -> None:
    names = [stratum.name for stratum in strata]
    if len(set(names)) != len(names):
        raise DrawError("有两个层同名；层名必须各不相同。")
    for stratum in strata:
        if stratum.weight < 1 or stratum.size < 1:
            raise DrawError(f"层“{stratum.name}”的权重和数量都应是正整数。")
    held = sum(stratum.size for stratum in strata)
    if not 1 <= wanted <= held:
        raise DrawError(f"要抽 {wanted} 家，抽查库里有 {held} 家；抽取数应在 1 和库中家数之间。")
