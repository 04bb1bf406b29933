"""The monthly campaigns: whom they drew, what was found, and the edition that came of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inspections.visits.tables import VisitKind
from publishing.demonstration.answers import Inspector, Level
from publishing.demonstration.chance import Chance
from publishing.demonstration.days import months_back, workday_from, workday_until, workdays
from publishing.demonstration.units import Unit
from publishing.demonstration.visits import Span, Visit, key_of, known_by, pair, recheck
from publishing.demonstration.words import Theme, campaign_words

EDITIONS = 12
_FIRST_DAY, _LAST_DAY, _STORED_DAY, _PUBLISHED_DAY = 3, 16, 20, 27
# Red and black entries per edition, newest first; the second has no red, the third no black.
_COUNTS = ((5, 2), (0, 2), (6, 0), (7, 2), (4, 1), (6, 2), (3, 1), (8, 3), (5, 2), (4, 1), (6, 3), (5, 1))
_WITHDRAWN_EDITION = 3


@dataclass(frozen=True)
class Entry:
    """One line of an edition, with what happened to it afterwards."""

    visit_key: str
    list_word: str
    reasons: tuple[str, ...]
    measures: str | None = None
    rechecks: tuple[Visit, ...] = ()
    rectified_on: date | None = None
    withdrawn_on: date | None = None


@dataclass(frozen=True)
class Campaign:
    """One month: its theme, its visits, and its edition where there is one yet."""

    month: date
    theme: Theme
    drawn: int
    visits: tuple[Visit, ...]
    entries: tuple[Entry, ...]
    stored_on: date
    published_on: date


@dataclass(frozen=True)
class _Wanted:
    red: int
    black: int
    is_newest: bool = False
    has_withdrawal: bool = False


class Campaigner:
    """Draws and visits month by month, but for the months that the system itself drew."""

    def __init__(self, chance: Chance, spans: list[Span], on: date) -> None:
        self._chance = chance
        self._spans = spans
        self._on = on
        self._drawn: dict[str, date] = {}

    def campaigns(self) -> list[Campaign]:
        """Eleven months with an edition, the oldest first; the newest edition rests on a real draw."""
        themes = {theme.month: theme for theme in campaign_words().themes}
        campaigns = []
        for back in range(EDITIONS, 1, -1):
            month, wanted = months_back(self._on, back), _wanted(back)
            units = self._draw(month, themes[month.month], wanted)
            teller = _Month(self._chance, self._on, month, themes[month.month], wanted)
            days = workdays(month.replace(day=_FIRST_DAY), month.replace(day=_LAST_DAY))
            drawn = len(units) + (1 if self._chance.percent(35) else 0)
            campaigns.append(teller.told(units, days, drawn))
        return campaigns

    def _draw(self, month: date, theme: Theme, wanted: _Wanted) -> list[Unit]:
        end = month + timedelta(days=75)
        free = [
            span
            for span in self._spans
            if span.unit.trade in theme.trades
            and span.first < month
            and span.last >= min(end, self._on - timedelta(days=1))
            and (month - self._drawn.get(span.unit.key, date.min)).days > 180
        ]
        least = wanted.red + wanted.black
        chosen = self._chance.some(free, max(least + 6, self._chance.between(14, 22)))
        for span in chosen:
            self._drawn[span.unit.key] = month
        return _in_order_of_lists([span.unit for span in chosen], wanted)


def drawn_campaign(
    chance: Chance, on: date, month: date, theme: Theme, units: Sequence[Unit], *, drawn: int, first_day: date
) -> Campaign:
    """What came of a real draw: visits from a day on to the units it chose, and the newest edition."""
    wanted = _wanted(1)
    teller = _Month(chance, on, month, theme, wanted, prefix="DRAW")
    days = workdays(first_day, max(month.replace(day=_LAST_DAY), first_day))
    return teller.told(_in_order_of_lists(list(units), wanted), days or [first_day], drawn)


def stored_day(month: date) -> date:
    """The day on which the records of a month's campaign come in."""
    return workday_from(month.replace(day=_STORED_DAY))


def published_day(month: date) -> date:
    """The day on which a month's edition is published."""
    return max(stored_day(month), workday_until(month.replace(day=_PUBLISHED_DAY)))


