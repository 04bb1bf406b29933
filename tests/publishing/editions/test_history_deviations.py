"""Editions as other systems would give them: each deviation that is known of loads with what it says."""

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from inspections.record.clock import civil_day
from inspections.record.configuration import Configuration
from inspections.record.database import read_only, transaction
from inspections.record.house import House
from inspections.record.marks import FOREIGN_FEED, WrongDirectoryError, set_mark
from inspections.surface.sheets.faults import SheetError
from publishing.editions.staff_view import edition_view
from publishing.site.preview import preview
from tests.bureau import open_bureau
from tests.publishing.editions.historical import NOW, Load, edition, records, shown

DAY = date(2026, 11, 2)


def entry(**fields: object) -> dict[str, object]:
    return {"list": None, "shop_sign": "澄鹿饭店", **fields}


def house_of(database: Engine, tmp_path: Path) -> House:
    """The house of the bureau, with the settings and rules that its pages need."""
    open_bureau(database, NOW)
    (tmp_path / "data").mkdir(exist_ok=True)
    return House(Configuration(data=tmp_path / "data"), database)


@pytest.mark.parametrize(
    ("fields", "more"),
    [
        ({"grade": "5", "recheck_on": None}, [("公布的等级", "5")]),
        ({"grade": "3", "score": None}, [("公布的等级", "3")]),
        ({"grade": "Exempt", "recheck_on": "2026-10-09"},
         [("公布的等级", "Exempt"), ("回访日期", "2026-10-09")]),
        ({"grade": "AwaitingInspection"}, [("公布的等级", "AwaitingInspection")]),
        ({"grade": "Pass and Eat Safe", "score": 0}, [("得分", "0"), ("公布的等级", "Pass and Eat Safe")]),
        ({"score": {"卫生": 5, "结构": 10}}, [("得分", "卫生：5；结构：10")]),
        ({"online_platforms": ["甲外卖", "乙外卖"]}, [("上线平台", "甲外卖、乙外卖")]),
        ({"rectified": "部分整改"}, [("整改", "部分整改")]),
    ],
)  # fmt: skip
def test_a_rating_without_a_date_without_scores_or_exempt_shows_what_it_says(
    load: Load, database: Engine, fields: dict[str, object], more: list[tuple[str, str]]
) -> None:
    assert load([edition(entries=[entry(**fields)])]).bad_entries == 0
    (found,) = shown(database, DAY)
    assert list(found.facts.entries[0].more) == more


@pytest.mark.parametrize("address", [None, "", "流动摊位", "（地址不公开）"])
def test_an_entry_without_a_whole_address_is_shown_with_what_there_is(
    load: Load, database: Engine, address: str | None
) -> None:
    load([edition(entries=[entry(address=address)])])
    (found,) = shown(database, DAY)
    assert (found.facts.entries[0].name, found.facts.entries[0].address) == ("澄鹿饭店", address or None)


def test_fields_of_another_system_are_named_kept_and_never_shown(load: Load, database: Engine) -> None:
    foreign = {
        "FHRSID": 1401, "BusinessName": "RIVER CAFE", "RatingValue": "5", "Phone": "+14155550100",
        "scores": {"Hygiene": 5}, "geocode": None, "RightToReply": "<p>We have <b>mended</b> it</p>",
    }  # fmt: skip
    done = load([edition(entries=[entry(**foreign)])])
    assert {fault.column for fault in done.faults} == {f"entries[1].{name}" for name in foreign}
    (found,) = shown(database, DAY)
    assert not any(text in repr(found) for text in ("RIVER CAFE", "1415555", "mended"))
    with read_only(database) as session:
        kept = edition_view(session, "h-X1")[-1]
    assert json.loads(kept)["entries"][0]["RightToReply"] == foreign["RightToReply"]


def test_markup_in_a_source_is_text_on_the_page(load: Load, database: Engine, tmp_path: Path) -> None:
    load([edition(entries=[entry(shop_sign="<b>甲</b>店", reasons=["<script>alert(1)</script>"])])])
    house = house_of(database, tmp_path)
    pages = preview(house, on=DAY, out=tmp_path / "out").root
    text = (pages / "editions" / "h-X1" / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;甲&lt;/b&gt;店" in text
    assert "<script" not in text


@pytest.mark.parametrize(
    ("name", "holder"),
    [
        ("钱小竹", "个体经营者"),
        ("钱某某", "个体经营者"),
        ("钱**", "个体经营者"),
        ("阿依古丽·买买提", "个体经营者"),
        ("钱小竹（个体工商户）", "个体经营者"),
        ("枫桥区钱小竹餐饮店", "枫桥区钱小竹餐饮店"),
        ("枫桥区钱小竹餐饮店（个体工商户）", "枫桥区钱小竹餐饮店（个体工商户）"),
    ],
)
def test_a_holder_is_named_only_where_the_name_is_a_trade_name(
    load: Load, database: Engine, name: str, holder: str
) -> None:
    load([edition(entries=[entry(licence_name=name)])])
    (found,) = shown(database, DAY)
    assert found.facts.entries[0].holder == holder


def test_a_link_is_shown_only_to_the_authoritys_own_page(load: Load, database: Engine) -> None:
    for number, kind in enumerate(("official", "media", "mirror", "forum", None)):
        load([edition(id=f"X{number}", source_kind=kind, source_url=f"https://example.cn/{number}")])
    linked = [one.facts.key for one in shown(database, DAY) if "example.cn" in repr(one)]
    assert linked == ["h-X0"]


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0"?><FHRSEstablishment><Header/></FHRSEstablishment>',
        b"FHRSID,BusinessName\n1,River Cafe\n",
        b"\x00\x01\x02",
    ],
)
def test_a_file_of_another_format_is_one_sentence(load: Load, content: bytes) -> None:
    with pytest.raises(SheetError, match="不是 JSON 文件"):
        load(content)


def test_every_dated_edition_of_the_structure_is_found_by_the_search_of_its_own_preview(
    load: Load, database: Engine, tmp_path: Path
) -> None:
    load(records())
    house = house_of(database, tmp_path)
    day = max(record["published_on"] for record in records() if record["published_on"])
    done = preview(house, on=date.fromisoformat(day), out=tmp_path / "out")
    named = [
        one.get("shop_sign") or one.get("licence_name")
        for record in records()
        if record["published_on"] == day
        for one in record["entries"]
    ]
    search = (tmp_path / "out" / "search" / "site.sqlite").read_bytes().decode(errors="ignore")
    assert done.on < civil_day(NOW)
    assert all(name in search for name in named if name)


def test_a_directory_with_a_foreign_feed_takes_no_editions(load: Load, database: Engine) -> None:
    with transaction(database) as session:
        set_mark(session, FOREIGN_FEED, now=NOW)
    with pytest.raises(WrongDirectoryError, match="LIVES"):
        load([edition()])
