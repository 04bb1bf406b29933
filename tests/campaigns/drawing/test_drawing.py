"""What a draw promises: published vectors, exact quotas, tickets that never reorder, events in order."""

import json
import math
from pathlib import Path

import consistent_sampler  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.campaigns.drawing.canonical import DrawError, canonical, sha256_text
from inspections.campaigns.drawing.certificate import sealed_certificate
from inspections.campaigns.drawing.commitments import BarredPair, nonce_commitment, seed_of, sub_seed
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.quotas import Share, largest_remainder, quotas
from inspections.campaigns.drawing.replay import Play
from inspections.campaigns.drawing.rfc3797 import choose, digest_of, key_string
from inspections.campaigns.drawing.roster import Roster, RosterTerms, make_roster, read_roster
from inspections.campaigns.drawing.tickets import in_order, tickets
from tests.campaigns.drawing import made_up

# The same examples in every run, however slow the machine is.
steady = settings(deadline=None, derandomize=True)
VECTORS = Path(__file__).parents[2] / "data" / "vectors"
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
SHARES = st.lists(
    st.builds(Share, NAMES, st.integers(1, 9), st.integers(1, 400)),
    min_size=1,
    max_size=8,
    unique_by=lambda share: share.name,
)


def test_tickets_are_those_of_the_published_sampler() -> None:
    ids = ["A-1", "A-2", "A-3", "B-1", "B-2", "B-3"]
    drawn = [(ticket.id, ticket.shown) for ticket in in_order("314159", ids)]
    assert [name for name, _ in drawn] == ["B-2", "B-3", "A-3", "A-2", "B-1", "A-1"]
    assert [shown[:11] for _, shown in drawn[:4]] == [
        "0.410310858",
        "0.470960291",
        "0.471438751",
        "0.567089805",
    ]
    assert [ticket.id for ticket in in_order("314159", ["B-1", "B-2", "B-3"])] == ["B-2", "B-3", "B-1"]
    # `first_fraction` of the package, by its own published example.
    (ticket,) = tickets("01382438112797316654", ["AB-130"])
    assert ticket.number == (
        "0.26299714122838008416507544297546663599715395525154425586041245287750224561854"
    )


@steady
@given(seed=st.text(max_size=20), ids=st.lists(NAMES, max_size=60, unique=True))
def test_the_order_is_that_of_the_reference_package(seed: str, ids: list[str]) -> None:
    drawn = consistent_sampler.sampler(ids, seed=seed, with_replacement=False, output="id") if ids else []
    assert [ticket.id for ticket in in_order(seed, ids)] == list(drawn)


@steady
@given(
    seed=st.text(max_size=20),
    ids=st.lists(NAMES, min_size=1, max_size=60, unique=True),
    gone=st.sets(st.integers(0, 59)),
)
def test_whoever_leaves_or_joins_never_reorders_the_rest(seed: str, ids: list[str], gone: set[int]) -> None:
    left = [one for place, one in enumerate(ids) if place not in gone]
    whole = [ticket.id for ticket in in_order(seed, ids)]
    assert [ticket.id for ticket in in_order(seed, left)] == [one for one in whole if one in left]


def test_a_sub_seed_is_hashed_as_in_rivests_sampler() -> None:
    cases = json.loads((VECTORS / "rivest_sampler_tests.json").read_text(encoding="utf-8"))["tests"]
    assert len(cases) == 10
    for case in cases:
        asked = case["data"]
        drawn = [
            int(sha256_text(sub_seed(asked["seed"], str(turn))), 16) % asked["total"] + 1
            for turn in range(1, asked["count"] + 1)
        ]
        assert drawn == case["expected"]


def test_a_committee_is_chosen_as_rfc_3797_says() -> None:
    names = (VECTORS / "rfc3797_ref.names").read_text(encoding="utf-8").split()
    lines = (VECTORS / "rfc3797_ref.seeds").read_text(encoding="utf-8").splitlines()
    key = key_string([[int(n) for n in line.split()] for line in lines if not line.startswith("#")])
    assert key == "9319./2.5.8.10.12./9.18.26.34.41.45./"
    rows = [line.split() for line in (VECTORS / "rfc3797_ref.results").read_text("utf-8").splitlines()[1:]]
    assert [row[1] for row in rows] == [f"{digest_of(key, turn):032X}" for turn in range(16)]
    chosen = choose(key, len(names), 16)
    assert chosen == [int(row[4]) for row in rows]
    assert [names[number - 1] for number in chosen[:3]] == ["Lee", "Doc", "Mary"]


def test_a_committee_larger_than_its_pool_is_refused() -> None:
    with pytest.raises(DrawError, match="不少于"):
        choose("1./", 3, 4)


