"""Makes a small bureau for tests through the rooms' own use cases: settings, units, visits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import Engine
from sqlmodel import Session

from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.clock import civil_day
from inspections.record.database import transaction
from inspections.record.settings import set_setting
from inspections.rulebooks.queries import newest_checklist
from inspections.rulebooks.service import load_seeds
from inspections.units.importing import load_units
from inspections.units.register_file import UnitRow
from inspections.visits.service import NewFinding, NewVisit, release_batch, store_visits
from inspections.visits.tables import VisitKind

PASSWORD = "correct horse battery"
EDITOR, APPROVER, SECOND_APPROVER, ADMINISTRATOR = "李伟", "陈静", "王芳", "赵强"
CHECKLIST = "cn-catering-2016-1-3"
FIRST_DAY = date(2026, 1, 1)

SETTINGS = {
    "authority": "某区市场监督管理局",
    "site_title": "某区餐饮安全公示",
    "contact": "某路 1 号，工作日 9:00-17:00",
    "complaint_line": "12315",
    "public_address": "https://canyin.example.cn",
    "red_term_days": "180",
    "black_term_days": "90",
    "objection_days": "5",
    "results_shown_days": "730",
    "grade_is_public": "yes",
}

DUMPLINGS = UnitRow(
    licence_name="天津市福满源餐饮有限公司",
    sign_name="福满源饺子馆",
    address="柳口路28号",
    street="杨柳镇",
    unit_type="restaurant",
    licence_number="JY21201119900016",
    credit_code="91120111MA9A00000Y",
)


def open_bureau(engine: Engine, now: datetime, **settings: str) -> None:
    """Settings, staff and the seeds of rulebooks and checklists."""
    with transaction(engine) as session:
        for key, value in (SETTINGS | settings).items():
            set_setting(session, key=key, value=value, from_on=FIRST_DAY, actor=ADMINISTRATOR, now=now)
        for name, role in (
            (EDITOR, Role.EDITOR),
            (APPROVER, Role.APPROVER),
            (SECOND_APPROVER, Role.APPROVER),
            (ADMINISTRATOR, Role.ADMINISTRATOR),
        ):
            add_account(session, name=name, password=PASSWORD, roles=[role], actor=ADMINISTRATOR, now=now)
        load_seeds(session, actor=ADMINISTRATOR, now=now)


def add_units(session: Session, rows: Sequence[UnitRow], now: datetime) -> list[int]:
    """Load register rows that hold from the first day on; the units' ids."""
    dated = [replace(row, from_on=row.from_on or FIRST_DAY) for row in rows]
    loaded = load_units(
        session,
        dated,
        on=civil_day(now),
        now=now,
        actor=ADMINISTRATOR,
        file_name="register.csv",
        file_sha256="0" * 64,
    )
    return [unit_id for unit_id in loaded.ids if unit_id is not None]


def add_visit(
    session: Session,
    unit_id: int,
    visited_on: date,
    now: datetime,
    *,
    failed: Sequence[str] = (),
    result: str = "compliant",
    kind: VisitKind = VisitKind.CAMPAIGN,
    key: str | None = None,
    release: bool = True,
    recheck_of: str | None = None,
) -> int:
    """Store a visit with these failed items and release its batch; the batch's id."""
    stored = newest_checklist(session, CHECKLIST)
    answers = dict.fromkeys((item.code for item in stored.checklist.items), "P") | dict.fromkeys(failed, "F")
    visit = NewVisit(
        record_key=key or f"{unit_id}-{visited_on}",
        unit_id=unit_id,
        visited_on=visited_on,
        kind=kind,
        checklist_version_id=stored.version_id,
        answers=stored.checklist.pack(answers),
        decided_result=result,
        recheck_of_key=recheck_of,
        findings=tuple(NewFinding(code) for code in failed),
    )
    batch = store_visits(session, [visit], actor=EDITOR, now=now)
    if release and batch.batch_id is not None:
        release_batch(session, batch.batch_id, actor=APPROVER, now=now)
    return batch.batch_id or 0
