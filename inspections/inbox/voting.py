"""Use cases of 你点我检: find a unit, vote once, count; after the close nobody can tell who voted."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from inspections.inbox.tables import Candidate, NetworkBucket, OpenCampaign, SiteCopy, Vote
from inspections.record.clock import civil_day
from inspections.record.database import insert_if_absent, table_of
from inspections.record.errors import HouseError

_KEY_BYTES = 32
_LONGEST_QUERY = 40


class VotingError(HouseError):
    """A vote that cannot be taken."""


class AlreadyVotedError(VotingError):
    """This browser has given its vote."""


class TooManyVotesError(VotingError):
    """Too many votes came from one network address today."""


@dataclass(frozen=True)
class CandidateLine:
    """A unit of the pool with its votes."""

    code: str
    name: str
    address: str
    street: str
    votes: int


@dataclass(frozen=True)
class NominationPage:
    """What the page of an open campaign shows."""

    key: str
    title: str
    theme: str
    chosen_how: str
    until: datetime
    is_open: bool
    votes: int
    found: tuple[CandidateLine, ...]
    leading: tuple[CandidateLine, ...]
    voted_for: CandidateLine | None


@dataclass(frozen=True)
class NewCandidate:
    """A unit that may be nominated, by the public facts of its door."""

    code: str
    name: str
    address: str
    street: str


def put_campaign(
    session: Session,
    *,
    key: str,
    title: str,
    theme: str,
    chosen_how: str,
    until: datetime,
    candidates: Sequence[NewCandidate],
) -> None:
    """Open a campaign for nominations, or bring an open one up to date; votes that were given stay."""
    row = session.get(OpenCampaign, key)
    if row is None:
        row = OpenCampaign(
            key=key,
            title=title,
            theme=theme,
            chosen_how=chosen_how,
            until=until,
            voting_key=secrets.token_bytes(_KEY_BYTES),
        )
    elif row.closed_at is not None:
        return
    row.title, row.theme, row.chosen_how, row.until = title, theme, chosen_how, until
    session.add(row)
    session.flush()
    known = {one.code: one for one in session.exec(select(Candidate).where(Candidate.campaign_key == key))}
    for new in candidates:
        candidate = known.pop(new.code, None) or Candidate(
            campaign_key=key, code=new.code, name="", address="", street=""
        )
        candidate.name, candidate.address, candidate.street = new.name, new.address, new.street
        session.add(candidate)
    for gone in known.values():
        session.delete(gone)


def close_campaign(session: Session, key: str, now: datetime) -> dict[str, int]:
    """Close the pool: no vote counts any more, the key goes, and with it who voted; the counts by code."""
    # Held: a vote that is being given is counted, and after the close none is.
    row = session.get(OpenCampaign, key, with_for_update=True)
    if row is not None and row.closed_at is None:
        row.closed_at, row.voting_key = now, None
        session.add(row)
        session.exec(delete(NetworkBucket).where(col(NetworkBucket.campaign_key) == key))
    return votes_of(session, key)


def votes_of(session: Session, key: str) -> dict[str, int]:
    """The votes of a campaign by storefront code."""
    query = select(Vote.code, func.count()).where(Vote.campaign_key == key).group_by(Vote.code)
    return dict(session.exec(query).all())


def open_campaigns(session: Session, now: datetime) -> list[OpenCampaign]:
    """The campaigns that take nominations now."""
    query = select(OpenCampaign).where(col(OpenCampaign.closed_at).is_(None), col(OpenCampaign.until) > now)
    return list(session.exec(query.order_by(col(OpenCampaign.key))))


def nomination_page(
    session: Session, key: str, *, query: str, cookie: str | None, now: datetime, limit: int = 20
) -> NominationPage | None:
    """What the page of a campaign shows to one visitor; none where there is no such campaign."""
    campaign = session.get(OpenCampaign, key)
    if campaign is None:
        return None
    counts = votes_of(session, key)
    voted = _voted_for(session, campaign, cookie)
    leading = sorted(counts, key=lambda code: (-counts[code], code))[:limit]
    return NominationPage(
        key=key,
        title=campaign.title,
        theme=campaign.theme,
        chosen_how=campaign.chosen_how,
        until=campaign.until,
        is_open=_is_open(campaign, now),
        votes=sum(counts.values()),
        found=tuple(_found(session, key, query, counts, limit)),
        leading=tuple(_lines(session, key, leading, counts)),
        voted_for=next(iter(_lines(session, key, [voted], counts)), None) if voted else None,
    )


def vote(session: Session, key: str, code: str, *, cookie: str, address: str, now: datetime) -> None:
    """Take one vote of one browser, within the limit of its network address."""
    campaign = session.get(OpenCampaign, key, with_for_update={"read": True})
    if campaign is None or not _is_open(campaign, now) or campaign.voting_key is None:
        raise VotingError("这一期的提名已经截止；抽取结果公布后可以在网站上查看。")
    if session.get(Candidate, (key, code)) is None:
        raise VotingError("这家单位不在本期的抽查范围里；请从列表里选择。")
    voter = _keyed(campaign.voting_key, "voter", cookie)
    if session.exec(select(Vote.id).where(Vote.campaign_key == key, Vote.voter == voter)).first():
        raise AlreadyVotedError("这个浏览器已经为本期投过票；每个浏览器一票。")
    _take_from_bucket(session, key, _keyed(campaign.voting_key, "network", address), now)
    session.add(Vote(campaign_key=key, code=code, voter=voter, given_at=now))
    try:
        session.flush()
    except IntegrityError as error:
        # The same browser at the same moment: the transaction rolls back, the other vote stays.
        raise AlreadyVotedError("这个浏览器已经为本期投过票；每个浏览器一票。") from error


def new_cookie() -> str:
    """A random value that tells a browser from another for one campaign."""
    return secrets.token_urlsafe(16)


def _is_open(campaign: OpenCampaign, now: datetime) -> bool:
    return campaign.closed_at is None and campaign.until > now


def _keyed(key: bytes, purpose: str, text: str) -> str:
    return hmac.new(key, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()


def _take_from_bucket(session: Session, key: str, network: str, now: datetime) -> None:
    site = session.get(SiteCopy, 1)
    limit = site.votes_per_network if site else 0
    on = civil_day(now)
    table = table_of(NetworkBucket)
    insert_if_absent(session, table, {"campaign_key": key, "network": network, "on": on, "votes": 0})
    taken = session.connection().execute(
        update(table)
        .where(
            table.c.campaign_key == key, table.c.network == network, table.c.on == on, table.c.votes < limit
        )
        .values(votes=table.c.votes + 1)
    )
    if taken.rowcount != 1:
        raise TooManyVotesError("今天从这个网络地址投的票已到上限；请明天再来，或换用自己的手机网络。")


def _voted_for(session: Session, campaign: OpenCampaign, cookie: str | None) -> str | None:
    if not cookie or campaign.voting_key is None:
        return None
    voter = _keyed(campaign.voting_key, "voter", cookie)
    query = select(Vote.code).where(Vote.campaign_key == campaign.key, Vote.voter == voter)
    return session.exec(query).first()


def _found(session: Session, key: str, query: str, counts: dict[str, int], limit: int) -> list[CandidateLine]:
    words = query.strip()[:_LONGEST_QUERY]
    if not words:
        return []
    matches = select(Candidate).where(Candidate.campaign_key == key)
    for field in words.split():
        matches = matches.where(
            col(Candidate.name).contains(field, autoescape=True)
            | col(Candidate.address).contains(field, autoescape=True)
            | col(Candidate.code).contains(field.upper(), autoescape=True)
        )
    rows = session.exec(matches.order_by(col(Candidate.name), col(Candidate.code)).limit(limit))
    return [_line(row, counts) for row in rows]


def _lines(session: Session, key: str, codes: Sequence[str], counts: dict[str, int]) -> list[CandidateLine]:
    query = select(Candidate).where(Candidate.campaign_key == key, col(Candidate.code).in_(codes))
    known = {row.code: row for row in session.exec(query)}
    return [_line(known[code], counts) for code in codes if code in known]


def _line(row: Candidate, counts: dict[str, int]) -> CandidateLine:
    return CandidateLine(row.code, row.name, row.address, row.street, counts.get(row.code, 0))
