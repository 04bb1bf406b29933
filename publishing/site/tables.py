"""The publisher's own record of what it wrote, so that only changed pages are written again."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime


class SitePage(SQLModel, table=True):
    """One published page: which facts it shows, and the first day on which they will read differently."""

    __tablename__ = "site_pages"
    __table_args__ = (
        Index("ix_site_pages_changes_on", "changes_on"),
        Index("ix_site_pages_subject_subject_id", "subject", "subject_id"),
    )

    path: str = Field(primary_key=True, description="below the web root, `s/7K3M-92QF/index.html`")
    subject: str = Field(description="`premises`, `edition`, `entry`, `rules`, `site`")
    subject_id: int = 0
    facts_sha256: str
    changes_on: date | None = None
    written_at: datetime = Field(sa_type=UtcDateTime)
