"""Promises of `verify`: what is whole is called whole, and one altered byte anywhere is named."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text
from sqlmodel import select

from inspections.inbox.store import INBOX
from inspections.record.clock import civil_day
from inspections.record.command_line import CLI
from inspections.record.configuration import Configuration
from inspections.record.database import open_database, transaction
from inspections.record.evidence import keep_document
from inspections.record.house import House, open_house
from inspections.record.migrate import migrate
from inspections.rulebooks.service import enter_cell
from inspections.visits.grading_run import grade_units
from inspections.visits.tables import Visit
from publishing.commands import verify as verify_command
from publishing.editions.drafting import save_draft
from publishing.editions.drafts import Draft, DraftLine
from publishing.editions.importing import import_editions_file
from publishing.editions.service import approve
from publishing.site.service import publish
from publishing.verification import verify
from tests.bureau import APPROVER, DUMPLINGS, EDITOR, add_units, add_visit, open_bureau
from tests.conftest import NOW

VISITED = date(2026, 10, 22)
STRUCTURE = Path(__file__).resolve().parents[2] / "seeds" / "editions" / "structure.json"


def _keep_one_of_everything(house: House) -> None:
    engine, reports = house.engine, house.configuration.reports_directory
    open_bureau(engine, NOW)
    paper = house.configuration.data / "decision.txt"
    paper.write_text("本局决定：两次检查间隔不超过 12 个月。", encoding="utf-8")
    with transaction(engine) as session:
        (unit_id,) = add_units(session, [DUMPLINGS], NOW)
        add_visit(session, unit_id, VISITED, NOW, failed=["11"], key="R1")
        enter_cell(
            session,
            scheme="tianjin-2020",
            cell="months_to_next_visit.A",
            value="12",
            from_day=date(2026, 1, 1),
            document=keep_document(house.configuration.evidence_directory, paper),
            actor=APPROVER,
            now=NOW,
        )
        visit_id = session.exec(select(Visit.id)).one() or 0
        line = DraftLine(1, "red", visit_id, ("所查项目均符合要求",), no_personal_names=True)
        save_draft(session, Draft(month="2026-10", theme="饺子馆", lines=(line,)), actor=EDITOR, now=NOW)
        approve(session, "2026-10", actor=APPROVER, now=NOW)
    inbox = open_database(house.configuration.effective_inbox_url)
    migrate(inbox, schema=INBOX)
    inbox.dispose()
    import_editions_file(engine, STRUCTURE, actor=EDITOR, now=NOW, reports=reports)
    grade_units(engine, on=civil_day(NOW), now=NOW)
    publish(house, now=NOW)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A bureau's data directory with one of everything that is kept; tests copy it."""
    data = tmp_path_factory.mktemp("kept") / "data"
    data.mkdir()
    shutil.copyfile(migrated_file, data / "honghei.sqlite")
    house = open_house(Configuration(data=data))
    _keep_one_of_everything(house)
    with house.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    house.engine.dispose()
    return data


@pytest.fixture
def kept(made_once: Path, tmp_path: Path) -> Iterator[House]:
    """A copy of that bureau for one test."""
    data = tmp_path / "kept"
    shutil.copytree(made_once, data)
    house = open_house(Configuration(data=data))
    yield house
    house.engine.dispose()


def _faults(house: House) -> dict[str, tuple[str, ...]]:
    return {one.part: one.faults for one in verify(house, NOW) if one.faults}


def test_what_is_whole_is_called_whole_and_every_part_is_looked_at(kept: House) -> None:
    found = list(verify(kept, NOW))
    assert [one for one in found if one.faults] == []
    assert all(one.looked_at for one in found)
    assert len(found) == 9


@pytest.mark.postgres
def test_on_postgresql_the_same_is_looked_at_but_for_the_servers_own_files(
    postgres: Engine, tmp_path: Path
) -> None:
    house = House(Configuration(data=tmp_path), postgres)
    _keep_one_of_everything(house)
    found = list(verify(house, NOW))
    assert [one for one in found if one.faults] == []
    assert {one.part for one in found if one.looked_at == 0} == {"数据库文件"}
    with transaction(postgres) as session:
        session.connection().execute(text("UPDATE audit_events SET actor = '李维' WHERE id = 3"))
    assert "第 3 条" in _faults(house)["审计链"][0]


