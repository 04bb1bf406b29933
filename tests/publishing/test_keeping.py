"""Promises of backups: made while others write, restored whole or not at all, every flipped byte named."""

import json
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import select

from inspections.inbox.exchange.service import pull_entries
from inspections.inbox.exchange.tables import PulledEntry
from inspections.inbox.store import INBOX, open_inbox
from inspections.inbox.tables import InboxEntry, SiteCopy
from inspections.people.service import ACCOUNT_REVOKED
from inspections.people.tables import Account
from inspections.record.audit import write_audit
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, read_only, transaction
from inspections.record.epochs import backed_up_until, current_epoch
from inspections.record.evidence import keep_document
from inspections.record.house import House, open_house
from inspections.record.migrate import migrate
from inspections.record.tables import AuditEvent
from inspections.surface.terminal import for_people
from publishing.commands import verify
from publishing.keeping import backup, restore
from publishing.site.queries import set_site_state, site_state
from tests.bureau import open_bureau
from tests.postgres_server import run_on_server

_COMMANDS = {"backup": backup, "restore": restore, "verify": verify}
DOCUMENTS = 3


def _run(house: House, command: str, *arguments: object) -> Result:
    early = command == "restore"
    wrapped = for_people(_COMMANDS[command], needs_current_schema=not early)
    return CliRunner().invoke(wrapped, [str(one) for one in arguments], obj=house)


@pytest.fixture
def filled(data_directory: Path, now: datetime) -> Iterator[House]:
    """A bureau with accounts, rules, three documents and an Inbox."""
    house = open_house(Configuration(data=data_directory))
    open_bureau(house.engine, now)
    _fill_rest(house, now)
    yield house
    house.engine.dispose()


def _fill_rest(house: House, now: datetime) -> None:
    source = house.configuration.data / "scan.pdf"
    for number in range(DOCUMENTS):
        source.write_bytes(f"document {number}\n".encode() * 2_000)
        keep_document(house.configuration.evidence_directory, source)
    source.unlink()
    engine = open_database(house.configuration.effective_inbox_url)
    migrate(engine, schema=INBOX)
    with transaction(engine) as session:
        session.add(
            SiteCopy(
                title="某区", authority="某局", contact="某路", complaint_line="12315",
                public_address="https://canyin.example.cn", is_demonstration=False, votes_per_network=50,
                put_at=now,
            )
        )  # fmt: skip
    engine.dispose()
    with transaction(house.engine) as session:
        set_site_state(session, fingerprint="of this state", as_of=now.date(), now=now)


def _backup(house: House, target: Path) -> Path:
    done = _run(house, "backup", target)
    assert done.exit_code == 0, done.output
    return next(target.glob("backup-*Z"))


def _restored(folder: Path, data: Path) -> House:
    house = open_house(Configuration(data=data))
    done = _run(house, "restore", folder)
    assert done.exit_code == 0, done.output
    return house


def test_a_restored_house_holds_what_was_kept_and_begins_a_new_life(
    filled: House, tmp_path: Path, now: datetime
) -> None:
    before = current_epoch(filled.engine, now)
    folder = _backup(filled, tmp_path / "kept")
    house = _restored(folder, tmp_path / "new")
    assert current_epoch(house.engine, now) != before
    with read_only(house.engine) as restored, read_only(filled.engine) as original:
        names = [account.name for account in restored.exec(select(Account))]
        assert names == [account.name for account in original.exec(select(Account))]
    documents = sorted(path.name for path in house.configuration.evidence_directory.glob("??/*"))
    assert len(documents) == DOCUMENTS
    with read_only(house.engine) as restored:
        state = site_state(restored)
    assert state is not None
    assert state.fingerprint == "", "what lies in the site's folder is of another state"
    inbox = open_database(house.configuration.effective_inbox_url)
    with read_only(inbox) as session:
        assert session.get_one(SiteCopy, 1).title == "某区"
    inbox.dispose()
    verified = _run(house, "verify")
    assert verified.exit_code == 0, verified.output
    assert "全部完好" in verified.output
    house.engine.dispose()


def test_a_second_backup_keeps_the_same_documents_once(filled: House, tmp_path: Path) -> None:
    _backup(filled, tmp_path / "kept")
    first = next((tmp_path / "kept").glob("backup-*Z"))
    first.rename(first.with_name("backup-20200101T000000Z"))
    done = _run(filled, "backup", tmp_path / "kept")
    assert f"证据文件 {DOCUMENTS} 份，其中新增 0 份" in done.output


