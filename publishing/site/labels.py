"""The fixed texts of the public pages, each in Chinese and English. Facts never stand here.

A template names a text as `[[key]]`; the pair is put in its place when templates are compiled. Where the
languages put a fact at different ends of a sentence, the text is split into `..._before` and `..._after`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from publishing.public_facts import Words
from publishing.site.draw_words import DRAW_WORDS
from publishing.site.explanations import EXPLANATIONS
from publishing.site.search_labels import SEARCH_LABELS

_PUNCTUATION = {
    "stop": Words("。", ". "),
    "comma": Words("，", ", "),
    "colon": Words("：", ": "),
    "and": Words("、", ", "),
    "question": Words("？", "?"),
    "open_quote": Words("“", " “"),
    "close_quote": Words("”", "”"),
}

_SHELL = {
    "demonstration": Words("演示数据，不是真实单位", "Demonstration: these are not real businesses"),
    "preview_until": Words("预览，截至", "Preview, as of "),
    "preview_not_published": Words("，不是正式公示", ", not published"),
    "find": Words("查找", "Search"),
    "large_type": Words("大字", "Large type"),
    "all_editions": Words("往期红黑榜", "All editions"),
    "rules": Words("评定规则", "How grades and lists are made"),
    "about": Words("关于本站", "About this site"),
    "published_by": Words("公示机关：", "Published by "),
    "organiser": Words("主办单位：", "Organiser: "),
    "contact_colon": Words("联系：", "Contact: "),
    "complaint_colon": Words("投诉举报：", "Complaints: "),
    "content_as_of": Words("本页内容更新于", "This page was last changed on "),
    "site_identifier": Words("政府网站标识码", "Government site ID "),
}

_DOOR = {
    "you_are_viewing": Words("您正在查看", "You are viewing"),
    "not_this_shop": Words("不是这家店？", "Not this shop?"),
    "holder_colon": Words("营业执照：", "Licence holder: "),
    "no_sign_name": Words("未登记牌匾名称", "No sign name registered"),
    "code": Words("门店码", "Storefront code"),
    "renamed_from": Words("更名，原名“", " renamed; formerly “"),
    "closed": Words("已停业", "Closed"),
    "closed_since_before": Words("", "Stopped trading on "),
    "closed_since": Words("起停止经营。", ". "),
    "closed_note": Words(
        "下面是停业前的检查情况。如果这里仍在营业，请拨打投诉举报电话告诉我们。",
        "Below are its inspections before it closed. If it is still trading, please call us.",
    ),
    "moved": Words("已迁走", "Moved away"),
    "moved_on_before": Words("", "Moved out on "),
    "moved_on": Words("迁出。", ". "),
    "moved_to": Words("新地址：", "New address: "),
    "moved_note": Words("下面是迁走前的检查情况。", "Below are its inspections before it moved."),
    "go_to_new_door": Words("看新店址的页面", "Go to the page of the new address"),
    "vacant": Words("这里目前没有登记在营的餐饮服务单位", "No food business is registered here now"),
    "vacant_since_before": Words("", "Empty since "),
    "vacant_since": Words("起空置。", ". "),
    "vacant_note": Words(
        "以前在这里经营的单位，检查记录不会算到以后的单位头上。如果这里正在营业，请拨打投诉举报电话告诉我们。",
        "Records of earlier businesses are never shown as those of a later one. "
        "If a business is trading here, please call us.",
    ),
}

_GRADE = {
    "risk_grade": Words("风险等级", "Risk grade"),
    "graded_before": Words("", "Graded "),
    "graded": Words("评定", ""),
    "level_before": Words("", "Grade "),
    "level_after": Words("级，", ": "),
    "assumed": Words("暂定", "Provisional"),
    "grade_rests_on_assumed": Words(
        "：有的数值没有出处，见",
        ": some values behind this grade have no source; see ",
    ),
    "some_rest_on_assumed": Words(
        "：有的等级或检查结果所依据的数值没有出处，见",
        ": some values behind these grades or results have no source; see ",
    ),
    "not_a_hygiene_score": Words(
        "等级来自经营类型和检查情况，决定多久查一次，不是卫生评分。",
        "The grade comes from the kind of business and its inspections. "
        "It decides how often we inspect. It is not a hygiene score. ",
    ),
    "why_before": Words("为什么是", "Why "),
    "by_rulebook": Words("依据：", "Rulebook: "),
    "not_graded_yet": Words("暂未评定", "Not graded yet"),
    "still_missing": Words("原因：", "Because: "),
    "not_graded_never_visited": Words(
        "还没有可以用来评定的检查。", "There is no inspection yet to grade from."
    ),
    "why_not_graded": Words("为什么暂未评定？", "Why is there no grade?"),
    "grade_not_public": Words("目前不公开", "Not public at present"),
    "grade_not_public_why": Words(
        "风险等级用来安排检查频次，本局目前不对外公开。检查结果照常公示。",
        "The risk grade plans how often we inspect and is not public at present. Inspection results are.",
    ),
}

_VISITS = {
    "latest_visit": Words("最近一次检查", "Latest inspection"),
    "earlier_visits": Words("此前的检查", "Earlier inspections"),
    "recheck_colon": Words("复查：", " re-check: "),
    "first_result_colon": Words("首次检查：", "First result: "),
    "result_open": Words("结果未定", "Result not determined"),
    "no_problem": Words("没有发现问题", "no problem found"),
    "one_problem": Words("项问题", " problem"),
    "problems": Words("项问题", " problems"),
    "score": Words("得分", "score "),
    "not_met": Words("未做到：", "Not met: "),
    "visit_provisional": Words(
        "：有的检查项目或规则尚无原文证实。",
        ": some items or rules are not yet confirmed by an official text.",
    ),
    "visit_withheld": Words(
        "有的检查项目或规则尚无原文证实，结果暂不公示。",
        "Some items or rules are not yet confirmed by an official text; the result is not shown yet.",
    ),
    "visit_not_graded": Words(
        "尚未评定，评定之后才公示结果。",
        "Not graded yet; the result is shown after the grading.",
    ),
    "result_withheld": Words("结果暂不公示", "Result not shown yet"),
    "more_before": Words("其余", "Show "),
    "more_after": Words("项问题", " more problems"),
    "never_visited": Words("还没有检查记录", "No inspection yet"),
    "no_visit_in_term": Words("没有公示期内的检查记录", "No inspection within its time on display"),
    "hidden_before": Words("更早的", "Earlier inspections whose time on display has ended: "),
    "hidden_after": Words("次检查公示期已满，不再显示。", ""),
}

_KITCHEN_AND_LISTS = {
    "open_kitchen": Words("明厨亮灶", "Open kitchen"),
    "seen_on_site_before": Words("", "Seen on site "),
    "seen_on_site": Words("现场查看", ""),
    "kitchen_unknown": Words("尚未登记", "Not registered yet"),
    "lists": Words("红黑榜", "Red and black lists"),
    "red": Words("红榜", "Red list"),
    "black": Words("黑榜", "Black list"),
    "yellow": Words("黄榜", "Yellow list"),
    "unlisted": Words("其他公布单位", "Also published"),
    "published_before": Words("", "Published "),
    "published": Words("公示", ""),
    "on_the_list": Words("在榜", "on the list"),
    "reasons": Words("入榜理由", "Reasons"),
    "on_no_list": Words("没有公示期内的上榜记录。", "Not on a list at present."),
}

_PLATES = {
    "plate_check": Words("公示牌上应印有门店码", "The plate should show the code "),
    "plate_check_address": Words("，扫码后的网址应以下列开头：", " and lead to an address that begins with "),
    "plate_withdrawn": Words("这里的公示牌已作废", "The plate of this door has been withdrawn"),
    "scanned_plate_withdrawn": Words("您扫的这块公示牌已作废", "The plate you scanned has been withdrawn"),
    "plate_withdrawn_note": Words(
        "如果门口还挂着它，请联系我们。",
        "If it still hangs here, please tell us.",
    ),
    "issue_before": Words("第", "Issue "),
    "issue_withdrawn": Words("次制发的公示牌已作废（", " of the plate: withdrawn "),
    "issue_replaced": Words("次制发的公示牌已换新（", " of the plate: replaced "),
    "issue_after": Words("）。", ". "),
    "plate_valid_before": Words("现在有效的是第", "In force: issue "),
    "plate_valid_after": Words("次制发（", " of "),
    "plate_valid_stop": Words("），牌的最下面一行印着次数。", "; the number stands in its lowest line."),
}

_LICENCE = {
    "licence": Words("食品经营许可证", "Food licence"),
    "valid_until": Words("有效期至", "Valid until "),
    "licence_ended_before": Words("登记的有效期到", "Registered as valid until "),
    "licence_ended_after": Words("，已届满", ", now past"),
    "licence_ended_note": Words(
        "许可证可能已经延续而登记还没有更新，请以店内公示的许可证为准。",
        "It may have been renewed since. The licence on display in the shop decides.",
    ),
    "licence_term_unknown": Words("尚未登记有效期", "Term of validity not registered"),
    "licence_number": Words("编号", "Number"),
    "unit_type": Words("业态", "Type"),
    "online_name": Words("网店名称", "Name online"),
    "complain": Words("投诉举报", "Complaints"),
    "wrong_shop_before": Words("店名、地址不符或信息有误，请联系：", "Wrong shop or wrong facts? Contact: "),
    "how_to_correct": Words("怎样要求更正", "How to have facts corrected"),
}

_EDITIONS = {
    "campaign": Words("随机查餐厅", "Random restaurant checks"),
    "lists_notice": Words("红黑榜公示", ": red and black lists"),
    "drawn_before": Words("随机抽取", "Drawn at random: "),
    "checked_before": Words("检查", "inspected: "),
    "red_list_count": Words("红榜", "red list "),
    "black_list_count": Words("黑榜", "black list "),
    "others_before": Words("其余", "others "),
    "others_after": Words("家不上榜", ""),
    "shops": Words("家", ""),
    "whole_edition": Words("看整期公示", "See the whole edition"),
    "how_chosen": Words("怎么抽的？", "How were they chosen?"),
    "no_edition_yet": Words("还没有公示红黑榜", "No edition has been published yet"),
    "no_edition_yet_note": Words(
        "第一期公示后会出现在这里。现在可以查找各家餐饮单位的检查情况。",
        "The first edition will appear here. You can already look up inspections of each business.",
    ),
    "edition_withdrawn": Words("本期公示已撤下", "This edition has been withdrawn"),
    "withdrawn_on_before": Words("", "Withdrawn on "),
    "withdrawn_on": Words("撤下。", ". "),
    "edition_withdrawn_note": Words("原来的内容不再显示。", "What it said is no longer shown."),
    "entry_withdrawn": Words("这一条已撤下", "This entry has been withdrawn"),
    "entry_withdrawn_note": Words(
        "公示机关撤下了这一条，原来的内容不再显示。",
        "The authority has withdrawn this entry. What it said is no longer shown.",
    ),
    "withdrawn_before": Words("本期有", "Entries of this edition that were withdrawn: "),
    "withdrawn_after": Words("条已撤下，原来的内容不再显示。", ""),
    "ended_before": Words("本期有", "Entries of this edition whose time on display has ended: "),
    "ended_after": Words("条公示期已满，不再显示。", ""),
    "term_ended": Words("公示期已满", "Its time on display has ended"),
    "term_ended_note": Words("这一条不再显示。", "This entry is no longer shown."),
    "no_red": Words("本期没有红榜单位。", "No business is on the red list of this edition."),
    "no_black": Words("本期没有黑榜单位。", "No business is on the black list of this edition."),
    "none_shown_now": Words("目前没有显示中的单位。", "None is shown at present."),
    "counts_only": Words("原公示只有数量，没有列出名称。", "The original gives only the count, no names."),
    "no_name_in_source": Words("原公示未列名称", "No name in the original"),
    "inspected_before": Words("", "Inspected "),
    "inspected": Words("检查", ""),
    "measures_colon": Words("处理：", "Measures: "),
    "truncated_mark": Words("节录", "Excerpt"),
    "truncated": Words("：这一条的来源文本不完整。", ": the source of this entry is cut off."),
    "historical": Words("历史公示，由所列机关发布", "Historical, published by the authority named here"),
    "historical_note": Words(
        "这是所列机关当时的公示，文字照录，与本站登记的单位没有关联。",
        "Published at that time by the authority named here, in its own words, "
        "and not linked to any business of this site.",
    ),
    "about_the_source": Words("关于原公示", "About the original"),
    "list_note": Words(
        "红黑榜公布的是检查当日的情况，排名不分先后；整改和复查的结果写在各条最前面。",
        "The lists state what was found on the day of inspection, in no order of rank. "
        "Rectification and re-checks stand first. ",
    ),
    "what_the_list_is": Words("红黑榜是什么，不是什么", "What the lists are, and are not"),
    "period_colon": Words("期间：", "Period: "),
    "to_storefront": Words("看这家店现在的情况", "See this business as it stands now"),
    "archive_note": Words(
        "每一期都在这里；公示期已满的单位不再显示名称。",
        "Every edition is here. Businesses whose time on display has ended are no longer named.",
    ),
    "own_editions": Words("本局公示", "Editions of this authority"),
    "historical_editions": Words("历史公示（其他机关）", "Historical editions of other authorities"),
    "ended_short": Words("公示期已满", "ended "),
}

LABELS: Mapping[str, Words] = MappingProxyType(
    {
        **_PUNCTUATION,
        **_SHELL,
        **_DOOR,
        **_GRADE,
        **_VISITS,
        **_KITCHEN_AND_LISTS,
        **_PLATES,
        **_LICENCE,
        **_EDITIONS,
        **SEARCH_LABELS,
        **EXPLANATIONS,
        **DRAW_WORDS,
    }
)
