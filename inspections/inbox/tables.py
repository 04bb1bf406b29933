"""Tables of the Inbox's own database: copies of what it may show, votes, and what people send in.

They live in a metadata of their own: the process that serves the Inbox can open no other database.
"""

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, MetaData, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime
from inspections.record.database import NAMING

inbox_metadata = MetaData(naming_convention=NAMING)
_registry = registry(metadata=inbox_metadata)


class InboxTable(SQLModel, registry=_registry):
    """The base of every table of the Inbox."""


class SiteCopy(InboxTable, table=True):
    """What the Inbox's pages say of the bureau: one row."""

    __tablename__ = "site_copy"

    id: int = Field(default=1, primary_key=True)
    title: str
    authority: str
    contact: str
    complaint_line: str
    public_address: str
    is_demonstration: bool
    votes_per_network: int = Field(description="votes that one network address may give in a day")
    put_at: datetime = Field(sa_type=UtcDateTime)


class OpenCampaign(InboxTable, table=True):
    """A campaign that takes nominations until its pool closes."""

    __tablename__ = "open_campaigns"

    key: str = Field(primary_key=True)
    title: str
    theme: str
    chosen_how: str = Field(sa_type=Text)
    until: datetime = Field(sa_type=UtcDateTime)
    voting_key: bytes | None = Field(default=None, sa_type=LargeBinary, description="deleted at the close")
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Candidate(InboxTable, table=True):
    """A unit of a campaign's pool, by the public facts of its door."""

    __tablename__ = "candidates"

    campaign_key: str = Field(foreign_key="open_campaigns.key", primary_key=True)
    code: str = Field(primary_key=True)
    name: str
    address: str
    street: str


class Vote(InboxTable, table=True):
    """One vote of one browser; who gave it is a keyed hash whose key goes at the close."""

    __tablename__ = "votes"
    __table_args__ = (
        UniqueConstraint("campaign_key", "voter"),
        Index("ix_votes_campaign_key_code", "campaign_key", "code"),
    )

    id: int | None = Field(default=None, primary_key=True)
    campaign_key: str = Field(foreign_key="open_campaigns.key")
    code: str
    voter: str = Field(description="HMAC of the browser's random cookie")
    given_at: datetime = Field(sa_type=UtcDateTime)


class NetworkBucket(InboxTable, table=True):
    """How many votes a network address has given on a day; the address is a keyed hash."""

    __tablename__ = "network_buckets"

    campaign_key: str = Field(foreign_key="open_campaigns.key", primary_key=True)
    network: str = Field(primary_key=True)
    on: date = Field(primary_key=True)
    votes: int


class LinkView(InboxTable, table=True):
    """What one live unit link shows: that unit's own view, removed when the link ends."""

    __tablename__ = "link_views"

    token_hash: str = Field(primary_key=True)
    view: str = Field(sa_type=Text, description="JSON of `UnitView`")
    expires_on: date
    put_at: datetime = Field(sa_type=UtcDateTime)


class LinkUse(InboxTable, table=True):
    """How often a link was opened on a day, and how much was sent through it: its limits."""

    __tablename__ = "link_uses"

    token_hash: str = Field(primary_key=True)
    on: date = Field(primary_key=True)
    opened: int = 0
    sent: int = 0


class InboxEntry(InboxTable, table=True):
    """Something that was sent in: append-only, delivered to its room exactly once."""

    __tablename__ = "inbox_entries"
    __table_args__ = (Index("ix_inbox_entries_delivered_at", "delivered_at"),)

    id: int | None = Field(default=None, primary_key=True)
    public_id: str = Field(unique=True, description="random; the same form sent twice is one entry")
    kind: str
    token_hash: str | None = None
    text: str = Field(sa_type=Text, description="JSON")
    received_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = Field(default=None, description="taken, or why not")


class InboxUpload(InboxTable, table=True):
    """A picture that came with an entry, re-encoded before it was stored."""

    __tablename__ = "inbox_uploads"
    __table_args__ = (Index("ix_inbox_uploads_entry_id", "entry_id"),)

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="inbox_entries.id")
    sha256: str
    content: bytes = Field(sa_type=LargeBinary)
