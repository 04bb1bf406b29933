"""Promises of accounts: who may decide, and how a bureau starts."""

from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import select

from inspections.people.commands import people
from inspections.people.opening import start_bureau
from inspections.people.service import AccountError, add_account, revoke_account, sign
from inspections.people.setting_commands import settings
from inspections.people.tables import Account, Role
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.tables import AuditEvent
from inspections.rulebooks.opening_commands import init
from inspections.surface.terminal import for_people

PASSWORD = "correct horse battery"
NEEDED = {
    "authority": "某区市场监督管理局",
    "site_title": "某区餐饮安全公示",
    "contact": "某路 1 号",
    "complaint_line": "12315",
    "public_address": "https://canyin.example.cn",
}


@pytest.fixture
def staffed(database: Engine, now: datetime) -> Engine:
    """A bureau with 陈静 (administrator) and 李伟 (editor)."""
    with transaction(database) as session:
        start_bureau(
            session,
            administrator="陈静",
            password=PASSWORD,
            values=NEEDED,
            from_on=date(2026, 1, 1),
            now=now,
        )
        add_account(session, name="李伟", password=PASSWORD, roles=[Role.EDITOR], actor="陈静", now=now)
    return database


def _run(engine: Engine, directory: Path, *args: str, text: str = "") -> Result:
    house = House(Configuration(data=directory), engine)
    group = {"people": people, "settings": settings, "init": init}[args[0]]
    return CliRunner().invoke(for_people(group), list(args[1:]), obj=house, input=text)


def test_a_password_is_never_stored_or_audited_as_written(staffed: Engine) -> None:
    with read_only(staffed) as session:
        stored = [account.password_hash for account in session.exec(select(Account))]
        events = [event.fields for event in session.exec(select(AuditEvent))]
    assert all(value.startswith("$argon2id$") for value in stored)
    assert not any(PASSWORD in text for text in stored + events)


def test_a_wrong_password_and_an_unknown_name_get_the_same_refusal(staffed: Engine) -> None:
    messages = []
    for name in ("李伟", "王芳"):
        with transaction(staffed) as session, pytest.raises(AccountError) as refusal:
            sign(session, name=name, password="wrong password", role=Role.EDITOR)
        messages.append(str(refusal.value))
    assert messages[0] == messages[1]


def test_an_account_without_the_role_cannot_decide(staffed: Engine) -> None:
    with transaction(staffed) as session, pytest.raises(AccountError, match="没有“审批”角色"):
        sign(session, name="李伟", password=PASSWORD, role=Role.APPROVER)


def test_a_revoked_account_can_no_longer_sign(staffed: Engine, now: datetime) -> None:
    with transaction(staffed) as session:
        revoke_account(session, name="李伟", actor="陈静", now=now)
    with transaction(staffed) as session, pytest.raises(AccountError, match="姓名或密码不对"):
        sign(session, name="李伟", password=PASSWORD)


def test_the_last_administrator_cannot_be_revoked(staffed: Engine, now: datetime) -> None:
    with transaction(staffed) as session, pytest.raises(AccountError, match="最后一个管理员"):
        revoke_account(session, name="陈静", actor="陈静", now=now)


@pytest.mark.parametrize(
    ("name", "password", "roles", "expected"),
    [
        ("  ", PASSWORD, [Role.EDITOR], "空的"),
        ("王芳", "short", [Role.EDITOR], "密码不足"),
        ("王芳", PASSWORD, [], "没有角色"),
        ("李伟", PASSWORD, [Role.EDITOR], "已经存在"),
    ],
)
def test_an_account_that_cannot_be_is_refused_with_its_cure(
    staffed: Engine, now: datetime, name: str, password: str, roles: list[Role], expected: str
) -> None:
    with transaction(staffed) as session, pytest.raises(AccountError, match=expected):
        add_account(session, name=name, password=password, roles=roles, actor="陈静", now=now)


def test_a_bureau_starts_once(staffed: Engine, now: datetime) -> None:
    with transaction(staffed) as session, pytest.raises(AccountError, match="已经初始化过"):
        start_bureau(
            session,
            administrator="王芳",
            password=PASSWORD,
            values=NEEDED,
            from_on=date(2026, 1, 1),
            now=now,
        )


def test_init_refuses_a_demonstration_directory_and_a_missing_setting(
    database: Engine, data_directory: Path, now: datetime, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    base = ["init", "--administrator", "陈静", "--new-password-file", str(secret), "--no-ask"]
    given = [part for key, value in NEEDED.items() for part in ("--set", f"{key}={value}")]
    lacking = _run(database, data_directory, *base, *given[:-2])
    assert lacking.exit_code == 1
    assert "public_address" in lacking.output
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    refused = _run(database, data_directory, *base, *given)
    assert refused.exit_code == 1
    assert "演示数据" in refused.output


def test_init_starts_a_bureau_and_names_the_next_step(
    database: Engine, data_directory: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    given = [part for key, value in NEEDED.items() for part in ("--set", f"{key}={value}")]
    done = _run(
        database,
        data_directory,
        "init",
        "--administrator",
        "陈静",
        "--new-password-file",
        str(secret),
        "--no-ask",
        *given,
    )
    assert done.exit_code == 0, done.output
    assert "template units" in done.output
    shown = _run(database, data_directory, "settings", "show")
    assert "某区餐饮安全公示" in shown.output


def test_a_setting_is_set_by_an_administrator_who_proves_it(
    staffed: Engine, data_directory: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    command = ["settings", "set", "black_term_days", "90", "--from", "2026-12-01"]
    as_editor = _run(staffed, data_directory, *command, "--account", "李伟", "--password-file", str(secret))
    assert as_editor.exit_code == 1
    assert "没有“管理员”角色" in as_editor.output
    typed = _run(staffed, data_directory, *command, text=f"陈静\n{PASSWORD}\n")
    assert typed.exit_code == 0, typed.output
    assert PASSWORD not in typed.output
    assert "自 2026-12-01 起" in typed.output
