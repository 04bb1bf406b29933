"""The schedule: APScheduler in a process of its own, running the table of jobs."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from inspections.record.clock import PEOPLE_ZONE
from inspections.record.house import House
from publishing.jobs import JOBS, run_job

_LOG = logging.getLogger("honghei.scheduler")


def make_scheduler(house: House) -> BackgroundScheduler:
    """A scheduler with every job of the table; the code is the schedule, nothing is stored."""
    scheduler = BackgroundScheduler(
        timezone=PEOPLE_ZONE,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600},
    )
    for job in JOBS.values():
        scheduler.add_job(run_job, "cron", args=[house, job.name], id=job.name, **job.schedule)
    scheduler.add_listener(_report, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    return scheduler


def run_scheduler(house: House) -> None:
    """Run the schedule until SIGTERM or SIGINT; the job in hand is finished first."""
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    scheduler = make_scheduler(house)
    scheduler.start()
    _LOG.info("scheduler started", extra={"jobs": len(JOBS)})
    stopped.wait()
    scheduler.shutdown(wait=True)


def _report(event: Any) -> None:
    if event.code == EVENT_JOB_MISSED:
        _LOG.warning("job missed its time", extra={"job": event.job_id})
    else:
        _LOG.error("job failed", extra={"job": event.job_id}, exc_info=event.exception)
