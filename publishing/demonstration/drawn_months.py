"""The months that the system itself draws: last month's, this month's, and the one that takes nominations."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from inspections.campaigns.rules import NOMINATED, PoolRule, StrataBy, StrataRule
from inspections.campaigns.service import CampaignPlan
from publishing.demonstration.campaigns import published_day, stored_day
from publishing.demonstration.days import month_word, months_back, workday_from, workday_until
from publishing.demonstration.words import DrawnTheme, Theme, campaign_words

MANAGER = "演示抽查管理"
GUESTS = (("人大代表", 2), ("消费者代表", 3))
_LAST_MONTHS, _THIS_MONTHS, _NEXT_MONTHS = 16, 10, 12
_SUBSTITUTES, _LOAD, _VOTES_NEEDED, _WEIGHT_OF_NOMINATED = 3, 12, 3, 40
_NOMINATIONS = timedelta(days=6)


@dataclass(frozen=True)
class DrawnMonth:
    """One campaign of the system: what is drawn, and when it was committed to and drawn."""

    month: date
    drawn_theme: DrawnTheme
    plan: CampaignPlan
    committed_on: date
    drawn_on: date
    released_on: date

    @property
    def key(self) -> str:
        """The campaign's month."""
        return month_word(self.month)

    @property
    def theme(self) -> Theme:
        """The theme as visits carry it."""
        return Theme(
            month=self.month.month, title=self.drawn_theme.title, trades=(), items=self.drawn_theme.items
        )

    @property
    def value_at(self) -> datetime:
        """When the public value was to be known."""
        return datetime.combine(self.drawn_on, time(7, 35), UTC)

    @property
    def stored_on(self) -> date:
        """The day on which the records of its visits came in."""
        return stored_day(self.month)

    @property
    def published_on(self) -> date:
        """The day on which its edition was published."""
        return published_day(self.month)


def last_month(on: date) -> DrawnMonth:
    """The campaign whose draw is public and whose results are the newest edition."""
    month = months_back(on, 1)
    committed = workday_from(month)
    drawn = workday_from(committed + timedelta(days=1))
    return _month(month, committed, drawn, workday_from(drawn + timedelta(days=1)), _LAST_MONTHS)


def this_month(on: date) -> DrawnMonth:
    """The campaign under way: drawn a week ago, half of it visited, its roster sealed."""
    days = workdays_before(on, 7)
    return _month(months_back(on, 0), days[0], days[1], days[2], _THIS_MONTHS)


def next_month(on: date) -> tuple[DrawnMonth, datetime]:
    """The campaign that takes nominations, and until when."""
    made_on = workdays_before(on, 2)[0]
    until = datetime.combine(on + _NOMINATIONS, time(10), UTC)
    found = _month(months_back(on, -1), made_on, made_on, made_on, _NEXT_MONTHS, nominated_from=_VOTES_NEEDED)
    return found, until


def workdays_before(on: date, count: int) -> list[date]:
    """The last working days before a day, the oldest first."""
    found: list[date] = []
    while len(found) < count:
        found.append(workday_until((found[-1] if found else on) - timedelta(days=1)))
    return found[::-1]


def _month(
    month: date,
    committed: date,
    drawn: date,
    released: date,
    count: int,
    *,
    nominated_from: int | None = None,
) -> DrawnMonth:
    themes = campaign_words().drawn_themes
    theme = themes[(month.year * 12 + month.month) % len(themes)]
    weights = theme.weights | ({NOMINATED: _WEIGHT_OF_NOMINATED} if nominated_from else {})
    plan = CampaignPlan(
        key=month_word(month),
        issue_no=month.month,
        theme=theme.title,
        draw_count=count,
        substitutes=_SUBSTITUTES,
        load_limit=_LOAD,
        pool=PoolRule(
            unit_types=theme.unit_types,
            online_ordering=theme.online_ordering,
            nominated_from=nominated_from,
        ),
        strata=StrataRule(StrataBy(theme.by), weights, nominated_apart=nominated_from is not None),
        guests=GUESTS,
        theme_items=theme.items,
    )
    return DrawnMonth(month, theme, plan, committed, drawn, released)
