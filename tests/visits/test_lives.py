"""Promises of the LIVES import: every row is loaded or named; the real feed and made-up ones."""

import hashlib
import lzma
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text
from sqlmodel import Session, col, select

from inspections.record.configuration import Configuration
from inspections.record.database import open_database, read_only, transaction
from inspections.record.house import House
from inspections.record.marks import DEMONSTRATION, WrongDirectoryError, set_mark
from inspections.record.migrate import migrate
from inspections.units.service import import_units
from inspections.units.tables import Premises, UnitVersion
from inspections.visits.commands import visits as visit_commands
from inspections.visits.grading_run import grade_units
from inspections.visits.importing import import_visit_file
from inspections.visits.lives_files import LivesError
from inspections.visits.lives_importing import LivesImported, import_feed
from inspections.visits.queries import grades_of, shown_visits
from inspections.visits.service import release_batch
from inspections.visits.tables import Finding, Visit, VisitKind
from tests.bureau import DUMPLINGS, add_units, open_bureau
from tests.visits.feeds import (
    BUSINESSES,
    INSPECTIONS,
    LEGEND,
    NOW,
    TODAY,
    VIOLATIONS,
    counts_of,
    feed_of,
    imported,
)

REAL = Path(__file__).parents[1] / "data" / "sf-lives"


def _visits(session: Session) -> list[Visit]:
    return list(session.exec(select(Visit).order_by(text("visited_on"))))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, LivesImported]]:
    """The real feed of San Francisco, imported, released and graded once."""
    folder = tmp_path_factory.mktemp("lives")
    lines = (line.split() for line in (REAL / "SHA256SUMS").read_text().splitlines())
    sums = {name: digest for digest, name in lines}
    for packed in REAL.glob("*.csv.xz"):
        content = lzma.decompress(packed.read_bytes())
        assert hashlib.sha256(content).hexdigest() == sums[packed.stem]
        (folder / packed.stem).write_bytes(content)
    engine = open_database(f"sqlite:///{folder / 'honghei.sqlite'}")
    migrate(engine)
    done = import_feed(engine, folder, on=TODAY, now=NOW, actor="甲", reports=folder)
    with transaction(engine) as session:
        release_batch(session, done.batch_id or 0, actor="乙", now=NOW)
    grade_units(engine, on=TODAY, now=NOW, processes=0)
    yield engine, done
    engine.dispose()


def test_every_row_of_the_real_feed_is_loaded_or_named(real: tuple[Engine, LivesImported]) -> None:
    engine, done = real
    assert counts_of(done) == {
        "businesses.csv": (6120, 6120, 0),
        "inspections.csv": (18109, 18109, 0),
        "violations.csv": (46259, 44933, 1326),
        "legend.csv": (4, 4, 0),
    }
    assert done.report.is_file()
    with read_only(engine) as session:
        stored = [
            session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608  # own names
            for table in ("catering_units", "visits", "findings")
        ]
        corrected = session.execute(text("SELECT count(corrected_on) FROM findings")).scalar_one()
    assert stored == [6120, 18109, 44933]
    assert 36_000 < corrected < 37_541


def test_san_franciscos_scores_are_recomputed(real: tuple[Engine, LivesImported]) -> None:
    engine, _ = real
    query = text(
        "SELECT count(*), sum(v.decided_score = r.suggested_score), sum(v.visited_on >= '2015-01-01'),"
        " sum(v.visited_on >= '2015-01-01' AND v.decided_score = r.suggested_score)"
        " FROM visits v JOIN visit_results r ON r.visit_id = v.id"
    )
    with read_only(engine) as session:
        visits, same, later, later_same = session.execute(query).one()
    assert (visits, later) == (18109, 2732)
    assert same / visits >= 0.97
    assert later_same / later >= 0.97


def test_every_visit_whose_score_is_computed_otherwise_is_listed(
    real: tuple[Engine, LivesImported], tmp_path: Path
) -> None:
    house = House(Configuration(data=tmp_path), real[0])
    for options, visits, agreeing in (([], 18109, 17677), (["--since", "2015-01-01"], 2732, 2677)):
        said = CliRunner().invoke(visit_commands, ["compare", *options], obj=house).output.splitlines()
        differing = visits - agreeing
        assert len(said) == differing + 1
        assert said[-1].startswith(f"{visits} 次检查：与建议一致 {agreeing}（97.")
        assert said[-1].endswith(f"不同 {differing}，其中没有建议 0。")


