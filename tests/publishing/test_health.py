"""Promises of the health page: what runs by itself and no longer does is named, with its cure."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from app import create_app
from inspections.people.certificates import make_certificates
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from inspections.record.house import House, open_house
from inspections.record.tables import BackupRun, JobRun
from inspections.surface.terminal import for_people
from publishing.commands import health
from publishing.health import Look, State, is_well, look_at_health
from publishing.jobs import JOBS
from publishing.site.service import publish
from tests.bureau import ADMINISTRATOR, EDITOR, PASSWORD, open_bureau
from tests.conftest import NOW
from tests.staff import StaffClient, signed_in


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """The data of a bureau whose jobs have all just run, published and backed up."""
    data = tmp_path_factory.mktemp("well") / "data"
    data.mkdir()
    shutil.copyfile(migrated_file, data / "honghei.sqlite")
    made = open_house(Configuration(data=data))
    open_bureau(made.engine, NOW)
    publish(made, now=NOW, workers=1)
    with transaction(made.engine) as session:
        for name in JOBS:
            session.add(JobRun(job=name, period="1", started_at=NOW, ended_at=NOW))
        session.add(BackupRun(started_at=NOW, completed_at=NOW, covers_until=NOW, place="/x", sha256="0"))
    made.engine.dispose()
    return data


@pytest.fixture
def house(well: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of that bureau."""
    shutil.copytree(well, tmp_path / "data")
    made = open_house(Configuration(data=tmp_path / "data"))
    yield made
    made.engine.dispose()


def _run(house: House) -> Result:
    return CliRunner().invoke(for_people(health), [], obj=house)


def _look(house: House, label: str, now: datetime) -> Look:
    return next(look for look in look_at_health(house, now) if look.label == label)


def test_where_everything_runs_nothing_is_bad(house: House, now: datetime) -> None:
    looks = look_at_health(house, now + timedelta(minutes=20))
    assert is_well(looks)
    assert {job.label for job in JOBS.values()} <= {look.label for look in looks}


@pytest.mark.parametrize("name", JOBS)
def test_a_job_that_has_not_succeeded_for_two_periods_is_bad(house: House, name: str, now: datetime) -> None:
    job = JOBS[name]
    late = max(2 * job.every, timedelta(minutes=30))
    assert _look(house, job.label, now + late).state is State.GOOD
    look = _look(house, job.label, now + late + timedelta(seconds=1))
    assert look.state is State.BAD
    assert "已经两次没有成功" in look.said
    assert f"jobs run {name}" in look.said


def test_what_the_last_run_said_stands_with_a_late_job(house: House, now: datetime) -> None:
    later = now + timedelta(hours=2)
    with transaction(house.engine) as session:
        session.add(JobRun(job="site", period="2", started_at=later, ended_at=later, error="磁盘满了。"))
    assert "最近一次：磁盘满了。请看" in _look(house, "更新公示网站", later).said


def test_a_schedule_that_nobody_started_is_bad(database: Engine, data_directory: Path, now: datetime) -> None:
    open_bureau(database, now)
    looks = look_at_health(House(Configuration(data=data_directory), database), now)
    said = [look.said for look in looks if look.state is State.BAD]
    assert any("还没有运行过" in text for text in said)
    assert any("还没有公示过" in text for text in said)


def test_a_site_that_stands_still_is_bad_because_names_have_ended(house: House, now: datetime) -> None:
    assert _look(house, "公示网站", now + timedelta(days=1)).state is State.GOOD
    assert _look(house, "公示网站", now + timedelta(days=2)).state is State.BAD


def test_a_site_that_nginx_cannot_read_is_bad_where_nginx_serves_it(house: House, now: datetime) -> None:
    several = replace(house, configuration=house.configuration.model_copy(update={"surface": "staff"}))
    assert _look(several, "公示网站", now).state is State.GOOD
    for place in (house.configuration.site_directory / "index.html", house.configuration.search_file):
        place.chmod(0o640)
        told = _look(several, "公示网站", now)
        assert (told.state, str(place) in told.said) == (State.BAD, True)
        assert _look(house, "公示网站", now).state is State.GOOD, "one process serves its own files"
        place.chmod(0o644)


def test_a_backup_is_soon_wanted_and_bad_when_it_is_old(house: House, now: datetime) -> None:
    assert _look(house, "备份", now + timedelta(days=2)).state is State.GOOD
    assert _look(house, "备份", now + timedelta(days=2, seconds=1)).state is State.BAD
    with transaction(house.engine) as session:
        session.connection().exec_driver_sql("DELETE FROM backup_runs")
    assert _look(house, "备份", now).state is State.SOON


def test_a_certificate_says_when_it_ends(house: House, now: datetime) -> None:
    folder = house.configuration.data / "certificates"
    made = make_certificates(folder, ["192.168.10.5"], organisation="某局", now=now)
    label = "平板的证书"
    assert _look(house, label, now).state is State.GOOD
    assert _look(house, label, made.until - timedelta(days=29)).state is State.SOON
    assert _look(house, label, made.until + timedelta(seconds=1)).state is State.BAD


def test_an_older_form_of_the_database_is_the_one_thing_said(house: House, now: datetime) -> None:
    with house.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    (look,) = look_at_health(house, now)
    assert look.state is State.BAD
    assert "migrate" in look.said


def test_the_command_ends_with_1_when_something_is_bad(house: House, now: datetime) -> None:
    with time_machine.travel(now + timedelta(minutes=5), tick=False):
        well = _run(house)
    with time_machine.travel(now + timedelta(days=3), tick=False):
        ill = _run(house)
    assert (well.exit_code, ill.exit_code) == (0, 1), well.output
    assert "有问题\t备份\t" in ill.output


@pytest.fixture
def at_noon(now: datetime) -> Iterator[None]:
    """Some minutes after everything ran."""
    with time_machine.travel(now + timedelta(minutes=5), tick=False):
        yield


@pytest.mark.usefixtures("at_noon")
def test_the_page_is_for_the_administrator_and_a_monitor_gets_one_word(house: House) -> None:
    application = create_app(house.configuration)
    page = signed_in(application, ADMINISTRATOR, PASSWORD).get("/desk/health")
    assert "都在正常运行" in page
    assert "更新公示网站" in page
    assert signed_in(application, EDITOR, PASSWORD).client.get("/desk/health").status_code == 403
    anyone = StaffClient(application).client.get("/health")
    assert (anyone.status_code, anyone.text) == (200, "ok\n")
    with transaction(house.engine) as session:
        session.connection().exec_driver_sql("DELETE FROM job_runs")
    page = signed_in(application, ADMINISTRATOR, PASSWORD).get("/desk/health")
    assert page.index("有问题") < page.index("正常<"), "what is bad stands on top"
    anyone = StaffClient(application).client.get("/health")
    assert (anyone.status_code, anyone.text) == (503, "not well\n")
    assert anyone.headers["Cache-Control"] == "no-store"
    application.extensions["house"].engine.dispose()
