"""Promises of the preview of a reform: it says what would happen, all of it, and changes nothing."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, inspect, text

from grading.derivation import replay
from grading.errors import RulebookError
from grading.facts import DecidedVisit, UnitFacts
from grading.holdings import Holding, Holdings
from grading.outcomes import Outlook
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.rulebooks.drafts import draft_at
from inspections.rulebooks.files import SEEDS
from inspections.rulebooks.queries import RulesError, Shelf, checklist_version, newest_checklist, shelf_of
from inspections.rulebooks.service import load_seeds
from inspections.visits.grading_run import grade_units
from inspections.visits.queries import grades_of
from inspections.visits.reform.commands import preview_reform
from inspections.visits.reform.preview import DIMENSIONS, Preview, aligned, preview
from inspections.visits.reform.span import KINDS, AllGradings, ReformWorker, Side
from inspections.visits.run_queries import Span, UnitRow, UnitVisits
from tests.grading.shipped import rulebook
from tests.visits.reform.town import CHAIN, REFORM_ON, build_town, write_reform


@pytest.fixture
def town(database: Engine, now: datetime) -> list[int]:
    """Units with visits under the rules as shipped."""
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now)
    return build_town(database, now)


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A reform of those rules."""
    return write_reform(tmp_path / "draft")


@pytest.fixture
def run(database: Engine, data_directory: Path) -> Callable[..., Result]:
    """Runs `rulebook preview`."""
    house = House(Configuration(data=data_directory), database)
    commands = click.Group(commands=[preview_reform])
    return lambda *words: CliRunner().invoke(commands, ["preview", *map(str, words)], obj=house)


def _preview(database: Engine, path: Path, **options: object) -> Preview:
    return preview(database, text=draft_at(path).text, on=REFORM_ON, **options)  # type: ignore[arg-type]  # options


def _everything(database: Engine) -> dict[str, list[tuple[object, ...]]]:
    with database.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))]  # noqa: S608
            for name in inspect(database).get_table_names()
        }


def test_what_the_preview_says_is_what_then_happens(
    database: Engine, now: datetime, town: list[int], draft: Path, tmp_path: Path
) -> None:
    found = _preview(database, draft)
    grade_units(database, on=REFORM_ON, now=now)
    with read_only(database) as session:
        before = {id_: one.level for id_, one in grades_of(session, town, REFORM_ON).items()}
    for name in ("rulebooks", "checklists"):
        shutil.copytree(SEEDS / name, tmp_path / "seeds" / name)
    for path in draft.iterdir():
        shutil.copy(path, tmp_path / "seeds" / "rulebooks" / "demo-local" / path.name)
    with transaction(database) as session:
        load_seeds(session, actor="甲", now=now + timedelta(days=1), seeds=tmp_path / "seeds")
    grade_units(database, on=REFORM_ON, now=now + timedelta(days=1))
    with read_only(database) as session:
        after = {id_: one.level for id_, one in grades_of(session, town, REFORM_ON).items()}
    happened = Counter((before[id_], after[id_]) for id_ in town if before[id_] != after[id_])
    said = Counter({(old[0], new[0]): n for old, new, n in found.of_kind("grade")})
    assert happened
    assert said == happened


def test_nothing_is_stored(database: Engine, town: list[int], draft: Path) -> None:
    before = _everything(database)
    assert _preview(database, draft).changes
    assert _everything(database) == before


def test_every_kind_of_change_is_counted_by_type_street_and_chain(
    database: Engine, town: list[int], draft: Path
) -> None:
    found = _preview(database, draft)
    assert found.units == len(town)
    assert all(found.total(kind) for kind in KINDS)
    for dimension in DIMENSIONS:
        rows = found.by(dimension)
        for place, kind in enumerate(KINDS):
            assert sum(counts[place] for _, counts in rows) == found.total(kind)
    assert {value for value, _ in found.by("街道")} == {"杨柳镇", "张家窝镇"}
    assert CHAIN in {value for value, _ in found.by("连锁")}
    assert {value for value, _ in found.by("业态")} >= {"餐馆", "学校食堂"}