def test_the_published_score_is_the_decided_result_and_the_computed_one_stays_beside_it(
    real: tuple[Engine, LivesImported],
) -> None:
    engine, _ = real
    query = text(
        "SELECT v.decided_score, v.decided_result, r.suggested_score FROM visits v"
        " JOIN visit_results r ON r.visit_id = v.id WHERE v.record_key = 'lives:10:20140729'"
    )
    with read_only(engine) as session:
        assert tuple(session.execute(query).one()) == (94, "good", 94)
        differ = text(
            "SELECT count(*) FROM visits v JOIN visit_results r ON r.visit_id = v.id"
            " WHERE v.decided_score <> r.suggested_score"
        )
        assert session.execute(differ).scalar_one() > 0


def test_names_with_single_bytes_are_read_and_no_telephone_is_stored(
    real: tuple[Engine, LivesImported],
) -> None:
    engine, done = real
    with read_only(engine) as session:
        names = set(session.exec(select(UnitVersion.licence_name)))
        dump = "\n".join(str(row) for row in session.execute(text("SELECT * FROM unit_versions")))
        dump += "\n".join(str(row) for row in session.execute(text("SELECT * FROM premises")))
    assert {"THE CRÈME BRULEE CART", "KIÊN THANH", "LAGUNA CAFÉ"} <= names
    with zipfile.ZipFile(done.report) as report:
        dump += "\n".join(report.read(name).decode() for name in report.namelist())
    assert re.search(r"\+1[0-9]{10}", dump) is None
    assert "0xC8" in dump


def test_businesses_that_share_an_address_have_doors_of_their_own(
    real: tuple[Engine, LivesImported],
) -> None:
    engine, _ = real
    with read_only(engine) as session:
        at_the_plaza = col(Premises.address).startswith("24 WILLIE MAYS PLAZA, San Francisco, CA")
        codes = session.exec(select(Premises.code).where(at_the_plaza)).all()
    assert len(codes) == len(set(codes)) == 125


def test_a_unit_without_any_inspection_is_loaded_and_undetermined(
    real: tuple[Engine, LivesImported],
) -> None:
    engine, _ = real
    never = text(
        "SELECT id FROM catering_units WHERE id NOT IN (SELECT unit_id FROM visits) ORDER BY id LIMIT 1"
    )
    with read_only(engine) as session:
        unit_id = session.execute(never).scalar_one()
        grade = grades_of(session, [unit_id], TODAY)[unit_id]
        assert shown_visits(session, [unit_id], since=None, on=TODAY) == {}
    assert grade.level is None
    assert grade.missing


def test_the_same_feed_again_changes_nothing(database: Engine, tmp_path: Path) -> None:
    feed = feed_of(tmp_path / "feed")
    first = imported(database, feed, tmp_path)
    again = imported(database, feed, tmp_path)
    assert (first.new_units, first.new_visits) == (2, 2)
    assert (again.new_units, again.changed_units, again.new_visits, again.unchanged_visits) == (0, 0, 0, 2)
    assert again.batch_id is None


def test_a_changed_score_is_a_correction_and_a_changed_name_a_new_version(
    database: Engine, tmp_path: Path
) -> None:
    imported(database, feed_of(tmp_path / "feed"), tmp_path)
    changed = feed_of(
        tmp_path / "feed",
        businesses=BUSINESSES + "1,Cafe Uno,1 Main St,Town,CA,94104,,,\n2,Bar,,,,,,,\n",
        inspections=INSPECTIONS + "1,90,20140729,routine\n1,100,20150101,followUp\n",
    )
    done = imported(database, changed, tmp_path)
    assert (done.new_units, done.changed_units, done.corrected_visits) == (0, 2, 1)


def test_a_note_on_the_correction_becomes_a_day_and_leaves_the_wording(
    database: Engine, tmp_path: Path
) -> None:
    imported(database, feed_of(tmp_path / "feed"), tmp_path)
    with read_only(database) as session:
        found = {row.item_code: row.corrected_on for row in session.exec(select(Finding))}
    assert found == {"improper-food-storage": date(2014, 8, 7), "high-risk-vermin-infestation": None}


