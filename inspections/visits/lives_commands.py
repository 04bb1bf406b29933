"""The command that imports a LIVES feed."""

from dataclasses import asdict
from pathlib import Path

import click

from inspections.people.commands import Deciding, asks_who_decides
from inspections.people.tables import Role
from inspections.record.clock import today, utc_now
from inspections.record.command_line import CLI
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.record.marks import refuse_demonstration
from inspections.surface.terminal import say_summary
from inspections.visits.lives_importing import import_feed


@click.command("lives")
@click.argument("directory", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="最后一行写成 JSON")
@asks_who_decides
@click.pass_obj
def import_lives(house: House, *, directory: Path, as_json: bool, deciding: Deciding) -> None:
    """把城市公布的 LIVES 数据（文件夹或 ZIP）导入一个专用的数据目录。"""
    with transaction(house.engine) as session:
        refuse_demonstration(session)
        actor = deciding.sign(session, Role.EDITOR)
    done = import_feed(
        house.engine,
        directory,
        on=today(),
        now=utc_now(),
        actor=actor.name,
        reports=house.configuration.reports_directory,
    )
    for file in done.files:
        click.echo(f"{file.name}\t{file.rows} 行 = 载入 {file.loaded} + 列出原因 {file.named}")
    sentence = (
        f"单位：新增 {done.new_units}，有变化 {done.changed_units}，"
        f"这次没有的 {done.absent_units}（不当作停业）；"
        f"检查：新增 {done.new_visits}，更正 {done.corrected_visits}，没有变化 {done.unchanged_visits}；"
        f"提示 {done.notes} 条。未载入的行逐条写在 {done.report}。"
    )
    if done.batch_id is not None:
        sentence += f"批次 {done.batch_id} 尚未公开；核对后运行 {CLI} visits release {done.batch_id}。"
    say_summary(sentence, asdict(done), as_json=as_json)
