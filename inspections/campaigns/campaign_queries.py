"""Readings of one campaign for its page on the desk: its draws, the public's votes, what warns."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from inspections.campaigns.stored_draws import newest_draw
from inspections.campaigns.tables import Campaign, CampaignState, Draw, DrawEvent, NominationCount
from inspections.record.clock import civil_day
from inspections.record.settings import settings_on
from inspections.record.working_days import deadline_after


def results_warning(session: Session, campaign: Campaign, on: date) -> str | None:
    """Why the last day for results cannot be worked out, where a term from now on meets a missing year."""
    working_days = settings_on(session, on).count("result_working_days")
    if campaign.state is CampaignState.REVEALED or working_days is None:
        return None
    draw = newest_draw(session, campaign.id or 0)
    first_day = max(on, civil_day(draw.announced_at)) if draw is not None else on
    return deadline_after(first_day, working_days).warning


@dataclass(frozen=True)
class VoteCounts:
    """The public's votes for a campaign, as they were brought in last."""

    votes: int
    doors: int
    joining: int | None
    """Units with enough votes to join the pool; none where votes do not add to it."""
    counted_at: datetime | None


def vote_counts(session: Session, campaign_id: int, nominated_from: int | None) -> VoteCounts:
    """How many votes a campaign has, for how many doors."""
    query = select(NominationCount).where(NominationCount.campaign_id == campaign_id)
    rows = session.exec(query).all()
    return VoteCounts(
        votes=sum(row.votes for row in rows),
        doors=len(rows),
        joining=None if nominated_from is None else sum(row.votes >= nominated_from for row in rows),
        counted_at=max((row.counted_at for row in rows), default=None),
    )


@dataclass(frozen=True)
class DrawLine:
    """One draw of a campaign for the desk, with what happened to it."""

    number: int
    roster_sha256: str
    nonce_sha256: str
    announced_source: str
    announced_at: datetime
    committed_at: datetime
    value: str | None
    drawn_at: datetime | None
    is_void: bool
    events: tuple[DrawEvent, ...]


def draw_lines(session: Session, campaign_id: int) -> list[DrawLine]:
    """Every draw of a campaign, the newest first."""
    rows = session.exec(select(Draw).where(Draw.campaign_id == campaign_id).order_by(col(Draw.number).desc()))
    return [
        DrawLine(
            number=one.number,
            roster_sha256=one.roster_sha256,
            nonce_sha256=one.nonce_sha256,
            announced_source=one.announced_source,
            announced_at=one.announced_at,
            committed_at=one.committed_at,
            value=one.public_value,
            drawn_at=one.drawn_at,
            is_void=one.voided_at is not None,
            events=tuple(
                session.exec(
                    select(DrawEvent).where(DrawEvent.draw_id == one.id).order_by(col(DrawEvent.number))
                )
            ),
        )
        for one in rows.all()
    ]
