"""Promises of signing in: who gets in, who does not, what a session is worth, what stays inside."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine
from sqlmodel import select

from app import create_app
from inspections.people.service import add_account, revoke_account, set_password
from inspections.people.sessions import find_session
from inspections.people.tables import Account, Role, SignInBucket, StaffSession
from inspections.record.clock import utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, DEMONSTRATION_SIGN_INS, set_mark
from tests.staff import StaffClient, signed_in

PASSWORD = "correct horse battery"


@pytest.fixture
def desk(database: Engine, data_directory: Path, now: datetime) -> Iterator[Flask]:
    """A desk with 陈静 (administrator), 李伟 (inspector) and 王芳 (auditor)."""
    with transaction(database) as session:
        for name, role in (("陈静", Role.ADMINISTRATOR), ("李伟", Role.INSPECTOR), ("王芳", Role.AUDITOR)):
            add_account(session, name=name, password=PASSWORD, roles=[role], actor="陈静", now=now)
    application = create_app(Configuration(data=data_directory, trusted_proxies=("127.0.0.1",)))
    yield application
    application.extensions["house"].engine.dispose()


def test_the_right_password_opens_the_desk_and_signing_out_closes_it(desk: Flask) -> None:
    client = signed_in(desk, "李伟", PASSWORD)
    assert "今日" in client.get("/desk/")
    client.post("/desk/sign-out")
    assert client.client.get("/desk/").status_code == 303


def test_a_visitor_is_led_back_to_where_they_wanted_to_go_but_never_elsewhere(desk: Flask) -> None:
    client = StaffClient(desk)
    answer = client.client.get("/desk/account")
    assert answer.headers["Location"].endswith("/desk/sign-in?to=/desk/account")
    assert client.sign_in("李伟", PASSWORD, to="/desk/account").headers["Location"] == "/desk/account"
    for elsewhere in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/desk\\@evil",
        "javascript:1",
    ):
        other = StaffClient(desk)
        assert other.sign_in("李伟", PASSWORD, to=elsewhere).headers["Location"] == "/desk/"


def test_a_wrong_password_and_an_unknown_name_read_the_same(desk: Flask) -> None:
    wrong = StaffClient(desk).sign_in("李伟", "not the password")
    unknown = StaffClient(desk).sign_in("没有的人", PASSWORD)
    assert wrong.status_code == unknown.status_code == 403
    assert "姓名或密码不对" in wrong.text
    assert wrong.text.replace("李伟", "").count("姓名或密码不对") == unknown.text.count("姓名或密码不对")
    assert "Set-Cookie: hhb_staff" not in str(wrong.headers)


def test_a_form_without_its_token_is_refused_and_nothing_happens(desk: Flask, database: Engine) -> None:
    answer = desk.test_client().post("/desk/sign-in", data={"name": "李伟", "password": PASSWORD})
    assert answer.status_code == 400
    with read_only(database) as session:
        assert session.exec(select(StaffSession)).all() == []


def test_sign_ins_that_fail_are_slowed_down_for_the_name_also_in_another_process(
    desk: Flask, data_directory: Path
) -> None:
    client = StaffClient(desk)
    statuses = [client.sign_in("李伟", f"wrong {number}").status_code for number in range(10)]
    assert statuses[:8] == [403] * 8
    assert statuses[8:] == [429, 429]
    other = create_app(Configuration(data=data_directory))
    refused = StaffClient(other).sign_in("李伟", PASSWORD)
    assert refused.status_code == 429
    assert "分钟后再试" in refused.text
    assert StaffClient(other).sign_in("王芳", PASSWORD).status_code == 303
    other.extensions["house"].engine.dispose()


def test_the_limit_of_an_address_counts_the_last_hop_that_is_not_our_proxy(
    desk: Flask, database: Engine
) -> None:
    client = StaffClient(desk)
    for number in range(3):
        client.get("/desk/sign-in")
        client.client.post(
            "/desk/sign-in",
            data={"csrf_token": client.token, "name": f"无人{number}", "password": "x"},
            headers={"X-Forwarded-For": f"10.0.0.{number}, 203.0.113.9"},
        )
    with read_only(database) as session:
        buckets = session.exec(select(SignInBucket)).all()
    # Three names, and one address: what the client wrote before our proxy's own entry does not count.
    assert len(buckets) == 4
    assert all("203.0.113" not in bucket.key and "无人" not in bucket.key for bucket in buckets)


def test_a_session_ends_after_its_time_with_its_account_and_when_it_is_revoked(
    desk: Flask, database: Engine
) -> None:
    client = signed_in(desk, "李伟", PASSWORD)
    cookie = client.client.get_cookie("hhb_staff")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    now = datetime.now(UTC)  # the session was made by the real clock
    with transaction(database) as session:
        assert find_session(session, cookie.value, now) is not None
        assert find_session(session, cookie.value, now + timedelta(hours=13)) is None
        stored = session.exec(select(StaffSession)).one()
        assert cookie.value not in stored.token_hash
        revoke_account(session, name="李伟", actor="陈静", now=now)
        assert find_session(session, cookie.value, now) is None
    assert client.client.get("/desk/").status_code == 303


def test_a_one_time_code_is_asked_for_once_it_is_turned_on_and_counts_once(desk: Flask) -> None:
    with time_machine.travel(datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC), tick=False) as traveller:
        client = signed_in(desk, "李伟", PASSWORD)
        secret = client.get("/desk/account").split("<code>")[1].split("</code>")[0]
        assert "动态码不对" in client.act("/desk/account/code", {"secret": secret, "code": "000000"})
        accepted = client.act("/desk/account/code", {"secret": secret, "code": pyotp.TOTP(secret).now()})
        assert "已启用动态码" in accepted
        assert StaffClient(desk).sign_in("李伟", PASSWORD).status_code == 403
        # The code that turned it on has been used.
        assert StaffClient(desk).sign_in("李伟", PASSWORD, code=pyotp.TOTP(secret).now()).status_code == 403
        traveller.shift(timedelta(minutes=1))
        code = pyotp.TOTP(secret).now()
        assert StaffClient(desk).sign_in("李伟", PASSWORD, code=code).status_code == 303
        assert StaffClient(desk).sign_in("李伟", PASSWORD, code=code).status_code == 403


def test_the_secret_of_one_time_codes_is_not_readable_in_the_database(desk: Flask, database: Engine) -> None:
    client = signed_in(desk, "李伟", PASSWORD)
    secret = client.get("/desk/account").split("<code>")[1].split("</code>")[0]
    client.act("/desk/account/code", {"secret": secret, "code": pyotp.TOTP(secret).now()})
    with read_only(database) as session:
        stored = session.exec(select(Account).where(Account.name == "李伟")).one().totp_secret
    assert stored is not None
    assert secret not in stored


def test_demonstration_accounts_are_named_at_the_sign_in_of_a_demonstration_only(
    desk: Flask, database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION_SIGN_INS, now=now, note="demo password")
    assert "demo password" not in StaffClient(desk).get("/desk/sign-in")
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    page = StaffClient(desk).get("/desk/sign-in")
    assert "demo password" in page
    assert "李伟" in page
    assert "虚构" in page


def test_an_administrator_gives_certificates_roles_and_training(desk: Flask) -> None:
    client = signed_in(desk, "陈静", PASSWORD)
    client.get("/desk/people/李伟")
    told = client.act("/desk/people/李伟", {"act": "certificate", "certificate_number": "津-0001"})
    assert "津-0001" in told
    told = client.act("/desk/people/李伟", {"act": "roles", "roles": ["inspector", "reviewer"]})
    assert "已更新角色" in told
    day = "2026-01-05"
    told = client.act(
        "/desk/people/李伟", {"act": "training", "held_on": day, "hours": "6.5", "subject": "采样"}
    )
    assert "6.5" in told
    for wrong in ({"hours": "25"}, {"hours": "NaN"}, {"held_on": "2999-01-01"}, {"subject": ""}):
        fields = {"act": "training", "held_on": day, "hours": "1", "subject": "采样", **wrong}
        assert 'class="told fault"' in client.act("/desk/people/李伟", fields), wrong
    assert 'class="told fault"' in client.act("/desk/people/李伟", {"act": "nonsense"})


def test_the_last_administrator_cannot_lose_that_role(desk: Flask) -> None:
    client = signed_in(desk, "陈静", PASSWORD)
    client.get("/desk/people/陈静")
    assert "最后一个管理员" in client.act("/desk/people/陈静", {"act": "roles", "roles": ["editor"]})


def test_a_changed_password_ends_every_session_of_the_account(desk: Flask) -> None:
    first, second = signed_in(desk, "李伟", PASSWORD), signed_in(desk, "李伟", PASSWORD)
    first.get("/desk/account")
    assert (
        first.post("/desk/account/password", {"old": "wrong", "new": "another password"}).status_code == 422
    )
    assert second.client.get("/desk/").status_code == 200
    first.post("/desk/account/password", {"old": PASSWORD, "new": "another password"})
    assert second.client.get("/desk/").status_code == 303
    assert StaffClient(desk).sign_in("李伟", PASSWORD).status_code == 403
    assert StaffClient(desk).sign_in("李伟", "another password").status_code == 303


def test_a_password_that_an_administrator_sets_ends_every_session_too(desk: Flask, database: Engine) -> None:
    at_the_desk, elsewhere = signed_in(desk, "李伟", PASSWORD), signed_in(desk, "李伟", PASSWORD)
    with transaction(database) as session:
        set_password(session, name="李伟", password="a password set anew", actor="陈静", now=utc_now())
    for client in (at_the_desk, elsewhere):
        assert client.client.get("/desk/").status_code == 303
    assert StaffClient(desk).sign_in("李伟", "a password set anew").status_code == 303


def test_a_code_that_was_refused_is_tried_again_from_the_same_secret(desk: Flask) -> None:
    client = signed_in(desk, "李伟", PASSWORD)
    page = client.get("/desk/account")
    secret = page.split("<code>")[1].split("</code>")[0]
    assert "<svg" in page, "an authenticator scans it"
    told = client.act("/desk/account/code", {"form": "code", "secret": secret, "code": "000000"})
    assert "动态码不对" in told
    assert secret in told
    other = client.act("/desk/account/code", {"form": "code", "secret": "<script>", "code": "000000"})
    assert "<script>" not in other
    assert "已启用" in client.act("/desk/account/code", {"secret": secret, "code": pyotp.TOTP(secret).now()})


def test_an_auditor_sees_no_page_of_people_that_changes_and_an_inspector_sees_none(desk: Flask) -> None:
    auditor, inspector = signed_in(desk, "王芳", PASSWORD), signed_in(desk, "李伟", PASSWORD)
    auditor.get("/desk/people")
    assert auditor.post("/desk/people", {"name": "x"}).status_code == 403
    inspector.get("/desk/people", status=403)


def test_every_answer_of_the_desk_carries_the_whole_header_set(desk: Flask) -> None:
    client = signed_in(desk, "陈静", PASSWORD)
    for address in ("/desk/", "/desk/people", "/desk/nowhere", "/api/v1/nowhere"):
        answer = client.client.get(address)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none';script-src 'self'")
        assert answer.headers["Cache-Control"] == "no-store", address
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_a_setting_put_at_the_desk_is_dated_and_one_that_does_not_fit_is_refused(desk: Flask) -> None:
    client = signed_in(desk, "陈静", PASSWORD)
    client.get("/desk/settings")
    told = client.act("/desk/settings", {"key": "black_term_days", "value": "90", "from_on": "2026-01-01"})
    assert "90" in told
    refused = client.act(
        "/desk/settings", {"key": "black_term_days", "value": "ninety", "from_on": "2026-01-01"}
    )
    assert "不是正整数" in refused
