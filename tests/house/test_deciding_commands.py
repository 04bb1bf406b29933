"""Promises of commands that decide: each asks for the role that the desk asks for; an auditor only reads."""

from datetime import datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from inspections.people.service import add_account
from inspections.people.tables import Role
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.surface.terminal import for_people
from inspections.units.commands import import_units, units
from inspections.visits.commands import import_visits, visits
from publishing.editions.commands import edition, import_editions
from tests.bureau import ADMINISTRATOR, DUMPLINGS, PASSWORD, add_units, add_visit, open_bureau
from tests.publishing.editions.conftest import VISITED

AUDITOR = "周正"


@pytest.mark.parametrize(
    ("command", "words", "role"),
    [
        (visits, ("release", "1", "--yes"), "编辑"),
        (import_visits, ("visits.csv",), "编辑"),
        (units, ("confirm", "1"), "编辑"),
        (units, ("reject", "1"), "编辑"),
        (units, ("key", "2222-2222", "--pinyin", "fumanyuan", "--initials", "fmy"), "编辑"),
        (import_units, ("units.csv",), "编辑"),
        (edition, ("publish", "2026-10"), "审批"),
        (import_editions, ("editions.json",), "编辑"),
    ],
)
def test_an_auditor_decides_nothing_by_a_command(
    database: Engine, tmp_path: Path, now: datetime, command: click.Command, words: tuple[str, ...], role: str
) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        (unit,) = add_units(session, [DUMPLINGS], now)
        add_visit(session, unit, VISITED, now, release=False)
        add_account(
            session, name=AUDITOR, password=PASSWORD, roles=[Role.AUDITOR], actor=ADMINISTRATOR, now=now
        )
    password = tmp_path / "password"
    password.write_text(PASSWORD, encoding="utf-8")
    signing = ["--account", AUDITOR, "--password-file", str(password)]
    house = House(Configuration(data=tmp_path), database)
    refused = CliRunner().invoke(for_people(command), [*words, *signing], obj=house)
    assert refused.exit_code == 1
    assert f"没有“{role}”角色" in refused.output
