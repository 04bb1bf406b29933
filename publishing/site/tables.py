"""The publisher's own record of what it wrote, so that only changed pages are written again."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
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
    subject: str = Field(description="`premises`, `edition`, `draw`, `rules`, `site`")
    subject_id: int = 0
    facts_sha256: str = Field(description="of the facts in the file; empty while it is being written")
    changes_on: date | None = None
    written_at: datetime = Field(sa_type=UtcDateTime)


class SiteState(SQLModel, table=True):
    """The last publication: what all its pages share, and the day it stands for; one row."""

    __tablename__ = "site_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: int = Field(default=1, primary_key=True)
    fingerprint: str = Field(description="of templates and settings; empty until every page carries them")
    as_of: date
    finished_at: datetime = Field(sa_type=UtcDateTime)
