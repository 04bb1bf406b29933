"""The allow-list of what a draw may say in public, as `public_facts.py` is for everything else."""

from dataclasses import dataclass, field
from datetime import date, datetime

from publishing.public_facts import Words


def _means(help_text: str) -> dict[str, str]:
    return {"help": help_text}


@dataclass(frozen=True)
class StratumFacts:
    """One stratum of a draw, with what its quota was worked out from."""

    name: str = field(metadata=_means("what its units have in common, `餐馆`"))
    weight: int = field(metadata=_means("how often one of it is drawn beside one of weight 1"))
    size: int = field(metadata=_means("units in it"))
    quota: int = field(metadata=_means("units drawn from it"))


@dataclass(frozen=True)
class DrawnUnitFacts:
    """One unit that was drawn, or opened as a substitute. Inspectors are numbers of this draw alone."""

    code: str = field(metadata=_means("storefront code of the door on the day of the draw"))
    stratum: str = field(metadata=_means("its stratum"))
    place: int = field(metadata=_means("place in its stratum's order"))
    ticket: str = field(metadata=_means("its ticket, cut to ten digits"))
    inspectors: tuple[str, ...] = field(metadata=_means("random numbers of its inspectors in this draw"))
    replaces: str | None = field(default=None, metadata=_means("code of the unit it stands for"))
    is_out: bool = field(default=False, metadata=_means("excluded, or replaced by a substitute"))


@dataclass(frozen=True)
class DrawEventFacts:
    """Something that happened to a draw."""

    what: Words = field(metadata=_means("kind of event"))
    happened_at: datetime = field(metadata=_means("instant"))
    code: str | None = field(default=None, metadata=_means("storefront code of the unit it is about"))
    replaces: str | None = field(default=None, metadata=_means("code of the unit that was replaced"))
    inspector: str | None = field(default=None, metadata=_means("number of an inspector in this draw"))
    reason: str = field(default="", metadata=_means("reason, as the certificate says it"))


@dataclass(frozen=True)
class OpenedDrawFacts:
    """What a draw kept secret until the reveal."""

    nonce: str = field(metadata=_means("the secret number in hex"))
    value: str | None = field(metadata=_means("the public value, none where none was entered"))
    value_source: str = field(default="", metadata=_means("who, where and how it came about"))
    value_known_at: datetime | None = field(default=None, metadata=_means("when it was known"))
    value_link: str | None = field(default=None, metadata=_means("where it can be looked up"))
    value_photo: str | None = field(default=None, metadata=_means("SHA-256 of the kept picture"))
    seed: str | None = field(default=None, metadata=_means("the seed in hex"))
    pool_size: int = field(default=0, metadata=_means("units in the pool"))
    inspectors: int = field(default=0, metadata=_means("inspectors in the roster"))
    load: int = field(default=0, metadata=_means("units that one inspector takes at most"))
    strata: tuple[StratumFacts, ...] = field(default=(), metadata=_means("strata with their quotas"))
    units: tuple[DrawnUnitFacts, ...] = field(default=(), metadata=_means("units in the order chosen"))
    events: tuple[DrawEventFacts, ...] = field(default=(), metadata=_means("everything that happened"))
    is_void: bool = field(default=False, metadata=_means("given up for another draw"))


@dataclass(frozen=True)
class DrawFacts:
    """One draw: what was said before it, and after the reveal all of it."""

    number: int = field(metadata=_means("1, and one more for each redraw"))
    source: str = field(metadata=_means("where the public value was to come from"))
    value_at: datetime = field(metadata=_means("when it was to be known"))
    committed_at: datetime = field(metadata=_means("instant of the commitment"))
    roster_sha256: str = field(metadata=_means("SHA-256 of the roster"))
    nonce_sha256: str = field(metadata=_means("SHA-256 of the secret number"))
    opened: OpenedDrawFacts | None = field(default=None, metadata=_means("none before the reveal"))


@dataclass(frozen=True)
class CampaignDrawFacts:
    """The page of a campaign's draws: the announcement, later the certificate."""

    key: str = field(metadata=_means("`2026-11`"))
    path: str = field(metadata=_means("path of the page"))
    title: str = field(metadata=_means("`2026年第11期`"))
    theme: str = field(metadata=_means("theme of the month"))
    pool: str = field(metadata=_means("rule of the pool in one sentence"))
    strata: str = field(metadata=_means("by what the pool is divided"))
    weights: tuple[tuple[str, int], ...] = field(metadata=_means("published weights; 1 where not named"))
    draw_count: int = field(metadata=_means("units to be drawn"))
    guests: tuple[tuple[str, int], ...] = field(metadata=_means("guests by role, without names"))
    reveal_by: date = field(metadata=_means("last day by which all becomes public"))
    revealed_on: date | None = field(metadata=_means("day of the reveal, none before it"))
    is_overdue: bool = field(metadata=_means("the last day has passed without a reveal"))
    draws: tuple[DrawFacts, ...] = field(metadata=_means("every draw, void ones too, in order"))
