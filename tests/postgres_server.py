"""A private PostgreSQL server for one test run: an unprivileged user, a folder of its own, no port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text


def _binaries() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not versions:
        raise RuntimeError("没有找到 PostgreSQL；请先运行 make packages，或 apt-get install postgresql。")
    return versions[-1].parent


def _as_unprivileged(command: Sequence[str]) -> list[str]:
    # initdb and the server refuse to run as root.
    return ["runuser", "-u", "nobody", "--", *command] if os.geteuid() == 0 else list(command)


@contextmanager
def private_server() -> Iterator[str]:
    """Start a server, give a SQLAlchemy URL to which `&dbname=` may be added, stop it at the end."""
    # Not pytest's own folder: that one is closed to the unprivileged user.
    folder = Path(tempfile.mkdtemp(prefix="hhb-pg-"))
    try:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        binaries, cluster = _binaries(), folder / "cluster"
        initdb = [str(binaries / "initdb"), "-D", str(cluster), "-U", "tests", "-A", "trust", "-E", "UTF8"]
        _run([*initdb, "--locale=C", "-N"])
        options = f"-c listen_addresses= -c fsync=off -c max_connections=50 -k {folder}"
        log = str(folder / "log")
        control = [str(binaries / "pg_ctl"), "-D", str(cluster), "-w", "-l", log]
        _run([*control, "-o", options, "start"])
        try:
            yield f"postgresql+psycopg:///?host={folder}&user=tests"
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(folder)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(_as_unprivileged(command), capture_output=True, text=True, check=False, cwd="/")
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} 失败：{done.stdout}{done.stderr}")


def run_on_server(url: str, statement: str) -> None:
    """Run one statement outside a transaction in the server's own database."""
    engine = create_engine(f"{url}&dbname=postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
