"""Feeds as other cities publish them: each deviation that is known of, and others that people will send."""

import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from inspections.record.database import read_only
from inspections.units.queries import unit_on
from inspections.units.tables import CateringUnit, DoorChange, Premises, UnitVersion
from inspections.visits.lives_files import LivesError
from inspections.visits.lives_importing import LivesImported
from inspections.visits.tables import Visit, VisitKind
from tests.visits.feeds import BUSINESSES, INSPECTIONS, LEGEND, VIOLATIONS, counts_of, feed_of, imported


def import_files(database: Engine, tmp_path: Path, **files: str | bytes) -> LivesImported:
    """Import a small feed in which these files are replaced."""
    return imported(database, feed_of(tmp_path / "feed", **files), tmp_path)


def names_of(database: Engine) -> list[str]:
    with read_only(database) as session:
        return sorted(session.exec(select(UnitVersion.licence_name)))


def doors_of(database: Engine) -> Sequence[Premises]:
    with read_only(database) as session:
        return session.exec(select(Premises)).all()


def visits_of(database: Engine) -> Sequence[Visit]:
    with read_only(database) as session:
        return session.exec(select(Visit)).all()


def report_text(done: LivesImported) -> str:
    """Everything the report says."""
    with zipfile.ZipFile(done.report) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


# --- what ratings of other systems show: one without a date, without scores, exempt … --------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,94,,routine", "看不出是哪一天"),
        ("1,,20140729,routine", "没有评分"),
        ("1,Exempt,20140729,routine", "没有评分"),
        ("1,AwaitingInspection,,", "看不出是哪一天"),
        ("1,Pass and Eat Safe,20140729,routine", "没有评分"),
        ("1,94,1/1/1900,routine", "还没有检查"),
        ("1,94,20991231,routine", "日期在将来"),
        ("1,NaN,20140729,routine", "没有评分"),
        ("1,1e2000000,20140729,routine", "没有评分"),
    ],
)
def test_an_inspection_without_what_makes_it_one_is_named_with_the_reason(
    database: Engine, tmp_path: Path, row: str, reason: str
) -> None:
    done = import_files(database, tmp_path, inspections=f"{INSPECTIONS}{row}\n1,90,20150102,routine\n")
    assert counts_of(done)["inspections.csv"] == (2, 1, 1)
    assert reason in report_text(done)
    assert [visit.visited_on for visit in visits_of(database)] == [date(2015, 1, 2)]


def test_a_business_without_street_address_postcode_or_place_on_the_map_is_loaded(
    database: Engine, tmp_path: Path
) -> None:
    rows = "1,No Street,,Town,CA,94104,37.7,-122.4,\n2,Mobile,OFF THE GRID,Town,CA,,,,\n3,Private,,,,,,,\n"
    done = import_files(database, tmp_path, businesses=BUSINESSES + rows)
    assert counts_of(done)["businesses.csv"] == (3, 3, 0)
    assert [(door.address, door.street, door.latitude) for door in doors_of(database)] == [
        ("Town, CA 94104（数据没有给出街道地址）", "94104", Decimal("37.7")),
        ("OFF THE GRID, Town, CA", "Town", None),
        ("（数据没有给出街道地址）", "—", None),
    ]


def test_a_whole_address_names_the_city_where_a_feed_covers_several(database: Engine, tmp_path: Path) -> None:
    rows = "1,A,1 Main St,Alameda,CA,94501,,,\n2,B,1 Main St,Berkeley,CA,94702,,,\n"
    import_files(database, tmp_path, businesses=BUSINESSES + rows)
    assert [door.address for door in doors_of(database)] == [
        "1 Main St, Alameda, CA 94501",
        "1 Main St, Berkeley, CA 94702",
    ]


@pytest.mark.parametrize("written", ["91", "north", "1e400", "-200.0"])
def test_what_is_no_coordinate_is_noted_and_left_out(database: Engine, tmp_path: Path, written: str) -> None:
    rows = f"1,A,1 Main St,,,,{written},{written},\n"
    done = import_files(database, tmp_path, businesses=BUSINESSES + rows)
    (door,) = doors_of(database)
    assert door.latitude is None
    assert "不是坐标" in report_text(done)


# --- deviations of the format: names, kinds, quotes, bytes, separators -----------------------------------


