"""What public texts of an edition may not contain: numbers of persons, and words the authority never uses."""

import tomllib
import unicodedata
from functools import cache

from inspections.record.configuration import PACKAGE_ROOT
from inspections.units.personal import personal_number_kind


@cache
def _never() -> dict[str, str]:
    path = PACKAGE_ROOT / "seeds" / "publication" / "words.toml"
    words: dict[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))["never"]
    return words


def wording_fault(text: str) -> str | None:
    """Why a text may not be published, as a sentence with its cure; none when it may."""
    what = personal_number_kind(text)
    if what is not None:
        return f"文字里有{what}；公示文字不含个人信息，请删去"
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    for word, reason in _never().items():
        if word in plain:
            return f"文字里有“{word}”：{reason}"
    return None
