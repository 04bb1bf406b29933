"""Promises of signing in on a tablet: a code counts once, a session ends, nothing is told to strangers."""

from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlmodel import select

from inspections.people.tables import Account, StaffSession, Tablet, TabletEnrolment
from inspections.people.tablets import (
    ENROLMENT_LASTS,
    make_enrolment,
    open_enrolments,
    withdraw_enrolment,
)
from inspections.people.totp import turn_on
from inspections.record.clock import utc_now
from inspections.record.database import read_only, transaction
from inspections.record.epochs import current_epoch
from inspections.record.tables import BackupRun, Epoch
from tests.bureau import ADMINISTRATOR, PASSWORD
from tests.tablets import LEAD, REVIEWER, Draft, FieldBureau, TabletClient
from tests.visits.sync.conftest import SECRET


@pytest.fixture
def stranger(application: Flask, bureau: FieldBureau) -> TabletClient:
    """A tablet that nobody has registered."""
    return TabletClient(application, bureau.engine)


def _word(tablet: TabletClient, name: str, enrolment: str | None = None, **fields: object) -> tuple[int, str]:
    answer = tablet.sign_in(name, enrolment, **fields)
    assert answer.json is not None
    return answer.status_code, "signed_in" if answer.json["ok"] else str(answer.json["word"])


def test_a_new_tablet_needs_a_code_which_counts_once(
    application: Flask, stranger: TabletClient, bureau: FieldBureau
) -> None:
    code = stranger.enrolment()
    assert _word(stranger, LEAD) == (403, "enrolment_needed")
    assert _word(stranger, LEAD, "AAAA-BBBB-CCCC") == (403, "enrolment_refused")
    assert _word(stranger, LEAD, code.lower()) == (200, "signed_in")
    assert _word(TabletClient(application, bureau.engine), LEAD, code) == (403, "enrolment_refused")
    assert _word(stranger, LEAD) == (200, "signed_in")
    with read_only(bureau.engine) as session:
        tablet = session.exec(select(Tablet).where(Tablet.public_id == stranger.public_id)).one()
        row = session.exec(select(TabletEnrolment).where(TabletEnrolment.tablet_id == tablet.id)).one()
    assert tablet.registered_by == ADMINISTRATOR
    assert code.replace("-", "") not in row.code_hash


def test_an_expired_code_is_refused(stranger: TabletClient, bureau: FieldBureau) -> None:
    long_ago = utc_now() - ENROLMENT_LASTS - timedelta(minutes=1)
    with transaction(bureau.engine) as session:
        code = make_enrolment(session, label="执法平板09", actor=ADMINISTRATOR, now=long_ago)
    assert _word(stranger, LEAD, code) == (403, "enrolment_refused")


def test_a_code_that_was_taken_back_registers_no_tablet(bureau: FieldBureau, stranger: TabletClient) -> None:
    code = stranger.enrolment()
    with transaction(bureau.engine) as session:
        (made,) = open_enrolments(session, utc_now())
        withdraw_enrolment(session, made.enrolment_id, actor=ADMINISTRATOR, now=utc_now())
    assert _word(stranger, LEAD, code) == (403, "enrolment_refused")


def test_only_inspectors_sign_in_on_a_tablet_and_only_with_the_right_password(
    stranger: TabletClient,
) -> None:
    assert _word(stranger, REVIEWER, stranger.enrolment()) == (403, "not_an_inspector")
    assert _word(stranger, LEAD, stranger.enrolment(), password="a wrong password") == (403, "wrong_password")
    assert _word(stranger, "无此人", stranger.enrolment()) == (403, "wrong_password")


def test_sign_ins_that_fail_again_and_again_are_slowed_down(stranger: TabletClient) -> None:
    words = [_word(stranger, LEAD, password="a wrong password") for _ in range(9)]
    assert words[0] == (403, "wrong_password")
    assert words[-1] == (429, "too_many_requests")


def test_an_account_with_one_time_codes_needs_one_on_a_tablet_too(
    stranger: TabletClient, bureau: FieldBureau
) -> None:
    secret = pyotp.random_base32()
    earlier = utc_now() - timedelta(minutes=2)
    with transaction(bureau.engine) as session:
        account = session.get_one(Account, bureau.accounts[LEAD])
        code = pyotp.TOTP(secret).at(earlier)
        turn_on(session, account, secret=secret, code=code, house_secret=SECRET, now=earlier)
    assert _word(stranger, LEAD, stranger.enrolment()) == (403, "code_needed")
    assert _word(stranger, LEAD, stranger.enrolment(), code=pyotp.TOTP(secret).now()) == (200, "signed_in")


def test_a_sign_in_that_was_refused_leaves_the_code_unused(stranger: TabletClient) -> None:
    code = stranger.enrolment()
    assert _word(stranger, LEAD, code, password="a wrong password") == (403, "wrong_password")
    assert _word(stranger, LEAD, code) == (200, "signed_in")


def test_an_expired_session_answers_401_and_takes_nothing(lead: TabletClient, draft: Draft) -> None:
    lead.send([draft.open()])
    with transaction(draft.bureau.engine) as session:
        for row in session.exec(select(StaffSession)):
            row.expires_at = utc_now() - timedelta(seconds=1)
    answer = lead.post({"changes": [draft.say("item/2.3", {"answer": "pass"})]})
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["word"] == "not_signed_in"
    assert lead.client.get("/api/v1/token").status_code == 401


def test_what_writes_needs_the_token_and_says_so_when_it_is_stale(lead: TabletClient, draft: Draft) -> None:
    lead.token = "an old token"
    answer = lead.post({"changes": [draft.open()]})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["word"] == "stale_token"
    lead.token = lead.get("/token")["token"]
    assert lead.send(draft.changes)["receipts"]


def test_a_session_of_the_desk_is_no_session_of_a_tablet(application: Flask, lead: TabletClient) -> None:
    client = application.test_client()
    page = client.get("/desk/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    fields = {"csrf_token": token, "name": LEAD, "password": PASSWORD}
    assert client.post("/desk/sign-in", data=fields).status_code == 303
    assert client.get("/api/v1/bundle").status_code == 403


def test_every_answer_says_which_life_of_the_database_it_comes_from(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    answer = lead.client.get("/api/v1/token")
    assert answer.json is not None
    first = answer.json["epoch"]
    assert (answer.headers["X-HHB-Epoch"], len(first)) == (first, 32)
    refused = lead.client.get("/api/v1/photos/nothing")
    assert refused.status_code == 404
    assert refused.headers["X-HHB-Epoch"] == first
    with transaction(bureau.engine) as session:
        session.add(Epoch(name="a restored life", begun_at=utc_now(), restored_from="backup-1"))
    assert lead.get("/token")["epoch"] == "a restored life"
    assert current_epoch(bureau.engine, utc_now()) == "a restored life"


def test_a_tablet_is_told_until_when_a_completed_backup_covers(
    lead: TabletClient, bureau: FieldBureau
) -> None:
    assert lead.get("/token")["backed_up_until"] is None
    covered = utc_now()
    with transaction(bureau.engine) as session:
        later = covered + timedelta(hours=1)
        session.add(BackupRun(started_at=covered, place="one", covers_until=covered, completed_at=covered))
        session.add(BackupRun(started_at=covered, place="half made", covers_until=later))
    told = datetime.fromisoformat(lead.send()["backed_up_until"])
    assert abs(told - covered) < timedelta(milliseconds=1)
