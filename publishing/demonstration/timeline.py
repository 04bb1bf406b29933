"""The demonstration district's two years in order: what is done at which instant."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from publishing.demonstration.campaigns import Campaign
from publishing.demonstration.district import District
from publishing.demonstration.drawn_months import DrawnMonth
from publishing.demonstration.field_acts import DrawAct, FieldAct, field_acts, instant
from publishing.demonstration.units import Change, Load
from publishing.demonstration.visits import Visit


@dataclass(frozen=True)
class VisitsComeIn:
    """Records of visits reach the register and are released."""

    visits: tuple[Visit, ...]


@dataclass(frozen=True)
class EditionIsDrafted:
    """The register is graded and an editor drafts the month's edition."""

    campaign: Campaign | DrawnMonth


@dataclass(frozen=True)
class EditionIsPublished:
    """Two others approve the edition and it is published."""

    campaign: Campaign | DrawnMonth


@dataclass(frozen=True)
class EntryIsRectified:
    """A unit reports that it has put right what it was listed for."""

    campaign: Campaign
    number: int


@dataclass(frozen=True)
class EntryIsRechecked:
    """The result of a re-check is added to an entry."""

    campaign: Campaign
    number: int
    visit: Visit


@dataclass(frozen=True)
class EntryIsWithdrawn:
    """An entry is withdrawn."""

    campaign: Campaign
    number: int


Act = (
    Load
    | Change
    | VisitsComeIn
    | EditionIsDrafted
    | EditionIsPublished
    | EntryIsRectified
    | EntryIsRechecked
    | EntryIsWithdrawn
    | DrawAct
    | FieldAct
)


@dataclass(frozen=True)
class Step:
    """One act and its instant."""

    at: datetime
    act: Act


def timeline(district: District, now: datetime) -> list[Step]:
    """Every step up to now, oldest first; no step lies in the future."""
    steps = [
        *_register(district),
        *_records(district),
        *(step for campaign in district.campaigns for step in _edition(campaign)),
        *(Step(at, act) for at, act in field_acts(district)),
        _step(district.revealed.stored_on, "01:00", EditionIsDrafted(district.revealed)),
        _step(district.revealed.published_on, "06:00", EditionIsPublished(district.revealed)),
    ]
    past = [step for step in steps if step.at.date() <= district.on]
    past.sort(key=lambda step: step.at)
    # On the day itself the hour may not have come yet: what is of today has happened just now.
    return [Step(min(step.at, now), step.act) for step in past]


def _register(district: District) -> Iterator[Step]:
    for load in district.story.loads:
        yield _step(load.day, "00:10", load)
    for change in district.story.changes:
        yield _step(change.on, "00:20", change)


def _records(district: District) -> Iterator[Step]:
    for day, visits in groupby(district.visits, key=lambda visit: visit.stored_on):
        yield _step(day, "00:30", VisitsComeIn(tuple(visits)))


def _edition(campaign: Campaign) -> Iterator[Step]:
    if not campaign.entries:
        return
    published = campaign.published_on
    yield _step(campaign.stored_on, "01:00", EditionIsDrafted(campaign))
    yield _step(published, "06:00", EditionIsPublished(campaign))
    for number, entry in enumerate(campaign.entries, start=1):
        if entry.rectified_on is not None:
            yield _step(entry.rectified_on, "07:00", EntryIsRectified(campaign, number))
        for visit in entry.rechecks:
            yield _step(visit.stored_on, "07:10", EntryIsRechecked(campaign, number, visit))
        if entry.withdrawn_on is not None:
            yield _step(entry.withdrawn_on, "07:20", EntryIsWithdrawn(campaign, number))


def _step(day: date, clock: str, act: Act) -> Step:
    return Step(instant(day, clock), act)
