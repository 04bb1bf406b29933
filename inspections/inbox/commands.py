"""The command that brings the house's databases to the newest schema: the operational one and the Inbox's."""

import click
from sqlalchemy import Engine

from inspections.inbox.store import INBOX, open_inbox
from inspections.record.house import House
from inspections.record.migrate import HOUSE, Schema, revision_of
from inspections.record.migrate import migrate as run_migrations


@click.command("migrate")
@click.pass_obj
def migrate(house: House) -> None:
    """把数据库升级到程序需要的结构；可以重复运行。"""
    # The Inbox's own user can open no other database.
    if house.configuration.surface != "inbox":
        _migrated("数据库", house.engine, HOUSE)
    _migrated("收件箱", open_inbox(house.configuration.effective_inbox_url), INBOX)


def _migrated(name: str, engine: Engine, schema: Schema) -> None:
    before = run_migrations(engine, schema=schema)
    after = revision_of(engine)
    said = "（没有变化）" if before == after else f"（原来是{before or '空'}）"
    click.echo(f"{name}结构：{after}{said}。")
