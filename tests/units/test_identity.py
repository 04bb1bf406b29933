"""Who is who in the register: the same unit, a renewed licence, another operator, a move, a vacant door."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import col, select

from inspections.record.database import open_database, read_only, transaction
from inspections.record.migrate import migrate
from inspections.units.matching import Outcome
from inspections.units.queries import find_unit, unit_on
from inspections.units.register_file import UnitRow, row_from_json, row_to_json
from inspections.units.service import RegisterError, confirm_proposal, reject_proposal
from inspections.units.tables import (
    CateringUnit,
    DoorChange,
    Premises,
    RegisterProposal,
    UnitState,
    UnitVersion,
)
from inspections.units.words import size_class
from tests.units.register import (
    DAY,
    LATER,
    NEW_CODE,
    NOW,
    THIRD_LICENCE,
    A,
    B,
    confirm,
    count,
    load,
    outcome,
    overlaps,
    proposal_ids,
    reject,
)

MASKED = "1201111990****1234"


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
    reject(database)
    loaded = load(database, other)
    assert (loaded.proposals, loaded.rejected) == (0, 1)
    assert proposal_ids(database) == []
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


def test_a_renewed_licence_of_the_same_name_needs_no_credit_code_and_keeps_the_known_one(
    database: Engine,
) -> None:
    load(database, A)
    renewed = replace(A, licence_number=THIRD_LICENCE, credit_code=None)
    assert outcome(load(database, renewed, on=LATER)) == (0, 1, 0, 0, 0)
    assert outcome(load(database, renewed, on=LATER)) == (0, 0, 1, 0, 0)
    with read_only(database) as session:
        assert len(find_unit(session, credit_code=A.credit_code, on=LATER)) == 1


def test_without_a_new_credit_code_nobody_is_another_operator(database: Engine) -> None:
    load(database, A)
    loaded = load(database, replace(B, address=A.address, credit_code=None), on=LATER)
    assert outcome(loaded) == (0, 0, 0, 0, 0)
    assert [(one.why, one.unit.licence_name) for one in loaded.refused] == [
        (Outcome.NO_CREDIT_CODE, A.licence_name)
    ]
    assert count(database, CateringUnit, RegisterProposal) == [1, 0]


def test_a_masked_identity_never_replaces_the_full_code(database: Engine) -> None:
    load(database, A)
    assert outcome(load(database, replace(A, credit_code=MASKED))) == (0, 0, 1, 0, 0)
    with read_only(database) as session:
        assert len(find_unit(session, credit_code=A.credit_code, on=DAY)) == 1


def test_two_masked_identities_with_other_digits_are_two_holders(database: Engine) -> None:
    load(database, replace(A, credit_code=MASKED))
    other = replace(A, credit_code="1201111985****5678")
    assert outcome(load(database, other)) == (0, 0, 0, 1, 0)


def test_a_move_into_a_vacant_door_keeps_that_doors_code(database: Engine) -> None:
    load(database, A, B)
    load(database, A, replace(B, state=UnitState.CLOSED), on=LATER)
    day = LATER + timedelta(days=7)
    load(database, replace(A, address=B.address), on=day)
    unit_id = confirm(database)
    assert count(database, Premises) == [2]
    with read_only(database) as session:
        there, left = unit_on(session, 2, day), unit_on(session, 1, day)
        codes = list(session.exec(select(Premises.code).order_by(col(Premises.id))))
    assert there is not None
    assert left is not None
    assert (there.unit_id, there.from_on) == (unit_id, day)
    assert left.moved_to_code == codes[1]
    assert overlaps(database) == []


def test_a_move_to_the_code_of_a_door_where_somebody_trades_cannot_be_confirmed(database: Engine) -> None:
    load(database, replace(A, code="2222-2222"), replace(B, code="3333-333X"))
    load(database, replace(A, code="3333-333X", address=B.address), on=LATER)
    with pytest.raises(RegisterError, match=f"由“{B.licence_name}”经营"):
        confirm(database)
    assert count(database, CateringUnit) == [2]


def test_a_file_with_the_old_door_as_moved_and_the_new_one_tells_a_move(database: Engine) -> None:
    load(database, A)
    rows = (replace(A, state=UnitState.MOVED, from_on=LATER), replace(A, address="新华道1号", from_on=LATER))
    assert outcome(load(database, *rows, on=LATER)) == (0, 1, 0, 1, 0)
    confirm(database)
    with read_only(database) as session:
        left, there = unit_on(session, 1, LATER), unit_on(session, 2, LATER)
    assert left is not None
    assert there is not None
    assert (left.until_on, left.moved_to_address) == (LATER - timedelta(days=1), "新华道1号")
    assert (there.from_on, there.version.licence_number) == (LATER, A.licence_number)
    assert outcome(load(database, *rows, on=LATER)) == (0, 0, 2, 0, 0)


def test_who_left_and_turns_up_later_at_another_door_has_moved_there(database: Engine) -> None:
    load(database, A)
    load(database, replace(A, state=UnitState.MOVED), on=LATER)
    day = LATER + timedelta(days=30)
    assert outcome(load(database, replace(A, address="新华道1号"), on=day)) == (0, 0, 0, 1, 0)
    confirm(database)
    with read_only(database) as session:
        left = unit_on(session, 1, day)
    assert left is not None
    assert left.moved_to_address == "新华道1号"


def test_who_moves_back_gets_the_old_doors_code_again(database: Engine) -> None:
    load(database, A)
    load(database, replace(A, address="新华道1号"), on=LATER)
    confirm(database)
    day = LATER + timedelta(days=30)
    assert outcome(load(database, A, on=day)) == (0, 0, 0, 1, 0)
    confirm(database)
    assert count(database, Premises) == [2]
    with read_only(database) as session:
        home, left = unit_on(session, 1, day), unit_on(session, 2, day)
    assert home is not None
    assert left is not None
    assert (home.until_on, home.moved_to_code) == (None, None)
    assert left.moved_to_address == A.address
    assert overlaps(database) == []


def test_an_operator_who_returns_after_another_starts_anew_and_is_the_present_one(database: Engine) -> None:
    (first,) = load(database, A).ids
    load(database, replace(A, state=UnitState.CLOSED), on=LATER)
    other = replace(B, address=A.address)
    load(database, other, on=LATER)
    day = LATER + timedelta(days=30)
    load(database, replace(other, state=UnitState.CLOSED), on=day)
    (again,) = load(database, A, on=day).ids
    assert again not in (None, first)
    with read_only(database) as session:
        present = unit_on(session, 1, day)
    assert present is not None
    assert present.unit_id == again
    assert overlaps(database) == []
    assert count(database, Premises) == [1]


def test_a_unit_that_arrives_closed_traded_from_its_licence_to_the_closing(database: Engine) -> None:
    closed = replace(A, state=UnitState.CLOSED, licence_from_on=date(2021, 5, 1), from_on=date(2026, 10, 8))
    load(database, closed)
    with read_only(database) as session:
        (unit,) = session.exec(select(CateringUnit)).all()
    assert (unit.from_on, unit.until_on) == (date(2021, 5, 1), date(2026, 10, 7))


_EARLIER = date(2024, 3, 1)


@pytest.mark.parametrize("earlier", [replace(A, from_on=_EARLIER), replace(A, licence_from_on=_EARLIER)])
def test_an_earlier_first_day_that_a_row_brings_later_holds(database: Engine, earlier: UnitRow) -> None:
    load(database, A)
    assert load(database, earlier, on=LATER).changed == 1
    assert outcome(load(database, earlier, on=LATER)) == (0, 0, 1, 0, 0)
    with read_only(database) as session:
        then = unit_on(session, 1, date(2024, 3, 1))
    assert then is not None
    assert (then.from_on, then.version.licence_name) == (date(2024, 3, 1), A.licence_name)


def test_an_earlier_first_day_never_reaches_into_another_operators_days(database: Engine) -> None:
    load(database, A)
    other = replace(B, address=A.address)
    load(database, other, on=LATER)
    confirm(database)
    assert outcome(load(database, replace(other, from_on=date(2024, 3, 1)), on=LATER)) == (0, 0, 1, 0, 0)
    assert overlaps(database) == []


def test_a_row_that_closes_a_unit_finds_it_by_its_licence_under_another_spelling(database: Engine) -> None:
    load(database, A)
    closing = replace(A, address="柳口路28号（一层东侧）", state=UnitState.CLOSED)
    assert outcome(load(database, closing, on=LATER)) == (0, 1, 0, 0, 0)
    assert outcome(load(database, closing, on=LATER)) == (0, 0, 1, 0, 0)
    assert count(database, Premises) == [1]


def test_a_former_licence_beside_the_present_one_makes_no_second_door(database: Engine) -> None:
    former = replace(A, licence_number=THIRD_LICENCE, state=UnitState.CLOSED)
    assert outcome(load(database, former, A)) == (1, 0, 1, 0, 0)
    renewed = (replace(A, state=UnitState.CLOSED), replace(A, licence_number=B.licence_number))
    assert outcome(load(database, *renewed, on=LATER)) == (0, 1, 1, 0, 0)
    assert outcome(load(database, *renewed, on=LATER)) == (0, 0, 2, 0, 0)
    assert count(database, Premises, CateringUnit) == [1, 1]


def test_two_canteens_of_one_holder_at_one_address_are_never_mixed_up(database: Engine) -> None:
    staff = replace(A, licence_number=THIRD_LICENCE, sign_name="职工食堂", unit_type="canteen")
    ids = load(database, replace(A, sign_name="餐厅"), staff).ids
    closing = replace(staff, licence_number=None, sign_name=None, state=UnitState.CLOSED)
    loaded = load(database, closing, on=LATER)
    assert [one.why for one in loaded.refused] == [Outcome.AMBIGUOUS]
    renewed = replace(staff, licence_number=B.licence_number)
    assert load(database, replace(A, sign_name="餐厅"), renewed, on=LATER).ids == ids


def test_a_confirmed_change_settles_what_else_was_proposed_for_the_unit(database: Engine) -> None:
    load(database, A)
    other = replace(B, address=A.address)
    load(database, other)
    load(database, replace(other, seats=30))
    first, _ = proposal_ids(database)
    with transaction(database) as session:
        confirm_proposal(session, first, actor="陈静", now=NOW)
    assert proposal_ids(database) == []


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


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=st.lists(_files, max_size=3), decisions=st.lists(st.booleans(), max_size=6))
def test_any_files_and_decisions_keep_one_unit_a_door_a_day_and_repeat_without_change(
    tmp_path_factory: pytest.TempPathFactory,
    migrated_file: Path,
    files: list[list[UnitRow]],
    decisions: list[bool],
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.sqlite"
    path.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{path}")
    codes: dict[int, str] = {}
    for number, rows in enumerate(files):
        on = DAY + timedelta(days=number)
        load(engine, *rows, on=on)
        before = count(engine, Premises, CateringUnit, UnitVersion, RegisterProposal)
        load(engine, *rows, on=on)
        assert count(engine, Premises, CateringUnit, UnitVersion, RegisterProposal) == before
        decide_all(engine, decisions)
        assert overlaps(engine) == []
        with read_only(engine) as session:
            now = {door.id or 0: door.code for door in session.exec(select(Premises))}
        assert codes.items() <= now.items()
        codes = now
    engine.dispose()


def decide_all(engine: Engine, decisions: list[bool]) -> None:
    """Confirm what is decided so, reject the rest; a confirmation settles others of the same unit."""
    for number, proposal in enumerate(proposal_ids(engine)):
        if proposal not in proposal_ids(engine):
            continue
        with transaction(engine) as session:
            if decisions[number : number + 1] == [True]:
                confirm_proposal(session, proposal, actor="陈静", now=NOW)
            else:
                reject_proposal(session, proposal, actor="陈静", now=NOW)


@pytest.mark.postgres
def test_the_register_keeps_its_promises_on_postgresql(postgres: Engine) -> None:
    migrate(postgres)
    assert outcome(load(postgres, A, B)) == (2, 0, 0, 0, 0)
    assert outcome(load(postgres, replace(A, seats=80), B, on=LATER)) == (0, 1, 1, 0, 0)
    assert outcome(load(postgres, replace(B, address=A.address, credit_code=NEW_CODE, licence_number=None),
                        on=LATER)) == (0, 0, 0, 1, 1)  # fmt: skip
    confirm(postgres)
