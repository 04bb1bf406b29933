"""Promises of the floor: transactions, the audit chain, dated settings, claims and leases."""

import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from inspections.record.audit import AuditError, declare_event, verify_audit, write_audit
from inspections.record.database import insert_if_absent, read_only, table_of, transaction
from inspections.record.jobs import claim_period, end_period, release_lease, take_lease
from inspections.record.marks import DEMONSTRATION, WrongDirectoryError, refuse_demonstration, set_mark
from inspections.record.settings import (
    SettingError,
    is_loopback_address,
    read_address,
    require_public_address,
    set_setting,
    settings_on,
)
from inspections.record.tables import AuditEvent, Mark

SAMPLE = declare_event("sample_event", "what")


def _write(database: Engine, now: datetime, *words: str) -> None:
    for word in words:
        with transaction(database) as session:
            write_audit(session, SAMPLE, actor="李伟", now=now, fields={"what": word})


def test_leaving_a_transaction_by_an_error_rolls_everything_back(database: Engine, now: datetime) -> None:
    def fail() -> None:
        with transaction(database) as session:
            set_mark(session, "half", now=now)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    with read_only(database) as session:
        assert session.get(Mark, "half") is None


def test_writers_in_parallel_lose_no_audit_event(database: Engine, now: datetime) -> None:
    words = [[f"{thread}-{number}" for number in range(10)] for thread in range(4)]
    threads = [threading.Thread(target=_write, args=(database, now, *mine)) for mine in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with read_only(database) as session:
        assert len(session.exec(select(AuditEvent)).all()) == 40
        assert list(verify_audit(session)) == []


@pytest.mark.parametrize(
    ("tampering", "expected"),
    [
        ('UPDATE audit_events SET fields = \'{"what":"other"}\' WHERE id = 2', "被改动"),
        ("DELETE FROM audit_events WHERE id = 2", "不相连"),
        ("DELETE FROM audit_events WHERE id = 3", "链尾"),
    ],
)
def test_tampering_with_the_audit_chain_is_seen(
    database: Engine, now: datetime, tampering: str, expected: str
) -> None:
    _write(database, now, "one", "two", "three")
    with transaction(database) as session:
        session.connection().execute(text(tampering))
    with read_only(database) as session:
        assert any(expected in fault.what for fault in verify_audit(session))


def test_an_audit_event_with_other_fields_than_declared_is_refused(database: Engine, now: datetime) -> None:
    with transaction(database) as session, pytest.raises(AuditError, match="sample_event"):
        write_audit(session, SAMPLE, actor="李伟", now=now, fields={"other": 1})


def test_a_setting_holds_from_its_day_and_not_before(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        for value, day in (("180", date(2026, 1, 1)), ("90", date(2026, 6, 1))):
            set_setting(session, key="black_term_days", value=value, from_on=day, actor="李伟", now=now)
    with read_only(database) as session:
        assert settings_on(session, date(2025, 12, 31)).count("black_term_days") is None
        assert settings_on(session, date(2026, 1, 1)).count("black_term_days") == 180
        assert settings_on(session, date(2026, 5, 31)).count("black_term_days") == 180
        assert settings_on(session, date(2026, 6, 1)).count("black_term_days") == 90


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("black_term_days", "三个月", "正整数"),
        ("black_term_days", "0", "正整数"),
        ("public_address", "example.gov.cn", "https://"),
        ("grade_is_public", "maybe", "yes 或 no"),
        ("region", "1201", "六位"),
        ("colour", "red", "没有叫"),
        ("authority", "  ", "空的"),
        ("authority", "某区\n市场监督管理局", "一行"),
        ("contact", "电话 \u202e12345", "一行"),
        ("contact", "某" * 201, "太长"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused_with_its_cure(
    database: Engine, now: datetime, key: str, value: str, expected: str
) -> None:
    with transaction(database) as session, pytest.raises(SettingError, match=expected):
        set_setting(session, key=key, value=value, from_on=date(2026, 1, 1), actor="李伟", now=now)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://canyin.example.cn", "https://canyin.example.cn"),
        (" HTTPS://Canyin.Example.CN/ ", "https://canyin.example.cn"),
        ("https://example.cn:8443/Fabu/canyin/", "https://example.cn:8443/Fabu/canyin"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://xn--fsqu00a.xn--0zwm56d", "https://xn--fsqu00a.xn--0zwm56d"),
    ],
)
def test_a_public_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert read_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://",
        "https://.cn",
        "ftp://example.cn",
        "javascript:alert(1)",
        "https://someone:secret@example.cn",
        "https://例子.cn",
        "https://a b.cn",
        "https://example.cn:0",
        "https://example.cn:65536",
        "https://example.cn?x=1",
        "https://example.cn#top",
        'https://example.cn/"',
        "https://example.cn/<b>",
        "http://[::1",
        "https://example.cn\nhttps://other.cn",
    ],
)
def test_what_could_not_be_printed_on_a_plate_as_it_stands_is_no_public_address(typed: str) -> None:
    with pytest.raises(SettingError, match="不是网址"):
        read_address(typed)


