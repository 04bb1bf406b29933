"""What the public may know of campaigns on a day. Before the reveal only commitments are even read.

This is the one door through which anything of a draw leaves the room.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from inspections.campaigns.drawing.certificate import (
    Commitment,
    Heading,
    opened_certificate,
    sealed_certificate,
)
from inspections.campaigns.rules import STRATA_WORDS, StrataBy, read_pool_rule, read_strata_rule
from inspections.campaigns.service import plan_of
from inspections.campaigns.stored_draws import commitment_of, draws_of, instant, newest_draw, opened
from inspections.campaigns.tables import Assignment, AssignmentState, Campaign, CampaignState, Draw
from inspections.record.clock import civil_day
from inspections.record.settings import settings_on


@dataclass(frozen=True)
class PublicDraw:
    """What was said of one draw before it."""

    number: int
    source: str
    value_at: datetime
    committed_at: datetime
    roster_sha256: str
    nonce_sha256: str


@dataclass(frozen=True)
class PublicCampaign:
    """A campaign whose commitment is public."""

    campaign_id: int
    key: str
    title: str
    theme: str
    pool: str
    strata: str
    weights: dict[str, int]
    draw_count: int
    guests: tuple[tuple[str, int], ...]
    reveal_by: date
    revealed_on: date | None
    draws: tuple[PublicDraw, ...]


def public_campaigns(
    session: Session, on: date, campaign_ids: Collection[int] | None = None
) -> list[PublicCampaign]:
    """The campaigns that had committed by a day, the newest month first."""
    query = select(Campaign).where(col(Campaign.reveal_by).is_not(None))
    if campaign_ids is not None:
        query = query.where(col(Campaign.id).in_(list(campaign_ids)))
    found = []
    for campaign in session.exec(query.order_by(col(Campaign.key).desc())).all():
        draws = [draw for draw in _commitments(session, campaign) if civil_day(draw.committed_at) <= on]
        if draws:
            found.append(_public(campaign, draws, on))
    return found


@dataclass(frozen=True)
class DrawTold:
    """What the edition of a campaign's results says of its draw."""

    theme: str
    issue_no: int
    drawn: int
    how: str


def draw_told(session: Session, key: str) -> DrawTold | None:
    """The draw of a month's campaign in the words of an edition; none before there is one.

    `drawn` counts the units that were drawn, without the substitutes that were opened for some of them.
    """
    campaign = session.exec(select(Campaign).where(Campaign.key == key)).first()
    draw = newest_draw(session, campaign.id or 0) if campaign is not None else None
    if campaign is None or draw is None or draw.drawn_at is None:
        return None
    plan = plan_of(campaign)
    # What was visited before a draw was given up counts with the draw that followed.
    first = select(func.count()).where(
        Assignment.campaign_id == campaign.id,
        col(Assignment.is_substitute).is_(False),
        or_(col(Assignment.draw_id) == draw.id, col(Assignment.state) == AssignmentState.DONE),
    )
    by = STRATA_WORDS[plan.strata.by] if plan.strata.by is not StrataBy.NOTHING else ""
    how = f"{plan.pool.sentence()}{by}随机抽取，公开值取自{draw.announced_source}。"
    return DrawTold(campaign.theme, campaign.issue_no, session.exec(first).one(), how)


@dataclass(frozen=True)
class PublicNomination:
    """A campaign for which the public is being asked whom to visit."""

    key: str
    title: str
    theme: str
    until: datetime


def public_nominations(session: Session, now: datetime) -> list[PublicNomination]:
    """The campaigns that take nominations now, the one that closes first before the others."""
    query = select(Campaign).where(
        Campaign.state == CampaignState.NOMINATING, col(Campaign.nominate_until) > now
    )
    return [
        PublicNomination(one.key, campaign_title(one.key, one.issue_no), one.theme, one.nominate_until or now)
        for one in session.exec(query.order_by(col(Campaign.nominate_until), col(Campaign.key)))
    ]


