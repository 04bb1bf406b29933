"""Promises of editions: nobody decides alone, nothing unapproved is published, what is wrong can leave."""

import threading
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete
from sqlmodel import col, select

from inspections.people.service import add_account, revoke_account
from inspections.people.staffing import set_roles
from inspections.people.tables import Role
from inspections.record.audit import verify_audit
from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.tables import SettingValue
from inspections.visits.tables import Visit
from publishing.editions.drafting import drafted_edition, find_edition
from publishing.editions.drafts import Draft, DraftError, DraftLine, EditionError
from publishing.editions.queries import EntryAddress, listings_of, public_editions
from publishing.editions.service import (
    approve,
    publish_approved,
    publish_edition,
    record_event,
    save_draft,
    withdraw,
)
from publishing.editions.tables import EntryEventKind
from tests.bureau import (
    ADMINISTRATOR,
    APPROVER,
    DUMPLINGS,
    EDITOR,
    PASSWORD,
    SECOND_APPROVER,
    add_units,
    add_visit,
    open_bureau,
)
from tests.publishing.editions.conftest import (
    MONTH,
    VISITED,
    approve_by_two,
    october_draft,
    publish_october,
    visit_ids,
)


def _names(engine: Engine, on: date) -> Sequence[str | None]:
    with read_only(engine) as session:
        found = public_editions(session, on=on, is_preview=False)
    return [entry.name for edition in found for entry in edition.facts.entries]


def test_an_edition_approved_by_two_others_is_published_with_what_the_register_knew(
    bureau: Engine, now: datetime
) -> None:
    publish_october(bureau)
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=civil_day(now), is_preview=False)
        assert list(verify_audit(session)) == []
    assert edition.facts.title == "2026年第10期"
    assert [entry.name for entry in edition.facts.entries] == ["福满源饺子馆", "张记牛肉面"]
    assert edition.facts.entries[1].reasons == ("后厨地面积水", "一袋面粉超过保质期")
    assert edition.facts.entries[1].inspected_on == VISITED
    assert (edition.facts.red_count, edition.facts.black_count) == (1, 1)


