"""The main job on SQLite and on PostgreSQL: files in, a public site out, and a lawful way off."""

import gzip
from datetime import date, datetime
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.audit import verify_audit
from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.units.search_keys import fill_search_keys
from inspections.units.service import import_units
from inspections.units.tables import CateringUnit, Premises
from inspections.visits.grading_run import grade_units
from inspections.visits.tables import Visit
from publishing.editions.drafting import save_draft
from publishing.editions.drafts import Draft, DraftLine
from publishing.editions.service import approve, publish_approved, withdraw
from publishing.site.service import publish
from tests.bureau import APPROVER, EDITOR, SECOND_APPROVER, add_visit, open_bureau

REGISTER = """主体名称,牌匾名称,许可证编号,统一社会信用代码,经营场所,街镇,业态,面积（㎡）,经营者是自然人
某区福满源餐饮有限公司,福满源饺子馆,JY21201119900016,,柳口路28号,杨柳镇,餐馆,120,否
周小娟,周记包子,JY21201119900024,,汇祥道16号,杨柳镇,小吃店,20,是
某区错号面馆,错号面馆,JY21201119900017,,汇祥道18号,杨柳镇,小吃店,20,否
"""
VISITED = date(2026, 10, 22)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, data_directory: Path) -> House:
    """A bureau's house on each of the two databases."""
    engine: Engine = request.getfixturevalue("database" if request.param == "sqlite" else "postgres")
    return House(Configuration(data=data_directory), engine)


def _published_bytes(house: House) -> bytes:
    """Every published byte, siblings decompressed, and the search file."""
    parts = [house.configuration.search_file.read_bytes()]
    for path in sorted(house.configuration.site_directory.rglob("*")):
        if path.suffix == ".gz":
            parts.append(gzip.decompress(path.read_bytes()))
        elif path.suffix == ".br":
            parts.append(brotli.decompress(path.read_bytes()))
        elif path.is_file():
            parts.append(path.read_bytes())
    return b"\n".join(parts)


def test_records_in_and_a_published_list_out(house: House, tmp_path: Path, now: datetime) -> None:
    open_bureau(house.engine, now)
    register = tmp_path / "register.csv"
    register.write_bytes(REGISTER.encode("gb18030"))
    with transaction(house.engine) as session:
        done = import_units(
            session, register, on=date(2026, 1, 5), now=now, actor=EDITOR, reports=tmp_path / "reports"
        )
        fill_search_keys(session)
    assert (done.read, done.new, done.bad) == (3, 2, 1)
    assert done.report is not None
    with transaction(house.engine) as session:
        good, bad = session.exec(select(CateringUnit.id).order_by("id")).all()
        add_visit(session, good or 0, VISITED, now)
        add_visit(session, bad or 0, VISITED, now, failed=["11", "16"], result="non_compliant")
    summary = grade_units(house.engine, on=civil_day(now), now=now, everything=True)
    assert summary.units == 2

    with transaction(house.engine) as session:
        red, black = session.exec(select(Visit.id).order_by("id")).all()
        lines = (
            DraftLine(1, "red", red or 0, ("检查的项目均符合要求",), no_personal_names=True),
            DraftLine(
                2,
                "black",
                black or 0,
                ("后厨地面积水",),
                "责令改正",
                told_on=date(2026, 11, 2),
                told_how="书面告知书当面送达",
                objection_until_on=date(2026, 11, 10),
                no_personal_names=True,
            ),
        )
        save_draft(session, Draft("2026-10", "冬日里的饺子馆", lines, 10), actor=EDITOR, now=now)
        approve(session, "2026-10", actor=APPROVER, now=now)
        approve(session, "2026-10", actor=SECOND_APPROVER, now=now)
    assert publish_approved(house.engine, now) == 1
    publish(house, now=now, workers=1)

    site = house.configuration.site_directory
    edition = (site / "editions" / "2026-10" / "index.html").read_text(encoding="utf-8")
    assert "福满源饺子馆" in edition
    assert "周记包子" in edition
    assert "责令改正" in edition
    with read_only(house.engine) as session:
        codes = session.exec(select(Premises.code).order_by("id")).all()
    storefront = (site / "s" / codes[1] / "index.html").read_text(encoding="utf-8")
    assert "周记包子" in storefront
    assert "个体经营者" in storefront
    published = _published_bytes(house)
    assert "周小娟".encode() not in published
    assert b"zhouxiaojuan" not in published

    with transaction(house.engine) as session:
        withdraw(session, "2026-10", number=2, reason="单位信息有误", actor=APPROVER, now=now)
    publish(house, now=now, workers=1)
    edition = (site / "editions" / "2026-10" / "index.html").read_text(encoding="utf-8")
    assert "周记包子" not in edition
    assert "后厨地面积水".encode() not in _published_bytes(house)
    with read_only(house.engine) as session:
        assert list(verify_audit(session)) == []
