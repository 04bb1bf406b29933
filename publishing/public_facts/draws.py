"""The allow-list of draws: what is public before a draw, and what its certificate shows after the reveal."""

from dataclasses import dataclass, field
from datetime import date, datetime

from publishing.public_facts.words import Words, means


@dataclass(frozen=True)
class StratumFacts:
    """One stratum of a draw, with what its quota was worked out from."""

    name: str = field(metadata=means("what its units have in common, `餐馆`"))
    weight: int = field(metadata=means("how often one of it is drawn beside one of weight 1"))
    size: int = field(metadata=means("units in it"))
    quota: int = field(metadata=means("units drawn from it"))


@dataclass(frozen=True)
class DrawnUnitFacts:
    """One unit that was drawn, or opened as a substitute. Inspectors are numbers of this draw alone."""

    code: str = field(metadata=means("storefront code of the door on the day of the draw"))
    stratum: str = field(metadata=means("its stratum"))
    place: int = field(metadata=means("place in its stratum's order"))
    ticket: str = field(metadata=means("its ticket, cut to ten digits"))
    inspectors: tuple[str, ...] = field(metadata=means("random numbers of its inspectors in this draw"))
    replaces: str | None = field(default=None, metadata=means("code of the unit it stands for"))
    is_out: bool = field(default=False, metadata=means("excluded, or replaced by a substitute"))


@dataclass(frozen=True)
class DrawEventFacts:
    """Something that happened to a draw."""

    what: Words = field(metadata=means("kind of event"))
    happened_at: datetime = field(metadata=means("instant"))
    code: str | None = field(default=None, metadata=means("storefront code of the unit it is about"))
    replaces: str | None = field(default=None, metadata=means("code of the unit that was replaced"))
    inspector: str | None = field(default=None, metadata=means("number of an inspector in this draw"))
    reason: str = field(default="", metadata=means("reason, as the certificate says it"))


@dataclass(frozen=True)
class OpenedDrawFacts:
    """What a draw kept secret until the reveal."""

    nonce: str = field(metadata=means("the secret number in hex"))
    value: str | None = field(metadata=means("the public value, none where none was entered"))
    value_source: str = field(default="", metadata=means("who, where and how it came about"))
    value_known_at: datetime | None = field(default=None, metadata=means("when it was known"))
    value_link: str | None = field(default=None, metadata=means("where it can be looked up"))
    value_photo: str | None = field(default=None, metadata=means("SHA-256 of the kept picture"))
    value_picture: str | None = field(default=None, metadata=means("path of its file beside the page"))
    seed: str | None = field(default=None, metadata=means("the seed in hex"))
    pool_size: int = field(default=0, metadata=means("units in the pool"))
    inspectors: int = field(default=0, metadata=means("inspectors in the roster"))
    load: int = field(default=0, metadata=means("units that one inspector takes at most"))
    strata: tuple[StratumFacts, ...] = field(default=(), metadata=means("strata with their quotas"))
    units: tuple[DrawnUnitFacts, ...] = field(default=(), metadata=means("units in the order chosen"))
    events: tuple[DrawEventFacts, ...] = field(default=(), metadata=means("everything that happened"))
    is_void: bool = field(default=False, metadata=means("given up for another draw"))


@dataclass(frozen=True)
class DrawFacts:
    """One draw: what was said before it, and after the reveal all of it."""

    number: int = field(metadata=means("1, and one more for each redraw"))
    source: str = field(metadata=means("where the public value was to come from"))
    value_at: datetime = field(metadata=means("when it was to be known"))
    committed_at: datetime = field(metadata=means("instant of the commitment"))
    roster_sha256: str = field(metadata=means("SHA-256 of the roster"))
    nonce_sha256: str = field(metadata=means("SHA-256 of the secret number"))
    opened: OpenedDrawFacts | None = field(default=None, metadata=means("none before the reveal"))


@dataclass(frozen=True)
class CampaignDrawFacts:
    """The page of a campaign's draws: the announcement, later the certificate."""

    key: str = field(metadata=means("`2026-11`"))
    path: str = field(metadata=means("path of the page"))
    title: str = field(metadata=means("`2026年第11期`"))
    theme: str = field(metadata=means("theme of the month"))
    pool: str = field(metadata=means("rule of the pool in one sentence"))
    strata: str = field(metadata=means("by what the pool is divided"))
    weights: tuple[tuple[str, int], ...] = field(metadata=means("published weights; 1 where not named"))
    draw_count: int = field(metadata=means("units to be drawn"))
    guests: tuple[tuple[str, int], ...] = field(metadata=means("guests by role, without names"))
    reveal_by: date = field(metadata=means("last day by which all becomes public"))
    revealed_on: date | None = field(metadata=means("day of the reveal, none before it"))
    is_overdue: bool = field(metadata=means("the last day has passed without a reveal"))
    draws: tuple[DrawFacts, ...] = field(metadata=means("every draw, void ones too, in order"))


@dataclass(frozen=True)
class DrawLink:
    """The way to the page of a draw."""

    path: str = field(metadata=means("path of the page"))
    title: str = field(metadata=means("`2026年第11期`"))
    theme: str = field(metadata=means("theme of the month"))
    is_revealed: bool = field(metadata=means("the page is a certificate, no longer an announcement"))


@dataclass(frozen=True)
class NominationLink:
    """The way to the page on which the public says whom it would like visited."""

    path: str = field(metadata=means("path of the page"))
    title: str = field(metadata=means("`2026年第12期`"))
    theme: str = field(metadata=means("theme of the month"))
    until: datetime = field(metadata=means("when the pool closes"))
