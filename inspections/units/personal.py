"""Numbers and names of persons in free text that may reach the public."""

import re
import unicodedata

from inspections.units.holders import NATURAL_PERSON, shown_holder

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


def has_personal_number(text: str) -> bool:
    """Whether a text holds something shaped like an identity or telephone number."""
    return personal_number_kind(text) is not None


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


def personal_number_kind(text: str) -> str | None:
    """What sort of personal number a text seems to hold; none when it holds none."""
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


def person_of(
    licence_name: str, *, holder_is_natural_person: bool | None, credit_code: str | None
) -> str | None:
    """The name of a holder who may not be named in public; none where the holder is no natural person."""
    shown = shown_holder(
        licence_name, holder_is_natural_person=holder_is_natural_person, credit_code=credit_code
    )
    return licence_name if shown == NATURAL_PERSON and len(licence_name) > 1 else None


def names_person(text: str, person: str | None) -> bool:
    """Whether a text has a person's name, also with spaces between its characters."""
    return person is not None and "".join(person.split()) in "".join(text.split())
