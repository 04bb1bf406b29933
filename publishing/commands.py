"""Commands of scheduled work and of serving."""

import logging

import click

from inspections.record.clock import PEOPLE_ZONE, today
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.record.jobs import job_reports
from inspections.record.settings import require_public_address, settings_on
from publishing.jobs import JOBS, run_job
from publishing.scheduler import run_scheduler
from publishing.serving import scheduler_command, supervise, web_command


@click.group("jobs")
def jobs() -> None:
    """定时任务。"""


@jobs.command("list")
@click.pass_obj
def jobs_list(house: House) -> None:
    """列出任务和最近的运行。"""
    for job in JOBS.values():
        when = "，".join(f"{key}={value}" for key, value in job.schedule.items())
        click.echo(f"{job.name}\t{job.label}\t{when}")
    with read_only(house.engine) as session:
        for run in job_reports(session, limit=20):
            started = run.started_at.astimezone(PEOPLE_ZONE)
            state = run.error or ("完成" if run.ended_at else "进行中")
            counts = "，".join(f"{key} {value}" for key, value in run.counts.items())
            click.echo(f"{started:%Y-%m-%d %H:%M}\t{run.job}\t{state}\t{counts}")


@jobs.command("run")
@click.argument("name")
@click.pass_obj
def jobs_run(house: House, name: str) -> None:
    """现在运行一个任务：与定时运行的是同一段程序。"""
    counts = run_job(house, name, by_hand=True)
    click.echo(f"{name} 完成：" + "，".join(f"{key} {value}" for key, value in (counts or {}).items()))


@click.command("scheduler")
@click.pass_obj
def scheduler(house: House) -> None:
    """按时间表运行任务，直到收到停止信号。"""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    run_scheduler(house)


@click.command("serve")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="监听的地址和端口")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False), default=None)
@click.option("--key", type=click.Path(exists=True, dir_okay=False), default=None)
@click.option("--without-schedule", is_flag=True, help="不启动定时任务（由另一个进程运行 scheduler）")
@click.pass_obj
def serve(
    house: House, *, bind: str, certificate: str | None, key: str | None, without_schedule: bool
) -> None:
    """公示一次，然后启动网站和定时任务。"""
    with read_only(house.engine) as session:
        address = require_public_address(settings_on(session, today()), house.configuration.public_url)
    for name in ("grade", "search-keys", "editions", "site"):
        run_job(house, name, by_hand=True)
    house.engine.dispose()
    click.echo(f"网站在 http://{bind}（公开网址 {address}）；按 Ctrl+C 停止。")
    commands = [web_command(bind, certificate=certificate, key=key)]
    supervise(commands if without_schedule else [*commands, scheduler_command()])
