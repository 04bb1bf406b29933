"""One text form for each value, so that equal values have equal hashes."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from json.encoder import encode_basestring

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def encode(value: object) -> str:
    """Return canonical JSON: sorted keys, no spaces, decimals as exact numbers, dates as text."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return shortest_digits(value)
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return _encode_many(value)


def shortest_digits(value: Decimal) -> str:
    """Return a decimal as text, every digit of it kept and no needless zero: equal numbers have one text."""
    text = f"{value:f}"
    text = text.rstrip("0").removesuffix(".") if "." in text else text
    return "0" if text == "-0" else text


def _encode_many(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{encode_basestring(key)}:{encode(value[key])}" for key in sorted(value))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ",".join([encode(item) for item in value]) + "]"
    raise TypeError(f"no canonical form for {type(value).__name__}")


def decode(text: str) -> object:
    """Return the value of canonical JSON: lists as tuples, numbers exact, dates as dates."""
    return _thaw(json.loads(text, parse_float=Decimal))


def _thaw(value: object) -> object:
    if isinstance(value, dict):
        return {key: _thaw(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_thaw(item) for item in value)
    if isinstance(value, str) and _DATE.fullmatch(value):
        return date.fromisoformat(value)
    return value


def digest(text: str) -> str:
    """Return the SHA-256 of a text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
