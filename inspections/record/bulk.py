"""Bulk inserts of columns or tuples: the same values as a row-wise insert, at a fraction of its cost."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session

_ROWS_IN_ONE_STATEMENT = 20_000


def insert_columns(session: Session, table: Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Insert rows given as equally long columns, inside the caller's transaction; answers how many.

    Python-side defaults do not run: every column that must not be empty has to be given.
    """
    dialect = session.get_bind().dialect
    stored = [_stored(table, name, values, dialect) for name, values in columns.items()]
    return insert_stored(session, table, tuple(columns), zip(*stored, strict=True))


def insert_tuples(session: Session, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Insert rows given as tuples of one shape, inside the caller's transaction; answers how many."""
    return insert_stored(session, table, names, stored_rows(session, table, names, rows))


def stored_rows(
    session: Session, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Rows of values as the database's driver takes them, for parts that many inserted rows share."""
    dialect = session.get_bind().dialect
    columns = zip(names, zip(*rows, strict=True), strict=False)
    return list(zip(*[_stored(table, name, values, dialect) for name, values in columns], strict=True))


def insert_stored(
    session: Session, table: Table, names: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> int:
    """Insert rows of values that are as the driver takes them; answers how many."""
    dialect = session.get_bind().dialect
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    marks = ", ".join([mark] * len(names))
    columns = ", ".join(map(quote, names))
    statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({marks})"  # noqa: S608  # names of our own tables
    connection = session.connection()
    coming = iter(rows)
    count = 0
    while part := list(islice(coming, _ROWS_IN_ONE_STATEMENT)):
        connection.exec_driver_sql(statement, part)
        count += len(part)
    return count


def _stored(table: Table, name: str, values: Sequence[Any], dialect: Any) -> Sequence[Any]:
    process = table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
    if process is None:
        return values
    # Most columns repeat a few values (days, words, yes and no): each is converted once.
    known = {value: process(value) for value in set(values)}
    return [known[value] for value in values]
