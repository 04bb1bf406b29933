"""The register's promises: identity, versions, what a person must confirm, and bad rows."""

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func
from sqlmodel import col, select

from inspections.record.database import open_database, read_only, table_of, transaction
from inspections.record.migrate import migrate
from inspections.record.settings import set_setting
from inspections.surface.sheets.faults import SheetError
from inspections.units.importing import LoadedUnits, load_units
from inspections.units.queries import find_unit, unit_on
from inspections.units.register_file import UnitRow, row_from_json, row_to_json
from inspections.units.service import (
    UnitsImported,
    confirm_proposal,
    import_units,
    open_proposals,
    reject_proposal,
)
from inspections.units.tables import (
    CateringUnit,
    DoorChange,
    Premises,
    RegisterProposal,
    UnitState,
    UnitVersion,
)
from inspections.units.words import size_class

DAY = date(2026, 11, 24)
LATER = date(2026, 12, 8)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
A = UnitRow("福满源餐饮店", "柳口路28号", "杨柳镇", "restaurant", "JY21201119900016", "91440300708461136T")
B = UnitRow("春来饺子馆", "柳口路30号", "杨柳镇", "snack_shop", "JY11201119900020", "91110108551385082Q")
NEW_CODE = "91440300MA5H0HLK5U"
HEADERS = ["主体名称", "许可证编号", "统一社会信用代码", "经营场所", "摊位号", "街镇", "业态", "餐位数"]
ROW_A = [A.licence_name, A.licence_number, A.credit_code, A.address, "", A.street, "餐馆", "20"]
ROW_B = [B.licence_name, B.licence_number, B.credit_code, B.address, "", B.street, "小吃店", ""]


def load(engine: Engine, *rows: UnitRow, on: date = DAY) -> LoadedUnits:
    with transaction(engine) as session:
        return load_units(
            session, rows, on=on, now=NOW, actor="李伟", file_name="名册.csv", file_sha256="0" * 64
        )


def count(engine: Engine, *models: Any) -> list[int]:
    with read_only(engine) as session:
        return [session.exec(select(func.count()).select_from(model)).one() for model in models]


def outcome(loaded: LoadedUnits) -> tuple[int, int, int, int, int]:
    return loaded.new, loaded.changed, loaded.unchanged, loaded.proposals, len(loaded.absent)


def proposal_id(engine: Engine) -> int:
    with read_only(engine) as session:
        ((proposal, _, _),) = open_proposals(session)
        return proposal.id or 0


def confirm(engine: Engine) -> int:
    with transaction(engine) as session:
        return confirm_proposal(session, proposal_id(engine), actor="陈静", now=NOW)


def test_loading_the_same_rows_again_changes_nothing(database: Engine) -> None:
    closed = replace(B, state=UnitState.CLOSED)
    assert outcome(load(database, A, closed)) == (2, 0, 0, 0, 0)
    before = count(database, Premises, CateringUnit, UnitVersion)
    assert outcome(load(database, A, closed, on=LATER)) == (0, 0, 2, 0, 0)
    assert count(database, Premises, CateringUnit, UnitVersion) == before == [2, 2, 2]


def test_a_changed_row_becomes_a_new_dated_version_and_past_days_keep_the_old(database: Engine) -> None:
    load(database, A)
    assert outcome(load(database, replace(A, seats=80), on=LATER)) == (0, 1, 0, 0, 0)
    with read_only(database) as session:
        old, new = unit_on(session, 1, DAY), unit_on(session, 1, LATER)
    assert old is not None
    assert new is not None
    assert (old.version.seats, new.version.seats, new.version.size_class) == (None, 80, "medium")


def test_absent_rows_are_listed_and_never_closed(database: Engine) -> None:
    load(database, A, B)
    loaded = load(database, A)
    assert [unit.licence_name for unit in loaded.absent] == [B.licence_name]
    with read_only(database) as session:
        assert len(find_unit(session, licence_number=B.licence_number, on=LATER)) == 1


def test_the_same_credit_code_at_the_same_door_is_the_same_unit_whatever_its_licence(
    database: Engine,
) -> None:
    load(database, A)
    renewed = replace(A, licence_number=B.licence_number, licence_name="福满源新名餐饮店")
    assert outcome(load(database, renewed, on=LATER)) == (0, 1, 0, 0, 0)
    with read_only(database) as session:
        former = find_unit(session, licence_number=A.licence_number, on=LATER)
        present = find_unit(session, licence_number=B.licence_number, on=LATER)
    assert former == present


