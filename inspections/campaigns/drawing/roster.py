"""The roster that a draw commits to: who can be drawn, in which stratum, how many, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspections.campaigns.drawing.canonical import DrawError, canonical, sha256_text
from inspections.campaigns.drawing.quotas import Share, quotas

TEAM = 2
"""A lead and a second inspector; each visit is made by two."""


@dataclass(frozen=True)
class Stratum:
    """A part of the pool inside which everybody has the same chance."""

    name: str
    weight: int
    size: int
    quota: int


@dataclass(frozen=True)
class Roster:
    """Everything that decides a draw besides its seed. Units by door code, inspectors by number."""

    campaign: str
    draw: int
    draw_count: int
    substitutes: int
    load: int
    salt: str
    strata: tuple[Stratum, ...]
    units: tuple[tuple[str, str], ...]
    """Door code and stratum, by code."""
    inspectors: tuple[str, ...]
    barred: tuple[str, ...] = ()
    """Salted hashes of pairs that may not meet, in ascending order."""

    def text(self) -> str:
        """The canonical text whose hash is published before the draw."""
        return canonical(self.as_json())

    @property
    def commitment(self) -> str:
        """The SHA-256 of the canonical text."""
        return sha256_text(self.text())

    def codes_in(self, stratum: str) -> list[str]:
        """The door codes of a stratum."""
        return [code for code, of in self.units if of == stratum]

    def as_json(self) -> dict[str, Any]:
        """The roster as it stands in a certificate."""
        return {
            "campaign": self.campaign,
            "draw": self.draw,
            "draw_count": self.draw_count,
            "substitutes": self.substitutes,
            "load": self.load,
            "salt": self.salt,
            "strata": [
                {"name": s.name, "weight": s.weight, "size": s.size, "quota": s.quota} for s in self.strata
            ],
            "units": [{"unit": code, "stratum": stratum} for code, stratum in self.units],
            "inspectors": list(self.inspectors),
            "barred": list(self.barred),
        }


@dataclass(frozen=True)
class RosterTerms:
    """What a manager decides of a roster, apart from who is in it."""

    campaign: str
    draw: int
    draw_count: int
    substitutes: int
    load: int
    salt: str


def make_roster(
    terms: RosterTerms,
    units: Mapping[str, str],
    weights: Mapping[str, int],
    inspectors: Sequence[str],
    barred: Sequence[str] = (),
) -> Roster:
    """The roster of these units (stratum by door code), with its sizes and quotas worked out."""
    if len(set(inspectors)) != len(inspectors):
        raise DrawError("有两位检查人员的编号相同；编号必须各不相同。")
    sizes: dict[str, int] = {}
    for stratum in units.values():
        sizes[stratum] = sizes.get(stratum, 0) + 1
    shares = [Share(name, weights.get(name, 1), sizes[name]) for name in sorted(sizes)]
    quota = quotas(terms.draw_count, shares)
    return Roster(
        campaign=terms.campaign,
        draw=terms.draw,
        draw_count=terms.draw_count,
        substitutes=terms.substitutes,
        load=terms.load,
        salt=terms.salt,
        strata=tuple(Stratum(s.name, s.weight, s.size, quota[s.name]) for s in shares),
        units=tuple(sorted(units.items())),
        inspectors=tuple(sorted(inspectors)),
        barred=tuple(sorted(barred)),
    )


def read_roster(value: Mapping[str, Any]) -> Roster:
    """A roster from its JSON."""
    return Roster(
        campaign=value["campaign"],
        draw=value["draw"],
        draw_count=value["draw_count"],
        substitutes=value["substitutes"],
        load=value["load"],
        salt=value["salt"],
        strata=tuple(Stratum(s["name"], s["weight"], s["size"], s["quota"]) for s in value["strata"]),
        units=tuple((u["unit"], u["stratum"]) for u in value["units"]),
        inspectors=tuple(value["inspectors"]),
        barred=tuple(value["barred"]),
    )
