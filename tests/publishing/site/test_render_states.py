"""What a reader finds in each state of an edition, a search and the pages that are read."""

import re
from dataclasses import replace
from datetime import date

from inspections.rulebooks.showing import matrix_of
from publishing.public_facts import EditionFacts
from publishing.site.render import Renderer
from publishing.site.render_filters import groups, others, sentence
from publishing.site.words import both, day_in, with_telephones
from tests.publishing.site import sample_facts as made_up
from tests.publishing.site.gallery import gallery
from tests.publishing.site.page_checks import chinese, in_order, parsed

PAGES = gallery()
RENDERER = Renderer(made_up.SITE)


def said(name: str) -> str:
    """The Chinese text of a page's main part."""
    return chinese(parsed(PAGES[name]).select("main")[0])


def test_home_tells_the_issue_then_offers_the_search_then_the_entries() -> None:
    text = said("home: usual")
    assert in_order(
        text,
        "随机查餐厅 · 2026年第10期",
        "10月30日公示",
        "冬日里的饺子馆",
        "随机抽取24家，检查24家：红榜6家，黑榜2家，其余16家不上榜。",
        "怎么抽的？",
        "店名、地址、许可证号或门店码",
        "黑榜 2家",
        "老街坊水饺",
        "已整改，11月18日复查通过",
        "10月22日检查：原料过期；后厨地面积水。",
        "红榜 6家",
        "福满源饺子馆",
        "600家餐饮单位",
        "按街镇",
        "按业态",
        "按风险等级",
    )


def test_home_is_never_blank() -> None:
    assert in_order(said("home: nothing at all"), "还没有公示红黑榜", "店名、地址", "还没有登记的单位。")
    assert in_order(said("home: no edition"), "还没有公示红黑榜", "600家餐饮单位")
    assert "本期有8条公示期已满，不再显示。" in said("home: all ended")
    assert "本期没有黑榜单位。" in said("home: without black")


def test_an_edition_without_red_or_without_black_says_so() -> None:
    assert in_order(said("edition: without red"), "黑榜 2家", "红榜 0家", "本期没有红榜单位。")
    assert in_order(said("edition: without black"), "黑榜 0家", "本期没有黑榜单位。", "红榜 6家")


def test_a_withdrawn_entry_keeps_its_place_without_its_words() -> None:
    text = said("edition: one withdrawn")
    assert in_order(text, "老街坊水饺", "这一条已撤下", "福满源饺子馆", "本期有1条已撤下")
    assert "瑞香阁" not in text


def test_an_edition_says_how_many_entries_have_ended() -> None:
    assert "本期有7条公示期已满，不再显示。" in said("edition: some ended")
    ended = said("edition: all ended")
    assert in_order(ended, "公示期已满", "本期有8条公示期已满，不再显示。")
    assert "目前没有" not in ended


def test_a_historical_edition_names_its_own_authority_and_keeps_all_it_has() -> None:
    text = said("edition: historical")
    parts = (
        "某市市场监督管理局",
        "黑榜",
        "原公示未列名称",
        "红榜",
        "示例轻食",
        "得分：95",
        "黄榜",
        "示例小炒",
        "节录",
        "其他公布单位",
        "示例面馆",
        "现等级：B",
        "关于原公示",
        "区域：某街道",
    )
    assert in_order(text, *parts)
    assert "由所列机关发布" in text
    assert "随机查餐厅" not in text
    assert in_order(said("edition: counts only"), "黑榜 1家", "原公示只有数量，没有列出名称。", "红榜 4家")


def test_lists_of_any_other_name_are_kept_as_they_came() -> None:
    entry = replace(made_up.HISTORICAL.entries[0], list_word="蓝榜")
    page = RENDERER.edition(replace(made_up.HISTORICAL, red_count=None, black_count=None, entries=(entry,)))
    assert [chinese(badge) for badge in parsed(page).select(".list")] == ["蓝榜"]


