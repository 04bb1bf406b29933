"""Promises of merging: any order, any repetition, any cut end in one state; nothing said is lost."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from inspections.visits.sync.merging import (
    FieldChange,
    FieldState,
    canonical,
    conflicts_of,
    merge,
    values_of,
)

_KEYS = ("item/1", "item/2", "decision")


@st.composite
def histories(draw: st.DrawFn) -> list[FieldChange]:
    """Changes of two tablets that hear of each other now and then: each replaces what its author saw."""
    seen: dict[str, list[FieldChange]] = {"left": [], "right": []}
    every: list[FieldChange] = []
    for number in range(draw(st.integers(0, 14))):
        tablet = draw(st.sampled_from(("left", "right")))
        if draw(st.booleans()):
            seen[tablet] = [*seen[tablet], *seen["right" if tablet == "left" else "left"]]
        key = draw(st.sampled_from(_KEYS))
        now = merge(seen[tablet]).get(key, FieldState(key))
        change = FieldChange(
            f"{draw(st.integers(0, 9))}{number:03}",
            key,
            {"answer": draw(st.sampled_from(("pass", "fail"))), "at": f"2026-11-25T02:{number:02}:00Z"},
            frozenset(one.id for one in now.current),
        )
        seen[tablet].append(change)
        every.append(change)
    return every


@given(histories(), st.data())
def test_any_order_repetition_and_split_give_the_same_state(
    changes: list[FieldChange], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(changes + changes[: len(changes) // 2]))
    cut = data.draw(st.integers(0, len(shuffled)))
    # What a server holds after two batches is what it was sent, in whatever order it reads it.
    assert merge([*shuffled[cut:], *shuffled[:cut]]) == merge(changes)


@given(histories())
def test_every_current_change_is_either_the_value_or_stands_in_the_conflict(
    changes: list[FieldChange],
) -> None:
    replaced = {id_ for change in changes for id_ in change.replaces}
    states = merge(changes)
    for change in changes:
        if change.id not in replaced:
            said = [one.essence for one in states[change.key].alternatives]
            assert change.essence in said


@given(histories())
def test_a_lead_who_replaces_all_of_a_conflict_ends_it(changes: list[FieldChange]) -> None:
    states = merge(changes)
    decided = [
        FieldChange(f"z{key}", key, {"answer": "pass"}, frozenset(one.id for one in states[key].current))
        for key in conflicts_of(states)
    ]
    after = merge([*changes, *decided])
    assert conflicts_of(after) == []
    assert all(after[change.key].value == {"answer": "pass"} for change in decided)


def _said(*changes: tuple[str, object, Sequence[str]]) -> FieldState:
    rows = [FieldChange(id_, "item/1", value, frozenset(replaces)) for id_, value, replaces in changes]
    return merge(rows)["item/1"]


def test_an_answer_of_somebody_who_had_seen_the_other_replaces_it() -> None:
    state = _said(("a", {"answer": "pass"}, []), ("b", {"answer": "fail"}, ["a"]))
    assert state.value == {"answer": "fail"}


def test_two_who_did_not_see_each_other_conflict_and_both_stay() -> None:
    state = _said(("a", {"answer": "pass"}, []), ("b", {"answer": "fail"}, []))
    assert state.is_conflict
    assert state.value is None
    assert [change.id for change in state.alternatives] == ["b", "a"]


def test_the_same_value_said_twice_is_no_conflict_and_the_earlier_instant_stands() -> None:
    late, early = {"shown": True, "at": "2026-11-25T02:09:00Z"}, {"shown": True, "at": "2026-11-25T02:01:00Z"}
    assert _said(("a", late, []), ("b", early, [])).value == early


def test_one_and_one_point_zero_are_the_same_number() -> None:
    assert canonical({"value": 1.0}) == canonical({"value": 1})
    assert not _said(("a", {"value": 4.0}, []), ("b", {"value": 4}, [])).is_conflict


def test_changes_that_replace_each_other_in_a_circle_all_stay() -> None:
    state = _said(("a", "left", ["b"]), ("b", "right", ["a"]))
    assert [change.id for change in state.current] == ["a", "b"]


def test_what_replaces_a_change_not_yet_received_counts_when_it_arrives() -> None:
    later = FieldChange("b", "item/1", "fail", frozenset({"a"}))
    assert merge([later])["item/1"].value == "fail"
    assert merge([later, FieldChange("a", "item/1", "pass")])["item/1"].value == "fail"


def test_a_field_that_was_taken_back_has_no_value() -> None:
    taken = merge([FieldChange("a", "obstruction", {"ground": "entry"}),
                   FieldChange("b", "obstruction", None, frozenset({"a"}))])  # fmt: skip
    assert values_of(taken) == {}


def test_a_change_that_claims_to_replace_itself_stays() -> None:
    state = _said(("a", "left", ["a"]), ("b", "right", []))
    assert [change.id for change in state.current] == ["a", "b"]
