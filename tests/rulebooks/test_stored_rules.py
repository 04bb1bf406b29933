"""Promises of stored rules: versions never change; a bureau's own values are signed and kept."""

import shutil
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import Session, select

from grading.errors import GradingError
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.evidence import KeptDocument
from inspections.record.house import House
from inspections.record.tables import AuditEvent
from inspections.rulebooks.commands import rulebook
from inspections.rulebooks.files import SEEDS
from inspections.rulebooks.queries import (
    RulesError,
    checklist_version,
    newest_checklist,
    newest_rulebook,
    rulebook_version,
    schemes_in_force,
    shelf_of,
)
from inspections.rulebooks.service import contradictions, enter_cell, load_seeds
from inspections.rulebooks.tables import EnteredCell, RulebookVersion, VersionInUse
from tests.bureau import ADMINISTRATOR, APPROVER, EDITOR, PASSWORD, open_bureau

DOCUMENT = KeptDocument("决定.pdf", "ab" * 32)


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the shipped seeds that a test may change."""
    for name in ("rulebooks", "checklists"):
        shutil.copytree(SEEDS / name, tmp_path / "seeds" / name)
    return tmp_path / "seeds"


def _change(seeds: Path) -> Path:
    path = seeds / "rulebooks" / "tianjin-2017" / "scheme.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# 一处修改\n", encoding="utf-8")
    return path


def test_loading_the_same_seeds_again_adds_nothing(database: Engine, now: datetime, seeds: Path) -> None:
    with transaction(database) as session:
        first = load_seeds(session, actor="a", now=now, seeds=seeds)
        second = load_seeds(session, actor="a", now=now, seeds=seeds)
        versions = len(session.exec(select(RulebookVersion)).all())
    assert "tianjin-2017" in first.rulebooks
    assert "cn-catering-2022" in first.checklists
    assert (second.rulebooks, second.checklists, second.holdings) == ((), (), False)
    assert versions == len(first.rulebooks)


def test_a_changed_seed_file_is_a_new_row_and_the_old_row_stays_as_it_was(
    database: Engine, now: datetime, seeds: Path
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
        before = newest_rulebook(session, "tianjin-2017")
        text = session.get_one(RulebookVersion, before.version_id).text
    _change(seeds)
    later = now + timedelta(days=1)
    with transaction(database) as session:
        assert load_seeds(session, actor="b", now=later, seeds=seeds).rulebooks == ("tianjin-2017",)
        after = newest_rulebook(session, "tianjin-2017")
        assert after.version_id != before.version_id
        assert session.get_one(RulebookVersion, before.version_id).text == text
        assert newest_rulebook(session, "tianjin-2017", known_by=now).version_id == before.version_id
        assert rulebook_version(session, before.version_id).sha256 == before.sha256


def test_a_seed_changed_back_uses_its_old_row_again(database: Engine, now: datetime, seeds: Path) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
        first = newest_rulebook(session, "tianjin-2017").version_id
        path = _change(seeds)
        load_seeds(session, actor="a", now=now, seeds=seeds)
        path.write_text(path.read_text(encoding="utf-8").replace("# 一处修改\n", ""), encoding="utf-8")
        load_seeds(session, actor="a", now=now, seeds=seeds)
        assert newest_rulebook(session, "tianjin-2017").version_id == first
        used = session.exec(select(VersionInUse.version_id).where(VersionInUse.name == "tianjin-2017")).all()
    assert len(used) == 3


def test_every_loading_is_in_the_audit_chain_with_who_and_what(
    database: Engine, now: datetime, seeds: Path
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="李伟", now=now, seeds=seeds)
        events = session.exec(select(AuditEvent).where(AuditEvent.event == "rules_loaded")).all()
        used = len(session.exec(select(VersionInUse)).all())
    assert len(events) == used
    assert {event.actor for event in events} == {"李伟"}


def test_line_ends_of_a_seed_make_no_new_version(database: Engine, now: datetime, seeds: Path) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
        path = seeds / "rulebooks" / "tianjin-2017" / "values.yaml"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert load_seeds(session, actor="a", now=now, seeds=seeds).rulebooks == ()


def test_a_faulty_seed_is_refused_whole(database: Engine, now: datetime, seeds: Path) -> None:
    path = seeds / "rulebooks" / "tianjin-2017" / "values.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\nnonsense: [", encoding="utf-8")
    with pytest.raises(GradingError, match=r"values\.yaml"), transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
    with read_only(database) as session:
        assert session.exec(select(RulebookVersion)).all() == []


def test_an_entered_value_is_a_new_version_with_local_basis_from_its_day(
    database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
        before = newest_rulebook(session, "tianjin-2020")
        enter_cell(
            session,
            scheme="tianjin-2020",
            cell="visits_counted",
            value="1",
            from_day=date(2026, 12, 1),
            document=DOCUMENT,
            actor="赵强",
            now=now,
        )
        after = newest_rulebook(session, "tianjin-2020")
        row = session.exec(select(EnteredCell)).one()
    cell = after.rulebook.cells["visits_counted"]
    on_the_day, day_before = cell.on(date(2026, 12, 1)), cell.on(date(2026, 11, 30))
    assert on_the_day is not None
    assert (on_the_day.value, str(on_the_day.basis), on_the_day.account) == (1, "local", "赵强")
    assert day_before is not None
    assert day_before.value is None
    assert before.rulebook.cells["visits_counted"].on(date(2026, 12, 1)) == day_before
    assert (row.rulebook_version_id, row.document_sha256) == (after.version_id, DOCUMENT.sha256)


def test_a_changed_seed_keeps_what_the_bureau_entered(database: Engine, now: datetime, seeds: Path) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
        enter_cell(
            session,
            scheme="tianjin-2017",
            cell="visits_counted",
            value="2",
            from_day=date(2026, 1, 1),
            document=DOCUMENT,
            actor="赵强",
            now=now,
        )
        _change(seeds)
        load_seeds(session, actor="a", now=now, seeds=seeds)
        entry = newest_rulebook(session, "tianjin-2017").rulebook.cells["visits_counted"].on(date(2026, 1, 1))
    assert entry is not None
    assert entry.value == 2


def test_an_entered_value_that_a_changed_seed_has_no_place_for_does_not_count_and_is_told(
    database: Engine, now: datetime, seeds: Path
) -> None:
    later = now + timedelta(days=1)
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now, seeds=seeds)
        _enter(session, now, "adjust_years_later", "2")
        _enter(session, now, "forced_grades", "[{is: B}]")
    values = seeds / "rulebooks" / "tianjin-2020" / "values.yaml"
    text = values.read_text(encoding="utf-8")
    values.write_text(text.replace("to: 10}", "to: 1}"), encoding="utf-8")
    with transaction(database) as session:
        loaded = load_seeds(session, actor="a", now=later, seeds=seeds)
        cells = newest_rulebook(session, "tianjin-2020").rulebook.cells
        years, forced = (
            cells[name].on(date(2026, 12, 1)) for name in ("adjust_years_later", "forced_grades")
        )
        assert years is not None
        assert forced is not None
        assert (years.value, forced.basis) == (None, "local")
        assert "tianjin-2020 的 adjust_years_later（自 2026-12-01，赵强录入）" in loaded.unfit[0]
        assert "应是一个整数（不小于 0、不大于 1）" in loaded.unfit[0]
        _enter(session, later, "adjust_years_later", "1")
        assert load_seeds(session, actor="a", now=later, seeds=seeds).unfit == ()
        again = newest_rulebook(session, "tianjin-2020").rulebook.cells["adjust_years_later"]
    entry = again.on(date(2026, 12, 1))
    assert entry is not None
    assert entry.value == 1


def test_a_value_of_the_wrong_shape_or_for_an_unknown_cell_is_refused(
    database: Engine, now: datetime
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
    for cell, value in (("visits_counted", "many"), ("no_such_cell", "1"), ("visits_counted", "[1, ")):
        with pytest.raises(GradingError), transaction(database) as session:
            enter_cell(
                session,
                scheme="tianjin-2020",
                cell=cell,
                value=value,
                from_day=date(2026, 12, 1),
                document=DOCUMENT,
                actor="赵强",
                now=now,
            )
    with read_only(database) as session:
        assert session.exec(select(EnteredCell)).all() == []


def test_a_veto_item_that_its_checklist_does_not_have_is_refused(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
    with pytest.raises(GradingError, match=r"2\.44 不是检查表"), transaction(database) as session:
        _enter(session, now, "veto_items.cn-catering-2022", '["2.44"]')
    with read_only(database) as session:
        assert session.exec(select(EnteredCell)).all() == []


def test_an_entered_value_by_which_a_worse_visit_gives_a_better_grade_is_pointed_out(
    database: Engine, now: datetime
) -> None:
    on = date(2026, 12, 1)
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
        sound = _enter(session, now, "grade_matrix.I.non_compliant", "B", scheme="demo-local")
        assert contradictions(session, sound, on) == []
        odd = _enter(session, now, "grade_matrix.I.non_compliant", "A", scheme="demo-local")
        said = contradictions(session, odd, on)
        assert "检查为 basically_compliant 时得 B，为 non_compliant 时得 A" in said
        unfinished = _enter(session, now, "grade_matrix.I.non_compliant", "A", scheme="tianjin-2020")
        assert contradictions(session, unfinished, on) == []


def _enter(session: Session, now: datetime, cell: str, value: str, scheme: str = "tianjin-2020") -> int:
    return enter_cell(
        session, scheme=scheme, cell=cell, value=value, from_day=date(2026, 12, 1),
        document=DOCUMENT, actor="赵强", now=now,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "scheme"),
    [
        (date(2016, 11, 30), None),
        (date(2016, 12, 1), "national-2016"),
        (date(2022, 3, 14), "national-2016"),
        (date(2022, 3, 15), "order49-2022"),
    ],
)
def test_the_result_rule_changes_on_the_day_the_order_takes_effect(
    database: Engine, now: datetime, on: date, scheme: str | None
) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
        assert shelf_of(session).scheme_for("result", "restaurant", on) == scheme


def test_schemes_in_force_name_their_unit_types_and_first_day(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
        found = {row.purpose: row for row in schemes_in_force(session, date(2026, 11, 24))}
    assert found["grade"].scheme == found["grade"].stored.rulebook.scheme == "tianjin-2020"
    assert found["grade"].from_on == date(2020, 3, 30)
    assert "restaurant" in found["result"].unit_types


def test_unknown_names_are_answered_with_the_known_ones(database: Engine, now: datetime) -> None:
    with transaction(database) as session:
        load_seeds(session, actor="a", now=now)
        with pytest.raises(RulesError, match="tianjin-2020"):
            newest_rulebook(session, "tianjin-2099")
        with pytest.raises(RulesError, match="cn-catering-2022"):
            newest_checklist(session, "cn-catering-2099")
        with pytest.raises(RulesError, match="备份"):
            rulebook_version(session, 999)
        with pytest.raises(RulesError, match="备份"):
            checklist_version(session, 999)


@pytest.fixture
def run(database: Engine, data_directory: Path, tmp_path: Path, now: datetime) -> Callable[..., Result]:
    """Runs `rulebook …` in an opened bureau."""
    open_bureau(database, now)
    house = House(Configuration(data=data_directory), database)

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(rulebook, list(arguments), obj=house)

    return invoke


def test_rulebook_check_says_line_by_line_what_is_wrong(run: Callable[..., Result], seeds: Path) -> None:
    folder = seeds / "rulebooks" / "tianjin-2017"
    path = folder / "scheme.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("step:", "stepp:"), encoding="utf-8")
    result = run("check", str(folder))
    assert result.exit_code != 0
    assert "scheme.yaml 第" in result.output
    assert "改法" in result.output


def test_rulebook_check_passes_every_shipped_rulebook(run: Callable[..., Result]) -> None:
    for name in ("tianjin-2020", "demo-local"):
        result = run("check", str(SEEDS / "rulebooks" / name))
        assert result.exit_code == 0, result.output
        assert "没有错误" in result.output


def test_rulebook_missing_lists_what_the_bureau_must_decide(run: Callable[..., Result]) -> None:
    result = run("missing", "tianjin-2020", "--on", "2026-11-24")
    assert "grade_matrix" in result.output
    assert "个值待定" in result.output


def test_only_an_approver_enters_a_value(
    run: Callable[..., Result], tmp_path: Path, database: Engine, data_directory: Path
) -> None:
    document, password = tmp_path / "决定.pdf", tmp_path / "password"
    document.write_bytes(b"%PDF decision")
    password.write_text(PASSWORD, encoding="utf-8")
    entry = ["enter", "tianjin-2020", "visits_counted", "1", "--from", "2026-12-01", "--document"]
    signing = ["--password-file", str(password), "--account"]
    for name in (EDITOR, ADMINISTRATOR):
        assert run(*entry, str(document), *signing, name).exit_code != 0
    accepted = run(*entry, str(document), *signing, APPROVER)
    assert accepted.exit_code == 0, accepted.output
    with read_only(database) as session:
        row = session.exec(select(EnteredCell)).one()
        assert row.entered_by == APPROVER
    kept = data_directory / "evidence" / row.document_sha256[:2] / row.document_sha256
    assert kept.read_bytes() == b"%PDF decision"
