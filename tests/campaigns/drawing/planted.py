"""Certificates that somebody has tampered with, each in one way; a check that misses one is no check."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

Certificate = dict[str, Any]
Fault = Callable[[Certificate], None]


def _canonical_hash(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _last(found: Certificate) -> dict[str, Any]:
    draw: dict[str, Any] = found["draws"][-1]
    return draw


def changed_roster(found: Certificate) -> None:
    """A unit is taken out of the roster after the commitment."""
    roster = _last(found)["roster"]
    gone = next(one for one in roster["units"] if one["unit"] not in _chosen(found))
    roster["units"].remove(gone)


def other_nonce(found: Certificate) -> None:
    """Another nonce, with a seed that follows from it."""
    draw = _last(found)
    draw["nonce"] = "00" * 32
    draw["seed"] = hashlib.sha256(bytes(32) + draw["value"]["text"].encode()).hexdigest()


def other_value(found: Certificate) -> None:
    """Another public value."""
    _last(found)["value"]["text"] += "1"


def other_quota(found: Certificate) -> None:
    """A quota that the weights do not give; the roster's own hash is made to fit."""
    draw = _last(found)
    draw["roster"]["strata"][0]["quota"] += 1
    draw["commitment"]["roster_sha256"] = _canonical_hash(draw["roster"])


def other_weight(found: Certificate) -> None:
    """A weight that was not published; the roster's own hash is made to fit."""
    draw = _last(found)
    draw["roster"]["strata"][-1]["weight"] += 1
    draw["commitment"]["roster_sha256"] = _canonical_hash(draw["roster"])


def swapped_unit(found: Certificate) -> None:
    """A drawn unit gives way to one that was not drawn."""
    draw = _last(found)
    others = [one["unit"] for one in draw["roster"]["units"] if one["unit"] not in _chosen(found)]
    draw["selection"][0]["unit"] = others[0]


def swapped_inspector(found: Certificate) -> None:
    """An inspector is put in the place of the one who was drawn."""
    draw = _last(found)
    team = draw["selection"][0]["inspectors"]
    team[0] = next(one for one in draw["roster"]["inspectors"] if one not in team)


def omitted_exclusion(found: Certificate) -> None:
    """An event that took a unit out is left away."""
    draw = _last(found)
    gone = next(one for one in draw["events"] if one["kind"] == "excluded")
    draw["events"].remove(gone)
    for number, one in enumerate(draw["events"], start=1):
        one["n"] = number


def omitted_redraw(found: Certificate) -> None:
    """A void draw is left away."""
    found["draws"].pop(0)
    found["draws"][0]["number"] = 1


def biased_order(found: Certificate) -> None:
    """The units stand in the order of their codes instead of their tickets."""
    draw = _last(found)
    draw["selection"].sort(key=lambda one: str(one["unit"]), reverse=True)


def hidden_pair(found: Certificate) -> None:
    """A barred pair that the draw met is not opened."""
    _last(found)["opened"].pop()


def invented_pair(found: Certificate) -> None:
    """A pair is said to be barred that nobody had committed to."""
    draw = _last(found)
    one = draw["selection"][0]
    draw["opened"].append({"inspector": one["inspectors"][0], "unit": one["unit"], "salt": "00" * 32})


def late_commitment(found: Certificate) -> None:
    """The commitment came after the value was known."""
    draw = _last(found)
    draw["commitment"]["committed_at"] = draw["events"][0]["at"] = draw["value"]["known_at"]


def _chosen(found: Certificate) -> set[str]:
    return {one["unit"] for one in _last(found)["selection"]}


def can_be_planted(fault: Fault, found: Certificate) -> bool:
    """Whether a certificate has what the fault tampers with."""
    draw = _last(found)
    if draw["value"] is None or not draw["selection"]:
        return False
    needs: dict[Fault, bool] = {
        omitted_exclusion: any(
            one["kind"] == "excluded" and one["unit"] in _chosen(found) for one in draw["events"]
        ),
        omitted_redraw: len(found["draws"]) > 1,
        hidden_pair: bool(draw["opened"]),
        biased_order: len(draw["selection"]) > 2,
        invented_pair: len(draw["selection"][0]["inspectors"]) == 2,
        swapped_inspector: len(draw["roster"]["inspectors"]) > 2
        and len(draw["selection"][0]["inspectors"]) == 2,
    }
    some_are_left = len(draw["roster"]["units"]) > len(draw["selection"])
    return needs.get(fault, True) and some_are_left


FAULTS: dict[str, Fault] = {
    fault.__name__: fault
    for fault in (
        changed_roster, other_nonce, other_value, other_quota, other_weight, swapped_unit, swapped_inspector,
        omitted_exclusion, omitted_redraw, biased_order, hidden_pair, invented_pair, late_commitment,
    )
}  # fmt: skip
