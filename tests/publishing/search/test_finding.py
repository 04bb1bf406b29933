"""What a search finds, how it can be narrowed, and that all of it stands in the address."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.public_facts import FacetFacts, SearchFacts
from publishing.search.finding import NotPublishedError, find, open_published
from publishing.search.language import Search, read_search
from tests.publishing.search.rows import OTHER, ROW, search_file


def found(file: Path, **parameters: str) -> SearchFacts:
    with open_published(file) as database:
        return find(database, read_search(parameters))[1]


def names(file: Path, **parameters: str) -> list[str]:
    return [row.name for row in found(file, **parameters).rows]


def facet(facts: SearchFacts, label: str) -> FacetFacts:
    return next(one for one in facts.facets if one.label.zh == label)


def counts(facts: SearchFacts, label: str) -> dict[str, int]:
    return {choice.label.zh: choice.count for choice in facet(facts, label).choices}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return search_file(tmp_path, ROW, OTHER)


@pytest.mark.parametrize(
    "words",
    [
        "饺",
        "王饺",
        "老王·饺子馆",
        "老王饺子",
        "津味餐饮",
        "青致路12",
        "0012345",
        "jy21201110012345",
        "ＪＹ２１２０",
        "jiaozi",
        "LWJZG",
        "jz",
        "老王 青致路",
    ],
)
def test_a_unit_is_found_by_any_part_of_its_names_address_number_pinyin_and_initials(
    file: Path, words: str
) -> None:
    assert "老王·饺子馆" in names(file, q=words)


def test_every_word_must_occur(file: Path) -> None:
    assert names(file, q="老王 万卉路") == []


def test_a_word_never_matches_across_two_fields(file: Path) -> None:
    assert names(file, q="饺子馆天津") == []


def test_punctuation_alone_searches_for_nothing_and_lists_everything(file: Path) -> None:
    assert found(file, q="··· --").total == 2


def test_what_is_found_in_the_name_comes_first(tmp_path: Path) -> None:
    in_the_address = replace(OTHER, name="安记", pinyin="anji", address="饺子胡同1号")
    assert names(search_file(tmp_path, in_the_address, ROW), q="饺子") == ["老王·饺子馆", "安记"]


def test_counts_of_a_filter_are_among_the_hits_of_the_other_filters(file: Path) -> None:
    facts = found(file, list="red", street="中北镇")
    assert facts.total == 1
    assert counts(facts, "街镇") == {"杨柳青镇": 1, "中北镇": 1}
    assert counts(facts, "红黑榜") == {"红榜": 1, "黑榜": 1}


def test_a_unit_on_both_lists_is_counted_on_both(file: Path) -> None:
    assert counts(found(file), "红黑榜") == {"红榜": 2, "黑榜": 1}


def test_a_unit_without_a_grade_is_counted_as_not_determined(file: Path) -> None:
    assert counts(found(file), "风险等级") == {"B 级，风险较低": 1, "暂未评定": 1}
    assert names(file, grade="none") == ["小李面馆"]


def test_a_value_that_no_unit_has_is_shown_as_chosen_and_finds_nothing(file: Path) -> None:
    facts = found(file, street="没有的镇")
    assert facts.total == 0
    chosen = [choice for choice in facet(facts, "街镇").choices if choice.is_chosen]
    assert [choice.count for choice in chosen] == [0]
    assert chosen[0].path == "/search"


def test_following_a_choice_gives_as_many_hits_as_it_says(file: Path) -> None:
    facts = found(file, q="馆")
    for choice in (choice for one in facts.facets for choice in one.choices):
        address = dict(parse_qsl(urlsplit(choice.path).query))
        assert found(file, **address).total == choice.count


def test_pages_are_bounded_and_a_page_beyond_the_last_is_the_last(tmp_path: Path) -> None:
    many = [replace(ROW, name=f"面馆{number:02}", pinyin=f"m{number:02}") for number in range(45)]
    file = search_file(tmp_path, *many)
    pages = [names(file, q="面馆", page=str(page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 20, 5]
    assert sorted(name for page in pages for name in page) == [row.name for row in many]
    last = found(file, q="面馆", page="99")
    assert (last.page, last.next_path) == (3, None)
    assert last.previous_path is not None
    assert "page=2" in last.previous_path


def test_newest_visits_come_first_when_asked(tmp_path: Path) -> None:
    file = search_file(tmp_path, OTHER, ROW)
    assert names(file, sort="visit") == ["老王·饺子馆", "小李面馆"]


def test_a_search_without_hits_says_so_and_keeps_its_words(file: Path) -> None:
    facts = found(file, q="没有这家店", list="black")
    assert (facts.total, facts.rows, facts.query) == (0, (), "没有这家店")
    assert facts.kept == (("list", "black"),)


def test_before_the_first_publication_there_is_nothing_to_search(tmp_path: Path) -> None:
    with pytest.raises(NotPublishedError), open_published(tmp_path / "site.sqlite"):
        pass


def test_grades_are_no_filter_where_they_are_not_public(tmp_path: Path) -> None:
    from publishing.search.writing import SearchUpdate
    from tests.publishing.search.rows import ABOUT

    file = search_file(tmp_path, replace(ROW, grade=None))
    update = SearchUpdate(file)
    update.describe(replace(ABOUT, grade_is_public=False))
    update.place()
    assert [one.label.zh for one in found(file).facets] == ["街镇", "业态", "红黑榜"]


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            name: st.text(max_size=30)
            for name in ("q", "street", "type", "grade", "list", "sort", "page", "x")
        },
    )
)
def test_any_address_is_a_search_and_its_own_address_gives_it_again(parameters: dict[str, str]) -> None:
    search = read_search(parameters)
    again = read_search(dict(parse_qsl(urlsplit(search.path()).query)))
    assert again == search


@pytest.mark.parametrize("page", ["0", "-1", "abc", "９", "1e9", "99999999999999999999"])
def test_a_page_number_that_is_none_is_the_first(page: str) -> None:
    assert read_search({"page": page}) == Search()
