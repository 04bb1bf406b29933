"""The search file: what leaves it is gone from its bytes, and a reader never sees half of an update."""

from dataclasses import replace
from pathlib import Path
from random import Random  # noqa: TID251  # a seeded generator, for rows of changing length

import pytest

from publishing.search.finding import find, open_published
from publishing.search.language import read_search
from publishing.search.writing import SearchUpdate, is_usable
from tests.publishing.search.rows import OTHER, ROW, search_file


def hits(file: Path, words: str) -> int:
    with open_published(file) as database:
        return find(database, read_search({"q": words}))[1].total


@pytest.mark.parametrize("way", ["drop", "replace and pack"])
def test_after_names_leave_they_are_nowhere_in_the_bytes_of_the_file(tmp_path: Path, way: str) -> None:
    """Rows of changing length rearrange the pages; without writing anew, copies of old rows stay behind."""
    file = search_file(tmp_path)
    numbers = Random(1)  # noqa: S311  # made-up rows
    names: dict[int, str] = {}
    for round_number in range(8):
        update = SearchUpdate(file)
        for _ in range(300):
            number = numbers.randrange(1, 3000)
            names[number] = f"第{round_number}轮{number:05}号" + "店" * numbers.randrange(1, 60)
            update.put([(number, replace(ROW, name=names[number]))])
        update.place()
    gone = [number for number in names if numbers.random() < 0.5]
    update = SearchUpdate(file)
    if way == "drop":
        update.drop(gone)
    else:
        update.put([(number, replace(ROW, name="另一个名字")) for number in gone])
    update.place(pack=way == "replace and pack")
    content = file.read_bytes()
    assert [names[number] for number in gone if names[number][:9].encode() in content] == []
    assert all(name.encode() in content for number, name in names.items() if number not in gone)


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
