"""What the operational database knows of the Inbox: which entries it has taken."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime


class PulledEntry(SQLModel, table=True):
    """An entry of the Inbox that was delivered to its room, in the same transaction."""

    __tablename__ = "pulled_entries"

    public_id: str = Field(primary_key=True)
    kind: str
    outcome: str
    pulled_at: datetime = Field(sa_type=UtcDateTime)
