"""Fixtures of the visits' tests: a bureau with one unit, into which files of visits are imported."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inspections.record.database import transaction
from inspections.rulebooks.service import load_seeds
from inspections.visits.importing import VisitsImported, import_visit_file
from tests.bureau import DUMPLINGS, add_units
from tests.visits.visit_files import CHECKLIST, TODAY, Import, write_rows


@pytest.fixture
def load(database: Engine, tmp_path: Path, now: datetime) -> Import:
    """Imports rows (or a file) into a bureau that has one unit."""
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
        add_units(session, [DUMPLINGS], now)

    def run(*rows: dict[str, str], file: Path | None = None, items: Path | None = None) -> VisitsImported:
        path = file or write_rows(tmp_path / "visits.csv", rows)
        return import_visit_file(
            database, path, items=items, checklist=CHECKLIST, on=TODAY, now=now, actor="甲",
            reports=tmp_path / "reports",
        )  # fmt: skip

    return run
