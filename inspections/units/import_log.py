"""The record of each run of an import: which file, who, what became of its rows, where the report lies."""

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from inspections.units.tables import RegisterImport


def begin_import(
    session: Session, kind: str, *, file_name: str, file_sha256: str, actor: str, now: datetime
) -> RegisterImport:
    """Note that a run of `kind` begins; its counts follow at its end, in the same transaction."""
    record = RegisterImport(
        kind=kind,
        file_name=file_name,
        file_sha256=file_sha256,
        imported_at=now,
        imported_by=actor,
        counts="{}",
    )
    session.add(record)
    session.flush()
    return record


def name_report(record: RegisterImport, reports: Path) -> Path:
    """Where the run's report lies: a name of its own, also for two runs in one second."""
    record.report_name = f"{record.kind}-{record.imported_at:%Y%m%dT%H%M%S}-{record.id}.xlsx"
    return reports / record.report_name
