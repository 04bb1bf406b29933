"""What a reader finds in each state of a door, an edition and a search."""

import re
from dataclasses import replace
from datetime import date

import pytest

from publishing.public_facts import EditionFacts, FindingFacts, LevelFacts, VisitFacts, Words
from publishing.site.plain import plain_steps, scale_of
from publishing.site.render import Renderer, groups, others, sentence
from publishing.site.words import both, day_in, with_telephones
from tests.publishing.site import sample_facts as made_up
from tests.publishing.site.gallery import gallery
from tests.publishing.site.page_checks import chinese, parsed

PAGES = gallery()
RENDERER = Renderer(made_up.SITE)
HYGIENE_NOTE = "等级来自经营类型和检查情况，决定多久查一次，不是卫生评分。"


def said(name: str) -> str:
    """The Chinese text of a page's main part."""
    return chinese(parsed(PAGES[name]).select("main")[0])


def in_order(text: str, *parts: str) -> bool:
    """Whether the parts stand in the text one after the other."""
    return bool(re.search(".*".join(re.escape(part) for part in parts), text, re.DOTALL))


def test_a_storefront_says_first_which_unit_and_where() -> None:
    text = said("storefront: usual")
    assert in_order(text, "您正在查看", "福满源饺子馆", "杨柳青镇柳口路28号", "不是这家店？", "风险等级")
    link = parsed(PAGES["storefront: usual"]).select_one(".where a")
    assert link is not None
    assert link["href"] == "#contact"
    assert in_order(text, "投诉举报", "12315", "022-00000000")


def test_the_street_is_said_once_also_where_the_address_leaves_it_out() -> None:
    page = RENDERER.storefront(replace(made_up.USUAL, address="柳口路28号"))
    assert "杨柳青镇柳口路28号" in chinese(parsed(page).select(".who")[0])


def test_the_grade_stands_among_all_levels_with_its_meaning_and_what_it_is_not() -> None:
    soup = parsed(PAGES["storefront: usual"])
    assert [chinese(step) for step in soup.select(".scale li")] == [
        "A最低",
        "B较低",
        "C较高",
        "D最高",
    ]
    assert [chinese(step) for step in soup.select("[aria-current]")] == ["B较低"]
    text = said("storefront: usual")
    assert "B级，风险较低" in text
    assert text.count(HYGIENE_NOTE) == 1
    assert in_order(text, "为什么是B？", *made_up.GRADE_B.steps)


def test_levels_that_are_words_are_shown_by_their_meaning_alone() -> None:
    levels = (LevelFacts("good", Words("良好", "Good")), LevelFacts("poor", Words("较差", "Poor")))
    grade = replace(made_up.GRADE_B, level="good", meaning=levels[0].meaning, levels=levels)
    text = chinese(parsed(RENDERER.storefront(replace(made_up.USUAL, grade=grade))).select("main")[0])
    assert "good" not in text
    assert "为什么是良好？" in text


def test_levels_are_told_by_what_differs_and_never_by_nothing() -> None:
    words = (("最低", "Lowest"), ("较低", "Lower"), ("较高", "Higher"), ("最高", "Highest"))
    levels = tuple(
        LevelFacts(code, Words(f"食品安全风险{zh}", f"{en} food-safety risk"))
        for code, (zh, en) in zip("ABCD", words, strict=True)
    )
    assert [chinese(parsed(str(meaning).encode())) for _, meaning in scale_of(levels)] == [
        zh for zh, _ in words
    ]
    assert "Lowest" in scale_of(levels)[0][1]
    assert "risk" not in scale_of(levels)[0][1]
    same = (LevelFacts("A", Words("好", "good")), LevelFacts("B", Words("好些", "good too")))
    assert next(meaning for _, meaning in scale_of(same)) == both("好", "good")