def test_every_entry_of_an_edition_stands_in_exactly_one_group() -> None:
    for edition in made_up.EDITIONS.values():
        grouped = [entry.number for group in groups(edition) for entry in group.entries]
        assert sorted(grouped) == sorted(entry.number for entry in edition.entries)


def test_the_units_on_no_list_are_counted_only_where_the_counts_say_so() -> None:
    unknown: EditionFacts = replace(made_up.EDITION, drawn=None, checked=None)
    assert others(made_up.EDITION) == 16
    assert others(unknown) == 0
    assert others(replace(made_up.EDITION, checked=20)) == 12
    assert others(replace(made_up.EDITION, black_count=1, withdrawn=1)) == 16


def test_the_entry_page_leads_to_the_storefront_and_back_to_the_edition() -> None:
    soup = parsed(PAGES["entry: black"])
    assert soup.select_one("a[href='/s/3HK7-PQ2M/']") is not None
    assert soup.select_one("a[href='/editions/2026-10/']") is not None
    assert in_order(
        said("entry: black"), "老街坊水饺", "黑榜", "已整改", "原料过期；后厨地面积水。", "处理：责令限期改正"
    )


def test_the_archive_tells_own_editions_from_historical_ones() -> None:
    text = said("archive: usual")
    assert in_order(
        text, "本局公示", "2026年第10期", "黑榜1家，红榜4家", "公示期已满5条", "历史公示", "第七期"
    )
    line = replace(made_up.ARCHIVE.lines[0], red=0, black=0, ended=8)
    ended = parsed(RENDERER.archive(replace(made_up.ARCHIVE, lines=(line,)))).select("main")[0]
    assert in_order(chinese(ended), "公示期已满8条")
    assert "0家" not in chinese(ended)
    assert "还没有公示红黑榜" in said("archive: empty")


def test_a_search_shows_its_hits_its_filters_and_its_place() -> None:
    text = said("search: hits")
    assert in_order(
        text,
        "84家",
        "第2页，共3页",
        "排序：店名",
        "最近检查",
        "杨柳青镇",
        "取消",
        "福满源饺子馆",
        "红榜",
        "B级，风险较低",
    )
    assert in_order(text, "新开的面馆", "还没有检查记录", "停业的饭馆", "已停业")
    kept = parsed(PAGES["search: hits"]).select_one("form input[type=hidden]")
    assert kept is not None
    assert (kept["name"], kept["value"]) == ("street", "杨柳青镇")


def test_a_search_without_hits_says_what_to_do() -> None:
    assert in_order(said("search: no hits"), "没有找到", "少打几个字试试")
    assert "取消一些筛选条件" in said("search: no hits under filters")
    assert "取消一些筛选条件" not in said("search: no hits")


def test_a_hit_without_a_door_leads_to_its_entry() -> None:
    soup = parsed(PAGES["search: historical hit"])
    assert soup.select_one("a[href='/editions/hist-7/1/']") is not None
    assert "还没有检查记录" not in said("search: historical hit")


def test_a_mistyped_code_suggests_the_likely_one_and_asks_to_compare() -> None:
    soup = parsed(PAGES["code: mistyped"])
    assert soup.select_one("a[href='/s/7K3M-92QF/']") is not None
    assert in_order(said("code: mistyped"), "没有这个门店码", "7K3M-92QE", "是不是7K3M-92QF？", "核对")
    assert "是不是" not in said("code: unknown")


def test_the_rules_page_marks_every_assumed_value_and_counts_them() -> None:
    text = said("rules: usual")
    assert in_order(text, "暂定：有1个数值没有出处", "静态档", "未定", "每年最少检查次数 暂定", "没有出处")
    assert len(parsed(PAGES["rules: usual"]).select(".is-assumed")) == 1
    assert "现在没有生效的评定规则。" in said("rules: none")
    assert "目前不公开" in said("rules: grade not public")