def test_what_a_backup_covers_is_said_only_once_it_is_complete(filled: House, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    refused = _run(filled, "backup", blocked / "kept")
    assert refused.exit_code == 1
    with read_only(filled.engine) as session:
        assert backed_up_until(session) is None
    _backup(filled, tmp_path / "kept")
    with read_only(filled.engine) as session:
        assert backed_up_until(session) is not None


@pytest.mark.parametrize(
    "part", ["honghei.sqlite", "inbox.sqlite", "evidence", "secret.key", "manifest.json"]
)
def test_one_flipped_byte_in_any_part_of_a_backup_is_named_and_stops_the_restore(
    filled: House, tmp_path: Path, part: str
) -> None:
    assert filled.configuration.secret
    folder = _backup(filled, tmp_path / "kept")
    store = folder.parent / "evidence"
    path = next(store.glob("??/*")) if part == "evidence" else folder / part
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0x01
    path.chmod(0o600)
    path.write_bytes(content)
    checked = _run(filled, "verify", "--backup", folder)
    assert checked.exit_code == 1
    assert path.name in checked.output
    empty = tmp_path / "new"
    house = open_house(Configuration(data=empty))
    refused = _run(house, "restore", folder)
    assert refused.exit_code == 1
    assert path.name in refused.output
    assert not (empty / "honghei.sqlite").exists(), "something was restored from a damaged backup"
    house.engine.dispose()


def test_one_flipped_byte_of_a_live_document_is_named_and_is_never_backed_up_as_sound(
    filled: House, tmp_path: Path
) -> None:
    path = next(filled.configuration.evidence_directory.glob("??/*"))
    content = bytearray(path.read_bytes())
    content[7] ^= 0x01
    path.write_bytes(content)
    assert path.name in _run(filled, "verify").output
    refused = _run(filled, "backup", tmp_path / "kept")
    assert refused.exit_code == 1
    assert path.name in refused.output


def test_one_flipped_byte_of_a_decision_in_the_live_database_is_named(filled: House) -> None:
    with read_only(filled.engine) as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.event == "account_added")).first()
    assert event is not None
    filled.engine.dispose()
    path = filled.configuration.data / "honghei.sqlite"
    _checkpoint(path)
    content = bytearray(path.read_bytes())
    place = content.find(event.hash.encode())
    content[place] = ord("0") if content[place] != ord("0") else ord("1")
    path.write_bytes(content)
    checked = _run(filled, "verify")
    assert checked.exit_code == 1
    assert "审计链" in checked.output or "数据库页损坏" in checked.output


