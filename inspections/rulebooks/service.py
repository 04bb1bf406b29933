"""Use cases of rulebooks: load the seeds into rows that are never updated, enter a bureau's own values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from grading.bundles import digest
from grading.check import strange_items, told, unlisted_counterexamples
from grading.checklist import Checklist
from grading.entering import LocalEntry, all_entered, entered
from grading.errors import GradingError, RulebookError
from grading.holdings import read_holdings
from grading.rulebook import Rulebook
from inspections.record.audit import declare_event, write_audit
from inspections.record.changes import Subject, note_changes
from inspections.record.evidence import KeptDocument
from inspections.rulebooks.files import SEEDS, checklist_texts, read_text, scheme_folders, stacked_text
from inspections.rulebooks.queries import (
    HOLDINGS_NAME,
    RulesError,
    checklists_known,
    newest_checklist,
    newest_rulebook,
    parsed_checklist,
    parsed_rulebook,
    rulebook_version,
    version_in_use,
)
from inspections.rulebooks.tables import (
    ChecklistVersion,
    EnteredCell,
    HoldingsVersion,
    RulebookVersion,
    VersionInUse,
    VersionKind,
)

RULES_LOADED = declare_event("rules_loaded", "kind", "name", "sha256")
CELL_ENTERED = declare_event(
    "cell_entered", "scheme", "cell", "value", "from_on", "document_sha256", "rulebook_sha256"
)


@dataclass(frozen=True)
class SeedsLoaded:
    """Which versions a loading put into use; empty when nothing had changed.

    `unfit` tells of values that the bureau entered and that a shipped rulebook no longer has a place for:
    they do not count, what depends on them is undetermined, and they have to be entered anew.
    """

    rulebooks: tuple[str, ...]
    checklists: tuple[str, ...]
    holdings: bool
    unfit: tuple[str, ...] = ()


def load_seeds(session: Session, *, actor: str, now: datetime, seeds: Path = SEEDS) -> SeedsLoaded:
    """Load shipped rulebooks, checklists and holdings; the same text is the same row."""
    files = scheme_folders(seeds)
    texts = {
        scheme: stacked_text(scheme, rows, lambda name: files.get(name, {})) for scheme, rows in files.items()
    }
    full = {scheme: _with_entries(session, scheme, text) for scheme, text in texts.items()}
    rulebooks = [
        scheme
        for scheme, (text, _) in full.items()
        if _put_rulebook(session, scheme, text, actor=actor, now=now)
    ]
    checklists = [
        name
        for name, text in checklist_texts(seeds).items()
        if put_checklist(session, name, text, actor=actor, now=now)
    ]
    path = seeds / "rulebooks" / "holdings.yaml"
    holdings = _put_holdings(session, path, texts, actor=actor, now=now)
    if rulebooks or checklists or holdings:
        note_changes(session, Subject.RULES, [0])
    unfit = tuple(sentence for _, sentences in full.values() for sentence in sentences)
    return SeedsLoaded(tuple(rulebooks), tuple(checklists), holdings, unfit)


def enter_cell(
    session: Session,
    *,
    scheme: str,
    cell: str,
    value: str,
    from_day: date,
    document: KeptDocument,
    actor: str,
    now: datetime,
) -> int:
    """Enter a value that the bureau decided, with its document: a new version of the rulebook.

    `value` is YAML; `cell` may lead into a table (`grade_matrix.I.compliant`). Gives the version's id.
    """
    current = newest_rulebook(session, scheme)
    row = session.get(RulebookVersion, current.version_id)
    entry = LocalEntry(cell, value, from_day, document.name, document.sha256, actor)
    text = entered(row.text if row else "", entry)
    faults = tuple(strange_items(parsed_rulebook(text), _checklists(session, parsed_rulebook(text))))
    if faults:
        raise RulebookError(faults)
    version_id = _put_rulebook(session, scheme, text, actor=actor, now=now)
    if version_id is None:
        raise RulesError(f"{scheme} 的 {cell} 已经是这个值（同一文件、同一日期）；没有变化。")
    session.add(
        EnteredCell(
            scheme=scheme,
            cell=cell,
            value=value,
            from_on=from_day,
            document_name=document.name,
            document_sha256=document.sha256,
            entered_by=actor,
            entered_at=now,
            rulebook_version_id=version_id,
        )
    )
    fields = {
        "scheme": scheme,
        "cell": cell,
        "value": value,
        "from_on": from_day.isoformat(),
        "document_sha256": document.sha256,
        "rulebook_sha256": digest(text),
    }
    write_audit(session, CELL_ENTERED, actor=actor, now=now, fields=fields)
    note_changes(session, Subject.RULES, [0])
    return version_id


def contradictions(session: Session, version_id: int, on: date) -> list[str]:
    """Where a worse visit gives a better outcome under a version on a day, for a person to judge."""
    rulebook = rulebook_version(session, version_id).rulebook
    return [told(case) for case in unlisted_counterexamples(rulebook, _checklists(session, rulebook), on)]


def _checklists(session: Session, rulebook: Rulebook) -> list[Checklist]:
    known = set(checklists_known(session))
    return [newest_checklist(session, name).checklist for name in rulebook.checklists if name in known]


def _with_entries(session: Session, scheme: str, text: str) -> tuple[str, list[str]]:
    """A changed seed keeps the values that the bureau entered, as far as it has a place for them."""
    rows = session.exec(select(EnteredCell).where(EnteredCell.scheme == scheme).order_by(col(EnteredCell.id)))
    entries = [
        LocalEntry(r.cell, r.value, r.from_on, r.document_name, r.document_sha256, r.entered_by) for r in rows
    ]
    if not entries:
        return text, []
    try:
        full = all_entered(text, entries)
        parsed_rulebook(full)
    except GradingError:
        return _fitting(scheme, text, entries)
    return full, []


def _fitting(scheme: str, text: str, entries: Sequence[LocalEntry]) -> tuple[str, list[str]]:
    unfit: dict[tuple[str, date], str] = {}
    for entry in entries:
        try:
            text = entered(text, entry)
        except GradingError as error:
            unfit[entry.cell, entry.from_day] = (
                f"{scheme} 的 {entry.cell}（自 {entry.from_day}，{entry.account}录入）"
                f"在随附规则的新版本里不再合适，不计入：{error} 请重新录入。"
            )
        else:
            unfit.pop((entry.cell, entry.from_day), None)
    return text, list(unfit.values())


def _put_rulebook(session: Session, scheme: str, text: str, *, actor: str, now: datetime) -> int | None:
    """Store a version and put it into use; none where it is in use already."""
    sha256 = digest(text)
    query = select(RulebookVersion.id).where(
        RulebookVersion.scheme == scheme, RulebookVersion.sha256 == sha256
    )
    version_id = session.exec(query).first()
    if version_id is None:
        parsed_rulebook(text)
        row = RulebookVersion(scheme=scheme, sha256=sha256, text=text, loaded_at=now, loaded_by=actor)
        session.add(row)
        session.flush()
        version_id = row.id or 0
    return _use(session, VersionKind.RULEBOOK, scheme, version_id, sha256, actor=actor, now=now)


def put_checklist(session: Session, name: str, text: str, *, actor: str, now: datetime) -> int | None:
    """Store a checklist's canonical text and put it into use; none where it is in use already."""
    sha256 = digest(text)
    query = select(ChecklistVersion.id).where(
        ChecklistVersion.checklist == name, ChecklistVersion.sha256 == sha256
    )
    version_id = session.exec(query).first()
    if version_id is None:
        parsed_checklist(text)
        row = ChecklistVersion(checklist=name, sha256=sha256, text=text, loaded_at=now, loaded_by=actor)
        session.add(row)
        session.flush()
        version_id = row.id or 0
    return _use(session, VersionKind.CHECKLIST, name, version_id, sha256, actor=actor, now=now)


def _put_holdings(
    session: Session, path: Path, texts: Mapping[str, str], *, actor: str, now: datetime
) -> bool:
    text = read_text(path)
    sha256 = digest(text)
    version_id = session.exec(select(HoldingsVersion.id).where(HoldingsVersion.sha256 == sha256)).first()
    if version_id is None:
        read_holdings(text, {name: tuple(parsed_rulebook(one).procedures) for name, one in texts.items()})
        row = HoldingsVersion(sha256=sha256, text=text, loaded_at=now, loaded_by=actor)
        session.add(row)
        session.flush()
        version_id = row.id or 0
    used = _use(session, VersionKind.HOLDINGS, HOLDINGS_NAME, version_id, sha256, actor=actor, now=now)
    return used is not None


def _use(
    session: Session, kind: VersionKind, name: str, version_id: int, sha256: str, *, actor: str, now: datetime
) -> int | None:
    if version_in_use(session, kind, name) == version_id:
        return None
    session.add(VersionInUse(kind=kind, name=name, version_id=version_id, from_at=now, put_by=actor))
    session.flush()
    fields = {"kind": kind.value, "name": name, "sha256": sha256}
    write_audit(session, RULES_LOADED, actor=actor, now=now, fields=fields)
    return version_id
