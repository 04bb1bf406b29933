"""What is done of draws and in the field, and when: in the afternoons, when nothing else happens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from publishing.demonstration.days import workday_from
from publishing.demonstration.district import District
from publishing.demonstration.drawn_months import DrawnMonth
from publishing.demonstration.field_plan import Answer, FieldPlan, FieldVisit, Task
from publishing.demonstration.visits import stored_on


@dataclass(frozen=True)
class CampaignIsCommitted:
    """A campaign is made and its pool closed."""

    month: DrawnMonth


@dataclass(frozen=True)
class CampaignIsDrawn:
    """The public value is entered and the campaign drawn."""

    month: DrawnMonth


@dataclass(frozen=True)
class CampaignIsReleased:
    """The inspectors see their units; some of them from a later day on."""

    month: DrawnMonth
    later: date


@dataclass(frozen=True)
class CampaignIsRevealed:
    """The visits of a draw come in, its last unit is closed, and everything becomes public."""

    month: DrawnMonth


@dataclass(frozen=True)
class EntriesOfDrawAreRectified:
    """Units on the edition of a draw report that they have put things right."""

    month: DrawnMonth


@dataclass(frozen=True)
class EntriesOfDrawAreRechecked:
    """The results of re-checks are added to the entries of a draw's edition."""

    month: DrawnMonth


@dataclass(frozen=True)
class NominationsOpen:
    """A campaign is made and the public is asked."""

    month: DrawnMonth
    until: datetime


@dataclass(frozen=True)
class FieldOpens:
    """Tablets are handed out."""


@dataclass(frozen=True)
class OverdueAreReminded:
    """Letters are written for orders whose deadline has passed."""


@dataclass(frozen=True)
class VisitArrives:
    """A tablet sends a signed visit."""

    visit: FieldVisit


@dataclass(frozen=True)
class VisitIsSettled:
    """The office decides on a visit that has arrived."""

    visit: FieldVisit


@dataclass(frozen=True)
class OperatorAnswers:
    """An operator answers an order."""

    answer: Answer


@dataclass(frozen=True)
class AnswerIsChecked:
    """Somebody looks whether it is as an operator answered."""

    answer: Answer


DrawAct = (
    CampaignIsCommitted
    | CampaignIsDrawn
    | CampaignIsReleased
    | CampaignIsRevealed
    | EntriesOfDrawAreRectified
    | EntriesOfDrawAreRechecked
    | NominationsOpen
)
FieldAct = (
    FieldOpens | OverdueAreReminded | Task | VisitArrives | VisitIsSettled | OperatorAnswers | AnswerIsChecked
)


def field_acts(district: District) -> Iterator[tuple[datetime, DrawAct | FieldAct]]:
    """Every act with its instant."""
    yield from _draws(district)
    yield from _field(district.field)


def instant(day: date, clock: str) -> datetime:
    """A day and a time of it, in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), UTC)


def _draws(district: District) -> Iterator[tuple[datetime, DrawAct]]:
    """Last month's whole, this month's so far, next month's beginning."""
    past, now, coming = district.revealed, district.sealed, district.nominating
    for month in (past, now):
        yield instant(month.committed_on, "07:33"), CampaignIsCommitted(month)
        yield instant(month.drawn_on, "07:36"), CampaignIsDrawn(month)
    yield instant(past.stored_on, "00:40"), CampaignIsRevealed(past)
    told_on = workday_from(past.published_on + timedelta(days=2))
    yield instant(told_on, "07:05"), EntriesOfDrawAreRectified(past)
    known_on = stored_on(past.published_on + timedelta(days=10), district.on)
    yield instant(known_on, "07:15"), EntriesOfDrawAreRechecked(past)
    yield instant(now.released_on, "07:39"), CampaignIsReleased(now, district.on)
    yield instant(coming.committed_on, "07:42"), NominationsOpen(coming, district.nominate_until)


def _field(plan: FieldPlan) -> Iterator[tuple[datetime, FieldAct]]:
    yield instant(plan.opened_on, "07:30"), FieldOpens()
    for task in plan.tasks:
        yield instant(task.assigned_on, "07:50"), task
    for visit in plan.visits:
        yield instant(visit.day, "08:45"), VisitArrives(visit)
        if visit.after_on is not None:
            yield instant(visit.after_on, "09:00"), VisitIsSettled(visit)
    for answer in plan.answers:
        yield instant(answer.on, "09:10"), OperatorAnswers(answer)
        if answer.rechecked_on is not None:
            yield instant(answer.rechecked_on, "09:20"), AnswerIsChecked(answer)
    yield instant(plan.reminded_on, "09:30"), OverdueAreReminded()
