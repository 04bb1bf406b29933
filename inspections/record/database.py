"""Engines and transactions: one use case, one transaction, on SQLite and PostgreSQL alike."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session as PlainSession
from sqlmodel import Session, SQLModel

from inspections.record.errors import HouseError

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=30000",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)


class DatabaseError(HouseError):
    """The database cannot be used as it is."""


def open_database(url: str) -> Engine:
    """An engine for the operational database at `url` (`sqlite:///…` or `postgresql+psycopg://…`)."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise DatabaseError(
            "HHB_DATABASE_URL 不是数据库地址；"
            "请写成 postgresql+psycopg://用户@主机/库名，或留空使用内置 SQLite。"
        ) from error
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(url)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername != "postgresql+psycopg":
        raise DatabaseError(
            f"HHB_DATABASE_URL 以 {parsed.drivername}:// 开头，本系统不认识；"
            "请写成 postgresql+psycopg://用户@主机/库名，或留空使用内置 SQLite。"
        )
    return create_engine(url, pool_pre_ping=True)


def file_of(engine: Engine) -> Path | None:
    """The file of an embedded database; none where the database is a server's."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    return Path(engine.url.database)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_sqlite` chooses the kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One use case, one transaction: commit on success, roll back on any error."""
    # A deferred SQLite transaction that later writes can lose updates; writers begin IMMEDIATE.
    writer = engine.execution_options(sqlite_begin="IMMEDIATE")
    with Session(writer, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def read_only(engine: Engine) -> Iterator[Session]:
    """A consistent reading of the database that blocks nobody; nothing may be written in it."""
    reader = (
        engine.execution_options(sqlite_begin="DEFERRED", isolation_level="REPEATABLE READ")
        if engine.dialect.name == "postgresql"
        else engine
    )
    with Session(reader, expire_on_commit=False) as session:
        yield session


def insert_rows(session: PlainSession, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many rows of one shape in one statement; nothing happens for an empty sequence."""
    if rows:
        session.execute(insert(table), rows)


def insert_if_absent(session: PlainSession, table: Table, row: Mapping[str, Any]) -> bool:
    """Insert a row unless one with its key is there, whoever else does the same at the same moment."""
    make = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = make(table).values(dict(row)).on_conflict_do_nothing()
    # Otherwise the count is only known on SQLite.
    done = session.connection().execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount == 1


def reserve_ids(session: PlainSession, table: Table, count: int) -> list[int]:
    """Ids for rows about to be inserted in bulk, inside the caller's writing transaction."""
    if session.get_bind().dialect.name == "postgresql":
        query = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
        return [int(row[0]) for row in session.execute(query, {"name": table.name, "count": count})]
    # The transaction holds SQLite's one write lock, so nobody else takes these ids.
    last = session.execute(select(func.max(table.c.id))).scalar() or 0
    return list(range(last + 1, last + 1 + count))


def one_at_a_time(session: PlainSession, work: str) -> None:
    """Wait until nobody else does this work, and keep others waiting until the transaction ends."""
    # SQLite has one writer anyway: its transaction began IMMEDIATE.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:work))"), {"work": work})


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model class."""
    table: Table = model.__table__  # type: ignore[attr-defined]  # SQLModel hides it from the checker
    return table
