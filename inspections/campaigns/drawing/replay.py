"""A draw played from its roster, its seed and its events: who is visited, by whom, in place of whom.

The same play makes a draw on the server and proves it afterwards; nothing else decides who is drawn.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from inspections.campaigns.drawing.canonical import DrawError
from inspections.campaigns.drawing.commitments import sub_seed
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.drawing.roster import TEAM, Roster
from inspections.campaigns.drawing.tickets import Ticket, in_order

IsBarred = Callable[[str, str], bool]


@dataclass
class Chosen:
    """A unit that was drawn, or opened as a substitute, with its inspectors: the lead first."""

    unit: str
    stratum: str
    place: int
    ticket: str
    replaces: str | None = None
    inspectors: list[str] = field(default_factory=list)
    is_out: bool = False


class Play:
    """A draw as it stands after the events so far."""

    def __init__(self, roster: Roster, seed: str, is_barred: IsBarred) -> None:
        self._roster, self._seed, self._is_barred = roster, seed, is_barred
        self._stratum = dict(roster.units)
        self._orders = {s.name: in_order(seed, roster.codes_in(s.name)) for s in roster.strata}
        self._excluded: set[str] = set()
        self._taken_off: dict[str, set[str]] = {}
        self.chosen: dict[str, Chosen] = {}
        self.met: set[tuple[str, str]] = set()
        """Pairs of inspector and unit that were passed over because they may not meet."""

    def take(self, steps: Iterable[DrawStep]) -> "Play":
        """Play events one after the other; an event that this draw does not allow is refused."""
        for step in steps:
            self._take(step)
        return self

    def _take(self, step: DrawStep) -> None:
        match step.kind:
            case DrawEventKind.DRAWN:
                self._draw()
            case DrawEventKind.EXCLUDED:
                self._exclude(step.unit or "")
            case DrawEventKind.SUBSTITUTE_OPENED:
                self._substitute(step.unit or "", step.replaces or "")
            case DrawEventKind.INSPECTOR_REPLACED:
                self._replace_inspector(step.unit or "", step.inspector or "")
            case _:
                return

    def order_of(self, stratum: str) -> list[Ticket]:
        """A stratum's whole order, whoever has left it since."""
        return self._orders[stratum]

    def next_substitute(self, stratum: str) -> str | None:
        """The next unit of a stratum that is still sealed; none where its substitutes are used up."""
        opened = sum(one.replaces is not None and one.stratum == stratum for one in self.chosen.values())
        if opened >= self._roster.substitutes:
            return None
        return next((t.id for t in self._orders[stratum] if self._is_free(t.id)), None)

    def stratum_of(self, unit: str) -> str:
        """The stratum of a unit of the roster."""
        if unit not in self._stratum:
            raise DrawError(f"{unit} 不在这次抽取的名单里。")
        return self._stratum[unit]

    def load_of(self, inspector: str) -> int:
        """How many units an inspector has now; a unit that is out counts no more."""
        return sum(inspector in one.inspectors for one in self.chosen.values() if not one.is_out)

    def _is_free(self, unit: str) -> bool:
        return unit not in self.chosen and unit not in self._excluded

    def _draw(self) -> None:
        if self.chosen:
            raise DrawError("这一次已经抽取过；要重新抽取，必须作废并重新承诺。")
        for stratum in self._roster.strata:
            free = [t.id for t in self._orders[stratum.name] if self._is_free(t.id)]
            for unit in free[: stratum.quota]:
                self._choose(unit, None)

    def _choose(self, unit: str, replaces: str | None) -> None:
        stratum = self._stratum[unit]
        place, ticket = next(
            (place, t) for place, t in enumerate(self._orders[stratum], start=1) if t.id == unit
        )
        self.chosen[unit] = Chosen(unit, stratum, place, ticket.number, replaces)
        self.chosen[unit].inspectors = self._inspectors_for(unit, [])

    def _exclude(self, unit: str) -> None:
        self.stratum_of(unit)
        one = self.chosen.get(unit)
        if unit in self._excluded or (one is not None and one.is_out):
            raise DrawError(f"{unit} 已经排除过，或已经有单位递补。")
        self._excluded.add(unit)
        if one is not None:
            one.is_out = True

    def _substitute(self, unit: str, replaces: str) -> None:
        left = self.chosen.get(replaces)
        if left is None or any(one.replaces == replaces for one in self.chosen.values()):
            raise DrawError(f"{replaces} 没有被抽中，或已经有单位递补。")
        expected = self.next_substitute(left.stratum)
        if expected is None or unit != expected:
            raise DrawError(f"{unit} 不是“{left.stratum}”层下一个递补单位。")
        left.is_out = True
        self._choose(unit, replaces)

    def _replace_inspector(self, unit: str, inspector: str) -> None:
        one = self.chosen.get(unit)
        if one is None or one.is_out or inspector not in one.inspectors:
            raise DrawError(f"检查人员 {inspector} 现在不负责 {unit}。")
        self._taken_off.setdefault(unit, set()).add(inspector)
        one.inspectors = self._inspectors_for(unit, [i for i in one.inspectors if i != inspector])

    def _inspectors_for(self, unit: str, kept: list[str]) -> list[str]:
        """The first in the unit's own order who may go: those below the load, then those least above it."""
        team = list(kept)
        off = self._taken_off.get(unit, set()).union(kept)
        line = [
            t.id for t in in_order(sub_seed(self._seed, unit), self._roster.inspectors) if t.id not in off
        ]
        # The sort is stable: whoever is below the load stays in the order of the tickets.
        line.sort(key=lambda inspector: max(0, self.load_of(inspector) + 1 - self._roster.load))
        for inspector in line:
            if len(team) == TEAM:
                break
            if self._is_barred(inspector, unit):
                self.met.add((inspector, unit))
            else:
                team.append(inspector)
        return team
