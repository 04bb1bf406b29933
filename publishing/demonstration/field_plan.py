"""The inspectors' last weeks: which visits were made with tablets, what followed, and what is to do today."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from publishing.demonstration.answers import Level
from publishing.demonstration.chance import Chance
from publishing.demonstration.drawn_months import workdays_before
from publishing.demonstration.story import Story
from publishing.demonstration.units import Unit
from publishing.demonstration.visits import Visit

INSPECTORS = ("演示检查员甲", "演示检查员乙", "演示检查员丙", "演示检查员丁")
REVIEWER = "演示复核"
TABLETS = {"演示平板01": ("演示检查员甲", "演示检查员丙"), "演示平板02": ("演示检查员乙", "演示检查员丁")}
_ORDERED = ("home", "noodle", "snack", "barbecue", "hotpot", "fast")


class After(StrEnum):
    """What became of a visit that was signed on a tablet."""

    WAITS = "waits"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    SUBSTITUTED = "substituted"


@dataclass(frozen=True)
class Task:
    """A visit assigned outside of a draw."""

    name: str
    unit: Unit
    lead: str
    second: str
    assigned_on: date
    release_on: date
    kind: str = "daily"
    reason: str = ""
    recheck_of: str | None = None
    """The task whose visit it re-checks."""


@dataclass(frozen=True)
class FieldVisit:
    """A visit made with a tablet: of a task by its name, or of the draw by its place in it."""

    task: str | None
    place: int | None
    day: date
    level: Level
    after: After
    after_on: date | None = None
    deadline_on: date | None = None
    is_shut: bool = False

    @property
    def name(self) -> str:
        """What the story calls it."""
        return self.task or f"place {self.place}"


@dataclass(frozen=True)
class Answer:
    """What an operator answered to the order of a task's visit, and when it was re-checked, if it was."""

    task: str
    on: date
    text: str
    rechecked_on: date | None = None


@dataclass(frozen=True)
class FieldPlan:
    """Everything that happens in the field until the day."""

    opened_on: date
    tasks: tuple[Task, ...]
    visits: tuple[FieldVisit, ...]
    answers: tuple[Answer, ...]
    reminded_on: date
    recused: Unit


def field_plan(
    chance: Chance, on: date, story: Story, visits: Sequence[Visit], drawn: Collection[str]
) -> FieldPlan:
    """The plan of one day; units of the types that are drawn this month are left to the draw."""
    free = _lasting(story, drawn)
    days = workdays_before(on, 27)
    ordered = chance.some([unit for unit in free if unit.trade in _ORDERED and unit.care > 40], 4)
    taken = {unit.key for unit in ordered}
    today = _for_today([unit for unit in free if unit.key not in taken], visits, on)
    tasks = [
        Task(f"order {place}", unit, INSPECTORS[(place + 1) % 4], INSPECTORS[(place + 2) % 4], day, day)
        for place, (unit, day) in enumerate(zip(ordered, (days[8], days[7], days[14], days[18]), strict=True))
    ]
    first, second, third, fourth = (task.release_on for task in tasks)
    done = (
        _ordered("order 0", first, days[9], first + timedelta(days=9)),
        _ordered("order 1", second, days[8], second + timedelta(days=12)),
        _ordered("order 2", third, days[15], on + timedelta(days=3)),
        _ordered("order 3", fourth, days[19], on + timedelta(days=8)),
    )
    answers = (
        Answer("order 1", days[12], "问题已经改正，照片附后。", days[15]),
        Answer("order 2", days[25], "已按责令内容逐条改正，现场照片附后。"),
    )
    return FieldPlan(
        opened_on=days[2],
        tasks=(*tasks, *_todays_tasks(today, ordered[0], days[26], on)),
        visits=(*done, *_of_the_draw(days[20:])),
        answers=answers,
        reminded_on=days[24],
        recused=chance.pick([unit for unit in story.settled if unit.row.unit_type in drawn]),
    )


def _ordered(task: str, day: date, confirmed_on: date, deadline_on: date) -> FieldVisit:
    return FieldVisit(task, None, day, Level.SEVERAL, After.CONFIRMED, confirmed_on, deadline_on)


def _of_the_draw(days: list[date]) -> tuple[FieldVisit, ...]:
    """Six of the drawn units: confirmed, waiting, returned, and two with shut doors, one of them replaced."""
    return (
        FieldVisit(None, 0, days[3], Level.CLEAN, After.CONFIRMED, days[4]),
        FieldVisit(None, 1, days[4], Level.SLIGHT, After.WAITS),
        FieldVisit(None, 2, days[4], Level.SEVERAL, After.RETURNED, days[6]),
        FieldVisit(None, 3, days[5], Level.CLEAN, After.SUBSTITUTED, days[6], is_shut=True),
        FieldVisit(None, 4, days[6], Level.GRAVE, After.WAITS),
        FieldVisit(None, 5, days[6], Level.CLEAN, After.WAITS, is_shut=True),
    )


def _todays_tasks(today: list[Unit], recheck: Unit, assigned_on: date, on: date) -> list[Task]:
    first, second = INSPECTORS[:2]
    daily = [Task(f"today {place}", unit, first, second, assigned_on, on) for place, unit in enumerate(today)]
    again = Task(
        "recheck", recheck, first, second, assigned_on, on, "recheck", "责令改正期限已过，复查", "order 0"
    )
    return [*daily, again]


def _lasting(story: Story, drawn: Collection[str]) -> list[Unit]:
    """The units that nothing happens to, of types that are not drawn."""
    changing = {change.unit_key for change in story.changes}
    return [
        unit
        for unit in story.settled
        if unit.key not in changing and unit.row.unit_type not in drawn and unit.row.area_m2 is not None
    ]


def _for_today(free: list[Unit], visits: Sequence[Visit], on: date) -> list[Unit]:
    """One whose licence ends soon, and two at which much was found last time and is not put right."""
    newest = {visit.unit_key: visit for visit in visits}
    ending = sorted(free, key=lambda unit: (_licence_left(unit, on), unit.key))[:1]
    open_notes = {
        unit.key: sum(not note.corrected_on_spot for note in newest[unit.key].sheet.notes)
        for unit in free
        if unit.key in newest and unit not in ending
    }
    worst = sorted(open_notes, key=lambda key: (-open_notes[key], key))[:2]
    by_key = {unit.key: unit for unit in free}
    return [*ending, *(by_key[key] for key in worst)]


def _licence_left(unit: Unit, on: date) -> int:
    """Days until the licence ends; one that has ended, or has no end, comes last."""
    until = unit.row.licence_until_on
    return (until - on).days if until is not None and until >= on else 10_000
