"""The monthly campaigns: whom they drew, what was found, and the edition that came of them."""

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
    """Draws and visits month by month; a unit is drawn again only after half a year."""

    def __init__(self, chance: Chance, spans: list[Span], on: date) -> None:
        self._chance = chance
        self._spans = spans
        self._on = on
        self._drawn: dict[str, date] = {}

    def campaigns(self) -> list[Campaign]:
        """Twelve months with an edition, and this month's visits where its days are over."""
        themes = {theme.month: theme for theme in campaign_words().themes}
        campaigns = []
        for back in range(EDITIONS, -1, -1):
            month = months_back(self._on, back)
            if back == 0 and workday_from(month.replace(day=_STORED_DAY)) >= self._on:
                break
            wanted = _Wanted(5, 1) if back == 0 else _wanted(back)
            campaigns.append(self._campaign(month, themes[month.month], wanted, has_edition=back > 0))
        return campaigns

    def _campaign(self, month: date, theme: Theme, wanted: _Wanted, *, has_edition: bool) -> Campaign:
        spans = self._draw(month, theme, wanted)
        days = workdays(month.replace(day=_FIRST_DAY), month.replace(day=_LAST_DAY))
        stored = workday_from(month.replace(day=_STORED_DAY))
        published = max(stored, workday_until(month.replace(day=_PUBLISHED_DAY)))
        turns = self._chance.shuffled(range(len(spans)))
        visits, entries = [], []
        for place, span in enumerate(spans):
            day = days[turns[place] * len(days) // len(spans)]
            word = "red" if place < wanted.red else "black" if place < wanted.red + wanted.black else ""
            visit = self._visit(span.unit, day, theme, word, stored, published)
            visits.append(visit)
            if word and has_edition:
                place_in_list = place if word == "red" else place - wanted.red
                entries.append(self._entry(span.unit, visit, word, wanted, place_in_list, published))
        drawn = len(spans) + (1 if self._chance.percent(35) else 0)
        rechecks = tuple(again for entry in entries for again in entry.rechecks)
        ordered = sorted(visits, key=lambda visit: (visit.day, visit.key))
        return Campaign(month, theme, drawn, (*ordered, *rechecks), tuple(entries), stored, published)

    def _draw(self, month: date, theme: Theme, wanted: _Wanted) -> list[Span]:
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
        return _in_order_of_lists(chosen, wanted)

    def _visit(self, unit: Unit, day: date, theme: Theme, word: str, stored: date, published: date) -> Visit:
        chance = self._chance
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
            key=key_of(unit, day),
            unit_key=unit.key,
            day=day,
            kind=VisitKind.CAMPAIGN,
            sheet=known_by(sheet, stored),
            stored_on=stored,
            inspectors=pair(chance),
            theme=theme.title,
            theme_items=theme.items,
        )

    def _entry(
        self, unit: Unit, visit: Visit, word: str, wanted: _Wanted, place: int, published: date
    ) -> Entry:
        words = campaign_words()
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


def _in_order_of_lists(chosen: list[Span], wanted: _Wanted) -> list[Span]:
    """The most careful first for the red list, then the least careful for the black one, then the others."""
    # Without its floor area a unit has no grade and comes on no list.
    by_care = sorted(chosen, key=lambda span: (span.unit.row.area_m2 is None, span.unit.care))
    graded = sum(1 for span in chosen if span.unit.row.area_m2 is not None)
    red, rest = by_care[: wanted.red], by_care[wanted.red : graded]
    black = rest[len(rest) - wanted.black :]
    return [*red, *black, *rest[: len(rest) - wanted.black], *by_care[graded:]]


def _wanted(months_ago: int) -> _Wanted:
    red, black = _COUNTS[months_ago - 1]
    return _Wanted(red, black, is_newest=months_ago == 1, has_withdrawal=months_ago == _WITHDRAWN_EDITION + 1)
