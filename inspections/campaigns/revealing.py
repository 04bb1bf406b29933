"""The use case of the reveal: roster, nonce, value, selection and every event become public at once."""

import logging
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.campaigns.draw_day import current_draw
from inspections.campaigns.drawing.events import DrawEventKind, DrawStep
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.service import campaign_of
from inspections.campaigns.stored_draws import append_event
from inspections.campaigns.tables import Assignment, AssignmentState, Campaign, CampaignState
from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction

REVEALED = declare_event("draw_revealed", "campaign", "draw", "event_sha256")
SCHEDULE = "定时任务"

_SECRET = (CampaignState.COMMITTED, CampaignState.DRAWN)
_UNDECIDED = (AssignmentState.CLOSED_DOOR, AssignmentState.COULD_NOT_INSPECT, AssignmentState.EXCLUDED)
_OPEN = (AssignmentState.WAITING, AssignmentState.ON_SITE)

_log = logging.getLogger(__name__)


def still_open(session: Session, campaign: Campaign) -> int:
    """How many units of a campaign are yet to be visited."""
    return sum(one.state in _OPEN for one in _assignments(session, campaign))


def gaps(session: Session, campaign: Campaign) -> int:
    """How many units of the present draw were not visited and have no substitute: a person decides."""
    draw = current_draw(session, campaign)
    rows = [one for one in _assignments(session, campaign) if one.draw_id == draw.id]
    replaced = {one.replaces_id for one in rows}
    return sum(one.state in _UNDECIDED and one.id not in replaced for one in rows)


def reveal(session: Session, key: str, *, actor: str, now: datetime) -> None:
    """Make a campaign's draws public: when its last visit is closed, or when its last day has come."""
    campaign = campaign_of(session, key, *_SECRET)
    left = still_open(session, campaign)
    if not _is_due(campaign, civil_day(now)) and (campaign.state is CampaignState.COMMITTED or left):
        raise CampaignError(
            f"还有 {left} 家没有查完，名单要到最后一家查完、最迟 {campaign.reveal_by} 才公布。"
            if left
            else f"还没有抽取；名单要到查完之后、最迟 {campaign.reveal_by} 才公布。"
        )
    draw = current_draw(session, campaign)
    digest = append_event(session, draw, DrawStep(DrawEventKind.REVEALED), actor=actor, now=now)
    campaign.state, campaign.revealed_at = CampaignState.REVEALED, now
    session.add(campaign)
    fields = {"campaign": key, "draw": draw.number, "event_sha256": digest}
    write_audit(session, REVEALED, actor=actor, now=now, fields=fields)
    note_changes(session, Subject.DRAW, [campaign.id or 0])


def reveal_finished(engine: Engine, now: datetime) -> int:
    """Reveal every campaign whose last visit is closed or whose last day has come; the scheduled job."""
    with read_only(engine) as session:
        query = select(Campaign).where(col(Campaign.state).in_(_SECRET)).order_by(col(Campaign.key))
        keys = [one.key for one in session.exec(query) if is_finished(session, one, civil_day(now))]
    for key in keys:
        with transaction(engine) as session:
            reveal(session, key, actor=SCHEDULE, now=now)
        _log.info("draw revealed", extra={"campaign": key})
    return len(keys)


def is_finished(session: Session, campaign: Campaign, on: date) -> bool:
    """Whether nothing is left to wait for: all visited without a gap, or the last day has come."""
    if campaign.state is CampaignState.COMMITTED:
        return _is_due(campaign, on)
    return _is_due(campaign, on) or not (still_open(session, campaign) or gaps(session, campaign))


def _is_due(campaign: Campaign, on: date) -> bool:
    return campaign.reveal_by is not None and campaign.reveal_by <= on


def _assignments(session: Session, campaign: Campaign) -> list[Assignment]:
    return list(session.exec(select(Assignment).where(Assignment.campaign_id == campaign.id)))
