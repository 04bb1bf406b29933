"""Import of a file of visits: good rows become a batch that waits for its release, bad rows a report."""

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from inspections.record.database import transaction
from inspections.record.marks import refuse_demonstration, refuse_foreign_feed
from inspections.record.settings import KINDS
from inspections.rulebooks.queries import (
    RulesError,
    Shelf,
    StoredChecklist,
    newest_checklist,
    shelf_of,
)
from inspections.rulebooks.service import load_seeds
from inspections.surface.sheets.faults import first_faults
from inspections.surface.sheets.reading import Row
from inspections.units.import_log import begin_import, name_report
from inspections.units.personal import names_person, personal_number_kind
from inspections.units.register_file import door_keys
from inspections.visits.rechecks import with_known_rechecks
from inspections.visits.service import NewVisit, StoredVisits, store_visits
from inspections.visits.unit_lookup import NotFound, Trading, UnitIndex, Wanted, names_of, persons_of
from inspections.visits.visit_files import VisitFiles
from inspections.visits.visit_sheet import (
    CodeReader,
    ItemAnswer,
    ItemRows,
    answers_in_columns,
    answers_in_rows,
    findings_of,
)
from inspections.visits.wording import result_words

DEFAULT_CHECKLIST = str(KINDS["visit_checklist"].usual)
"""Of rows that name none; a file is read the same whatever the bureau uses on its tablets today."""


@dataclass(frozen=True)
class VisitsImported:
    """What became of a file of visits."""

    rows: int
    new: int
    corrected: int
    unchanged: int
    bad: int
    bad_items: int
    warnings: int
    first_faults: tuple[str, ...]
    batch_id: int | None
    report: Path | None


def import_visit_file(
    engine: Engine,
    path: Path,
    *,
    items: Path | None = None,
    checklist: str = DEFAULT_CHECKLIST,
    on: date,
    now: datetime,
    actor: str,
    reports: Path,
) -> VisitsImported:
    """Load the good rows of a file as one batch; `items` is the long file of answers, where there is one.

    Importing the same file again changes nothing; a changed row becomes a correction of its record.
    """
    files = VisitFiles.read(path, items)
    with transaction(engine) as session:
        refuse_demonstration(session)
        refuse_foreign_feed(session)
        load_seeds(session, actor=actor, now=now)
        newest_checklist(session, checklist)
        visits = _Reading(session, checklist, on, files.items).visits(files.rows)
        record = begin_import(
            session, "visits", file_name=path.name, file_sha256=files.sha256, actor=actor, now=now
        )
        stored = store_visits(
            session,
            visits,
            actor=actor,
            now=now,
            import_id=record.id,
            file_name=path.name,
            file_sha256=files.sha256,
        )
        record.counts = json.dumps(_counts(files, stored), sort_keys=True)
        faults = files.faults()
        report = name_report(record, reports) if faults else None
        if report is not None:
            files.write_report(report, faults)
    return VisitsImported(
        rows=len(files.rows),
        new=stored.new,
        corrected=stored.corrected,
        unchanged=stored.unchanged,
        bad=len(files.bad),
        bad_items=len(files.bad_items),
        warnings=sum(fault.is_warning for fault in faults),
        first_faults=first_faults(faults),
        batch_id=stored.batch_id,
        report=report,
    )


def _counts(files: "VisitFiles", stored: StoredVisits) -> dict[str, int]:
    counts = {"new": stored.new, "corrected": stored.corrected, "unchanged": stored.unchanged}
    return {"rows": len(files.rows), **counts, "bad": len(files.bad), "bad_items": len(files.bad_items)}


