"""Promises of editions: nobody decides alone, nothing unapproved is published, what is wrong can leave."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, select

from inspections.record.audit import verify_audit
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.visits.tables import Visit
from publishing.editions.drafts import Draft, DraftLine, EditionError
from publishing.editions.queries import listings_of, public_editions
from publishing.editions.service import (
    approve,
    own_edition,
    publish_approved,
    publish_edition,
    record_event,
    save_draft,
    withdraw,
)
from publishing.editions.tables import EntryEventKind
from publishing.editions.wording import mask_numbers, wording_fault
from tests.bureau import APPROVER, DUMPLINGS, EDITOR, SECOND_APPROVER, add_units, add_visit, open_bureau

MONTH = "2026-10"
VISITED = date(2026, 10, 22)

NOODLES = replace(
    DUMPLINGS,
    licence_name="某区张记面馆",
    sign_name="张记牛肉面",
    address="汇祥道16号",
    licence_number="JY21201119900024",
    credit_code=None,
)


@pytest.fixture
def bureau(database: Engine, now: datetime) -> Engine:
    """Two units, each visited in October: 福满源 without finding, 张记 with two."""
    open_bureau(database, now)
    with transaction(database) as session:
        good, bad = add_units(session, [DUMPLINGS, NOODLES], now)
        add_visit(session, good, VISITED, now)
        add_visit(session, bad, VISITED, now, failed=["11", "16"], result="non_compliant")
    return database


def _visit_ids(session: Session) -> list[int]:
    return [visit_id for visit_id in session.exec(select(Visit.id).order_by("id")) if visit_id]


def _draft(session: Session, **black: object) -> Draft:
    good, bad = _visit_ids(session)
    told = {
        "told_on": date(2026, 11, 2),
        "told_how": "书面告知书当面送达",
        "objection_until_on": date(2026, 11, 9),
    }
    red_line = DraftLine(1, "red", good, ("检查的项目均符合要求",), no_personal_names=True)
    black_line = DraftLine(
        2, "black", bad, ("后厨地面积水", "一袋面粉超过保质期"), "责令改正", no_personal_names=True
    )
    return Draft(MONTH, "冬日里的饺子馆", (red_line, replace(black_line, **{**told, **black})), 10)


def _publish(engine: Engine, now: datetime) -> None:
    with transaction(engine) as session:
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        approve(session, MONTH, actor=APPROVER, now=now)
        approve(session, MONTH, actor=SECOND_APPROVER, now=now)
        publish_edition(session, MONTH, now=now)


def _names(engine: Engine, on: date) -> Sequence[str | None]:
    with read_only(engine) as session:
        found = public_editions(session, on=on, is_preview=False)
    return [entry.name for edition in found for entry in edition.facts.entries]


def test_an_edition_approved_by_two_others_is_published_with_what_the_register_knew(
    bureau: Engine, now: datetime
) -> None:
    _publish(bureau, now)
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=now.date(), is_preview=False)
        assert list(verify_audit(session)) == []
    assert edition.facts.title == "2026年第10期"
    assert [entry.name for entry in edition.facts.entries] == ["福满源饺子馆", "张记牛肉面"]
    assert edition.facts.entries[1].reasons == ("后厨地面积水", "一袋面粉超过保质期")
    assert edition.facts.entries[1].inspected_on == VISITED
    assert (edition.facts.red_count, edition.facts.black_count) == (1, 1)


def test_who_drafted_any_version_cannot_approve(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, _draft(session), actor=APPROVER, now=now)
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="不能审批自己起草"):
            approve(session, MONTH, actor=APPROVER, now=now)
        with pytest.raises(EditionError, match="不能审批自己起草"):
            approve(session, MONTH, actor=EDITOR, now=now)


def test_one_approval_twice_is_one_approval(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1
        with pytest.raises(EditionError, match="只有 1 人审批"):
            publish_edition(session, MONTH, now=now)


def test_an_approval_lapses_when_a_line_changes(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        approve(session, MONTH, actor=APPROVER, now=now)
        approve(session, MONTH, actor=SECOND_APPROVER, now=now)
        save_draft(session, _draft(session, measures="责令改正并立案"), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="只有 0 人审批"):
            publish_edition(session, MONTH, now=now)


def test_the_scheduled_job_publishes_what_is_approved_and_nothing_else(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        approve(session, MONTH, actor=APPROVER, now=now)
    assert publish_approved(bureau, now) == 0
    assert _names(bureau, now.date()) == []
    with transaction(bureau) as session:
        approve(session, MONTH, actor=SECOND_APPROVER, now=now)
    assert publish_approved(bureau, now) == 1
    assert publish_approved(bureau, now) == 0


def test_two_publishers_at_once_publish_once(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        approve(session, MONTH, actor=APPROVER, now=now)
        approve(session, MONTH, actor=SECOND_APPROVER, now=now)
    published: list[int] = []
    threads = [
        threading.Thread(target=lambda: published.append(publish_approved(bureau, now))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(published) == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"told_on": None}, "缺书面告知"),
        ({"told_how": None}, "缺书面告知"),
        ({"objection_until_on": None}, "缺书面告知"),
        ({"objection_until_on": date(2026, 11, 6)}, "不足告知"),
        ({"objection_until_on": date(2026, 11, 24)}, "才结束"),
        ({"no_personal_names": False}, "无个人姓名"),
    ],
)
def test_a_black_entry_without_notice_or_window_is_refused(
    bureau: Engine, now: datetime, change: dict[str, object], expected: str
) -> None:
    with transaction(bureau) as session:
        save_draft(session, _draft(session, **change), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match=expected):
            approve(session, MONTH, actor=APPROVER, now=now)


def test_the_objection_window_may_end_the_day_before_publication(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        draft = _draft(session, told_on=date(2026, 11, 18), objection_until_on=date(2026, 11, 23))
        save_draft(session, draft, actor=EDITOR, now=now)
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1


def test_a_demonstration_needs_no_notice(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        set_mark(session, DEMONSTRATION, now=now)
        draft = _draft(session, told_on=None, told_how=None, objection_until_on=None)
        save_draft(session, draft, actor=EDITOR, now=now)
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1


def test_without_a_display_term_nothing_is_approved(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        session.connection().exec_driver_sql("DELETE FROM setting_values WHERE key = 'black_term_days'")
        good, bad = add_units(session, [DUMPLINGS, NOODLES], now)
        add_visit(session, good, VISITED, now)
        add_visit(session, bad, VISITED, now, failed=["11"], result="non_compliant")
        save_draft(session, _draft(session), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="settings set black_term_days"):
            approve(session, MONTH, actor=APPROVER, now=now)


def test_a_visit_that_is_not_released_cannot_be_listed(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        (unit,) = add_units(session, [DUMPLINGS], now)
        add_visit(session, unit, VISITED, now, release=False)
        line = DraftLine(1, "red", _visit_ids(session)[0], ("均符合要求",), no_personal_names=True)
        with pytest.raises(EditionError, match="visits release"):
            save_draft(session, Draft(MONTH, None, (line,)), actor=EDITOR, now=now)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请拨打 13812345678", "手机号"),
        ("电话１３８ １２３４ ５６７８", "手机号"),
        ("联系 022-27391234", "固定电话"),
        ("(022)27391234", "固定电话"),
        ("400-800-1234", "电话号码"),
        ("身份证 12010119900307661X", "身份证"),
        ("身份证120101********661X", "身份证"),
        ("列入黑名单", "黑名单"),
        ("推荐就餐", "推荐"),
        ("放心消费", "放心"),
        ("永久公示", "永久"),
    ],
)
def test_numbers_of_persons_and_forbidden_words_are_refused(text: str, expected: str) -> None:
    assert expected in (wording_fault(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "后厨地面积水，2 项问题",
        "2026年10月22日检查，冷藏柜温度 12 ℃",
        "许可证编号 JY21201119900016",
        "面积 1300 平方米，供餐 12000 人",
        "请拨打 12315 投诉举报",
    ],
)
def test_ordinary_facts_of_an_inspection_are_not_refused(text: str) -> None:
    assert wording_fault(text) is None


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", " ", "-", "－", "　"]),
    st.text(alphabet="后厨地面积水的了", max_size=5),
)
def test_no_spelling_of_a_mobile_number_gets_through(number: str, between: str, around: str) -> None:
    text = around + between.join([number[:3], number[3:7], number[7:]]) + around
    assert wording_fault(text) is not None
    assert number[3:7] not in mask_numbers(text.replace(between, "") if between else text)


def test_withdrawing_one_entry_leaves_a_neutral_note(bureau: Engine, now: datetime) -> None:
    _publish(bureau, now)
    with transaction(bureau) as session:
        withdraw(session, MONTH, number=2, reason="单位信息有误", actor=APPROVER, now=now)
        with pytest.raises(EditionError, match="已经撤下过"):
            withdraw(session, MONTH, number=2, reason="单位信息有误", actor=APPROVER, now=now)
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=now.date(), is_preview=False)
        (unit,) = session.exec(select(Visit.unit_id).where(Visit.id == 2)).all()
        listings = listings_of(session, [unit], on=now.date(), is_preview=False)
    gone = edition.facts.entries[1]
    assert gone.is_withdrawn
    assert (gone.name, gone.holder, gone.address, gone.reasons, gone.list_word) == (
        None,
        None,
        None,
        (),
        None,
    )
    assert "撤下" in gone.states[0].zh
    assert edition.facts.withdrawn == 1
    assert edition.facts.black_count == 0
    assert listings[unit].shown == ()


def test_a_reason_for_withdrawal_may_hold_no_number_of_a_person(bureau: Engine, now: datetime) -> None:
    _publish(bureau, now)
    with transaction(bureau) as session, pytest.raises(EditionError, match="手机号"):
        withdraw(session, MONTH, number=2, reason="见 13812345678", actor=APPROVER, now=now)


def test_entries_end_with_their_term_red_and_black_each(bureau: Engine, now: datetime) -> None:
    _publish(bureau, now)
    published = now.date()
    assert _names(bureau, published + timedelta(days=89)) == ["福满源饺子馆", "张记牛肉面"]
    assert _names(bureau, published + timedelta(days=90)) == ["福满源饺子馆"]
    assert _names(bureau, published + timedelta(days=180)) == []
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=published, is_preview=False)
        (later,) = public_editions(session, on=published + timedelta(days=90), is_preview=False)
    assert edition.changes_on == published + timedelta(days=90)
    assert later.facts.ended == 1
    assert [address.number for address in later.lapsed] == [2]
    assert later.changes_on == published + timedelta(days=180)


def test_the_newest_state_stands_first(bureau: Engine, now: datetime) -> None:
    _publish(bureau, now)
    with transaction(bureau) as session:
        for kind, day in (
            (EntryEventKind.RECTIFIED, date(2026, 11, 12)),
            (EntryEventKind.RECHECK_PASSED, date(2026, 11, 18)),
        ):
            record_event(session, MONTH, 2, kind, day, actor=EDITOR, now=now)
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=now.date(), is_preview=False)
    assert [state.zh for state in edition.facts.entries[1].states] == [
        "已整改，2026年11月18日复查通过",
        "2026年11月12日已整改",
    ]


def test_an_event_that_has_not_happened_is_refused(bureau: Engine, now: datetime) -> None:
    _publish(bureau, now)
    day = now.date() + timedelta(days=1)
    with transaction(bureau) as session, pytest.raises(EditionError, match="还没有到"):
        record_event(session, MONTH, 2, EntryEventKind.RECTIFIED, day, actor=EDITOR, now=now)


def test_a_published_edition_is_not_drafted_again(bureau: Engine, now: datetime) -> None:
    _publish(bureau, now)
    with transaction(bureau) as session, pytest.raises(EditionError, match="edition withdraw"):
        save_draft(session, _draft(session), actor=EDITOR, now=now)
    with read_only(bureau) as session:
        found = own_edition(session, MONTH)
        assert found is not None
        assert found.published_on == now.date()
