"""The schedule: APScheduler in a process of its own, running the table of jobs."""

import logging
import signal
import threading
from datetime import datetime
from types import FrameType
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from inspections.record.clock import PEOPLE_ZONE
from inspections.record.errors import BusyError, HouseError
from inspections.record.house import House
from publishing.jobs import JOBS, counts_in_words, run_job

_LOG = logging.getLogger("honghei.scheduler")


class _PeoplesClock(logging.Formatter):
    """Times in the log as people in China read them, whatever zone the machine has."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802  # logging's
        """The instant of a record in Asia/Shanghai."""
        del datefmt
        return f"{datetime.fromtimestamp(record.created, PEOPLE_ZONE):%Y-%m-%d %H:%M:%S}"


def make_scheduler(house: House) -> BackgroundScheduler:
    """A scheduler with every job of the table; the code is the schedule, nothing is stored."""
    scheduler = BackgroundScheduler(
        timezone=PEOPLE_ZONE,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
    )
    for job in JOBS.values():
        scheduler.add_job(_run, "cron", args=[house, job.name], id=job.name, **job.schedule)
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    return scheduler


def run_scheduler(house: House) -> None:
    """Run the schedule until SIGTERM or SIGINT; the job in hand is finished first."""
    handler = logging.StreamHandler()
    handler.setFormatter(_PeoplesClock("%(asctime)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells at each look which database it sees
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler = make_scheduler(house)
    scheduler.start()
    _LOG.info("定时任务已启动：%s", "，".join(f"{job.label}（{job.when}）" for job in JOBS.values()))
    stopped.wait()
    scheduler.shutdown(wait=True)


def _run(house: House, name: str) -> None:
    """One run of a job, told in the log; a refusal is a sentence, any other fault goes to `_report`."""
    label = JOBS[name].label
    try:
        counts = run_job(house, name)
    except BusyError as busy:
        _LOG.info("%s：%s", label, busy)
    except HouseError as refusal:
        _LOG.error("%s没有完成：%s", label, refusal)
    else:
        if counts is not None:
            _LOG.info("%s：%s", label, counts_in_words(counts))


def _report(event: Any) -> None:
    label = JOBS[event.job_id].label
    if event.code == EVENT_JOB_MISSED:
        _LOG.warning("%s错过了时间（%s）", label, event.scheduled_run_time)
    else:
        _LOG.error("%s出错", label, exc_info=event.exception)
