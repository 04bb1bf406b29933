"""What public texts of an edition may not contain: numbers of persons, and words the authority never uses."""

import re
import tomllib
import unicodedata
from functools import cache

from inspections.record.configuration import PACKAGE_ROOT

_HIDDEN = "［号码不予公示］"
# Between the digits of a number people put spaces, hyphens of many kinds, dots, and characters nobody sees.
_GAP = r"[\s\-‐‑‒–—―−_.·•\u200b-\u200f\u2060\ufeff]{0,2}"
_MASK = r"[*×✕✖✱●○■□█]"
_ANY = rf"(?:[0-9]|{_MASK})"
_IDENTITY = re.compile(
    rf"(?<![0-9A-Za-z])[1-9](?:{_GAP}{_ANY}){{14}}"
    rf"(?:(?:{_GAP}{_ANY}){{2}}{_GAP}(?:{_ANY}|[Xx]))?(?![0-9A-Za-z])"
)
_MASKED = re.compile(
    rf"[0-9]{{2,}}{_GAP}{_MASK}{{2,}}(?:{_GAP}[0-9Xx])*|{_MASK}{{2,}}(?:{_GAP}[0-9]){{3,}}[Xx]?"
)
_MOBILE = re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_GAP})?1{_GAP}[3-9](?:{_GAP}{_ANY}){{9}}(?![0-9])")
_LANDLINE = re.compile(
    rf"(?<![0-9.])\(?{_GAP}(?:(?:\+|00)86{_GAP}\(?0?|0){_GAP}[1-9]{_GAP}[0-9](?:{_GAP}[0-9])?{_GAP}\)?"
    rf"{_GAP}[2-9](?:{_GAP}{_ANY}){{6,7}}(?![0-9])"
)
_SERVICE = re.compile(rf"(?<![0-9])[48]{_GAP}0{_GAP}0(?:{_GAP}[0-9]){{7}}(?![0-9])")
_NAMED = re.compile(
    r"(?:电话|手机|座机|热线|微信|QQ|qq)[^0-9\s]{0,4}\s?"
    r"(?P<number>(?!123(?:15|45)(?![0-9]))[0-9](?:[ \-]?[0-9]){4,})"
)
_DAY = re.compile(r"(?<![0-9\-])20[0-9]{2}([-./])[0-9]{1,2}\1[0-9]{1,2}(?![0-9\-])")
_SPELT = re.compile(r"[零〇○一二三四五六七八九幺]{10,}")
_SPELT_DIGITS = str.maketrans("零〇○一二三四五六七八九幺", "0001234567891")

_KINDS = (
    (_IDENTITY, "像身份证号的数字"),
    (_MOBILE, "像手机号的数字"),
    (_LANDLINE, "像固定电话的数字"),
    (_SERVICE, "像电话号码的数字"),
    (_NAMED, "像联系方式的数字"),
    (_MASKED, "像打了星号的证件号或电话的数字"),
)


@cache
def _never() -> dict[str, str]:
    path = PACKAGE_ROOT / "seeds" / "publication" / "words.toml"
    words: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["never"]
    return words


def wording_fault(text: str) -> str | None:
    """Why a text may not be published, as a sentence with its cure; none when it may."""
    what = _number_kind(text)
    if what is not None:
        return f"文字里有{what}；公示文字不含个人信息，请删去"
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for word, reason in _never().items():
        if word in plain:
            return f"文字里有“{word}”：{reason}"
    return None


def has_personal_number(text: str) -> bool:
    """Whether a text holds something shaped like an identity or telephone number."""
    return _number_kind(text) is not None


def mask_numbers(text: str) -> str:
    """The text with numbers shaped like a person's replaced, for wording that is not the authority's own."""
    folded = _without_days(_fold(text))
    found = (match for pattern, _ in _KINDS for match in pattern.finditer(folded))
    spans = sorted(match.span(match.lastgroup or 0) for match in found)
    parts, done = [], 0
    for start, end in spans:
        if start >= done:
            parts += [text[done:start], _HIDDEN]
        done = max(done, end)
    return "".join([*parts, text[done:]])


def _number_kind(text: str) -> str | None:
    folded = _fold(text)
    readings = [_without_days(folded)]
    if _SPELT.search(folded):
        readings.append(folded.translate(_SPELT_DIGITS))
    for pattern, what in _KINDS:
        if any(pattern.search(reading) for reading in readings):
            return what
    return None


def _fold(text: str) -> str:
    """Full-width characters as plain ones, each in its own place, so that positions stay the same."""
    if text.isascii():
        return text
    return "".join(_folded(character) for character in text)


def _folded(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def _without_days(text: str) -> str:
    # Two days side by side have as many digits as an identity number.
    return _DAY.sub(lambda day: "日" * len(day[0]), text)
