"""Carrying out what happens in the field, through the use cases of tablets, review and follow-up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from inspections.campaigns.assigning import NewAssignment, assign_visit
from inspections.campaigns.draw_changes import open_substitute
from inspections.campaigns.tables import Assignment, AssignmentSource, AssignmentState
from inspections.people.service import SignedAccount
from inspections.people.sessions import start_session
from inspections.people.staffing import account_named, record_recusal
from inspections.people.tables import Role, SessionKind, Tablet
from inspections.people.tablets import admit_tablet, make_enrolment
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_bytes
from inspections.record.house import House
from inspections.record.settings import settings_on
from inspections.rulebooks.queries import newest_checklist, shelf_of
from inspections.units.queries import doors, premises_of_units
from inspections.visits.review.service import follow_order, remind_overdue, report_rectified
from inspections.visits.sync.assignments import find_told
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.leases import lease_numbers
from inspections.visits.sync.opening import Sender
from inspections.visits.sync.photos import receive_piece
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.requests import read_changes
from inspections.visits.sync.reviewing import Reviewing, confirm_field_visit, return_field_visit
from inspections.visits.sync.service import receive_changes
from inspections.visits.sync.tables import FieldVisit as StoredVisit
from inspections.visits.sync.tables import Order, OrderState
from publishing.demonstration.answers import Inspector, Sheet
from publishing.demonstration.chance import Chance
from publishing.demonstration.district import SEED
from publishing.demonstration.draw_telling import assignments, code_of
from publishing.demonstration.drawn_months import MANAGER, DrawnMonth
from publishing.demonstration.field_acts import (
    AnswerIsChecked,
    FieldAct,
    FieldOpens,
    OperatorAnswers,
    OverdueAreReminded,
    VisitIsSettled,
)
from publishing.demonstration.field_plan import (
    REVIEWER,
    TABLETS,
    After,
    Answer,
    FieldPlan,
    FieldVisit,
    Task,
)
from publishing.demonstration.pictures import FINDINGS, picture
from publishing.demonstration.queries import UnitIds
from publishing.demonstration.staff import ADMINISTRATOR
from publishing.demonstration.tablet_records import Opening, Record
from publishing.demonstration.units import Unit
from publishing.demonstration.words import CHECKLIST, DemonstrationError

_ON_SITE = timedelta(minutes=50)
_SESSION = timedelta(days=60)
_RETURNED_BECAUSE = "第 2 页的照片与 3 项问题对不上；请主检人员核对后补充说明并签结。"


class FieldTeller:
    """Hands out tablets, sends what they would send, reviews, and follows orders."""

    def __init__(self, house: House, on: date, plan: FieldPlan, month: DrawnMonth) -> None:
        self._house, self._on, self._plan, self._month = house, on, plan, month

    def tell(self, session: Session, act: FieldAct, ids: UnitIds, now: datetime) -> None:
        """One act; what a tablet sends was sent before."""
        match act:
            case FieldOpens():
                self.open_field(session, ids, now)
            case Task():
                self.assign(session, act, ids, now)
            case VisitIsSettled():
                self.settle(session, act.visit, now)
            case OperatorAnswers():
                self.answer(session, act.answer, now)
            case AnswerIsChecked():
                self.recheck(session, act.answer, now)
            case OverdueAreReminded():
                remind_overdue(session, civil_day(now), now)
            case _:
                pass

    def open_field(self, session: Session, ids: UnitIds, now: datetime) -> None:
        """Register the tablets and sign the inspectors in on them; one of them is recused from a unit."""
        for label, names in TABLETS.items():
            code = make_enrolment(session, label=label, actor=ADMINISTRATOR, now=now)
            for name in names:
                account = account_named(session, name)
                signed = SignedAccount(account.id or 0, name, frozenset({Role.INSPECTOR}))
                tablet_id = admit_tablet(
                    session, signed, public_id=_tablet_id(label), app_version="1", enrolment=code, now=now
                )
                start_session(
                    session, account_id=signed.id, kind=SessionKind.TABLET, now=now, lasts=_SESSION,
                    tablet_id=tablet_id, device=label,
                )  # fmt: skip
        record_recusal(
            session, TABLETS["演示平板01"][1], unit_id=_unit_id(ids, self._plan.recused, now),
            reason="亲属在店内工作（演示）", from_on=civil_day(now), actor=ADMINISTRATOR, now=now,
        )  # fmt: skip

    def assign(self, session: Session, task: Task, ids: UnitIds, now: datetime) -> None:
        """Assign a visit outside of a draw."""
        recheck_of = None
        if task.recheck_of is not None:
            recheck_of = self._visit_of_task(session, task.recheck_of).record_number
        new = NewAssignment(
            code=_door_code(session, _unit_id(ids, task.unit, now), civil_day(now)),
            kind=task.kind,
            source=AssignmentSource.ORDER if task.recheck_of else AssignmentSource.PLAN,
            lead_account_id=account_named(session, task.lead).id or 0,
            second_account_id=account_named(session, task.second).id or 0,
            release_on=task.release_on,
            reason=task.reason,
            due_on=task.release_on,
            recheck_of_key=recheck_of,
        )
        octets = self._chance("task", task.name).octets
        assign_visit(session, new, actor=MANAGER, now=now, random_bytes=octets)

    def send(self, visit: FieldVisit, units: Mapping[int, Unit], now: datetime) -> None:
        """Send a visit as its lead's tablet does; sending it again changes nothing."""
        with read_only(self._house.engine) as session:
            row = self._assignment(session, visit)
            stored = find_field_visit(session, row.public_id)
            if stored is not None and stored.signed_at is not None:
                return
            lead = row.lead_account_id or 0
            tablet_id = _tablet_of(session, lead)
        with transaction(self._house.engine) as session:
            number = lease_numbers(
                session, tablet_id, settings=settings_on(session, civil_day(now)), now=now
            )[0]  # fmt: skip
        with read_only(self._house.engine) as session:
            record = self._record(session, row, units[row.unit_id], visit, number, now)
        sender = Sender(lead, "", tablet_id)
        received = receive_changes(self._house.engine, sender, read_changes(record.body()), now=now)
        if received.refusals:
            raise DemonstrationError(f"演示检查 {visit.name} 没有收下：{received.refusals[0]}")
        for sha256, name in record.pictures.items():
            receive_piece(self._house, sha256, 0, picture(name), account_id=lead, now=now)

    def settle(self, session: Session, visit: FieldVisit, now: datetime) -> None:
        """What the office does of a visit: confirms it, sends it back, or opens the substitute."""
        row = self._assignment(session, visit)
        if visit.after is After.SUBSTITUTED:
            octets = self._chance("substitute", visit.name).octets
            code = code_of(session, row, civil_day(now))
            open_substitute(session, self._month.key, code, actor=MANAGER, now=now, random_bytes=octets)
            return
        stored = find_field_visit(session, row.public_id)
        if stored is None:
            raise DemonstrationError(f"演示检查 {visit.name} 没有送到；请换一个空目录重新写入演示数据。")
        seen = fingerprint_of(field_record(session, stored))
        reviewing = Reviewing(stored.id or 0, account_named(session, REVIEWER).id or 0, seen)
        if visit.after is After.CONFIRMED:
            confirm_field_visit(session, reviewing, now=now)
        else:
            return_field_visit(session, reviewing, reason=_RETURNED_BECAUSE, now=now)

    def answer(self, session: Session, answer: Answer, now: datetime) -> None:
        """The operator's answer, with a picture."""
        order = self._order(session, answer.task)
        kept = keep_bytes(self._house.configuration.evidence_directory, picture(FINDINGS[0]))
        report_rectified(
            session, order.id or 0, unit_id=order.unit_id, text=answer.text, evidence=(kept,), now=now
        )  # fmt: skip

    def recheck(self, session: Session, answer: Answer, now: datetime) -> None:
        """The re-check after an answer: put right."""
        order = self._order(session, answer.task)
        follow_order(
            session, order.id or 0, kind="rechecked_passed", note="现场已改正。", actor=REVIEWER, now=now
        )  # fmt: skip

    def _record(
        self, session: Session, row: Assignment, unit: Unit, visit: FieldVisit, number: str, now: datetime
    ) -> Record:
        day, shelf = civil_day(now), shelf_of(session)
        scheme = shelf.scheme_for("result", unit.row.unit_type, day)
        stored = newest_checklist(session, CHECKLIST)
        opening = Opening(
            visit=row.public_id,
            unit=code_of(session, row, day),
            unit_name=unit.row.sign_name or unit.row.licence_name,
            kind=row.kind,
            source=row.source.value,
            reason=row.reason,
            lead=row.lead_account_id or 0,
            second=row.second_account_id or 0,
            checklist=stored.sha256,
            rulebook=shelf.version_id(scheme) if scheme is not None and scheme in shelf.texts else None,
            number=number,
            opened_at=now - _ON_SITE,
        )
        record = Record(opening, self._chance("changes", visit.name))
        if visit.is_shut:
            record.shut()
            return record
        sheet = Inspector(self._chance("sheet", visit.name), unit.row).fill(
            visit.level, day, theme=self._month.theme.items if visit.task is None else (),
            deadline_on=visit.deadline_on or day + timedelta(days=10),
        )  # fmt: skip
        sheet = _with_an_order(sheet, visit.deadline_on)
        rules = shelf.rules_of_period(scheme, day) if scheme is not None else None
        suggestion = rules.suggest(stored.checklist, sheet.answers) if rules is not None else None
        handling = suggestion.extras.get("handling") if suggestion is not None else None
        record.inspected(
            sheet, suggestion.value if suggestion is not None else None, str(handling) if handling else None
        )
        return record

    def _assignment(self, session: Session, visit: FieldVisit) -> Assignment:
        if visit.task is not None:
            told = find_told(session, self._public_id(visit.task))
            if told is None:
                raise DemonstrationError(f"演示任务 {visit.task} 没有安排；请换一个空目录重新写入演示数据。")
            return told.assignment
        kept = [
            row
            for row in assignments(session, self._month)
            if not row.is_substitute and row.state is not AssignmentState.EXCLUDED
        ]
        return kept[visit.place or 0]

    def _public_id(self, task: str) -> str:
        return self._chance("task", task).octets(16).hex()

    def _visit_of_task(self, session: Session, task: str) -> StoredVisit:
        return session.exec(select(StoredVisit).where(StoredVisit.client_id == self._public_id(task))).one()

    def _order(self, session: Session, task: str) -> Order:
        visit = self._visit_of_task(session, task)
        query = select(Order).where(Order.field_visit_id == visit.id, Order.state != OrderState.WITHDRAWN)
        return session.exec(query.order_by(col(Order.id))).one()

    def _chance(self, *name: str) -> Chance:
        return Chance(SEED, self._on, "field", *name)


def _with_an_order(sheet: Sheet, deadline_on: date | None) -> Sheet:
    """Where a deadline is given, the first finding is left to be put right by it."""
    if deadline_on is None:
        return sheet
    first, *rest = sheet.notes
    asked = replace(first, corrected_on_spot=False, deadline_on=deadline_on, corrected_on=None)
    on_spot = [replace(note, corrected_on_spot=True, deadline_on=None, corrected_on=None) for note in rest]
    return replace(sheet, notes=(asked, *on_spot))


def _unit_id(ids: UnitIds, unit: Unit, now: datetime) -> int:
    return ids.on(unit.row.licence_number, civil_day(now))


def _tablet_id(label: str) -> str:
    """The id of a made-up tablet."""
    return f"demonstration-{label[-2:]}"


def _tablet_of(session: Session, account_id: int) -> int:
    """The tablet of an inspector."""
    names = {account_named(session, name).id: label for label, team in TABLETS.items() for name in team}
    query = select(Tablet.id).where(Tablet.public_id == _tablet_id(names[account_id]))
    return session.exec(query).one() or 0


def _door_code(session: Session, unit_id: int, on: date) -> str:
    premises = premises_of_units(session, [unit_id])[unit_id]
    return doors(session, [premises], on)[premises].code
