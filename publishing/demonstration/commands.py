"""Commands that fill an empty data directory with demonstration data."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from inspections.record.clock import utc_now
from inspections.record.database import read_only
from inspections.record.house import House
from inspections.surface.terminal import say_summary
from publishing.demonstration.nominations import seed_nominations
from publishing.demonstration.numbers import MOST_NUMBERS
from publishing.demonstration.queries import is_left_alone
from publishing.demonstration.service import Progress, seed_demonstration
from publishing.demonstration.staff import PASSWORD_FILE
from publishing.demonstration.synthetic import seed_synthetic

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar


@click.group("seed")
def seed() -> None:
    """往空的数据目录里写演示数据。"""


@seed.command("demo")
@click.option("--if-empty", is_flag=True, help="目录里已有数据就什么也不做")
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出结果")
@click.pass_obj
def demo(house: House, *, if_empty: bool, as_json: bool) -> None:
    """写入虚构的示范区：约六百家单位、两年检查、十二期红黑榜、进行中的一期抽查。"""
    if if_empty:
        with read_only(house.engine) as session:
            if is_left_alone(session):
                return
    with _bar("写入演示数据") as progress:
        summary = seed_demonstration(
            house.engine,
            house.configuration.data,
            now=utc_now(),
            public_address=house.configuration.public_url,
            progress=progress,
        )
    counts = {
        "on": summary.on,
        "units": summary.units,
        "visits": summary.visits,
        "editions": summary.editions,
        "entries": summary.entries,
        "changed": summary.changed,
    }
    if not summary.changed:
        say_summary(f"演示数据已经在这里（{summary.on} 写入），没有改动。", counts, as_json=as_json)
        return
    seed_nominations(house, utc_now())
    say_summary(
        f"演示数据已写入（截至 {summary.on}）：{summary.units} 家单位、{summary.visits} 次检查、"
        f"{summary.editions} 期榜单共 {summary.entries} 条。"
        f"演示账号的密码在 {house.configuration.data / PASSWORD_FILE}。",
        counts,
        as_json=as_json,
    )


@seed.command("synthetic")
@click.option("--units", type=click.IntRange(1, MOST_NUMBERS), required=True, help="写多少家单位")
@click.option("--visits", "visits_each", type=click.IntRange(0, 60), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出结果")
@click.pass_obj
def synthetic(house: House, *, units: int, visits_each: int, as_json: bool) -> None:
    """写入很多虚构单位和检查，用来量速度。"""
    with _bar("写入合成数据") as progress:
        summary = seed_synthetic(
            house.engine, units=units, visits_each=visits_each, now=utc_now(), progress=progress
        )
    say_summary(
        f"合成数据已写入：{summary.units} 家单位、{summary.visits} 次检查；还没有评定和公示。",
        {"units": summary.units, "visits": summary.visits},
        as_json=as_json,
    )


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    """A progress bar on standard error, shown once there is progress to show."""
    with ExitStack() as shown:
        bars: list[ProgressBar[int]] = []

        def progress(done: int, total: int) -> None:
            if not bars:
                bars.append(
                    shown.enter_context(click.progressbar(length=total, label=label, file=sys.stderr))
                )
            bars[0].update(done - bars[0].pos)

        yield progress
