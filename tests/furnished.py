"""A bureau with something on every page of the desk: who can sign in, and where its things are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

from flask import Flask
from PIL import Image
from sqlmodel import col, select

from inspections.campaigns.planning import make_plan
from inspections.campaigns.service import make_campaign
from inspections.people.service import add_account
from inspections.people.staffing import record_recusal, record_training, set_certificate
from inspections.people.tables import Role
from inspections.record.clock import civil_day, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.evidence import keep_bytes
from inspections.record.house import House
from inspections.units.links import renew_link
from inspections.units.messages.handing import write_link_renewed
from inspections.units.messages.service import NewDelivery, record_contact, record_delivery
from inspections.units.messages.tables import DeliveryWay, MessageAbout, OutgoingMessage, Receipt
from inspections.units.tables import UnitStanding
from inspections.visits.review.service import remind_overdue, report_rectified
from inspections.visits.sync.fingerprint import fingerprint_of
from inspections.visits.sync.queries import field_record, find_field_visit
from inspections.visits.sync.reviewing import Reviewing, confirm_and_grade
from inspections.visits.sync.tables import FieldVisit, Order, RegisterFinding
from inspections.visits.tables import Visit
from publishing.editions.drafting import save_draft
from publishing.editions.drafts import Draft as EditionDraft
from publishing.editions.drafts import DraftLine
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD, add_visit
from tests.campaigns.office import PLAN
from tests.tablets import (
    LEAD,
    OUTSIDER,
    REVIEWER,
    Draft,
    FieldBureau,
    TabletClient,
    assign,
    open_field_bureau,
    photo,
    signed_in_tablet,
)

MANAGER, AUDITOR, REPORTER = "孙敏", "周正", "区教育局"
WHO = {
    Role.INSPECTOR: LEAD,
    Role.CAMPAIGN_MANAGER: MANAGER,
    Role.REVIEWER: REVIEWER,
    Role.EDITOR: EDITOR,
    Role.APPROVER: APPROVER,
    Role.AUDITOR: AUDITOR,
    Role.REPORTING_BODY: REPORTER,
    Role.ADMINISTRATOR: ADMINISTRATOR,
}
FAILED: Mapping[str, Mapping[str, object]] = {
    "2.6": {"answer": "fail", "safety": True, "words": ["expired-ingredient"], "remark": "酱料两瓶"}
}


@dataclass(frozen=True)
class Furnished:
    """Where the things of the bureau are, by the names that addresses give them."""

    bureau: FieldBureau
    numbers: Mapping[str, int]
    month: str
    campaign: str


def furnish(application: Flask) -> Furnished:
    """Fill an empty, migrated house through its own use cases."""
    house: House = application.extensions["house"]
    engine, now = house.engine, utc_now()
    bureau = open_field_bureau(engine, now - timedelta(minutes=30), escalation_days="15")
    month, on = f"{civil_day(now):%Y-%m}", civil_day(now)
    with transaction(engine) as session:
        for name, role in (
            (MANAGER, Role.CAMPAIGN_MANAGER),
            (AUDITOR, Role.AUDITOR),
            (REPORTER, Role.REPORTING_BODY),
        ):
            add_account(session, name=name, password=PASSWORD, roles=[role], actor=ADMINISTRATOR, now=now)
        set_certificate(
            session,
            LEAD,
            number="02-120111-0007",
            until_on=on - timedelta(days=3),
            actor=ADMINISTRATOR,
            now=now,
        )
        record_training(
            session,
            LEAD,
            held_on=on,
            hours=Decimal(4),
            subject="冷食加工检查要点",
            actor=ADMINISTRATOR,
            now=now,
        )
        record_recusal(
            session,
            OUTSIDER,
            unit_id=bureau.unit_id,
            reason="亲属经营",
            from_on=on,
            actor=ADMINISTRATOR,
            now=now,
        )
        make_campaign(session, replace(PLAN, key=_next_month(month), issue_no=12), actor=MANAGER, now=now)
        standing = UnitStanding(unit_id=bureau.unit_id, as_of=on, grade="B", due_on=on - timedelta(days=9))
        session.add(standing)
        session.flush()
        make_plan(session, on.year, actor=MANAGER, now=now)
        batch_id = add_visit(session, bureau.unit_id, on - timedelta(days=40), now, release=False)
        add_visit(session, bureau.unit_id, on.replace(day=1), now, key="食检-0001")
    lead = signed_in_tablet(application, engine, LEAD)
    answered, overdue, waiting = (_signed(lead, bureau, number) for number in range(3))
    for visit_id in (answered, overdue):
        _confirm(bureau, visit_id)
    picture = keep_bytes(house.configuration.evidence_directory, _picture())
    with transaction(engine) as session:
        order_ids = [
            session.exec(select(Order.id).where(Order.field_visit_id == one)).one() or 0
            for one in (answered, overdue)
        ]
        report_rectified(
            session,
            order_ids[0],
            unit_id=bureau.unit_id,
            text="已清理，重新做了台账",
            evidence=(picture, picture),
            now=now,
        )
        finding = RegisterFinding(
            field_visit_id=answered, kind="unlicensed", value="只有营业执照", note="许可证还没有办下来",
            decision="accepted", decided_by=REVIEWER, decided_at=now,
        )  # fmt: skip
        session.add(finding)
        session.flush()
        finding_id = finding.id or 0
        remind_overdue(session, on + timedelta(days=12), now)
        record_contact(session, bureau.unit_id, mobile="13800000000", actor=EDITOR, now=now)
        link_id, _ = renew_link(session, bureau.unit_id, lasts_days=60, actor=EDITOR, on=on, now=now)
        renewed = write_link_renewed(
            session, link_id, bureau.unit_id, expires_on=on + timedelta(days=60), actor=EDITOR, now=now
        )
        delivery = NewDelivery(on, DeliveryWay.IN_PERSON, LEAD, Receipt.SIGNED, received_by="王某")
        record_delivery(session, renewed, delivery, actor=EDITOR, now=now)
        overdue_ones = select(OutgoingMessage.id).where(col(OutgoingMessage.about) == MessageAbout.OVERDUE)
        message_id = session.exec(overdue_ones.order_by(col(OutgoingMessage.id))).first()
        visit_id = session.exec(select(Visit.id).where(Visit.record_key == "食检-0001")).one() or 0
        line = DraftLine(1, "red", visit_id, ("加工区整洁，生熟分开",), no_personal_names=True)
        draft = EditionDraft(
            month, "冬日里的饺子馆", (line,), issue_no=11, chosen_how="摇号", drawn=6, checked=5
        )
        save_draft(session, draft, actor=EDITOR, now=now)
    numbers = {
        "unit_id": bureau.unit_id,
        "field_visit_id": waiting,
        "order_id": order_ids[0],
        "message_id": message_id or 0,
        "finding_id": finding_id,
        "link_id": link_id,
        "batch_id": batch_id,
        "tablet_id": 1,
        "session_id": 1,
        "proposal_id": 1,
    }
    return Furnished(bureau, numbers, month, _next_month(month))


def _signed(lead: TabletClient, bureau: FieldBureau, number: int) -> int:
    """A signed visit with a photo, one failed item and an order of ten days; its id."""
    draft = Draft(bureau, assign(bureau), bureau.now + timedelta(minutes=number))
    picture = photo(shade=60 + 40 * number)
    until = civil_day(bureau.now) + timedelta(days=10)
    draft.open()
    draft.fill(failed=FAILED, result="basically_compliant")
    draft.say(
        "orders", [{"items": ["2.6"], "text": "清理过期原料，建立台账", "deadline_on": until.isoformat()}]
    )
    lead.send(draft.changes)
    sha256 = lead.upload(draft.visit, picture)
    found = draft.find("2.6", **{**FAILED["2.6"], "photos": [sha256]})
    signature = draft.sign(lead.get("/bundle")["record_numbers"][0])
    assert lead.send([found, signature])["refusals"] == []
    with read_only(bureau.engine) as session:
        visit = find_field_visit(session, draft.visit)
        assert visit is not None
        return visit.id or 0


def _confirm(bureau: FieldBureau, field_visit_id: int) -> None:
    with read_only(bureau.engine) as session:
        seen = fingerprint_of(field_record(session, session.get_one(FieldVisit, field_visit_id)))
    reviewing = Reviewing(field_visit_id, bureau.accounts[REVIEWER], seen)
    confirm_and_grade(bureau.engine, reviewing, now=utc_now())


def _picture() -> bytes:
    """What an operator sends: a whole picture, taken upright."""
    content = BytesIO()
    Image.effect_noise((480, 640), 60).convert("RGB").save(content, "JPEG")
    return content.getvalue()


def _next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"
