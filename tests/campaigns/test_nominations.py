"""Public nominations reach the pool whole: it is closed with every vote that was given, or not yet."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.campaigns.campaign_queries import VoteCounts, vote_counts
from inspections.campaigns.errors import CampaignError
from inspections.campaigns.rules import PoolRule
from inspections.campaigns.service import open_nominations
from inspections.campaigns.tables import Campaign
from inspections.inbox.exchange.service import exchange
from inspections.inbox.store import INBOX, open_inbox
from inspections.inbox.voting import VotingError, vote
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.migrate import migrate
from tests.campaigns.office import MANAGER, MONTH, Office, commit_now, plan

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def inbox(office: Office, tmp_path: Path) -> Iterator[Engine]:
    """The Inbox of the office."""
    engine = open_inbox(Configuration(data=tmp_path / "office").effective_inbox_url)
    migrate(engine, schema=INBOX)
    yield engine
    engine.dispose()


@pytest.fixture
def nominating(office: Office, now: datetime) -> Office:
    """The office with a campaign of restaurants that takes nominations for an hour."""
    plan(office, now, pool=PoolRule(unit_types=("restaurant",), nominated_from=2))
    with transaction(office.engine) as session:
        open_nominations(session, MONTH, until=now + HOUR, actor=MANAGER, now=now)
    return office


def _exchange(office: Office, inbox: Engine, tmp_path: Path, now: datetime) -> None:
    exchange(office.engine, inbox, Configuration(data=tmp_path / "office"), now)


def _vote(inbox: Engine, code: str, browser: str, now: datetime) -> None:
    with transaction(inbox) as session:
        vote(session, MONTH, code, cookie=browser, address="192.0.2.7", now=now)


def _counted_at(office: Office) -> datetime | None:
    with read_only(office.engine) as session:
        return session.exec(select(Campaign)).one().nominations_counted_at


def test_a_pool_is_closed_with_the_votes_that_came_last(
    nominating: Office, inbox: Engine, tmp_path: Path, now: datetime
) -> None:
    snack_shop = nominating.code(nominating.units[0])
    _exchange(nominating, inbox, tmp_path, now)
    _vote(inbox, snack_shop, "first browser", now + MINUTE)
    _exchange(nominating, inbox, tmp_path, now + 2 * MINUTE)
    _vote(inbox, snack_shop, "second browser", now + HOUR - MINUTE)
    assert _counted_at(nominating) is None
    with pytest.raises(CampaignError, match=r"票还没有从收件箱收齐.*几分钟内自动收齐.*jobs run inbox"):
        commit_now(nominating, now + HOUR)
    _exchange(nominating, inbox, tmp_path, now + HOUR + MINUTE)
    assert _counted_at(nominating) == now + HOUR + MINUTE
    with read_only(nominating.engine) as session:
        assert vote_counts(session, 1, 2) == VoteCounts(2, 1, 1, now + HOUR + MINUTE)
    with pytest.raises(VotingError, match="截止"):
        _vote(inbox, snack_shop, "third browser", now + HOUR + MINUTE)
    assert commit_now(nominating, now + HOUR + 2 * MINUTE).units == 9
    roster = nominating.certificate()["draws"][0]["roster"]
    assert snack_shop in {one["unit"] for one in roster["units"]}


def test_votes_that_nobody_could_give_are_complete_too(
    nominating: Office, inbox: Engine, tmp_path: Path, now: datetime
) -> None:
    # The Inbox was down for the whole hour and never opened the campaign.
    _exchange(nominating, inbox, tmp_path, now + HOUR + MINUTE)
    assert commit_now(nominating, now + HOUR + 2 * MINUTE).units == 8


def test_a_campaign_that_the_public_was_not_asked_about_waits_for_nothing(
    office: Office, now: datetime
) -> None:
    plan(office, now)
    assert commit_now(office, now).units == 24
