"""Promises of accounts: who may decide, and how a bureau starts."""

from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import col, select

from inspections.people.commands import people
from inspections.people.opening import start_bureau
from inspections.people.service import AccountError, add_account, revoke_account, sign
from inspections.people.setting_commands import settings
from inspections.people.tables import Account, Role
from inspections.record.clock import today
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.settings import settings_on
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
        ("  李伟  ", PASSWORD, [Role.EDITOR], "已经存在"),
        ("李\u200b伟", PASSWORD, [Role.EDITOR], "看得见"),
        ("王" * 41, PASSWORD, [Role.EDITOR], "40 个字"),
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


@pytest.fixture
def init_command(tmp_path: Path) -> list[str]:
    """`init` with everything given."""
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, encoding="utf-8")
    given = [part for key, value in NEEDED.items() for part in ("--set", f"{key}={value}")]
    return ["init", "--administrator", "陈静", "--new-password-file", str(secret), "--no-ask", *given]


def test_init_starts_a_bureau_names_what_is_undecided_and_the_next_step(
    database: Engine, data_directory: Path, init_command: list[str]
) -> None:
    done = _run(database, data_directory, *init_command, "--set", "red_term_days=180")
    assert done.exit_code == 0, done.output
    assert "template units" in done.output
    undecided = {line.split("\t")[0].strip() for line in done.output.splitlines() if "决定之前" in line}
    assert undecided == {
        *("black_term_days", "objection_days", "results_shown_days", "grade_is_public"),
        *("result_working_days", "escalation_days", "training_hours_target"),
    }
    shown = _run(database, data_directory, "settings", "show")
    assert "某区餐饮安全公示" in shown.output
    with read_only(database) as session:
        actors = {event.actor for event in session.exec(select(AuditEvent))}
    assert actors == {"陈静"}


def test_init_asks_again_for_what_does_not_fit_and_loses_nothing_that_was_typed(
    database: Engine, data_directory: Path
) -> None:
    typed = ["", "陈静", *list(NEEDED.values())[:4], "example", "https://Canyin.Example.CN/"]
    typed += [PASSWORD, "another password", PASSWORD, PASSWORD]
    done = _run(database, data_directory, "init", text="\n".join(typed) + "\n")
    assert done.exit_code == 0, done.output
    assert "“example”不是网址" in done.output
    assert PASSWORD not in done.output
    with read_only(database) as session:
        settings_now = settings_on(session, today())
    assert settings_now.text("public_address") == "https://canyin.example.cn"


def test_init_refuses_before_it_asks_anything(staffed: Engine, data_directory: Path) -> None:
    refused = _run(staffed, data_directory, "init")
    assert refused.exit_code == 1
    assert (
        refused.output
        == "Error: 这个数据目录已经初始化过；要改设置请用 settings set，要加人请用 people add。\n"
    )


def test_init_that_cannot_finish_leaves_nothing(
    database: Engine, data_directory: Path, init_command: list[str]
) -> None:
    failed = _run(database, data_directory, *init_command, "--set", "black_term_days=lots")
    assert failed.exit_code == 1
    assert "正整数" in failed.output
    with read_only(database) as session:
        assert list(session.exec(select(AuditEvent))) == []
    assert _run(database, data_directory, *init_command).exit_code == 0


def test_where_nobody_can_decide_yet_the_cure_is_named_before_a_name_is_asked_for(
    database: Engine, data_directory: Path
) -> None:
    refused = _run(
        database, data_directory, "settings", "set", "contact", "某路 2 号", "--from", "2026-12-01"
    )
    assert refused.exit_code == 1
    assert refused.output == "Error: 这个数据目录里还没有账号；请先运行 flask --app app init。\n"


def test_an_administrator_gives_whoever_forgot_it_another_password(
    staffed: Engine, data_directory: Path, tmp_path: Path, now: datetime
) -> None:
    secret, newer = tmp_path / "password", tmp_path / "newer"
    secret.write_text(PASSWORD, encoding="utf-8")
    newer.write_text("\ufeffa newer password\r\n", encoding="utf-8")
    signed = ("--new-password-file", str(newer), "--password-file", str(secret), "--account")
    as_editor = _run(staffed, data_directory, "people", "password", "李伟", *signed, "李伟")
    assert "没有“管理员”角色" in as_editor.output
    done = _run(staffed, data_directory, "people", "password", "李伟", *signed, "陈静")
    assert done.exit_code == 0, done.output
    with transaction(staffed) as session:
        assert sign(session, name="李伟", password="a newer password").name == "李伟"
        with pytest.raises(AccountError, match="找管理员重设"):
            sign(session, name="李伟", password=PASSWORD)
        last = session.exec(select(AuditEvent).order_by(col(AuditEvent.id).desc())).first()
    assert last is not None
    assert (last.event, last.actor, last.fields) == ("password_set", "陈静", '{"name":"李伟"}')
    unknown = _run(staffed, data_directory, "people", "password", "王芳", *signed, "陈静")
    assert "没有可用的账号“王芳”" in unknown.output


def test_a_name_that_once_decided_never_comes_to_mean_somebody_else(staffed: Engine, now: datetime) -> None:
    with transaction(staffed) as session:
        revoke_account(session, name="李伟", actor="陈静", now=now)
    with transaction(staffed) as session, pytest.raises(AccountError, match="已经停用"):
        add_account(session, name=" 李伟", password=PASSWORD, roles=[Role.EDITOR], actor="陈静", now=now)


@pytest.mark.parametrize("content", [b"", b"\n", b"first line\nsecond line\n", b"\xff\xfe\x00password"])
def test_a_password_file_that_is_not_one_line_of_text_is_refused_in_a_sentence(
    staffed: Engine, data_directory: Path, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    refused = _run(
        staffed, data_directory, "people", "revoke", "李伟", "--account", "陈静", "--password-file", str(file)
    )
    assert refused.exit_code == 1
    assert refused.output.startswith("Error: password ")


def test_a_setting_of_a_later_day_says_that_it_does_not_hold_yet_and_shows_in_words(
    staffed: Engine, data_directory: Path
) -> None:
    command = ["settings", "set", "grade_is_public", "yes", "--from"]
    later = _run(staffed, data_directory, *command, "2999-01-01", text=f"陈静\n{PASSWORD}\n")
    assert "= 是（今天还没有生效）" in later.output
    now_on = _run(staffed, data_directory, *command, "2026-01-01", text=f"陈静\n{PASSWORD}\n")
    assert now_on.output.endswith("= 是。\n")
    assert (
        "grade_is_public\t风险等级是否公示\t是\n" in _run(staffed, data_directory, "settings", "show").output
    )


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
