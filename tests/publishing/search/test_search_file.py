"""The search file: what leaves it is gone from its bytes, and a reader never sees half of an update."""

from dataclasses import replace
from pathlib import Path

import pytest

from publishing.public_facts import SearchRow
from publishing.search.finding import find, open_published
from publishing.search.language import read_search
from publishing.search.writing import SearchUpdate, is_usable
from tests.publishing.search.rows import OTHER, ROW, search_file


def hits(file: Path, words: str) -> int:
    with open_published(file) as database:
        return find(database, read_search({"q": words}))[1].total


def many_rows(count: int) -> list[tuple[int, SearchRow]]:
    return [(number, replace(ROW, name=f"过客{number}号", code="")) for number in range(10, 10 + count)]


def test_after_a_name_leaves_it_is_nowhere_in_the_bytes_of_the_file(tmp_path: Path) -> None:
    file = search_file(tmp_path, ROW, OTHER)
    # Rows that come and grow rearrange the pages, so that copies of older rows could stay behind.
    for length in range(1, 12):
        update = SearchUpdate(file)
        update.put([(number, replace(row, name=row.name * length)) for number, row in many_rows(300)])
        update.place()
    assert "津味餐饮管理".encode() in file.read_bytes()
    update = SearchUpdate(file)
    update.drop([1])
    update.put([(2, replace(OTHER, holder="某某商行", name="新名字"))])
    update.put([(number, replace(row, holder="某某公司")) for number, row in many_rows(300)])
    update.place()
    content = file.read_bytes()
    for gone in ("津味餐饮管理", "小李面馆", "老王·饺子馆"):
        assert gone.encode() not in content


def test_the_live_file_stays_as_it_was_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = search_file(tmp_path, ROW)
    before = file.read_bytes()
    update = SearchUpdate(file)
    update.put([(2, OTHER)])
    assert file.read_bytes() == before
    update.abandon()
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["site.sqlite"]


def test_a_search_that_has_begun_sees_one_version_to_its_end(tmp_path: Path) -> None:
    file = search_file(tmp_path, ROW)
    with open_published(file) as database:
        update = SearchUpdate(file)
        update.drop([1])
        update.put([(2, OTHER)])
        update.place()
        facts = find(database, read_search({}))[1]
    assert [row.name for row in facts.rows] == [ROW.name]
    assert hits(file, "小李") == 1


def test_what_a_killed_update_left_beside_the_file_is_swept(tmp_path: Path) -> None:
    file = search_file(tmp_path, ROW)
    SearchUpdate(file).put([(2, OTHER)])
    search = SearchUpdate(file)
    search.place()
    assert [path.name for path in file.parent.iterdir()] == ["site.sqlite"]
    assert hits(file, "小李") == 0


def test_counts_follow_every_change(tmp_path: Path) -> None:
    file = search_file(tmp_path, ROW, OTHER)
    update = SearchUpdate(file)
    update.put([(1, replace(ROW, street="中北镇"))])
    update.drop([2, 77])
    units = {(count.street, count.listed): count.units for count in update.counts()}
    update.abandon()
    assert units == {("中北镇", "red"): 1}


def test_a_range_of_rows_leaves_together(tmp_path: Path) -> None:
    file = search_file(tmp_path, ROW)
    update = SearchUpdate(file)
    update.put([(-20_001, OTHER), (-30_002, replace(OTHER, name="另一家"))])
    update.drop_between(-29_999, -20_000)
    update.place()
    assert hits(file, "小李") == 0
    assert hits(file, "另一家") == 1


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + bytes(200)])
def test_a_damaged_file_is_not_used(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "site.sqlite"
    file.write_bytes(content)
    assert not is_usable(file)