def test_values_that_depend_on_two_things_stand_in_a_table_where_it_is_narrow() -> None:
    rows = tuple((f"{tier} · {result}", grade) for tier, result, grade in (
        ("Ⅰ档", "符合", "A级"), ("Ⅰ档", "不符合", "C级"), ("Ⅱ档", "符合", "B级"), ("Ⅱ档", "不符合", "D级"),
    ))  # fmt: skip
    matrix = matrix_of(rows)
    assert matrix is not None
    assert matrix.columns == ("符合", "不符合")
    assert matrix.rows == (("Ⅰ档", ("A级", "C级")), ("Ⅱ档", ("B级", "D级")))
    assert matrix_of(rows[:3]) is None
    assert matrix_of((*rows[:3], ("Ⅱ档 · 不符合", "书面责令限期整改"))) is None
    cell = replace(made_up.RULES.rulebooks[0].cells[0], rows=rows)
    book = replace(made_up.RULES.rulebooks[0], cells=(cell,))
    table = parsed(RENDERER.rules(replace(made_up.RULES, rulebooks=(book,)))).select("table")[0]
    assert [chinese(head) for head in table.select("th[scope=row]")] == ["Ⅰ档", "Ⅱ档"]


def test_a_source_that_all_values_share_is_said_once() -> None:
    book = made_up.RULES.rulebooks[0]
    same = tuple(replace(cell, basis=book.cells[0].basis, reference="某文件", from_on=date(2024, 1, 1))
                 for cell in book.cells)  # fmt: skip
    page = RENDERER.rules(replace(made_up.RULES, rulebooks=(replace(book, cells=same),)))
    assert chinese(parsed(page).select("main")[0]).count("某文件") == 1
    assert said("rules: usual").count("办法（试行）") == 2


def test_a_long_table_of_values_is_folded_and_says_how_many_there_are() -> None:
    folded = parsed(PAGES["rules: usual"]).select(".cell details")
    assert [len(table.select("dd")) for table in folded] == [15]
    assert chinese(folded[0].select("summary")[0]) == "看全部15个数值"


def test_the_rules_page_says_step_by_step_how_an_outcome_is_worked_out() -> None:
    (folded,) = parsed(PAGES["rules: usual"]).select("details.cell")
    assert chinese(folded.select("summary")[0]) == "怎样得出检查结果"
    assert [chinese(term) for term in folded.select("dt")] == ["不符合项数", "结论"]
    assert chinese(folded.select("dd")[0]) == "全部项目中，答案为不符合的有几项"


def test_the_about_page_tells_the_three_publications_apart_and_how_to_correct() -> None:
    text = said("about: usual")
    assert in_order(
        text, "红黑榜是什么，不是什么", "红黑榜中的黑榜", "行政处罚信息公示", "严重违法失信名单", "不是后两种"
    )
    assert in_order(text, "365天", "90天", "730天", "第四十一条", "022-00000000", "12315")
    assert "本局尚未规定" in said("about: no terms")


def test_a_day_carries_its_year_unless_the_year_stands_beside_it() -> None:
    assert "2026年1月6日" in day_in(date(2026, 1, 6), 2025)
    assert day_in(date(2026, 1, 6), 2026) == "<time datetime=2026-01-06><span class=z>1月6日</span></time>"


def test_reasons_become_one_sentence() -> None:
    assert sentence(("原料过期；", "后厨地面积水。")) == "原料过期；后厨地面积水。"
    assert sentence(()) == ""
    assert sentence(("真的没有？",)) == "真的没有？"


def test_telephones_in_a_contact_become_links_and_nothing_else_does() -> None:
    linked = with_telephones("柳口路1号 <b>，022-00000000 或 12315，邮编300380")
    assert re.findall(r"tel:([\d-]+)", linked) == ["022-00000000", "12315"]
    assert "&lt;b&gt;" in linked


def test_a_text_that_reads_the_same_in_both_languages_stands_once() -> None:
    assert both("B", "B") == "B"
    assert both("", "Grade ") == "<span class=e lang=en>Grade </span>"