@steady
@given(strata=SHARES, part=st.floats(0, 1))
def test_quotas_are_whole_exact_and_never_above_a_stratum(strata: list[Share], part: float) -> None:
    held = sum(share.size for share in strata)
    wanted = max(1, math.ceil(part * held))
    given_ = quotas(wanted, strata)
    assert sum(given_.values()) == wanted
    assert all(0 <= given_[share.name] <= share.size for share in strata)


@steady
@given(strata=SHARES, wanted=st.integers(1, 50))
def test_without_a_surplus_a_quota_is_its_share_rounded_up_or_down(strata: list[Share], wanted: int) -> None:
    claims = {share.name: share.weight * share.size for share in strata}
    given_ = largest_remainder(wanted, claims)
    total = sum(claims.values())
    for name, claim in claims.items():
        assert wanted * claim // total <= given_[name] <= -(-wanted * claim // total)


@steady
@given(strata=SHARES, wanted=st.integers(1, 50))
def test_the_order_in_which_strata_are_given_plays_no_part(strata: list[Share], wanted: int) -> None:
    wanted = min(wanted, sum(share.size for share in strata))
    assert quotas(wanted, strata) == quotas(wanted, strata[::-1])


def test_ties_go_by_name_in_code_point_order() -> None:
    # U+FFEE comes before U+1F600, though it is the larger one in UTF-16.
    strata = [Share("😀", 1, 5), Share("\uffee", 1, 5), Share("餐馆", 1, 5)]
    assert quotas(1, strata) == {"😀": 0, "\uffee": 0, "餐馆": 1}
    assert quotas(2, strata) == {"😀": 0, "\uffee": 1, "餐馆": 1}


def test_a_quota_above_its_stratum_passes_the_surplus_on_by_the_same_rule() -> None:
    # 5 of 60 + 20 + 20: the first holds only 2, so 3 of 4 seats go on by 20 and 20; the tie goes by name.
    strata = [Share("a", 30, 2), Share("b", 1, 20), Share("c", 1, 20)]
    assert largest_remainder(5, {"a": 60, "b": 20, "c": 20}) == {"a": 3, "b": 1, "c": 1}
    assert quotas(5, strata) == {"a": 2, "b": 2, "c": 1}


@pytest.mark.parametrize(
    "strata", [[Share("a", 0, 1)], [Share("a", 1, 0)], [Share("a", 1, 1), Share("a", 1, 1)]]
)
def test_strata_that_are_none_are_refused(strata: list[Share]) -> None:
    with pytest.raises(DrawError):
        quotas(1, strata)


@steady
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | NAMES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    )
)
def test_one_value_has_one_canonical_text(value: object) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@pytest.mark.parametrize("value", [1.5, 2**53, {1: "a"}, "\ud800", b"x", {"a": [float("nan")]}])
def test_what_has_no_one_text_is_refused(value: object) -> None:
    with pytest.raises(DrawError):
        canonical(value)


def test_the_seed_needs_the_nonce_and_the_value_in_nfc() -> None:
    nonce = bytes(range(32))
    assert seed_of(nonce, "e\u0301") == seed_of(nonce, "\u00e9")
    assert seed_of(nonce, "1") != seed_of(bytes(32), "1")
    assert seed_of(nonce, "") == nonce_commitment(nonce), "the seed begins with the nonce's own bytes"
    with pytest.raises(DrawError, match="32"):
        nonce_commitment(b"short")


def test_a_barred_pair_says_nothing_without_its_salt() -> None:
    pair, other = (BarredPair("123456", "7K3M-92QF", salt * 32) for salt in ("00", "01"))
    assert pair.commitment != other.commitment
    assert len(pair.commitment) == 64


def _roster(load: int = 3, substitutes: int = 2, inspectors: int = 4) -> Roster:
    units = {f"U{number:02d}": "甲" if number < 12 else "乙" for number in range(20)}
    people = [f"I{number}" for number in range(inspectors)]
    return make_roster(RosterTerms("2026-11", 1, 6, substitutes, load, "00" * 32), units, {"甲": 2}, people)


def _play(roster: Roster, barred: frozenset[tuple[str, str]] = frozenset()) -> Play:
    return Play(roster, "seed", lambda inspector, unit: (inspector, unit) in barred)


DRAWN = DrawStep(DrawEventKind.DRAWN)


def test_a_draw_takes_the_first_of_each_stratums_order() -> None:
    play = _play(_roster()).take([DRAWN])
    for stratum in play.chosen.values():
        order = [ticket.id for ticket in play.order_of(stratum.stratum)]
        assert order[stratum.place - 1] == stratum.unit
    assert sorted(one.stratum for one in play.chosen.values()) == ["乙"] * 2 + ["甲"] * 4
    assert all(len(set(one.inspectors)) == 2 for one in play.chosen.values())


def test_a_roster_comes_back_from_its_text_as_it_was() -> None:
    roster = _roster()
    assert read_roster(json.loads(roster.text())) == roster


