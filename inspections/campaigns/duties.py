"""What waits for campaign managers on the desk's first page."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from inspections.campaigns.plan_queries import plan_counts
from inspections.campaigns.revealing import gaps
from inspections.campaigns.stored_draws import newest_draw
from inspections.campaigns.tables import Campaign, CampaignState
from inspections.people.tables import Role
from inspections.record.clock import civil_day
from inspections.record.working_days import missing_year_warning
from inspections.surface.desk import Duty, Waiting, declare_duty

_MANAGERS = frozenset({Role.CAMPAIGN_MANAGER.value})
_SOON = timedelta(days=3)
_AHEAD = timedelta(days=45)


def declare_duties() -> None:
    """Declare them once, when the pages are made."""
    for label, endpoint, count in (
        ("录入公开值并抽取", "campaigns.listing", _values),
        ("关门或未能检查，决定是否递补", "campaigns.listing", _gaps),
        ("公布抽取名单", "campaigns.listing", _reveals),
        ("到期的检查任务", "plan.due", _tasks),
    ):
        declare_duty(Duty(label, endpoint, _MANAGERS, count))


def _values(session: Session, _name: str, now: datetime) -> Waiting:
    draws = [newest_draw(session, one.id or 0) for one in _in(session, CampaignState.COMMITTED)]
    due = [draw for draw in draws if draw is not None and draw.announced_at <= now]
    return Waiting(len(due), sum(draw.announced_at < now - timedelta(days=1) for draw in due))


def _gaps(session: Session, _name: str, _now: datetime) -> Waiting:
    return Waiting(sum(gaps(session, one) for one in _in(session, CampaignState.DRAWN)))


def _reveals(session: Session, _name: str, now: datetime) -> Waiting:
    on = civil_day(now)
    secret = _in(session, CampaignState.COMMITTED) + _in(session, CampaignState.DRAWN)
    days = [one.reveal_by for one in secret if one.reveal_by is not None]
    return Waiting(sum(day <= on + _SOON for day in days), sum(day < on for day in days))


def _tasks(session: Session, _name: str, now: datetime) -> Waiting:
    on = civil_day(now)
    counts = plan_counts(session, on.year, on)
    # Terms that are running now end within weeks: a calendar that is missing must be seen before.
    note = missing_year_warning(on) or missing_year_warning(on + _AHEAD) or ""
    return Waiting(counts.open, counts.late, note)


def _in(session: Session, state: CampaignState) -> list[Campaign]:
    return list(session.exec(select(Campaign).where(Campaign.state == state).order_by(col(Campaign.key))))
