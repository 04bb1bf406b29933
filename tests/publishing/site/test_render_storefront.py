"""What a reader finds in each state of a door."""

import re
from dataclasses import replace
from datetime import date

import pytest

from publishing.public_facts import FindingFacts, LevelFacts, VisitFacts, Words
from publishing.site.plain import plain_steps, scale_of
from publishing.site.render import Renderer
from publishing.site.render_filters import folded
from publishing.site.words import both
from tests.publishing.site import sample_facts as made_up
from tests.publishing.site.gallery import gallery
from tests.publishing.site.page_checks import chinese, in_order, parsed

PAGES = gallery()
RENDERER = Renderer(made_up.SITE)
HYGIENE_NOTE = "等级来自经营类型和检查情况，决定多久查一次，不是卫生评分。"


def said(name: str) -> str:
    """The Chinese text of a page's main part."""
    return chinese(parsed(PAGES[name]).select("main")[0])


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
    assert in_order(text, "暂未评定", "原因：", *made_up.UNDETERMINED.missing)
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
    assert in_order(text, "B级", "暂定：有的数值没有出处", "基本符合", "暂定：有的检查项目")
    assert "暂定" not in said("storefront: usual")


def test_a_unit_that_was_never_visited_is_said_to_be_so() -> None:
    text = said("storefront: never visited")
    assert in_order(text, "暂未评定", "还没有可以用来评定的检查。", "还没有检查记录", "尚未登记")
    assert "没有公示期内的检查记录" in said("storefront: visits past their term")


def test_a_result_that_may_not_be_shown_is_said_to_be_withheld_and_why() -> None:
    visit = replace(made_up.LATEST, result=None, provisional=True)
    text = chinese(parsed(RENDERER.storefront(replace(made_up.USUAL, visits=(visit,)))).select("main")[0])
    assert in_order(text, "结果暂不公示，2项问题", "有的检查项目或规则尚无原文证实")
    assert "暂定" not in text


@pytest.mark.parametrize(("findings", "is_rechecked", "expected"), [
    (0, False, ()), (3, False, (3,)), (4, False, (2, 2)), (8, False, (2, 6)),
    (2, True, (2,)), (3, True, (1, 2)),
])  # fmt: skip
def test_many_findings_are_folded_so_that_the_next_block_stays_on_the_first_screen(
    findings: int, is_rechecked: bool, expected: tuple[int, ...]
) -> None:
    finding = FindingFacts("垃圾桶未加盖", made_up.ON_THE_SPOT, True)
    again, again_on = (made_up.COMPLIANT, date(2026, 11, 20)) if is_rechecked else (None, None)
    visit = replace(
        made_up.LATEST, findings=(finding,) * findings, recheck_result=again, rechecked_on=again_on
    )
    assert tuple(len(part) for part in folded(visit)) == expected
    page = parsed(RENDERER.storefront(replace(made_up.USUAL, visits=(visit,))))
    assert len(page.select(".rows li")) == findings
    assert len(page.select("details.more .rows li")) == sum(expected[1:])


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


@pytest.mark.parametrize("state", ["closed", "moved"])
def test_a_unit_that_left_shows_its_inspections_and_no_grade_or_kitchen(state: str) -> None:
    text = said(f"storefront: {state}")
    assert "基本符合，2项问题" in text
    assert not any(word in text for word in ("风险等级", "B级", "明厨亮灶"))


def test_an_address_in_latin_letters_is_written_in_its_own_order() -> None:
    assert "100 Powell St, San Francisco" in said("storefront: scored elsewhere")


def test_a_moved_unit_links_its_new_door() -> None:
    assert parsed(PAGES["storefront: moved"]).select_one("a[href='/s/9XW4-TP7H/']") is not None


def test_a_vacant_door_shows_no_record_of_anybody() -> None:
    text = said("storefront: vacant")
    assert not any(word in text for word in ("风险等级", "最近一次检查", "红黑榜", "食品经营许可证"))


def test_a_finding_that_is_settled_has_a_sign_beside_its_word() -> None:
    visit = VisitFacts(
        visited_on=date(2026, 11, 6),
        kind=made_up.DAILY,
        result=made_up.BASICALLY,
        findings=(FindingFacts("垃圾桶未加盖", made_up.ON_THE_SPOT, True),),
    )
    text = chinese(parsed(RENDERER.storefront(replace(made_up.USUAL, visits=(visit,)))).select("main")[0])
    assert in_order(text, "基本符合，1项问题", "垃圾桶未加盖", "✓ 当场改正")


def test_an_earlier_visit_that_rests_on_assumed_values_is_marked_as_the_newest_is() -> None:
    earlier = replace(made_up.LATEST, visited_on=date(2026, 3, 2), provisional=True)
    unit = replace(made_up.USUAL, visits=(made_up.LATEST, earlier))
    text = chinese(parsed(RENDERER.storefront(unit)).select("main")[0])
    assert in_order(text, "此前的检查", "基本符合", "暂定：有的检查项目")