def test_why_a_grade_is_what_it_is_is_told_without_codes_tables_or_blanks() -> None:
    lines = (
        "规则：演示区风险分级规则（demo-local，版本 ae12195c7c2d）",
        "事实：经营面积（平方米） = 120",
        "事实：卫生设施评分 = 未知",
        "事实：业态 = 餐馆",
        "步骤：卫生设施已评分 = 否",
        "步骤：按业态的卫生设施评分 = 9",
        "步骤：卫生设施评分 = 9",
        "步骤：本业态的经营规模分段 = 不多于 80 → 4；多于 80 → 6",
        "步骤：静态档 = Ⅰ档",
        "步骤：计入的检查结果 = basically_compliant",
        "步骤：静态分值 无法确定（经营面积未登记）",
        "规则值：静态分值 → 静态档（static_tiers） = …，出处 演示假定值",
        "由本局按年度调整规定上调一级。",
        "结论：B级",
    )
    assert plain_steps(lines) == (
        "经营面积（平方米）：120；业态：餐馆",
        "卫生设施评分：9",
        "静态档：Ⅰ档",
        "由本局按年度调整规定上调一级。",
    )
    assert plain_steps(()) == ()


def test_a_requirement_that_was_not_met_is_not_read_as_praise() -> None:
    assert "未做到：餐厨废弃物容器带盖" in said("storefront: usual")


def test_an_undetermined_grade_says_why_without_letter_or_colour() -> None:
    page = PAGES["storefront: undetermined"]
    text = said("storefront: undetermined")
    assert in_order(text, "暂未评定", "还缺少：", *made_up.UNDETERMINED.missing)
    assert parsed(page).select(".scale, .on, [aria-current]") == []
    assert not re.search(r"[A-D]级", text)
    assert "基本符合，2项问题" in text


def test_a_grade_that_is_not_public_is_not_in_the_page() -> None:
    text = said("storefront: grade not public")
    assert "目前不公开" in text
    assert not any(level.meaning.zh in text for level in made_up.LEVELS)
    assert "基本符合，2项问题" in text


def test_what_rests_on_assumed_values_is_marked_where_it_stands() -> None:
    text = said("storefront: assumed")
    assert in_order(text, "B级", "暂定：评定用到了没有出处的暂定数值", "基本符合", "暂定：这次检查用到了")
    assert "暂定" not in said("storefront: usual")


def test_a_unit_that_was_never_visited_is_said_to_be_so() -> None:
    text = said("storefront: never visited")
    assert in_order(text, "暂未评定", "还没有可以用来评定的检查。", "还没有检查记录", "尚未登记")
    assert "没有公示期内的检查记录" in said("storefront: visits past their term")


def test_a_clean_visit_is_shown_as_a_visit_without_problems() -> None:
    assert in_order(said("storefront: clean"), "最近一次检查", "2026年5月12日", "符合，没有发现问题")


def test_the_re_check_stands_above_the_first_result_and_apart_from_it() -> None:
    text = said("storefront: rechecked")
    assert in_order(
        text, "2025年12月18日", "2026年1月6日复查：符合", "首次检查：不符合，2项问题", "原料过期", "✓ 已整改"
    )


def test_the_last_four_visits_are_told_and_older_ones_counted() -> None:
    text = said("storefront: usual")
    days = ("2026年11月6日", "2026年5月12日", "2025年12月18日", "2025年6月3日")
    assert in_order(
        text, "最近一次检查", days[0], "此前的检查", *days[1:], "更早的2次检查公示期已满，不再显示。"
    )


def test_the_newest_state_of_a_listing_comes_first() -> None:
    assert in_order(
        said("storefront: rechecked"), "黑榜", "已整改，11月18日复查通过", "整改中，期限11月15日", "入榜理由"
    )
    assert "没有公示期内的上榜记录。" in said("storefront: clean")


def test_red_and_black_are_words_and_not_only_colours() -> None:
    for name in ("storefront: rechecked", "edition: usual", "search: hits", "home: usual"):
        for badge in parsed(PAGES[name]).select(".list"):
            assert chinese(badge) in {"红榜", "黑榜"}


