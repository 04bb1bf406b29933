"""The fixed texts of finding a business: the search, its hits, and addresses that lead nowhere."""

from collections.abc import Mapping
from types import MappingProxyType

from publishing.public_facts import Words

_SEARCH = {
    "search_label": Words("店名、地址、许可证号或门店码", "Name, address, licence number or storefront code"),
    "search_heading": Words("查找餐饮单位", "Find a food business"),
    "hits": Words("家", " found"),
    "order_colon": Words("排序：", "Sort: "),
    "page_before": Words("第", "page "),
    "page_of": Words("页，共", " of "),
    "page_after": Words("页", ""),
    "give_up": Words("取消", "remove"),
    "clear_filters": Words("取消全部筛选", "Remove all filters"),
    "no_hits": Words("没有找到", "Nothing found"),
    "tip_fewer": Words(
        "少打几个字试试：一两个字、拼音或拼音首字母都可以。",
        "Try fewer characters: one or two, pinyin, or pinyin initials will do.",
    ),
    "tip_filters": Words("取消一些筛选条件。", "Remove some filters."),
    "tip_licence": Words(
        "招牌名称可能和营业执照名称不同，两个都可以查。",
        "The sign may differ from the licence name; either can be searched.",
    ),
    "tip_code": Words(
        "门口公示牌二维码下面印着门店码，可以直接输入。",
        "The code printed under the QR on the plate can be typed in.",
    ),
    "previous_page": Words("上一页", "Previous page"),
    "next_page": Words("下一页", "Next page"),
    "units_before": Words("", "Look up "),
    "units_after": Words("家餐饮单位", " food businesses"),
    "no_units_yet": Words("还没有登记的单位。", "No business is registered yet."),
    "by_street": Words("按街镇", "By street or town"),
    "by_type": Words("按业态", "By type"),
    "by_grade": Words("按风险等级", "By risk grade"),
}

_MISTAKES = {
    "unknown_code": Words("没有这个门店码", "There is no such storefront code"),
    "you_typed": Words("网址里的门店码：", "Code in the address: "),
    "did_you_mean": Words("是不是", "Did you mean "),
    "check_the_plate": Words(
        "打开前请和公示牌二维码下面印的门店码核对。",
        "Compare it with the code printed under the QR on the plate first.",
    ),
    "unknown_code_note": Words(
        "请核对公示牌二维码下面印的门店码，或者按店名、地址查找。",
        "Compare it with the code printed under the QR on the plate, or search by name or address.",
    ),
    "false_plate": Words(
        "如果是扫码来到这里，而公示牌上印的正是这个码，这块牌可能不是本局发放的，请告诉我们。",
        "If you scanned a plate that shows this very code, the plate may not be ours. Please tell us.",
    ),
    "not_found": Words("没有这个页面", "There is no such page"),
    "not_found_note": Words(
        "网址可能打错了，或者内容公示期已满、已撤下。可以在这里查找餐饮单位。",
        "The address may be mistyped, or what it showed has ended or been withdrawn. You can search here.",
    ),
}

SEARCH_LABELS: Mapping[str, Words] = MappingProxyType({**_SEARCH, **_MISTAKES})