def test_who_drafted_any_version_cannot_approve(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        both = [Role.EDITOR, Role.APPROVER]
        add_account(session, name="孙敏", password=PASSWORD, roles=both, actor=ADMINISTRATOR, now=now)
        save_draft(session, october_draft(session), actor="孙敏", now=now)
        save_draft(session, october_draft(session, measures="责令改正并立案"), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="不能审批自己起草"):
            approve(session, MONTH, actor="孙敏", now=now)


def test_an_approval_given_before_drafting_does_not_count_afterwards(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        both = [Role.EDITOR, Role.APPROVER]
        add_account(session, name="孙敏", password=PASSWORD, roles=both, actor=ADMINISTRATOR, now=now)
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve(session, MONTH, actor="孙敏", now=now)
        save_draft(session, october_draft(session), actor="孙敏", now=now)
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1


@pytest.mark.parametrize("name", [EDITOR, ADMINISTRATOR, "没有这个人"])
def test_only_an_account_with_the_role_approves_or_withdraws(
    bureau: Engine, now: datetime, name: str
) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="没有“审批”角色"):
            approve(session, MONTH, actor=name, now=now)
        with pytest.raises(EditionError, match="没有“审批”角色"):
            withdraw(session, MONTH, number=1, reason="有误", actor=name, now=now)
        with pytest.raises(EditionError, match="没有“编辑”角色"):
            save_draft(session, october_draft(session), actor=APPROVER, now=now)


def test_an_approval_is_bound_to_what_was_seen(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        seen = save_draft(session, october_draft(session), actor=EDITOR, now=now)
        save_draft(session, october_draft(session, measures="责令改正并立案"), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="已经变了"):
            approve(session, MONTH, actor=APPROVER, now=now, seen_hash=seen)


def test_one_approval_twice_is_one_approval(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1
        with pytest.raises(EditionError, match="只有 1 人审批"):
            publish_edition(session, MONTH, now=now)


def test_an_approval_lapses_when_a_line_changes(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve_by_two(session)
        save_draft(session, october_draft(session, measures="责令改正并立案"), actor=EDITOR, now=now)
        with pytest.raises(EditionError, match="只有 0 人审批"):
            publish_edition(session, MONTH, now=now)


@pytest.mark.parametrize("is_revoked", [True, False])
def test_the_approval_of_who_may_no_longer_approve_does_not_count(
    bureau: Engine, now: datetime, is_revoked: bool
) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve_by_two(session)
        if is_revoked:
            revoke_account(session, name=SECOND_APPROVER, actor=ADMINISTRATOR, now=now)
        else:
            set_roles(session, SECOND_APPROVER, [Role.EDITOR], actor=ADMINISTRATOR, now=now)
        with pytest.raises(EditionError, match="只有 1 人审批"):
            publish_edition(session, MONTH, now=now)
    assert publish_approved(bureau, now) == 0


def test_the_scheduled_job_publishes_what_is_approved_and_nothing_else(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve(session, MONTH, actor=APPROVER, now=now)
    assert publish_approved(bureau, now) == 0
    assert _names(bureau, civil_day(now)) == []
    with transaction(bureau) as session:
        approve(session, MONTH, actor=SECOND_APPROVER, now=now)
    assert publish_approved(bureau, now) == 1
    assert publish_approved(bureau, now) == 0


def test_two_publishers_at_once_publish_once(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve_by_two(session)
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
        ({"told_on": None, "objection_until_on": None}, "没有告知日期"),
        ({"told_how": None}, "没有告知方式"),
        ({"told_how": " "}, "没有告知方式"),
        ({"told_on": date(2026, 10, 21)}, "早于检查日期"),
        ({"told_on": date(2026, 11, 25), "objection_until_on": None}, "还没有到"),
        ({"objection_until_on": date(2026, 11, 6)}, "不足 5 天"),
        ({"no_personal_names": False}, "无个人姓名"),
        ({"reasons": ()}, "上榜理由"),
        ({"reasons": ("列入黑名单",)}, "黑名单"),
        ({"measures": "电话 13812345678"}, "手机号"),
        ({"list_word": "yellow"}, "不是红榜或黑榜"),
        ({"number": 1}, "序号相同"),
    ],
)
def test_a_black_entry_without_what_it_needs_is_refused_with_its_line(
    bureau: Engine, now: datetime, change: dict[str, object], expected: str
) -> None:
    with transaction(bureau) as session:
        with pytest.raises(DraftError, match=expected) as refusal:
            save_draft(session, october_draft(session, **change), actor=EDITOR, now=now)
        assert {fault.row for fault in refusal.value.faults} == {change.get("number", 2)}
        assert all(fault.what and fault.cure for fault in refusal.value.faults)
        assert find_edition(session, MONTH) is None


def test_the_end_of_the_objection_window_follows_from_the_setting(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        save_draft(session, october_draft(session, objection_until_on=None), actor=EDITOR, now=now)
        _, saved = drafted_edition(session, MONTH)
    assert saved.lines[1].objection_until_on == date(2026, 11, 7)


def test_nothing_is_published_while_an_objection_window_is_open(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        draft = october_draft(session, told_on=date(2026, 11, 19), objection_until_on=None)
        save_draft(session, draft, actor=EDITOR, now=now)
        approve_by_two(session)
        with pytest.raises(EditionError, match="2026-11-25 或以后公示"):
            publish_edition(session, MONTH, now=now)
    assert publish_approved(bureau, now) == 0
    assert publish_approved(bureau, now + timedelta(days=1)) == 1


def test_a_demonstration_needs_no_notice(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        set_mark(session, DEMONSTRATION, now=now)
        draft = october_draft(session, told_on=None, told_how=None, objection_until_on=None)
        save_draft(session, draft, actor=EDITOR, now=now)
        assert approve(session, MONTH, actor=APPROVER, now=now) == 1


@pytest.mark.parametrize("key", ["red_term_days", "black_term_days"])
def test_without_a_display_term_nothing_is_published(bureau: Engine, now: datetime, key: str) -> None:
    with transaction(bureau) as session:
        session.connection().execute(delete(SettingValue).where(col(SettingValue.key) == key))
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
        approve_by_two(session)
        with pytest.raises(EditionError, match=f"settings set {key} 天数 --from 日期"):
            publish_edition(session, MONTH, now=now)


def test_without_a_decided_objection_window_a_black_line_is_refused(bureau: Engine, now: datetime) -> None:
    with transaction(bureau) as session:
        gone = delete(SettingValue).where(col(SettingValue.key) == "objection_days")
        session.connection().execute(gone)
        with pytest.raises(DraftError, match="settings set objection_days 天数 --from 日期"):
            save_draft(session, october_draft(session), actor=EDITOR, now=now)


def test_a_visit_that_is_not_released_cannot_be_listed(database: Engine, now: datetime) -> None:
    open_bureau(database, now)
    with transaction(database) as session:
        (unit,) = add_units(session, [DUMPLINGS], now)
        add_visit(session, unit, VISITED, now, release=False)
        line = DraftLine(1, "red", visit_ids(session)[0], ("均符合要求",), no_personal_names=True)
        with pytest.raises(EditionError, match="还没有发布"):
            save_draft(session, Draft(MONTH, None, (line,)), actor=EDITOR, now=now)


def test_withdrawing_one_entry_leaves_a_neutral_note(bureau: Engine, now: datetime) -> None:
    publish_october(bureau)
    with transaction(bureau) as session:
        withdraw(session, MONTH, number=2, reason="单位信息有误", actor=APPROVER, now=now)
        with pytest.raises(EditionError, match="已经撤下过"):
            withdraw(session, MONTH, number=2, reason="单位信息有误", actor=APPROVER, now=now)
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=civil_day(now), is_preview=False)
        (unit,) = session.exec(select(Visit.unit_id).where(Visit.id == 2)).all()
        listings = listings_of(session, [unit], on=civil_day(now), is_preview=False)
        (before,) = public_editions(session, on=civil_day(now), is_preview=True)
    assert [entry.name for entry in edition.facts.entries] == ["福满源饺子馆"]
    assert edition.lapsed == (EntryAddress(2, "/editions/2026-10/2/", is_withdrawn=True),)
    assert "张记" not in repr(edition)
    assert "张记" not in repr(before)
    assert edition.facts.withdrawn == 1
    assert edition.facts.black_count == 0
    assert listings[unit].shown == ()


def test_a_reason_for_withdrawal_may_hold_no_number_of_a_person(bureau: Engine, now: datetime) -> None:
    publish_october(bureau)
    with transaction(bureau) as session, pytest.raises(EditionError, match="手机号"):
        withdraw(session, MONTH, number=2, reason="见 13812345678", actor=APPROVER, now=now)


def test_entries_end_with_their_term_red_and_black_each(bureau: Engine, now: datetime) -> None:
    publish_october(bureau)
    published = civil_day(now)
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
    publish_october(bureau)
    with transaction(bureau) as session:
        for kind, day in (
            (EntryEventKind.RECTIFIED, date(2026, 11, 12)),
            (EntryEventKind.RECHECK_PASSED, date(2026, 11, 18)),
        ):
            record_event(session, MONTH, 2, kind, day, actor=EDITOR, now=now)
    with read_only(bureau) as session:
        (edition,) = public_editions(session, on=civil_day(now), is_preview=False)
    assert [state.zh for state in edition.facts.entries[1].states] == [
        "已整改，11月18日复查通过",
        "11月12日已整改",
    ]


def test_an_event_that_has_not_happened_is_refused(bureau: Engine, now: datetime) -> None:
    publish_october(bureau)
    day = civil_day(now) + timedelta(days=1)
    with transaction(bureau) as session, pytest.raises(EditionError, match="还没有到"):
        record_event(session, MONTH, 2, EntryEventKind.RECTIFIED, day, actor=EDITOR, now=now)


def test_a_published_edition_is_not_drafted_again(bureau: Engine, now: datetime) -> None:
    publish_october(bureau)
    with transaction(bureau) as session, pytest.raises(EditionError, match="edition withdraw"):
        save_draft(session, october_draft(session), actor=EDITOR, now=now)
    with read_only(bureau) as session:
        found = find_edition(session, MONTH)
        assert found is not None
        assert found.published_on == civil_day(now)