def test_spelling_of_the_address_makes_no_other_door(database: Engine) -> None:
    load(database, A)
    assert outcome(load(database, replace(A, address="柳口路 ２８号。"))) == (0, 0, 1, 0, 0)


def test_a_new_credit_code_where_somebody_trades_waits_for_a_person_and_then_starts_clean(
    database: Engine,
) -> None:
    (first,) = load(database, A).ids
    other = replace(B, address=A.address, credit_code=NEW_CODE)
    assert outcome(load(database, other, on=LATER)) == (0, 0, 0, 1, 0)
    assert outcome(load(database, other, on=LATER)) == (0, 0, 0, 1, 0)
    assert count(database, RegisterProposal) == [1]
    second = confirm(database)
    with read_only(database) as session:
        before, after = unit_on(session, 1, LATER - timedelta(days=1)), unit_on(session, 1, LATER)
    assert before is not None
    assert after is not None
    assert (before.unit_id, before.until_on) == (first, LATER - timedelta(days=1))
    assert (after.unit_id, after.from_on, after.until_on) == (second, LATER, None)
    assert after.former_name is None
    assert count(database, Premises) == [1]
    assert outcome(load(database, other, on=LATER)) == (0, 0, 1, 0, 0)


def test_the_same_licence_with_another_credit_code_is_a_change_of_operator(database: Engine) -> None:
    load(database, A)
    assert outcome(load(database, replace(A, credit_code=NEW_CODE))) == (0, 0, 0, 1, 0)


def test_a_masked_identity_gives_way_to_the_full_code_without_a_change_of_operator(
    database: Engine,
) -> None:
    load(database, replace(A, credit_code="1201111990****1234"))
    assert outcome(load(database, A)) == (0, 1, 0, 0, 0)
    with read_only(database) as session:
        assert len(find_unit(session, credit_code=A.credit_code, on=DAY)) == 1


def test_a_rejected_proposal_leaves_the_register_and_is_not_made_again(database: Engine) -> None:
    load(database, A)
    other = replace(B, address=A.address)
    load(database, other)
    with transaction(database) as session:
        reject_proposal(session, proposal_id(database), actor="陈静", now=NOW)
    load(database, other)
    with read_only(database) as session:
        assert open_proposals(session) == []
    assert count(database, CateringUnit, RegisterProposal) == [1, 1]


def test_a_unit_that_moves_gets_the_new_doors_code_and_the_old_code_says_where(database: Engine) -> None:
    load(database, A)
    moved = replace(A, address="新华道1号")
    assert outcome(load(database, moved, on=LATER)) == (0, 0, 0, 1, 0)
    confirm(database)
    with read_only(database) as session:
        old, new = unit_on(session, 1, LATER), unit_on(session, 2, LATER)
        codes = list(session.exec(select(Premises.code).order_by(col(Premises.id))))
    assert old is not None
    assert new is not None
    assert (old.moved_to_code, old.moved_to_address) == (codes[1], "新华道1号")
    assert (new.from_on, new.version.licence_number) == (LATER, A.licence_number)
    assert codes[0] != codes[1]
    assert outcome(load(database, moved, on=LATER)) == (0, 0, 1, 0, 0)


def test_stalls_at_one_address_have_doors_of_their_own(database: Engine) -> None:
    stalls = [replace(A, door_label="1号"), replace(B, address=A.address, door_label="2号")]
    unlabelled = replace(A, licence_number="JY31201119900037", credit_code=NEW_CODE)
    assert outcome(load(database, *stalls, unlabelled)) == (3, 0, 0, 0, 0)
    assert count(database, Premises) == [3]
    assert outcome(load(database, *stalls, unlabelled)) == (0, 0, 3, 0, 0)


def test_rows_with_one_address_in_one_file_are_doors_of_their_own(database: Engine) -> None:
    assert outcome(load(database, A, replace(B, address=A.address))) == (2, 0, 0, 0, 0)
    assert count(database, Premises) == [2]
    assert outcome(load(database, replace(B, address=A.address), A)) == (0, 0, 2, 0, 0)


