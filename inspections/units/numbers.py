"""Licence numbers and credit codes: their form and check digits, and regions that merely look unusual.

Licence number (食品经营许可证编号): `JY`, type digit, 6 region digits, 6 serial digits, check digit
by MOD 11,10 (GB/T 17710, ISO 7064). Credit code (统一社会信用代码, GB 32100-2015): 18 characters,
check by MOD 31.
"""

import re

_LICENCE = re.compile(r"JY[123][0-9]{13}")
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_VALUE = {character: value for value, character in enumerate(_CREDIT_ALPHABET)}
_CREDIT_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
# An individual household's older licence may carry an ID number with the birthday masked instead.
_MASKED_ID = re.compile(r"[0-9]{6}(?:[0-9]{4})?\*{4,8}[0-9]{0,4}[0-9Xx]?")


def _steps(width: int) -> list[dict[str, int]]:
    """MOD 11,10 carried over `width` digits at once: for each state, the state after a group of digits."""
    tables: list[dict[str, int]] = []
    for state in range(11):
        table = {}
        for number in range(10**width):
            digits, carried = f"{number:0{width}}", state
            for digit in digits:
                carried = ((carried + int(digit)) % 10 or 10) * 2 % 11
            table[digits] = carried
        tables.append(table)
    return tables


_FOUR = _steps(4)
_ONE = _steps(1)


def licence_check_digit(digits: str) -> int:
    """The MOD 11,10 check digit over the 13 digits before it."""
    state = _FOUR[_FOUR[_FOUR[10][digits[0:4]]][digits[4:8]]][digits[8:12]]
    return (11 - _ONE[state][digits[12]]) % 10


def licence_number_fault(number: str) -> str | None:
    """What is wrong with a licence number, as a sentence; none when it holds."""
    if not _LICENCE.fullmatch(number):
        return "许可证编号应为 JY 加 14 位数字，JY 后第一位是 1、2 或 3"
    if licence_check_digit(number[2:15]) != int(number[15]):
        return f"许可证编号的校验位不对（末位应为 {licence_check_digit(number[2:15])}），有一位抄错"
    return None


def _pair_sums() -> tuple[dict[str, int], ...]:
    """For each pair of places, what two characters add to the weighted sum: half the look-ups."""
    return tuple(
        {
            first + second: _CREDIT_VALUE[first] * _CREDIT_WEIGHTS[place]
            + _CREDIT_VALUE[second] * _CREDIT_WEIGHTS[place + 1]
            for first in _CREDIT_ALPHABET
            for second in _CREDIT_ALPHABET
        }
        for place in range(0, 16, 2)
    )


_P0, _P1, _P2, _P3, _P4, _P5, _P6, _P7 = _pair_sums()


def credit_check_character(body: str) -> str:
    """The MOD 31 check character over the 17 characters before it."""
    total = _P0[body[0:2]] + _P1[body[2:4]] + _P2[body[4:6]] + _P3[body[6:8]] + _P4[body[8:10]]
    total += _P5[body[10:12]] + _P6[body[12:14]] + _P7[body[14:16]]
    total += _CREDIT_VALUE[body[16]] * _CREDIT_WEIGHTS[16]
    return _CREDIT_ALPHABET[-total % 31]


def credit_code_fault(code: str) -> str | None:
    """What is wrong with a credit code, as a sentence; none when it holds."""
    if len(code) != 18:
        return f"统一社会信用代码应为 18 位，这里是 {len(code)} 位"
    try:
        expected = credit_check_character(code[:17])
    except KeyError:
        odd = next(character for character in code if character not in _CREDIT_VALUE)
        return f"统一社会信用代码里不会有“{odd}”（不用字母 I、O、S、V、Z）"
    if expected != code[17]:
        return f"统一社会信用代码的校验位不对（末位应为 {expected}），有一位抄错"
    return None


def is_masked_identity(code: str) -> bool:
    """Whether the text is a masked ID number, as older licences of individual households carry."""
    return _MASKED_ID.fullmatch(code) is not None


def may_be_one_holder(first: str | None, second: str | None) -> bool:
    """Whether two credit codes may be of one holder: an unknown one or a masked identity rarely tells.

    Two masked identities of one length tell by the digits that both show.
    """
    if first is None or second is None or first == second:
        return True
    masked = [is_masked_identity(code) for code in (first, second)]
    if not all(masked) or len(first) != len(second):
        return any(masked)
    return all("*" in (one, other) or one == other for one, other in zip(first, second, strict=True))


def fuller_credit_code(known: str | None, given: str | None) -> str | None:
    """The one that says more, of two that may be of one holder: a full code, else a masked identity."""
    if given is None or (known is not None and is_masked_identity(given) and not is_masked_identity(known)):
        return known
    return given


def region_warning(number: str, region: str | None) -> str | None:
    """A remark when a licence's region is not the expected one; never an error (Beijing codes differ)."""
    if region is None or number[3:9] == region:
        return None
    return f"许可证编号里的区划是 {number[3:9]}，本区是 {region}；请核对是否外区许可证"
