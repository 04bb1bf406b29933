"""Alembic environment: runs on the connection that `migrate` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy import String
from sqlalchemy.types import TypeDecorator

import inspections.record.database  # noqa: F401  # sets the naming convention before any table is read


def plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our column types as plain SQL types: a version must not change when a class does."""
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator):
        item = item.impl_instance
    if isinstance(item, String) and type(item).__name__ in {"String", "AutoString"}:
        return f"sa.String({item.length or ''})"
    return f"sa.{item!r}" if type(item).__module__.startswith("sqlalchemy") else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["target_metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=plain_type,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
