"""PostgreSQL's own programs for backups: pg_dump, pg_restore, psql."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import make_url

from inspections.record.errors import HouseError

_ENVIRONMENT = {"PATH": f"/usr/bin:/bin:{os.defpath}", "LC_ALL": "C.UTF-8"}
_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


class PostgresToolError(HouseError):
    """One of PostgreSQL's programs is not there or did not finish."""


def dump(url: str, kept: Path) -> None:
    """Write a database as one moment saw it into a file that `restore_dump` reads."""
    _run("pg_dump", url, ["--format=custom", f"--file={kept}"])


def restore_dump(url: str, kept: Path) -> None:
    """Fill an empty database from a dump, whole or not at all."""
    _run("pg_restore", url, ["--no-owner", "--exit-on-error", "--single-transaction", str(kept)])


def table_in_dump(kept: Path, table: str) -> list[str]:
    """The rows of a table in a dump, columns separated by tabs; no database is needed for it."""
    told = _call(["pg_restore", "--data-only", f"--table={table}", "--file=-", str(kept)], _ENVIRONMENT)
    _, _, copied = told.partition("\nCOPY ")
    rows, _, _ = copied.partition("\n\\.")
    return rows.splitlines()[1:]


def count_tables(url: str) -> int:
    """How many tables a database has."""
    return int(_run("psql", url, ["-Atc", _TABLES]).strip())


def _run(program: str, url: str, arguments: Sequence[str]) -> str:
    parsed = make_url(url)
    plain = parsed.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    # In the arguments every user of the machine could read it.
    secret = {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
    return _call([program, f"--dbname={plain}", *arguments], _ENVIRONMENT | secret)


def _call(command: Sequence[str], environment: Mapping[str, str]) -> str:
    program = command[0]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except FileNotFoundError as error:
        raise PostgresToolError(
            f"找不到 {program}；请安装 PostgreSQL 的客户端：apt-get install postgresql-client"
        ) from error
    if done.returncode != 0:
        raise PostgresToolError(f"{program} 没有完成：{done.stderr.strip()[-400:]}。请检查数据库能否连接。")
    return done.stdout
