"""Over 10,000 draws everybody in a stratum has the same chance; a biased draw fails the same test."""

import hashlib
import math
import random  # noqa: TID251  # the planted draw is a seeded one, as its model was
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from inspections.campaigns.drawing.commitments import seed_of
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.replay import Play
from inspections.campaigns.drawing.roster import Roster, RosterTerms, make_roster
from inspections.campaigns.drawing.tickets import in_order

pytestmark = pytest.mark.slow

DRAWS = 10_000
LEAST_P = 0.001
SIZES = {"餐馆": 20, "小吃店": 12, "饮品店": 8}
INSPECTORS = [f"{number:06d}" for number in range(8)]

Choose = Callable[[str, Sequence[str], int], Sequence[str]]


def chance_of(seen: Sequence[int], draws: int, quota: int) -> float:
    """The p-value of equal chances, for `quota` out of all in each draw, nobody twice.

    Pearson's statistic for drawing without replacement: chi-square with one degree of freedom less than
    there are units.
    """
    count = len(seen)
    share = quota / count
    expected = draws * share
    spread = expected * (1 - share) * count / (count - 1)
    return _upper_tail((count - 1) / 2, sum((one - expected) ** 2 for one in seen) / spread / 2)


def _upper_tail(shape: float, value: float) -> float:
    """The regularised upper incomplete gamma function, by its series or its continued fraction."""
    front = math.exp(-value + shape * math.log(value) - math.lgamma(shape))
    if value < shape + 1:
        term = total = 1 / shape
        for step in range(1, 1000):
            term *= value / (shape + step)
            total += term
        return 1 - front * total
    low = value + 1 - shape
    ratio, down = 1e300, 1 / low
    fraction = down
    for step in range(1, 1000):
        factor = -step * (step - shape)
        low += 2
        down = 1 / (factor * down + low)
        ratio = low + factor / ratio
        fraction *= ratio * down
    return front * fraction


def test_the_test_itself_gives_known_values() -> None:
    # Chi-square with 1, 10 and 100 degrees of freedom at their 5 % points.
    for freedom, point in ((1, 3.841459), (10, 18.307038), (100, 124.342113)):
        assert _upper_tail(freedom / 2, point / 2) == pytest.approx(0.05, rel=1e-5)


def _roster() -> Roster:
    units = {f"{name}-{place:02d}": name for name, size in SIZES.items() for place in range(size)}
    terms = RosterTerms("2026-11", 1, draw_count=10, substitutes=0, load=4, salt="00" * 32)
    return make_roster(terms, units, {"餐馆": 2}, INSPECTORS)


def _seeds() -> list[str]:
    return [
        seed_of(hashlib.sha256(f"nonce {turn}".encode()).digest(), f"{turn:020d}") for turn in range(DRAWS)
    ]


def test_over_ten_thousand_draws_the_chance_inside_each_stratum_is_equal_and_every_quota_exact() -> None:
    roster = _roster()
    quota = {stratum.name: stratum.quota for stratum in roster.strata}
    units: Counter[str] = Counter()
    people: Counter[str] = Counter()
    for seed in _seeds():
        play = Play(roster, seed, lambda inspector, unit: False)
        play.take([DrawStep(DrawEventKind.DRAWN)])
        units.update(list(play.chosen))
        people.update(inspector for one in play.chosen.values() for inspector in one.inspectors)
        assert Counter(one.stratum for one in play.chosen.values()) == quota
    for stratum in roster.strata:
        seen = [units[code] for code in roster.codes_in(stratum.name)]
        assert chance_of(seen, DRAWS, stratum.quota) > LEAST_P, stratum.name
    # Twenty places of inspectors in each draw, at most four for each of eight.
    assert sum(people.values()) == DRAWS * 20
    assert max(people.values()) - min(people.values()) < DRAWS * 0.05


def _by_tickets(seed: str, ids: Sequence[str], wanted: int) -> list[str]:
    return [ticket.id for ticket in in_order(seed, ids)][:wanted]


def _by_skipping(seed: str, ids: Sequence[str], wanted: int) -> list[str]:
    """As a real system drew: start anywhere, step to the end of the list only, fill up at random."""
    rng = random.Random(seed)  # noqa: S311  # the bias is the point
    start, step = rng.randrange(len(ids)), len(ids) // wanted
    chosen = list(ids[start::step])[:wanted]
    left = [one for one in ids if one not in chosen]
    return chosen + rng.sample(left, wanted - len(chosen))


@pytest.mark.parametrize(("choose", "is_fair"), [(_by_tickets, True), (_by_skipping, False)])
def test_the_same_test_passes_tickets_and_fails_a_biased_draw(choose: Choose, is_fair: bool) -> None:
    ids = [f"{number:03d}" for number in range(100)]
    seen: Counter[str] = Counter()
    for seed in _seeds():
        seen.update(choose(seed, ids, 10))
    assert (chance_of([seen[one] for one in ids], DRAWS, 10) > LEAST_P) is is_fair
