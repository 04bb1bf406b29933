"""Promises of scheduled work: one run per period, told in words; a refusal is one sentence."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text
from sqlmodel import select

from inspections.record.clock import utc_now
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.errors import BusyError
from inspections.record.house import House
from inspections.record.jobs import take_lease
from inspections.record.tables import JobRun
from inspections.visits.grading_run import OvertakenError
from publishing.commands import jobs
from publishing.jobs import JOBS, JobError, run_job
from publishing.scheduler import make_scheduler
from publishing.site.publisher_lease import LEASE, PublisherBusyError
from tests.bureau import DUMPLINGS, add_units, open_bureau

NIGHT = datetime.fromisoformat("2026-11-24T17:30:00+00:00")


@pytest.fixture
def house(database: Engine, data_directory: Path, now: datetime) -> House:
    """A bureau with one unit."""
    open_bureau(database, now)
    with transaction(database) as session:
        add_units(session, [DUMPLINGS], now)
    return House(Configuration(data=data_directory), database)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What the schedule writes into its log."""
    with caplog.at_level(logging.INFO, logger="honghei.scheduler"):
        yield caplog


def test_every_job_runs_on_a_bureau_and_tells_what_it_counted(house: House) -> None:
    for name in JOBS:
        ran = CliRunner().invoke(jobs, ["run", name], obj=house)
        assert ran.exit_code == 0, (name, ran.exception)
        assert ran.output.startswith(f"{name} 完成：")
    listed = CliRunner().invoke(jobs, ["list"], obj=house).output.splitlines()
    assert [line.split("\t")[0] for line in listed[: len(JOBS)]] == list(JOBS)
    assert all("完成：" in line for line in listed[: len(JOBS)])
    assert (house.configuration.site_directory / "index.html").exists()


def test_a_job_that_never_ran_says_so(house: House) -> None:
    listed = CliRunner().invoke(jobs, ["list"], obj=house).output
    assert listed.count("还没有运行过") == len(JOBS)
    assert "每天 1:30" in listed


def test_an_unknown_job_is_refused_with_the_names_there_are(house: House) -> None:
    with pytest.raises(JobError, match="、".join(JOBS)):
        run_job(house, "nightly")


def test_a_period_is_run_once_and_the_next_one_again(house: House) -> None:
    assert run_job(house, "grade", now=NIGHT) == {"units": 1, "changed": 1}
    assert run_job(house, "grade", now=NIGHT + timedelta(minutes=5)) is None
    assert run_job(house, "grade", now=NIGHT + timedelta(days=1)) is not None


def test_a_run_by_hand_stands_beside_the_schedule(house: House) -> None:
    assert run_job(house, "grade", now=NIGHT) is not None
    assert run_job(house, "grade", now=NIGHT + timedelta(seconds=1), by_hand=True) is not None


def test_a_refusal_is_recorded_as_its_sentence_and_the_period_may_be_tried_again(house: House) -> None:
    take_lease(house.engine, name=LEASE, holder="elsewhere", now=NIGHT, lasts=timedelta(minutes=5))
    with pytest.raises(PublisherBusyError):
        run_job(house, "site", now=NIGHT)
    with read_only(house.engine) as session:
        (run,) = session.exec(select(JobRun))
    assert run.error is not None
    assert run.error.startswith("另一个进程正在发布")
    with transaction(house.engine) as session:
        session.connection().execute(text("DELETE FROM leases"))
    assert run_job(house, "site", now=NIGHT) is not None


def test_whoever_is_late_steps_aside() -> None:
    assert issubclass(PublisherBusyError, BusyError)
    assert issubclass(OvertakenError, BusyError)


def test_the_schedule_knows_every_job_and_runs_it_through_the_table(
    house: House, said: pytest.LogCaptureFixture
) -> None:
    scheduled = {job.id: job for job in make_scheduler(house).get_jobs()}
    assert set(scheduled) == set(JOBS)
    for job in scheduled.values():
        job.func(*job.args)
    told = [record.getMessage() for record in said.records]
    assert [line.split("：")[0] for line in told] == [job.label for job in JOBS.values()]
    scheduled["grade"].func(*scheduled["grade"].args)
    assert len(said.records) == len(JOBS)


def test_a_refused_run_is_one_line_in_the_log_and_the_schedule_goes_on(
    house: House, said: pytest.LogCaptureFixture
) -> None:
    job = next(job for job in make_scheduler(house).get_jobs() if job.id == "site")
    take_lease(house.engine, name=LEASE, holder="elsewhere", now=utc_now(), lasts=timedelta(minutes=5))
    job.func(*job.args)
    with transaction(house.engine) as session:
        session.connection().execute(text("DELETE FROM leases"))
        session.connection().execute(text("DELETE FROM setting_values WHERE key = 'contact'"))
    job.func(*job.args)
    busy, refused = said.records
    assert (busy.levelno, refused.levelno) == (logging.INFO, logging.ERROR)
    assert "正在发布" in busy.getMessage()
    assert "settings set contact" in refused.getMessage()
    assert refused.exc_info is None