def months_with_a_draw(session: Session, on: date) -> frozenset[str]:
    """The months whose campaign had committed by a day."""
    query = select(Campaign.key, Draw.committed_at).join(Draw, col(Draw.campaign_id) == col(Campaign.id))
    return frozenset(key for key, committed_at in session.exec(query) if civil_day(committed_at) <= on)


def campaign_title(key: str, issue_no: int) -> str:
    """`2026年第11期`."""
    return f"{key[:4]}年第{issue_no}期"


def certificate_of(session: Session, campaign: Campaign) -> dict[str, Any]:
    """The whole certificate of a campaign, whatever state it is in: never shown before the draw."""
    draws = draws_of(session, campaign.id or 0)
    heading = _heading(session, campaign, campaign.revealed_at)
    return opened_certificate(heading, [(commitment_of(draw), opened(session, draw)) for draw in draws])


def certificate_for_staff(session: Session, campaign: Campaign) -> dict[str, Any]:
    """What the staff may see: only the commitments until the draw is made.

    Whoever knew roster and nonce before the public value could compute the draw of every value it may have.
    """
    if campaign.state in (CampaignState.DRAWN, CampaignState.REVEALED):
        return certificate_of(session, campaign)
    return sealed_certificate(
        _heading(session, campaign, None), map(_commitment, _commitments(session, campaign))
    )


def public_certificate(session: Session, public: PublicCampaign) -> dict[str, Any]:
    """A campaign's certificate as far as it is public on the day for which the campaign was read."""
    campaign = session.get_one(Campaign, public.campaign_id)
    if public.revealed_on is not None:
        return certificate_of(session, campaign)
    return sealed_certificate(_heading(session, campaign, None), map(_commitment, public.draws))


def _public(campaign: Campaign, draws: list[PublicDraw], on: date) -> PublicCampaign:
    plan = plan_of(campaign)
    revealed_at = campaign.revealed_at
    return PublicCampaign(
        campaign_id=campaign.id or 0,
        key=campaign.key,
        title=campaign_title(campaign.key, campaign.issue_no),
        theme=campaign.theme,
        pool=plan.pool.sentence(),
        strata=STRATA_WORDS[plan.strata.by],
        weights=dict(plan.strata.weights),
        draw_count=plan.draw_count,
        guests=plan.guests,
        reveal_by=campaign.reveal_by or date.max,
        revealed_on=civil_day(revealed_at) if revealed_at and civil_day(revealed_at) <= on else None,
        draws=tuple(draws),
    )


def _commitments(session: Session, campaign: Campaign) -> list[PublicDraw]:
    """The public columns of a campaign's draws, and no others."""
    columns = (
        Draw.number, Draw.announced_source, Draw.announced_at, Draw.committed_at,
        Draw.roster_sha256, Draw.nonce_sha256,
    )  # fmt: skip
    query = select(*columns).where(Draw.campaign_id == campaign.id).order_by(col(Draw.number))  # type: ignore[call-overload]  # more columns than SQLModel has signatures for
    return [PublicDraw(*row) for row in session.exec(query)]


def _commitment(draw: PublicDraw) -> Commitment:
    return Commitment(
        number=draw.number,
        roster_sha256=draw.roster_sha256,
        nonce_sha256=draw.nonce_sha256,
        committed_at=instant(draw.committed_at),
        source=draw.source,
        value_at=instant(draw.value_at),
    )


def _heading(session: Session, campaign: Campaign, revealed_at: datetime | None) -> Heading:
    pool, strata = read_pool_rule(campaign.pool_rule), read_strata_rule(campaign.strata_rule)
    authority = settings_on(session, civil_day(campaign.made_at), or_earliest=True).optional_text("authority")
    return Heading(
        campaign=campaign.key,
        title=campaign_title(campaign.key, campaign.issue_no),
        theme=campaign.theme,
        pool=pool.sentence(),
        strata=STRATA_WORDS[strata.by],
        weights=strata.weights,
        authority=authority or "",
        reveal_by=(campaign.reveal_by or date.max).isoformat(),
        revealed_at=instant(revealed_at) if revealed_at is not None else None,
    )
