"""Promises of the floor: transactions, the audit chain, dated settings, claims and leases."""

import threading
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from inspections.record.audit import AuditError, declare_event, verify_audit, write_audit
from inspections.record.database import read_only, transaction
from inspections.record.jobs import claim_period, end_period, release_lease, take_lease
from inspections.record.marks import DEMONSTRATION, WrongDirectoryError, refuse_demonstration, set_mark
from inspections.record.settings import (
    SettingError,
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
    ],
)
def test_a_setting_that_does_not_fit_is_refused_with_its_cure(
    database: Engine, now: datetime, key: str, value: str, expected: str
) -> None:
    with transaction(database) as session, pytest.raises(SettingError, match=expected):
        set_setting(session, key=key, value=value, from_on=date(2026, 1, 1), actor="李伟", now=now)


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
