"""Another city's scheme, added as files alone: loaded, carried, judged and graded by."""

import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Engine

from inspections.record.configuration import PACKAGE_ROOT
from inspections.record.database import read_only, transaction
from inspections.rulebooks.checking import check_path
from inspections.rulebooks.files import SEEDS
from inspections.rulebooks.queries import newest_checklist, shelf_of
from inspections.rulebooks.service import load_seeds
from inspections.visits.comparing import compared_visits
from inspections.visits.grading_run import grade_units
from inspections.visits.queries import grades_of
from inspections.visits.service import NewFinding, NewVisit, release_batch, store_visits
from inspections.visits.sync.bundle_rules import rules_for_tablets
from inspections.visits.tables import VisitKind
from tests.bureau import APPROVER, DUMPLINGS, EDITOR, add_units
from tests.grading.document import worked_files

ON = date(2026, 11, 24)
CHECKLIST = "los-angeles-findings"


def _seeds(folder: Path) -> Path:
    """The shipped seeds and the document's scheme, which holds for everybody from a day on."""
    for name in ("rulebooks", "checklists"):
        shutil.copytree(SEEDS / name, folder / name)
    for name, text in worked_files().items():
        if not name.endswith("holdings-rows.yaml"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    rows = worked_files()["rulebooks/holdings-rows.yaml"].replace("setting: los-angeles", "setting: tianjin")
    (folder / "rulebooks" / "holdings.yaml").write_text(rows, encoding="utf-8")
    return folder


def _visit(unit_id: int, checklist_id: int, on: date, codes: list[str], posted: str) -> NewVisit:
    return NewVisit(
        record_key=f"{unit_id}-{on}",
        unit_id=unit_id,
        visited_on=on,
        kind=VisitKind.DAILY,
        checklist_version_id=checklist_id,
        answers="---",
        decided_result=posted,
        findings=tuple(NewFinding(code) for code in codes),
    )


def _programs() -> str:
    command = ["git", "status", "--porcelain", "--", "*.py", "*.js", "*.html"]
    return subprocess.run(command, cwd=PACKAGE_ROOT, capture_output=True, check=True, text=True).stdout


def test_a_scheme_from_elsewhere_is_added_without_touching_a_program(
    database: Engine, now: datetime, tmp_path: Path
) -> None:
    before = _programs()
    seeds = _seeds(tmp_path / "seeds")
    assert [fault for one in check_path(seeds / "rulebooks", ON) for fault in one.report.faults] == []
    with transaction(database) as session:
        loaded = load_seeds(session, actor="甲", now=now, seeds=seeds)
        assert "los-angeles-cards" in loaded.rulebooks
        units = add_units(session, [DUMPLINGS], now)
        checklist = newest_checklist(session, CHECKLIST)
        visits = [
            _visit(units[0], checklist.version_id, date(2026, 3, 1), ["major"] * 5, "B"),
            _visit(units[0], checklist.version_id, date(2026, 6, 1), [], "C"),
            _visit(units[0], checklist.version_id, date(2026, 10, 1), ["major", "minor", "practice"], "A"),
        ]
        batch = store_visits(session, visits, actor=EDITOR, now=now)
        release_batch(session, batch.batch_id or 0, actor=APPROVER, now=now)
        (carried,) = rules_for_tablets(shelf_of(session), ["restaurant"], [checklist], ON).values()
    assert carried[checklist.sha256]["portable"]["scheme"] == "los-angeles-cards"
    summary = grade_units(database, on=ON, now=now)
    assert (summary.graded, summary.visits) == (1, 3)
    with read_only(database) as session:
        assert grades_of(session, units, ON)[units[0]].level == "A"
        compared = list(compared_visits(session, date.min))
    assert [(one.decided, one.suggested, one.agrees) for one in compared] == [
        ("B", "B", True),
        ("C", "A", False),
        ("A", "A", True),
    ]
    assert _programs() == before
