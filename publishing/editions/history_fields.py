"""Where each field of a really published edition stands: a place of its own, label and text, or nowhere.

Nothing is dropped: the record is stored as it came. Whatever does not reach a page is named in
`SOURCE_ONLY`, with the reason.
"""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

More = tuple[tuple[str, str], ...]

# Fields with a place of their own on the page.
EDITION_PLACES = {
    "id": "the address of the edition's page",
    "authority": "the authority, above and below the edition",
    "period": "the period, in the heading",
    "published_on": "the day of publication, in the heading",
    "source_title": "the title",
    "theme": "the theme, beside the title",
    "entries": "the entries",
}
ENTRY_PLACES = {
    "list": "the list under which the entry stands",
    "shop_sign": "the entry's name",
    "licence_name": "the licence holder",
    "address": "the address",
    "reasons": "the reasons",
    "measures": "the measures",
    "excerpt_truncated": "the mark of an entry that is cut off in its source",
}
SOURCE_ONLY = {
    "name_contains_person": "a flag for those who check the masking of names; the trade name itself stays",
}
# What stays in the source where the page was not the authority's own, by the source's kind.
SOURCE_ONLY_OF = {
    "source_url": (
        frozenset({"media", "mirror", "forum"}),
        "addresses of copies pass into other hands; a public page must not lead there",
    ),
}
# Fields that stand as label and text, in this order.
EDITION_LABELS = {
    "issue_no": "期号",
    "kind": "公布形式",
    "city": "城市",
    "district": "地区",
    "period_basis": "期间依据",
    "counts": "公布的数量",
    "complete": "名单",
    "title_as_published": "标题",
    "format": "原文体例",
    "notes": "整理说明",
    "text_normalised": "文字",
    "source_kind": "来源",
    "source_url": "来源网址",
}
ENTRY_LABELS = {
    "published_string": "原文写法",
    "online_name": "网店名称",
    "online_platforms": "上线平台",
    "district": "所在区",
    "area": "路段",
    "premises_type": "业态",
    "score": "得分",
    "public_score": "网友打分",
    "grade": "公布的等级",
    "grade_before": "原等级",
    "legal_basis": "依据",
    "rectified": "整改",
    "rectification_note": "整改说明",
    "recheck_on": "回访日期",
    "moved_from_black": "变动",
    "entry_note": "说明",
}

# Labels whose text names the unit itself.
NAMING_LABELS = frozenset({ENTRY_LABELS["published_string"], ENTRY_LABELS["online_name"]})

_KINDS = {
    "red_black_list": "红黑榜",
    "graded_inspection": "量化等级检查",
    "exposure": "曝光",
    "penalty_notice": "查处通报",
    "plaque": "门口挂牌",
}
_SOURCES = {"official": "官方网站", "media": "媒体报道", "mirror": "转载页面", "forum": "论坛帖子"}
_BASES = {"stated": "", "inferred": "由来源推定"}
_COUNTS = {"red": "红榜", "black": "黑榜", "yellow": "黄榜", "inspected": "检查"}
# What a yes or a no says to a reader; an answer that says nothing is left out.
_ANSWERS = {
    "complete": {False: "来源未登出全部条目", True: ""},
    "title_as_published": {False: "来源没有标题，此为说明性标题", True: ""},
    "text_normalised": {True: "来源为繁体转录，已写回简体", False: ""},
    "rectified": {True: "已整改", False: "未整改"},
    "moved_from_black": {True: "由黑榜转入", False: "不是由黑榜转入"},
}


def words_of(value: object) -> str:
    """A value in words, as a source has it; empty where there is none."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, list):
        return "、".join(part for part in map(words_of, value) if part)
    if isinstance(value, Mapping):
        return "；".join(f"{key}：{text}" for key, one in value.items() if (text := words_of(one)))
    return ""


def edition_more(record: Mapping[str, object]) -> More:
    """Label and text of an edition's fields that have no place of their own."""
    return tuple(_labelled(record, EDITION_LABELS))


def entry_more(entry: Mapping[str, object]) -> More:
    """Label and text of an entry's fields that have no place of their own."""
    return tuple(_labelled(entry, ENTRY_LABELS))


def _labelled(record: Mapping[str, object], labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, label in labels.items():
        if key in SOURCE_ONLY_OF and record.get("source_kind") in (*SOURCE_ONLY_OF[key][0], None):
            continue
        text = _word(key, record.get(key))
        if text:
            yield label, text


def _word(key: str, value: object) -> str:
    if isinstance(value, bool) and key in _ANSWERS:
        return _ANSWERS[key][value]
    special = _WORDS.get(key)
    return special(value) if special is not None else words_of(value)


def _one_of(words: Mapping[str, str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        return words.get(value, value) if isinstance(value, str) else words_of(value)

    return read


def _counts(value: object) -> str:
    if isinstance(value, Mapping):
        plain = all(key in {"red", "black", "inspected"} and _is_count(one) for key, one in value.items())
        # Plain counts stand in the edition's own line of counts.
        return "" if plain else _count_words(value)
    return words_of(value)


def _count_words(value: Mapping[str, object]) -> str:
    here = [(key, one) for key, one in value.items() if not isinstance(one, Mapping)]
    parts = ["，".join(f"{_COUNTS.get(key, key)} {words_of(one)}" for key, one in here)]
    for key, one in value.items():
        if isinstance(one, Mapping) and key == "by_district":
            parts += [f"{name}：{_counted(counts)}" for name, counts in one.items()]
        elif isinstance(one, Mapping):
            parts.append(f"{key}：{_count_words(one)}")
    return "；".join(part for part in parts if part)


def _counted(value: object) -> str:
    return _count_words(value) if isinstance(value, Mapping) else words_of(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _issue(value: object) -> str:
    return f"第{value}期" if _is_count(value) else words_of(value)


_WORDS: Mapping[str, Callable[[object], str]] = {
    "kind": _one_of(_KINDS),
    "source_kind": _one_of(_SOURCES),
    "period_basis": _one_of(_BASES),
    "counts": _counts,
    "issue_no": _issue,
}