def test_a_video_kitchen_says_that_no_signal_is_connected_and_a_transparent_one_shows_no_live_state() -> None:
    assert in_order(
        said("storefront: usual"), "明厨亮灶", "2026年9月2日现场查看", "视频式", "本站尚未接入该单位视频信号"
    )
    clean = said("storefront: clean")
    assert in_order(clean, "明厨亮灶", "2026年5月12日现场查看", "透明式")
    assert not any(word in clean for word in ("在线", "信号", "离线"))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("closed", ("已停业", "2026年9月1日起停止经营。")),
        ("moved", ("已迁走", "2026年8月15日迁出。", "中北镇万卉路6号", "9XW4-TP7H")),
        ("vacant", ("杨柳青镇柳口路30号", "这里目前没有登记在营的餐饮服务单位", "12315")),
        ("renamed", ("福满源饺子馆", "2026年6月1日更名，原名“老柳口饺子铺”")),
        ("licence ended", ("登记的有效期到2026年8月1日，已届满", "以店内公示的许可证为准")),
        ("no sign name", ("个体经营者", "未登记牌匾名称", "尚未登记有效期")),
        ("no open kitchen", ("明厨亮灶", "未设明厨亮灶")),
        ("scored elsewhere", ("Good，得分92，2项问题",)),
        ("undecided visit", ("结果未定，2项问题",)),
    ],
)
def test_a_door_says_what_has_become_of_it(state: str, words: tuple[str, ...]) -> None:
    assert in_order(said(f"storefront: {state}"), *words)


def test_a_moved_unit_links_its_new_door() -> None:
    assert parsed(PAGES["storefront: moved"]).select_one("a[href='/s/9XW4-TP7H/']") is not None


def test_a_vacant_door_shows_no_record_of_anybody() -> None:
    text = said("storefront: vacant")
    assert not any(word in text for word in ("风险等级", "最近一次检查", "红黑榜", "食品经营许可证"))


def test_home_tells_the_issue_then_offers_the_search_then_the_entries() -> None:
    text = said("home: usual")
    assert in_order(
        text,
        "随机查餐厅 · 2026年第10期",
        "2026年10月30日公示",
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
    assert in_order(said("edition: all ended"), "目前没有显示中的单位。", "本期有8条公示期已满")


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


def test_the_entry_page_leads_to_the_storefront_and_back_to_the_edition() -> None:
    soup = parsed(PAGES["entry: black"])
    assert soup.select_one("a[href='/s/3HK7-PQ2M/']") is not None
    assert soup.select_one("a[href='/editions/2026-10/']") is not None
    assert in_order(
        said("entry: black"), "黑榜", "老街坊水饺", "已整改", "原料过期；后厨地面积水。", "处理：责令限期改正"
    )


def test_the_archive_tells_own_editions_from_historical_ones() -> None:
    text = said("archive: usual")
    assert in_order(
        text, "本局公示", "2026年第10期", "黑榜1家，红榜4家", "公示期已满5条", "历史公示", "第七期"
    )
    assert "还没有公示红黑榜" in said("archive: empty")


def test_a_search_shows_its_hits_its_filters_and_its_place() -> None:
    text = said("search: hits")
    assert in_order(
        text, "84家", "第2页，共3页", "杨柳青镇", "取消", "福满源饺子馆", "红榜", "风险等级 B，风险较低"
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


def test_a_long_table_of_values_is_folded_and_says_how_many_there_are() -> None:
    folded = parsed(PAGES["rules: usual"]).select("details")
    assert [len(table.select("dd")) for table in folded] == [15]
    assert chinese(folded[0].select("summary")[0]) == "看全部15个数值"


def test_the_about_page_tells_the_three_publications_apart_and_how_to_correct() -> None:
    text = said("about: usual")
    assert in_order(
        text, "红黑榜是什么，不是什么", "红黑榜中的黑榜", "行政处罚信息公示", "严重违法失信名单", "不是后两种"
    )
    assert in_order(text, "365天", "90天", "730天", "第四十一条", "022-00000000", "12315")
    assert "本局尚未规定" in said("about: no terms")


def test_a_day_carries_its_year_unless_the_year_stands_beside_it() -> None:
    assert "2026年1月6日" in day_in(date(2026, 1, 6), 2025)
    assert day_in(date(2026, 1, 6), 2026) == "<time datetime=2026-01-06>1月6日</time>"


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


def test_a_finding_that_is_settled_has_a_sign_beside_its_word() -> None:
    visit = VisitFacts(
        visited_on=date(2026, 11, 6),
        kind=made_up.DAILY,
        result=made_up.BASICALLY,
        findings=(FindingFacts("垃圾桶未加盖", made_up.ON_THE_SPOT, True),),
    )
    text = chinese(parsed(RENDERER.storefront(replace(made_up.USUAL, visits=(visit,)))).select("main")[0])
    assert in_order(text, "基本符合，1项问题", "垃圾桶未加盖", "✓ 当场改正")