@pytest.mark.parametrize(
    ("address", "is_loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://localhost", True),
        ("http://demo.localhost:8000", True),
        ("http://[::1]:8000", True),
        ("http://0.0.0.0", True),
        ("https://127.example.cn", False),
        ("https://canyin.example.cn", False),
        ("http://192.168.1.5", False),
    ],
)
def test_an_address_that_only_this_machine_reaches_is_known(address: str, is_loopback: bool) -> None:
    assert is_loopback_address(address) is is_loopback


def test_a_directory_without_any_setting_is_told_to_begin_with_init(database: Engine) -> None:
    with read_only(database) as session, pytest.raises(SettingError, match="flask --app app init"):
        settings_on(session, date(2026, 11, 24)).text("authority")


def test_a_demonstration_keeps_the_bureau_that_it_made_up(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    real = {"authority": "某区市场监督管理局", "organiser": "某区市场监督管理局", "contact": "电话 12345"}
    real |= {"site_identifier": "1201110001", "website_filing": "备0", "police_filing": "备0"}
    for key, value in real.items():
        with transaction(database) as session, pytest.raises(WrongDirectoryError, match="演示数据"):
            set_setting(session, key=key, value=value, from_on=date(2026, 1, 1), actor="李伟", now=now)
    with transaction(database) as session:
        day = date(2026, 1, 1)
        set_setting(session, key="red_term_days", value="90", from_on=day, actor="李伟", now=now)


def test_another_public_url_than_the_address_in_force_stops_the_start(
    database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        set_setting(
            session,
            key="public_address",
            value="https://canyin.example.cn/",
            from_on=date(2026, 1, 1),
            actor="李伟",
            now=now,
        )
        settings = settings_on(session, date(2026, 11, 24))
        assert require_public_address(settings, "https://canyin.example.cn") == "https://canyin.example.cn"
        with pytest.raises(SettingError, match="settings set public_address"):
            require_public_address(settings, "https://other.example.cn")


def test_a_demonstration_directory_refuses_real_data(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        refuse_demonstration(session)
        set_mark(session, DEMONSTRATION, now=now)
        with pytest.raises(WrongDirectoryError, match="HHB_DATA"):
            refuse_demonstration(session)


def test_a_period_of_a_job_is_claimed_once_and_again_only_after_failure_or_abandonment(
    database: Engine, now: datetime
) -> None:
    stale = timedelta(hours=1)
    run = claim_period(database, job="publish", period="2026-11-24", now=now, stale_after=stale)
    assert run is not None
    assert claim_period(database, job="publish", period="2026-11-24", now=now, stale_after=stale) is None
    later = now + timedelta(hours=2)
    again = claim_period(database, job="publish", period="2026-11-24", now=later, stale_after=stale)
    assert again == run
    end_period(database, run, now=later, counts={"pages": 3})
    assert claim_period(database, job="publish", period="2026-11-24", now=later, stale_after=stale) is None
    end_period(database, run, now=later, counts={}, error="stopped")
    assert claim_period(database, job="publish", period="2026-11-24", now=later, stale_after=stale) == run


def test_only_one_holds_a_lease_until_it_ends_or_is_given_back(database: Engine, now: datetime) -> None:
    hour = timedelta(hours=1)
    assert take_lease(database, name="publisher", holder="one", now=now, lasts=hour)
    assert not take_lease(database, name="publisher", holder="two", now=now, lasts=hour)
    assert take_lease(database, name="publisher", holder="one", now=now, lasts=hour)
    assert take_lease(database, name="publisher", holder="two", now=now + 2 * hour, lasts=hour)
    release_lease(database, name="publisher", holder="two", now=now)
    assert take_lease(database, name="publisher", holder="one", now=now, lasts=hour)


def test_audit_instants_come_back_aware(database: Engine, now: datetime) -> None:
    _write(database, now, "one")
    with read_only(database) as session:
        row = session.exec(select(AuditEvent).order_by(col(AuditEvent.id))).one()
    assert row.at == now
    assert row.at.tzinfo is not None


def _insert_twice(engine: Engine, now: datetime) -> list[bool]:
    row = {"name": "once", "made_at": now, "note": ""}
    with transaction(engine) as session:
        return [insert_if_absent(session, table_of(Mark), row) for _ in range(2)]


def test_an_insert_that_was_there_already_says_so(database: Engine, now: datetime) -> None:
    assert _insert_twice(database, now) == [True, False]


@pytest.mark.postgres
def test_an_insert_that_was_there_already_says_so_on_postgresql(postgres: Engine, now: datetime) -> None:
    assert _insert_twice(postgres, now) == [True, False]