@pytest.mark.parametrize(
    ("alteration", "part", "named"),
    [
        ("UPDATE audit_events SET actor = '李维' WHERE id = 3", "审计链", "第 3 条"),
        ("UPDATE rulebook_versions SET text = REPLACE(text, '12', '13') WHERE scheme = 'tianjin-2020'",
         "规则和要点表", "规则 tianjin-2020"),
        ("UPDATE checklist_versions SET text = REPLACE(text, '许可', '许司')", "规则和要点表", "要点表 cn-"),
        ("UPDATE holdings_versions SET text = text || ' '", "规则和要点表", "适用范围"),
        ("UPDATE visits SET answers = REPLACE(answers, 'F', 'P')", "检查记录", "检查记录 R1"),
        ("UPDATE findings SET note = '地面有水'", "检查记录", "检查记录 R1"),
        ("DELETE FROM findings", "检查记录", "检查记录 R1"),
        ("UPDATE visits SET kind = 'dbily'", "检查记录", "读不下去"),
        ("UPDATE derivations SET text = REPLACE(text, '检查', '检察')", "评定推导", "推导 1 "),
        ("UPDATE verdicts SET grade = 'A'", "评定推导", "评定 1 "),
        ("UPDATE visit_results SET suggested_result = 'compliant'", "评定推导", "检查结果建议 1 "),
        ("UPDATE visit_results SET facts = '{'", "评定推导", "读不出来"),
        ("UPDATE edition_versions SET text = REPLACE(text, '饺', '面')", "榜单各稿", "榜单 2026-10 第 1 稿"),
        ("UPDATE edition_versions SET text = REPLACE(text, '红', '黑')", "榜单各稿", "榜单 h-"),
        ("UPDATE editions SET draft_hash = 'none' WHERE month IS NOT NULL", "榜单各稿", "现用的稿子"),
        ("UPDATE edition_approvals SET draft_hash = 'none'", "榜单各稿", f"{APPROVER}审批的稿子"),
    ],
)  # fmt: skip
def test_one_altered_value_in_the_database_is_named(
    kept: House, alteration: str, part: str, named: str
) -> None:
    with transaction(kept.engine) as session:
        changed = session.connection().execute(text(alteration))
        assert changed.rowcount > 0
    faults = _faults(kept)
    assert any(named in fault for fault in faults[part]), faults


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _document(house: House) -> Path:
    return next(house.configuration.evidence_directory.glob("*/*"))


def _files(house: House) -> Iterator[Path]:
    site = house.configuration.site_directory
    yield from (site / "index.html", site / "about/index.html.gz", site / "rules/index.html.br")
    yield site / "publication.json"
    yield _document(house)


@pytest.mark.parametrize("place", range(5))
def test_one_flipped_byte_in_a_file_is_named(kept: House, place: int) -> None:
    damaged = list(_files(kept))[place]
    _flip(damaged)
    (faults,) = _faults(kept).values()
    (fault,) = faults
    assert damaged.name.removesuffix(".gz").removesuffix(".br") in fault


@pytest.mark.parametrize(
    ("act", "named"),
    [
        (
            lambda house: (house.configuration.site_directory / "about/index.html").unlink(),
            "about/index.html",
        ),
        (
            lambda house: (house.configuration.site_directory / "s/spy.html").write_text("x"),
            "s/spy.html 不在",
        ),
        (lambda house: _document(house).unlink(), "tianjin-2020 的 months_to_next_visit.A"),
        (lambda house: house.configuration.search_file.write_bytes(b"SQLite format 3\0" * 300), "查找文件"),
    ],
)
def test_what_is_missing_or_came_from_elsewhere_is_named(
    kept: House, act: Callable[[House], object], named: str
) -> None:
    act(kept)
    faults = [fault for part in _faults(kept).values() for fault in part]
    assert len(faults) == 1
    assert named in faults[0]


def test_a_page_whose_writing_was_cut_short_asks_for_a_publication(kept: House) -> None:
    with transaction(kept.engine) as session:
        session.connection().execute(
            text("UPDATE site_pages SET facts_sha256 = '' WHERE path = 'index.html'")
        )
    assert _faults(kept) == {"已发布的网站": (f"index.html 没有写完；运行 {CLI} publish --full 重写",)}


def test_what_a_killed_process_was_writing_is_no_evidence(kept: House) -> None:
    (_document(kept).parent / "tmp123.part").write_bytes(b"half")
    assert _faults(kept) == {}


def test_the_command_names_faults_and_fails(kept: House) -> None:
    whole = CliRunner().invoke(verify_command, [], obj=kept)
    assert whole.exit_code == 0, whole.output
    assert "全部完好" in whole.output.splitlines()[-1]
    _flip(_document(kept))
    ran = CliRunner().invoke(verify_command, ["--json"], obj=kept)
    assert ran.exit_code == 1
    assert f"{_document(kept).parent.name}/" in ran.output
    assert '"faults": 1' in ran.output.splitlines()[-1]


def test_an_unopened_directory_has_nothing_that_could_be_wrong(database: Engine, tmp_path: Path) -> None:
    house = House(Configuration(data=tmp_path), database)
    ran = CliRunner().invoke(verify_command, [], obj=house)
    assert ran.exit_code == 0, ran.output


@pytest.mark.parametrize("closed", ["index.html", "s", "search/search.sqlite"])
def test_what_is_published_and_only_our_own_user_can_read_is_named_where_others_serve_it(
    kept: House, closed: str
) -> None:
    place = kept.configuration.site_directory / closed
    if closed.startswith("search"):
        place = kept.configuration.search_file
    place.chmod(place.stat().st_mode & ~0o005)
    assert _faults(kept) == {}, "one process serves its own files"
    several = replace(kept, configuration=kept.configuration.model_copy(update={"surface": "staff"}))
    (fault,) = _faults(several)["已发布的网站"]
    assert fault.startswith(f"{place} 只有自己的用户读得到，nginx 和检索打不开")
    assert "UMask" in fault
