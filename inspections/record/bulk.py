"""Bulk inserts column by column: the same values as a row-wise insert, at a fraction of its cost."""

from collections.abc import Mapping, Sequence
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
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    names = ", ".join(quote(name) for name in columns)
    marks = ", ".join([mark] * len(columns))
    statement = f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})"  # noqa: S608  # names of our own tables
    connection = session.connection()
    rows = zip(*stored, strict=True)
    count = 0
    while part := list(islice(rows, _ROWS_IN_ONE_STATEMENT)):
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