@pytest.mark.parametrize(
    ("written", "kind"),
    [("followUp", VisitKind.RECHECK), ("FOLLOW-UP", VisitKind.RECHECK), ("Reinspection", VisitKind.RECHECK),
     ("initial", VisitKind.DAILY), ("Complaint", VisitKind.CASE_BASED), ("", VisitKind.DAILY),
     ("Routine - Unscheduled", VisitKind.DAILY)],
)  # fmt: skip
def test_kinds_of_inspection_are_read_however_they_are_spelt(
    database: Engine, tmp_path: Path, written: str, kind: VisitKind
) -> None:
    import_files(database, tmp_path, inspections=f"{INSPECTIONS}1,94,20140729,{written}\n")
    assert [visit.kind for visit in visits_of(database)] == [kind]


@pytest.mark.parametrize(
    "line",
    ['3,"CAFE ""UNO""",1 Main St,,,,,,', '3,"CAFE "UNO"",1 Main St,,,,,,', '3,"CAFE UNO,1 Main St,,,,,,',
     '3,CAFE "UNO",1 Main St,,,,,,', '3,CAFE UNO","1 Main St",,,,,,'],
)  # fmt: skip
def test_a_broken_quote_costs_no_other_row(database: Engine, tmp_path: Path, line: str) -> None:
    rows = f"1,A,x,,,,,,\n{line}\n4,B,y,,,,,,\n5,C,z,,,,,,\n"
    done = import_files(database, tmp_path, businesses=BUSINESSES + rows)
    assert counts_of(done)["businesses.csv"] == (4, 4, 0)
    (cafe,) = (name for name in names_of(database) if name.startswith("CAFE"))
    assert cafe.replace('"', "") == "CAFE UNO"


def test_a_row_whose_quoted_cell_goes_on_in_the_next_line_is_one_row(
    database: Engine, tmp_path: Path
) -> None:
    violations = f'{VIOLATIONS}1,20140729,"Improper food\nstorage"\n1,20140729,High risk vermin infestation\n'
    done = import_files(database, tmp_path, violations=violations)
    assert counts_of(done)["violations.csv"] == (2, 2, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.encode("utf-16"),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("cp1252"),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\r\n\r\n").encode(),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode(),
        lambda text: text.replace("business_id", "Business ID").replace("name", "NAME").encode(),
        lambda text: text.rstrip().encode(),
    ],
)
def test_encodings_line_ends_separators_and_spellings_of_headers_change_nothing(
    database: Engine, tmp_path: Path, change: object
) -> None:
    body = change(BUSINESSES + "1,Café,1 Main St,,,,,,\n2,B,2 Main St,,,,,,\n")  # type: ignore[operator]
    done = import_files(database, tmp_path, businesses=body)
    assert counts_of(done)["businesses.csv"] == (2, 2, 0)
    assert names_of(database) == ["B", "Café"]


def test_a_file_cut_in_the_middle_gives_its_whole_rows(database: Engine, tmp_path: Path) -> None:
    rows = "".join(f"{n},Cafe {n},{n} Main St,Town,CA,94104,,,\n" for n in range(1, 21))
    done = import_files(database, tmp_path, businesses=(BUSINESSES + rows)[:-20])
    assert counts_of(done)["businesses.csv"] == (20, 19, 1)


def test_no_telephone_reaches_the_report_wherever_it_stands(database: Engine, tmp_path: Path) -> None:
    columns = "phone_number,business_id,name,address\n"
    rows = b"+14155550100,1,CAF\xc9,x\n+14155550101,2,A,x\n+14155550102,2,B,x\n+14155550103,3\n"
    done = import_files(database, tmp_path, businesses=columns.encode() + rows)
    assert counts_of(done)["businesses.csv"] == (4, 1, 3)
    assert "1415555" not in report_text(done)


def test_whose_feed_it_is_is_told_and_files_of_another_kind_are_named(
    database: Engine, tmp_path: Path
) -> None:
    info = "feed_date,feed_version,municipality_name,contact_email\n20150101,1.0,Town,a@town.example\n"
    done = import_files(database, tmp_path, feed_info=info, employees="name\nJane Doe\n")
    assert counts_of(done)["feed_info.csv"] == (1, 0, 1)
    assert "employees.csv" in report_text(done)
    assert not any(word in report_text(done) for word in ("Jane Doe", "a@town"))


