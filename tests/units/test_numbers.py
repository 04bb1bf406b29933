"""Licence numbers and credit codes: published ones hold, any slip is found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.units.holders import shown_holder
from inspections.units.numbers import (
    credit_check_character,
    credit_code_fault,
    is_masked_identity,
    licence_check_digit,
    licence_number_fault,
    region_warning,
)

# Published numbers (footers of their holders' sites, a licence query page, a standard's sample).
LICENCES = (
    "JY13301080111719", "JY13101060025900", "JY11108071215650", "JY11105050876919", "JY14105230016578",
    "JY34104810019807", "JY24403000001343", "JY21201119900016", "JY11201119900020", "JY31201119900037",
)  # fmt: skip
CREDIT_CODES = (
    "914403001922038216", "9144030071526726XG", "91440300708461136T", "91110108551385082Q",
    "911101083303521997", "91440300MA5H0HLK5U", "91133100MA0D8N1J7G", "91350100M000100Y43",
)  # fmt: skip
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def plain_licence_check(digits: str) -> int:
    """MOD 11,10 as the standard describes it, digit by digit."""
    carried = 10
    for digit in digits:
        carried = ((carried + int(digit)) % 10 or 10) * 2 % 11
    return (11 - carried) % 10


@pytest.mark.parametrize("number", LICENCES)
def test_published_licence_numbers_hold(number: str) -> None:
    assert licence_number_fault(number) is None


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_published_credit_codes_hold(code: str) -> None:
    assert credit_code_fault(code) is None


@pytest.mark.parametrize("number", ["JY13301080111718", "JY24403050018352"])
def test_a_wrong_check_digit_is_named_with_the_right_one(number: str) -> None:
    assert "校验位不对" in str(licence_number_fault(number))


@pytest.mark.parametrize(
    "number", ["", "JY", "JY4330108011171", "JY93301080111719", "YB13301080111719", "JY1330108011171９"]
)
def test_another_form_is_no_licence_number(number: str) -> None:
    assert "JY 加 14 位数字" in str(licence_number_fault(number))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("914403001922038217", "末位应为 6"),
        ("91120116MA03H0099T", "末位应为 H"),
        ("91120116MA03H0099", "这里是 17 位"),
        ("9112O116MA03H0099T", "不会有“O”"),
    ],
)
def test_a_wrong_credit_code_says_what_is_wrong(code: str, said: str) -> None:
    assert said in str(credit_code_fault(code))


def test_every_changed_digit_and_every_swap_of_a_licence_number_is_found() -> None:
    number = LICENCES[0]
    changed = {
        number[:place] + digit + number[place + 1 :] for place in range(2, 16) for digit in "0123456789"
    } - {number}
    swapped = {
        number[:place] + number[place + 1] + number[place] + number[place + 2 :] for place in range(2, 15)
    }
    assert all(licence_number_fault(wrong) for wrong in changed | (swapped - {number}))


@given(st.text("0123456789", min_size=13, max_size=13))
@settings(max_examples=100)
def test_the_licence_tables_agree_with_the_standard(digits: str) -> None:
    assert licence_check_digit(digits) == plain_licence_check(digits)


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
@settings(max_examples=100)
def test_the_credit_tables_agree_with_the_standard_and_find_a_changed_character(
    body: str, place: int, other: str
) -> None:
    plain = ALPHABET[-sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(body)) % 31]
    assert credit_check_character(body) == plain
    changed = body[:place] + other + body[place + 1 :]
    assert (credit_code_fault(changed + plain) is None) == (changed == body)


@given(st.text(max_size=20))
@settings(max_examples=100)
def test_no_text_breaks_the_checks(text: str) -> None:
    assert licence_number_fault(text) is None or "许可证编号" in str(licence_number_fault(text))
    assert credit_code_fault(text) is None or "统一社会信用代码" in str(credit_code_fault(text))


def test_a_masked_identity_is_no_credit_code_and_is_recognised() -> None:
    assert is_masked_identity("1201111990****1234")
    assert not is_masked_identity("914403001922038216")


def test_another_region_is_only_a_remark() -> None:
    assert region_warning("JY21201119900016", "120111") is None
    assert region_warning("JY21201119900016", None) is None
    assert "120111" in str(region_warning("JY11108071215650", "120111"))


HOUSEHOLD = "92120190DEM00001XX"


@pytest.mark.parametrize(
    ("name", "natural", "code", "shown"),
    [
        # The register's own word decides.
        ("钱小满", True, HOUSEHOLD, "个体经营者"),
        ("钱小满饺子馆", True, HOUSEHOLD, "个体经营者"),
        ("钱小满", False, HOUSEHOLD, "钱小满"),
        # Where it is empty: a household's name without a trade word is taken for a person's.
        ("钱小满", None, HOUSEHOLD, "个体经营者"),
        ("钱小满", None, "1201901990****1234", "个体经营者"),
        ("钱小满", None, "91120190DEM00001XX", "钱小满"),
        # Characters that trades and persons share do not make a person's name a trade name.
        ("庄小满", None, HOUSEHOLD, "个体经营者"),
        ("王玉堂", None, HOUSEHOLD, "个体经营者"),
        # Trade names that contain a person's name stay, as bureaus publish them.
        ("示范区学府街孙多福熟食店", None, HOUSEHOLD, "示范区学府街孙多福熟食店"),
        ("示范区李大顺餐饮店", None, HOUSEHOLD, "示范区李大顺餐饮店"),
        ("临江新区望湖陈来喜小吃", None, HOUSEHOLD, "临江新区望湖陈来喜小吃"),
        ("示范市东城区新集周得胜商贸中心", None, HOUSEHOLD, "示范市东城区新集周得胜商贸中心"),
        ("周航胡辣汤", None, HOUSEHOLD, "周航胡辣汤"),
        ("吴小克酥汤酸辣粉", None, HOUSEHOLD, "吴小克酥汤酸辣粉"),
        # What stands behind every household's registered name tells nothing.
        ("钱小满（个体工商户）", None, HOUSEHOLD, "个体经营者"),
        ("示范区李大顺餐饮店（个体工商户）", None, HOUSEHOLD, "示范区李大顺餐饮店（个体工商户）"),
    ],
)
def test_a_natural_person_is_never_shown_by_name(
    name: str, natural: bool | None, code: str | None, shown: str
) -> None:
    assert shown_holder(name, holder_is_natural_person=natural, credit_code=code) == shown
