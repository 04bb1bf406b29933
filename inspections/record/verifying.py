"""Checks of everything kept: each room declares what it can prove of its rows; faults are named one by one."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine, text
from sqlmodel import Session

from inspections.record.audit import verify_audit
from inspections.record.database import read_only

Check = Callable[[Session], Iterator[str]]
_CHECKS: list[Check] = []


def declare_check(check: Check) -> None:
    """Have a room's rows checked by `verify`; the check yields one sentence for each fault."""
    _CHECKS.append(check)


def database_faults(engine: Engine, name: str) -> Iterator[str]:
    """What the database itself finds wrong with its pages, indexes and foreign keys."""
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        for (fault,) in connection.execute(text("PRAGMA integrity_check")):
            if fault != "ok":
                yield f"{name}：数据库页损坏：{fault}"
        for row in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"{name}：表 {row[0]} 第 {row[1]} 行指向 {row[2]} 里不存在的记录"


def content_faults(engine: Engine) -> Iterator[str]:
    """What the audit chain and the rooms find wrong with what is stored."""
    with read_only(engine) as session:
        for fault in verify_audit(session):
            yield f"审计链第 {fault.event_id} 条：{fault.what}"
        for check in _CHECKS:
            yield from check(session)


def evidence_faults(directory: Path) -> Iterator[str]:
    """Documents whose content is not what their name says."""
    for path in sorted(directory.glob("??/*")):
        if len(path.name) == 64:
            with path.open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != path.name:
                    yield f"证据文件 {path}：内容被改动过"
