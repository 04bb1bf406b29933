"""Seeding goes through the rooms' own use cases, repeats, goes on when killed, and keeps to its directory."""

import stat
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import Engine, inspect, select, text
from sqlmodel import Session, col

from inspections.people.commands import Deciding
from inspections.people.opening import start_bureau
from inspections.people.recovery import RECOVERY_KEY_MADE, fingerprint_of_key, recovery_key
from inspections.people.service import list_accounts
from inspections.people.setting_commands import settings as settings_command
from inspections.record.audit import verify_audit
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.errors import BusyError
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION_SIGN_INS, WrongDirectoryError, is_demonstration
from inspections.record.settings import settings_on
from inspections.record.tables import AuditEvent
from inspections.units.queries import doors
from inspections.units.tables import CateringUnit, Premises, UnitState
from inspections.visits.held_back import campaigns_awaited
from inspections.visits.tables import ListingProposal, Verdict, Visit, VisitBatch
from publishing.demonstration.commands import seed
from publishing.demonstration.district import build_district
from publishing.demonstration.field_plan import REVIEWER
from publishing.demonstration.service import seed_demonstration
from publishing.demonstration.staff import (
    ADMINISTRATOR,
    PASSWORD_FILE,
    RECOVERY_FILE,
    STAFF,
    bureau_settings,
)
from publishing.demonstration.timeline import EditionIsPublished, timeline
from publishing.demonstration.units import Closing, Move, NewOperator
from publishing.editions.tables import Edition, EditionEntry, EntryEvent, EntryEventKind
from tests.conftest import NOW
from tests.publishing.demonstration.conftest import Seeded

TODAY = civil_day(NOW)
pytestmark = pytest.mark.slow


