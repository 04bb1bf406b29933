"""Commands of the plan of a year: make it, take in the city's tasks, give their results back."""

from collections.abc import Sequence
from pathlib import Path

import click

from inspections.campaigns.city_plan import (
    bureau_mapping,
    export_city_plan,
    import_city_plan,
    read_mapping,
)
from inspections.campaigns.plan_queries import plan_counts, plan_lines
from inspections.campaigns.planning import make_plan
from inspections.campaigns.words import TASK_SOURCES
from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import refuse_demonstration
from inspections.record.working_days import missing_year_warning
from inspections.surface.sheets.faults import Fault
from inspections.surface.sheets.report import write_report
from inspections.surface.terminal import say_summary

FILE = click.Path(path_type=Path, dir_okay=False)
YEAR = click.IntRange(2000, 2099)


@click.group("plan")
def year_plan() -> None:
    """年度检查计划：等级频次、全覆盖、市平台任务。"""


@year_plan.command("make")
@click.argument("year", type=YEAR)
@asks_who_decides
@click.pass_obj
def make(house: House, year: int, *, deciding: Deciding) -> None:
    """按各单位的等级和上次检查，更新一年的计划；可以重复运行。"""
    now = utc_now()
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        made = make_plan(session, year, actor=actor.name, now=now)
    click.echo(
        f"{year} 年计划共 {made.tasks} 项：新增 {made.added + made.restored}，不再需要 {made.dropped}；"
        f"{made.without_due} 家没有应检日期（等级尚未评定）。"
    )


@year_plan.command("show")
@click.argument("year", type=YEAR)
@click.option("--within", type=click.IntRange(0), default=30, show_default=True, help="未来多少天内到期的")
@click.pass_obj
def show(house: House, year: int, *, within: int) -> None:
    """列出到期和逾期的任务，逾期在前。"""
    on = today()
    with read_only(house.engine) as session:
        counts = plan_counts(session, year, on)
        lines = plan_lines(session, year, on, within_days=within)
    for line in lines:
        late = f"，已逾期 {line.days_late} 天" if line.days_late else ""
        click.echo(
            f"{line.due_on}{late}\t{line.code}\t{line.name}\t{TASK_SOURCES[line.source]}\t{line.reason}"
        )
    click.echo(
        f"{year} 年：未安排 {counts.open} 项，逾期 {counts.late} 项，"
        f"已安排 {counts.assigned} 项，完成 {counts.done} 项。"
    )
    warning = missing_year_warning(on)
    if warning:
        click.echo(warning)


@year_plan.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--mapping", type=FILE, default=None, help="列对照文件（TOML）；没给就用“设置”页放入的，再没有就用样例"
)
@asks_who_decides
@click.pass_obj
def import_(house: House, file: Path, *, mapping: Path | None, deciding: Deciding) -> None:
    """导入市“双随机、一公开”平台的任务：与计划重合的合为一次检查。"""
    mapped = read_mapping(mapping) if mapping is not None else bureau_mapping()
    with transaction(house.engine) as session:
        refuse_demonstration(session)
        actor = deciding.sign(session, Role.CAMPAIGN_MANAGER)
        done = import_city_plan(session, file, mapped, actor=actor.name, now=utc_now())
    sentence = (
        f"读了 {done.read} 行：新任务 {done.new}，有变化 {done.changed}，没有变化 {done.unchanged}，"
        f"与计划重合 {done.merged}，有问题未导入 {done.bad}。"
    )
    report = _report(house, file, done.faults)
    counts = {
        "read": done.read, "new": done.new, "changed": done.changed, "unchanged": done.unchanged,
        "merged": done.merged, "bad": done.bad,
    }  # fmt: skip
    say_summary(sentence + (f"详情和改法见 {report}。" if report else ""), counts, as_json=False)


def _report(house: House, file: Path, faults: Sequence[Fault]) -> Path | None:
    if not faults:
        return None
    path = house.configuration.reports_directory / f"city-plan-{file.stem}-faults.xlsx"
    write_report(path, faults, [], [])
    return path


@year_plan.command("export")
@click.argument("year", type=YEAR)
@click.option(
    "--mapping", type=FILE, default=None, help="列对照文件（TOML）；没给就用“设置”页放入的，再没有就用样例"
)
@click.option("--out", type=FILE, required=True, help="写到哪个 CSV 文件")
@click.pass_obj
def export(house: House, year: int, *, mapping: Path | None, out: Path) -> None:
    """把市平台任务的完成情况按原来的列写成 CSV，供回填。"""
    mapped = read_mapping(mapping) if mapping is not None else bureau_mapping()
    with read_only(house.engine) as session:
        content = export_city_plan(session, year, mapped)
    out.write_bytes(content)
    click.echo(f"已写到 {out}。")
