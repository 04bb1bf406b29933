"""The whole demonstration district of one day as plain values: no database, no clock."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from publishing.demonstration.campaigns import Campaign, Campaigner
from publishing.demonstration.chance import Chance
from publishing.demonstration.drawn_months import DrawnMonth, last_month, next_month, this_month
from publishing.demonstration.field_plan import FieldPlan, field_plan
from publishing.demonstration.story import Story, tell_story
from publishing.demonstration.units import Move, NewOperator
from publishing.demonstration.visits import Span, Visit, ordinary_visits

SEED = "示范区"


@dataclass(frozen=True)
class District:
    """Units and their changes, visits by the day on which their records come in, campaigns, the field.

    What came of the months that the system draws is not here: nobody knows it before the draw.
    """

    on: date
    story: Story
    visits: tuple[Visit, ...]
    campaigns: tuple[Campaign, ...]
    revealed: DrawnMonth
    sealed: DrawnMonth
    nominating: DrawnMonth
    nominate_until: datetime
    field: FieldPlan


def build_district(on: date, seed: str = SEED) -> District:
    """The district as it stands on a day; the same day always gives the same district."""
    chance = Chance(seed, on.isoformat())
    story = tell_story(chance.child("story"), on)
    spans = _spans(story, on)
    campaigns = Campaigner(chance.child("campaigns"), spans, on).campaigns()
    busy: dict[str, list[date]] = {}
    visits: list[Visit] = []
    for campaign in campaigns:
        for visit in campaign.visits:
            busy.setdefault(visit.unit_key, []).append(visit.day)
            visits.append(visit)
    for span in spans:
        own = chance.child("visits", span.unit.key, span.first)
        visits += ordinary_visits(own, span, busy.get(span.unit.key, []), on)
    visits.sort(key=lambda visit: (visit.stored_on, visit.day, visit.key))
    sealed = this_month(on)
    nominating, until = next_month(on)
    return District(
        on=on,
        story=story,
        visits=tuple(visits),
        campaigns=tuple(campaigns),
        revealed=last_month(on),
        sealed=sealed,
        nominating=nominating,
        nominate_until=until,
        field=field_plan(chance.child("field"), on, story, visits, sealed.drawn_theme.unit_types),
    )


def _spans(story: Story, on: date) -> list[Span]:
    """Who may be visited from when to when; the units of the last load are too new for a visit."""
    last = on - timedelta(days=1)
    ends = {change.unit_key: change.on for change in story.changes if not isinstance(change, Move)}
    moves = {change.unit_key: change.on for change in story.changes if isinstance(change, Move)}
    spans = []
    known = {unit.key: load.day for load in reversed(story.loads) for unit in load.units}
    for unit in story.settled:
        first = max(unit.opened_on + timedelta(days=20), known[unit.key] + timedelta(days=1))
        end = min(ends.get(unit.key, on) - timedelta(days=1), last)
        # A move takes a few weeks during which nobody inspects.
        end = min(end, moves[unit.key] - timedelta(days=1)) if unit.key in moves else end
        spans.append(Span(unit, first, end))
        if unit.key in moves:
            spans.append(Span(unit, moves[unit.key] + timedelta(days=20), last))
    for change in story.changes:
        if isinstance(change, NewOperator):
            spans.append(Span(change.successor, change.on + timedelta(days=20), last))
    return [span for span in spans if span.first <= span.last]


def successors(story: Story) -> int:
    """How many doors a new operator has taken over."""
    return sum(1 for change in story.changes if isinstance(change, NewOperator))
