"""Promises of the storefront code: what is drawn, what is understood, what is suggested."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.units.codes import (
    ALPHABET,
    new_codes,
    parse_code,
    similar_codes,
    storefront_path,
    storefront_url,
    suggest_code,
)

LOOK_ALIKES = ["0OQD", "1IL", "2Z", "5S", "8B", "6G", "UV", "MN"]

codes = st.binary(min_size=7, max_size=7).map(lambda drawn: new_codes(1, (), lambda _count: drawn)[0])


def _letters(code: str) -> str:
    return code.replace("-", "")


def _counter() -> Callable[[int], bytes]:
    state = [0]

    def count(size: int) -> bytes:
        state[0] += 1
        return b"".join((state[0] * 7919 + n).to_bytes(7, "big") for n in range(size // 7))

    return count


def test_no_two_characters_of_the_alphabet_look_alike() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 23
    for group in LOOK_ALIKES:
        assert sum(letter in ALPHABET for letter in group) <= 1


@settings(max_examples=50)
@given(codes)
def test_a_new_code_is_printed_in_two_groups_of_four_and_understood_as_itself(code: str) -> None:
    assert len(code) == 9
    assert code[4] == "-"
    assert set(_letters(code)) <= set(ALPHABET)
    assert parse_code(code) == code


@settings(max_examples=25)
@given(codes)
def test_every_single_wrong_character_is_noticed(code: str) -> None:
    letters = _letters(code)
    for place, right in enumerate(letters):
        for wrong in ALPHABET.replace(right, ""):
            assert parse_code(letters[:place] + wrong + letters[place + 1 :]) is None


@settings(max_examples=50)
@given(codes)
def test_every_swap_of_two_characters_is_noticed(code: str) -> None:
    letters = _letters(code)
    for first in range(8):
        for second in range(first + 1, 8):
            if letters[first] != letters[second]:
                swapped = list(letters)
                swapped[first], swapped[second] = letters[second], letters[first]
                assert parse_code("".join(swapped)) is None


@settings(max_examples=50)
@given(codes)
def test_a_doubled_character_read_as_another_doubled_one_is_noticed(code: str) -> None:
    letters = _letters(code)
    for place, (first, second) in enumerate(pairwise(letters)):
        if first == second:
            for wrong in ALPHABET.replace(first, ""):
                assert parse_code(letters[:place] + wrong * 2 + letters[place + 2 :]) is None


def test_the_code_space_is_used_evenly() -> None:
    drawn = new_codes(4600)
    for place in (0, 1, 2, 3, 5, 6, 7, 8):
        seen = [code[place] for code in drawn]
        # 200 of each are expected; 100 to 300 is seven standard deviations on either side.
        assert all(100 < seen.count(letter) < 300 for letter in ALPHABET)


def test_many_codes_at_once_never_repeat_one_another_or_one_that_is_taken() -> None:
    first = new_codes(500, random_bytes=_counter())
    second = new_codes(500, taken=first, random_bytes=_counter())
    assert len(set(first)) == len(set(second)) == 500
    assert not set(first) & set(second)


def test_a_source_of_bytes_that_repeats_gives_the_same_codes_again() -> None:
    assert new_codes(20, random_bytes=_counter()) == new_codes(20, random_bytes=_counter())


@pytest.mark.parametrize(
    "typed",
    [
        "7K3M-92QF",
        "7k3m-92qf",
        "7K3M92QF",
        " 7K3M 92QF ",
        "7K3M—92QF",
        "7 K 3 M 9 2 Q F",
        "７Ｋ３Ｍ－９２ＱＦ",
        "７ｋ３ｍ　９２ｑｆ",
        "7K3M-9ZQF",
        "7K3M-920F",
        "7K3M-92OF",
        "https://example.gov.cn/s/7K3M-92QF/",
        "https://example.gov.cn/s/7k3m-92qf",
        "https://example.gov.cn/base/s/7K3M-92QF/?from=wechat#top",
    ],
)
def test_what_people_type_or_scan_is_understood(typed: str) -> None:
    assert parse_code(typed) == "7K3M-92QF"


@pytest.mark.parametrize(
    "typed", ["", "-", "7K3M", "7K3M-92QFX", "7K3M-92QE", "老王面馆", "7K3M-92Q\x00", "İ" * 8]
)
def test_what_is_no_code_is_never_taken_for_one(typed: str) -> None:
    assert parse_code(typed) is None


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_any_text_is_answered_without_an_error(text: str) -> None:
    code = parse_code(text)
    assert code is None or parse_code(code) == code
    assert all(parse_code(near) == near for near in similar_codes(text))


def _slips(code: str) -> list[str]:
    letters = _letters(code)
    slips = [letters[:p] + letters[p + 1 :] for p in range(8)]
    slips += [letters[:p] + "X" + letters[p:] for p in range(9)]
    slips += [letters[:p] + "I" + letters[p + 1 :] for p in range(8)]
    slips += [letters[:p] + letters[p : p + 2][::-1] + letters[p + 2 :] for p in range(7)]
    return [slip for slip in slips if parse_code(slip) != code]


@settings(max_examples=25)
@given(codes)
def test_after_one_slip_the_code_meant_is_among_few_candidates(code: str) -> None:
    for slip in _slips(code):
        near = similar_codes(slip)
        assert code in near
        assert len(near) <= 24


def test_a_suggestion_is_made_only_where_exactly_one_code_exists() -> None:
    def published(*existing: str) -> Callable[[Sequence[str]], list[str]]:
        return lambda asked: [code for code in asked if code in existing]

    near = similar_codes("7K3M-92QE")
    assert suggest_code("7K3M-92QE", published("7K3M-92QF")) == "7K3M-92QF"
    assert suggest_code("7K3M-92QE", published()) is None
    assert suggest_code("7K3M-92QE", published(*near[:2])) is None
    assert suggest_code("完全不同", published("7K3M-92QF")) is None


def test_the_printed_address_holds_the_code_as_printed() -> None:
    assert storefront_path("7K3M-92QF") == "/s/7K3M-92QF/"
    assert storefront_url("https://example.gov.cn", "7K3M-92QF") == "https://example.gov.cn/s/7K3M-92QF/"
    assert storefront_url("https://example.gov.cn/", "7K3M-92QF") == "https://example.gov.cn/s/7K3M-92QF/"