def dump(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but what is secret and never the same twice.

    These are passwords, codes, sessions, the recovery key, and with its fingerprint the hashes of the audit
    chain, which another test follows link by link.
    """
    rows = {}
    with engine.connect() as connection:
        for name in sorted(inspect(engine).get_table_names()):
            found = connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608  # our own tables
            rows[name] = sorted((tuple(row) for row in found), key=repr)
    rows["accounts"] = [row[:2] for row in rows["accounts"]]
    rows["marks"] = [row for row in rows["marks"] if row[0] != DEMONSTRATION_SIGN_INS]
    rows["staff_sessions"] = [(row[0], *row[2:]) for row in rows["staff_sessions"]]
    rows["tablet_enrolments"] = [(row[0], *row[2:]) for row in rows["tablet_enrolments"]]
    rows["recovery_keys"] = [(row[0], *row[3:]) for row in rows["recovery_keys"]]
    rows["audit_head"] = [row[:2] for row in rows["audit_head"]]
    rows["audit_events"] = acts(engine)
    return rows


def acts(engine: Engine) -> list[tuple[object, ...]]:
    """The acts of the audit chain in their order, without hashes."""
    with read_only(engine) as session:
        events = session.scalars(select(AuditEvent).order_by(col(AuditEvent.id)))
        return [
            (row.at, row.actor, row.event, "" if row.event == RECOVERY_KEY_MADE else row.fields)
            for row in events
        ]


def dying_after(steps: int) -> Callable[[int, int], None]:
    """A progress bar during which somebody interrupts the command."""

    def progress(done: int, _total: int) -> None:
        if done == steps:
            raise KeyboardInterrupt

    return progress


def newest_verdicts(session: Session) -> dict[int, Verdict]:
    ordered = session.scalars(select(Verdict).order_by(col(Verdict.id)))
    return {verdict.unit_id: verdict for verdict in ordered}


def test_a_seeding_that_is_interrupted_goes_on_to_the_same_end(
    demonstration: Seeded, empty_house: House
) -> None:
    data = empty_house.configuration.data
    for steps in (1, 7, 40, 90):
        with pytest.raises(KeyboardInterrupt):
            seed_demonstration(empty_house.engine, data, now=NOW, progress=dying_after(steps))
    seed_demonstration(empty_house.engine, data, now=NOW)
    assert dump(empty_house.engine) == dump(demonstration.engine)


def test_of_two_seedings_at_once_one_steps_aside_and_the_other_tells_the_whole_story(
    demonstration: Seeded, empty_house: House
) -> None:
    engine, data = empty_house.engine, empty_house.configuration.data

    def overtaken(count: int, _total: int) -> None:
        if count == 3:
            seed_demonstration(engine, data, now=NOW)

    with pytest.raises(BusyError, match="另一个进程正在写入"):
        seed_demonstration(engine, data, now=NOW, progress=overtaken)
    assert dump(engine) == dump(demonstration.engine)


def test_a_demonstration_cannot_be_given_a_real_name(seeded_house: House) -> None:
    password = seeded_house.configuration.data / PASSWORD_FILE
    command = ["set", "authority", "天津市西青区市场监督管理局", "--from", "2026-01-01"]
    signed = ["--account", ADMINISTRATOR, "--password-file", str(password)]
    ran = CliRunner().invoke(settings_command, [*command, *signed], obj=seeded_house)
    assert isinstance(ran.exception, WrongDirectoryError)
    with read_only(seeded_house.engine) as session:
        assert settings_on(session, TODAY).text("authority").endswith("（演示）")


def test_what_was_begun_on_one_day_is_finished_as_of_that_day(empty_house: House) -> None:
    data = empty_house.configuration.data
    with pytest.raises(KeyboardInterrupt):
        seed_demonstration(empty_house.engine, data, now=NOW, progress=dying_after(3))
    done: list[int] = []

    def progress(count: int, _total: int) -> None:
        done.append(count)
        if count == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        seed_demonstration(empty_house.engine, data, now=NOW + timedelta(days=9), progress=progress)
    with read_only(empty_house.engine) as session:
        unit = session.scalars(select(CateringUnit)).first()
        assert unit is not None
        assert unit.from_on < build_district(TODAY).story.first_day
        first = session.scalars(select(AuditEvent).order_by(col(AuditEvent.id))).first()
    assert first is not None
    assert first.event == "demonstration_begun"
    assert TODAY.isoformat() in first.fields


def test_a_second_seeding_says_so_and_changes_nothing(demonstration: Seeded, seeded_house: House) -> None:
    before = dump(seeded_house.engine)
    later = NOW + timedelta(days=40)
    again = seed_demonstration(seeded_house.engine, seeded_house.configuration.data, now=later)
    assert again == replace(demonstration.summary, changed=False)
    ran = CliRunner().invoke(seed, ["demo"], obj=seeded_house)
    assert ran.exit_code == 0
    assert "已经在这里" in ran.output
    assert dump(seeded_house.engine) == before


def test_the_summary_counts_what_is_in_the_database(demonstration: Seeded) -> None:
    with read_only(demonstration.engine) as session:
        # A unit that moved is another one at its new door.
        moved = select(CateringUnit).where(col(CateringUnit.moved_from_unit_id).is_not(None))
        units = len(session.scalars(select(CateringUnit)).all()) - len(session.scalars(moved).all())
        found = [len(session.scalars(select(table)).all()) for table in (Visit, Edition, EditionEntry)]
    summary = demonstration.summary
    assert [units, *found] == [summary.units, summary.visits, summary.editions, summary.entries]
    assert summary.editions == 12


def test_nothing_happens_in_the_future_and_the_audit_chain_is_whole_and_in_order(
    demonstration: Seeded,
) -> None:
    with read_only(demonstration.engine) as session:
        assert list(verify_audit(session)) == []
        instants = [event.at for event in session.scalars(select(AuditEvent).order_by(col(AuditEvent.id)))]
        assert max(visit.visited_on for visit in session.scalars(select(Visit))) < TODAY
    assert instants == sorted(instants)
    assert instants[-1] <= NOW


def test_no_step_lies_after_now_whatever_the_hour() -> None:
    early = NOW.replace(hour=0, minute=1)
    steps = timeline(build_district(TODAY), early)
    assert max(step.at for step in steps) <= early
    assert len(steps) == len(timeline(build_district(TODAY), NOW))
    assert sum(isinstance(step.act, EditionIsPublished) for step in steps) == 12


def test_grades_are_mostly_low_risk_with_every_level_and_some_undetermined(demonstration: Seeded) -> None:
    with read_only(demonstration.engine) as session:
        grades = Counter(verdict.grade for verdict in newest_verdicts(session).values())
        missing = {v.missing for v in newest_verdicts(session).values() if v.grade is None}
    total = sum(grades.values())
    assert grades["A"] + grades["B"] > total * 80 // 100
    assert grades["B"] > grades["C"] > grades["D"] >= 3
    assert 5 <= grades[None] <= total * 6 // 100
    assert all(missing)
    assert len(missing) >= 2


def test_every_visit_has_been_released_and_decided_but_the_sealed_one(demonstration: Seeded) -> None:
    with read_only(demonstration.engine) as session:
        kept = [batch for batch in session.scalars(select(VisitBatch)) if batch.released_at is None]
        awaited = campaigns_awaited(session)
        assert [(batch.reviewed_by, awaited[batch.id or 0].campaign) for batch in kept] == [
            (REVIEWER, "2026-11")
        ]
        results = Counter(visit.decided_result for visit in session.scalars(select(Visit)))
    assert set(results) == {"compliant", "basically_compliant", "non_compliant"}
    assert results["compliant"] > results["basically_compliant"] > results["non_compliant"] > 10


def test_every_entry_is_what_the_rulebook_proposed_of_its_visit(demonstration: Seeded) -> None:
    with read_only(demonstration.engine) as session:
        proposed = {row.visit_id: row.proposed_list for row in session.scalars(select(ListingProposal))}
        entries = session.scalars(select(EditionEntry)).all()
    assert entries
    assert all(proposed[entry.visit_id or 0] == entry.list_word for entry in entries)


def test_what_happens_to_entries_after_publication_is_there(demonstration: Seeded) -> None:
    with read_only(demonstration.engine) as session:
        kinds = Counter(event.kind for event in session.scalars(select(EntryEvent)))
        events = session.scalars(select(EntryEvent)).all()
        published = {entry.id: entry.edition_id for entry in session.scalars(select(EditionEntry))}
        days = {edition.id: edition.published_on for edition in session.scalars(select(Edition))}
    for kind in EntryEventKind:
        if kind is not EntryEventKind.CORRECTED:
            assert kinds[kind] >= 1, kind
    for event in events:
        day = days[published[event.entry_id]]
        assert day is not None
        assert event.happened_on > day


def test_the_register_tells_of_closing_moving_and_changing_hands(demonstration: Seeded) -> None:
    story = build_district(TODAY).story
    with read_only(demonstration.engine) as session:
        ids = [id_ or 0 for id_ in session.scalars(select(col(Premises.id)))]
        behind = {door.code: door for door in doors(session, ids, TODAY).values()}
        units = session.scalars(select(CateringUnit)).all()
    states = Counter(door.unit.version.state for door in behind.values() if door.unit is not None)
    changes = Counter(type(change) for change in story.changes)
    assert states[UnitState.RENAMED] >= 3
    assert states[UnitState.CLOSED] == changes[Closing]
    moved = [door for door in behind.values() if door.unit is not None and door.unit.moved_to_code]
    assert len(moved) == changes[Move]
    assert all(door.unit is not None and door.unit.moved_to_code in behind for door in moved)
    shared = [count for count in Counter(unit.premises_id for unit in units).values() if count > 1]
    assert len(shared) == changes[NewOperator]


def test_the_bureau_is_fictional_and_its_accounts_can_sign_with_the_password_in_the_file(
    seeded_house: House,
) -> None:
    path = seeded_house.configuration.data / PASSWORD_FILE
    password = path.read_text(encoding="utf-8").strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with transaction(seeded_house.engine) as session:
        assert is_demonstration(session)
        settings = settings_on(session, TODAY)
        assert settings.text("authority") == "示范区市场监督管理局（演示）"
        assert not any(character.isdigit() for character in settings.text("contact"))
        assert settings.optional_text("website_filing") is None
        assert settings.optional_text("police_filing") is None
        for name, (roles, _) in STAFF.items():
            for role in roles:
                assert Deciding(name, password).sign(session, role).name == name
        assert {name for name, _, _ in list_accounts(session)} == set(STAFF)


def test_a_bureau_never_starts_in_a_demonstration(seeded_house: House) -> None:
    with pytest.raises(WrongDirectoryError), transaction(seeded_house.engine) as session:
        start_bureau(
            session,
            administrator="管理员",
            password="a long password",
            values=bureau_settings(None),
            from_on=TODAY,
            now=NOW,
        )


def test_seeding_refuses_a_bureaus_own_directory(empty_house: House) -> None:
    with transaction(empty_house.engine) as session:
        start_bureau(
            session,
            administrator="管理员",
            password="a long password",
            values=bureau_settings(None),
            from_on=TODAY,
            now=NOW,
        )
    before = dump(empty_house.engine)
    for arguments in (["demo"], ["synthetic", "--units", "3"]):
        ran = CliRunner().invoke(seed, arguments, obj=empty_house)
        assert isinstance(ran.exception, WrongDirectoryError)
        assert "已经有数据" in str(ran.exception)
    quiet = CliRunner().invoke(seed, ["demo", "--if-empty"], obj=empty_house)
    assert (quiet.exit_code, quiet.output) == (0, "")
    assert dump(empty_house.engine) == before
    assert not (empty_house.configuration.data / PASSWORD_FILE).exists()


def test_if_empty_leaves_a_finished_demonstration_alone_and_finishes_a_begun_one(
    demonstration: Seeded, empty_house: House
) -> None:
    house = House(empty_house.configuration, demonstration.engine)
    quiet = CliRunner().invoke(seed, ["demo", "--if-empty"], obj=house)
    assert (quiet.exit_code, quiet.output) == (0, "")
    with pytest.raises(KeyboardInterrupt):
        seed_demonstration(
            empty_house.engine, empty_house.configuration.data, now=NOW, progress=dying_after(2)
        )
    ran = CliRunner().invoke(seed, ["demo", "--if-empty"], obj=empty_house)
    assert ran.exit_code == 0, ran.exception
    assert "十二" in (seed.commands["demo"].help or "")
    assert "12 期榜单" in ran.output


def test_the_bureau_has_a_recovery_key_that_opens_with_the_password_in_the_file(
    demonstration: Seeded,
) -> None:
    path = demonstration.directory / RECOVERY_FILE
    password = (demonstration.directory / PASSWORD_FILE).read_text(encoding="utf-8").strip()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    private = serialization.load_pem_private_key(path.read_bytes(), password.encode())
    assert isinstance(private, rsa.RSAPrivateKey)
    with read_only(demonstration.engine) as session:
        key = recovery_key(session)
    assert key is not None
    assert key.fingerprint == fingerprint_of_key(private.public_key())


def test_a_password_that_cannot_be_written_is_one_sentence(empty_house: House, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("", encoding="utf-8")
    with pytest.raises(Exception, match="数据目录的权限") as refusal:
        seed_demonstration(empty_house.engine, in_the_way / "data", now=NOW)
    assert type(refusal.value).__name__ == "DemonstrationError"


@pytest.mark.postgres
def test_postgresql_holds_the_same_demonstration(
    demonstration: Seeded, postgres: Engine, tmp_path: Path
) -> None:
    assert seed_demonstration(postgres, tmp_path, now=NOW) == demonstration.summary
    with read_only(postgres) as there, read_only(demonstration.engine) as here:
        for column in (
            Premises.code,
            Visit.row_hash,
            EditionEntry.reasons,
            Edition.draft_hash,
        ):
            query = select(col(column))
            assert sorted(map(str, there.scalars(query))) == sorted(map(str, here.scalars(query)))
        grades = [sorted((k, v.grade or "") for k, v in newest_verdicts(s).items()) for s in (there, here)]
    assert grades[0] == grades[1]
    assert acts(postgres) == acts(demonstration.engine)