def test_each_kind_of_change_has_one_derivation_side_by_side(
    database: Engine, town: list[int], draft: Path
) -> None:
    found = _preview(database, draft)
    assert {(one.kind, one.before, one.after): one.count for one in found.examples} == found.counts
    for example in found.examples:
        before = [line.before for line in example.lines]
        after = [line.after for line in example.lines]
        assert any(line.startswith("结论：") for line in before)
        assert any(line.startswith("结论：") for line in after)
        assert not all(line.same for line in example.lines)
        if example.kind != "frequency":
            assert any(example.before in line for line in before)
            assert any(example.after in line for line in after)


def test_both_derivations_of_an_example_give_their_values_without_the_rules(
    database: Engine, town: list[int], draft: Path
) -> None:
    worker = ReformWorker(database, REFORM_ON, draft_at(draft).text)
    examples = worker(Span(town[0], town[-1])).examples
    for (kind, before, after), example in examples.items():
        if kind != "frequency":
            assert replay(example.before.derivation, example.before.facts)["value"] == before
            assert replay(example.after.derivation, example.after.facts)["value"] == after


def test_further_processes_say_the_same(database: Engine, town: list[int], draft: Path) -> None:
    assert _preview(database, draft, processes=1) == _preview(database, draft, processes=0)


def test_a_draft_that_changes_nothing_says_so(
    database: Engine, town: list[int], run: Callable[..., Result]
) -> None:
    result = run(SEEDS / "rulebooks" / "demo-local", "--on", REFORM_ON)
    assert result.exit_code == 0, result.output
    assert "没有单位会变" in result.output


@pytest.mark.parametrize(
    ("scheme", "purposes", "taken"),
    [
        ("quantified-2012", (), ["result", "grade"]),
        ("quantified-2012", ("grade",), ["grade"]),
        ("tianjin-red-black-list", (), ["listing"]),
        ("uk-food-hygiene", ("result",), ["result"]),
    ],
)
def test_another_scheme_takes_over_what_it_can_do_or_what_is_asked(
    database: Engine, town: list[int], scheme: str, purposes: tuple[str, ...], taken: list[str]
) -> None:
    found = _preview(database, SEEDS / "rulebooks" / scheme, purposes=purposes)
    assert [purpose for purpose, _ in found.replaced] == taken
    assert all("演示区" in title for _, title in found.replaced)


def test_a_draft_laid_over_a_scheme_takes_over_what_that_scheme_does(
    database: Engine, town: list[int], tmp_path: Path
) -> None:
    (tmp_path / "over").mkdir()
    header = "scheme: {id: over, title_zh: 叠加, title_en: Over, overlay_of: demo-local}\n"
    (tmp_path / "over" / "x.yaml").write_text(header, encoding="utf-8")
    found = _preview(database, tmp_path / "over")
    assert [purpose for purpose, _ in found.replaced] == ["result", "grade", "listing"]
    assert found.changes == ()


def test_a_scheme_for_which_nothing_is_known_is_undetermined_and_never_crashes(
    database: Engine, town: list[int]
) -> None:
    for scheme in ("singapore-safe", "king-county-average", "new-york-letter-grades", "tianjin-2020"):
        found = _preview(database, SEEDS / "rulebooks" / scheme)
        assert found.units == len(town)
        assert found.total("grade")


