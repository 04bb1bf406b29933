"""Canonical JSON: one text for one value, so that a hash of it commits to the value.

Keys in code-point order, no space, strings as they are in UTF-8 (only quotes, backslashes and control
characters escaped), whole numbers only.
"""

import hashlib
import json
from typing import Any

LARGEST = 2**53 - 1


class DrawError(Exception):
    """A value that cannot be committed to, or an event that this draw does not allow."""


def canonical(value: object) -> str:
    """The one text of a value; floats, other key types and half characters are refused."""
    _refuse_ambiguous(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_text(text: str) -> str:
    """The SHA-256 of a text's UTF-8, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_ambiguous(value: Any) -> None:
    match value:
        case str():
            _refuse_half_characters(value)
        case None | bool():
            return
        case int() if abs(value) <= LARGEST:
            return
        case list() | tuple():
            for one in value:
                _refuse_ambiguous(one)
        case dict() if all(isinstance(key, str) for key in value):
            for pair in value.items():
                _refuse_ambiguous(pair)
        case _:
            raise DrawError(f"{value!r} 不能写进规范文本；只能是文字、不太大的整数、是否、空、列表和表。")


def _refuse_half_characters(text: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise DrawError("有半个字符（单独的代理项），不能写进规范文本。")
