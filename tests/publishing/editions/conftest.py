"""A small bureau, made once and copied for each test: two units, each visited in October."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from inspections.record.database import open_database, transaction
from inspections.record.settings import set_setting
from inspections.visits.tables import Visit
from publishing.editions.drafts import Draft, DraftLine
from publishing.editions.importing import ImportedEditions, import_editions_file
from publishing.editions.service import approve, publish_edition, save_draft
from tests.bureau import APPROVER, DUMPLINGS, EDITOR, SECOND_APPROVER, add_units, add_visit, open_bureau
from tests.conftest import NOW
from tests.publishing.editions.historical import Load

MONTH = "2026-10"
VISITED = date(2026, 10, 22)

NOODLES = replace(
    DUMPLINGS,
    licence_name="某区张记面馆",
    sign_name="张记牛肉面",
    address="汇祥道16号",
    licence_number="JY21201119900024",
    credit_code=None,
)


@pytest.fixture(scope="session")
def bureau_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """福满源, visited without finding, and 张记, visited with two; both records are released."""
    path = tmp_path_factory.mktemp("editions") / "bureau.sqlite"
    shutil.copyfile(migrated_file, path)
    engine = open_database(f"sqlite:///{path}")
    open_bureau(engine, NOW)
    with transaction(engine) as session:
        good, bad = add_units(session, [DUMPLINGS, NOODLES], NOW)
        add_visit(session, good, VISITED, NOW)
        add_visit(session, bad, VISITED, NOW, failed=["11", "16"], result="non_compliant")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


@pytest.fixture
def bureau(tmp_path: Path, bureau_file: Path) -> Iterator[Engine]:
    """A copy of the small bureau for one test."""
    path = tmp_path / "bureau.sqlite"
    shutil.copyfile(bureau_file, path)
    engine = open_database(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def visit_ids(session: Session) -> list[int]:
    """The visits in the order of their units."""
    return [visit_id for visit_id in session.exec(select(Visit.id).order_by(col(Visit.id))) if visit_id]


def october_draft(session: Session, **black: object) -> Draft:
    """One red and one black line that hold; `black` changes the black one."""
    good, bad = visit_ids(session)
    told = {
        "told_on": date(2026, 11, 2),
        "told_how": "书面告知书当面送达",
        "objection_until_on": date(2026, 11, 9),
    }
    red_line = DraftLine(1, "red", good, ("检查的项目均符合要求",), no_personal_names=True)
    black_line = DraftLine(
        2, "black", bad, ("后厨地面积水", "一袋面粉超过保质期"), "责令改正", no_personal_names=True
    )
    lines = (red_line, replace(black_line, **{**told, **black}))  # type: ignore[arg-type]  # fields of a line
    return Draft(MONTH, "冬日里的饺子馆", lines, 10)


def approve_by_two(session: Session) -> None:
    """Both approvers approve the present draft."""
    approve(session, MONTH, actor=APPROVER, now=NOW)
    approve(session, MONTH, actor=SECOND_APPROVER, now=NOW)


def publish_october(engine: Engine) -> None:
    """Draft, approve and publish the October edition."""
    with transaction(engine) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=NOW)
        approve_by_two(session)
        publish_edition(session, MONTH, now=NOW)


@pytest.fixture
def load(database: Engine, tmp_path: Path) -> Load:
    """Import records, or the bytes of a file, into an empty bureau with terms of 180 and 90 days."""
    with transaction(database) as session:
        for key, value in (("red_term_days", "180"), ("black_term_days", "90")):
            set_setting(session, key=key, value=value, from_on=date(2026, 1, 1), actor="管理", now=NOW)

    def importing(content: object, name: str = "editions.json") -> ImportedEditions:
        path = tmp_path / name
        if not isinstance(content, bytes):
            content = json.dumps(content, ensure_ascii=False).encode()
        path.write_bytes(content)
        return import_editions_file(database, path, actor="李伟", now=NOW, reports=tmp_path / "reports")

    return importing
