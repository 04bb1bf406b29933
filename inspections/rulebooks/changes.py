"""Two rulebooks side by side: which values are gone, new, or say something else, and which steps differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from grading.rulebook import Rulebook
from inspections.rulebooks.showing import ShownCell, ShownRulebook, shown

NOTHING = "（没有）"


@dataclass(frozen=True)
class Change:
    """One place in which two rulebooks differ."""

    where: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """Everything in which two rulebooks differ on their days."""

    before: ShownRulebook
    after: ShownRulebook
    words: tuple[Change, ...]
    values: tuple[Change, ...]
    sources: tuple[Change, ...]
    steps: tuple[Change, ...]
    further_days: tuple[date, ...]
    """Later days on which only one of them changes, or both differently."""

    def sections(self) -> Iterator[tuple[str, Sequence[tuple[str, str, str, str]]]]:
        """The differences by kind, each row as place, before, arrow, after."""
        for heading, changes in self._named():
            if changes:
                yield heading, [(one.where, one.before, "→", one.after) for one in changes]

    def _named(self) -> Sequence[tuple[str, tuple[Change, ...]]]:
        kinds = (self.words, self.values, self.sources, self.steps)
        return tuple(zip(("用词", "规则值", "依据和出处", "步骤"), kinds, strict=True))

    def summary(self) -> str:
        """How much differs, in one sentence."""
        said = "，".join(f"{name} {len(rows)} 处" for name, rows in self._named() if rows)
        head = f"不同：{said}。" if said else "这一天没有不同。"
        if not self.further_days:
            return head
        days = "、".join(str(day) for day in self.further_days)
        return f"{head}以后的日子也有不同：{days}；用 --on 看。"


def difference(before: Rulebook, after: Rulebook, days: tuple[date, date]) -> Difference:
    """What differs between a rulebook on a day and another, or the same on another day."""
    one, two = shown(before, days[0]), shown(after, days[1])
    cells = {cell.name: cell for cell in one.cells}, {cell.name: cell for cell in two.cells}
    pairs = [(cells[0].get(name), cells[1].get(name)) for name in dict.fromkeys((*cells[0], *cells[1]))]
    return Difference(
        before=one,
        after=two,
        words=tuple(_words(one, two)),
        values=tuple(change for pair in pairs for change in _values(*pair)),
        sources=tuple(change for pair in pairs for change in _sources(*pair)),
        steps=tuple(_steps(one, two)),
        further_days=_further(before, after, max(days)) if days[0] == days[1] else (),
    )


def _changes(where: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key, NOTHING), after.get(key, NOTHING)
        if old != new:
            yield Change(f"{where} {key}".strip(), old, new)


def _words(one: ShownRulebook, two: ShownRulebook) -> Iterator[Change]:
    yield from _changes("", {"名称": one.title, "说明": one.notes}, {"名称": two.title, "说明": two.notes})
    told = [
        {
            f"{scale.label}的 {level.id}": f"{level.zh} {level.meaning_zh}".strip()
            for scale in book.scales
            for level in (*scale.levels, *scale.outside)
        }
        for book in (one, two)
    ]
    yield from _changes("", *told)


def _values(before: ShownCell | None, after: ShownCell | None) -> Iterator[Change]:
    """The rows in which a value differs; a value without rows says the same beside each of the other's."""
    told = [dict(cell.rows) if cell is not None else {} for cell in (before, after)]
    keys = list(dict.fromkeys((*told[0], *told[1])))
    if any(keys):
        keys = [key for key in keys if key]
    for key in keys:
        old, new = (rows.get(key, rows.get("", NOTHING)) for rows in told)
        if old != new:
            yield Change(f"{_label(before, after)} {key}".strip(), old, new)


def _label(*cells: ShownCell | None) -> str:
    found = [cell for cell in cells if cell is not None]
    unit = next((cell.unit for cell in found if cell.unit), "")
    return f"{found[-1].label}（{unit}）" if unit else found[-1].label


def _sources(before: ShownCell | None, after: ShownCell | None) -> Iterator[Change]:
    if before is not None and after is not None and before.source != after.source:
        yield Change(after.label, before.source, after.source)


def _steps(before: ShownRulebook, after: ShownRulebook) -> Iterator[Change]:
    told = [{found.name: dict(found.rows) for found in book.procedures} for book in (before, after)]
    for name in dict.fromkeys((*told[0], *told[1])):
        yield from _changes(name, told[0].get(name, {}), told[1].get(name, {}))


def _further(before: Rulebook, after: Rulebook, on: date) -> tuple[date, ...]:
    """Later days on which a value changes and both rulebooks do not say the same."""
    days = {
        entry.first_day
        for book in (before, after)
        for cell in book.cells.values()
        for entry in cell.entries
        if entry.first_day > on
    }

    def said(book: Rulebook, day: date) -> dict[str, tuple[object, bool] | None]:
        entries = {name: cell.on(day) for name, cell in book.cells.items()}
        return {name: (e.value, e.repealed) if e is not None else None for name, e in entries.items()}

    return tuple(day for day in sorted(days) if said(before, day) != said(after, day))
