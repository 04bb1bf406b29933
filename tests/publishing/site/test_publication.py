"""What a publication writes, what it leaves alone, and what must never be in it."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import select

from inspections.record.changes import Subject, note_changes
from inspections.record.database import read_only, transaction
from inspections.record.jobs import take_lease
from inspections.record.marks import DEMONSTRATION, set_mark
from inspections.record.settings import set_setting
from inspections.record.tables import Change
from inspections.units.tables import CateringUnit, Premises, UnitVersion
from publishing.editions.tables import EditionEntry, EditionKind, EntryEvent, EntryEventKind
from publishing.search.finding import find, open_published
from publishing.search.language import read_search
from publishing.site.batches import PublicationError
from publishing.site.service import publish
from tests.bureau import DUMPLINGS, add_units, add_visit
from tests.publishing.site.town import Town, add_edition, assert_whole, places_of


def hits(town: Town, **parameters: str) -> list[str]:
    with open_published(town.search_file) as database:
        return [row.name for row in find(database, read_search(parameters))[1].rows]


def rename(town: Town, name: str, sign_name: str) -> None:
    with transaction(town.house.engine) as session:
        version = session.exec(select(UnitVersion).where(UnitVersion.unit_id == town.units[name])).one()
        version.sign_name = sign_name
        session.add(version)
        unit = session.get_one(CateringUnit, town.units[name])
        note_changes(session, Subject.PREMISES, [unit.premises_id])


def times(town: Town) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in town.site.rglob("index.html")}


def test_the_first_publication_writes_every_page_with_its_siblings(town: Town, now: datetime) -> None:
    summary = town.publish(now)
    assert summary.was_full
    for path in ("", "editions", "rules", "about", *(f"s/{code}" for code in town.codes.values())):
        folder = town.site / path
        assert {"index.html", "index.html.br", "index.html.gz"} <= {file.name for file in folder.iterdir()}
    assert_whole(town)
    assert not town.site.with_name("site.part").exists()
    said = json.loads((town.site / "publication.json").read_text(encoding="utf-8"))
    assert (said["as_of"], said["pages"]) == ("2026-11-24", summary.pages)


def test_a_second_publication_writes_nothing(town: Town, now: datetime) -> None:
    town.publish(now)
    before = times(town)
    summary = town.publish(now + timedelta(minutes=5))
    assert (summary.written, summary.removed, summary.was_full) == (0, 0, False)
    assert times(town) == before


def test_only_the_pages_whose_facts_changed_are_written(town: Town, now: datetime) -> None:
    town.publish(now)
    before = times(town)
    rename(town, "tea", "清心茶铺")
    with transaction(town.house.engine) as session:
        note_changes(session, Subject.PREMISES, [town.units["dumplings"]])
    town.publish(now)
    changed = {path for path, time in times(town).items() if before.get(path) != time}
    assert changed == {str(town.site / "s" / town.codes["tea"] / "index.html")}
    assert "清心茶铺" in town.storefront("tea")
    assert hits(town, q="清心茶铺") == ["清心茶铺"]


def test_the_change_feed_is_consumed_and_later_notes_stay(town: Town, now: datetime) -> None:
    town.publish(now)
    with read_only(town.house.engine) as session:
        assert session.exec(select(Change)).all() == []


def test_a_page_is_due_on_the_day_its_facts_read_differently(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        version = session.exec(
            select(UnitVersion).where(UnitVersion.unit_id == town.units["dumplings"])
        ).one()
        version.licence_until_on = date(2026, 11, 30)
        session.add(version)
    town.publish(now)
    last_day = town.publish(now + timedelta(days=6))
    assert last_day.written == 0
    assert town.publish(now + timedelta(days=7)).written == 1
    assert "2026年11月30日" in town.storefront("dumplings")


def test_a_setting_in_force_writes_every_page_again(town: Town, now: datetime) -> None:
    town.publish(now)
    with transaction(town.house.engine) as session:
        set_setting(
            session, key="contact", value="新的地址 9 号", from_on=date(2026, 11, 26), actor="赵强", now=now
        )
    assert town.publish(now).written == 0
    summary = town.publish(now + timedelta(days=2))
    assert summary.was_full
    assert "新的地址 9 号" in town.storefront("tea")


def test_grades_that_are_not_public_are_nowhere(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        set_setting(
            session, key="grade_is_public", value="no", from_on=date(2026, 1, 1), actor="赵强", now=now
        )
    town.publish(now)
    with open_published(town.search_file) as database:
        labels = [facet.label.zh for facet in find(database, read_search({}))[1].facets]
    assert "风险等级" not in labels


def test_a_natural_person_is_never_named(town: Town, now: datetime) -> None:
    town.publish(now)
    assert places_of(town, "李小红") == []
    assert "小红面馆" in town.storefront("noodles")
    assert "个体经营者" in town.storefront("noodles")
    assert hits(town, q="李小红") == []


def test_a_sign_that_says_what_the_licence_says_is_told_once(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        unit = session.get_one(CateringUnit, town.units["dumplings"])
        for version in session.exec(select(UnitVersion).where(UnitVersion.unit_id == unit.id)):
            version.sign_name = version.licence_name
        note_changes(session, Subject.PREMISES, [unit.premises_id])
    town.publish(now)
    page = town.storefront("dumplings")
    assert "天津市福满源餐饮有限公司" in page
    assert "未登记牌匾名称" not in page
    assert "营业执照：" not in page


def test_inspectors_and_unreleased_visits_are_nowhere(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        add_visit(
            session,
            town.units["tea"],
            date(2026, 11, 3),
            now,
            failed=["5"],
            result="non_compliant",
            release=False,
        )
        note_changes(session, Subject.PREMISES, [town.units["tea"]])
    town.publish(now)
    assert "2026年11月3日" not in town.storefront("tea")


def test_visits_past_their_term_are_only_counted(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        set_setting(
            session, key="results_shown_days", value="60", from_on=date(2026, 1, 1), actor="赵强", now=now
        )
    town.publish(now)
    assert "2026年10月10日" in town.storefront("dumplings")
    town.publish(now + timedelta(days=15))
    assert "2026年10月10日" in town.storefront("dumplings")
    town.publish(now + timedelta(days=16))
    assert "2026年10月10日" not in town.storefront("dumplings")


def test_a_new_operator_starts_clean(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        add_edition(session, "2026-10", date(2026, 11, 5), ("black", "福满源饺子馆", town.units["dumplings"]))
    town.publish(now)
    assert "/editions/2026-10/1/" in town.storefront("dumplings")
    with transaction(town.house.engine) as session:
        old = session.get_one(CateringUnit, town.units["dumplings"])
        old.until_on = date(2026, 11, 20)
        new = CateringUnit(premises_id=old.premises_id, from_on=date(2026, 11, 21))
        session.add_all([old, new])
        session.flush()
        known = session.exec(select(UnitVersion).where(UnitVersion.unit_id == old.id)).one()
        values = known.model_dump() | {
            "id": None, "unit_id": new.id, "from_on": date(2026, 11, 21), "sign_name": "新开的店",
            "licence_name": "天津市新开餐饮有限公司",
        }  # fmt: skip
        session.add(UnitVersion(**values))
        note_changes(session, Subject.PREMISES, [old.premises_id])
    town.publish(now)
    page = town.storefront("dumplings")
    assert "新开的店" in page
    for earlier in ("福满源", "2026年10月10日", "/editions/2026-10/"):
        assert earlier not in page


def test_the_old_code_of_a_unit_that_moved_says_where_it_went(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        unit = session.get_one(CateringUnit, town.units["tea"])
        target = session.get_one(CateringUnit, town.units["noodles"])
        unit.until_on, unit.moved_to_premises_id = date(2026, 11, 1), target.premises_id
        session.add(unit)
    town.publish(now)
    page = town.storefront("tea")
    assert f"/s/{town.codes['noodles']}/" in page
    assert "柳霞路3号" in page


def test_a_closed_unit_says_since_when(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        unit = session.get_one(CateringUnit, town.units["tea"])
        unit.until_on = date(2026, 11, 1)
        session.add(unit)
    town.publish(now)
    assert "2026年11月2日" in town.storefront("tea")


def test_a_door_without_a_unit_has_a_page_and_no_search_row(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        door = Premises(code="2222-2222", address="空置路1号", door_key="空置路1号", street="中北镇")
        session.add(door)
    town.publish(now)
    assert "空置路1号" in town.page("s/2222-2222")
    assert hits(town, q="空置路") == []


def test_after_withdrawal_no_published_byte_holds_the_names(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        edition = add_edition(
            session,
            "2026-10",
            date(2026, 11, 5),
            ("black", "错误的名字饭店", None),
            ("red", "留下的店", None),
        )
    town.publish(now)
    assert places_of(town, "错误的名字")
    assert hits(town, q="错误的名字") == ["错误的名字饭店"]
    with transaction(town.house.engine) as session:
        entry = session.exec(select(EditionEntry).where(EditionEntry.number == 1)).one()
        session.add(
            EntryEvent(
                entry_id=entry.id or 0, kind=EntryEventKind.WITHDRAWN, happened_on=date(2026, 11, 24),
                recorded_at=now, recorded_by="陈静",
            )
        )  # fmt: skip
        note_changes(session, Subject.EDITION, [edition])
    town.publish(now)
    assert places_of(town, "错误的名字") == []
    assert places_of(town, "留下的店")
    assert (town.site / "editions" / "2026-10" / "1" / "index.html").exists()
    assert_whole(town)


def test_after_their_term_no_published_byte_holds_the_names_of_entries(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        add_edition(
            session, "2026-10", date(2026, 11, 5), ("black", "黑榜上的店", None), ("red", "红榜上的店", None)
        )
    town.publish(now)
    ended = datetime(2027, 2, 3, 2, tzinfo=now.tzinfo)
    town.publish(ended - timedelta(days=1))
    assert places_of(town, "黑榜上的店")
    town.publish(ended)
    assert places_of(town, "黑榜上的店") == []
    assert places_of(town, "红榜上的店")
    page = town.page("editions/2026-10/1")
    assert "noindex" in page
    town.publish(datetime(2027, 5, 4, 2, tzinfo=now.tzinfo))
    assert places_of(town, "红榜上的店") == []


def test_a_historical_entry_is_found_by_search_inside_its_term(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        add_edition(
            session, "x-1", date(2026, 11, 1), ("red", "别处的老店", None), kind=EditionKind.HISTORICAL
        )
    town.publish(now)
    with open_published(town.search_file) as database:
        (row,) = find(database, read_search({"q": "别处"}))[1].rows
    assert (row.path, row.code) == ("/editions/x-1/1/", "")


def test_a_demonstration_is_not_indexed(town: Town, now: datetime) -> None:
    with transaction(town.house.engine) as session:
        set_mark(session, DEMONSTRATION, now=now)
    town.publish(now)
    assert (town.site / "robots.txt").read_text() == "User-agent: *\nDisallow: /\n"
    assert list(town.site.glob("sitemap*")) == []
    assert all("noindex" in path.read_text() for path in town.site.rglob("index.html"))


def test_the_site_map_names_every_door_and_a_new_one(town: Town, now: datetime) -> None:
    town.publish(now)
    with transaction(town.house.engine) as session:
        row = replace(DUMPLINGS, sign_name="新门", address="新路1号", licence_number=None, credit_code=None)
        add_units(session, [row], now)
        codes = [door.code for door in session.exec(select(Premises))]
        doors = [door.id or 0 for door in session.exec(select(Premises))]
        note_changes(session, Subject.PREMISES, doors)
    town.publish(now)
    text = (town.site / "sitemap-doors-0.xml").read_text()
    assert len(codes) == 4
    assert all(f"https://canyin.example.cn/s/{code}/" in text for code in codes)


def test_a_full_publication_repairs_what_was_damaged_and_removes_strangers(town: Town, now: datetime) -> None:
    town.publish(now)
    page = town.site / "s" / town.codes["tea"] / "index.html"
    page.write_bytes(b"")
    stranger = town.site / "s" / "9999-9999"
    stranger.mkdir()
    (stranger / "index.html").write_text("left by an older database")
    town.publish(now, full=True)
    assert not stranger.exists()
    assert_whole(town)


@pytest.mark.parametrize("lost", ["site/index.html", "search/site.sqlite"])
def test_a_lost_site_or_search_file_is_made_again(town: Town, now: datetime, lost: str) -> None:
    town.publish(now)
    (town.house.configuration.data / lost).unlink()
    assert town.publish(now).was_full
    assert hits(town, q="饺子") == ["福满源饺子馆"]


def test_facts_that_return_after_a_cut_short_run_are_written_again(town: Town, now: datetime) -> None:
    """The file may already hold the facts in between; the record must not believe it holds the old ones."""
    town.publish(now)
    rename(town, "tea", "中间的名字")

    def cut(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(town.house, now=now, workers=1, progress=cut)
    assert "中间的名字" in town.storefront("tea")
    rename(town, "tea", "")
    with transaction(town.house.engine) as session:
        version = session.exec(select(UnitVersion).where(UnitVersion.unit_id == town.units["tea"])).one()
        version.sign_name = None
        session.add(version)
    town.publish(now)
    assert places_of(town, "中间的名字") == []


def test_two_publishers_never_work_at_once(town: Town, now: datetime) -> None:
    assert take_lease(
        town.house.engine,
        name="publication",
        holder="another/boot/1/2 x",
        now=now,
        lasts=timedelta(minutes=5),
    )
    with pytest.raises(PublicationError, match="正在发布"):
        town.publish(now)
    assert not town.site.exists()
    town.publish(now + timedelta(minutes=6))


def test_many_doors_are_written_by_workers_as_by_one_process(
    town: Town, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.publish(now)
    alone = {path.relative_to(town.site): path.read_bytes() for path in town.site.rglob("index.html")}
    monkeypatch.setattr("publishing.site.service.DOORS_WORTH_WORKERS", 1)
    monkeypatch.setattr("publishing.site.batches.DOORS_PER_BATCH", 1)
    publish(town.house, now=now, full=True, workers=2)
    together = {path.relative_to(town.site): path.read_bytes() for path in town.site.rglob("index.html")}
    assert together == alone
    assert hits(town, q="饺子") == ["福满源饺子馆"]
