"""Commands of tablets: the one-time code with which a new one registers itself."""

import click

from inspections.people.commands import Deciding, asks_who_decides, people
from inspections.people.tables import Role
from inspections.people.tablets import make_enrolment
from inspections.record.clock import utc_now
from inspections.record.database import transaction
from inspections.record.house import House

__all__ = ["people"]


@people.command("tablet-code")
@click.option("--label", prompt="平板名称", help="贴在机身上的编号，例如“执法平板03”")
@asks_who_decides
@click.pass_obj
def tablet_code(house: House, *, label: str, deciding: Deciding) -> None:
    """由管理员开一个一次性登记码，一天内有效，供一台新平板登录时使用。"""
    with transaction(house.engine) as session:
        actor = deciding.sign(session, Role.ADMINISTRATOR)
        code = make_enrolment(session, label=label, actor=actor.name, now=utc_now())
    click.echo(f"“{label.strip()}”的登记码：{code}（用一次，24 小时内有效；这里之后不再显示）")