def _checkpoint(path: Path) -> None:
    """Everything into the one file, so that a byte of it is a byte of the database."""
    engine = open_database(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()


def test_a_restore_into_a_directory_that_has_data_is_refused(filled: House, tmp_path: Path) -> None:
    folder = _backup(filled, tmp_path / "kept")
    refused = _run(filled, "restore", folder)
    assert refused.exit_code == 1
    assert "空的数据目录" in refused.output


def test_a_bureaus_own_files_come_back_with_a_restore(filled: House, tmp_path: Path) -> None:
    own = filled.configuration.own_directory / "calendar" / "2027.toml"
    own.parent.mkdir(parents=True)
    own.write_text("year = 2027\ndays_off = []\ndays_on = []\n", encoding="utf-8")
    house = _restored(_backup(filled, tmp_path / "kept"), tmp_path / "new")
    restored = house.configuration.own_directory / "calendar" / "2027.toml"
    assert restored.read_bytes() == own.read_bytes()
    house.engine.dispose()


def test_a_half_backup_is_no_backup(filled: House, tmp_path: Path) -> None:
    folder = _backup(filled, tmp_path / "kept")
    (folder / "manifest.json").unlink()
    checked = _run(filled, "verify", "--backup", folder)
    assert checked.exit_code == 1
    assert "不是一份完整的备份" in checked.output


def _write_until(stop: threading.Event, house: House, now: datetime, written: list[str]) -> None:
    number = 0
    source = house.configuration.data / "later.bin"
    while not stop.is_set() and number < 400:
        source.write_bytes(os.urandom(4_000))
        kept = keep_document(house.configuration.evidence_directory, source)
        with transaction(house.engine) as session:
            write_audit(session, ACCOUNT_REVOKED, actor="x", now=now, fields={"name": kept.sha256})
        written.append(kept.sha256)
        number += 1


def _backup_while_writing(house: House, target: Path, now: datetime) -> tuple[Path, list[str], list[str]]:
    """A backup in the middle of a writer; what had been written before it, and in all."""
    written: list[str] = []
    stop = threading.Event()
    writer = threading.Thread(target=_write_until, args=(stop, house, now, written))
    writer.start()
    while len(written) < 2:
        pass
    before = list(written)
    folder = _backup(house, target)
    stop.set()
    writer.join()
    return folder, before, written


def _assert_whole(house: House, before: list[str]) -> None:
    """Everything written before is there, and every row has its document."""
    with read_only(house.engine) as session:
        query = select(AuditEvent).where(AuditEvent.actor == "x")
        names = [json.loads(event.fields)["name"] for event in session.exec(query)]
    assert set(before) <= set(names)
    directory = house.configuration.evidence_directory
    assert all((directory / name[:2] / name).exists() for name in names)
    assert _run(house, "verify").exit_code == 0


def test_a_backup_made_while_others_write_is_one_moment_with_every_document_it_names(
    filled: House, tmp_path: Path, now: datetime
) -> None:
    folder, before, _ = _backup_while_writing(filled, tmp_path / "kept", now)
    house = _restored(folder, tmp_path / "new")
    _assert_whole(house, before)
    house.engine.dispose()


def _exchange_until(
    stop: threading.Event, house: House, inbox: Engine, now: datetime, sent: list[str]
) -> None:
    while not stop.is_set() and len(sent) < 400:
        entry = InboxEntry(
            public_id=secrets.token_hex(16), kind="note", token_hash="", text="{}", received_at=now
        )
        sent.append(entry.public_id)
        with transaction(inbox) as session:
            session.add(entry)
        pull_entries(house.engine, inbox, house.configuration, now)


def test_what_the_exchange_carries_over_during_a_backup_is_in_one_of_its_two_parts(
    filled: House, tmp_path: Path, now: datetime
) -> None:
    inbox = open_inbox(filled.configuration.effective_inbox_url)
    sent: list[str] = []
    stop = threading.Event()
    carrier = threading.Thread(target=_exchange_until, args=(stop, filled, inbox, now, sent))
    carrier.start()
    while len(sent) < 3:
        assert carrier.is_alive()
        carrier.join(0.01)
    before = set(sent[:-1])
    folder = _backup(filled, tmp_path / "kept")
    stop.set()
    carrier.join()
    inbox.dispose()
    assert len(sent) > len(before) + 1, "the exchange stood still during the backup"
    house = _restored(folder, tmp_path / "new")
    kept = open_inbox(house.configuration.effective_inbox_url)
    with read_only(kept) as session:
        entries = {one.public_id: one.delivered_at for one in session.exec(select(InboxEntry))}
    with read_only(house.engine) as session:
        taken = {one.public_id for one in session.exec(select(PulledEntry))}
    assert before <= set(entries)
    lost = {id_ for id_, delivered_at in entries.items() if delivered_at is not None} - taken
    assert lost == set(), "the Inbox says that the house has what it does not have"
    pull_entries(house.engine, kept, house.configuration, now)
    with read_only(house.engine) as session:
        assert {one.public_id for one in session.exec(select(PulledEntry))} >= set(entries)
    kept.dispose()
    house.engine.dispose()


@pytest.mark.postgres
def test_a_backup_of_postgresql_made_while_others_write_comes_back_whole(
    postgres: Engine, migrated_postgres: str, tmp_path: Path, now: datetime
) -> None:
    url = postgres.url.render_as_string(hide_password=False)
    house = House(Configuration(data=tmp_path / "data", database_url=url), postgres)
    house.configuration.data.mkdir()
    open_bureau(postgres, now)
    _fill_rest(house, now)
    folder, before, _ = _backup_while_writing(house, tmp_path / "kept", now)
    run_on_server(migrated_postgres, f"CREATE DATABASE restored_{os.getpid()}")
    new = Configuration(
        data=tmp_path / "new", database_url=f"{migrated_postgres}&dbname=restored_{os.getpid()}"
    )
    restored = open_house(new)
    dump = next(folder.glob("*.pgdump"))
    whole = dump.read_bytes()
    dump.chmod(0o600)
    dump.write_bytes(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    for refused in (_run(house, "verify", "--backup", folder), _run(restored, "restore", folder)):
        assert (refused.exit_code, dump.name in refused.output) == (1, True), refused.output
    dump.write_bytes(whole)
    done = _run(restored, "restore", folder)
    assert done.exit_code == 0, done.output
    _assert_whole(restored, before)
    again = _run(restored, "restore", folder)
    assert "已有表" in again.output
    restored.engine.dispose()
    shutil.rmtree(tmp_path / "kept")
