"""Promises of the database's roles: a surface can do all of its work, and change nothing that was audited."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from inspections.inbox.store import INBOX, open_inbox
from inspections.record.backup import restore_backup
from inspections.record.configuration import PACKAGE_ROOT, Configuration
from inspections.record.database import open_database, read_only
from inspections.record.house import House
from inspections.record.migrate import migrate
from publishing.jobs import JOBS, run_job
from publishing.keeping import back_up, kept_parts_for_restore
from tests.conftest import NOW
from tests.postgres_server import run_on_server
from tests.publishing.site.town import settle, town_of

pytestmark = pytest.mark.postgres

OWNER, STAFF, INBOX_USER = "honghei", "honghei-staff", "honghei-inbox"
HOUSE_DATABASE, INBOX_DATABASE = "honghei", "honghei_inbox"
SQL = PACKAGE_ROOT / "deploy" / "sql"


@dataclass(frozen=True)
class Server:
    """A server as the installation leaves it."""

    prefix: str

    def url(self, user: str, database: str) -> str:
        """The address of a database for one of the roles."""
        return f"{self.prefix.replace('user=tests', f'user={user}')}&dbname={database}"

    def file(self, name: str, database: str, **values: str) -> None:
        """Run one of the installation's files, as it does."""
        plain = f"{self.prefix}&dbname={database}".replace("+psycopg", "")
        given = [f"--set={key}={value}" for key, value in {"database": database, **values}.items()]
        command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", *given, "-f", str(SQL / name), plain]
        subprocess.run(command, check=True, capture_output=True)

    def grant(self) -> None:
        """What the installation does before and after each migration."""
        for database, users in ((HOUSE_DATABASE, (STAFF,)), (INBOX_DATABASE, (STAFF, INBOX_USER))):
            self.file("grants.sql", database)
            for user in users:
                self.file("surface.sql", database, surface=user)


@pytest.fixture(scope="module")
def server(postgres_server: str) -> Server:
    """Roles and two migrated databases, made in the order of the installation."""
    for role in (OWNER, STAFF, INBOX_USER):
        run_on_server(postgres_server, f'CREATE ROLE "{role}" LOGIN')
    for database in (HOUSE_DATABASE, INBOX_DATABASE):
        run_on_server(postgres_server, f"CREATE DATABASE {database} OWNER {OWNER}")
    made = Server(postgres_server)
    made.grant()
    for database, schema in ((HOUSE_DATABASE, None), (INBOX_DATABASE, INBOX)):
        engine = open_database(made.url(OWNER, database))
        migrate(engine) if schema is None else migrate(engine, schema=schema)
        engine.dispose()
    made.grant()
    return made


@pytest.fixture(scope="module")
def house(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house as desk and schedule open it."""
    configuration = Configuration(
        data=tmp_path_factory.mktemp("roles"),
        database_url=server.url(STAFF, HOUSE_DATABASE),
        inbox_url=server.url(STAFF, INBOX_DATABASE),
    )
    engine = open_database(configuration.effective_database_url)
    yield House(configuration, engine)
    engine.dispose()
    # Kept for the whole process otherwise, and closed by nobody once others push it out.
    open_inbox(configuration.effective_inbox_url).dispose()


def test_the_staffs_role_does_all_work_of_a_bureau(house: House) -> None:
    settle(house.engine, NOW)
    for name in JOBS:
        assert run_job(house, name, now=NOW, by_hand=True) is not None
    assert (town_of(house).site / "index.html").exists()


def _refused(engine: Engine, statement: str) -> bool:
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except ProgrammingError as error:
        return "permission denied" in str(error) or "must be owner" in str(error)
    return False


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'x'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "UPDATE derivations SET id = id",
        "DELETE FROM unit_versions",
        "UPDATE rulebook_versions SET id = id",
        "DELETE FROM edition_approvals",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE mine (x int)",
        "DROP TABLE visits",
        "ALTER TABLE visits ADD COLUMN x int",
    ],
)
def test_it_changes_nothing_that_was_kept_for_ever_and_no_table(house: House, statement: str) -> None:
    assert _refused(house.engine, statement)


def test_the_inbox_opens_its_own_database_alone(server: Server) -> None:
    own = open_database(server.url(INBOX_USER, INBOX_DATABASE))
    with read_only(own) as session:
        session.execute(text("SELECT count(*) FROM votes"))
    assert _refused(own, "DROP TABLE votes")
    own.dispose()
    house = open_database(server.url(INBOX_USER, HOUSE_DATABASE))
    with pytest.raises(OperationalError, match="permission denied for database"), house.connect():
        pass
    house.dispose()


def test_a_table_of_a_later_version_is_the_surfaces_to_fill_at_once(server: Server, house: House) -> None:
    owner = open_database(server.url(OWNER, HOUSE_DATABASE))
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE later (id int PRIMARY KEY)"))
    with house.engine.begin() as connection:
        connection.execute(text("INSERT INTO later VALUES (1)"))
    with owner.begin() as connection:
        connection.execute(text("DROP TABLE later"))
    owner.dispose()


def test_a_backup_made_by_the_staffs_role_is_restored_by_the_owner_with_the_same_rights(
    server: Server, house: House, tmp_path: Path
) -> None:
    folder = back_up(house, tmp_path / "kept").folder
    for database in ("restored", "restored_inbox"):
        run_on_server(server.prefix, f"CREATE DATABASE {database} OWNER {OWNER}")
    configuration = Configuration(
        data=tmp_path / "new",
        database_url=server.url(OWNER, "restored"),
        inbox_url=server.url(OWNER, "restored_inbox"),
    )
    restore_backup(folder, kept_parts_for_restore(configuration, folder))
    again = open_database(server.url(STAFF, "restored"))
    with read_only(again) as session:
        assert session.execute(text("SELECT count(*) FROM catering_units")).scalar_one() > 0
    assert _refused(again, "DELETE FROM audit_events")
    again.dispose()


def test_granting_twice_changes_nothing(server: Server) -> None:
    query = "SELECT string_agg(relname || coalesce(relacl::text, ''), ';' ORDER BY relname) FROM pg_class"
    engine = open_database(f"{server.prefix}&dbname={HOUSE_DATABASE}")
    with engine.connect() as connection:
        before = connection.execute(text(query)).scalar()
    server.grant()
    with engine.connect() as connection:
        assert connection.execute(text(query)).scalar() == before
    engine.dispose()