def test_other_names_for_the_legend_dates_and_kinds_are_understood(database: Engine, tmp_path: Path) -> None:
    feed = feed_of(
        tmp_path / "feed",
        legend="",
        SCORELEGEND=LEGEND,
        feed_info="feed_date,feed_version,municipality_name\n20150101,1.0,Town\n",
        inspections=INSPECTIONS + "1,94.0,2014-07-29,Initial\n1,71,20150101,follow-up\n",
    )
    done = imported(database, feed, tmp_path)
    assert counts_of(done)["inspections.csv"] == (2, 2, 0)
    with read_only(database) as session:
        first, second = _visits(session)
    assert (first.visited_on, first.decided_score, first.decided_result) == (
        date(2014, 7, 29),
        Decimal(94),
        "good",
    )
    assert (second.kind, second.decided_result) == (VisitKind.RECHECK, "needs_improvement")


def test_without_a_legend_the_score_stays_and_no_word_is_invented(database: Engine, tmp_path: Path) -> None:
    imported(database, feed_of(tmp_path / "feed", legend=""), tmp_path)
    with read_only(database) as session:
        assert {(row.decided_score, row.decided_result) for row in _visits(session)} == {
            (Decimal(94), None),
            (Decimal(100), None),
        }


def test_another_citys_legend_keeps_its_own_words(database: Engine, tmp_path: Path) -> None:
    legend = "minimum_score,maximum_score,description\n0,94,Pass with notes\n95,100,Excellent\n"
    imported(database, feed_of(tmp_path / "feed", legend=legend), tmp_path)
    with read_only(database) as session:
        assert [row.decided_result for row in _visits(session)] == ["Pass with notes", "Excellent"]


def test_a_wording_that_no_list_has_is_loaded_and_leaves_the_computed_score_undetermined(
    database: Engine, tmp_path: Path
) -> None:
    violations = (
        "business_id,date,code,description\n1,20140729,4-601.11,Dragons in the pantry\n1,20140729,3-501,\n"
    )
    done = imported(database, feed_of(tmp_path / "feed", violations=violations), tmp_path)
    assert counts_of(done)["violations.csv"] == (2, 2, 0)
    with transaction(database) as session:
        release_batch(session, done.batch_id or 0, actor="乙", now=NOW)
    grade_units(database, on=TODAY, now=NOW)
    query = text(
        "SELECT suggested_score FROM visit_results r JOIN visits v ON v.id = visit_id ORDER BY visited_on"
    )
    with read_only(database) as session:
        assert list(session.execute(query).scalars()) == [None, 100]
        shown = shown_visits(session, [1], since=None, on=TODAY)[1]
    assert "Dragons in the pantry" in {finding.item_text for finding in shown.visits[-1].findings}
    assert not any(finding.is_requirement for visit in shown.visits for finding in visit.findings)


def test_a_finding_of_a_feed_is_never_told_as_a_requirement_that_was_not_met(
    database: Engine, tmp_path: Path
) -> None:
    violations = "business_id,date,code,description\n1,20140729,x,High risk vermin infestation\n"
    done = imported(database, feed_of(tmp_path / "feed", violations=violations), tmp_path)
    with transaction(database) as session:
        release_batch(session, done.batch_id or 0, actor="乙", now=NOW)
    with read_only(database) as session:
        shown = shown_visits(session, [1], since=None, on=TODAY)[1]
    findings = [finding for visit in shown.visits for finding in visit.findings]
    assert [(one.item_text, one.is_requirement) for one in findings] == [
        ("High risk vermin infestation", False)
    ]


