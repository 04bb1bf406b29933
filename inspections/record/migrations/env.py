"""Alembic environment: runs on the connection that `migrate` hands over."""

from typing import Literal

from alembic import context
from sqlalchemy import String
from sqlalchemy.types import TypeDecorator

# Importing it sets the naming convention before any table is read.
from inspections.record.database import DatabaseError


def plain_type(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our column types as plain SQL types: a version must not change when a class does."""
    if kind != "type":
        return False
    if isinstance(item, TypeDecorator):
        item = item.impl_instance
    if isinstance(item, String) and type(item).__name__ in {"String", "AutoString"}:
        return f"sa.String({item.length or ''})"
    return f"sa.{item!r}" if type(item).__module__.startswith("sqlalchemy") else False


def check_references(*_named: object, **_step: object) -> None:
    """Refuse a migration after which a row would point nowhere; it is rolled back."""
    if connection.dialect.name == "sqlite":
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if dangling is not None:
            raise DatabaseError(
                f"迁移之后，表 {dangling[0]} 里有一行指向 {dangling[2]} 里不存在的行；"
                "这一步没有改动，请保留日志并联系开发者。"
            )


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["target_metadata"],
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=plain_type,
    transaction_per_migration=True,
    on_version_apply=check_references,
)
with context.begin_transaction():
    context.run_migrations()
