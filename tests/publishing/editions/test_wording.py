"""Promises of public texts: no number of a person in any spelling, no word that recommends or condemns."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.units.personal import has_personal_number, mask_numbers
from publishing.editions.wording import wording_fault

FULL_WIDTH = str.maketrans("0123456789X-() ", "０１２３４５６７８９Ｘ－（）　")
GAPS = st.sampled_from(["", " ", "-", "－", "　", "—", ".", "·", "\u200b"])
WORDS = st.text(alphabet="后厨地面积水的了当日检查发现，。", max_size=6)
FEW = settings(max_examples=60, deadline=None)


def _spelt(number: str, gaps: list[str], full_width: bool) -> str:
    text = (
        "".join(digit + gap for digit, gap in zip(number, [*gaps, ""], strict=False))
        + number[len(gaps) + 1 :]
    )
    return text.translate(FULL_WIDTH) if full_width else text


def _spellings(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda before, number, gaps, wide, after: f"{before}{_spelt(number, gaps, wide)}{after}",
        WORDS,
        numbers,
        st.lists(GAPS, max_size=10),
        st.booleans(),
        WORDS,
    )


mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
identities = st.from_regex(r"[1-9][0-9]{16}[0-9X]", fullmatch=True)
old_identities = st.from_regex(r"[1-9][0-9]{14}", fullmatch=True)
landlines = st.from_regex(r"0[1-9][0-9]{1,2}[2-9][0-9]{6,7}", fullmatch=True)
masked = st.builds(
    lambda number, start, length: number[:start] + "*" * length + number[start + length :],
    st.one_of(mobiles, identities),
    st.integers(3, 6),
    st.integers(4, 5),
)


@FEW
@given(_spellings(st.one_of(mobiles, identities, old_identities, landlines, masked)))
def test_no_spelling_of_a_number_of_a_person_gets_through(text: str) -> None:
    assert wording_fault(text) is not None
    assert not has_personal_number(mask_numbers(text))


@FEW
@given(
    st.lists(
        st.one_of(
            st.dates().map(lambda day: f"{day.year:04}年{day.month}月{day.day}日检查"),
            st.dates().filter(lambda day: day.year > 1999).map(lambda day: f"{day}检查，"),
            st.integers(0, 99_999).map(lambda count: f"共{count}件，"),
            st.decimals(-40, 200, places=1).map(lambda degrees: f"冷藏柜{degrees}℃，"),
            st.sampled_from(
                [
                    "许可证JY11201110000123已过期，",
                    "拨打12315投诉，",
                    "杨柳青镇柳口路28号，",
                    "第3、4、16项，",
                ]
            ),
        ),
        max_size=6,
    )
)
def test_days_counts_degrees_and_licence_numbers_are_ordinary_facts(parts: list[str]) -> None:
    text = "后厨".join(parts)
    assert wording_fault(text) is None
    assert mask_numbers(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请拨打 13812345678", "手机号"),
        ("电话１３８ １２３４ ５６７８", "手机号"),
        ("加微信 86-138-1234-5678", "手机号"),
        ("一三八一二三四五六七八", "手机号"),
        ("联系 022-27391234", "固定电话"),
        ("(022)27391234", "固定电话"),
        ("（０２２）２７３９－１２３４", "固定电话"),
        ("+86 22 2739 1234", "固定电话"),
        ("400-800-1234", "电话号码"),
        ("电话：27391234", "联系方式"),
        ("身份证 12010119900307661X", "身份证"),
        ("身份证120101********661X", "身份证"),
        ("138****5678", "号"),
        ("列入黑名单", "黑名单"),
        ("列入黑 名 单", "黑名单"),
        ("推荐就餐", "推荐"),
        ("放心消费", "放心"),
        ("永久公示", "永久"),
    ],
)
def test_numbers_of_persons_and_forbidden_words_are_refused(text: str, expected: str) -> None:
    assert expected in (wording_fault(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "后厨地面积水，2 项问题",
        "2026年10月22日检查，冷藏柜温度 12 ℃",
        "许可证编号 JY21201119900016",
        "检查期2022-12-01至2023-01-30",
        "2026-10-22 2026-11-02",
        "索引号370481/2023-00037",
        "索引号73430283-3-/2021-1207001",
        "索引号011396186/2025-32879",
        "面积 1300 平方米，供餐 12000 人",
        "请拨打 12315 投诉举报，热线12345",
    ],
)
def test_ordinary_facts_of_an_inspection_are_not_refused(text: str) -> None:
    assert wording_fault(text) is None
    assert mask_numbers(text) == text


def test_masking_leaves_every_other_character_as_it_was() -> None:
    text = "业主电话１３８－１２３４－５６７８，后厨ＯＫ；身份证 12010119900307661X。"
    assert mask_numbers(text) == "业主电话［号码不予公示］，后厨ＯＫ；身份证 ［号码不予公示］。"
