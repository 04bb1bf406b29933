"""The certificate: everything about a campaign's draws, as JSON that proves itself and loses nothing.

Until the reveal it holds the commitments and the announcement alone; a draw that was void stands in it whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspections.campaigns.drawing.commitments import BarredPair
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.replay import Chosen, Play
from inspections.campaigns.drawing.roster import Roster

FORMAT = "honghei-draw/1"


@dataclass(frozen=True)
class Heading:
    """What a certificate says of its campaign."""

    campaign: str
    title: str
    theme: str
    pool: str
    strata: str
    weights: Mapping[str, int]
    authority: str
    reveal_by: str
    revealed_at: str | None


@dataclass(frozen=True)
class Commitment:
    """What was public before the draw."""

    number: int
    roster_sha256: str
    nonce_sha256: str
    committed_at: str
    source: str
    value_at: str

    def as_json(self) -> dict[str, Any]:
        """The commitment as it stands in a certificate."""
        return {
            "roster_sha256": self.roster_sha256,
            "nonce_sha256": self.nonce_sha256,
            "committed_at": self.committed_at,
            "source": self.source,
            "value_at": self.value_at,
        }


@dataclass(frozen=True)
class PublicValue:
    """The public value with where it came from; `photo` is the SHA-256 of a picture that is kept."""

    text: str
    source: str
    known_at: str
    link: str | None = None
    photo: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The value as it stands in a certificate."""
        return {
            "text": self.text,
            "source": self.source,
            "known_at": self.known_at,
            "link": self.link,
            "photo_sha256": self.photo,
        }


@dataclass(frozen=True)
class Happening:
    """One event with its instant and, where it needs one, its reason."""

    step: DrawStep
    at: str
    reason: str = ""

    def as_json(self, number: int) -> dict[str, Any]:
        """The event as it stands in a certificate; what it is not about is absent."""
        about = {
            "unit": self.step.unit,
            "replaces": self.step.replaces,
            "inspector": self.step.inspector,
            "reason": self.reason or None,
        }
        said = {name: value for name, value in about.items() if value is not None}
        return {"n": number, "kind": self.step.kind.value, "at": self.at, **said}


@dataclass(frozen=True)
class OpenedDraw:
    """What a draw keeps secret until the reveal."""

    roster: Roster
    nonce: str
    value: PublicValue | None
    seed: str | None
    barred: tuple[BarredPair, ...]
    happenings: tuple[Happening, ...]

    def play(self) -> Play | None:
        """The draw as it stands after all of its events; none where no value was ever entered."""
        if self.seed is None:
            return None
        pairs = {(pair.inspector, pair.unit) for pair in self.barred}
        play = Play(self.roster, self.seed, lambda inspector, unit: (inspector, unit) in pairs)
        return play.take(happening.step for happening in self.happenings)


def sealed_certificate(heading: Heading, commitments: Iterable[Commitment]) -> dict[str, Any]:
    """What may be public before the reveal: it is the same whatever the draw chose."""
    draws = [{"number": one.number, "commitment": one.as_json()} for one in commitments]
    return {**_heading(heading), "draws": draws}


def opened_certificate(heading: Heading, draws: Sequence[tuple[Commitment, OpenedDraw]]) -> dict[str, Any]:
    """The whole certificate, for the time after the reveal."""
    return {**_heading(heading), "draws": [_draw(commitment, opened) for commitment, opened in draws]}


def _heading(heading: Heading) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "campaign": heading.campaign,
        "title": heading.title,
        "theme": heading.theme,
        "pool": heading.pool,
        "strata": heading.strata,
        "weights": dict(heading.weights),
        "authority": heading.authority,
        "reveal_by": heading.reveal_by,
        "revealed_at": heading.revealed_at,
    }


def _draw(commitment: Commitment, opened: OpenedDraw) -> dict[str, Any]:
    play = opened.play()
    chosen = list(play.chosen.values()) if play is not None else []
    met = play.met if play is not None else set()
    return {
        "number": commitment.number,
        "commitment": commitment.as_json(),
        "roster": opened.roster.as_json(),
        "nonce": opened.nonce,
        "value": opened.value.as_json() if opened.value is not None else None,
        "seed": opened.seed,
        "selection": [_chosen(one) for one in chosen],
        "opened": [
            {"inspector": pair.inspector, "unit": pair.unit, "salt": pair.salt}
            for pair in sorted(opened.barred, key=lambda pair: (pair.unit, pair.inspector))
            if (pair.inspector, pair.unit) in met
        ],
        "events": [one.as_json(number) for number, one in enumerate(opened.happenings, start=1)],
    }


def _chosen(one: Chosen) -> dict[str, Any]:
    return {
        "unit": one.unit,
        "stratum": one.stratum,
        "place": one.place,
        "ticket": one.ticket,
        "replaces": one.replaces,
        "inspectors": one.inspectors,
        "is_out": one.is_out,
    }


def is_void(happenings: Iterable[Happening]) -> bool:
    """Whether a draw was given up for another one."""
    return any(one.step.kind is DrawEventKind.REDRAWN for one in happenings)
