"""Tables of accounts and their roles."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from inspections.record.columns import UtcDateTime, Word


class Role(StrEnum):
    """What an account may do; roles combine."""

    EDITOR = "editor"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"


class Account(SQLModel, table=True):
    """A member of the staff who answers for what was decided under this name."""

    __tablename__ = "accounts"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    password_hash: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AccountRole(SQLModel, table=True):
    """One role of one account."""

    __tablename__ = "account_roles"

    account_id: int = Field(foreign_key="accounts.id", primary_key=True)
    role: Role = Field(sa_type=Word(Role), primary_key=True)
