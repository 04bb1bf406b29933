"""The first votes of the demonstration's open campaign, given through the Inbox as a visitor gives them."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.inbox.exchange.service import exchange
from inspections.inbox.store import INBOX, open_inbox
from inspections.inbox.tables import Candidate, OpenCampaign
from inspections.inbox.voting import vote, votes_of
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.migrate import migrate
from publishing.demonstration.chance import Chance
from publishing.demonstration.district import SEED

_VOTES = (5, 4, 3, 3, 2, 1, 1)


def seed_nominations(house: House, now: datetime) -> int:
    """Open the Inbox and give made-up votes to some units, once; how many were given."""
    inbox = open_inbox(house.configuration.effective_inbox_url)
    try:
        migrate(inbox, schema=INBOX)
        exchange(house.engine, inbox, house.configuration, now)
        given = sum(_give(inbox, key, now) for key in _open_keys(inbox, now))
        exchange(house.engine, inbox, house.configuration, now)
    finally:
        inbox.dispose()
    return given


def _open_keys(inbox: Engine, now: datetime) -> list[str]:
    with read_only(inbox) as session:
        rows = session.exec(select(OpenCampaign).where(col(OpenCampaign.until) > now)).all()
        return [row.key for row in rows if not votes_of(session, row.key)]


def _give(inbox: Engine, key: str, now: datetime) -> int:
    with transaction(inbox) as session:
        for place, (code, votes) in enumerate(zip(_chosen(session, key), _VOTES, strict=False)):
            for number in range(votes):
                # Addresses of documentation networks: nobody's.
                vote(
                    session, key, code, cookie=f"{key}-{place}-{number}",
                    address=f"198.51.100.{place * 10 + number}", now=now,
                )  # fmt: skip
        return sum(votes_of(session, key).values())


def _chosen(session: Session, key: str) -> list[str]:
    query = select(Candidate.code).where(Candidate.campaign_key == key).order_by(Candidate.code)
    return Chance(SEED, key, "votes").some(list(session.exec(query)), len(_VOTES))