def test_a_given_storefront_code_wins_and_corrects_the_address_keeping_the_old_one(
    database: Engine,
) -> None:
    load(database, replace(A, code="2222-2222"))
    corrected = replace(A, code="2222-2222", address="柳口路28号增1号")
    assert outcome(load(database, corrected)) == (0, 1, 0, 0, 0)
    with read_only(database) as session:
        (door,) = session.exec(select(Premises)).all()
        (change,) = session.exec(select(DoorChange)).all()
    assert (door.code, door.address) == ("2222-2222", "柳口路28号增1号")
    assert A.address in change.before


def test_a_closed_unit_ends_its_door_stays_and_the_next_operator_starts_there(database: Engine) -> None:
    load(database, A)
    load(database, replace(A, state=UnitState.CLOSED), on=LATER)
    loaded = load(database, replace(B, address=A.address), on=LATER)
    assert outcome(loaded) == (1, 0, 0, 0, 0)
    assert count(database, Premises, CateringUnit) == [1, 2]
    with read_only(database) as session:
        now_there = unit_on(session, 1, LATER)
    assert now_there is not None
    assert now_there.version.licence_name == B.licence_name


def test_a_unit_that_opens_again_is_the_same_unit(database: Engine) -> None:
    (unit_id,) = load(database, A).ids
    load(database, replace(A, state=UnitState.CLOSED), on=LATER)
    again = load(database, A, on=LATER + timedelta(days=10))
    assert (outcome(again), again.ids) == ((0, 1, 0, 0, 0), (unit_id,))
    with read_only(database) as session:
        assert len(find_unit(session, licence_number=A.licence_number, on=date(2027, 5, 1))) == 1


def test_a_licence_that_another_holder_has_elsewhere_is_refused(database: Engine) -> None:
    load(database, A)
    loaded = load(database, replace(A, address="别处1号", credit_code=NEW_CODE))
    assert [(one.number, one.unit.unit_id) for one in loaded.refused] == [(1, 1)]
    assert count(database, CateringUnit) == [1]


def test_a_row_survives_its_way_through_a_proposal() -> None:
    full = replace(A, seats=3, online_ordering=False, from_on=DAY, holder_is_natural_person=True)
    assert row_from_json(row_to_json(full)) == full


@pytest.mark.parametrize(
    ("area", "seats", "size"),
    [(150, None, "small"), (151, None, "medium"), (500, 75, "medium"), (501, None, "large"),
     (100, 76, "medium"), (100, 251, "large"), (3000, 1000, "large"), (3001, 0, "very_large"),
     (10, 1001, "very_large"), (None, None, None)],
)  # fmt: skip
def test_the_larger_of_area_and_seats_gives_the_size_class(
    area: int | None, seats: int | None, size: str | None
) -> None:
    assert size_class("restaurant", None if area is None else Decimal(area), seats) == size
    assert size_class("snack_shop", None if area is None else Decimal(area), seats) is None


# --- files -------------------------------------------------------------------------------------------------


def import_rows(
    engine: Engine, tmp_path: Path, rows: Sequence[Sequence[Any]], headers: Sequence[str] = HEADERS
) -> UnitsImported:
    path = tmp_path / "名册.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([headers, *rows])
    with transaction(engine) as session:
        return import_units(session, path, on=DAY, now=NOW, actor="李伟", reports=tmp_path)


def report_sheet(done: UnitsImported, title: str) -> list[list[Any]]:
    assert done.report is not None
    return [[cell.value for cell in row] for row in openpyxl.load_workbook(done.report)[title].iter_rows()]


def test_two_rows_with_one_licence_and_different_names_are_both_reported_and_neither_loads(
    database: Engine, tmp_path: Path
) -> None:
    twin = ["另一家餐饮店", *ROW_A[1:]]
    done = import_rows(database, tmp_path, [ROW_A, ROW_B, twin])
    assert (done.read, done.new, done.bad) == (3, 1, 2)
    faults = [row for row in report_sheet(done, "问题")[1:] if row[5] == "错误"]
    assert [(row[0], row[1], row[2]) for row in faults] == [
        ("2", "许可证编号", A.licence_number),
        ("4", "许可证编号", A.licence_number),
    ]
    assert [row[0] for row in report_sheet(done, "有问题的行")[1:]] == [A.licence_name, "另一家餐饮店"]


def test_a_repeated_row_loads_once_and_is_a_remark(database: Engine, tmp_path: Path) -> None:
    done = import_rows(database, tmp_path, [ROW_A, ROW_A])
    assert (done.new, done.bad, done.warnings) == (1, 0, 1)


