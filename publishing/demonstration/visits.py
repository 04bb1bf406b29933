"""Two years of visits to the demonstration district's units, without the monthly campaigns."""

from dataclasses import dataclass
from datetime import date, timedelta

from inspections.visits.tables import VisitKind
from publishing.demonstration.answers import Inspector, Level, Note, Sheet
from publishing.demonstration.chance import Chance
from publishing.demonstration.days import is_workday, workday_from
from publishing.demonstration.units import Unit

_APART_DAYS = 35
_TWICE_A_YEAR = {
    "school_canteen",
    "kindergarten_canteen",
    "central_kitchen",
    "collective_delivery",
    "banquet",
}
_KINDS = (VisitKind.DAILY, VisitKind.SPECIAL, VisitKind.FLYING, VisitKind.CASE_BASED)
_KIND_WEIGHTS = (86, 6, 4, 4)
_INSPECTORS = 26


@dataclass(frozen=True)
class Visit:
    """One visit; `stored_on` is the day on which its record reaches the register."""

    key: str
    unit_key: str
    day: date
    kind: VisitKind
    sheet: Sheet
    stored_on: date
    inspectors: str
    theme: str | None = None
    theme_items: tuple[str, ...] = ()
    recheck_of: str | None = None


@dataclass(frozen=True)
class Span:
    """From which day to which a unit may be visited."""

    unit: Unit
    first: date
    last: date


def key_of(unit: Unit, day: date, prefix: str = "DEMO") -> str:
    """The record number of a visit: at most one a day at a unit."""
    return f"{prefix}-{day:%Y%m%d}-{unit.key[1:]}"


def pair(chance: Chance) -> str:
    """Two inspectors, by number; nobody has a name."""
    first = chance.between(1, _INSPECTORS)
    second = (first + chance.between(0, _INSPECTORS - 2)) % _INSPECTORS + 1
    return f"执法人员{first:02}、执法人员{second:02}"


def ordinary_visits(chance: Chance, span: Span, busy: list[date], on: date) -> list[Visit]:
    """The daily, special, flying and case-based visits of one unit, with the re-checks that follow."""
    visits: list[Visit] = []
    taken = list(busy)
    for _ in range(_how_many(chance, span)):
        day = _free_day(chance, span, taken)
        if day is None:
            continue
        taken.append(day)
        visits += _one(chance, span, day, on)
    return visits


def stored_on(day: date, on: date) -> date:
    """Records of a month come in on the twelfth of the next one, the newest ones on the last day."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=12)
    return min(workday_from(following), on)


def recheck(chance: Chance, first: Visit, unit: Unit, day: date, on: date, *, passed: bool) -> Visit:
    """The re-check of a visit."""
    sheet = Inspector(chance, unit.row).after(first.sheet.notes, day, passed=passed)
    return Visit(
        key=key_of(unit, day, first.key.partition("-")[0]),
        unit_key=unit.key,
        day=day,
        kind=VisitKind.RECHECK,
        sheet=sheet,
        stored_on=stored_on(day, on),
        inspectors=first.inspectors,
        recheck_of=first.key,
    )


def known_by(sheet: Sheet, day: date) -> Sheet:
    """The sheet as its record stands on a day: what was corrected later is not in it yet."""
    notes = tuple(
        note
        if note.corrected_on is None or note.corrected_on <= day
        else Note(note.code, note.text, note.letter, note.corrected_on_spot, note.deadline_on)
        for note in sheet.notes
    )
    return Sheet(sheet.answers, notes)


def _how_many(chance: Chance, span: Span) -> int:
    days = (span.last - span.first).days
    a_year = 2 if span.unit.trade in _TWICE_A_YEAR or span.unit.care > 55 else 1
    whole, rest = divmod(days * a_year, 365)
    return whole + int(chance.percent(rest * 100 // 365)) + int(chance.percent(40) and days > 200)


def _free_day(chance: Chance, span: Span, taken: list[date]) -> date | None:
    room = (span.last - span.first).days
    for _ in range(30):
        day = span.first + timedelta(days=chance.between(0, max(room, 0)))
        far = all(abs((day - other).days) >= _APART_DAYS for other in taken)
        if far and is_workday(day) and day <= span.last:
            return day
    return None


def _one(chance: Chance, span: Span, day: date, on: date) -> list[Visit]:
    unit = span.unit
    kind = chance.weighted(_KINDS, _KIND_WEIGHTS)
    level = _level(chance, unit.care)
    sheet = Inspector(chance, unit.row).fill(level, day, only_part=kind is VisitKind.FLYING)
    stored = stored_on(day, on)
    visit = Visit(
        key_of(unit, day), unit.key, day, kind, known_by(sheet, stored), stored, inspectors=pair(chance)
    )
    again = workday_from(day + timedelta(days=chance.between(9, 15)))
    if level is not Level.GRAVE or again > span.last:
        return [visit]
    return [visit, recheck(chance, visit, unit, again, on, passed=chance.percent(85))]


def _level(chance: Chance, care: int) -> Level:
    several, slight = 4 + care // 3, 46
    grave = 1 if care < 50 else 4
    clean = 100 - several - slight - grave
    return chance.weighted(tuple(Level), (clean, slight, several, grave))
