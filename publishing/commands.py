"""Commands of scheduled work and of serving."""

from pathlib import Path

import click

from inspections.record.clock import PEOPLE_ZONE, today, utc_now
from inspections.record.database import read_only
from inspections.record.errors import BusyError
from inspections.record.house import House
from inspections.record.jobs import JobReport, job_reports, newest_reports
from inspections.record.settings import require_public_address, settings_on
from inspections.surface.terminal import say_summary
from publishing.demonstration.staff import PASSWORD_FILE
from publishing.health import STATE_WORDS, is_well, look_at_health
from publishing.jobs import JOBS, counts_in_words, run_job
from publishing.scheduler import run_scheduler
from publishing.serving import (
    read_bind,
    require_free,
    require_key_pair,
    scheduler_command,
    supervise,
    web_command,
)
from publishing.verification import look_at_backup
from publishing.verification import verify as look_at_everything

SURFACES = ("all", "public", "inbox", "staff")
_SURFACE_WORDS = {"public": "公示网站", "inbox": "收件箱"}
_PEM = click.Path(exists=True, dir_okay=False)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group("jobs")
def jobs() -> None:
    """定时任务。"""


@jobs.command("list")
@click.pass_obj
def jobs_list(house: House) -> None:
    """列出任务和最近的运行。"""
    with read_only(house.engine) as session:
        reports = job_reports(session, limit=20)
        newest = newest_reports(session, JOBS)
    for job in JOBS.values():
        report = newest.get(job.name)
        click.echo(
            f"{job.name}\t{job.label}\t{job.when}\t{'还没有运行过' if report is None else _told(report)}"
        )
    if reports:
        click.echo("最近的运行：")
    for report in reports:
        click.echo(f"  {report.job}\t{_told(report)}")


def _told(report: JobReport) -> str:
    began = report.started_at.astimezone(PEOPLE_ZONE)
    state = report.error or ("完成" if report.ended_at else "进行中")
    return f"{began:%Y-%m-%d %H:%M} {state}" + (
        f"：{counts_in_words(report.counts)}" if report.counts else ""
    )


@jobs.command("run")
@click.argument("name")
@click.pass_obj
def jobs_run(house: House, name: str) -> None:
    """现在运行一个任务：与定时运行的是同一段程序。"""
    counts = run_job(house, name, by_hand=True)
    click.echo(f"{name} 完成：{counts_in_words(counts or {})}")


@click.command("verify")
@click.option("--backup", "folder", type=_FOLDER, default=None, help="核对一份备份，而不是数据目录")
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@click.pass_obj
def verify(house: House, *, folder: Path | None, as_json: bool) -> None:
    """核对存下的一切：审计链、规则、存档文件、检查记录、推导、榜单、网站；被改动的逐一指出。"""
    looked_at = faults = 0
    parts = look_at_everything(house, utc_now()) if folder is None else [look_at_backup(folder)]
    for checked in parts:
        looked_at += checked.looked_at
        faults += len(checked.faults)
        state = f"{len(checked.faults)} 处有问题" if checked.faults else "完好"
        click.echo(f"{checked.part}\t看了 {checked.looked_at} 处，{state}")
        for fault in checked.faults:
            click.echo(f"  {fault}")
    sentence = f"共看了 {looked_at} 处，" + (f"{faults} 处有问题。" if faults else "全部完好。")
    say_summary(sentence, {"looked_at": looked_at, "faults": faults}, as_json=as_json)
    if faults:
        click.get_current_context().exit(1)


@click.command("health")
@click.pass_obj
def health(house: House) -> None:
    """看一眼定时任务、公示、备份、磁盘和证书是否都好；有问题的说明怎么办，并以 1 结束。"""
    looks = look_at_health(house, utc_now())
    for look in looks:
        click.echo(f"{STATE_WORDS[look.state]}\t{look.label}\t{look.said}")
    if not is_well(looks):
        click.get_current_context().exit(1)


@click.command("scheduler")
@click.pass_obj
def scheduler(house: House) -> None:
    """按时间表运行任务，直到收到停止信号。"""
    _public_address(house)
    run_scheduler(house)


@click.command("serve")
@click.option("--bind", "place", default="127.0.0.1:8000", show_default=True, help="监听的地址和端口")
@click.option("--certificate", type=_PEM, default=None, help="TLS 证书（PEM），与 --key 同时给出")
@click.option("--key", type=_PEM, default=None, help="证书的私钥（PEM）")
@click.option("--without-schedule", is_flag=True, help="不启动定时任务（由另一个进程运行 scheduler）")
@click.option("--surface", type=click.Choice(SURFACES), default="all", show_default=True, help="只开哪一面")
@click.pass_obj
def serve(
    house: House,
    *,
    place: str,
    certificate: str | None,
    key: str | None,
    without_schedule: bool,
    surface: str,
) -> None:
    """公示一次，然后启动网站和定时任务；--surface 让每一面由自己的系统用户运行。"""
    bind = read_bind(place)
    require_key_pair(certificate, key)
    require_free(bind)
    if surface in {"all", "staff"}:
        address = _public_address(house)
        _publish_first(house)
        started = f"网站在 {_scheme(certificate)}://{bind}/（公开网址 {address}）；按 Ctrl+C 停止。"
        if surface == "all":
            started += "\n公示、工作台、平板和收件箱由同一个进程提供；正式使用请分开运行（--surface）。"
    else:
        started = f"{_SURFACE_WORDS[surface]}在 {_scheme(certificate)}://{bind}/；按 Ctrl+C 停止。"
    house.engine.dispose()
    proxies = house.configuration.trusted_proxies
    commands = [web_command(bind, certificate=certificate, key=key, trusted_proxies=proxies, surface=surface)]
    if not without_schedule and surface in {"all", "staff"}:
        commands.append(scheduler_command())
    supervise(commands, bind, lambda: click.echo(started + _demonstration_words(house)))
    click.echo("已停止。")


def _publish_first(house: House) -> None:
    click.echo("正在更新公示网站……")
    for name in ("grade", "search-keys", "editions", "inbox", "site"):
        try:
            run_job(house, name, by_hand=True)
        except BusyError as busy:
            click.echo(str(busy))


def _scheme(certificate: str | None) -> str:
    return "http" if certificate is None else "https"


def _demonstration_words(house: House) -> str:
    passwords = house.configuration.data / PASSWORD_FILE
    return f"\n这是演示数据；演示账号的密码在 {passwords}。" if passwords.exists() else ""


def _public_address(house: House) -> str:
    """The public address in force, once it is the one that this process was told."""
    with read_only(house.engine) as session:
        return require_public_address(settings_on(session, today()), house.configuration.public_url)
