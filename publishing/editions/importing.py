"""The use case of importing editions that other authorities really published."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, update
from sqlmodel import Session

from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.clock import civil_day
from inspections.record.database import one_at_a_time, table_of, transaction
from inspections.record.marks import refuse_demonstration, refuse_foreign_feed
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.report import write_report
from inspections.units.import_log import begin_import, name_report
from publishing.editions.drafting import add_version, find_edition
from publishing.editions.history import (
    HistoricalEdition,
    HistoricalEntry,
    canonical,
    edition_key,
    read_record,
)
from publishing.editions.history_file import EditionsFile, Record, read_editions_file
from publishing.editions.tables import Edition, EditionEntry, EditionKind

EDITIONS_IMPORTED = declare_event(
    "editions_imported", "file_name", "file_sha256", "new", "changed", "entries"
)


@dataclass
class ImportedEditions:
    """What became of a file: each record is new, changed, unchanged, repeated or bad."""

    records: int = 0
    editions: int = 0
    entries: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    bad: int = 0
    bad_entries: int = 0
    warnings: int = 0
    without_day: int = 0
    report: Path | None = None
    faults: list[Fault] = field(default_factory=list)


def import_editions_file(
    engine: Engine, path: Path, *, actor: str, now: datetime, reports: Path
) -> ImportedEditions:
    """Load a file of editions; good records load, the others are named with their cure in a report."""
    with transaction(engine) as session:
        refuse_demonstration(session)
        refuse_foreign_feed(session)
        one_at_a_time(session, "editions")
        found = read_editions_file(path)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        record = begin_import(
            session, "editions", file_name=path.name, file_sha256=sha256, actor=actor, now=now
        )
        done = _load(session, found, actor=actor, now=now)
        counts = {"new": done.new, "changed": done.changed, "entries": done.entries}
        record.counts = json.dumps({**counts, "bad": done.bad})
        if done.new or done.changed:
            fields = {"file_name": path.name, "file_sha256": sha256, **counts}
            write_audit(session, EDITIONS_IMPORTED, actor=actor, now=now, fields=fields)
        if done.faults:
            done.report = name_report(record, reports)
            _write_report(done.report, done, found)
    return done


def _write_report(report: Path, done: ImportedEditions, found: EditionsFile) -> None:
    bad = {fault.row for fault in done.faults if not fault.is_warning}
    rows = [[str(record.place), record.text] for record in found.records if record.place in bad]
    write_report(report, done.faults, [], [], lists=[("有问题的记录", ("第几条", "记录"), rows)])


def _load(session: Session, found: EditionsFile, *, actor: str, now: datetime) -> ImportedEditions:
    done = ImportedEditions(records=len(found.records), faults=list(found.faults))
    ambiguous, repeated = _claimed_twice(found, done)
    for record in found.records:
        if record.place in repeated:
            done.repeated += 1
            continue
        edition, problems = read_record(record.value, today=civil_day(now))
        done.faults += [Fault(record.place, p.place, p.value, p.what, p.cure, p.is_warning) for p in problems]
        if edition is None or record.place in ambiguous:
            done.bad += 1
            continue
        done.bad_entries += sum(not problem.is_warning for problem in problems)
        done.editions += 1
        done.entries += len(edition.entries)
        done.without_day += edition.published_on is None
        _store(session, record, edition, done, actor=actor, now=now)
    done.warnings = sum(fault.is_warning for fault in done.faults)
    return done


def _claimed_twice(found: EditionsFile, done: ImportedEditions) -> tuple[set[int], set[int]]:
    """Places of records with one id and different contents, and of mere repetitions of an earlier one."""
    by_key: dict[str, list[Record]] = {}
    for record in found.records:
        if isinstance(record.value, Mapping):
            by_key.setdefault(edition_key(record.value), []).append(record)
    ambiguous: set[int] = set()
    repeated: set[int] = set()
    for same in (records for records in by_key.values() if len(records) > 1):
        others = "、".join(str(record.place) for record in same)
        if len({canonical(record.value) for record in same}) == 1:
            repeated |= {record.place for record in same[1:]}
            what, cure = f"第 {others} 条完全相同", "已当作一条；请删去重复的记录"
            done.faults.append(Fault(same[1].place, "id", "", what, cure, is_warning=True))
            continue
        # Which of them is right is not ours to guess.
        ambiguous |= {record.place for record in same}
        what, cure = f"第 {others} 条的 id 相同，内容不同，都没有导入", "请给每条记录不同的 id"
        done.faults += [Fault(record.place, "id", "", what, cure) for record in same]
    return ambiguous, repeated


def _store(
    session: Session,
    record: Record,
    read: HistoricalEdition,
    done: ImportedEditions,
    *,
    actor: str,
    now: datetime,
) -> None:
    digest = hashlib.sha256(canonical(record.value).encode()).hexdigest()
    present = find_edition(session, read.key, to_change=True)
    if present is not None and present.draft_hash == digest:
        done.unchanged += 1
        return
    if present is None:
        done.new += 1
        present = Edition(kind=EditionKind.HISTORICAL, key=read.key, authority=read.authority)
    else:
        done.changed += 1
    _fill(present, read, digest)
    session.add(present)
    session.flush()
    edition_id = present.id or 0
    version = add_version(session, edition_id, record.text, digest, made_by=actor, now=now)
    table = table_of(EditionEntry)
    session.connection().execute(
        update(table).where(table.c.edition_id == edition_id).values(is_current=False)
    )
    session.add_all(_entry(edition_id, version, entry) for entry in read.entries)
    session.flush()
    note_changes(session, Subject.EDITION, [edition_id])


def _fill(edition: Edition, read: HistoricalEdition, digest: str) -> None:
    edition.authority, edition.period, edition.issue_no = read.authority, read.period, read.issue_no
    edition.title, edition.theme, edition.published_on = read.title, read.theme, read.published_on
    edition.red_count, edition.black_count, edition.checked = read.red_count, read.black_count, read.checked
    edition.draft_hash = digest


def _entry(edition_id: int, version: int, read: HistoricalEntry) -> EditionEntry:
    return EditionEntry(
        edition_id=edition_id,
        number=read.number,
        version=version,
        list_word=read.list_word,
        sign_name=read.sign_name,
        holder_shown=read.holder_shown,
        address=read.address,
        reasons=json.dumps(read.reasons, ensure_ascii=False),
        measures=read.measures,
        is_truncated=read.is_truncated,
    )
