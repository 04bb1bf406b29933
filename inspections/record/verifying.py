"""Checks of what is kept: of each thing looked at they say nothing, or what is wrong with it."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from inspections.record.audit import verify_audit
from inspections.record.evidence import PART_SUFFIX, place_of
from inspections.record.tables import AuditEvent

# One answer for each thing looked at: nothing, or the fault in words.
Findings = Iterator[str | None]


def look_at_database(session: Session) -> Findings:
    """The embedded database's own structure; a server looks after its own."""
    if session.get_bind().dialect.name != "sqlite":
        return
    answers = [str(row[0]) for row in session.connection().execute(text("PRAGMA integrity_check"))]
    yield None if answers == ["ok"] else f"数据库文件已损坏：{'；'.join(answers[:3])}"
    for row in session.connection().execute(text("PRAGMA foreign_key_check")):
        yield f"表 {row[0]} 第 {row[1]} 行指向 {row[2]} 里不存在的行"


def look_at_audit(session: Session) -> Findings:
    """The audit chain, event by event."""
    faults = [f"第 {fault.event_id} 条：{fault.what}" for fault in verify_audit(session)]
    events = session.exec(select(func.count(col(AuditEvent.id)))).one()
    yield from faults
    yield from [None] * max(events - len(faults), 0)


def look_at_texts(kind: str, texts: Iterable[tuple[str, str, str]]) -> Findings:
    """Stored texts by name, with the hash under which each is known."""
    for name, content, sha256 in texts:
        is_whole = hashlib.sha256(content.encode()).hexdigest() == sha256
        yield None if is_whole else f"{kind} {name} 与校验值不符：内容被改动"


def look_at_evidence(directory: Path, wanted: Iterable[tuple[str, str]]) -> Findings:
    """Every kept document against its name, and the documents that records speak of, by hash."""
    for path in sorted(directory.glob("*/*")):
        if path.suffix == PART_SUFFIX:
            continue
        is_whole = place_of(directory, _sha256_of(path)) == path
        yield None if is_whole else f"{path.relative_to(directory)} 与校验值不符：文件被改动"
    for whose, sha256 in wanted:
        if not place_of(directory, sha256).is_file():
            yield f"{whose}的文件 {sha256[:12]} 不在存档里"


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
