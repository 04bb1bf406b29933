"""The same publication from PostgreSQL: first whole, then only what changed."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.changes import Subject, note_changes
from inspections.record.configuration import Configuration
from inspections.record.database import transaction
from inspections.record.house import House
from inspections.units.tables import Premises, UnitVersion
from tests.publishing.site.town import assert_whole, settle, town_of


@pytest.mark.postgres
def test_postgresql_is_published_like_sqlite(postgres: Engine, tmp_path: Path, now: datetime) -> None:
    settle(postgres, now)
    url = postgres.url.render_as_string(hide_password=False)
    town = town_of(House(Configuration(data=tmp_path / "data", database_url=url), postgres))
    assert town.publish(now).was_full
    assert town.publish(now).written == 0
    with transaction(postgres) as session:
        version = session.exec(select(UnitVersion).where(UnitVersion.unit_id == town.units["tea"])).one()
        version.sign_name = "清心茶铺"
        session.add(version)
        doors = [door.id or 0 for door in session.exec(select(Premises))]
        note_changes(session, Subject.PREMISES, doors)
    assert town.publish(now).written == 1
    assert "清心茶铺" in town.storefront("tea")
    assert_whole(town)