def test_bad_rows_are_reported_good_rows_load_and_the_mended_report_loads_the_rest(
    database: Engine, tmp_path: Path
) -> None:
    wrong = [*ROW_B]
    wrong[1], wrong[7] = "JY11201119900021", "-4"
    done = import_rows(
        database, tmp_path, [ROW_A, wrong, ["无证店", "", "", "x路1号", "", "杨柳镇", "餐馆", ""]]
    )
    assert (done.new, done.bad) == (1, 2)
    named = [row[:3] for row in report_sheet(done, "问题")[1:]]
    assert ["3", "许可证编号", "JY11201119900021"] in named
    assert ["3", "餐位数", "-4"] in named
    assert ["4", "许可证编号", ""] in named
    assert done.report is not None
    book = openpyxl.load_workbook(done.report)
    book["有问题的行"]["B2"], book["有问题的行"]["H2"] = B.licence_number, "4"
    mended = tmp_path / "mended.xlsx"
    book.save(mended)
    with transaction(database) as session:
        again = import_units(session, mended, on=DAY, now=NOW, actor="李伟", reports=tmp_path)
    assert (again.new, again.bad) == (1, 1)


def test_a_column_that_the_file_does_not_have_changes_nothing(database: Engine, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [ROW_A])
    done = import_rows(database, tmp_path, [ROW_A[:7]], HEADERS[:7])
    assert (done.unchanged, done.changed) == (1, 0)


def test_an_unexpected_region_is_only_a_remark(database: Engine, tmp_path: Path) -> None:
    with transaction(database) as session:
        set_setting(session, key="region", value="120112", from_on=DAY, actor="李伟", now=NOW)
    done = import_rows(database, tmp_path, [ROW_A])
    assert (done.new, done.bad, done.warnings) == (1, 0, 1)


def test_a_file_without_a_required_column_loads_nothing(database: Engine, tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="缺少必需的列：经营场所"):
        import_rows(database, tmp_path, [[*ROW_A[:3], *ROW_A[4:]]], [*HEADERS[:3], *HEADERS[4:]])
    assert count(database, CateringUnit) == [0]


_rows = st.builds(
    UnitRow,
    licence_name=st.sampled_from(["甲店", "乙馆", "丙坊"]),
    address=st.sampled_from(["一路1号", "一路2号"]),
    street=st.just("杨柳镇"),
    unit_type=st.just("restaurant"),
    licence_number=st.sampled_from([None, A.licence_number, B.licence_number, "JY31201119900037"]),
    credit_code=st.sampled_from([None, A.credit_code, B.credit_code, "1201111990****1234"]),
    state=st.sampled_from(list(UnitState)),
).filter(lambda row: row.licence_number or row.credit_code)
_files = st.lists(
    _rows,
    max_size=3,
    unique_by=(lambda r: r.licence_number or r.credit_code, lambda r: (r.credit_code, r.address)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(_files, max_size=3))
def test_any_files_in_any_order_keep_one_unit_a_door_and_repeat_without_change(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path, files: list[list[UnitRow]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.sqlite"
    path.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    for number, rows in enumerate(files):
        on = DAY + timedelta(days=number)
        load(engine, *rows, on=on)
        before = count(engine, Premises, CateringUnit, UnitVersion, RegisterProposal)
        load(engine, *rows, on=on)
        assert count(engine, Premises, CateringUnit, UnitVersion, RegisterProposal) == before
    with read_only(engine) as session:
        units = table_of(CateringUnit).c
        trading = session.exec(
            select(func.count()).where(units.until_on.is_(None)).group_by(units.premises_id)
        ).all()
    assert all(each == 1 for each in trading)
    engine.dispose()


@pytest.mark.postgres
def test_the_register_keeps_its_promises_on_postgresql(postgres: Engine) -> None:
    migrate(postgres)
    assert outcome(load(postgres, A, B)) == (2, 0, 0, 0, 0)
    assert outcome(load(postgres, replace(A, seats=80), B, on=LATER)) == (0, 1, 1, 0, 0)
    assert outcome(load(postgres, replace(B, address=A.address, credit_code=NEW_CODE, licence_number=None),
                        on=LATER)) == (0, 0, 0, 1, 1)  # fmt: skip
    confirm(postgres)