def test_a_faulty_draft_is_refused_with_its_faults_and_changes_nothing(
    database: Engine, town: list[int], tmp_path: Path
) -> None:
    before = _everything(database)
    (tmp_path / "x.yaml").write_text("scheme: {id: x, title_zh: 甲}\ncells: {a: 1}\n", encoding="utf-8")
    with pytest.raises(RulebookError, match="规则值 a应是键和值"):
        _preview(database, tmp_path)
    with pytest.raises(RulesError, match="没有所要用途的程序"):
        _preview(database, SEEDS / "rulebooks" / "tianjin-red-black-list", purposes=("grade",))
    with pytest.raises(RulesError, match="找不到"):
        _preview(database, tmp_path / "nowhere")
    assert _everything(database) == before


def test_the_command_prints_all_of_it_and_writes_a_workbook(
    town: list[int], draft: Path, run: Callable[..., Result], tmp_path: Path
) -> None:
    result = run(draft, "--on", REFORM_ON, "--out", tmp_path / "p.xlsx", "--json")
    assert result.exit_code == 0, result.output
    for words in (
        "若自 2027-01-01 起改用",
        "【等级】",
        "【每年检查次数】",
        "【按街道】",
        "【按连锁】",
        "现行",
        "草稿",
    ):
        assert words in result.output
    counts = json.loads(result.output.splitlines()[-1])
    book = openpyxl.load_workbook(tmp_path / "p.xlsx")
    assert book.sheetnames == ["概要", "单位", "按业态", "按街道", "按连锁", "举例"]
    rows = list(book["单位"].iter_rows(min_row=2, values_only=True))
    by_kind = Counter(row[6] for row in rows)
    assert by_kind["等级"] == counts["grade"] > 0
    assert sum(by_kind.values()) == sum(counts[kind] for kind in KINDS)
    assert counts["units"] == len(town)


def test_a_draft_that_takes_over_from_two_schemes_grades_each_unit_as_alone(
    database: Engine, town: list[int]
) -> None:
    with read_only(database) as session:
        shelf = shelf_of(session)
        checklist = newest_checklist(session, "cn-catering-2016-1-3")
        answers = "P" * len(checklist.checklist.items)

        def side(first: str, second: str) -> Side:
            kinds = {"restaurant": first, "canteen": second}
            rows = tuple(
                Holding(shelf.setting, "grade", (kind,), scheme, date(2020, 1, 1), None, "")
                for kind, scheme in kinds.items()
            )
            other = Shelf(shelf.setting, Holdings(rows, ""), shelf.texts, "")
            return Side(other, REFORM_ON, lambda version_id: checklist_version(session, version_id).checklist)

        gradings = AllGradings(side("demo-local", "demo-national"), side("tianjin-2020", "tianjin-2020"))
        words = ("compliant", "basically_compliant", "non_compliant")
        alone = rulebook("tianjin-2020").on(REFORM_ON)
        for kind in ("restaurant", "canteen", "restaurant", "canteen"):
            for word in (*words, *reversed(words)):
                decided = [DecidedVisit(date(2026, 3, 1), word)]
                visits = UnitVisits((1,), (checklist.version_id,), (answers,), ("",), ("daily",), decided)
                unit = UnitRow(1, 1, UnitFacts(kind, area_m2=80, persons_served=90))
                before, after = gradings[kind].of(unit, visits, ())
                verdict = alone.grade(unit.facts, decided)
                assert after == Outlook(verdict.value, verdict.frequency)
                assert before is not None


def test_lines_of_two_derivations_meet_where_they_are_equal() -> None:
    rows = aligned(["甲", "乙", "丙"], ["甲", "丁", "戊", "丙"])
    assert [(row.before, row.after, row.same) for row in rows] == [
        ("甲", "甲", True),
        ("乙", "丁", False),
        ("", "戊", False),
        ("丙", "丙", True),
    ]


@pytest.mark.postgres
def test_a_reform_is_previewed_on_postgresql(postgres: Engine, now: datetime, draft: Path) -> None:
    with transaction(postgres) as session:
        load_seeds(session, actor="甲", now=now)
    build_town(postgres, now)
    found = _preview(postgres, draft)
    assert all(found.total(kind) for kind in KINDS)