def test_an_excluded_unit_gives_its_place_to_the_next_and_reorders_nobody() -> None:
    whole = _play(_roster()).take([DRAWN])
    first = next(one for one in whole.chosen.values() if one.place == 1)
    less = _play(_roster()).take([DrawStep(DrawEventKind.EXCLUDED, unit=first.unit), DRAWN])
    before = [one.unit for one in whole.chosen.values() if one.stratum == first.stratum]
    after = [one.unit for one in less.chosen.values() if one.stratum == first.stratum]
    assert after[:-1] == before[1:]
    assert len(after) == len(before)
    others = [one.unit for one in whole.chosen.values() if one.stratum != first.stratum]
    assert [one.unit for one in less.chosen.values() if one.stratum != first.stratum] == others


def test_only_the_next_substitute_can_be_opened_and_only_so_many() -> None:
    play = _play(_roster(substitutes=1)).take([DRAWN])
    left = next(iter(play.chosen.values()))
    expected = play.next_substitute(left.stratum)
    order = [ticket.id for ticket in play.order_of(left.stratum)]
    wrong = next(code for code in order if code not in play.chosen and code != expected)
    with pytest.raises(DrawError, match="下一个"):
        play.take([DrawStep(DrawEventKind.SUBSTITUTE_OPENED, unit=wrong, replaces=left.unit)])
    play.take([DrawStep(DrawEventKind.SUBSTITUTE_OPENED, unit=expected, replaces=left.unit)])
    assert left.is_out
    with pytest.raises(DrawError, match="已经有单位递补"):
        play.take([DrawStep(DrawEventKind.SUBSTITUTE_OPENED, unit=wrong, replaces=left.unit)])
    assert play.next_substitute(left.stratum) is None, "one substitute a stratum and no more"


def test_a_barred_inspector_is_passed_over_and_only_such_pairs_are_met() -> None:
    roster = _roster()
    plain = _play(roster).take([DRAWN])
    unit, one = next(iter(plain.chosen.items()))
    barred = frozenset({(one.inspectors[0], unit), ("I0", "U99")})
    play = _play(roster, barred).take([DRAWN])
    assert one.inspectors[0] not in play.chosen[unit].inspectors
    assert play.chosen[unit].inspectors[0] == one.inspectors[1]
    assert play.met == {(one.inspectors[0], unit)}


def test_no_inspector_has_more_than_the_load_while_others_have_less() -> None:
    play = _play(_roster(load=3, inspectors=4)).take([DRAWN])
    assert sorted(play.load_of(f"I{number}") for number in range(4)) == [3, 3, 3, 3]


def test_where_the_load_cannot_hold_those_with_the_least_take_more() -> None:
    play = _play(_roster(load=1, inspectors=3)).take([DRAWN])
    assert all(len(one.inspectors) == 2 for one in play.chosen.values())
    loads = [play.load_of(f"I{number}") for number in range(3)]
    assert sum(loads) == 12
    assert max(loads) - min(loads) <= 1


def test_a_replaced_inspector_gives_way_to_the_next_of_the_units_own_order() -> None:
    play = _play(_roster()).take([DRAWN])
    unit, one = next(iter(play.chosen.items()))
    gone, kept = one.inspectors
    play.take([DrawStep(DrawEventKind.INSPECTOR_REPLACED, unit=unit, inspector=gone)])
    assert play.chosen[unit].inspectors[0] == kept
    assert gone not in play.chosen[unit].inspectors
    with pytest.raises(DrawError, match="不负责"):
        play.take([DrawStep(DrawEventKind.INSPECTOR_REPLACED, unit=unit, inspector=gone)])


def test_a_draw_is_drawn_once() -> None:
    with pytest.raises(DrawError, match="重新承诺"):
        _play(_roster()).take([DRAWN, DRAWN])


@steady
@given(number=st.integers(0, 10_000))
def test_a_certificate_holds_every_event_and_every_draw(number: int) -> None:
    found = made_up.certificate(number)
    assert [draw["number"] for draw in found["draws"]] == list(range(1, len(found["draws"]) + 1))
    for draw in found["draws"]:
        assert [event["n"] for event in draw["events"]] == list(range(1, len(draw["events"]) + 1))
        quota = sum(stratum["quota"] for stratum in draw["roster"]["strata"])
        assert quota == draw["roster"]["draw_count"]


def test_a_sealed_certificate_has_nothing_but_commitments() -> None:
    found = made_up.certificate(3)
    heading = made_up.heading(None)
    commitments = made_up.commitments(3)
    sealed = sealed_certificate(heading, commitments)
    assert [set(draw) for draw in sealed["draws"]] == [{"number", "commitment"}] * len(found["draws"])
    assert sealed["revealed_at"] is None
    for secret in ("nonce", "roster", "seed", "selection", "opened", "value"):
        assert f'"{secret}"' not in json.dumps(sealed)