@pytest.mark.parametrize(
    ("file", "body", "named"),
    [
        ("businesses", BUSINESSES + "1,A,x,,,,,,\n1,B,x,,,,,,\n2,C,x,,,,,,\n", 2),
        ("businesses", BUSINESSES + "1,A,x,,,,,,\n1,A,x,,,,,,\n", 1),
        ("businesses", BUSINESSES + "1,A,x,,,,,,\n,B,x,,,,,,\n3,,x,,,,,,\n", 2),
        ("businesses", BUSINESSES + "1,A,x,,,,,,\n2,B,x\n", 1),
        (
            "inspections",
            INSPECTIONS + "1,101,20140729,routine\n1,-1,20140730,\n1,,20140731,\n1,good,20140801,\n",
            4,
        ),
        ("inspections", INSPECTIONS + "1,90,20141399,routine\n1,90,July,routine\n", 2),
        ("inspections", INSPECTIONS + "77,90,20140729,routine\n", 1),
        ("inspections", INSPECTIONS + "1,90,20140729,routine\n1,80,2014-07-29,routine\n", 2),
        ("violations", VIOLATIONS + "77,20140729,x\n1,20140728,x\n1,never,x\n", 3),
        ("legend", LEGEND + "90,80,Odd\n", 1),
    ],
)
def test_rows_that_cannot_be_loaded_are_named_and_the_others_load(
    database: Engine, tmp_path: Path, file: str, body: str, named: int
) -> None:
    done = imported(database, feed_of(tmp_path / "feed", **{file: body}), tmp_path)
    rows, loaded, found = counts_of(done)[f"{file}.csv"]
    assert (found, rows - loaded) == (named, named)


@pytest.mark.parametrize("change", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b"\n", b"\r\n")])
def test_a_byte_order_mark_and_other_line_ends_change_nothing(
    database: Engine, tmp_path: Path, change: object
) -> None:
    body = (BUSINESSES + "1,Café,x,,,,,,\n").encode()
    done = imported(database, feed_of(tmp_path / "feed", businesses=change(body)), tmp_path)  # type: ignore[operator]
    assert counts_of(done)["businesses.csv"] == (1, 1, 0)
    with read_only(database) as session:
        assert session.exec(select(UnitVersion.licence_name)).all() == ["Café"]


def test_additional_columns_are_noted_and_change_nothing(database: Engine, tmp_path: Path) -> None:
    body = BUSINESSES.strip() + ",owner_name\n1,A,x,,,,,,,Jane Doe\n"
    done = imported(database, feed_of(tmp_path / "feed", businesses=body), tmp_path)
    assert counts_of(done)["businesses.csv"] == (1, 1, 0)
    assert done.notes >= 1
    with read_only(database) as session:
        dump = str(session.execute(text("SELECT * FROM unit_versions")).all())
    assert "Jane Doe" not in dump


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"businesses": b" \n"}, "空文件"),
        ({"inspections": "business_id,date\n1,20140101\n"}, "score"),
        ({"businesses": "1,Cafe,x,,,,,,\n"}, "表头"),
        ({"inspections": ""}, "inspections.csv"),
    ],
)
def test_a_feed_that_cannot_be_read_is_refused_in_one_sentence(
    database: Engine, tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    feed = feed_of(tmp_path / "feed", **files)
    with pytest.raises(LivesError, match=words):
        imported(database, feed, tmp_path)


def test_a_feed_without_violations_and_as_zip_is_read(database: Engine, tmp_path: Path) -> None:
    feed = feed_of(tmp_path / "feed", violations="")
    packed = tmp_path / "feed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in feed.iterdir():
            archive.write(path, f"lives/{path.name}")
    assert "violations.csv" not in counts_of(imported(database, packed, tmp_path))


def test_the_feed_never_shares_a_directory(database: Engine, tmp_path: Path, now: datetime) -> None:
    feed = feed_of(tmp_path / "feed")
    open_bureau(database, now)
    with transaction(database) as session:
        add_units(session, [DUMPLINGS], now)
    with pytest.raises(WrongDirectoryError, match="HHB_DATA"):
        imported(database, feed, tmp_path)


def test_a_demonstration_refuses_the_feed_and_the_feed_refuses_the_bureaus_own_files(
    database: Engine, data_directory: Path, tmp_path: Path, now: datetime
) -> None:
    feed = feed_of(tmp_path / "feed")
    imported(database, feed, tmp_path)
    visits = tmp_path / "visits.csv"
    visits.write_text("记录编号,检查日期,检查类型,检查结果\nA,2026-01-01,飞行检查,符合\n", encoding="utf-8")
    with pytest.raises(WrongDirectoryError, match="LIVES"):
        import_visit_file(database, visits, on=TODAY, now=NOW, actor="甲", reports=tmp_path)
    with pytest.raises(WrongDirectoryError, match="LIVES"), transaction(database) as session:
        import_units(session, visits, on=TODAY, now=NOW, actor="甲", reports=tmp_path)
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=now)
    with pytest.raises(WrongDirectoryError, match="演示"):
        imported(database, feed, tmp_path)