class _Reading:
    """Turns the rows of a file into visits; whatever does not fit becomes a fault of its row."""

    def __init__(self, session: Session, checklist: str, on: date, items: ItemRows | None) -> None:
        self._session = session
        self._default = checklist
        self._on = on
        self._items = items
        self._shelf: Shelf = shelf_of(session)
        self._checklists: dict[str, tuple[StoredChecklist, CodeReader] | str] = {}
        self._results: dict[tuple[str, date], dict[str, str]] = {}

    def visits(self, rows: Sequence[Row]) -> list[NewVisit]:
        _refuse_doubles(rows)
        wanted = {row.number: _wanted(row) for row in rows if row.is_good}
        index = UnitIndex.of(self._session, wanted.values())
        units = {number: index.find(one) for number, one in wanted.items()}
        _refuse_other_names(self._session, rows, units)
        found = [
            visit
            for row in rows
            if row.is_good and (visit := self._visit(row, units[row.number])) is not None
        ]
        if self._items is not None:
            self._leftover_items({row.values.get("record_key") for row in rows})
        by_key = {row.values["record_key"]: row for row in rows if row.is_good}
        _warn_of_persons(self._session, found, by_key)
        return with_known_rechecks(self._session, found, by_key)

    def _visit(self, row: Row, unit: Trading | NotFound) -> NewVisit | None:
        values = row.values
        if values["visited_on"] > self._on:
            row.fault("检查日期", values["visited_on"], "在将来", "请核对年份和日期")
        if isinstance(unit, NotFound):
            row.fault(unit.column, unit.value, unit.what, unit.cure)
            return None
        known = self._checklist(values["checklist"] or self._default)
        if isinstance(known, str):
            row.fault("检查要点表", values["checklist"], "没有这个要点表", known)
            return None
        checklist, codes = known
        answers = self._answers(row, codes)
        result = self._result(row, unit)
        theme_items = self._theme_items(row, codes)
        if not row.is_good or result is None:
            return None
        return NewVisit(
            record_key=values["record_key"],
            unit_id=unit.unit_id,
            visited_on=values["visited_on"],
            kind=values["kind"],
            checklist_version_id=checklist.version_id,
            answers=checklist.checklist.pack({code: item.answer for code, item in answers.items()}),
            decided_result=result,
            decided_score=values["score"],
            handling=values["handling"],
            inspectors=values["inspectors"] or "",
            theme=values["theme"],
            theme_items=theme_items,
            recheck_of_key=values["recheck_of"],
            correction_reason=values["correction_reason"],
            findings=findings_of(answers, values["deadline_on"]),
        )

    def _answers(self, row: Row, codes: CodeReader) -> dict[str, ItemAnswer]:
        if self._items is None:
            answers = answers_in_columns(row, codes)
        else:
            answers = answers_in_rows(row, self._items.by_record.get(row.values["record_key"], []), codes)
        if row.is_good and not any(item.answer.value != "-" for item in answers.values()):
            row.fault("", "", "没有一项检查结果", "请填逐项检查结果，或用 --items 给出逐项文件")
        return answers

    def _result(self, row: Row, unit: Trading) -> str | None:
        key = (unit.unit_type, row.values["visited_on"])
        if key not in self._results:
            self._results[key] = result_words(self._shelf, *key)
        words = self._results[key]
        found = words.get(row.values["result"])
        if found is None:
            allowed = "、".join(word for word, id_ in words.items() if word != id_)
            row.fault("检查结果", row.values["result"], "不是允许的结果", f"请从这些里选：{allowed}")
        return found

    def _theme_items(self, row: Row, codes: CodeReader) -> tuple[str, ...]:
        found = []
        for written in row.values["theme_items"] or ():
            code = codes.code(written)
            if code is None:
                row.fault("主题项目", written, "检查要点表里没有这一项", "请核对项目编号和检查要点表")
            else:
                found.append(code)
        return tuple(found)

    def _checklist(self, name: str) -> tuple[StoredChecklist, CodeReader] | str:
        if name not in self._checklists:
            try:
                stored = newest_checklist(self._session, name)
                self._checklists[name] = (stored, CodeReader(stored.checklist))
            except RulesError as error:
                self._checklists[name] = str(error)
        return self._checklists[name]

    def _leftover_items(self, known: set[str | None]) -> None:
        for key, rows in self._items.by_record.items() if self._items else ():
            if key not in known:
                for row in rows:
                    row.fault("记录编号", key, "检查记录文件里没有这条记录", "请核对记录编号")


def _refuse_doubles(rows: Sequence[Row]) -> None:
    counts = Counter(row.values.get("record_key") for row in rows)
    for row in rows:
        key = row.values.get("record_key")
        if key is not None and counts[key] > 1:
            row.fault("记录编号", key, "在文件里出现了不止一次，都没有导入", "每条记录用自己的编号")


def _refuse_other_names(
    session: Session, rows: Sequence[Row], units: Mapping[int, Trading | NotFound]
) -> None:
    """A name that the unit never had is a fault, and so are other names in rows about the same unit."""
    about: dict[int, list[Row]] = {}
    for row in rows:
        unit = units.get(row.number)
        if isinstance(unit, Trading) and row.values["name"]:
            about.setdefault(unit.unit_id, []).append(row)
    known = names_of(session, about)
    for unit_id, same in about.items():
        names = set(door_keys(known[unit_id]))
        strange = [row for row in same if door_keys([row.values["name"]])[0] not in names]
        for row in strange:
            what = f"名册里这个单位是“{known[unit_id][-1]}”"
            row.fault("单位名称", row.values["name"], what, "请核对编号和名称；名称可以不写")
        for row in same if strange else ():
            if row not in strange and row.values["name"] != strange[0].values["name"]:
                what = f"与第 {strange[0].number} 行是同一编号，名称不同"
                row.fault("单位名称", row.values["name"], what, "请一并核对；这些行都没有导入")


def _warn_of_persons(session: Session, visits: Sequence[NewVisit], rows: Mapping[str, Row]) -> None:
    """A note with a person's number or the holder's own name loads, and is never published."""
    noted = [visit for visit in visits if any(finding.note for finding in visit.findings)]
    persons = persons_of(session, {visit.unit_id for visit in noted})
    cure = "公示页改用检查项目的原文；要公示这句话，请删去后再导入"
    for visit in noted:
        for finding in visit.findings:
            what = _personal(finding.note, persons.get(visit.unit_id, ()))
            if what is not None:
                column = f"{finding.item_code}备注"
                rows[visit.record_key].fault(column, finding.note, what, cure, is_warning=True)


def _personal(note: str, persons: Collection[str]) -> str | None:
    kind = personal_number_kind(note)
    if kind is not None:
        return f"写有{kind}"
    return "写有经营者本人的姓名" if any(names_person(note, person) for person in persons) else None


def _wanted(row: Row) -> Wanted:
    values = row.values
    code, licence, credit = (_number(values[name]) for name in ("code", "licence_number", "credit_code"))
    return Wanted(code, licence, credit, values["address"], values["visited_on"])


def _number(value: str | None) -> str | None:
    return value.replace(" ", "").upper() if value else None
