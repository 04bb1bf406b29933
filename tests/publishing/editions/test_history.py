"""Promises of historical editions: nothing dropped, nothing invented, gone after their term."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from inspections.record.clock import civil_day
from inspections.record.database import read_only, transaction
from inspections.record.marks import DEMONSTRATION, WrongDirectoryError, set_mark
from inspections.record.tables import AuditEvent, Change, SettingValue
from inspections.surface.sheets.faults import SheetError
from publishing.editions.history import read_record
from publishing.editions.history_fields import (
    EDITION_LABELS,
    EDITION_PLACES,
    ENTRY_LABELS,
    ENTRY_PLACES,
    SOURCE_ONLY,
    SOURCE_ONLY_OF,
)
from publishing.editions.history_file import read_editions_file
from publishing.editions.staff_view import edition_summaries, edition_view
from publishing.editions.tables import EditionEntry
from tests.publishing.editions.historical import NOW, STRUCTURE, Load, edition, records, shown


def test_all_41_editions_with_their_196_entries_are_loaded(database: Engine, load: Load) -> None:
    done = load(STRUCTURE.read_bytes())
    assert (done.records, done.new, done.bad, done.entries, done.bad_entries) == (41, 41, 0, 196, 0)
    assert done.without_day == 17
    assert done.faults == []
    with read_only(database) as session:
        words = Counter(session.exec(select(EditionEntry.list_word)))
        truncated = session.exec(
            select(EditionEntry.id).where(col(EditionEntry.is_truncated).is_(True))
        ).all()
    assert words == {"red": 99, "black": 88, None: 9}
    assert len(truncated) == 18


def test_every_field_of_the_file_has_one_place_or_a_reason_to_stay_in_the_source() -> None:
    edition_keys = {key for record in records() for key in record}
    entry_keys = {key for record in records() for entry in record["entries"] for key in entry}
    for keys, places, labels in (
        (edition_keys, EDITION_PLACES, EDITION_LABELS),
        (entry_keys, ENTRY_PLACES, ENTRY_LABELS),
    ):
        for key in keys:
            assert [key in places, key in labels, key in SOURCE_ONLY].count(True) == 1, key
    assert all(reason.strip() for reason in SOURCE_ONLY.values())


def test_entries_keep_their_own_words_and_every_text_of_theirs_is_on_a_page() -> None:
    for record in records():
        read, problems = read_record(record, today=civil_day(NOW))
        assert read is not None
        assert problems == []
        for entry, source in zip(read.entries, record["entries"], strict=True):
            page = json.dumps([entry.__dict__], ensure_ascii=False)
            for key, value in source.items():
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str) and key != "list":
                        assert text in page, key
        heading = json.dumps([read.__dict__ | {"entries": ()}], ensure_ascii=False, default=str)
        for key, value in record.items():
            kept_back = record["source_kind"] in SOURCE_ONLY_OF.get(key, ((),))[0]
            in_words = key in {"kind", "source_kind", "period_basis"}
            if isinstance(value, str) and not in_words and not kept_back:
                assert value in heading, key


def test_trade_names_that_contain_a_person_stay(load: Load, database: Engine) -> None:
    load(STRUCTURE.read_bytes())
    flagged = [e for record in records() for e in record["entries"] if e.get("name_contains_person")]
    with read_only(database) as session:
        rows = session.exec(select(EditionEntry)).all()
    names = {(row.sign_name, row.holder_shown) for row in rows}
    assert len(flagged) == 6
    assert all((entry["shop_sign"], entry["licence_name"]) in names for entry in flagged)


def test_a_holder_whose_name_is_only_a_persons_is_not_named(load: Load, database: Engine) -> None:
    person = {"list": "black", "shop_sign": "巷口早点", "licence_name": "钱小竹", "reasons": ["垃圾桶未加盖"]}
    load([edition(entries=[person])])
    (found,) = shown(database, date(2026, 11, 2))
    assert (found.facts.entries[0].name, found.facts.entries[0].holder) == ("巷口早点", "个体经营者")
    assert "钱小竹" not in repr(found)


def test_a_name_that_is_not_shown_as_holder_stands_in_no_other_text(load: Load, database: Engine) -> None:
    entry = {
        "list": "black",
        "shop_sign": "巷口早点",
        "licence_name": "钱小竹（个体工商户）",
        "address": "汇祥道18号钱小竹家",
        "reasons": ["经营者钱小竹未戴口罩"],
        "measures": "责令钱小竹改正",
        "published_string": "巷口早点（钱小竹）",
    }
    heading = {"source_title": "钱小竹等被曝光", "theme": "钱小竹的店", "notes": "钱小竹已整改"}
    done = load([edition(entries=[entry], **heading)])
    (found,) = shown(database, date(2026, 11, 24))
    assert "钱小竹" not in repr(found)
    facts = found.facts.entries[0]
    assert (facts.name, facts.reasons) == ("巷口早点", ("个体经营者未戴口罩",))
    assert found.facts.title == "个体经营者等被曝光"
    told = [fault.column for fault in done.faults if "没有公开" in fault.what]
    assert told == ["entries[1].licence_name", "source_title"]


def test_a_second_run_changes_nothing(load: Load, database: Engine) -> None:
    load(STRUCTURE.read_bytes())

    def everything(session: Session) -> list[int]:
        return [len(session.exec(select(table)).all()) for table in (EditionEntry, AuditEvent, Change)]

    with read_only(database) as session:
        before = everything(session)
    done = load(STRUCTURE.read_bytes())
    with read_only(database) as session:
        assert everything(session) == before
    assert (done.new, done.changed, done.unchanged) == (0, 0, 41)


def test_a_changed_record_becomes_a_new_version_and_the_old_one_stays(load: Load, database: Engine) -> None:
    load([edition()])
    done = load([edition(entries=[{"list": "red", "shop_sign": "澄鹿大饭店", "reasons": []}])])
    assert (done.new, done.changed) == (0, 1)
    (found,) = shown(database, date(2026, 11, 2))
    assert [entry.name for entry in found.facts.entries] == ["澄鹿大饭店"]
    with read_only(database) as session:
        assert len(session.exec(select(EditionEntry)).all()) == 2


def test_an_edition_is_of_its_own_authority_and_linked_to_no_unit(load: Load, database: Engine) -> None:
    load(STRUCTURE.read_bytes())
    with read_only(database) as session:
        rows = session.exec(select(EditionEntry)).all()
    assert {(row.unit_id, row.premises_id, row.visit_id) for row in rows} == {(None, None, None)}
    for found in shown(database, date(2024, 11, 30)):
        assert found.facts.is_historical
        assert found.facts.authority in {record["authority"] for record in records()}
        assert all(entry.storefront_code is None for entry in found.facts.entries)


def test_one_without_a_publication_day_stays_with_the_staff(load: Load, database: Engine) -> None:
    load([edition(published_on=None)])
    assert shown(database, civil_day(NOW), is_preview=True) == []
    with read_only(database) as session:
        assert "没有公示日期" in edition_summaries(session)[0]
        assert any("澄鹿饭店" in line for line in edition_view(session, "h-X1"))


def test_inside_their_terms_every_dated_edition_is_shown_whole(load: Load, database: Engine) -> None:
    load(STRUCTURE.read_bytes())
    entries = 0
    for record in records():
        if record["published_on"] is None:
            continue
        day = date.fromisoformat(record["published_on"])
        (found,) = (
            one for one in shown(database, day, is_preview=True) if one.facts.key == f"h-{record['id']}"
        )
        assert len(found.facts.entries) == len(record["entries"])
        assert found.facts.title == record["source_title"]
        entries += len(found.facts.entries)
    assert entries == 95


def test_past_their_terms_no_name_is_left_anywhere(load: Load, database: Engine) -> None:
    load(STRUCTURE.read_bytes())
    said = repr(shown(database, civil_day(NOW)))
    for record in records():
        assert record["source_title"] not in said
        for entry in record["entries"]:
            names = (entry["shop_sign"], entry["licence_name"], entry["address"], entry.get("online_name"))
            assert not any(name in said for name in names if name)
    ended = {one.facts.key: one.facts.ended for one in shown(database, civil_day(NOW))}
    assert ended == {
        f"h-{record['id']}": len(record["entries"]) for record in records() if record["published_on"]
    }


def test_without_decided_terms_only_a_preview_shows_them(load: Load, database: Engine) -> None:
    load([edition()])
    with transaction(database) as session:
        session.connection().execute(delete(SettingValue).where(col(SettingValue.key) == "red_term_days"))
    assert shown(database, date(2026, 11, 2)) == []
    (found,) = shown(database, date(2026, 11, 2), is_preview=True)
    assert [entry.name for entry in found.facts.entries] == ["澄鹿饭店"]


def test_a_title_that_names_an_ended_entry_goes_with_it(load: Load, database: Engine) -> None:
    black = {"list": "black", "shop_sign": "雁荷酥汤馆", "reasons": ["垃圾桶未加盖"]}
    red = {"list": "red", "shop_sign": "澄鹿饭店", "reasons": ["地面干净"]}
    title = "雁荷酥汤馆上了黑榜，谁上了红榜？"
    load([edition(source_title=title, notes="雁荷酥汤馆已停业", entries=[black, red])])
    (before,) = shown(database, date(2026, 11, 2))
    (after,) = shown(database, date(2026, 11, 1) + timedelta(days=90))
    assert before.facts.title == title
    assert [entry.name for entry in after.facts.entries] == ["澄鹿饭店"]
    assert "酥汤" not in repr(after)
    assert after.facts.ended == 1


def test_numbers_of_persons_in_a_source_stay_in_the_source(load: Load, database: Engine) -> None:
    load([edition(notes="业主电话13812345678", theme="致电 022-27391234", source_title="电话13812345678")])
    (found,) = shown(database, date(2026, 11, 2))
    assert "1381234" not in repr(found)
    assert "2739" not in repr(found)


def test_a_demonstration_directory_takes_no_real_edition(load: Load, database: Engine) -> None:
    with transaction(database) as session:
        set_mark(session, DEMONSTRATION, now=NOW)
    with pytest.raises(WrongDirectoryError):
        load([edition()])


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"entries": ["澄鹿饭店", "岚溪餐厅"]}, ["澄鹿饭店", "岚溪餐厅"]),
        ({"entries": {"红榜": [{"shop_sign": "甲店"}], "黑榜": [{"shop_sign": "乙店"}]}}, ["甲店", "乙店"]),
        ({"entries": []}, []),
        ({"entries": None}, []),
        ({"entries": [{"list": "yellow", "shop_sign": "丙店", "score": 79.50}]}, ["丙店"]),
        ({"entries": [{"list": "金榜", "shop_sign": "丁店"}]}, ["丁店"]),
        ({"entries": [{"list": None, "licence_name": "戊餐厅", "grade": "B"}]}, ["戊餐厅"]),
        ({"entries": [{"list": "black", "reasons": ["店名在图片里"]}]}, [None]),
        ({"entries": [{"list": "red", "shop_sign": "己店", "reasons": "一句话的理由"}]}, ["己店"]),
        ({"entries": [{"list": "red", "shop_sign": "庚店", "excerpt_truncated": True}]}, ["庚店"]),
        ({"issue_no": "第十一期", "counts": {"red": "4", "black": None}, "period": 2024}, ["澄鹿饭店"]),
        ({"published_on": "2026年11月1日"}, ["澄鹿饭店"]),
        ({"published_on": "2026/11/1"}, ["澄鹿饭店"]),
        ({"published_on": "2026-11-01T08:00:00+08:00"}, ["澄鹿饭店"]),
        ({"id": "第3期/中文 编号"}, ["澄鹿饭店"]),
        ({"id": None}, ["澄鹿饭店"]),
        ({"rating": "★★★", "photos": ["a.jpg"]}, ["澄鹿饭店"]),
    ],
)
def test_other_shapes_load_with_what_they_say(
    load: Load, database: Engine, fields: dict[str, object], expected: list[str | None]
) -> None:
    done = load([edition(**fields)])
    assert (done.new, done.bad, done.bad_entries) == (1, 0, 0)
    (found,) = shown(database, date(2026, 11, 2))
    assert [entry.name for entry in found.facts.entries] == expected


def test_what_is_not_understood_is_reported_by_place_and_kept(load: Load, database: Engine) -> None:
    done = load([edition(rating="★★★", entries=[{"list": "red", "shop_sign": "甲店", "hygiene": 5}])])
    assert [(fault.row, fault.column, fault.is_warning) for fault in done.faults] == [
        (1, "rating", True),
        (1, "entries[1].hygiene", True),
    ]
    assert all(fault.cure for fault in done.faults)
    with read_only(database) as session:
        assert '"hygiene": 5' in edition_view(session, "h-X1")[-1]


@pytest.mark.parametrize("written", ["2024-02-30", "2024-03", "1/1/1900", "3026-01-01", "昨天", 45000, True])
def test_what_is_no_publication_day_is_said_and_never_guessed(
    load: Load, database: Engine, written: object
) -> None:
    done = load([edition(published_on=written)])
    assert (done.new, done.without_day) == (1, 1)
    assert [fault.column for fault in done.faults] == ["published_on"]
    assert shown(database, civil_day(NOW), is_preview=True) == []


def test_scores_stay_as_they_are_written(load: Load, database: Engine) -> None:
    text = json.dumps([edition(entries=[{"shop_sign": "甲店", "score": "SCORE"}])]).replace(
        '"SCORE"', "89.30"
    )
    load(text.encode())
    (found,) = shown(database, date(2026, 11, 2))
    assert ("得分", "89.30") in found.facts.entries[0].more


def test_bad_records_are_reported_and_good_ones_load(load: Load, tmp_path: Path) -> None:
    nobody = edition(id="X2", authority="  ")
    twice = [edition(id="X3"), edition(id="X3", theme="另一份")]
    broken_entry = edition(id="X4", entries=[{"list": "red", "shop_sign": "甲店"}, 7])
    done = load([edition(), "一段文字", nobody, *twice, broken_entry, edition()])
    assert (done.records, done.new, done.bad, done.repeated) == (7, 2, 4, 1)
    assert (done.entries, done.bad_entries) == (2, 1)
    assert {fault.row for fault in done.faults if not fault.is_warning} == {2, 3, 4, 5, 6}
    assert done.report is not None
    book = CalamineWorkbook.from_path(str(done.report))
    assert len(book.get_sheet_by_name("有问题的记录").to_python()) == 6


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: f'{{"editions": {text}, "as_of": "2026-11-24"}}'.encode(),
        lambda text: text.strip()[1:-1].encode(),
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.encode("gb18030"),
        lambda text: text.encode("utf-16"),
        lambda text: "\n".join(json.dumps(one, ensure_ascii=False) for one in json.loads(text)).encode(),
    ],
)
def test_files_come_in_many_wrappings(load: Load, database: Engine, wrap: Callable[[str], bytes]) -> None:
    text = json.dumps([edition(), edition(id="X2", published_on="2026-11-02")], ensure_ascii=False)
    done = load(wrap(text))
    assert (done.new, done.bad, done.faults) == (2, 0, [])
    assert {one.facts.key for one in shown(database, date(2026, 11, 2))} == {"h-X1", "h-X2"}


def test_a_file_cut_in_the_middle_gives_its_whole_records(load: Load) -> None:
    content = STRUCTURE.read_bytes()
    done = load(content[: len(content) // 2])
    assert 0 < done.new < 41
    assert [fault.is_warning for fault in done.faults if "JSON" in fault.what] == [False]


def test_a_broken_byte_costs_no_record(load: Load) -> None:
    content = STRUCTURE.read_bytes()
    at = content.index("餐饮".encode())
    done = load(content[:at] + b"\xc8" + content[at:])
    assert (done.new, done.entries) == (41, 196)
    assert any("不是 UTF-8" in fault.what for fault in done.faults)


@pytest.mark.parametrize(
    "content", [b"", b"  \n", b"list,name\nred,a\n", b"PK\x03\x04", b"[]", b"null", b"[" * 100_000]
)
def test_what_is_no_file_of_editions_is_one_sentence(load: Load, content: bytes) -> None:
    with pytest.raises(SheetError):
        load(content)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="找不到文件"):
        read_editions_file(tmp_path / "nothing.json")
