"""Import of a LIVES feed into a data directory of its own; every row is loaded, or named with the reason."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, select

from grading.bundles import bundle, layers
from grading.checklist import finding_code
from inspections.record.command_line import CLI
from inspections.record.database import one_at_a_time, transaction
from inspections.record.marks import (
    FOREIGN_FEED,
    WrongDirectoryError,
    has_mark,
    refuse_demonstration,
    set_mark,
)
from inspections.rulebooks.queries import Shelf, StoredChecklist, newest_checklist, shelf_of
from inspections.rulebooks.service import load_seeds, put_checklist
from inspections.rulebooks.tables import ChecklistVersion
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.report import write_report
from inspections.units.import_log import begin_import, name_report
from inspections.units.importing import REGISTER
from inspections.units.search_keys import fill_search_keys
from inspections.units.tables import CateringUnit, RegisterImport
from inspections.visits.lives_files import FeedFile, read_feed
from inspections.visits.lives_rows import Band, Feed, Inspection, band_of, read_rows
from inspections.visits.lives_units import PREFIX, FeedUnits, Known
from inspections.visits.service import NewFinding, NewVisit, StoredVisits, store_visits

CHECKLIST, WIDER_CHECKLIST = "lives-sf", "lives-feed"
SCHEME = "san-francisco-lives"


@dataclass(frozen=True)
class FileCounts:
    """Rows of one file: `rows` = `loaded` + `named`."""

    name: str
    rows: int
    loaded: int
    named: int


@dataclass(frozen=True)
class LivesImported:
    """What became of a feed."""

    files: tuple[FileCounts, ...]
    new_units: int
    changed_units: int
    absent_units: int
    new_visits: int
    corrected_visits: int
    unchanged_visits: int
    notes: int
    batch_id: int | None
    report: Path


def import_feed(
    engine: Engine, place: Path, *, on: date, now: datetime, actor: str, reports: Path
) -> LivesImported:
    """Load a feed; a second run of the same feed changes nothing."""
    contents = read_feed(place)
    feed = read_rows(contents.files, on=on)
    digest = hashlib.sha256(b"".join(content for _, content in sorted(contents.files.items()))).hexdigest()
    with transaction(engine) as session:
        one_at_a_time(session, REGISTER)
        _own_directory(session, now=now, note=place.name)
        load_seeds(session, actor=actor, now=now)
        record = begin_import(
            session, "lives", file_name=place.name, file_sha256=digest, actor=actor, now=now
        )
        units = FeedUnits(session, on=on, now=now, import_id=record.id or 0)
        units.load(feed)
        fill_search_keys(session)
        stored = _store_visits(session, feed, units.ids, record, actor=actor, now=now)
        counts = tuple(_counts(file) for file in feed.files)
        report = name_report(record, reports)
        record.counts = json.dumps({one.name: [one.rows, one.loaded, one.named] for one in counts})
        _write_report(report, feed.files, counts, others=contents.others, absent=units.absent)
    return LivesImported(
        files=counts,
        new_units=units.new,
        changed_units=units.changed,
        absent_units=len(units.absent),
        new_visits=stored.new,
        corrected_visits=stored.corrected,
        unchanged_visits=stored.unchanged,
        notes=sum(len(file.notes) for file in feed.files),
        batch_id=stored.batch_id,
        report=report,
    )


def _own_directory(session: Session, *, now: datetime, note: str) -> None:
    """A foreign feed never shares a directory with a register or a demonstration."""
    refuse_demonstration(session)
    if not has_mark(session, FOREIGN_FEED) and _has_own_data(session):
        raise WrongDirectoryError(
            "这个数据目录里已经有本局的数据，不能混入国外的 LIVES 数据；"
            f"请把 HHB_DATA 指到一个新的空目录，运行 {CLI} migrate 后再导入。"
        )
    set_mark(session, FOREIGN_FEED, now=now, note=note)


def _has_own_data(session: Session) -> bool:
    units = session.exec(select(CateringUnit.id).limit(1)).first()
    return units is not None or session.exec(select(RegisterImport.id).limit(1)).first() is not None


def _counts(file: FeedFile) -> FileCounts:
    return FileCounts(file.name, file.total, file.total - len(file.named), len(file.named))


def _write_report(
    report: Path,
    files: Iterable[FeedFile],
    counts: Iterable[FileCounts],
    *,
    others: Iterable[str],
    absent: Iterable[Known],
) -> None:
    faults = [fault for file in files for fault in (*file.named, *file.notes)]
    faults += [Fault(0, name, "", "不是 LIVES 的文件，没有读", "", is_warning=True) for name in others]
    rows = [[one.name, str(one.rows), str(one.loaded), str(one.named)] for one in counts]
    gone = [[one.business_id, one.name, one.address] for one in absent]
    lists = [
        ("数目", ("文件", "行数", "已载入", "未载入并列出"), rows),
        ("这次没有的单位", ("business_id", "name", "address"), gone),
    ]
    write_report(report, faults, (), (), lists=lists)


def _store_visits(
    session: Session,
    feed: Feed,
    unit_ids: Mapping[str, int],
    record: RegisterImport,
    *,
    actor: str,
    now: datetime,
) -> StoredVisits:
    checklist = _checklist(session, feed, actor=actor, now=now)
    words = _ResultWords(feed, shelf_of(session))
    visits = (
        _visit(inspection, unit_ids[inspection.business_id], feed, checklist, words)
        for inspection in feed.inspections.values()
    )
    return store_visits(
        session,
        visits,
        actor=actor,
        now=now,
        import_id=record.id,
        file_name=record.file_name,
        file_sha256=record.file_sha256,
    )


def _visit(
    inspection: Inspection, unit_id: int, feed: Feed, stored: StoredChecklist, words: "_ResultWords"
) -> NewVisit:
    checklist = stored.checklist
    violations = feed.violations.get((inspection.business_id, inspection.on), ())
    findings = tuple(
        NewFinding(finding_code(checklist, one.wording) or "", corrected_on=one.corrected_on)
        for one in violations
    )
    # The feed names what failed and nothing else: the other items count as not checked.
    answers = checklist.pack({finding.item_code: "F" for finding in findings})
    return NewVisit(
        record_key=f"{PREFIX}{inspection.business_id}:{inspection.on:%Y%m%d}",
        unit_id=unit_id,
        visited_on=inspection.on,
        kind=inspection.kind,
        checklist_version_id=stored.version_id,
        answers=answers,
        decided_result=words.word(inspection.score),
        decided_score=inspection.score,
        findings=findings,
    )


class _ResultWords:
    """The published legend's word for a score, as the rulebook's own word where they mean the same."""

    def __init__(self, feed: Feed, shelf: Shelf) -> None:
        rulebook = shelf.rulebook(SCHEME)
        scale = rulebook.scales[rulebook.procedures["result"].scale]
        self._own = {level.en.casefold(): level.id for level in scale.levels}
        self._legend: list[Band] = feed.legend

    def word(self, score: Decimal) -> str | None:
        """The decided result; none where the feed has no legend or no line for the score."""
        found = band_of(self._legend, score)
        return None if found is None else self._own.get(found.casefold(), found)


def _checklist(session: Session, feed: Feed, *, actor: str, now: datetime) -> StoredChecklist:
    """The shipped vocabulary; a feed with other wordings gets a version that has them as further items."""
    shipped = newest_checklist(session, CHECKLIST)
    wordings = {one.wording for violations in feed.violations.values() for one in violations}
    unknown = sorted(word for word in wordings if finding_code(shipped.checklist, word) is None)
    if not unknown:
        return shipped
    row = session.get_one(ChecklistVersion, shipped.version_id)
    name, text = next(iter(layers(row.text)[-1].files.items()))
    wider = text + "".join(_item(word) for word in unknown)
    put_checklist(session, WIDER_CHECKLIST, bundle({name: wider}), actor=actor, now=now)
    return newest_checklist(session, WIDER_CHECKLIST)


def _item(wording: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", wording.lower()).strip("-")[:60]
    code = f"feed-{slug}-{hashlib.sha256(wording.casefold().encode()).hexdigest()[:6]}"
    text = json.dumps(wording, ensure_ascii=False)
    return f"  - {{code: {code}, section: LIVES, text: {text}, text_en: {text}, published: {text}}}\n"
