"""Whether everything that runs by itself still does: one line for each thing to look at, with its cure.

`health` says it on the command line, the desk shows it as a page, `/health` answers one word to a monitor.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sqlmodel import Session, col, func, select

from inspections.people.certificates import ends_at
from inspections.record.clock import PEOPLE_ZONE, civil_day
from inspections.record.command_line import CLI
from inspections.record.configuration import Configuration
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.record.migrate import newest_revision, revision_of
from inspections.record.tables import BackupRun, JobRun
from publishing.jobs import JOBS, Job
from publishing.site.queries import site_state
from publishing.site.verifying import closed_to_others

_BACKUP_LATE = timedelta(days=2)
# One job runs at a time: a short period may wait for a long publication.
_LEAST_LATE = timedelta(minutes=30)
_CERTIFICATE_SOON = timedelta(days=30)
_SCARCE, _EXHAUSTED = 10, 3
_GIB = 1024**3


class State(StrEnum):
    """How a thing is: good, soon to be done something about, or bad."""

    GOOD = "good"
    SOON = "soon"
    BAD = "bad"


STATE_WORDS = {State.GOOD: "正常", State.SOON: "要留意", State.BAD: "有问题"}


@dataclass(frozen=True)
class Look:
    """One thing that was looked at: its name, how it is, and one sentence."""

    label: str
    state: State
    said: str


def look_at_health(house: House, now: datetime) -> list[Look]:
    """Everything that runs by itself, in the order in which one would mend it."""
    schema = _schema(house)
    if schema.state is State.BAD:
        return [schema]
    with read_only(house.engine) as session:
        looks = [schema, *_jobs(session, now), _site(session, house.configuration, now)]
        looks.append(_backup(session, now))
    looks.append(_disk(house.configuration.data))
    looks += _certificate(house.configuration.data / "certificates" / "server.crt", now)
    return looks


def worst_first(looks: list[Look]) -> list[Look]:
    """The same with what is bad on top, then what wants to be done soon."""
    return sorted(looks, key=lambda look: [State.BAD, State.SOON, State.GOOD].index(look.state))


def is_well(looks: list[Look]) -> bool:
    """Whether nothing is bad."""
    return all(look.state is not State.BAD for look in looks)


def _schema(house: House) -> Look:
    present, needed = revision_of(house.engine), newest_revision()
    if present == needed:
        return Look("数据库结构", State.GOOD, f"{present}，与程序一致。")
    return Look(
        "数据库结构",
        State.BAD,
        f"是 {present or '空的'}，程序需要 {needed}；请先备份，再运行 {CLI} migrate。",
    )


def _jobs(session: Session, now: datetime) -> Iterator[Look]:
    """A job that has not succeeded for two of its periods is late; counted from the schedule's first run."""
    first = session.exec(select(func.min(JobRun.started_at))).one()
    for job in JOBS.values():
        yield _job(session, job, first, now)


def _job(session: Session, job: Job, first: datetime | None, now: datetime) -> Look:
    if first is None:
        return Look(job.label, State.BAD, "定时任务还没有运行过；请启动 honghei-schedule 或 serve。")
    succeeded = _last_success(session, job.name)
    if now - (succeeded or first) <= max(2 * job.every, _LEAST_LATE):
        return Look(job.label, State.GOOD, f"{job.when}；{_told(succeeded)}。")
    newest = session.exec(
        select(JobRun).where(JobRun.job == job.name).order_by(col(JobRun.started_at).desc()).limit(1)
    ).first()
    why = newest.error if newest is not None and newest.error else "没有运行完"
    return Look(
        job.label,
        State.BAD,
        f"{job.when}，已经两次没有成功；{_told(succeeded)}。最近一次：{why.rstrip('。')}。"
        f"请看 honghei-schedule 的日志，改正后运行 {CLI} jobs run {job.name}。",
    )


def _last_success(session: Session, name: str) -> datetime | None:
    ended = select(func.max(JobRun.started_at)).where(
        JobRun.job == name, col(JobRun.ended_at).is_not(None), col(JobRun.error).is_(None)
    )
    return session.exec(ended).one()


def _told(succeeded: datetime | None) -> str:
    if succeeded is None:
        return "还没有成功过"
    return f"上次成功 {succeeded.astimezone(PEOPLE_ZONE):%Y-%m-%d %H:%M}"


def _site(session: Session, configuration: Configuration, now: datetime) -> Look:
    state, first = site_state(session), configuration.site_directory / "index.html"
    if state is None or not first.exists():
        return Look("公示网站", State.BAD, f"还没有公示过；请运行 {CLI} publish。")
    if state.as_of < civil_day(now) - timedelta(days=1):
        return Look(
            "公示网站", State.BAD, f"停在 {state.as_of}；到期的名称可能还在上面。请看“更新公示网站”任务。"
        )
    if configuration.is_one_of_several:
        search = configuration.search_file
        for place in (place for place in (first, search) if place.exists()):
            if closed := closed_to_others(place.parent, [place]):
                return Look("公示网站", State.BAD, f"{closed}。")
    return Look("公示网站", State.GOOD, f"截至 {state.as_of}。")


def _backup(session: Session, now: datetime) -> Look:
    newest = session.exec(select(func.max(BackupRun.completed_at))).one()
    if newest is None:
        cure = f"请运行 {CLI} backup 目录，并把备份复制到另一台机器"
        return Look("备份", State.SOON, f"这个数据库里还没有备份的记录；{cure}。")
    said = f"最近一次完成于 {newest.astimezone(PEOPLE_ZONE):%Y-%m-%d %H:%M}"
    if now - newest > _BACKUP_LATE:
        return Look("备份", State.BAD, f"{said}，已超过两天；请看 honghei-backup 的日志。")
    return Look("备份", State.GOOD, f"{said}。")


def _disk(folder: Path) -> Look:
    usage = shutil.disk_usage(folder)
    percent = usage.free * 100 // usage.total
    said = f"数据目录所在的磁盘还有 {usage.free // _GIB} GiB（{percent}%）"
    if percent < _EXHAUSTED:
        return Look("磁盘", State.BAD, f"{said}，快满了；请立即扩容或移走旧备份。")
    if percent < _SCARCE:
        return Look("磁盘", State.SOON, f"{said}；请安排扩容。")
    return Look("磁盘", State.GOOD, f"{said}。")


def _certificate(path: Path, now: datetime) -> Iterator[Look]:
    if not path.exists():
        return
    until = ends_at(path)
    said = f"本局签发的服务器证书有效期至 {until.astimezone(PEOPLE_ZONE):%Y-%m-%d}"
    if until <= now:
        yield Look("平板的证书", State.BAD, f"{said}，已过期，平板连不上；请运行 {CLI} certificate make。")
    elif until - now < _CERTIFICATE_SOON:
        yield Look("平板的证书", State.SOON, f"{said}；请运行 {CLI} certificate make 续期。")
    else:
        yield Look("平板的证书", State.GOOD, f"{said}。")
