"""Random draws with everything that can happen to one, as certificates: the same for the same number."""

import random  # noqa: TID251  # seeded: every run makes the same draws
from collections.abc import Iterator
from typing import Any

from inspections.campaigns.drawing.certificate import (
    Commitment,
    Happening,
    Heading,
    OpenedDraw,
    PublicValue,
    opened_certificate,
)
from inspections.campaigns.drawing.commitments import BarredPair, nonce_commitment, normal_value, seed_of
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.replay import Play
from inspections.campaigns.drawing.roster import Roster, RosterTerms, make_roster

STRATA = ("餐馆", "小吃店", "饮品店", "学校食堂", "A 级", "😀店", "\uffee店")
VALUES = ("63454660390103169462", "e\u0301tude 05 11 23 28 30", "😀 12 34 56", "０１２３４５６７")
COMMITTED, VALUE_AT, KNOWN, DRAWN, LATER = (f"2026-11-0{day}T0{day}:00:00Z" for day in (2, 3, 4, 5, 6))
WEIGHTS = {"餐馆": 3, "A 级": 2, "😀店": 5}


def certificate(number: int, draws: int | None = None) -> dict[str, Any]:
    """A revealed certificate; some have void draws before the last one, some were never drawn."""
    return opened_certificate(heading("2026-11-20T02:00:00Z"), _draws(number, draws))


def never_drawn() -> dict[str, Any]:
    """A revealed certificate of a campaign for which no value was entered."""
    for number in range(1000):
        found = certificate(number, draws=1)
        if found["draws"][0]["value"] is None:
            return found
    raise AssertionError("every draw was drawn")


def commitments(number: int) -> list[Commitment]:
    """What was public of the same certificate before the reveal."""
    return [commitment for commitment, _ in _draws(number, None)]


def heading(revealed_at: str | None) -> Heading:
    """The heading of every made-up certificate."""
    return Heading(
        campaign="2026-11",
        title="2026年第11期",
        theme="冬日里的饺子馆",
        pool="在营餐饮服务单位中：全部。",
        strata="按业态分层",
        weights=WEIGHTS,
        authority="某区市场监督管理局",
        reveal_by="2026-11-23",
        revealed_at=revealed_at,
    )


def _draws(number: int, draws: int | None) -> list[tuple[Commitment, OpenedDraw]]:
    rng = random.Random(number)  # noqa: S311  # data, not a secret
    count = draws if draws is not None else rng.choice((1, 1, 1, 2))
    return [_draw(rng, place, is_last=place == count) for place in range(1, count + 1)]


def _draw(rng: random.Random, number: int, *, is_last: bool) -> tuple[Commitment, OpenedDraw]:
    roster, barred = _roster(rng, number)
    nonce, value = rng.randbytes(32), normal_value(rng.choice(VALUES))
    was_drawn = rng.random() < 0.95
    pairs = {(pair.inspector, pair.unit) for pair in barred}
    seed = seed_of(nonce, value)
    play = Play(roster, seed, lambda inspector, unit: (inspector, unit) in pairs)
    happened = [Happening(DrawStep(DrawEventKind.COMMITTED), COMMITTED)]
    if was_drawn:
        happened.append(Happening(DrawStep(DrawEventKind.VALUE_ENTERED), DRAWN))
        happened += [
            Happening(step, DRAWN, "理由" if step.unit else "") for step in _before(rng, play, roster)
        ]
        happened += [Happening(step, LATER, "理由") for step in _after(rng, play, roster)]
    if not is_last:
        happened.append(Happening(DrawStep(DrawEventKind.REDRAWN), LATER, "公开值录入有误"))
    commitment = Commitment(
        number, roster.commitment, nonce_commitment(nonce), COMMITTED, "公证处现场掷骰", VALUE_AT
    )
    given = PublicValue(value, "公证员现场掷骰", KNOWN, link="https://live.example.cn") if was_drawn else None
    opened = OpenedDraw(
        roster, nonce.hex(), given, seed if was_drawn else None, tuple(barred), tuple(happened)
    )
    return commitment, opened


def _roster(rng: random.Random, number: int) -> tuple[Roster, list[BarredPair]]:
    strata = rng.sample(STRATA, rng.randint(1, 5))
    units = {f"{rng.randrange(10**7):07d}-{place}": rng.choice(strata) for place in range(rng.randint(3, 50))}
    inspectors = sorted({f"{rng.randrange(10**6):06d}" for _ in range(rng.randint(3, 8))})
    barred = [
        BarredPair(inspector, unit, rng.randbytes(32).hex())
        for unit in units
        for inspector in inspectors
        if rng.random() < 0.1
    ]
    terms = RosterTerms(
        campaign="2026-11",
        draw=number,
        draw_count=rng.randint(1, len(units)),
        substitutes=rng.randint(0, 5),
        load=rng.randint(1, 6),
        salt=rng.randbytes(32).hex(),
    )
    return make_roster(terms, units, WEIGHTS, inspectors, [pair.commitment for pair in barred]), barred


def _before(rng: random.Random, play: Play, roster: Roster) -> Iterator[DrawStep]:
    codes = [code for code, _ in roster.units]
    for code in rng.sample(codes, rng.randint(0, 2)):
        yield _taken(play, DrawStep(DrawEventKind.EXCLUDED, unit=code))
    yield _taken(play, DrawStep(DrawEventKind.DRAWN))


def _after(rng: random.Random, play: Play, roster: Roster) -> Iterator[DrawStep]:
    for _ in range(rng.randint(0, 8)):
        step = rng.choice((_exclusion, _substitution, _replacement))(rng, play, roster)
        if step is not None:
            yield _taken(play, step)


def _taken(play: Play, step: DrawStep) -> DrawStep:
    play.take([step])
    return step


def _exclusion(rng: random.Random, play: Play, _roster: Roster) -> DrawStep | None:
    left = [one.unit for one in play.chosen.values() if not one.is_out]
    return DrawStep(DrawEventKind.EXCLUDED, unit=rng.choice(left)) if left else None


def _substitution(rng: random.Random, play: Play, _roster: Roster) -> DrawStep | None:
    replaced = {one.replaces for one in play.chosen.values()}
    open_ = [one for one in play.chosen.values() if one.unit not in replaced]
    open_ = [one for one in open_ if play.next_substitute(one.stratum) is not None]
    if not open_:
        return None
    one = rng.choice(open_)
    unit = play.next_substitute(one.stratum)
    return DrawStep(DrawEventKind.SUBSTITUTE_OPENED, unit=unit, replaces=one.unit)


def _replacement(rng: random.Random, play: Play, _roster: Roster) -> DrawStep | None:
    left = [one for one in play.chosen.values() if not one.is_out and one.inspectors]
    if not left:
        return None
    one = rng.choice(left)
    return DrawStep(DrawEventKind.INSPECTOR_REPLACED, unit=one.unit, inspector=rng.choice(one.inspectors))
