"""Column types that keep their promises on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

WordT = TypeVar("WordT", bound=StrEnum)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive instants, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A naive datetime cannot be stored; give it a time zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite answers naive instants: they are UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[WordT], Generic[WordT]):
    """A closed vocabulary stored by value, so that renaming a member corrupts nothing."""

    impl = String
    cache_ok = True

    def __init__(self, vocabulary: type[WordT]) -> None:
        super().__init__(40)
        self.vocabulary = vocabulary

    def process_bind_param(self, value: WordT | str | None, dialect: Dialect) -> str | None:
        """Only a member's value enters the table."""
        return None if value is None else self.vocabulary(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> WordT | None:
        """The member with the stored value."""
        return None if value is None else self.vocabulary(value)
