"""Use cases before a draw: make a campaign, change it, open nominations."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from inspections.campaigns.drawing.canonical import canonical
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.rules import (
    NOMINATED,
    PoolRule,
    StrataBy,
    StrataRule,
    read_pool_rule,
    read_strata_rule,
    require_public_facts,
)
from inspections.campaigns.stored_draws import instant
from inspections.campaigns.tables import Campaign, CampaignState
from inspections.campaigns.words import CAMPAIGN_STATES
from inspections.record.audit import declare_event, write_audit
from inspections.record.clock import civil_day
from inspections.record.settings import settings_on
from inspections.rulebooks.queries import RulesError, newest_checklist
from inspections.units.tables import Premises

CAMPAIGN_MADE = declare_event("campaign_made", "campaign", "theme", "draw_count", "pool", "strata")
CAMPAIGN_CHANGED = declare_event("campaign_changed", "campaign", "theme", "draw_count", "pool", "strata")
NOMINATIONS_OPENED = declare_event("nominations_opened", "campaign", "until")

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class CampaignPlan:
    """What a manager decides of a campaign."""

    key: str
    issue_no: int
    theme: str
    draw_count: int
    substitutes: int
    load_limit: int
    pool: PoolRule = field(default_factory=PoolRule)
    strata: StrataRule = field(default_factory=StrataRule)
    guests: tuple[tuple[str, int], ...] = ()
    theme_items: tuple[str, ...] = ()


def make_campaign(session: Session, plan: CampaignPlan, *, actor: str, now: datetime) -> int:
    """Make a month's campaign; its id."""
    _require_sound(session, plan, now)
    if session.exec(select(Campaign).where(Campaign.key == plan.key)).first() is not None:
        raise CampaignError(f"{plan.key} 已经有一期抽查；请打开它修改，或换一个月份。")
    campaign = Campaign(
        key=plan.key, issue_no=0, theme="", pool_rule="", strata_rule="", draw_count=0, substitutes=0,
        load_limit=0, made_by=actor, made_at=now,
    )  # fmt: skip
    _take_over(campaign, plan)
    session.add(campaign)
    session.flush()
    write_audit(session, CAMPAIGN_MADE, actor=actor, now=now, fields=_said(plan))
    return campaign.id or 0


def change_campaign(session: Session, plan: CampaignPlan, *, actor: str, now: datetime) -> None:
    """Change a campaign whose pool is still open."""
    _require_sound(session, plan, now)
    campaign = campaign_of(session, plan.key, CampaignState.PLANNED, CampaignState.NOMINATING)
    _take_over(campaign, plan)
    session.add(campaign)
    write_audit(session, CAMPAIGN_CHANGED, actor=actor, now=now, fields=_said(plan))


def open_nominations(session: Session, key: str, *, until: datetime, actor: str, now: datetime) -> None:
    """Let the public nominate units for a campaign until an instant."""
    campaign = campaign_of(session, key, CampaignState.PLANNED)
    if until <= now:
        raise CampaignError("征集截止时间已经过了；请写一个以后的时间。")
    campaign.nominate_until, campaign.state = until, CampaignState.NOMINATING
    session.add(campaign)
    fields = {"campaign": key, "until": instant(until)}
    write_audit(session, NOMINATIONS_OPENED, actor=actor, now=now, fields=fields)


def campaign_of(session: Session, key: str, *states: CampaignState) -> Campaign:
    """A campaign by its month, held until the end of the transaction; refused in any other state."""
    campaign = session.exec(select(Campaign).where(Campaign.key == key).with_for_update()).first()
    if campaign is None:
        raise CampaignError(f"没有 {key} 这一期抽查；请先建立。")
    if states and campaign.state not in states:
        raise CampaignError(f"{key} 这一期现在是“{CAMPAIGN_STATES[campaign.state]}”，不能做这一步。")
    return campaign


def _require_sound(session: Session, plan: CampaignPlan, now: datetime) -> None:
    if not _MONTH.fullmatch(plan.key):
        raise CampaignError(f"“{plan.key}”不是月份；请写成 2026-11 的形式。")
    if not plan.theme.strip():
        raise CampaignError("主题是空的；请写本期主题。")
    if plan.issue_no < 1 or plan.draw_count < 1 or plan.load_limit < 1 or plan.substitutes < 0:
        raise CampaignError("期号、抽取数、每人家数都应是正整数，递补数不小于 0。")
    _require_theme(session, plan, now)
    _require_streets(session, plan)
    same = select(Campaign.key).where(col(Campaign.key).startswith(plan.key[:4]), Campaign.key != plan.key)
    if (other := session.exec(same.where(Campaign.issue_no == plan.issue_no)).first()) is not None:
        raise CampaignError(f"{other} 这一期已经是第 {plan.issue_no} 期；请写下一个期号。")
    is_public = settings_on(session, civil_day(now)).is_on("grade_is_public")
    require_public_facts(plan.pool, plan.strata, grade_is_public=is_public)


def _require_theme(session: Session, plan: CampaignPlan, now: datetime) -> None:
    if not plan.theme_items:
        return
    name = settings_on(session, civil_day(now)).text("visit_checklist")
    try:
        checklist = newest_checklist(session, name).checklist
    except RulesError as fault:
        raise CampaignError(f"主题项目核对不了：{fault}") from fault
    strange = [code for code in plan.theme_items if code not in checklist.position]
    if strange:
        raise CampaignError(f"《{checklist.title_zh}》没有编号为“{strange[0]}”的项目；请核对主题项目。")


def _require_streets(session: Session, plan: CampaignPlan) -> None:
    """Weights by street name streets that the register has; nobody could be drawn more often elsewhere."""
    if plan.strata.by is not StrataBy.STREET:
        return
    streets = set(session.exec(select(Premises.street).distinct()))
    strange = sorted(set(plan.strata.weights) - streets - {NOMINATED})
    if strange:
        raise CampaignError(f"按街镇分层，名册里没有“{strange[0]}”；可用的有：{'、'.join(sorted(streets))}。")


def _take_over(campaign: Campaign, plan: CampaignPlan) -> None:
    campaign.issue_no, campaign.theme = plan.issue_no, plan.theme.strip()
    campaign.theme_items = ",".join(plan.theme_items)
    campaign.pool_rule, campaign.strata_rule = plan.pool.text(), plan.strata.text()
    campaign.draw_count, campaign.substitutes = plan.draw_count, plan.substitutes
    campaign.load_limit = plan.load_limit
    campaign.guests = canonical([[role, count] for role, count in plan.guests])


def plan_of(campaign: Campaign) -> CampaignPlan:
    """What was decided of a stored campaign."""
    return CampaignPlan(
        key=campaign.key,
        issue_no=campaign.issue_no,
        theme=campaign.theme,
        draw_count=campaign.draw_count,
        substitutes=campaign.substitutes,
        load_limit=campaign.load_limit,
        pool=read_pool_rule(campaign.pool_rule),
        strata=read_strata_rule(campaign.strata_rule),
        guests=tuple((role, count) for role, count in json.loads(campaign.guests)),
        theme_items=tuple(code for code in campaign.theme_items.split(",") if code),
    )


def _said(plan: CampaignPlan) -> dict[str, object]:
    return {
        "campaign": plan.key, "theme": plan.theme, "draw_count": plan.draw_count,
        "pool": plan.pool.text(), "strata": plan.strata.text(),
    }  # fmt: skip
