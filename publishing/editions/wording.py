"""What public texts of an edition may not contain: numbers of persons, and words the authority never uses."""

import re
import tomllib
import unicodedata
from functools import cache

from inspections.record.configuration import PACKAGE_ROOT

_BETWEEN = r"[\s\-‐-―－_.·]?"
_IDENTITY = re.compile(
    rf"(?<![0-9])[1-9](?:{_BETWEEN}[0-9*＊xX]){{14}}(?:{_BETWEEN}[0-9*＊]){{2}}{_BETWEEN}[0-9xX*]?(?![0-9])"
)
_MOBILE = re.compile(rf"(?<![0-9])(?:\+?86{_BETWEEN})?1{_BETWEEN}[3-9](?:{_BETWEEN}[0-9*]){{9}}(?![0-9])")
_LANDLINE = re.compile(
    rf"(?<![0-9])(?:\(?0[0-9]{{2,3}}\)?){_BETWEEN}[2-8](?:{_BETWEEN}[0-9]){{6,7}}(?![0-9])"
)
_SERVICE = re.compile(rf"(?<![0-9])[48]00(?:{_BETWEEN}[0-9]){{7}}(?![0-9])")

_KINDS = (
    (_IDENTITY, "像身份证号的数字"),
    (_MOBILE, "像手机号的数字"),
    (_LANDLINE, "像固定电话的数字"),
    (_SERVICE, "像电话号码的数字"),
)


@cache
def _never() -> dict[str, str]:
    path = PACKAGE_ROOT / "seeds" / "publication" / "words.toml"
    words: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["never"]
    return words


def wording_fault(text: str) -> str | None:
    """Why a text may not be published, as a sentence with its cure; none when it may."""
    plain = unicodedata.normalize("NFKC", text)
    for pattern, what in _KINDS:
        found = pattern.search(plain)
        if found:
            return f"文字里有{what}（{found[0][:4]}…）；公示文字不含个人信息，请删去"
    for word, reason in _never().items():
        if word in plain:
            return f"文字里有“{word}”：{reason}"
    return None


def mask_numbers(text: str) -> str:
    """The text with numbers shaped like a person's replaced, for wording that is not the authority's own."""
    for pattern, _ in _KINDS:
        text = pattern.sub("［号码已隐去］", text)
    return text