def test_a_legend_with_gaps_leaves_those_scores_without_a_word(database: Engine, tmp_path: Path) -> None:
    legend = "minimum_score,maximum_score,description\n0,50,Bad\n60,100,Fine\nx,y,Odd\n"
    rows = f"{INSPECTIONS}1,55,20140729,\n1,50,20140730,\n1,60,20140731,\n"
    done = import_files(database, tmp_path, legend=legend, inspections=rows)
    assert counts_of(done)["legend.csv"] == (3, 2, 1)
    assert [visit.decided_result for visit in visits_of(database)] == [None, "Bad", "Fine"]


@pytest.mark.parametrize("share", [0.2, 0.6, 0.99])
def test_a_zip_that_was_not_downloaded_whole_is_one_sentence(
    database: Engine, tmp_path: Path, share: float
) -> None:
    packed = tmp_path / "feed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in feed_of(tmp_path / "feed").iterdir():
            archive.write(path, path.name)
    content = packed.read_bytes()
    packed.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(LivesError, match="不是完整的 ZIP"):
        imported(database, packed, tmp_path)


def test_a_zip_with_a_damaged_file_inside_is_one_sentence(database: Engine, tmp_path: Path) -> None:
    packed = tmp_path / "feed.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("businesses.csv", BUSINESSES + "1,A,x,,,,,,\n")
        archive.writestr("inspections.csv", INSPECTIONS)
    packed.write_bytes(packed.read_bytes().replace(b"1,A,x", b"1,B,x", 1))
    with pytest.raises(LivesError, match="不是完整的 ZIP"):
        imported(database, packed, tmp_path)


def test_a_place_that_is_not_there_is_one_sentence(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(LivesError, match="找不到 LIVES 数据"):
        imported(database, tmp_path / "nothing", tmp_path)


# --- the next feed ---------------------------------------------------------------------------------------


def test_a_corrected_address_changes_the_door_and_keeps_what_stood_before(
    database: Engine, tmp_path: Path
) -> None:
    import_files(database, tmp_path)
    moved = BUSINESSES + '1,Cafe One,1 Main St Suite 5,Town,CA,94104,37.8,-122.4,\n2,"Bar ""B""",,,,,,,\n'
    done = import_files(database, tmp_path, businesses=moved)
    assert (done.new_units, done.changed_units) == (0, 1)
    (door,) = (door for door in doors_of(database) if door.street == "94104")
    assert (door.address, door.latitude) == ("1 Main St Suite 5, Town, CA 94104", Decimal("37.8"))
    with read_only(database) as session:
        (change,) = session.exec(select(DoorChange)).all()
    assert "1 Main St, Town" in change.before
    assert import_files(database, tmp_path, businesses=moved).changed_units == 0


def test_older_inspections_that_come_later_are_within_the_units_days(
    database: Engine, tmp_path: Path
) -> None:
    import_files(database, tmp_path, inspections=f"{INSPECTIONS}1,94,20140729,routine\n")
    older = f"{INSPECTIONS}1,94,20140729,routine\n1,80,20120301,routine\n"
    assert import_files(database, tmp_path, inspections=older).changed_units == 1
    with read_only(database) as session:
        unit = session.get_one(CateringUnit, 1)
        then = unit_on(session, unit.premises_id, date(2012, 3, 1))
    assert unit.from_on == date(2012, 3, 1)
    assert then is not None
    assert then.version.licence_name == "Cafe One"


def test_a_business_that_the_next_feed_leaves_out_is_listed_and_stays_open(
    database: Engine, tmp_path: Path
) -> None:
    import_files(database, tmp_path)
    done = import_files(database, tmp_path, businesses=BUSINESSES + "1,Cafe One,1 Main St,Town,CA,94104,,,\n")
    assert done.absent_units == 1
    assert "Bar" in report_text(done)
    with read_only(database) as session:
        assert [unit.until_on for unit in session.exec(select(CateringUnit))] == [None, None]


def test_an_unknown_legend_and_no_violations_file_make_a_feed_too(database: Engine, tmp_path: Path) -> None:
    done = import_files(database, tmp_path, legend="", violations="", legend_of_scores=LEGEND)
    assert set(counts_of(done)) == {"businesses.csv", "inspections.csv"}