class _Month:
    """Tells what was found at the units of one month, and what became of it."""

    def __init__(
        self, chance: Chance, on: date, month: date, theme: Theme, wanted: _Wanted, prefix: str = "DEMO"
    ) -> None:
        self._chance, self._on = chance, on
        self._month, self._theme, self._wanted, self._prefix = month, theme, wanted, prefix

    def told(self, units: Sequence[Unit], days: Sequence[date], drawn: int) -> Campaign:
        """The campaign of units that stand in the order of the lists they are for."""
        wanted, published = self._wanted, published_day(self._month)
        turns = self._chance.shuffled(range(len(units)))
        visits, entries = [], []
        for place, unit in enumerate(units):
            day = days[turns[place] * len(days) // len(units)]
            word = "red" if place < wanted.red else "black" if place < wanted.red + wanted.black else ""
            visit = self._visit(unit, day, word, published)
            visits.append(visit)
            if word:
                place_in_list = place if word == "red" else place - wanted.red
                entries.append(self._entry(unit, visit, word, place_in_list, published))
        rechecks = tuple(again for entry in entries for again in entry.rechecks)
        ordered = sorted(visits, key=lambda visit: (visit.day, visit.key))
        return Campaign(
            self._month, self._theme, drawn, (*ordered, *rechecks), tuple(entries),
            stored_day(self._month), published,
        )  # fmt: skip

    def _visit(self, unit: Unit, day: date, word: str, published: date) -> Visit:
        chance, theme = self._chance, self._theme
        mixed = chance.weighted((Level.SLIGHT, Level.SEVERAL), (70, 30))
        level = {"red": Level.CLEAN, "black": Level.GRAVE}.get(word, mixed)
        sheet = Inspector(chance, unit.row).fill(
            level,
            day,
            theme=theme.items,
            theme_fails=not word,
            deadline_on=workday_from(published + timedelta(days=2)) if word == "black" else None,
        )
        return Visit(
            key=key_of(unit, day, self._prefix),
            unit_key=unit.key,
            day=day,
            kind=VisitKind.CAMPAIGN,
            sheet=known_by(sheet, stored_day(self._month)),
            stored_on=stored_day(self._month),
            inspectors=pair(chance),
            theme=theme.title,
            theme_items=theme.items,
        )

    def _entry(self, unit: Unit, visit: Visit, word: str, place: int, published: date) -> Entry:
        words, wanted = campaign_words(), self._wanted
        if word == "red":
            own = words.red_theme_reasons.get(unit.trade)
            own = own if self._chance.percent(50) else None
            reasons = self._chance.some(words.red_reasons, 2 if own else 3)
            withdrawn = wanted.has_withdrawal and place == wanted.red - 1
            day = workday_from(published + timedelta(days=24)) if withdrawn else None
            return Entry(visit.key, word, tuple([own, *reasons] if own else reasons), withdrawn_on=day)
        reasons = [f"{note.text}。" for note in visit.sheet.notes]
        # The newest edition shows one entry that is settled and one whose re-check failed.
        passed = not (wanted.is_newest and place == 1)
        first = workday_from(published + timedelta(days=self._chance.between(4, 9)))
        rechecks = tuple(self._rechecks(unit, visit, first, passed=passed))
        rectified = workday_from(published + timedelta(days=2)) if rechecks and passed else None
        is_food = visit.sheet.notes[0].code in words.food_items
        measures = self._chance.pick(words.black_food_measures if is_food else words.black_measures)
        return Entry(visit.key, word, tuple(reasons), measures, rechecks, rectified)

    def _rechecks(self, unit: Unit, visit: Visit, day: date, *, passed: bool) -> list[Visit]:
        if day >= self._on:
            return []
        return [recheck(self._chance, visit, unit, day, self._on, passed=passed)]


def _in_order_of_lists(chosen: list[Unit], wanted: _Wanted) -> list[Unit]:
    """The most careful first for the red list, then the least careful for the black one, then the others."""
    # Without its floor area a unit has no grade and comes on no list.
    by_care = sorted(chosen, key=lambda unit: (unit.row.area_m2 is None, unit.care))
    graded = sum(1 for unit in chosen if unit.row.area_m2 is not None)
    red, rest = by_care[: wanted.red], by_care[wanted.red : graded]
    black = rest[len(rest) - wanted.black :]
    return [*red, *black, *rest[: len(rest) - wanted.black], *by_care[graded:]]


def _wanted(months_ago: int) -> _Wanted:
    red, black = _COUNTS[months_ago - 1]
    return _Wanted(red, black, is_newest=months_ago == 1, has_withdrawal=months_ago == _WITHDRAWN_EDITION + 1)
