"""The exchange with the Inbox: copies in, entries out; killed anywhere, the next goes on, nothing twice."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, delete, select

from inspections.campaigns.pool import trading_units, unit_name
from inspections.campaigns.rules import read_pool_rule
from inspections.campaigns.tables import Campaign, CampaignState, NominationCount
from inspections.inbox.answering import ORDER_ANSWER
from inspections.inbox.exchange.tables import PulledEntry
from inspections.inbox.exchange.unit_views import unit_view
from inspections.inbox.tables import (
    InboxEntry,
    InboxUpload,
    LinkUse,
    LinkView,
    OpenCampaign,
    SiteCopy,
)
from inspections.inbox.views import view_as_text
from inspections.inbox.voting import NewCandidate, close_campaign, put_campaign, votes_of
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.epochs import restored_at
from inspections.record.evidence import keep_bytes
from inspections.record.marks import is_demonstration
from inspections.record.settings import settings_on
from inspections.units.links import LiveLink, link_by_hash, live_links, note_act, note_openings
from inspections.units.tables import Premises
from inspections.visits.review.service import FollowUpError, report_rectified

_DAYS_LOOKED_BACK = 7


@dataclass(frozen=True)
class Exchanged:
    """What one exchange did."""

    campaigns: int
    views: int
    entries: int


def exchange(house_engine: Engine, inbox: Engine, configuration: Configuration, now: datetime) -> Exchanged:
    """One whole exchange: what the Inbox may show goes in, what people sent comes out."""
    on = civil_day(now)
    with read_only(house_engine) as session:
        site = _site(session, on, now)
        campaigns = _nominating(session)
        candidates = _candidates(session, on) if campaigns else []
        links = live_links(session, on)
        views = {link.token_hash: view_as_text(unit_view(session, link, on)) for link in links}
    with transaction(inbox) as session:
        if site is not None:
            session.merge(site)
        for campaign in campaigns:
            if campaign.nominate_until is not None and campaign.nominate_until > now:
                _open(session, campaign, candidates)
        _put_views(session, links, views, now)
    counts = _close_and_count(house_engine, inbox, [campaign.key for campaign in campaigns], now)
    entries = pull_entries(house_engine, inbox, configuration, now)
    _log_openings(house_engine, inbox, now)
    return Exchanged(counts, len(views), entries)


def pull_entries(house_engine: Engine, inbox: Engine, configuration: Configuration, now: datetime) -> int:
    """Deliver every entry that was not delivered yet to its room, each exactly once.

    What was delivered before a backup was restored is offered again: the house may not know it any more.
    """
    with read_only(house_engine) as session:
        restored = restored_at(session)
    delivered = col(InboxEntry.delivered_at)
    waits = delivered.is_(None) if restored is None else or_(delivered.is_(None), delivered < restored)
    with read_only(inbox) as session:
        waiting = list(session.exec(select(InboxEntry).where(waits).order_by(col(InboxEntry.id))))
    for entry in waiting:
        outcome = _deliver(house_engine, inbox, configuration, entry, now)
        with transaction(inbox) as session:
            row = session.get_one(InboxEntry, entry.id)
            row.delivered_at, row.outcome = now, outcome
            session.add(row)
    return len(waiting)


def _deliver(
    house_engine: Engine, inbox: Engine, configuration: Configuration, entry: InboxEntry, now: datetime
) -> str:
    with read_only(inbox) as session:
        uploads = session.exec(select(InboxUpload).where(InboxUpload.entry_id == entry.id)).all()
    kept = tuple(keep_bytes(configuration.evidence_directory, upload.content) for upload in uploads)
    with transaction(house_engine) as session:
        taken = session.get(PulledEntry, entry.public_id)
        if taken is not None:
            # Killed after the house took it and before the Inbox heard so.
            return taken.outcome
        outcome = _take(session, entry, kept, now)
        session.add(PulledEntry(public_id=entry.public_id, kind=entry.kind, outcome=outcome, pulled_at=now))
        return outcome


def _take(session: Session, entry: InboxEntry, kept: tuple[str, ...], now: datetime) -> str:
    if entry.kind != ORDER_ANSWER:
        return "没有收件的地方"
    link = link_by_hash(session, entry.token_hash)
    if link is None or link.unit_id is None:
        return "链接已作废"
    if link.revoked_at is not None:
        note_act(session, link.id or 0, "refused", note="链接已作废，说明没有收", now=entry.received_at)
        return "链接已作废"
    said = json.loads(entry.text)
    try:
        report_rectified(
            session,
            int(said["order"]),
            unit_id=link.unit_id,
            text=str(said["text"]),
            evidence=kept,
            now=entry.received_at,
        )
    except FollowUpError as refusal:
        note_act(session, link.id or 0, "refused", note=str(refusal), now=entry.received_at)
        return str(refusal)
    pictures = f"，照片 {len(kept)} 张" if kept else ""
    note = f"责令改正 {said['order']}{pictures}"
    note_act(session, link.id or 0, "answered", note=note, now=entry.received_at)
    return "已收"


def _log_openings(house_engine: Engine, inbox: Engine, now: datetime) -> None:
    """Bring in how often each link was opened; the last days are looked at, so that midnight loses none."""
    with read_only(inbox) as session:
        recent = select(LinkUse).where(col(LinkUse.on) >= civil_day(now) - timedelta(days=_DAYS_LOOKED_BACK))
        uses = list(session.exec(recent))
    with transaction(house_engine) as session:
        for use in uses:
            link = link_by_hash(session, use.token_hash)
            if link is not None:
                note_openings(session, link.id or 0, use.on, use.opened, now)


def _site(session: Session, on: date, now: datetime) -> SiteCopy | None:
    settings = settings_on(session, on)
    needed = ("site_title", "authority", "contact", "complaint_line", "public_address")
    texts = {name: settings.optional_text(name) for name in needed}
    if None in texts.values():
        return None
    return SiteCopy(
        id=1,
        title=texts["site_title"] or "",
        authority=texts["authority"] or "",
        contact=texts["contact"] or "",
        complaint_line=texts["complaint_line"] or "",
        public_address=texts["public_address"] or "",
        is_demonstration=is_demonstration(session),
        votes_per_network=settings.number("votes_per_network"),
        put_at=now,
    )


def _nominating(session: Session) -> list[Campaign]:
    query = select(Campaign).where(col(Campaign.nominate_until).is_not(None))
    return [one for one in session.exec(query) if one.state == CampaignState.NOMINATING]


def _candidates(session: Session, on: date) -> list[NewCandidate]:
    return [
        NewCandidate(door.code, unit_name(unit), door.address, door.street)
        for door, unit in trading_units(session, on)
    ]


def _open(session: Session, campaign: Campaign, candidates: list[NewCandidate]) -> None:
    if campaign.nominate_until is None:
        return
    put_campaign(
        session,
        key=campaign.key,
        title=f"{campaign.key[:4]}年{int(campaign.key[5:7])}月随机查餐厅",
        theme=campaign.theme,
        chosen_how=read_pool_rule(campaign.pool_rule).sentence(),
        until=campaign.nominate_until,
        candidates=candidates,
    )


def _put_views(session: Session, links: Iterable[LiveLink], views: dict[str, str], now: datetime) -> None:
    """One view for each live link; a link that was revoked or has ended loses its view."""
    session.exec(delete(LinkView).where(col(LinkView.token_hash).not_in(list(views))))
    for link in links:
        row = session.get(LinkView, link.token_hash)
        if row is None or row.view != views[link.token_hash] or row.expires_on != link.expires_on:
            row = row or LinkView(token_hash=link.token_hash, view="", expires_on=link.expires_on, put_at=now)
            row.view, row.expires_on, row.put_at = views[link.token_hash], link.expires_on, now
            session.add(row)


def _close_and_count(house_engine: Engine, inbox: Engine, keys: Iterable[str], now: datetime) -> int:
    """Bring the counts in; a campaign whose time is over, or that no longer nominates, is closed first."""
    still = set(keys)
    with transaction(inbox) as session:
        known = session.exec(select(OpenCampaign)).all()
        for campaign in known:
            if campaign.closed_at is None and (campaign.until <= now or campaign.key not in still):
                close_campaign(session, campaign.key, now)
        counts = {campaign.key: votes_of(session, campaign.key) for campaign in known}
        still_open = {campaign.key for campaign in known if campaign.closed_at is None}
    with transaction(house_engine) as session:
        for key, votes in counts.items():
            _store_counts(session, key, votes, now)
        # From here on no vote can come any more: also where the Inbox never came to open the campaign.
        for nominating in _nominating(session):
            is_over = nominating.nominate_until is not None and nominating.nominate_until <= now
            if is_over and nominating.key not in still_open and nominating.nominations_counted_at is None:
                nominating.nominations_counted_at = now
                session.add(nominating)
    return len(counts)


def _store_counts(session: Session, key: str, votes: dict[str, int], now: datetime) -> None:
    campaign = session.exec(select(Campaign).where(Campaign.key == key)).first()
    # From the commitment on the counts that the pool was made with must stay.
    if campaign is None or campaign.state not in {CampaignState.PLANNED, CampaignState.NOMINATING}:
        return
    query = select(Premises.code, Premises.id).where(col(Premises.code).in_(list(votes)))
    doors = dict(session.exec(query).all())
    for code, count in votes.items():
        if code in doors:
            session.merge(
                NominationCount(
                    campaign_id=campaign.id or 0, premises_id=doors[code] or 0, votes=count, counted_at=now
                )
            )
