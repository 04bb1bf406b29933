"""Make `structure.json`: real editions with every name, address, place, person and sentence made up.

`python seeds/editions/make_structure.py REAL.json` keeps fields, lengths, punctuation, lists, flags, days and
numbers of entries; everything that says who or where becomes made-up text of the same kind and length. It
ends with a check that nothing of the real names is left, and fails otherwise.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

TARGET = Path(__file__).with_name("structure.json")
_SYLLABLES = "澄鹿榆桑岭枫雁苇荷棠梨杏桐竺汀芷岚鹤溪槿萤橙栎樱茉蓼荻沁瑭砚"
_SURNAMES = "赵钱孙李周吴郑王"
_FILLER = "检查人员当日看到地面平整用具分类摆放原料离地存放登记齐全标识清楚容器加盖设施运转正常"
# Words of the trade, of addresses and of authorities: they name nobody and stay where they stand.
_TRADE = [
    "餐饮管理有限公司",
    "餐饮服务有限公司",
    "餐饮有限公司",
    "有限责任公司",
    "有限公司",
    "分公司",
    "餐饮服务",
    "餐饮管理",
    "餐饮店",
    "小吃店",
    "快餐店",
    "烧烤店",
    "熟食店",
    "早餐店",
    "奶茶店",
    "饮品店",
    "火锅店",
    "包子铺",
    "面馆",
    "饭店",
    "饭庄",
    "餐厅",
    "酒楼",
    "酒店",
    "食堂",
    "超市",
    "药店",
    "小吃",
    "餐饮",
    "食府",
    "店",
    "馆",
    "铺",
]
_PLACE = [
    "街道",
    "大道",
    "市",
    "区",
    "县",
    "镇",
    "乡",
    "村",
    "街",
    "路",
    "巷",
    "号",
    "楼",
    "层",
    "室",
    "东",
    "西",
    "南",
    "北",
    "侧",
    "旁",
]
_BODY = [
    "市场监督管理委员会",
    "食品药品监督管理局",
    "市场监督管理局",
    "市场监管局",
    "市场监管委",
    "餐饮服务单位",
    "人民政府",
    "食品安全",
    "食安办",
    "红黑榜",
    "消协",
    "分局",
    "监管局",
    "各区",
    "餐饮",
    "单位",
    "年",
    "月",
    "期",
    "第",
    "市",
    "区",
    "县",
    "镇",
]
# Pieces of such words that another real wording leaves over; they name nobody either.
_COMMON = ["食品药品", "市场监管", "管理局", "黑榜", "检查"]
_KEPT = frozenset(
    [
        "id",
        "kind",
        "period",
        "period_basis",
        "issue_no",
        "published_on",
        "title_as_published",
        "source_kind",
        "complete",
        "text_normalised",
        "list",
        "rectified",
        "excerpt_truncated",
        "name_contains_person",
        "premises_type",
        "moved_from_black",
        "score",
        "public_score",
        "grade",
        "grade_before",
        "recheck_on",
    ]
)
_NAMES = frozenset({"shop_sign", "licence_name", "online_name", "published_string", "online_platforms"})
_PLACES = frozenset({"address", "area", "district", "city"})
_BODIES = frozenset({"authority", "source_title", "theme"})


def disguise(text: str, kept: Sequence[str], seed: str) -> str:
    """The text with every character that is not of a kept word replaced by one of its kind."""
    parts, at = [], 0
    while at < len(text):
        word = next((word for word in kept if text.startswith(word, at)), None)
        if word is not None:
            parts.append(word)
            at += len(word)
            continue
        parts.append(_replaced(text[at], f"{seed}/{at}"))
        at += 1
    return "".join(parts)


def _replaced(character: str, seed: str) -> str:
    if "\u4e00" <= character <= "\u9fff":
        return _picked(_SYLLABLES, seed, other_than=character)
    if character.isascii() and character.isdigit():
        return _picked("123456789", seed, other_than=character)
    if character.isascii() and character.isalpha():
        return _picked("bcdfghkmnp" if character.islower() else "BCDFGHKMNP", seed, other_than=character)
    return character


def _picked(pool: str, seed: str, *, other_than: str = "") -> str:
    fitting = [one for one in pool if one != other_than]
    return fitting[int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % len(fitting)]


def _sentence(text: str, seed: str) -> str:
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:2])
    parts = []
    for at, character in enumerate(text):
        is_han = "\u4e00" <= character <= "\u9fff"
        parts.append(_FILLER[(start + at) % len(_FILLER)] if is_han else _replaced(character, f"{seed}/{at}"))
    return "".join(parts)


def _address(text: str) -> str:
    return ("https://example.invalid/" + "a" * len(text))[: max(len(text), 24)]


def made_up(value: object, key: str, seed: str, *, names_person: bool = False) -> object:
    """A value with its strings made up according to its field."""
    if key in _KEPT or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list):
        return [made_up(one, key, f"{seed}/{n}", names_person=names_person) for n, one in enumerate(value)]
    if isinstance(value, dict):
        return _made_up_record(value, key, seed)
    text = str(value)
    if key == "source_url":
        return _address(text)
    if key in _NAMES:
        name = disguise(text, _TRADE, seed)
        # A trade name that holds a person's name stays of that kind.
        return _picked(_SURNAMES, seed, other_than=text[:1]) + name[1:] if names_person else name
    if key in _PLACES:
        return disguise(text, _PLACE, seed)
    return disguise(text, _BODY, seed) if key in _BODIES else _sentence(text, seed)


def _made_up_record(record: dict[str, object], key: str, seed: str) -> dict[str, object]:
    names_person = record.get("name_contains_person") is True
    found = {}
    for name, value in record.items():
        here = f"{seed}/{name}"
        kept_name = disguise(name, _PLACE, here) if key == "by_district" else name
        found[kept_name] = made_up(value, name, here, names_person=names_person)
    return found


def traces(real: object, key: str = "") -> Iterator[str]:
    """Every run of three characters of real names, places and bodies that no kept word explains."""
    if isinstance(real, dict):
        for name, value in real.items():
            if key == "by_district":
                yield from _runs(name, _PLACE)
            yield from traces(value, name)
    elif isinstance(real, list):
        for value in real:
            yield from traces(value, key)
    elif isinstance(real, str) and key in _NAMES | _PLACES | _BODIES:
        yield from _runs(real, (*_TRADE, *_PLACE, *_BODY, *_COMMON))
    elif isinstance(real, str) and key == "source_url":
        yield real


def _runs(text: str, kept: Sequence[str]) -> Iterator[str]:
    bare = text
    for word in sorted(kept, key=len, reverse=True):
        bare = bare.replace(word, "\n")
    for run in bare.splitlines():
        threes = (run[at : at + 3] for at in range(len(run) - 2))
        yield from (three for three in threes if sum("\u4e00" <= one <= "\u9fff" for one in three) > 1)


def main() -> int:
    """Write the structure of the file named on the command line, then look for what must not be left."""
    real = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    structure = [made_up(record, "", f"edition/{place}") for place, record in enumerate(real)]
    text = json.dumps(structure, ensure_ascii=False, indent=1) + "\n"
    names = json.dumps([list(_values(record)) for record in structure], ensure_ascii=False)
    left = sorted({trace for trace in traces(real) if trace in names})
    if left:
        sys.stderr.write(f"Left of the real file: {left}\n")
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def _values(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _values(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, key)
    elif isinstance(value, str) and key not in _KEPT:
        yield value


if __name__ == "__main__":
    raise SystemExit(main())
